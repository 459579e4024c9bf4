package cert

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"

	"runes.im/platform/clock"
	"runes.im/platform/store"
)

// authority speaks to the certificate authority, and answers where it looks whether a name leads here.
type authority struct {
	o Options

	opening sync.Mutex
	client  *acme.Client // nil before the account is there

	mu     sync.RWMutex
	files  map[string]string           // of HTTP-01, by host and path
	greets map[string]*tls.Certificate // of TLS-ALPN-01, by host
	worked string                      // the way that worked last
}

// The ways to prove that a name leads here.
const (
	byHandshake = "tls-alpn-01" // at the HTTPS door
	byFile      = "http-01"     // at the plain door
)

// challengePath is where the authority looks for a file.
const challengePath = "/.well-known/acme-challenge/"

func newAuthority(o Options) *authority {
	return &authority{o: o, files: map[string]string{}, greets: map[string]*tls.Certificate{}}
}

// ready is the client with our account, which is made at the first use and found again later by its key.
func (a *authority) ready(ctx context.Context) (*acme.Client, error) {
	a.opening.Lock()
	defer a.opening.Unlock()
	if a.client != nil {
		return a.client, nil
	}
	key, err := a.accountKey(ctx)
	if err != nil {
		return nil, err
	}
	c := &acme.Client{Key: key, DirectoryURL: a.directory(), UserAgent: "runes", RetryBackoff: retryLittle}
	_, err = c.Register(ctx, &acme.Account{Contact: []string{"mailto:" + a.o.Email}}, acme.AcceptTOS)
	if err != nil && !errors.Is(err, acme.ErrAccountAlreadyExists) {
		return nil, err
	}
	a.client = c
	return c, nil
}

func (a *authority) directory() string { return cmp.Or(a.o.Directory, acme.LetsEncryptURL) }

// retryLittle leaves it at a few tries: later ones come by themselves, hours apart.
func retryLittle(n int, _ *http.Request, _ *http.Response) time.Duration {
	if n > 3 {
		return -1
	}
	return time.Second << n
}

