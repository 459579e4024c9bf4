package identity

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// traveller is an account as it goes along with an organisation that moves. Times stay the text that they are.
type traveller struct {
	ID, Email, Name, Hash, State, Locale, Zone, Theme, Density, MadeAt string
	Letters, MustReset                                                 bool
	Credential                                                         int64
	Factors                                                            []travelFactor
	Recovery                                                           [][]byte
	Picture                                                            travelPicture
}

// travelPicture is how they look; without a version they have none.
type travelPicture struct {
	Version, MadeAt      string
	Small, Middle, Large []byte
}

// travelFactor is a second factor; the whole list of travellers is sealed, so it lies open in here.
type travelFactor struct {
	ID, Kind, Name, Host, MadeAt, UsedAt string
	Handle, Plain                        []byte
	LastStep                             int64
}

// Purpose of the sealed list.
const travelPurpose = "identity.travellers"

// Pack is the accounts of the members that db knows, a copy of the tenant's database: sealed with the key of the tenant, so that
// an archive tells nobody a password hash.
func (h *House) Pack(ctx context.Context, t *tenant.Tenant, db store.Reader) ([]byte, error) {
	accountIDs, err := store.Texts(db.Query(ctx, `SELECT account_id FROM identity_members ORDER BY account_id`))
	if err != nil {
		return nil, err
	}
	rows, err := h.system.Query(ctx, `SELECT id, email, name, password_hash, state, locale, zone, theme, density, made_at, letters, must_reset, credential
		FROM identity_accounts WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id`, list(accountIDs))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []*traveller{}
	for rows.Next() {
		a := new(traveller)
		if err := rows.Scan(&a.ID, &a.Email, &a.Name, &a.Hash, &a.State, &a.Locale, &a.Zone, &a.Theme, &a.Density, &a.MadeAt, &a.Letters, &a.MustReset, &a.Credential); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, a := range all {
		if err := h.packFactors(ctx, a); err != nil {
			return nil, err
		}
		p := &a.Picture
		err := h.system.QueryRow(ctx, `SELECT version, made_at, small, middle, large FROM identity_pictures WHERE account_id = ?`, a.ID).
			Scan(&p.Version, &p.MadeAt, &p.Small, &p.Middle, &p.Large)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
	}
	raw, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	return t.Secrets.Seal(travelPurpose, raw), nil
}

func (h *House) packFactors(ctx context.Context, a *traveller) error {
	rows, err := h.system.Query(ctx, `SELECT id, kind, name, host, made_at, coalesce(used_at, ''), handle, secret, last_step
		FROM identity_factors WHERE account_id = ? ORDER BY id`, a.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var f travelFactor
		var sealed []byte
		if err := rows.Scan(&f.ID, &f.Kind, &f.Name, &f.Host, &f.MadeAt, &f.UsedAt, &f.Handle, &sealed, &f.LastStep); err != nil {
			return err
		}
		if f.Plain, err = h.box.Open("factor:"+f.ID, sealed); err != nil {
			return err
		}
		a.Factors = append(a.Factors, f)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	codes, err := store.Texts(h.system.Query(ctx, `SELECT code_hash FROM identity_recovery_codes WHERE account_id = ? ORDER BY code_hash`, a.ID))
	for _, code := range codes {
		a.Recovery = append(a.Recovery, []byte(code))
	}
	return err
}

// Arrival is the people of a tenant that comes from an archive. Like an owner, half of them stands in the tenant's database and half
// in system.db.
type Arrival struct {
	house   *House
	fresh   []*traveller      // accounts that are made
	known   []*traveller      // addresses that have an account here; theirs stays as it is
	account map[string]string // id of the account here, by the one in the archive
	members map[string]string // id of the account here, by member
}

// Unpack reads the accounts that came along and writes the tenant's half: members point to the accounts of this appliance, and
// nobody is signed in any more. In a copy, whose original is here too, programs lose their passwords and tokens as well: what
// opens the one must not open the other.
func (h *House) Unpack(ctx context.Context, t *tenant.Tenant, sealed []byte, copied bool) (*Arrival, error) {
	raw, err := t.Secrets.Open(travelPurpose, sealed)
	if err != nil {
		return nil, err
	}
	var all []*traveller
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, err
	}
	a := &Arrival{house: h, account: map[string]string{}, members: map[string]string{}}
	for _, one := range all {
		if err := a.place(ctx, h.system, one); err != nil {
			return nil, err
		}
	}
	return a, t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return a.settle(ctx, tx, copied) })
}

