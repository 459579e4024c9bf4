// Package cert keeps the certificates of the appliance's host names: uploaded ones, those of the server's own files, and those that
// an authority gives by ACME. Each handshake gets the best there is at that moment, so that nothing needs a restart.
package cert

import (
	"context"
	"crypto/tls"
	"embed"
	"log/slog"
	"maps"
	"sync"

	"runes.im/platform/secret"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

//go:embed migrations
var migrations embed.FS

// Words are the sentences of this room.
//
//go:embed words
var Words embed.FS

// Schema holds the certificates, in system.db: a handshake comes before any tenant is opened.
var Schema = store.Embedded("cert", migrations, "migrations")

// Where a certificate comes from.
const (
	Upload = "upload" // somebody brought it
	ACME   = "acme"   // the authority gave it
	File   = "file"   // the server's own, from --tls-cert
)

// Options are what the keeper stands on.
type Options struct {
	System   *store.DB
	Box      *secret.Box
	Tenants  *tenant.Registry
	CertFile string // the server's own; empty: none
	KeyFile  string
	HasDoor  bool // the server has a door for HTTPS
	HasPlain bool // and one for HTTP

	Email     string // whom the authority may write to; empty: no authority is asked
	Directory string // of the authority; empty: Let's Encrypt
}

// Keeper has every certificate at hand.
type Keeper struct {
	o         Options
	files     files
	authority *authority // nil: none is asked

	changing sync.Mutex // one change at a time, so that memory and table stay alike
	mu       sync.RWMutex
	held     map[place]*held

	asking sync.Mutex
	runs   map[string]*run
	tries  map[string]try
	orders []asked
	lanes  chan struct{}
	life   context.Context // ends with Close
	end    context.CancelFunc
	work   sync.WaitGroup
}

// place is where a certificate is kept.
type place struct{ host, source string }

// held is a certificate that is ready for handshakes.
type held struct {
	*Bundle
	tenantID string // whose the name was when it came
	cert     *tls.Certificate
}

// Open reads what there is. One whose key does not open is left out: the others work.
func Open(ctx context.Context, o Options) (*Keeper, error) {
	k := &Keeper{o: o, held: map[place]*held{}, runs: map[string]*run{}, tries: map[string]try{}, lanes: make(chan struct{}, orderWay)}
	k.life, k.end = context.WithCancel(context.WithoutCancel(ctx))
	if o.Email != "" {
		k.authority = newAuthority(o)
	}
	k.files.cert, k.files.key = o.CertFile, o.KeyFile
	rows, err := o.System.Query(ctx, `SELECT host, source, tenant_id, chain, key FROM cert_certs`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var at place
		var tenantID, chain string
		var sealed []byte
		if err := rows.Scan(&at.host, &at.source, &tenantID, &chain, &sealed); err != nil {
			return nil, err
		}
		b, err := k.unseal(at, chain, sealed)
		if err != nil {
			slog.ErrorContext(ctx, "a kept certificate cannot be used", "host", at.host, "source", at.source, "err", err)
			continue
		}
		k.held[at] = &held{Bundle: b, tenantID: tenantID, cert: b.forTLS()}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return k, k.readTries(ctx)
}

// Close breaks off what is asked of the authority and waits until that has ended.
func (k *Keeper) Close() {
	k.asking.Lock()
	k.end()
	k.asking.Unlock()
	k.Wait()
}

// Wait ends when nothing is asked of the authority any more.
func (k *Keeper) Wait() { k.work.Wait() }

func (k *Keeper) unseal(at place, chain string, sealed []byte) (*Bundle, error) {
	der, err := k.o.Box.Open(at.purpose(), sealed)
	if err != nil {
		return nil, err
	}
	return restore(chain, der)
}

// purpose binds a sealed key to its place.
func (at place) purpose() string { return "cert " + at.source + " " + at.host }

func (k *Keeper) all() map[place]*held {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return maps.Clone(k.held)
}

func (k *Keeper) at(host, source string) *held {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.held[place{host, source}]
}

// HasDoor reports whether the server has a door for HTTPS.
func (k *Keeper) HasDoor() bool { return k.o.HasDoor }

type keeperKey struct{}

// With puts the keeper into ctx, for pages and jobs.
func With(ctx context.Context, k *Keeper) context.Context {
	return context.WithValue(ctx, keeperKey{}, k)
}

// From is the keeper of ctx, nil when there is none.
func From(ctx context.Context) *Keeper {
	k, _ := ctx.Value(keeperKey{}).(*Keeper)
	return k
}
