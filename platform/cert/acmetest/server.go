package acmetest

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"
)

// Server gives certificates by ACME. It looks for proofs at Plain and Secure, whatever name they are for.
type Server struct {
	*CA
	URL string // of the directory

	mu            sync.Mutex
	web           *httptest.Server
	plain, secure string // addresses, as in 127.0.0.1:80
	ways          []string
	now           func() time.Time
	life          time.Duration
	nonces        map[string]bool
	accounts      map[string]account // by address
	orders        []*order
	asked         []string
}

type account struct {
	key   crypto.PublicKey
	print string
}

type order struct {
	number          int
	host, owner     string
	way             string // of the challenge that was taken
	status, problem string
	tokens          map[string]string // by way
	chain           string
}

// The ways to prove a name.
const (
	ByFile      = "http-01"
	ByHandshake = "tls-alpn-01"
)

// Start runs an authority until the test ends. now is the time of its certificates; they last for life.
func Start(t T, now func() time.Time, life time.Duration, ways ...string) *Server {
	t.Helper()
	s := &Server{CA: NewCA(t), ways: ways, now: now, life: life, nonces: map[string]bool{}, accounts: map[string]account{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /directory", s.directory)
	mux.HandleFunc("HEAD /nonce", func(w http.ResponseWriter, _ *http.Request) { s.fresh(w) })
	for path, do := range map[string]func(*request) answer{
		"/account": s.account, "/order": s.newOrder, "/order/{n}": s.showOrder, "/authz/{n}": s.authorization, "/challenge/{n}/{way}": s.challenge,
		"/finalize/{n}": func(r *request) answer { return s.finalize(t, r) }, "/cert/{n}": s.certificate,
	} {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, do) })
	}
	s.web = httptest.NewServer(mux)
	s.URL = s.web.URL + "/directory"
	t.Cleanup(s.web.Close)
	return s
}

// Look says at which addresses proofs are looked for from now on.
func (s *Server) Look(plain, secure string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plain, s.secure = plain, secure
}

// Asked are the names that somebody wanted a certificate of, in order.
func (s *Server) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// Accounts is how many asked.
func (s *Server) Accounts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.accounts)
}

func (s *Server) directory(w http.ResponseWriter, _ *http.Request) {
	json.NewEncoder(w).Encode(map[string]any{
		"newNonce": s.web.URL + "/nonce", "newAccount": s.web.URL + "/account", "newOrder": s.web.URL + "/order",
		"meta": map[string]any{"termsOfService": s.web.URL + "/terms"},
	})
}

// request is a signed one that was verified.
type request struct {
	*http.Request
	payload []byte
	account string // its address
	key     signer
}

// answer is what the server says.
type answer struct {
	status   int
	location string
	body     any // a string goes out as it is
}

