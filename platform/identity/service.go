package identity

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Service is the account of a program: it has a name in the log and permissions of its own, tokens and no password, and
// it stays when the person who made it leaves.
type Service struct {
	ID, Name    string
	Permissions []string
	State       string // active, suspended
	MadeBy      string // name of the member
	MadeAt      time.Time
	Tokens      int
}

// AddService makes a service. Nobody gives away what they do not hold.
func (h *House) AddService(ctx context.Context, t *tenant.Tenant, by *Person, name string, permissions []string) (serviceID string, err error) {
	name = strings.TrimSpace(name)
	permissions = slices.Compact(slices.Sorted(slices.Values(permissions)))
	form := fault.Form{}
	form.Need(name != "", "name", "identity.service_name")
	form.Need(len(name) <= 200 && !strings.ContainsFunc(name, unicode.IsControl), "name", "identity.name_long")
	form.Need(len(permissions) > 0, "scope", "identity.token_scope")
	for _, p := range permissions {
		form.Need(slices.Contains(*h.known.Load(), p) && by.gives(p), "scope", "identity.token_scope")
	}
	if err := form.Err(); err != nil {
		return "", err
	}
	serviceID = id.New()
	err = t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		var same int
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM identity_services WHERE name_key = ? AND state <> 'removed'`, fold(name)).Scan(&same); err != nil {
			return err
		}
		form.Need(same == 0, "name", "identity.service_twice", "name", name)
		if err := form.Err(); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO identity_services (id, name, name_key, permissions, made_by, made_at) VALUES (?, ?, ?, ?, ?, ?)`,
			serviceID, name, fold(name), strings.Join(permissions, " "), by.ID, clock.Text(clock.Now(ctx)))
		if err != nil {
			return err
		}
		return recordService(ctx, tx, "identity.service_made", serviceID, name, map[string]any{"permissions": permissions})
	})
	return serviceID, err
}

// Services are those of the tenant by name.
func (h *House) Services(ctx context.Context, t *tenant.Tenant) ([]Service, error) {
	return services(t.DB.Query(ctx, serviceRows+` WHERE s.state <> 'removed' ORDER BY s.name_key, s.id LIMIT 1000`))
}

// Service is the one with this id.
func (h *House) Service(ctx context.Context, t *tenant.Tenant, serviceID string) (Service, error) {
	found, err := services(t.DB.Query(ctx, serviceRows+` WHERE s.state <> 'removed' AND s.id = ? ORDER BY s.id`, serviceID))
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "identity.service_missing")
	}
	if err != nil {
		return Service{}, err
	}
	return found[0], nil
}

const serviceRows = `SELECT s.id, s.name, s.permissions, s.state, coalesce(m.name, ''), s.made_at,
	(SELECT COUNT(*) FROM identity_api_tokens a WHERE a.service_id = s.id)
	FROM identity_services s LEFT JOIN identity_members m ON m.id = s.made_by`

func services(rows *sql.Rows, err error) ([]Service, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Service
	for rows.Next() {
		var s Service
		var permissions, madeAt string
		if err := rows.Scan(&s.ID, &s.Name, &permissions, &s.State, &s.MadeBy, &madeAt, &s.Tokens); err != nil {
			return nil, err
		}
		s.Permissions = strings.Fields(permissions)
		if s.MadeAt, err = clock.Parse(madeAt); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

// SwitchService suspends a service or lets it in again: its tokens stay and open nothing meanwhile. by (nil: the house) needs
// to hold what the service holds.
func (h *House) SwitchService(ctx context.Context, t *tenant.Tenant, by *Person, serviceID string, on bool) error {
	state, action := suspended, "identity.service_suspended"
	if on {
		state, action = active, "identity.service_resumed"
	}
	return h.setService(ctx, t, by, serviceID, state, action)
}

// RemoveService ends a service and its tokens. Its name stays in what it has done.
func (h *House) RemoveService(ctx context.Context, t *tenant.Tenant, by *Person, serviceID string) error {
	return h.setService(ctx, t, by, serviceID, "removed", "identity.service_removed")
}

func (h *House) setService(ctx context.Context, t *tenant.Tenant, by *Person, serviceID, state, action string) error {
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		var name, permissions string
		err := tx.QueryRow(ctx, `UPDATE identity_services SET state = ? WHERE id = ? AND state <> 'removed' RETURNING name, permissions`, state, serviceID).
			Scan(&name, &permissions)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "identity.service_missing")
		}
		if err != nil {
			return err
		}
		if slices.ContainsFunc(strings.Fields(permissions), func(p string) bool { return !by.gives(p) }) {
			return fault.New(fault.Forbidden, "identity.above", "name", name)
		}
		if state == "removed" {
			if _, err := tx.Exec(ctx, `DELETE FROM identity_api_tokens WHERE service_id = ?`, serviceID); err != nil {
				return err
			}
		}
		h.letGo(tx, t, serviceID, "")
		return recordService(ctx, tx, action, serviceID, name, nil)
	})
}

func recordService(ctx context.Context, tx *store.Tx, action, serviceID, name string, after map[string]any) error {
	return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "service:" + serviceID, Title: name, After: after})
}

// owner is the member or the service that a token belongs to.
func (h *House) owner(ctx context.Context, t *tenant.Tenant, ownerID string) (*Person, error) {
	p, err := h.Member(ctx, t, ownerID)
	if !fault.Is(err, fault.NotFound) {
		return p, err
	}
	s, missing := h.Service(ctx, t, ownerID)
	if fault.Is(missing, fault.NotFound) {
		return nil, err
	}
	if missing != nil {
		return nil, missing
	}
	held := map[string]bool{}
	for _, permission := range s.Permissions {
		held[permission], held[implied(permission)] = true, true
	}
	return &Person{
		ID: s.ID, Name: s.Name, Locale: t.Locale, Zone: t.Zone, Theme: "system", Service: true, state: s.State, rights: rights{listed: held},
	}, nil
}
