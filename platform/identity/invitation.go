package identity

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
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

// Invitation asks somebody to join. Its token is in the link that they get and nowhere else.
type Invitation struct {
	ID      string
	Email   string
	Name    string // what the inviter knows; may be empty
	Roles   []string
	Inviter string // member id; empty: the house
	Guest   *Guest // nil: they become a regular member
	MadeAt  time.Time
	EndsAt  time.Time
}

// InvitationLasts is how long the link of an invitation opens, unless the organisation decided otherwise.
const InvitationLasts = 10 * 24 * time.Hour

// Invite asks somebody to join with these roles and answers the token of the link, this once. by (nil: the house) can
// give only roles that hold no more than they do. Somebody who is a member already is refused, a second invitation of
// one address, too: the first can be sent again.
func (h *House) Invite(ctx context.Context, t *tenant.Tenant, by *Person, n Invitee) (Invitation, string, error) {
	var made Invitation
	var token string
	err := t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if made, token, err = h.invite(ctx, tx, by, n); err != nil {
			return err
		}
		return atField("email", roomFor(ctx, tx, t, true))
	})
	if err == nil {
		err = h.noteInvited(ctx, t, made)
	}
	return made, token, err
}

// Invitee is somebody to be asked.
type Invitee struct {
	Email, Name string
	Roles       []string
	Guest       *Guest // nil: a guest only with the role Guest alone, for the usual time
}

// InviteAll asks many at once, all of them or nobody, and answers the invitations with the tokens of their links. A fault
// names the address that it is about.
func (h *House) InviteAll(ctx context.Context, t *tenant.Tenant, by *Person, whom []Invitee) (made []Invitation, tokens []string, err error) {
	err = t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		made, tokens = nil, nil
		for _, n := range whom {
			i, token, err := h.invite(ctx, tx, by, n)
			if f := fault.Of(err); f != nil && len(f.Problems) > 0 {
				return fault.New(fault.Conflict, "identity.invitee_refused", "email", n.Email)
			}
			if err != nil {
				return err
			}
			made, tokens = append(made, i), append(tokens, token)
		}
		return roomFor(ctx, tx, t, true)
	})
	if err == nil {
		err = h.noteInvited(ctx, t, made...)
	}
	if err != nil {
		return nil, nil, err
	}
	return made, tokens, nil
}

