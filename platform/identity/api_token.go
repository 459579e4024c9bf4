package identity

import (
	"context"
	"database/sql"
	"errors"
	"net/netip"
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

// APIToken lets a program use the API with some of its owner's permissions. Its secret is shown once.
type APIToken struct {
	ID       string
	Name     string
	Scopes   []string // permissions
	Networks []string // it is accepted from; none: from everywhere
	EndsAt   time.Time
	Usage
}

// NewToken is a token to be made. Networks are addresses or ranges such as 192.0.2.0/24.
type NewToken struct {
	Name             string
	Scopes, Networks []string
	Lasts            time.Duration
	By               *Person // who makes it, and passes on no more than they hold themselves; nil: the owner or the house
}

// LongestToken is how long an API token may live.
const LongestToken = 366 * 24 * time.Hour

// mostNetworks of one token.
const mostNetworks = 20

// tokenMark begins every API token, so that scanners of leaked secrets recognise one.
const tokenMark = "runes_"

// MakeAPIToken makes a token of a member or a service and answers its secret, this once. The scopes are permissions that
// the owner holds now; one that is taken from the owner later is taken from the token too.
func (h *House) MakeAPIToken(ctx context.Context, t *tenant.Tenant, ownerID string, n NewToken) (APIToken, string, error) {
	p, err := h.owner(ctx, t, ownerID)
	if err != nil {
		return APIToken{}, "", err
	}
	now := clock.Now(ctx)
	made := APIToken{
		ID: id.New(), Name: strings.TrimSpace(n.Name), Scopes: slices.Compact(slices.Sorted(slices.Values(n.Scopes))),
		EndsAt: now.Add(n.Lasts), Usage: Usage{MadeAt: now},
	}
	form := fault.Form{}
	form.Need(p.state == active, "email", "identity.member_suspended")
	form.Need(made.Name != "", "name", "identity.token_name")
	form.Need(len(made.Name) <= 200, "name", "identity.label_long")
	form.Need(len(made.Scopes) > 0, "scope", "identity.token_scope")
	form.Need(n.Lasts > 0 && n.Lasts <= LongestToken, "days", "identity.token_days", "max", int(LongestToken/(24*time.Hour)))
	for _, scope := range made.Scopes {
		form.Need(slices.Contains(*h.known.Load(), scope) && p.Can(scope) && n.By.gives(scope), "scope", "identity.token_scope")
	}
	made.Networks = networks(n.Networks, &form)
	if err := form.Err(); err != nil {
		return APIToken{}, "", err
	}
	secret := tokenMark + id.Secret(32)
	key := fingerprintOf(secret)
	member, service := any(p.ID), any(nil)
	if p.Service {
		member, service = service, member
	}
	err = t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO identity_api_tokens (id, secret_hash, member_id, service_id, name, scopes, networks, ends_at, last_used, made_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, made.ID, key[:], member, service, made.Name, strings.Join(made.Scopes, " "),
			strings.Join(made.Networks, " "), clock.Text(made.EndsAt), clock.Text(now), clock.Text(now))
		if err != nil {
			return err
		}
		return recordToken(ctx, tx, "identity.api_token_made", made.ID, made.Name)
	})
	return made, secret, err
}

// networks tidies addresses and ranges: 192.0.2.7 becomes 192.0.2.7/32.
func networks(given []string, form *fault.Form) []string {
	var all []string
	for _, text := range given {
		n, err := netip.ParsePrefix(text)
		if one, single := netip.ParseAddr(text); single == nil && one.Zone() == "" {
			n, err = netip.PrefixFrom(one.Unmap(), one.Unmap().BitLen()), nil
		}
		form.Need(err == nil, "networks", "identity.token_network", "text", text)
		all = append(all, n.Masked().String())
	}
	form.Need(len(all) <= mostNetworks, "networks", "identity.token_networks", "max", mostNetworks)
	return slices.Compact(slices.Sorted(slices.Values(all)))
}

