package identity

import (
	"context"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/notify"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// guestWarning is how long before the end sponsor and guest are told.
const guestWarning = 7 * 24 * time.Hour

// SponsorPath is where members see the guests they answer for.
const SponsorPath = "/team/mine"

// endGuests tells of ends that are near and writes down those that came. The doors are closed by the date itself: this job
// may be late.
func (h *House) endGuests(ctx context.Context, _ []byte) error {
	t := tenant.From(ctx)
	now := clock.Now(ctx)
	for _, step := range []struct {
		which string
		until time.Time
		do    func(context.Context, *store.Tx, *tenant.Tenant, *Person) error
	}{
		{``, now, h.endGuest},
		{`AND told_at IS NULL`, now.Add(guestWarning), h.warnGuest},
	} {
		ids, err := store.Texts(t.DB.Query(ctx, `SELECT member_id FROM identity_guests JOIN identity_members m ON m.id = member_id AND m.state = 'active'
			WHERE ends_at <= ? `+step.which+` ORDER BY member_id`, clock.Text(step.until)))
		if err != nil {
			return err
		}
		for _, memberID := range ids {
			err := h.manage(ctx, t, nil, memberID, func(ctx context.Context, tx *store.Tx, p *Person) error { return step.do(ctx, tx, t, p) })
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// endGuest does to a guest whose time has come what suspending does, unless somebody gave them more time just now.
func (h *House) endGuest(ctx context.Context, tx *store.Tx, t *tenant.Tenant, p *Person) error {
	if p.state != ended {
		return nil
	}
	if _, err := tx.Exec(ctx, `UPDATE identity_members SET state = 'suspended' WHERE id = ?`, p.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE identity_guests SET ended_at = ? WHERE member_id = ?`, clock.Text(clock.Now(ctx)), p.ID); err != nil {
		return err
	}
	out := h.shutOut(t, "identity.guest_ended", func(p *Person) store.Event { return userSuspended{ID: p.ID, Name: p.Name} })
	if err := out(ctx, tx, p); err != nil {
		return err
	}
	return h.tellSponsor(ctx, tx, t, p, "identity.guest_ended")
}

// warnGuest tells sponsor and guest, once for each end.
func (h *House) warnGuest(ctx context.Context, tx *store.Tx, t *tenant.Tenant, p *Person) error {
	if _, err := tx.Exec(ctx, `UPDATE identity_guests SET told_at = ? WHERE member_id = ?`, clock.Text(clock.Now(ctx)), p.ID); err != nil || p.state != active {
		return err
	}
	own := notify.Note{To: p.ID, Kind: "identity.guest_ends", Icon: "calendar-days", Args: []string{"date", dayOf(p, t)}}
	if err := notify.Send(ctx, tx, own); err != nil {
		return err
	}
	return h.tellSponsor(ctx, tx, t, p, "identity.guest_ends_soon")
}

// dayOf is the last day of a guest, in the organisation's zone.
func dayOf(p *Person, t *tenant.Tenant) string {
	zone, err := time.LoadLocation(t.Zone)
	if err != nil {
		zone = time.UTC
	}
	return p.Guest.Ends.Add(-time.Second).In(zone).Format(time.DateOnly)
}

// tellSponsor tells the one who answers for the guest; when they left, those who manage people.
func (h *House) tellSponsor(ctx context.Context, tx *store.Tx, t *tenant.Tenant, p *Person, kind string) error {
	note := notify.Note{Kind: kind, Icon: "calendar-days", Object: "member:" + p.ID, Args: []string{"name", p.Name, "date", dayOf(p, t)}}
	members, err := h.people(ctx, t, tx, `WHERE state = 'active' ORDER BY name, id`)
	if err != nil {
		return err
	}
	for _, m := range members {
		if m.ID == p.Guest.Sponsor {
			note.To, note.Link = m.ID, SponsorPath
			if m.Can("manage_users") {
				note.Link = "/team/members/" + p.ID
			}
			return notify.Send(ctx, tx, note)
		}
	}
	return h.tellManagers(ctx, tx, members, p, note)
}

// tellManagers sends a note to those who manage this person.
func (h *House) tellManagers(ctx context.Context, tx *store.Tx, members []*Person, p *Person, note notify.Note) error {
	for _, m := range members {
		if m.ID == p.ID || !m.Can("manage_users") || !h.covers(m, p) {
			continue
		}
		note.To, note.Link = m.ID, "/team/members/"+p.ID
		if err := notify.Send(ctx, tx, note); err != nil {
			return err
		}
	}
	return nil
}

// AskLonger asks those who manage people to let a guest stay until then. The sponsor asks, once a day for each guest.
func (h *House) AskLonger(ctx context.Context, t *tenant.Tenant, sponsor *Person, guestID string, until time.Time) error {
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		p, err := one(h.people(ctx, t, tx, `WHERE id = ? AND state <> 'deactivated' ORDER BY name, id`, guestID))
		if err != nil {
			return err
		}
		if p.Guest == nil || p.Guest.Sponsor != sponsor.ID {
			return fault.New(fault.NotFound, "identity.member_missing")
		}
		g := Guest{Sponsor: sponsor.ID, Ends: until}
		if err := g.check(ctx, tx, p.Roles, p.ID); err != nil {
			return err
		}
		if !until.After(p.Guest.Ends) {
			form := fault.Form{}
			form.Need(false, "ends", "identity.guest_shorter")
			return form.Err()
		}
		if err := askedLonger(ctx, tx, p); err != nil {
			return err
		}
		members, err := h.people(ctx, t, tx, `WHERE state = 'active' ORDER BY name, id`)
		if err != nil {
			return err
		}
		wanted := &Person{ID: p.ID, Guest: &g}
		note := notify.Note{Kind: "identity.guest_longer", Icon: "calendar-days", Args: []string{"name", p.Name, "sponsor", sponsor.Name, "date", dayOf(wanted, t)}}
		if err := h.tellManagers(ctx, tx, members, p, note); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "identity.guest_longer_asked", Object: "member:" + p.ID, Title: p.Name, After: map[string]any{"ends": clock.Text(until)},
		})
	})
}

func askedLonger(ctx context.Context, tx *store.Tx, p *Person) error {
	now := clock.Now(ctx)
	done, err := tx.Exec(ctx, `UPDATE identity_guests SET asked_at = ? WHERE member_id = ? AND (asked_at IS NULL OR asked_at <= ?)`,
		clock.Text(now), p.ID, clock.Text(now.Add(-24*time.Hour)))
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return fault.New(fault.Conflict, "identity.guest_asked", "name", p.Name)
}