func (a *authority) accountKey(ctx context.Context) (*ecdsa.PrivateKey, error) {
	purpose := "acme " + a.directory()
	var sealed []byte
	err := a.o.System.QueryRow(ctx, `SELECT key FROM cert_accounts WHERE directory = ?`, a.directory()).Scan(&sealed)
	if err == nil {
		der, err := a.o.Box.Open(purpose, sealed)
		if err != nil {
			return nil, err
		}
		return x509.ParseECPrivateKey(der)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, a.o.System.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO cert_accounts (directory, key, made_at) VALUES (?, ?, ?)`,
			a.directory(), a.o.Box.Seal(purpose, der), clock.Text(clock.Now(ctx)))
		return err
	})
}

// errNoWay says that the authority wants proofs that only others can give.
var errNoWay = errors.New("the authority offers no way to prove the name that this server knows")

// obtain gets a certificate for the host, by whichever way to prove the name works.
func (a *authority) obtain(ctx context.Context, host string) (*Bundle, error) {
	client, err := a.ready(ctx)
	if err != nil {
		return nil, err
	}
	var all error
	for ways := a.ways(); ; {
		b, offered, err := a.order(ctx, client, host, ways)
		if err == nil {
			a.remember(offered)
			return b, nil
		}
		all = errors.Join(all, err)
		var refused *acme.AuthorizationError
		if !errors.As(err, &refused) || len(offered) < 2 {
			return nil, all
		}
		ways = offered[1:]
	}
}

// remember keeps the way that worked, to begin with it the next time.
func (a *authority) remember(offered []string) {
	if len(offered) == 0 {
		return // the authority knew the name already
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.worked = offered[0]
}

// ways are those to try, the one that worked last in front.
func (a *authority) ways() []string {
	ways := []string{byHandshake}
	if a.o.HasPlain {
		ways = append(ways, byFile)
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	if a.worked == byFile {
		slices.Reverse(ways)
	}
	return ways
}

// order proves the name by the first of the ways that the authority offers, and says which it offers.
func (a *authority) order(ctx context.Context, client *acme.Client, host string, ways []string) (b *Bundle, offered []string, err error) {
	order, err := client.AuthorizeOrder(ctx, acme.DomainIDs(host))
	if err != nil {
		return nil, nil, err
	}
	for _, at := range order.AuthzURLs {
		if offered, err = a.prove(ctx, client, at, host, ways); err != nil {
			return nil, offered, err
		}
	}
	b, err = a.collect(ctx, client, order.URI, host)
	return b, offered, err
}

// collect fetches the certificate of an order whose name is proven.
func (a *authority) collect(ctx context.Context, client *acme.Client, at, host string) (*Bundle, error) {
	order, err := client.WaitOrder(ctx, at)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{DNSNames: []string{host}}, key)
	if err != nil {
		return nil, err
	}
	chain, _, err := client.CreateCertFromOrder(ctx, order, request, true)
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	for _, der := range chain {
		text.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	b, err := Read(text.String(), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})))
	if err == nil {
		err = b.check(host, clock.Now(ctx))
	}
	return b, err
}

// prove shows the authority that the host leads here, unless it knows that already.
func (a *authority) prove(ctx context.Context, client *acme.Client, at, host string, ways []string) (offered []string, err error) {
	z, err := client.GetAuthorization(ctx, at)
	if err != nil || z.Status == acme.StatusValid {
		return nil, err
	}
	challenges := map[string]*acme.Challenge{}
	for _, c := range z.Challenges {
		challenges[c.Type] = c
	}
	offered = slices.DeleteFunc(slices.Clone(ways), func(way string) bool { return challenges[way] == nil })
	if len(offered) == 0 {
		return nil, errNoWay
	}
	challenge := challenges[offered[0]]
	forget, err := a.answer(client, challenge.Token, host, challenge.Type)
	if err != nil {
		return offered, err
	}
	defer forget()
	if _, err := client.Accept(ctx, challenge); err != nil {
		return offered, err
	}
	_, err = client.WaitAuthorization(ctx, z.URI)
	return offered, err
}

// answer has ready what the authority will ask for.
func (a *authority) answer(client *acme.Client, token, host, way string) (forget func(), err error) {
	if way == byFile {
		text, err := client.HTTP01ChallengeResponse(token)
		if err != nil {
			return nil, err
		}
		at := host + client.HTTP01ChallengePath(token)
		a.mu.Lock()
		defer a.mu.Unlock()
		a.files[at] = text
		return func() { a.mu.Lock(); delete(a.files, at); a.mu.Unlock() }, nil
	}
	greeting, err := client.TLSALPN01ChallengeCert(token, host)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.greets[host] = &greeting
	return func() { a.mu.Lock(); delete(a.greets, host); a.mu.Unlock() }, nil
}

func (a *authority) file(host, path string) (string, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	text, ok := a.files[host+path]
	return text, ok
}

func (a *authority) greeting(host string) (*tls.Certificate, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if c := a.greets[host]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("nothing is to be proven for %q", host)
}

// isOut reports that the authority itself was not reached: it refused nothing.
func isOut(err error) bool {
	var asking *url.Error
	return errors.As(err, &asking) || errors.Is(err, context.DeadlineExceeded)
}

// waitOf is how long the authority wants to be left alone; 0: it does not say.
func waitOf(err error) time.Duration {
	var refused *acme.Error
	if !errors.As(err, &refused) {
		return 0
	}
	wait, _ := acme.RateLimit(refused)
	return min(max(wait, 0), longestPause)
}

// problemOf is what the authority says in its own words, or the words key of ours.
func problemOf(err error) string {
	if isOut(err) {
		return unreachable
	}
	text := strings.Join(strings.Fields(said(err)), " ")
	if letters := []rune(text); len(letters) > longestProblem {
		text = string(letters[:longestProblem]) + "…"
	}
	return text
}

// unreachable is the words key of an authority that does not answer. Where that is stands in the log alone.
const unreachable = "cert.unreachable"

// longestProblem is plenty for a sentence.
const longestProblem = 400

func said(err error) string {
	var refused *acme.AuthorizationError
	var order *acme.OrderError
	var plain *acme.Error
	several, many := err.(interface{ Unwrap() []error })
	switch {
	case many:
		return sayAll(several.Unwrap())
	case errors.As(err, &refused) && len(refused.Errors) > 0:
		return sayAll(refused.Errors)
	case errors.As(err, &order) && order.Problem != nil:
		return order.Problem.Detail
	case errors.As(err, &plain) && plain.Detail != "":
		return plain.Detail
	}
	return err.Error()
}

func sayAll(all []error) string {
	var texts []string
	for _, err := range all {
		texts = append(texts, said(err))
	}
	return strings.Join(texts, " ")
}
