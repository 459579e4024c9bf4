package identity

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/notify"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// AppPassword lets one client program in, and only into its scopes. The secret is shown once.
type AppPassword struct {
	ID     string
	Label  string
	Scopes []string // "sync" (files over DAV and OCS), "contacts" (address books), "smtp"
	Client string   // the program that used it last, from its User-Agent
	Usage
}

// appScopes are the doors that an app password can open.
var appScopes = []string{"contacts", "smtp", "sync"}

// The letters of a secret: none that looks like another one.
const letters = "abcdefghijkmnpqrstuvwxyz23456789"

// newSecret is 175 random bits in groups that people can copy by hand.
func newSecret() string {
	random := make([]byte, 35)
	rand.Read(random)
	var b strings.Builder
	for i, r := range random {
		if i > 0 && i%5 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(letters[r%32]) // 256 is a multiple of 32: every letter is as likely
	}
	return b.String()
}

// MakeAppPassword makes a password for one program of the member and answers its secret, this once.
func (h *House) MakeAppPassword(ctx context.Context, t *tenant.Tenant, memberID, label string, scopes []string) (AppPassword, string, error) {
	p, err := h.Member(ctx, t, memberID)
	if err != nil {
		return AppPassword{}, "", err
	}
	made := AppPassword{ID: id.New(), Label: strings.TrimSpace(label), Scopes: slices.Compact(slices.Sorted(slices.Values(scopes))), Usage: Usage{MadeAt: clock.Now(ctx)}}
	form := fault.Form{}
	form.Need(p.state == active, "email", "identity.member_suspended")
	form.Need(made.Label != "", "label", "identity.label_missing")
	form.Need(len(made.Label) <= 200, "label", "identity.label_long")
	form.Need(len(made.Scopes) > 0, "scope", "identity.scope_unknown")
	for _, scope := range made.Scopes {
		form.Need(slices.Contains(appScopes, scope), "scope", "identity.scope_unknown")
	}
	if err := form.Err(); err != nil {
		return AppPassword{}, "", err
	}
	made.Label = agent(made.Label)
	secret := newSecret()
	key := fingerprintOf(secret)
	err = t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO identity_app_passwords (id, secret_hash, member_id, label, scopes, last_used, made_at)
			VALUES (?, ?, ?, ?, ?, ?, ?)`,
			made.ID, key[:], memberID, made.Label, strings.Join(made.Scopes, " "), clock.Text(made.MadeAt), clock.Text(made.MadeAt))
		if err != nil {
			return err
		}
		if err := recordProgram(ctx, tx, "identity.app_password_made", made.ID, made.Label); err != nil {
			return err
		}
		return notify.Send(ctx, tx, notify.Note{
			To: memberID, Kind: "identity.app_password_made", Icon: "key", Link: NotMePath, Security: true, Args: []string{"label", made.Label},
		})
	})
	return made, secret, err
}

// AppPasswords are those of the member, the newest first.
func (h *House) AppPasswords(ctx context.Context, t *tenant.Tenant, memberID string) ([]AppPassword, error) {
	rows, err := t.DB.Query(ctx, `SELECT id, label, scopes, client, last_used, last_from, made_at FROM identity_app_passwords
		WHERE member_id = ? ORDER BY made_at DESC, id DESC LIMIT 1000`, memberID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []AppPassword
	for rows.Next() {
		var a AppPassword
		var s stamps
		var scopes string
		if err := rows.Scan(&a.ID, &a.Label, &scopes, &a.Client, &s.lastUsed, &s.lastFrom, &s.madeAt); err != nil {
			return nil, err
		}
		a.Scopes = strings.Fields(scopes)
		if a.Usage, err = s.usage(); err != nil {
			return nil, err
		}
		found = append(found, a)
	}
	return found, rows.Err()
}

// RevokeAppPassword takes a program's password away at once.
func (h *House) RevokeAppPassword(ctx context.Context, t *tenant.Tenant, memberID, appID string) error {
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		var label string
		err := tx.QueryRow(ctx, `DELETE FROM identity_app_passwords WHERE member_id = ? AND id = ? RETURNING label`,
			memberID, appID).Scan(&label)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "identity.app_password_missing")
		}
		if err != nil {
			return err
		}
		h.letGo(tx, t, memberID, appID)
		return recordProgram(ctx, tx, "identity.app_password_revoked", appID, label)
	})
}

func recordProgram(ctx context.Context, tx *store.Tx, action, appID, label string) error {
	return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "app_password:" + appID, Title: label})
}

// ByAppPassword is the member whom a program acts for; login is their e-mail address or id. The right secret gets in
// however often others guessed: nobody guesses 175 bits.
func (h *House) ByAppPassword(ctx context.Context, t *tenant.Tenant, login, secret, scope string, from Source) (*Person, error) {
	v, err := h.visitor(ctx, t, programDoor, fingerprintOf(secret), h.readProgram)
	if err != nil {
		return nil, err
	}
	if v == nil || !v.opens(login, scope) {
		return nil, h.refuseProgram(ctx, t, login, from)
	}
	if v.person.state != active || v.person.over(clock.Now(ctx)) {
		return nil, signedOut()
	}
	v.noteUse(ctx, t, `UPDATE identity_app_passwords SET last_used = ?, last_from = ?, client = ? WHERE id = ? AND last_used <= ?`,
		from.Address, agent(from.UserAgent))
	return v.person, nil
}

func (v *visitor) opens(login, scope string) bool {
	if !slices.Contains(v.scopes, scope) {
		return false
	}
	return login == v.person.ID || login == v.person.Email || fold(login) == fold(v.person.Email)
}

func (h *House) refuseProgram(ctx context.Context, t *tenant.Tenant, login string, from Source) error {
	a, err := h.try(ctx, t, programGuess, guessKey(login), from, acquaintance{})
	if err != nil {
		return err
	}
	if err := h.pause(ctx, a.delay); err != nil {
		return err
	}
	c, err := h.candidate(ctx, t, login) // looked up whether there is one or not
	if err != nil {
		return err
	}
	return a.fail(ctx, t, c, from)
}

func (h *House) readProgram(ctx context.Context, t *tenant.Tenant, key fingerprint) (*visitor, error) {
	var appID, memberID, scopes string
	s := stamps{}
	err := t.DB.QueryRow(ctx, `SELECT id, member_id, scopes, last_used, last_from, made_at FROM identity_app_passwords WHERE secret_hash = ?`,
		key[:]).Scan(&appID, &memberID, &scopes, &s.lastUsed, &s.lastFrom, &s.madeAt)
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
	return programVisitor(p, appID, scopes, s)
}
