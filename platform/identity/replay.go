package identity

import (
	"context"
	"database/sql"
	"time"

	"runes.im/platform/fault"
	"runes.im/platform/tenant"
)

// The sorts of keys that open an organisation.
const (
	KeySession     = "session"
	KeyAppPassword = "app password"
	KeyAPIToken    = "API token"
	KeyInvitation  = "invitation"
)

// Tried is how many keys of one sort were presented, and how many opened anything.
type Tried struct{ Tried, Opened int }

// mostReplayed keys of each sort are taken, the newest ones.
const mostReplayed = 50

// Replay takes the fingerprints of keys that lie in one tenant to another one, through the same look-ups as every request, the
// memory of people who are known included. It changes nothing and lets nobody in.
func (h *House) Replay(ctx context.Context, from, to *tenant.Tenant) (map[string]Tried, error) {
	all := map[string]Tried{}
	for _, k := range []struct {
		kind, query string
		opens       func(context.Context, fingerprint) (bool, error)
	}{
		{KeySession, `SELECT token_hash FROM identity_sessions WHERE ended_at IS NULL ORDER BY made_at DESC, id LIMIT ?`, h.opener(to, sessionDoor, h.readSession)},
		{KeyAppPassword, `SELECT secret_hash FROM identity_app_passwords ORDER BY made_at DESC, id LIMIT ?`, h.opener(to, programDoor, h.readProgram)},
		{KeyAPIToken, `SELECT secret_hash FROM identity_api_tokens ORDER BY made_at DESC, id LIMIT ?`, h.opener(to, apiDoor, h.readToken)},
		{KeyInvitation, `SELECT token_hash FROM identity_invitations WHERE taken_at IS NULL ORDER BY made_at DESC, id LIMIT ?`, func(ctx context.Context, key fingerprint) (bool, error) {
			_, err := oneInvitation(invitations(ctx, to.DB, `taken_at IS NULL AND token_hash = ?`, key[:]))
			if fault.Is(err, fault.NotFound) {
				return false, nil
			}
			return err == nil, err
		}},
	} {
		keys, err := fingerprints(from.DB.Query(ctx, k.query, mostReplayed))
		if err != nil {
			return nil, err
		}
		tried := Tried{Tried: len(keys)}
		for _, key := range keys {
			opened, err := k.opens(ctx, key)
			if err != nil {
				return nil, err
			}
			if opened {
				tried.Opened++
			}
		}
		all[k.kind] = tried
	}
	return all, nil
}

func (h *House) opener(to *tenant.Tenant, door int, read visitorReader) func(context.Context, fingerprint) (bool, error) {
	return func(ctx context.Context, key fingerprint) (bool, error) {
		v, err := h.visitor(ctx, to, door, key, read)
		return v != nil, err
	}
}

func fingerprints(rows *sql.Rows, err error) ([]fingerprint, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []fingerprint
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, err
		}
		all = append(all, fingerprint(raw))
	}
	return all, rows.Err()
}

// Sample makes somebody with a key of each sort, in a tenant that exists for a test alone.
func (h *House) Sample(ctx context.Context, t *tenant.Tenant) error {
	known := *h.known.Load()
	p, err := h.AddMember(ctx, t, NewMember{Email: "owner@stranger.test", Name: "Stranger", Owner: true})
	if err != nil {
		return err
	}
	c, err := h.candidate(ctx, t, p.Email)
	if err != nil {
		return err
	}
	if _, err := h.startSession(ctx, t, c, &attempt{}, false, Source{}); err != nil {
		return err
	}
	if _, _, err := h.MakeAppPassword(ctx, t, p.ID, "Sample", []string{appScopes[0]}); err != nil {
		return err
	}
	if len(known) > 0 {
		if _, _, err := h.MakeAPIToken(ctx, t, p.ID, NewToken{Name: "Sample", Scopes: known[:1], Lasts: time.Hour, By: p}); err != nil {
			return err
		}
	}
	_, _, err = h.Invite(ctx, t, p, Invitee{Email: "guest@stranger.test", Name: "Guest", Roles: []string{roleEmployee}})
	return err
}
