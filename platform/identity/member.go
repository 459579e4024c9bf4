package identity

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Members are all people of the tenant by name, suspended ones too.
func (h *House) Members(ctx context.Context, t *tenant.Tenant) ([]*Person, error) {
	return h.people(ctx, t, t.DB, `ORDER BY name, id`)
}

// Member is the member with this id.
func (h *House) Member(ctx context.Context, t *tenant.Tenant, memberID string) (*Person, error) {
	return one(h.people(ctx, t, t.DB, `WHERE id = ? ORDER BY name, id`, memberID))
}

// MemberByEmail is the member with this address, however it is spelled.
func (h *House) MemberByEmail(ctx context.Context, t *tenant.Tenant, email string) (*Person, error) {
	return one(h.people(ctx, t, t.DB, `WHERE email_key = ? ORDER BY name, id`, fold(email)))
}

func one(people []*Person, err error) (*Person, error) {
	if err == nil && len(people) == 0 {
		err = fault.New(fault.NotFound, "identity.member_missing")
	}
	if err != nil {
		return nil, err
	}
	return people[0], nil
}

// people reads members with their accounts and rights. which is one of the endings above.
func (h *House) people(ctx context.Context, t *tenant.Tenant, r store.Reader, which string, args ...any) ([]*Person, error) {
	people, err := memberRows(ctx, r, which, args...)
	if err != nil || len(people) == 0 {
		return nil, err
	}
	ids, accountIDs := make([]string, len(people)), make([]string, len(people))
	for i, p := range people {
		ids[i], accountIDs[i] = p.ID, p.AccountID
	}
	accounts, err := h.accountsByID(ctx, list(accountIDs))
	if err != nil {
		return nil, err
	}
	roles, err := memberRoles(ctx, r, list(ids))
	if err != nil {
		return nil, err
	}
	decided, err := roleDecisions(ctx, r)
	if err != nil {
		return nil, err
	}
	exceptions, err := exceptionsOf(ctx, r, list(ids))
	if err != nil {
		return nil, err
	}
	hidden, err := hiddenEntries(ctx, r, list(ids))
	if err != nil {
		return nil, err
	}
	guests, err := guestsOf(ctx, r, list(ids))
	if err != nil {
		return nil, err
	}
	given, err := h.readLicences(ctx, r)
	if err != nil {
		return nil, err
	}
	limits, err := readAreas(ctx, r)
	if err != nil {
		return nil, err
	}
	now := clock.Now(ctx)
	same := map[string]rights{} // by roles: most people share theirs
	for _, p := range people {
		p.Roles = roles[p.ID]
		key := strings.Join(p.Roles, " ")
		if _, ok := same[key]; !ok {
			same[key] = rightsOf(p.Roles, decided, *h.known.Load())
		}
		p.exceptions, p.hidden = exceptions[p.ID], hidden[p.ID]
		p.rights = same[key].with(p.exceptions)
		p.resting = h.lacking(given, p.ID)
		p.area = limits.of(p, decided, *h.known.Load())
		p.Guest = guests[p.ID]
		if p.over(now) && (p.state == active || p.Guest.out) {
			p.state = ended
		}
		p.take(accounts[p.AccountID], t)
	}
	return people, nil
}

// take fills in what belongs to the account. A member whose account is gone or suspended can do nothing.
func (p *Person) take(a account, t *tenant.Tenant) {
	p.Locale, p.Zone, p.Theme, p.Density, p.Letters, p.credential = a.locale, a.zone, a.theme, a.density, a.letters, a.credential
	if p.Locale == "" {
		p.Locale = t.Locale
	}
	if p.Zone == "" {
		p.Zone = t.Zone
	}
	if p.state == active && a.state != active {
		p.state = suspended
	}
}

func memberRows(ctx context.Context, r store.Reader, which string, args ...any) ([]*Person, error) {
	rows, err := r.Query(ctx, `SELECT id, account_id, email, name, owner, state FROM identity_members `+which, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var people []*Person
	for rows.Next() {
		p := new(Person)
		if err := rows.Scan(&p.ID, &p.AccountID, &p.Email, &p.Name, &p.Owner, &p.state); err != nil {
			return nil, err
		}
		people = append(people, p)
	}
	return people, rows.Err()
}

func memberRoles(ctx context.Context, r store.Reader, ids string) (map[string][]string, error) {
	rows, err := r.Query(ctx, `SELECT member_id, role_id FROM identity_member_roles
		WHERE member_id IN (SELECT value FROM json_each(?)) ORDER BY member_id, role_id`, ids)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	roles := map[string][]string{}
	for rows.Next() {
		var member, role string
		if err := rows.Scan(&member, &role); err != nil {
			return nil, err
		}
		roles[member] = append(roles[member], role)
	}
	return roles, rows.Err()
}

func roleDecisions(ctx context.Context, r store.Reader) (map[string]decisions, error) {
	rows, err := r.Query(ctx, `SELECT role_id, permission, granted FROM identity_role_permissions ORDER BY role_id, permission`)
	if err != nil {
		return nil, err
	}
	return readDecisions(rows)
}

// readDecisions reads rows of whom, permission, granted.
func readDecisions(rows *sql.Rows) (map[string]decisions, error) {
	defer rows.Close()
	decided := map[string]decisions{}
	for rows.Next() {
		var whom, permission string
		var granted bool
		if err := rows.Scan(&whom, &permission, &granted); err != nil {
			return nil, err
		}
		if decided[whom] == nil {
			decided[whom] = decisions{}
		}
		decided[whom][permission] = granted
	}
	return decided, rows.Err()
}

// list is ids as SQL's json_each takes them.
func list(ids []string) string {
	text, _ := json.Marshal(ids) // strings always marshal
	return string(text)
}

// Name is who a member is, without rights and preferences.
type Name struct {
	Name, Email string
	Active      bool
	MadeAt      time.Time
}

// Names are all members by id, read in one short query.
func Names(ctx context.Context, r store.Reader) (map[string]Name, error) {
	rows, err := r.Query(ctx, `SELECT id, name, email, state = 'active', made_at FROM identity_members ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]Name{}
	for rows.Next() {
		var id, madeAt string
		var n Name
		if err := rows.Scan(&id, &n.Name, &n.Email, &n.Active, &madeAt); err != nil {
			return nil, err
		}
		if n.MadeAt, err = clock.Parse(madeAt); err != nil {
			return nil, err
		}
		all[id] = n
	}
	return all, rows.Err()
}
