package identity

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Guest is what a guest's membership hangs on: a member who answers for it, and its end.
type Guest struct {
	Sponsor string    // member id; empty: whoever invites
	Ends    time.Time // from here on every door is closed; zero: after GuestLasts

	out bool // the end has come and shut them out
}

// How long guests stay: usually, and at most.
const (
	GuestLasts   = 90 * 24 * time.Hour
	LongestGuest = 2 * 366 * 24 * time.Hour
)

// over reports whether the person is a guest whose time has come.
func (p *Person) over(now time.Time) bool { return p.Guest != nil && !now.Before(p.Guest.Ends) }

// onlyGuests reports whether these roles are those of a guest and nobody else.
func onlyGuests(roles []string) bool {
	return len(roles) > 0 && !slices.ContainsFunc(roles, func(role string) bool { return role != roleGuest })
}

// hosting settles the guest's side of a membership that begins: nil for a regular one. Whoever has the role Guest alone is a
// guest, whatever was said.
func hosting(ctx context.Context, r store.Reader, by *Person, roles []string, given *Guest) (*Guest, error) {
	if given == nil && !onlyGuests(roles) {
		return nil, nil
	}
	g := Guest{}
	if given != nil {
		g = *given
	}
	now := clock.Now(ctx)
	if g.Ends.IsZero() {
		g.Ends = now.Add(GuestLasts)
	}
	if g.Sponsor == "" && by != nil {
		g.Sponsor = by.ID
	}
	var err error
	if g.Sponsor == "" {
		if g.Sponsor, err = oldestOwner(ctx, r); err != nil || g.Sponsor == "" {
			return nil, err // a house without owners has nobody to answer for guests
		}
	}
	return &g, g.check(ctx, r, roles, "")
}

// check says what is wrong with the guest's side of a membership; guest is the member's id, if there is one already.
func (g *Guest) check(ctx context.Context, r store.Reader, roles []string, guest string) error {
	var fits int
	err := r.QueryRow(ctx, `SELECT COUNT(*) FROM identity_members m WHERE id = ? AND id <> ? AND state = 'active'
		AND NOT EXISTS (SELECT 1 FROM identity_guests g WHERE g.member_id = m.id)`, g.Sponsor, guest).Scan(&fits)
	if err != nil {
		return err
	}
	now := clock.Now(ctx)
	form := fault.Form{}
	form.Need(fits == 1, "sponsor", "identity.guest_sponsor")
	form.Need(g.Ends.After(now), "ends", "identity.guest_past")
	form.Need(g.Ends.Before(now.Add(LongestGuest)), "ends", "identity.guest_long")
	form.Need(!slices.Contains(roles, roleAdmin), "roles", "identity.guest_admin")
	return form.Err()
}

func oldestOwner(ctx context.Context, r store.Reader) (memberID string, err error) {
	err = r.QueryRow(ctx, `SELECT id FROM identity_members WHERE owner = 1 AND state = 'active' ORDER BY made_at, id LIMIT 1`).Scan(&memberID)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return memberID, err
}

func putGuest(ctx context.Context, tx *store.Tx, memberID string, g *Guest) error {
	if g == nil {
		return nil
	}
	_, err := tx.Exec(ctx, `INSERT INTO identity_guests (member_id, sponsor, ends_at) VALUES (?, ?, ?)
		ON CONFLICT (member_id) DO UPDATE SET sponsor = excluded.sponsor, ends_at = excluded.ends_at, ended_at = NULL, asked_at = NULL,
		told_at = CASE WHEN ends_at = excluded.ends_at THEN told_at END`, memberID, g.Sponsor, clock.Text(g.Ends))
	return err
}

// adopt gives a sponsor and an end to everybody who has come to hold the role Guest alone.
func adopt(ctx context.Context, tx *store.Tx, by *Person) error {
	sponsor, err := oldestOwner(ctx, tx)
	if err != nil {
		return err
	}
	if by != nil && !by.IsGuest() && !by.Service {
		sponsor = by.ID
	}
	if sponsor == "" {
		return nil
	}
	_, err = tx.Exec(ctx, `INSERT INTO identity_guests (member_id, sponsor, ends_at) SELECT id, ?, ? FROM identity_members m WHERE owner = 0 AND id <> ?
		AND EXISTS (SELECT 1 FROM identity_member_roles WHERE member_id = m.id AND role_id = 'guest')
		AND NOT EXISTS (SELECT 1 FROM identity_member_roles WHERE member_id = m.id AND role_id <> 'guest')
		AND NOT EXISTS (SELECT 1 FROM identity_guests WHERE member_id = m.id)`, sponsor, clock.Text(clock.Now(ctx).Add(GuestLasts)), sponsor)
	return err
}

