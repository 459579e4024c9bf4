package identity

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Operator is an account that runs the appliance: it makes, closes and limits organisations. That opens nothing inside of any.
type Operator struct {
	AccountID, Name, Email string
	MadeAt                 time.Time
}

// IsOperator reports whether the account runs the appliance.
func (h *House) IsOperator(ctx context.Context, accountID string) (is bool, err error) {
	err = h.system.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM identity_operators WHERE account_id = ?)`, accountID).Scan(&is)
	return is, err
}

// Operators are those who run the appliance, by name.
func (h *House) Operators(ctx context.Context) ([]Operator, error) {
	rows, err := h.system.Query(ctx, `SELECT a.id, a.name, a.email, o.made_at FROM identity_operators o
		JOIN identity_accounts a ON a.id = o.account_id ORDER BY a.name, a.id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []Operator{}
	for rows.Next() {
		var o Operator
		var madeAt string
		if err := rows.Scan(&o.AccountID, &o.Name, &o.Email, &madeAt); err != nil {
			return nil, err
		}
		if o.MadeAt, err = clock.Parse(madeAt); err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, rows.Err()
}

// AddOperator lets an account run the appliance. Only whoever holds the machine does this.
func (h *House) AddOperator(ctx context.Context, email string) error {
	return h.turnOperator(ctx, email, "appliance.operator_added", `INSERT INTO identity_operators (account_id, made_at) VALUES (?, ?) ON CONFLICT DO NOTHING`,
		clock.Text(clock.Now(ctx)))
}

// RemoveOperator takes that away again, from the next request on.
func (h *House) RemoveOperator(ctx context.Context, email string) error {
	return h.turnOperator(ctx, email, "appliance.operator_removed", `DELETE FROM identity_operators WHERE account_id = ?`)
}

func (h *House) turnOperator(ctx context.Context, email, action, query string, args ...any) error {
	return h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		var accountID string
		err := tx.QueryRow(ctx, `SELECT id FROM identity_accounts WHERE email_key = ?`, fold(email)).Scan(&accountID)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "identity.operator_account", "email", email)
		}
		if err != nil {
			return err
		}
		done, err := tx.Exec(ctx, query, append([]any{accountID}, args...)...)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return err
		}
		// A link from before, of an administrator of some organisation, must not lead to here; and who runs the appliance, or
		// no longer does, signs in there anew.
		for _, query := range []string{`DELETE FROM identity_resets WHERE account_id = ?`, `DELETE FROM identity_gate_sessions WHERE account_id = ?`} {
			if _, err := tx.Exec(ctx, query, accountID); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "account:" + accountID, Title: email})
	})
}

// inherits reports whether somebody whom the house itself invited becomes the owner: the first one where there is none.
func inherits(ctx context.Context, tx *store.Tx, i Invitation) (does bool, err error) {
	if i.Inviter != "" {
		return false, nil
	}
	err = tx.QueryRow(ctx, `SELECT NOT EXISTS (SELECT 1 FROM identity_members WHERE owner = 1)`).Scan(&does)
	return does, err
}

// InviteOwner asks the first owner of an organisation that has none, on the operator's behalf; an earlier link opens nothing any
// more.
func (h *House) InviteOwner(ctx context.Context, t *tenant.Tenant, email, name string) (made Invitation, token string, err error) {
	err = t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		does, err := inherits(ctx, tx, Invitation{})
		if err == nil && !does {
			err = fault.New(fault.Conflict, "identity.has_owner")
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM identity_invitations WHERE taken_at IS NULL AND inviter = ''`); err != nil {
			return err
		}
		made, token, err = h.invite(ctx, tx, nil, Invitee{Email: email, Name: name, Roles: []string{roleAdmin}})
		return err
	})
	if err == nil {
		err = h.noteInvited(ctx, t, made)
	}
	return made, token, err
}

// Ownerless is the address of the owner that an organisation without one waits for; "" when it has one or nobody was asked.
func Ownerless(ctx context.Context, r store.Reader) (email string, waits bool, err error) {
	err = r.QueryRow(ctx, `SELECT NOT EXISTS (SELECT 1 FROM identity_members WHERE owner = 1),
		coalesce((SELECT email FROM identity_invitations WHERE taken_at IS NULL AND inviter = '' ORDER BY made_at DESC, id LIMIT 1), '')`).Scan(&waits, &email)
	return email, waits, err
}

// roomFor refuses more people than the operator allows the tenant. Whoever is invited has a place already.
func roomFor(ctx context.Context, tx *store.Tx, t *tenant.Tenant, invited bool) error {
	most := t.Limits().Members
	if most == 0 {
		return nil
	}
	var people, asked int
	err := tx.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM identity_members WHERE state = 'active'),
		(SELECT COUNT(*) FROM identity_invitations WHERE taken_at IS NULL AND ends_at > ?)`, clock.Text(clock.Now(ctx))).Scan(&people, &asked)
	if invited {
		people += asked
	}
	if err == nil && people > most {
		return fault.New(fault.Conflict, "identity.members_full", "max", most)
	}
	return err
}

// vacancy refuses somebody for whom there is no room before an account is made: it would stay behind.
func vacancy(ctx context.Context, t *tenant.Tenant) error {
	most := t.Limits().Members
	if most == 0 {
		return nil
	}
	var people int
	err := t.DB.QueryRow(ctx, `SELECT COUNT(*) FROM identity_members WHERE state = 'active'`).Scan(&people)
	if err == nil && people >= most {
		return fault.New(fault.Conflict, "identity.members_full", "max", most)
	}
	return err
}

// atField shows a refusal at a field of the form that was sent.
func atField(field string, err error) error {
	f := fault.Of(err)
	if f == nil {
		return err
	}
	form := fault.Form{}
	form.Need(false, field, f.Key, f.Args...)
	return form.Err()
}

// CheckInvitee says what is wrong with somebody who is to be asked, before anything is made.
func CheckInvitee(email, name string) error {
	form := fault.Form{}
	needPerson(&form, email, name)
	return form.Err()
}
