package identity

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"unicode"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Profile is what a member says of themselves, in this organisation. Their language and time zone are preferences, and
// hold everywhere.
type Profile struct {
	FirstName  string `form:"first_name"`
	LastName   string `form:"last_name"`
	Name       string `form:"name"` // how the others see them
	JobTitle   string `form:"job_title"`
	Phone      string `form:"phone"`
	Street     string `form:"street"`
	PostalCode string `form:"postal_code"`
	City       string `form:"city"`
	Country    string `form:"country"` // ISO 3166, two letters
}

// ProfileOf is the profile of a member.
func (h *House) ProfileOf(ctx context.Context, t *tenant.Tenant, memberID string) (Profile, error) {
	var p Profile
	err := t.DB.QueryRow(ctx, `SELECT first_name, last_name, name, job_title, phone, street, postal_code, city, country FROM identity_members WHERE id = ?`, memberID).
		Scan(&p.FirstName, &p.LastName, &p.Name, &p.JobTitle, &p.Phone, &p.Street, &p.PostalCode, &p.City, &p.Country)
	if errors.Is(err, sql.ErrNoRows) {
		return p, fault.New(fault.NotFound, "identity.member_missing")
	}
	return p, err
}

// SaveProfile keeps what the person says of themselves. The next request of everybody sees the name.
func (h *House) SaveProfile(ctx context.Context, t *tenant.Tenant, p *Person, wanted Profile) error {
	if err := wanted.check(); err != nil {
		return err
	}
	before, err := h.ProfileOf(ctx, t, p.ID)
	if err != nil || before == wanted {
		return err
	}
	c := h.cache(t)
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		tx.AfterCommit(c.empty)
		_, err := tx.Exec(ctx, `UPDATE identity_members SET first_name = ?, last_name = ?, name = ?, job_title = ?, phone = ?, street = ?, postal_code = ?, city = ?, country = ?
			WHERE id = ?`, wanted.FirstName, wanted.LastName, wanted.Name, wanted.JobTitle, wanted.Phone, wanted.Street, wanted.PostalCode, wanted.City, wanted.Country, p.ID)
		if err != nil {
			return err
		}
		entry := audit.Entry{Action: "identity.profile_saved", Object: "member:" + p.ID, Title: wanted.Name}
		if before.Name != wanted.Name {
			entry.Before, entry.After = map[string]any{"name": before.Name}, map[string]any{"name": wanted.Name}
		}
		return audit.Record(ctx, tx, entry)
	})
}

func (p *Profile) check() error {
	form := fault.Form{}
	form.Need(strings.TrimSpace(p.Name) != "", "name", "identity.name_missing")
	for field, text := range map[string]*string{
		"first_name": &p.FirstName, "last_name": &p.LastName, "name": &p.Name, "job_title": &p.JobTitle,
		"phone": &p.Phone, "street": &p.Street, "postal_code": &p.PostalCode, "city": &p.City,
	} {
		*text = strings.TrimSpace(*text)
		form.Need(len(*text) <= 200, field, "identity.name_long")
		form.Need(!strings.ContainsFunc(*text, unicode.IsControl), field, "identity.name_control")
	}
	form.Need(isPhone(p.Phone), "phone", "identity.phone_form")
	form.Need(p.Country == "" || len(p.Country) == 2 && strings.ToUpper(p.Country) == p.Country, "country", "identity.country_unknown")
	return form.Err()
}

// isPhone takes digits as people group them, with or without a plus in front; empty is fine, too.
func isPhone(text string) bool {
	digits := 0
	for n, r := range text {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '+' && n == 0, strings.ContainsRune(" -./()", r):
		default:
			return false
		}
	}
	return text == "" || digits >= 5 && digits <= 20
}

// Login is a sign-in of the last 90 days, over or not.
type Login struct {
	Session
	Ended string // signed_out, ended, expired, password, suspended; empty while it lasts
}

// Logins are the newest sign-ins of a member, those that are over, too.
func (h *House) Logins(ctx context.Context, t *tenant.Tenant, memberID string) ([]Login, error) {
	p, err := h.Member(ctx, t, memberID)
	if err != nil {
		return nil, err
	}
	now := clock.Now(ctx)
	// One that nobody came back to has no line of its own end: it is over by its age.
	rows, err := t.DB.Query(ctx, `SELECT `+sessionColumns+`,
		CASE WHEN ended_at IS NOT NULL THEN end_reason WHEN credential <> ? THEN 'password' WHEN seen_at <= ? OR made_at <= ? THEN 'expired' ELSE '' END
		FROM identity_sessions WHERE member_id = ? AND made_at > ? ORDER BY made_at DESC, id DESC LIMIT 200`,
		p.credential, clock.Text(now.Add(-maxIdle)), clock.Text(now.Add(-maxAge)), memberID, clock.Text(now.Add(-keepSessions)))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []Login
	for rows.Next() {
		var l Login
		if err := l.read(rows, &l.Ended); err != nil {
			return nil, err
		}
		found = append(found, l)
	}
	return found, rows.Err()
}
