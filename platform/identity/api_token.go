package identity

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// APIToken lets a program of a member use the API with some of the member's permissions. Its secret is shown once.
type APIToken struct {
	ID       string
	Name     string
	Scopes   []string // permissions
	EndsAt   time.Time
	LastUsed time.Time // zero while unused
	LastFrom string    // network address
	MadeAt   time.Time
}

// longestToken is how long an API token may live.
const longestToken = 366 * 24 * time.Hour

// tokenMark begins every API token, so that scanners of leaked secrets recognise one.
const tokenMark = "runes_"

// MakeAPIToken makes a token of the member and answers its secret, this once. The scopes are permissions that the
// member holds now; one that is taken from the member later is taken from the token too.
func (h *House) MakeAPIToken(ctx context.Context, t *tenant.Tenant, memberID, name string, scopes []string, lasts time.Duration) (APIToken, string, error) {
	p, err := h.Member(ctx, t, memberID)
	if err != nil {
		return APIToken{}, "", err
	}
	now := clock.Now(ctx)
	made := APIToken{
		ID: id.New(), Name: strings.TrimSpace(name), Scopes: slices.Compact(slices.Sorted(slices.Values(scopes))),
		EndsAt: now.Add(lasts), MadeAt: now,
	}
	form := fault.Form{}
	form.Need(p.state == active, "email", "identity.member_suspended")
	form.Need(made.Name != "", "name", "identity.label_missing")
	form.Need(len(made.Name) <= 200, "name", "identity.label_long")
	form.Need(len(made.Scopes) > 0, "scope", "identity.token_scope")
	form.Need(lasts > 0 && lasts <= longestToken, "days", "identity.token_days", "max", int(longestToken/(24*time.Hour)))
	for _, scope := range made.Scopes {
		form.Need(slices.Contains(*h.known.Load(), scope) && p.Can(scope), "scope", "identity.token_scope")
	}
	if err := form.Err(); err != nil {
		return APIToken{}, "", err
	}
	secret := tokenMark + id.Secret(32)
	key := fingerprintOf(secret)
	err = t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO identity_api_tokens (id, secret_hash, member_id, name, scopes, ends_at, last_used, made_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, made.ID, key[:], memberID, made.Name, strings.Join(made.Scopes, " "),
			clock.Text(made.EndsAt), clock.Text(now), clock.Text(now))
		if err != nil {
			return err
		}
		return recordToken(ctx, tx, "identity.api_token_made", made.ID, made.Name)
	})
	return made, secret, err
}

// APITokens are those of the member, the newest first.
func (h *House) APITokens(ctx context.Context, t *tenant.Tenant, memberID string) ([]APIToken, error) {
	rows, err := t.DB.Query(ctx, `SELECT id, name, scopes, ends_at, last_used, last_from, made_at FROM identity_api_tokens
		WHERE member_id = ? ORDER BY made_at DESC, id DESC LIMIT 1000`, memberID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []APIToken
	for rows.Next() {
		var a APIToken
		var scopes, endsAt, lastUsed, madeAt string
		if err := rows.Scan(&a.ID, &a.Name, &scopes, &endsAt, &lastUsed, &a.LastFrom, &madeAt); err != nil {
			return nil, err
		}
		a.Scopes = strings.Fields(scopes)
		var ends, used, made error
		a.EndsAt, ends = clock.Parse(endsAt)
		a.MadeAt, made = clock.Parse(madeAt)
		if a.LastFrom != "" {
			a.LastUsed, used = clock.Parse(lastUsed)
		}
		if err := errors.Join(ends, used, made); err != nil {
			return nil, err
		}
		found = append(found, a)
	}
	return found, rows.Err()
}

// RevokeAPIToken takes a token away at once.
func (h *House) RevokeAPIToken(ctx context.Context, t *tenant.Tenant, memberID, tokenID string) error {
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		var name string
		err := tx.QueryRow(ctx, `DELETE FROM identity_api_tokens WHERE member_id = ? AND id = ? RETURNING name`, memberID, tokenID).Scan(&name)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "identity.token_missing")
		}
		if err != nil {
			return err
		}
		h.letGo(tx, t, memberID, tokenID)
		return recordToken(ctx, tx, "identity.api_token_revoked", tokenID, name)
	})
}

func recordToken(ctx context.Context, tx *store.Tx, action, tokenID, name string) error {
	return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "api_token:" + tokenID, Title: name})
}

// ByAPIToken is the member whom a program acts for, with the permissions of the token alone. Wrong ones are slowed
// down; nobody guesses 256 bits.
func (h *House) ByAPIToken(ctx context.Context, t *tenant.Tenant, secret string, from Source) (*Person, error) {
	v, err := h.visitor(ctx, t, apiDoor, fingerprintOf(secret), h.readToken)
	if err != nil {
		return nil, err
	}
	if v == nil || !clock.Now(ctx).Before(v.ends) {
		return nil, h.refuseProgram(ctx, t, "api token", from)
	}
	if v.person.state != active {
		return nil, signedOut()
	}
	v.note(ctx, t, func(ctx context.Context, at time.Time) error {
		return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE identity_api_tokens SET last_used = ?, last_from = ? WHERE id = ? AND last_used <= ?`,
				clock.Text(at), from.Address, v.person.Session, clock.Text(at))
			return err
		})
	})
	return v.person, nil
}

func (h *House) readToken(ctx context.Context, t *tenant.Tenant, key fingerprint) (*visitor, error) {
	var tokenID, memberID, scopes, endsAt, lastUsed, lastFrom string
	err := t.DB.QueryRow(ctx, `SELECT id, member_id, scopes, ends_at, last_used, last_from FROM identity_api_tokens WHERE secret_hash = ?`,
		key[:]).Scan(&tokenID, &memberID, &scopes, &endsAt, &lastUsed, &lastFrom)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p, err := h.Member(ctx, t, memberID)
	if err != nil {
		return nil, err
	}
	p.Session, p.only = tokenID, map[string]bool{}
	for _, scope := range strings.Fields(scopes) {
		p.only[scope], p.only[implied(scope)] = true, true
	}
	ends, err := clock.Parse(endsAt)
	if err != nil {
		return nil, err
	}
	used, err := clock.Parse(lastUsed)
	if err != nil {
		return nil, err
	}
	if lastFrom == "" {
		used = time.Time{}
	}
	v := (&visitor{person: p, scopes: strings.Fields(scopes)}).at(used)
	v.ends = ends
	return v, nil
}
