package identity

import (
	"context"
	"database/sql"
	"errors"
	"net/mail"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/store"
	"runes.im/platform/words"
)

// fold makes two spellings of one address or name equal.
func fold(text string) string {
	return cases.Fold().String(norm.NFKC.String(strings.TrimSpace(text)))
}

// CheckNew says what is wrong with a person who is to get an account, before anything is made.
func CheckNew(email, name, password string) error {
	form := fault.Form{}
	needPerson(&form, email, name)
	needPassword(&form, password, email, name)
	return form.Err()
}

func needPerson(form *fault.Form, email, name string) {
	form.Need(isEmail(strings.TrimSpace(email)), "email", "identity.email_form")
	form.Need(strings.TrimSpace(name) != "", "name", "identity.name_missing")
	form.Need(len(name) <= 200, "name", "identity.name_long")
	form.Need(!strings.ContainsFunc(name, unicode.IsControl), "name", "identity.name_control")
}

// IsEmail reports whether the text is one address and nothing else.
func IsEmail(text string) bool { return isEmail(text) }

func isEmail(text string) bool {
	address, err := mail.ParseAddress(text)
	_, domain, _ := strings.Cut(text, "@")
	return err == nil && address.Address == text && address.Name == "" && len(text) <= 254 &&
		domain != "" && !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) })
}

// account is a row of system.db.
type account struct {
	id, name, hash, state, locale, zone, theme, density string
	letters, mustReset                                  bool
	passkeys                                            bool // it has no password and is in use: passkeys open it
	credential                                          int64
}

// accountsByID are the accounts of some members.
func (h *House) accountsByID(ctx context.Context, ids string) (map[string]account, error) {
	rows, err := h.system.Query(ctx, `SELECT id, password_hash, state, locale, zone, theme, density, letters, must_reset, credential
		FROM identity_accounts WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id`, ids)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[string]account{}
	for rows.Next() {
		var a account
		if err := rows.Scan(&a.id, &a.hash, &a.state, &a.locale, &a.zone, &a.theme, &a.density, &a.letters, &a.mustReset, &a.credential); err != nil {
			return nil, err
		}
		found[a.id] = a
	}
	return found, rows.Err()
}

// openAccount finds or makes the account of a new member. Somebody who has an account keeps its password: else whoever
// may add people here could take over an account that belongs to other organisations too.
func (h *House) openAccount(ctx context.Context, n NewMember) (accountID string, err error) {
	hash := ""
	if n.Password != "" {
		if hash, err = h.hashes.hash(ctx, n.Password); err != nil {
			return "", err
		}
	}
	err = h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		accountID, err = putAccount(ctx, tx, n, hash, id.New())
		return err
	})
	return accountID, err
}

// putAccount is openAccount within a write; one that is made gets the id fresh.
func putAccount(ctx context.Context, tx *store.Tx, n NewMember, hash, fresh string) (accountID string, err error) {
	var memberships int
	err = tx.QueryRow(ctx, `SELECT a.id, (SELECT COUNT(*) FROM identity_memberships m WHERE m.account_id = a.id)
		FROM identity_accounts a WHERE a.email_key = ?`, fold(n.Email)).Scan(&accountID, &memberships)
	if errors.Is(err, sql.ErrNoRows) {
		_, err = tx.Exec(ctx, `INSERT INTO identity_accounts (id, email, email_key, name, password_hash, locale, vouched, made_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			fresh, n.Email, fold(n.Email), n.Name, hash, n.Locale, !n.unvouched, clock.Text(clock.Now(ctx)))
		return fresh, err
	}
	if err != nil || n.Password == "" {
		return accountID, err
	}
	if memberships > 0 {
		form := fault.Form{}
		form.Need(false, "password", "identity.account_exists")
		return "", form.Err()
	}
	// Left over when adding its first membership failed: nobody has signed in with it yet.
	return accountID, setHash(ctx, tx, accountID, hash)
}

// setHash gives the account a new password. Links for one that are still about open nothing any more.
func setHash(ctx context.Context, tx *store.Tx, accountID, hash string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM identity_resets WHERE account_id = ?`, accountID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE identity_accounts SET password_hash = ?, credential = credential + 1, must_reset = 0 WHERE id = ?`,
		hash, accountID)
	return err
}

func (h *House) noteMembership(ctx context.Context, accountID, tenantID, memberID string) error {
	return h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		tx.AfterCommit(func() { h.faces.Add(1) })
		return putMembership(ctx, tx, accountID, tenantID, memberID)
	})
}

// putMembership notes where an account belongs. Links for a new password were made while it belonged elsewhere alone; whoever
// holds one must not get in here.
func putMembership(ctx context.Context, tx *store.Tx, accountID, tenantID, memberID string) error {
	_, err := tx.Exec(ctx, `INSERT INTO identity_memberships (account_id, tenant_id, member_id, made_at)
		VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, accountID, tenantID, memberID, clock.Text(clock.Now(ctx)))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM identity_resets WHERE account_id = ?`, accountID)
	return err
}

// endEverywhere closes the open pages of an account in every organisation it belongs to but this one; empty: none is spared.
func (h *House) endEverywhere(ctx context.Context, accountID, but string) error {
	rows, err := h.system.Query(ctx, `SELECT tenant_id, member_id FROM identity_memberships
		WHERE account_id = ? AND tenant_id <> ? ORDER BY tenant_id`, accountID, but)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var tenantID, memberID string
		if err := rows.Scan(&tenantID, &memberID); err != nil {
			return err
		}
		h.hub.End(tenantID, memberID, "")
	}
	return rows.Err()
}

// Preferences is how a person wants to see the house, in every organisation.
type Preferences struct {
	Locale, Zone string
	Theme        string // light, dark, system
	Density      string // comfortable, compact
	Letters      bool   // single letters are shortcuts
}

// Preferences are those that hold for the person now.
func (p *Person) Preferences() Preferences {
	return Preferences{Locale: p.Locale, Zone: p.Zone, Theme: p.Theme, Density: p.Density, Letters: p.Letters}
}

// SavePreferences keeps how the person wants to see the house. The next request sees it.
func (h *House) SavePreferences(ctx context.Context, p *Person, wanted Preferences) error {
	form := fault.Form{}
	form.Need(isLanguage(wanted.Locale), "locale", "identity.locale_unknown")
	_, err := time.LoadLocation(wanted.Zone)
	form.Need(err == nil && wanted.Zone != "" && wanted.Zone != "Local", "zone", "identity.zone_unknown")
	form.Need(wanted.Theme == "light" || wanted.Theme == "dark" || wanted.Theme == "system", "theme", "identity.theme_unknown")
	form.Need(wanted.Density == "comfortable" || wanted.Density == "compact", "density", "identity.density_unknown")
	if err := form.Err(); err != nil {
		return err
	}
	return h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		tx.AfterCommit(func() { h.accounts.Add(1) })
		_, err := tx.Exec(ctx, `UPDATE identity_accounts SET locale = ?, zone = ?, theme = ?, density = ?, letters = ? WHERE id = ?`,
			wanted.Locale, wanted.Zone, wanted.Theme, wanted.Density, wanted.Letters, p.AccountID)
		return err
	})
}

func isLanguage(locale string) bool {
	for _, language := range words.Languages {
		if language == locale {
			return true
		}
	}
	return false
}