// Host makes a member a guest, or gives a guest another sponsor or another end. A guest whose time was over is back with it.
func (h *House) Host(ctx context.Context, t *tenant.Tenant, by *Person, memberID string, g Guest) error {
	return h.manage(ctx, t, by, memberID, func(ctx context.Context, tx *store.Tx, p *Person) error {
		if p.Owner {
			return fault.New(fault.Conflict, "identity.guest_owner", "name", p.Name)
		}
		if err := g.check(ctx, tx, p.Roles, p.ID); err != nil {
			return err
		}
		var guests int
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM identity_guests WHERE sponsor = ?`, p.ID).Scan(&guests); err != nil {
			return err
		}
		if guests > 0 {
			return fault.New(fault.Conflict, "identity.guest_sponsors", "name", p.Name, "n", guests)
		}
		if err := putGuest(ctx, tx, p.ID, &g); err != nil {
			return err
		}
		if err := recordGuest(ctx, tx, p, &g); err != nil || p.state != ended {
			return err
		}
		return h.welcomeBack(ctx, tx, t, p)
	})
}

// welcomeBack opens the doors again that the end of a guest's time closed.
func (h *House) welcomeBack(ctx context.Context, tx *store.Tx, t *tenant.Tenant, p *Person) error {
	if _, err := tx.Exec(ctx, `UPDATE identity_members SET state = 'active' WHERE id = ?`, p.ID); err != nil {
		return err
	}
	h.letGo(tx, t, p.ID, "")
	return tx.Emit(ctx, userReactivated{ID: p.ID, Name: p.Name})
}

// Unhost makes a guest a regular member, with the roles they hold.
func (h *House) Unhost(ctx context.Context, t *tenant.Tenant, by *Person, memberID string) error {
	return h.manage(ctx, t, by, memberID, func(ctx context.Context, tx *store.Tx, p *Person) error {
		if p.Guest == nil {
			return nil
		}
		if len(without(p.Roles, []string{roleGuest})) == 0 {
			return fault.New(fault.Conflict, "identity.guest_roles", "name", p.Name)
		}
		if p.state == ended {
			return fault.New(fault.Conflict, "identity.guest_over", "name", p.Name)
		}
		if _, err := tx.Exec(ctx, `DELETE FROM identity_guests WHERE member_id = ?`, p.ID); err != nil {
			return err
		}
		return recordGuest(ctx, tx, p, nil)
	})
}

func recordGuest(ctx context.Context, tx *store.Tx, p *Person, g *Guest) error {
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.guest_changed", Object: "member:" + p.ID, Title: p.Name, Before: p.Guest.facts(), After: g.facts(),
	})
}

func (g *Guest) facts() map[string]any {
	if g == nil {
		return nil
	}
	return map[string]any{"sponsor": g.Sponsor, "ends": clock.Text(g.Ends)}
}

func guestsOf(ctx context.Context, r store.Reader, ids string) (map[string]*Guest, error) {
	rows, err := r.Query(ctx, `SELECT member_id, sponsor, ends_at, ended_at IS NOT NULL FROM identity_guests
		WHERE member_id IN (SELECT value FROM json_each(?)) ORDER BY member_id`, ids)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[string]*Guest{}
	for rows.Next() {
		var memberID, ends string
		g := new(Guest)
		if err := rows.Scan(&memberID, &g.Sponsor, &ends, &g.out); err != nil {
			return nil, err
		}
		if g.Ends, err = clock.Parse(ends); err != nil {
			return nil, err
		}
		found[memberID] = g
	}
	return found, rows.Err()
}

// Sponsored are the guests that a member answers for, by name; those who left are not among them.
func (h *House) Sponsored(ctx context.Context, t *tenant.Tenant, sponsor string) ([]*Person, error) {
	all, err := h.people(ctx, t, t.DB, `WHERE state <> 'deactivated' AND id IN (SELECT member_id FROM identity_guests WHERE sponsor = ?) ORDER BY name, id`, sponsor)
	return all, err
}

// GuestsOf counts them.
func GuestsOf(ctx context.Context, r store.Reader, sponsor string) (n int, err error) {
	err = r.QueryRow(ctx, `SELECT COUNT(*) FROM identity_guests g JOIN identity_members m ON m.id = g.member_id
		WHERE sponsor = ? AND m.state <> 'deactivated'`, sponsor).Scan(&n)
	return n, err
}

// HandGuests gives the guests of one member another sponsor, when the member leaves.
func HandGuests(ctx context.Context, tx *store.Tx, from, to string) error {
	g := Guest{Sponsor: to, Ends: clock.Now(ctx).Add(GuestLasts)}
	if err := g.check(ctx, tx, nil, from); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE identity_guests SET sponsor = ? WHERE sponsor = ?`, to, from)
	return err
}
