package identity

import (
	"context"
	"database/sql"
	"errors"

	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/store"
)

// Founder is the owner of a tenant that is being made. Half of an owner stands in the tenant's database and half in
// system.db; both are written before the tenant exists, so that none is ever without one.
type Founder struct {
	owner                     NewMember
	hash, accountID, memberID string
}

// Founder prepares the owner of a tenant that is being made. Nothing is written yet.
func (h *House) Founder(ctx context.Context, n NewMember) (*Founder, error) {
	n.Owner, n.Role = true, roleAdmin
	if err := n.check(); err != nil {
		return nil, err
	}
	f := &Founder{owner: n, memberID: id.New()}
	var err error
	if n.Password != "" {
		if f.hash, err = h.hashes.hash(ctx, n.Password); err != nil {
			return nil, err
		}
	}
	err = h.system.QueryRow(ctx, `SELECT id FROM identity_accounts WHERE email_key = ?`, fold(n.Email)).Scan(&f.accountID)
	if errors.Is(err, sql.ErrNoRows) {
		f.accountID, err = id.New(), nil
	}
	return f, err
}

// ID is that of the membership.
func (f *Founder) ID() string { return f.memberID }

// Join writes the tenant's half.
func (f *Founder) Join(ctx context.Context, tx *store.Tx) error {
	return insertMember(ctx, tx, f.owner, []string{roleAdmin}, f.accountID, f.memberID)
}

// Register writes the half in system.db.
func (f *Founder) Register(ctx context.Context, tx *store.Tx, tenantID string) error {
	accountID, err := putAccount(ctx, tx, f.owner, f.hash, f.accountID)
	if err != nil {
		return err
	}
	if accountID != f.accountID {
		// Somebody made an account for this address since the tenant's half was written.
		return fault.New(fault.Conflict, "identity.account_meanwhile", "email", f.owner.Email)
	}
	return putMembership(ctx, tx, accountID, tenantID, f.memberID)
}
