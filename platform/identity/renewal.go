package identity

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// oldLasts is how long the token before opens once the browser showed its successor: for requests that were sent beside it.
const oldLasts = 10 * time.Second

// standing is what the person may do, in one print. A session whose token was given under another one needs a new token
// (S1), whichever way it came about: roles, single rights, licences, ownership, a second factor, a password.
func (p *Person) standing() fingerprint {
	held := func(of map[string]bool) []string {
		var found []string
		for key, is := range of {
			if is {
				found = append(found, key)
			}
		}
		slices.Sort(found)
		return found
	}
	text, _ := json.Marshal([]any{ // strings, numbers and lists of them always marshal
		p.Owner, p.credential, slices.Sorted(slices.Values(p.Roles)), p.rights.all, held(p.rights.listed),
		p.area != nil, slices.Sorted(maps.Keys(p.area)), held(p.resting), p.IsGuest(),
	})
	return sha256.Sum256(text)
}

// NeedsToken reports whether the session that let the person in is to go on under a new token, see RenewSession.
func (p *Person) NeedsToken() bool { return p.renews }

// Kept reports whether the session outlives the browser window.
func (p *Person) Kept() bool { return p.kept }

// RenewSession answers the token under which the session goes on. It is the same for everybody who asks with this token, so that
// requests side by side leave the browser with one that opens; nobody can make it without the key of the organisation. The
// old one opens until the browser has shown the new one, and a moment more: an answer that is lost shuts nobody out.
func (h *House) RenewSession(ctx context.Context, t *tenant.Tenant, p *Person, token string) (string, error) {
	fresh := seal(t.Secrets.Key("identity.renewal"), token)
	now, next, standing := fingerprintOf(token), fingerprintOf(fresh), p.standing()
	return fresh, t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE identity_sessions SET next_hash = ?, next_standing = ? WHERE id = ? AND token_hash = ? AND ended_at IS NULL`,
			next[:], standing[:], p.Session, now[:])
		return err
	})
}

// sessionRow is a living session as a token found it.
type sessionRow struct {
	id, memberID, madeAt, seenAt, oldEnds string
	credential                            int64
	kept                                  bool
	standing                              []byte
	isNext, isOld                         bool
}

// findSession is the session that a token opens: its own, the next one or, for a moment, the one before.
func findSession(ctx context.Context, t *tenant.Tenant, key fingerprint) (*sessionRow, error) {
	s := new(sessionRow)
	err := t.DB.QueryRow(ctx, `SELECT id, member_id, credential, kept, made_at, seen_at, standing, next_hash = ?1, token_hash <> ?1 AND next_hash <> ?1, old_ends_at
		FROM identity_sessions WHERE (token_hash = ?1 OR next_hash = ?1 OR old_hash = ?1 AND old_ends_at > ?2) AND ended_at IS NULL`,
		key[:], clock.Text(clock.Now(ctx))).
		Scan(&s.id, &s.memberID, &s.credential, &s.kept, &s.madeAt, &s.seenAt, &s.standing, &s.isNext, &s.isOld, &s.oldEnds)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return s, err
}

// promote makes the next token the session's own: the browser has it.
func (h *House) promote(ctx context.Context, t *tenant.Tenant, s *sessionRow, key fingerprint) error {
	c := h.cache(t)
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		var old []byte
		err := tx.QueryRow(ctx, `UPDATE identity_sessions SET old_hash = token_hash, old_ends_at = ?, token_hash = next_hash, standing = next_standing,
			next_hash = x'', next_standing = x'' WHERE id = ? AND next_hash = ? RETURNING old_hash, standing`,
			clock.Text(clock.Now(ctx).Add(oldLasts)), s.id, key[:]).Scan(&old, &s.standing)
		if errors.Is(err, sql.ErrNoRows) {
			// Another request was first.
			return tx.QueryRow(ctx, `SELECT standing FROM identity_sessions WHERE id = ?`, s.id).Scan(&s.standing)
		}
		if err != nil {
			return err
		}
		old = bytes.Clone(old)
		tx.AfterCommit(func() { c.drop(sessionDoor, fingerprint(old)) })
		return nil
	})
}

// Present is the person of a session that may have got new tokens since; fault.SignedOut when it ended. Answers that last ask it.
func (h *House) Present(ctx context.Context, t *tenant.Tenant, p *Person) (*Person, error) {
	found, err := h.byKey(ctx, t, p.key)
	if !fault.Is(err, fault.SignedOut) {
		return found, err
	}
	var key []byte
	err = t.DB.QueryRow(ctx, `SELECT token_hash FROM identity_sessions WHERE id = ? AND ended_at IS NULL`, p.Session).Scan(&key)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, sessionOver()
	}
	if err != nil {
		return nil, err
	}
	return h.byKey(ctx, t, fingerprint(key))
}