func (h *House) invite(ctx context.Context, tx *store.Tx, by *Person, n Invitee) (Invitation, string, error) {
	now := clock.Now(ctx)
	made := Invitation{
		ID: id.New(), Email: strings.TrimSpace(n.Email), Name: strings.TrimSpace(n.Name), MadeAt: now,
		Roles: slices.Compact(slices.Sorted(slices.Values(n.Roles))),
	}
	if by != nil {
		made.Inviter = by.ID
	}
	form := fault.Form{}
	form.Need(isEmail(made.Email), "email", "identity.email_form")
	form.Need(len(made.Name) <= 200, "name", "identity.name_long")
	form.Need(len(made.Roles) > 0, "roles", "identity.role_needed")
	if err := form.Err(); err != nil {
		return Invitation{}, "", err
	}
	if err := h.givable(ctx, tx, by, made.Roles); err != nil {
		return Invitation{}, "", err
	}
	var err error
	if made.EndsAt, err = invitationEnds(ctx, tx, now); err != nil {
		return Invitation{}, "", err
	}
	if err := isNew(ctx, tx, made.Email); err != nil {
		return Invitation{}, "", err
	}
	sponsor, until := "", ""
	if made.Guest, err = hosting(ctx, tx, by, made.Roles, n.Guest); err != nil {
		return Invitation{}, "", err
	}
	if made.Guest != nil {
		sponsor, until = made.Guest.Sponsor, clock.Text(made.Guest.Ends)
	}
	token := id.Secret(32)
	key := fingerprintOf(token)
	_, err = tx.Exec(ctx, `DELETE FROM identity_invitations WHERE email_key = ? AND taken_at IS NULL AND ends_at <= ?`, fold(made.Email), clock.Text(now))
	if err != nil {
		return Invitation{}, "", err
	}
	_, err = tx.Exec(ctx, `INSERT INTO identity_invitations (id, token_hash, email, email_key, name, roles, inviter, sponsor, guest_ends_at, made_at, ends_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, made.ID, key[:], made.Email, fold(made.Email), made.Name, list(made.Roles), made.Inviter,
		sponsor, until, clock.Text(now), clock.Text(made.EndsAt))
	if store.IsTaken(err) {
		form := fault.Form{}
		form.Need(false, "email", "identity.invited_already")
		return Invitation{}, "", form.Err()
	}
	if err != nil {
		return Invitation{}, "", err
	}
	if err := tx.Emit(ctx, userInvited{ID: made.ID, Email: made.Email}); err != nil {
		return Invitation{}, "", err
	}
	return made, token, recordInvitation(ctx, tx, "identity.invited", made)
}

func isNew(ctx context.Context, r store.Reader, email string) error {
	var state string
	err := r.QueryRow(ctx, `SELECT state FROM identity_members WHERE email_key = ?`, fold(email)).Scan(&state)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return alreadyMember(state)
}

func recordInvitation(ctx context.Context, tx *store.Tx, action string, i Invitation) error {
	return audit.Record(ctx, tx, audit.Entry{
		Action: action, Object: "invitation:" + i.ID, Title: i.Email, After: map[string]any{"roles": i.Roles, "guest": i.Guest.facts()},
	})
}

// Invitations are the open ones, the newest first; those that ran out are among them, so that they can be sent again.
func (h *House) Invitations(ctx context.Context, t *tenant.Tenant) ([]Invitation, error) {
	return invitations(ctx, t.DB, `taken_at IS NULL ORDER BY made_at DESC, id DESC`)
}

// Invitation is one that is open.
func (h *House) Invitation(ctx context.Context, t *tenant.Tenant, invitationID string) (Invitation, error) {
	return oneInvitation(invitations(ctx, t.DB, `taken_at IS NULL AND id = ?`, invitationID))
}

// Invited is the invitation that the token of a link opens; fault.NotFound when it is used up, withdrawn or too old.
// hasAccount says that the address can sign in already and makes no new account.
func (h *House) Invited(ctx context.Context, t *tenant.Tenant, token string) (i Invitation, hasAccount bool, err error) {
	key := fingerprintOf(token)
	i, err = oneInvitation(invitations(ctx, t.DB, `taken_at IS NULL AND token_hash = ?1 AND ends_at > ?2 AND (guest_ends_at = '' OR guest_ends_at > ?2)`, key[:], clock.Text(clock.Now(ctx))))
	if err != nil {
		return Invitation{}, false, err
	}
	a, err := h.accountByEmail(ctx, i.Email)
	return i, a.hash != "" || a.passkeys, err
}

func oneInvitation(found []Invitation, err error) (Invitation, error) {
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "identity.invitation_missing")
	}
	if err != nil {
		return Invitation{}, err
	}
	return found[0], nil
}

func invitations(ctx context.Context, r store.Reader, which string, args ...any) ([]Invitation, error) {
	rows, err := r.Query(ctx, `SELECT id, email, name, roles, inviter, sponsor, guest_ends_at, made_at, ends_at FROM identity_invitations WHERE `+which, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []Invitation
	for rows.Next() {
		var i Invitation
		var roles, sponsor, until, madeAt, endsAt string
		if err := rows.Scan(&i.ID, &i.Email, &i.Name, &roles, &i.Inviter, &sponsor, &until, &madeAt, &endsAt); err != nil {
			return nil, err
		}
		var made, ends, stays error
		if until != "" {
			i.Guest = &Guest{Sponsor: sponsor}
			i.Guest.Ends, stays = clock.Parse(until)
		}
		i.MadeAt, made = clock.Parse(madeAt)
		i.EndsAt, ends = clock.Parse(endsAt)
		if err := errors.Join(json.Unmarshal([]byte(roles), &i.Roles), made, ends, stays); err != nil {
			return nil, err
		}
		found = append(found, i)
	}
	return found, rows.Err()
}

// InviteAgain gives an invitation a new link and its full time; the old link opens nothing any more.
func (h *House) InviteAgain(ctx context.Context, t *tenant.Tenant, by *Person, invitationID string) (Invitation, string, error) {
	token := id.Secret(32)
	key := fingerprintOf(token)
	var i Invitation
	err := h.openInvitation(ctx, t, by, invitationID, func(ctx context.Context, tx *store.Tx, found Invitation) error {
		i = found
		var failed error
		if i.EndsAt, failed = invitationEnds(ctx, tx, clock.Now(ctx)); failed != nil {
			return failed
		}
		if by != nil {
			i.Inviter = by.ID // who sends it again vouches for it
		}
		_, err := tx.Exec(ctx, `UPDATE identity_invitations SET token_hash = ?, ends_at = ?, inviter = ? WHERE id = ?`, key[:], clock.Text(i.EndsAt), i.Inviter, i.ID)
		if err != nil {
			return err
		}
		return recordInvitation(ctx, tx, "identity.invited_again", i)
	})
	if err == nil {
		err = h.noteInvited(ctx, t, i)
	}
	return i, token, err
}

// Withdraw ends an invitation; its link opens nothing any more.
func (h *House) Withdraw(ctx context.Context, t *tenant.Tenant, by *Person, invitationID string) error {
	return h.openInvitation(ctx, t, by, invitationID, func(ctx context.Context, tx *store.Tx, i Invitation) error {
		if _, err := tx.Exec(ctx, `DELETE FROM identity_invitations WHERE id = ?`, i.ID); err != nil {
			return err
		}
		return recordInvitation(ctx, tx, "identity.invitation_withdrawn", i)
	})
}

// voidInvitations lets the links of open invitations run out that which (a text of this room with one place) chooses. They can
// be sent again.
func voidInvitations(ctx context.Context, tx *store.Tx, which, value string) error {
	now := clock.Text(clock.Now(ctx))
	_, err := tx.Exec(ctx, `UPDATE identity_invitations SET ends_at = min(ends_at, ?) WHERE taken_at IS NULL AND `+which, now, value)
	return err
}

// forgetRole takes a role that is no more out of the open invitations, and voids their links. Those with no other role end.
func forgetRole(ctx context.Context, tx *store.Tx, roleID string) error {
	if err := voidInvitations(ctx, tx, `EXISTS (SELECT 1 FROM json_each(roles) WHERE value = ?)`, roleID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE identity_invitations SET roles = (SELECT json_group_array(value) FROM json_each(roles) WHERE value <> ?)
		WHERE taken_at IS NULL AND EXISTS (SELECT 1 FROM json_each(roles) WHERE value = ?)`, roleID, roleID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM identity_invitations WHERE taken_at IS NULL AND roles = '[]'`)
	return err
}

func (h *House) openInvitation(ctx context.Context, t *tenant.Tenant, by *Person, invitationID string, do func(context.Context, *store.Tx, Invitation) error) error {
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		i, err := oneInvitation(invitations(ctx, tx, `taken_at IS NULL AND id = ?`, invitationID))
		if err != nil {
			return err
		}
		if err := h.givable(ctx, tx, by, i.Roles); err != nil {
			return err
		}
		return do(ctx, tx, i)
	})
}
