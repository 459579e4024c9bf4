package identity

import (
	"context"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Entry is a line of the list of people: a member, or somebody who is invited.
type Entry struct {
	ID, Name, Email string
	State           string // active, suspended, deactivated, ended; invited or expired for invitations
	Owner           bool
	Roles           []string  // ids
	Guest           *Guest    // of guests alone
	SeenAt          time.Time // zero when never
	Secured         bool      // has a second factor

	accountID string
}

// IsInvitation reports whether the entry is nobody's membership yet; its ID is that of the invitation.
func (e Entry) IsInvitation() bool { return e.State == "invited" || e.State == "expired" }

// Directory is everybody who belongs to the organisation or is invited, by name.
func (h *House) Directory(ctx context.Context, t *tenant.Tenant) ([]Entry, error) {
	var found []Entry
	err := t.DB.Read(ctx, func(ctx context.Context, r store.Reader) error {
		var err error
		if found, err = memberEntries(ctx, r); err != nil {
			return err
		}
		open, err := invitations(ctx, r, `taken_at IS NULL ORDER BY email_key`)
		if err != nil {
			return err
		}
		now := clock.Now(ctx)
		for _, i := range open {
			e := Entry{ID: i.ID, Name: i.Name, Email: i.Email, State: "invited", Roles: i.Roles, Guest: i.Guest}
			if e.Name == "" {
				e.Name = i.Email
			}
			if !now.Before(i.EndsAt) {
				e.State = "expired"
			}
			found = append(found, e)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	accounts := make([]string, len(found))
	for n, e := range found {
		accounts[n] = e.accountID
	}
	secured, err := h.WithFactors(ctx, accounts)
	for n := range found {
		found[n].Secured = secured[found[n].accountID]
	}
	return found, err
}

func memberEntries(ctx context.Context, r store.Reader) ([]Entry, error) {
	rows, err := r.Query(ctx, `SELECT m.id, m.account_id, m.name, m.email, m.state, m.owner, coalesce(s.seen, '') FROM identity_members m
		LEFT JOIN (SELECT member_id, max(seen_at) AS seen FROM identity_sessions GROUP BY member_id) s ON s.member_id = m.id
		ORDER BY m.name, m.id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []Entry
	var ids []string
	for rows.Next() {
		var e Entry
		var seen string
		if err := rows.Scan(&e.ID, &e.accountID, &e.Name, &e.Email, &e.State, &e.Owner, &seen); err != nil {
			return nil, err
		}
		if seen != "" {
			if e.SeenAt, err = clock.Parse(seen); err != nil {
				return nil, err
			}
		}
		found, ids = append(found, e), append(ids, e.ID)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	roles, err := memberRoles(ctx, r, list(ids))
	if err != nil {
		return nil, err
	}
	guests, err := guestsOf(ctx, r, list(ids))
	now := clock.Now(ctx)
	for n := range found {
		e := &found[n]
		e.Roles, e.Guest = roles[e.ID], guests[e.ID]
		if e.Guest != nil && !now.Before(e.Guest.Ends) && (e.State == active || e.Guest.out) {
			e.State = ended
		}
	}
	return found, err
}