func refuse(status int, kind, detail string) answer {
	return answer{status: status, body: map[string]any{"type": "urn:ietf:params:acme:error:" + kind, "detail": detail, "status": status}}
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, do func(*request) answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.freshHeld(w)
	signed, err := s.verify(r)
	a := refuse(http.StatusBadRequest, "malformed", "unreadable")
	switch {
	case err == errNonce:
		a = refuse(http.StatusBadRequest, "badNonce", "the nonce is not ours")
	case err != nil:
		a = refuse(http.StatusUnauthorized, "unauthorized", err.Error())
	default:
		a = do(signed)
	}
	if a.location != "" {
		w.Header().Set("Location", a.location)
	}
	if text, ok := a.body.(string); ok {
		w.Header().Set("Content-Type", "application/pem-certificate-chain")
		w.WriteHeader(a.status)
		w.Write([]byte(text))
		return
	}
	kind := "application/json"
	if a.status >= http.StatusBadRequest {
		kind = "application/problem+json"
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(a.status)
	json.NewEncoder(w).Encode(a.body)
}

func (s *Server) account(r *request) answer {
	var asked struct {
		TermsOfServiceAgreed bool     `json:"termsOfServiceAgreed"`
		Contact              []string `json:"contact"`
	}
	if json.Unmarshal(r.payload, &asked) != nil || !asked.TermsOfServiceAgreed || len(asked.Contact) != 1 || !strings.HasPrefix(asked.Contact[0], "mailto:") {
		return refuse(http.StatusForbidden, "userActionRequired", "the terms are to be accepted")
	}
	for at, known := range s.accounts {
		if known.print == r.key.print {
			return answer{status: http.StatusOK, location: at, body: map[string]any{"status": "valid"}}
		}
	}
	at := fmt.Sprint(s.web.URL, "/account/", len(s.accounts)+1)
	s.accounts[at] = account{r.key.public, r.key.print}
	return answer{status: http.StatusCreated, location: at, body: map[string]any{"status": "valid"}}
}

func (s *Server) newOrder(r *request) answer {
	var asked struct {
		Identifiers []struct{ Type, Value string } `json:"identifiers"`
	}
	if json.Unmarshal(r.payload, &asked) != nil || len(asked.Identifiers) != 1 || asked.Identifiers[0].Type != "dns" {
		return refuse(http.StatusBadRequest, "malformed", "one name an order")
	}
	o := &order{number: len(s.orders), host: asked.Identifiers[0].Value, owner: r.account, status: "pending", tokens: map[string]string{}}
	for _, way := range s.ways {
		o.tokens[way] = random()
	}
	s.orders = append(s.orders, o)
	s.asked = append(s.asked, o.host)
	return answer{status: http.StatusCreated, location: s.at("order", o), body: s.shape(o)}
}

func (s *Server) at(what string, o *order) string {
	return fmt.Sprint(s.web.URL, "/", what, "/", o.number)
}

func (s *Server) shape(o *order) map[string]any {
	shape := map[string]any{
		"status": o.status, "identifiers": []any{map[string]any{"type": "dns", "value": o.host}}, "authorizations": []string{s.at("authz", o)},
		"finalize": s.at("finalize", o),
	}
	if o.chain != "" {
		shape["certificate"] = s.at("cert", o)
	}
	return shape
}

// of is the order of a request; nil when it is none of this account's.
func (s *Server) of(r *request) *order {
	for _, o := range s.orders {
		if fmt.Sprint(o.number) == r.PathValue("n") && o.owner == r.account {
			return o
		}
	}
	return nil
}

func noOrder() answer { return refuse(http.StatusNotFound, "malformed", "no such order") }

func (s *Server) showOrder(r *request) answer {
	o := s.of(r)
	if o == nil {
		return noOrder()
	}
	return answer{status: http.StatusOK, body: s.shape(o)}
}

func (s *Server) authorization(r *request) answer {
	o := s.of(r)
	if o == nil {
		return noOrder()
	}
	status := map[string]string{"pending": "pending", "invalid": "invalid"}[o.status]
	if status == "" {
		status = "valid"
	}
	var challenges []any
	for way := range o.tokens {
		challenges = append(challenges, s.shapeOf(o, way))
	}
	return answer{status: http.StatusOK, body: map[string]any{
		"status": status, "identifier": map[string]any{"type": "dns", "value": o.host}, "challenges": challenges,
	}}
}

func (s *Server) shapeOf(o *order, way string) map[string]any {
	c := map[string]any{"type": way, "url": fmt.Sprint(s.at("challenge", o), "/", way), "token": o.tokens[way], "status": "pending"}
	if o.way == way {
		c["status"] = "valid"
		if o.problem != "" {
			c["status"], c["error"] = "invalid", map[string]any{"type": "urn:ietf:params:acme:error:unauthorized", "detail": o.problem, "status": 403}
		}
	}
	return c
}

// challenge looks for the proof at once.
func (s *Server) challenge(r *request) answer {
	o := s.of(r)
	way := r.PathValue("way")
	if o == nil || o.status != "pending" || o.tokens[way] == "" {
		return noOrder()
	}
	proof := o.tokens[way] + "." + r.key.print
	plain, secure := s.plain, s.secure
	s.mu.Unlock() // the appliance may ask us something meanwhile
	var err error
	if way == ByFile {
		err = lookForFile(plain, o.host, o.tokens[way], proof)
	} else {
		err = lookAtHandshake(secure, o.host, proof)
	}
	s.mu.Lock()
	o.way, o.status = way, "ready"
	if err != nil {
		o.status, o.problem = "invalid", fmt.Sprintf("%s: %v", o.host, err)
	}
	return answer{status: http.StatusOK, body: s.shapeOf(o, way)}
}

func (s *Server) finalize(t T, r *request) answer {
	o := s.of(r)
	var asked struct{ CSR string }
	if o == nil || o.status != "ready" || json.Unmarshal(r.payload, &asked) != nil {
		return refuse(http.StatusForbidden, "orderNotReady", "nothing was proven")
	}
	der, err := base64.RawURLEncoding.DecodeString(asked.CSR)
	if err != nil {
		return refuse(http.StatusBadRequest, "badCSR", err.Error())
	}
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil || csr.CheckSignature() != nil || !slices.Equal(csr.DNSNames, []string{o.host}) {
		return refuse(http.StatusBadRequest, "badCSR", "the request is not for what was proven")
	}
	leaf := shape(o.host)
	leaf.DNSNames, leaf.ExtKeyUsage = csr.DNSNames, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	leaf.NotBefore, leaf.NotAfter = s.now().Add(-time.Minute), s.now().Add(s.life)
	o.chain, o.status = PEM(sign(t, leaf, s.Between, csr.PublicKey, s.key), s.Between), "valid"
	return answer{status: http.StatusOK, location: s.at("order", o), body: s.shape(o)}
}

func (s *Server) certificate(r *request) answer {
	o := s.of(r)
	if o == nil || o.chain == "" {
		return noOrder()
	}
	return answer{status: http.StatusOK, body: o.chain}
}