// APITokens are those of the member or service, the newest first.
func (h *House) APITokens(ctx context.Context, t *tenant.Tenant, ownerID string) ([]APIToken, error) {
	rows, err := t.DB.Query(ctx, `SELECT id, name, scopes, networks, ends_at, last_used, last_from, made_at FROM identity_api_tokens
		WHERE member_id = ? OR service_id = ? ORDER BY made_at DESC, id DESC LIMIT 1000`, ownerID, ownerID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []APIToken
	for rows.Next() {
		var a APIToken
		var s stamps
		var scopes, networks, endsAt string
		if err := rows.Scan(&a.ID, &a.Name, &scopes, &networks, &endsAt, &s.lastUsed, &s.lastFrom, &s.madeAt); err != nil {
			return nil, err
		}
		a.Scopes, a.Networks = strings.Fields(scopes), strings.Fields(networks)
		if a.EndsAt, err = clock.Parse(endsAt); err != nil {
			return nil, err
		}
		if a.Usage, err = s.usage(); err != nil {
			return nil, err
		}
		found = append(found, a)
	}
	return found, rows.Err()
}

// RevokeAPIToken takes a token of that owner away at once.
func (h *House) RevokeAPIToken(ctx context.Context, t *tenant.Tenant, ownerID, tokenID string) error {
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		var name string
		err := tx.QueryRow(ctx, `DELETE FROM identity_api_tokens WHERE (member_id = ? OR service_id = ?) AND id = ? RETURNING name`,
			ownerID, ownerID, tokenID).Scan(&name)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "identity.token_missing")
		}
		if err != nil {
			return err
		}
		h.letGo(tx, t, ownerID, tokenID)
		return recordToken(ctx, tx, "identity.api_token_revoked", tokenID, name)
	})
}

func recordToken(ctx context.Context, tx *store.Tx, action, tokenID, name string) error {
	return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "api_token:" + tokenID, Title: name})
}

// ByAPIToken is whom a program acts for, with the permissions of the token alone. Wrong ones are slowed down; nobody
// guesses 256 bits.
func (h *House) ByAPIToken(ctx context.Context, t *tenant.Tenant, secret string, from Source) (*Person, error) {
	v, err := h.visitor(ctx, t, apiDoor, fingerprintOf(secret), h.readToken)
	if err != nil {
		return nil, err
	}
	if v == nil || !clock.Now(ctx).Before(v.ends) {
		return nil, h.refuseProgram(ctx, t, "api token", from)
	}
	if v.person.state != active || v.person.over(clock.Now(ctx)) {
		return nil, signedOut()
	}
	if !within(v.networks, from.Address) {
		return nil, fault.New(fault.Forbidden, "identity.token_elsewhere", "address", from.Address)
	}
	v.noteUse(ctx, t, `UPDATE identity_api_tokens SET last_used = ?, last_from = ? WHERE id = ? AND last_used <= ?`, from.Address)
	return v.person, nil
}

// within reports whether the address lies in one of the networks; with none every address does.
func within(networks []netip.Prefix, address string) bool {
	if len(networks) == 0 {
		return true
	}
	a, err := netip.ParseAddr(address)
	return err == nil && slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(a.Unmap()) })
}

func (h *House) readToken(ctx context.Context, t *tenant.Tenant, key fingerprint) (*visitor, error) {
	var tokenID, ownerID, scopes, networks, endsAt string
	s := stamps{}
	err := t.DB.QueryRow(ctx, `SELECT id, coalesce(member_id, service_id), scopes, networks, ends_at, last_used, last_from, made_at
		FROM identity_api_tokens WHERE secret_hash = ?`, key[:]).
		Scan(&tokenID, &ownerID, &scopes, &networks, &endsAt, &s.lastUsed, &s.lastFrom, &s.madeAt)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p, err := h.owner(ctx, t, ownerID)
	if err != nil {
		return nil, err
	}
	p.only = map[string]bool{}
	for _, scope := range strings.Fields(scopes) {
		p.only[scope], p.only[implied(scope)] = true, true
	}
	v, err := programVisitor(p, tokenID, scopes, s)
	if err != nil {
		return nil, err
	}
	for _, text := range strings.Fields(networks) {
		n, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, err
		}
		v.networks = append(v.networks, n)
	}
	v.ends, err = clock.Parse(endsAt)
	return v, err
}
