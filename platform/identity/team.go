package identity

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// NewMember is a person to be added. Role is "admin", "employee", "guest" or the name of another role; empty means
// employee. Without a Password a new account cannot sign in yet; somebody who already has an account keeps theirs.
type NewMember struct {
	Email, Name, Role, Password, Locale string
	FirstName, LastName                 string // empty: nobody said
	Owner                               bool
	Guest                               *Guest // nil: a guest only with the role Guest, for the usual time
	unvouched                           bool   // nobody answers for the address
	terms                               int64  // the wording that they accepted; 0: none was asked for
}

func (n *NewMember) check() error {
	n.Email, n.Name = strings.TrimSpace(n.Email), strings.TrimSpace(n.Name)
	if n.Role == "" {
		n.Role = roleEmployee
	}
	form := fault.Form{}
	needPerson(&form, n.Email, n.Name)
	if n.Password != "" {
		needPassword(&form, n.Password, n.Email, n.Name)
	}
	form.Need(n.Locale == "" || isLanguage(n.Locale), "locale", "identity.locale_unknown")
	return form.Err()
}

// AddMember makes a person a member, with an account when they have none.
func (h *House) AddMember(ctx context.Context, t *tenant.Tenant, n NewMember) (*Person, error) {
	if err := n.check(); err != nil {
		return nil, err
	}
	if _, err := roleNamed(ctx, t.DB, n.Role); err != nil {
		return nil, err
	}
	old, err := h.MemberByEmail(ctx, t, n.Email)
	if err == nil {
		// The way here from the account may be missing, when the machine stopped between the two databases.
		if err := h.noteMembership(ctx, old.AccountID, t.ID, old.ID); err != nil {
			return nil, err
		}
		return nil, alreadyMember(old.state)
	}
	if !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	accountID, err := h.openAccount(ctx, n)
	if err != nil {
		return nil, err
	}
	memberID := id.New()
	err = t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		role, err := roleNamed(ctx, tx, n.Role)
		if err != nil {
			return err
		}
		if n.Guest, err = hosting(ctx, tx, nil, []string{role}, n.Guest); err != nil {
			return err
		}
		if err := insertMember(ctx, tx, n, []string{role}, accountID, memberID); err != nil {
			return err
		}
		return roomFor(ctx, tx, t, true)
	})
	if err != nil {
		return nil, err
	}
	if err := h.noteMembership(ctx, accountID, t.ID, memberID); err != nil {
		return nil, err
	}
	return h.Member(ctx, t, memberID)
}

func alreadyMember(state string) error {
	form := fault.Form{}
	form.Need(state == active, "email", "identity.member_reactivate")
	form.Need(false, "email", "identity.member_exists")
	return form.Err()
}

func insertMember(ctx context.Context, tx *store.Tx, n NewMember, roles []string, accountID, memberID string) error {
	var state string
	err := tx.QueryRow(ctx, `SELECT state FROM identity_members WHERE email_key = ? OR account_id = ?`, fold(n.Email), accountID).Scan(&state)
	if err == nil {
		return alreadyMember(state)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO identity_members (id, account_id, email, email_key, name, first_name, last_name, owner, made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		memberID, accountID, n.Email, fold(n.Email), n.Name, n.FirstName, n.LastName, n.Owner, clock.Text(clock.Now(ctx)))
	if err != nil {
		return err
	}
	after := map[string]any{"roles": roles, "owner": n.Owner}
	_, err = tx.Exec(ctx, `INSERT INTO identity_member_roles (member_id, role_id)
		SELECT ?, id FROM identity_roles WHERE id IN (SELECT value FROM json_each(?))`, memberID, list(roles))
	if err != nil {
		return err
	}
	if n.terms != 0 {
		_, err := tx.Exec(ctx, `UPDATE identity_members SET terms_id = ?, terms_at = ? WHERE id = ?`, n.terms, clock.Text(clock.Now(ctx)), memberID)
		if err != nil {
			return err
		}
		after["terms"] = n.terms
	}
	if err := putGuest(ctx, tx, memberID, n.Guest); err != nil {
		return err
	}
	if err := tx.Emit(ctx, userJoined{ID: memberID, Name: n.Name, Email: n.Email}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.member_added", Object: "member:" + memberID, Title: n.Name,
		After: after,
	})
}

// Suspend takes every door away from a member at once, for a while. Their app passwords and API tokens go for good, as do the
// links that they sent or that were made for them; their roles and records stay.
func (h *House) Suspend(ctx context.Context, t *tenant.Tenant, by *Person, memberID string) error {
	return h.change(ctx, t, by, memberID, suspended, h.shutOut(t, "identity.member_suspended", func(p *Person) store.Event {
		return userSuspended{ID: p.ID, Name: p.Name}
	}))
}

// Deactivate does the same with somebody who left for good. Reactivating them is still possible.
func (h *House) Deactivate(ctx context.Context, t *tenant.Tenant, by *Person, memberID string) error {
	return h.Leave(ctx, t, by, memberID, func(context.Context, *store.Tx) error { return nil })
}

