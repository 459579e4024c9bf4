package tenant

import (
	"context"
	"crypto/subtle"
	"errors"
	"slices"
	"strings"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/reach"
	"runes.im/platform/store"
)

// Claim is a name that a tenant says is its own, until it is proven: by a record or a file that only its holder can make, or by the
// operator's word.
type Claim struct {
	Slug, Name string // of the tenant
	Host       string
	Token      string
	MadeAt     time.Time
	TriedAt    time.Time // zero: not yet
	Problem    string    // words key: what the last try found
	tenantID   string
}

// Outside is where proofs are looked for.
type Outside interface {
	TXT(ctx context.Context, name string) ([]string, error)
	File(ctx context.Context, host, path string) (string, error)
}

// ProofPath is where the file lies.
const ProofPath = "/.well-known/runes-domain.txt"

// RecordName is where the TXT record stands.
func (c Claim) RecordName() string { return "_runes." + c.Host }

// Proof is the text of the record, and of the file.
func (c Claim) Proof() string { return "runes-domain=" + c.Token }

// mostClaims of one tenant may wait at once.
const mostClaims = 20

// proofPause is between two tries: they ask others.
const proofPause = 3 * time.Second

// hostForm is the name as browsers send it, when it may be a tenant's own.
func (r *Registry) hostForm(name string) (string, error) {
	h, ok := parseHost(name)
	if !ok || h.address || h.name != lower(name) {
		return "", fault.New(fault.Invalid, "tenant.host_form")
	}
	if r.own[h.name] || strings.HasSuffix(h.name, "."+r.o.BaseDomain) {
		return "", fault.New(fault.Conflict, "tenant.host_reserved", "host", h.name)
	}
	return h.name, nil
}

// Claim says that a name is the tenant's own. It leads nowhere until that is proven.
func (t *Tenant) Claim(ctx context.Context, name string) error {
	r := t.registry
	host, err := r.hostForm(name)
	if err != nil {
		return err
	}
	return r.o.System.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		var taken bool
		err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM tenant_hosts WHERE host = ?)`, host).Scan(&taken)
		if err == nil && taken {
			err = fault.New(fault.Conflict, "tenant.host_taken", "host", host)
		}
		if err != nil {
			return err
		}
		var waiting int
		err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM tenant_claims WHERE tenant_id = ? AND host <> ?`, t.ID, host).Scan(&waiting)
		if err == nil && waiting >= mostClaims {
			err = fault.New(fault.Conflict, "tenant.claims_many", "max", mostClaims)
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO tenant_claims (host, tenant_id, token, made_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			host, t.ID, id.Secret(20), clock.Text(clock.Now(ctx)))
		return err
	})
}

// Unclaim takes that back.
func (t *Tenant) Unclaim(ctx context.Context, host string) error {
	return t.registry.o.System.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		done, err := tx.Exec(ctx, `DELETE FROM tenant_claims WHERE tenant_id = ? AND host = ?`, t.ID, host)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); n > 0 || err != nil {
			return err
		}
		return fault.New(fault.NotFound, "tenant.host_missing", "host", host)
	})
}

// Claims are the names that wait for a proof.
func (t *Tenant) Claims(ctx context.Context) ([]Claim, error) {
	all, err := t.registry.Claims(ctx)
	return slices.DeleteFunc(all, func(c Claim) bool { return c.tenantID != t.ID }), err
}

// Claims are those of all tenants, by name.
func (r *Registry) Claims(ctx context.Context) ([]Claim, error) {
	rows, err := r.o.System.Query(ctx, `SELECT t.slug, t.name, c.host, c.token, c.made_at, c.tried_at, c.problem, c.tenant_id
		FROM tenant_claims c JOIN tenant_tenants t ON t.id = c.tenant_id ORDER BY c.host, t.slug`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Claim
	for rows.Next() {
		var c Claim
		var madeAt, triedAt string
		if err := rows.Scan(&c.Slug, &c.Name, &c.Host, &c.Token, &madeAt, &triedAt, &c.Problem, &c.tenantID); err != nil {
			return nil, err
		}
		if c.MadeAt, err = clock.Parse(madeAt); err == nil && triedAt != "" {
			c.TriedAt, err = clock.Parse(triedAt)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

// ProveHost looks for the record and for the file of a claim. With either the name leads to the tenant from now on.
func (t *Tenant) ProveHost(ctx context.Context, host string) error {
	r := t.registry
	claims, err := t.Claims(ctx)
	if err != nil {
		return err
	}
	n := slices.IndexFunc(claims, func(c Claim) bool { return c.Host == host })
	if n < 0 {
		return fault.New(fault.NotFound, "tenant.host_missing", "host", host)
	}
	now := clock.Now(ctx)
	if since := now.Sub(claims[n].TriedAt); since >= 0 && since < proofPause {
		return fault.New(fault.TooMany, "tenant.proof_pause")
	}
	problem := claims[n].lookFor(ctx, r.o.Outside)
	if problem == "" {
		return r.AddHost(ctx, t.Slug, host)
	}
	err = r.o.System.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE tenant_claims SET tried_at = ?, problem = ? WHERE tenant_id = ? AND host = ?`, clock.Text(now), problem, t.ID, host)
		return err
	})
	return errors.Join(fault.New(fault.Conflict, problem, "host", host), err)
}

// lookFor is the words key of what is wrong with the proof; "" when it is there.
func (c Claim) lookFor(ctx context.Context, out Outside) string {
	if out == nil {
		return "tenant.proof_offline"
	}
	texts, asking := out.TXT(ctx, c.RecordName())
	for _, text := range texts {
		if c.isProof(text) {
			return ""
		}
	}
	text, fetching := out.File(ctx, c.Host, ProofPath)
	for line := range strings.Lines(text) {
		if fetching == nil && c.isProof(line) {
			return ""
		}
	}
	switch {
	case len(texts) > 0 || fetching == nil:
		return "tenant.proof_other"
	case asking != nil && !errors.Is(asking, reach.ErrNone):
		return "tenant.proof_offline"
	}
	return "tenant.proof_none"
}

func (c Claim) isProof(text string) bool {
	return subtle.ConstantTimeCompare([]byte(strings.TrimSpace(text)), []byte(c.Proof())) == 1
}
