package identity

import (
	"context"
	"errors"
	"strings"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Usage is what is known of a secret's life, whether an app password or an API token.
type Usage struct {
	LastUsed time.Time // zero while unused
	LastFrom string    // network address
	MadeAt   time.Time
}

// stamps are the columns last_used, last_from and made_at as they lie in a row.
type stamps struct{ lastUsed, lastFrom, madeAt string }

// usage reads them. While a secret is unused its last_used says when it was made.
func (s stamps) usage() (Usage, error) {
	u := Usage{LastFrom: s.lastFrom}
	var made, used error
	u.MadeAt, made = clock.Parse(s.madeAt)
	if s.lastFrom != "" {
		u.LastUsed, used = clock.Parse(s.lastUsed)
	}
	return u, errors.Join(made, used)
}

// programVisitor is somebody whom a secret let in. The first use is noted at once: people wait for it on the page.
func programVisitor(p *Person, secretID, scopes string, s stamps) (*visitor, error) {
	u, err := s.usage()
	if err != nil {
		return nil, err
	}
	p.Session = secretID
	return (&visitor{person: p, scopes: strings.Fields(scopes)}).at(u.LastUsed), nil
}

// noteUse writes down that a secret was used; statement takes when, from where and the secret's id, which is older than when.
func (v *visitor) noteUse(ctx context.Context, t *tenant.Tenant, statement string, from ...any) {
	v.note(ctx, t, func(ctx context.Context, at time.Time) error {
		return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			args := append(append([]any{clock.Text(at)}, from...), v.person.Session, clock.Text(at))
			_, err := tx.Exec(ctx, statement, args...)
			return err
		})
	})
}