// place finds the account here, or the id of the one to be made.
func (a *Arrival) place(ctx context.Context, r store.Reader, one *traveller) error {
	var there string
	err := r.QueryRow(ctx, `SELECT id FROM identity_accounts WHERE email_key = ?`, fold(one.Email)).Scan(&there)
	if err == nil {
		a.known, a.account[one.ID] = append(a.known, one), there
		return nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	var taken int
	if err := r.QueryRow(ctx, `SELECT COUNT(*) FROM identity_accounts WHERE id = ?`, one.ID).Scan(&taken); err != nil {
		return err
	}
	there = one.ID
	if taken > 0 {
		there = id.New()
	}
	a.fresh, a.account[one.ID] = append(a.fresh, one), there
	return nil
}

func (a *Arrival) settle(ctx context.Context, tx *store.Tx, copied bool) error {
	members, err := memberRows(ctx, tx, `ORDER BY id`)
	if err != nil {
		return err
	}
	for _, m := range members {
		if a.account[m.AccountID] == "" && m.state == deactivated {
			continue // their account was deleted: the member is a name on records
		}
		if a.account[m.AccountID] == "" {
			return fault.New(fault.Invalid, "identity.traveller_missing", "email", m.Email)
		}
		a.members[m.ID] = a.account[m.AccountID]
		// Ids may change places, so nobody gets the final one at once.
		if _, err := tx.Exec(ctx, `UPDATE identity_members SET account_id = 'moving ' || id WHERE id = ?`, m.ID); err != nil {
			return err
		}
	}
	for member, account := range a.members {
		if _, err := tx.Exec(ctx, `UPDATE identity_members SET account_id = ? WHERE id = ?`, account, member); err != nil {
			return err
		}
	}
	ended := []string{`DELETE FROM identity_sessions`, `DELETE FROM identity_steps`, `DELETE FROM identity_remembered`}
	if copied {
		ended = append(ended, `DELETE FROM identity_app_passwords`, `DELETE FROM identity_api_tokens`, `DELETE FROM identity_invitations WHERE taken_at IS NULL`)
	}
	for _, query := range ended {
		if _, err := tx.Exec(ctx, query); err != nil {
			return err
		}
	}
	return nil
}

// Register writes the half in system.db. Accounts that are here keep everything they have.
func (a *Arrival) Register(ctx context.Context, tx *store.Tx, tenantID string) error {
	for _, one := range a.known {
		var there string
		err := tx.QueryRow(ctx, `SELECT id FROM identity_accounts WHERE email_key = ?`, fold(one.Email)).Scan(&there)
		if err != nil || there != a.account[one.ID] {
			return errors.Join(fault.New(fault.Conflict, "identity.account_meanwhile", "email", one.Email), err)
		}
	}
	for _, one := range a.fresh {
		if err := a.house.putTraveller(ctx, tx, one, a.account[one.ID]); err != nil {
			return err
		}
	}
	for member, account := range a.members {
		if err := putMembership(ctx, tx, account, tenantID, member); err != nil {
			return err
		}
	}
	return nil
}

func (h *House) putTraveller(ctx context.Context, tx *store.Tx, a *traveller, accountID string) error {
	done, err := tx.Exec(ctx, `INSERT INTO identity_accounts (id, email, email_key, name, password_hash, state, locale, zone, theme, density, made_at, letters, must_reset, credential)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		accountID, a.Email, fold(a.Email), a.Name, a.Hash, a.State, a.Locale, a.Zone, a.Theme, a.Density, a.MadeAt, a.Letters, a.MustReset, a.Credential)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(fault.New(fault.Conflict, "identity.account_meanwhile", "email", a.Email), err)
	}
	for _, f := range a.Factors {
		if f.Handle == nil {
			f.Handle = []byte{}
		}
		fresh := id.New()
		var used any
		if f.UsedAt != "" {
			used = f.UsedAt
		}
		_, err := tx.Exec(ctx, `INSERT INTO identity_factors (id, account_id, kind, name, handle, host, secret, last_step, made_at, used_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			fresh, accountID, f.Kind, f.Name, f.Handle, f.Host, h.box.Seal("factor:"+fresh, f.Plain), f.LastStep, f.MadeAt, used)
		if err != nil {
			return err
		}
	}
	if p := a.Picture; p.Version != "" {
		_, err := tx.Exec(ctx, `INSERT INTO identity_pictures (account_id, version, made_at, small, middle, large) VALUES (?, ?, ?, ?, ?, ?)`,
			accountID, p.Version, p.MadeAt, p.Small, p.Middle, p.Large)
		if err != nil {
			return err
		}
	}
	for _, code := range a.Recovery {
		if _, err := tx.Exec(ctx, `INSERT INTO identity_recovery_codes (account_id, code_hash) VALUES (?, ?)`, accountID, code); err != nil {
			return err
		}
	}
	return nil
}

// Forget drops who belonged to a tenant that is no more. Their accounts stay: they may belong to others.
func (h *House) Forget(ctx context.Context, tenantID string) error {
	return h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM identity_invited WHERE tenant_id = ?`, tenantID); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM identity_memberships WHERE tenant_id = ?`, tenantID)
		return err
	})
}

// Use is how many people work in a tenant, and when one of them did last.
type Use struct {
	Members  int
	LastSeen string // UTC; empty: never
}

// UseOf reads it.
func UseOf(ctx context.Context, r store.Reader) (u Use, err error) {
	err = r.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM identity_members WHERE state = 'active'),
		coalesce((SELECT max(seen_at) FROM identity_sessions), '')`).Scan(&u.Members, &u.LastSeen)
	return u, err
}