// Leave is Deactivate with what belongs to it, all of it or nothing: others take over what the member was answerable for.
func (h *House) Leave(ctx context.Context, t *tenant.Tenant, by *Person, memberID string, handOver func(context.Context, *store.Tx) error) error {
	out := h.shutOut(t, "identity.member_deactivated", func(p *Person) store.Event { return userDeactivated{ID: p.ID, Name: p.Name} })
	if p, err := h.Member(ctx, t, memberID); err == nil && p.state == deactivated {
		// They left by themselves: what they answered for waits still.
		return h.manage(ctx, t, by, memberID, func(ctx context.Context, tx *store.Tx, _ *Person) error { return handOver(ctx, tx) })
	}
	return h.change(ctx, t, by, memberID, deactivated, func(ctx context.Context, tx *store.Tx, p *Person) error {
		if err := out(ctx, tx, p); err != nil {
			return err
		}
		return handOver(ctx, tx)
	})
}

func (h *House) shutOut(t *tenant.Tenant, action string, news func(*Person) store.Event) func(context.Context, *store.Tx, *Person) error {
	return func(ctx context.Context, tx *store.Tx, p *Person) error {
		if err := errors.Join(keepOwner(ctx, tx, p), h.keepAdmin(ctx, t, tx, p)); err != nil {
			return err
		}
		if err := h.endAll(ctx, tx, t, p.ID, "suspended"); err != nil {
			return err
		}
		if err := dropPrograms(ctx, tx, p.ID); err != nil {
			return err
		}
		if err := voidInvitations(ctx, tx, `inviter = ?`, p.ID); err != nil {
			return err
		}
		if err := tx.Emit(ctx, news(p)); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "member:" + p.ID, Title: p.Name})
	}
}

// dropPrograms takes away what the member's programs come with.
func dropPrograms(ctx context.Context, tx *store.Tx, memberID string) error {
	for _, query := range []string{`DELETE FROM identity_app_passwords WHERE member_id = ?`, `DELETE FROM identity_api_tokens WHERE member_id = ?`} {
		if _, err := tx.Exec(ctx, query, memberID); err != nil {
			return err
		}
	}
	return nil
}

// SignOutMember ends every session of a member at once, on the appliance's own host, too, and with programs their app passwords and API tokens, too.
func (h *House) SignOutMember(ctx context.Context, t *tenant.Tenant, by *Person, memberID string, programs bool) error {
	var accountID string
	err := h.manage(ctx, t, by, memberID, func(ctx context.Context, tx *store.Tx, p *Person) error {
		accountID = p.AccountID
		if err := h.endAll(ctx, tx, t, p.ID, "ended"); err != nil {
			return err
		}
		if programs {
			if err := dropPrograms(ctx, tx, p.ID); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "identity.signed_out_by_other", Object: "member:" + p.ID, Title: p.Name, After: map[string]any{"programs": programs},
		})
	})
	if err != nil {
		return err
	}
	return h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return dropWays(ctx, tx, accountID, t.ID) })
}

// Resume lets a suspended or deactivated member in again, with the roles of before.
func (h *House) Resume(ctx context.Context, t *tenant.Tenant, by *Person, memberID string) error {
	return h.change(ctx, t, by, memberID, active, func(ctx context.Context, tx *store.Tx, p *Person) error {
		if err := roomFor(ctx, tx, t, true); err != nil {
			return err
		}
		h.letGo(tx, t, p.ID, "")
		if err := tx.Emit(ctx, userReactivated{ID: p.ID, Name: p.Name}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "identity.member_resumed", Object: "member:" + p.ID, Title: p.Name})
	})
}

// change sets the member's state and does what belongs to it, unless the member is in that state already.
func (h *House) change(ctx context.Context, t *tenant.Tenant, by *Person, memberID, state string, with func(context.Context, *store.Tx, *Person) error) error {
	var accountID string
	err := h.manage(ctx, t, by, memberID, func(ctx context.Context, tx *store.Tx, p *Person) error {
		accountID = p.AccountID
		if state == active && p.over(clock.Now(ctx)) {
			return fault.New(fault.Conflict, "identity.guest_over", "name", p.Name)
		}
		done, err := tx.Exec(ctx, `UPDATE identity_members SET state = ? WHERE id = ? AND state <> ?`, state, memberID, state)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return with(ctx, tx, p)
	})
	if err != nil {
		return err
	}
	// Links for a new password, and ways that led here, do not come back with the member.
	return h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return dropLinks(ctx, tx, accountID, t.ID) })
}

// keepOwner refuses when no owner would be left to let anybody in again.
func keepOwner(ctx context.Context, tx *store.Tx, p *Person) error {
	var others int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM identity_members WHERE owner = 1 AND state = 'active' AND id <> ?`, p.ID).Scan(&others)
	if err == nil && p.Owner && others == 0 {
		return fault.New(fault.Conflict, "identity.last_owner", "name", p.Name)
	}
	return err
}
