package identity

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// SaveRole makes the named role hold exactly these permissions; it is made when missing. It holds from the next
// request on.
func (h *House) SaveRole(ctx context.Context, t *tenant.Tenant, name string, permissions []string) error {
	name = strings.TrimSpace(name)
	known := *h.known.Load()
	form := fault.Form{}
	form.Need(name != "", "name", "identity.role_name")
	for _, permission := range permissions {
		form.Need(slices.Contains(known, permission), "permissions", "identity.permission_unknown", "permission", permission)
	}
	if err := form.Err(); err != nil {
		return err
	}
	c := h.cache(t)
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		roleID, fixed, err := openRole(ctx, tx, name)
		if err != nil {
			return err
		}
		tx.AfterCommit(c.empty)
		if err := decideRole(ctx, tx, roleID, fixed, permissions, known); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "identity.role_saved", Object: "role:" + roleID, Title: name, After: map[string]any{"permissions": permissions},
		})
	})
}

func openRole(ctx context.Context, tx *store.Tx, name string) (roleID string, fixed bool, err error) {
	err = tx.QueryRow(ctx, `SELECT id, fixed FROM identity_roles WHERE name_key = ?`, fold(name)).Scan(&roleID, &fixed)
	if !errors.Is(err, sql.ErrNoRows) {
		return roleID, fixed, err
	}
	roleID = id.New()
	_, err = tx.Exec(ctx, `INSERT INTO identity_roles (id, name, name_key, made_at) VALUES (?, ?, ?, ?)`,
		roleID, name, fold(name), clock.Text(clock.Now(ctx)))
	return roleID, false, err
}

// roleNamed is the id of the role that an id or a name means.
func roleNamed(ctx context.Context, r store.Reader, role string) (roleID string, err error) {
	err = r.QueryRow(ctx, `SELECT id FROM identity_roles WHERE id = ? OR name_key = ?`, role, fold(role)).Scan(&roleID)
	if errors.Is(err, sql.ErrNoRows) {
		form := fault.Form{}
		form.Need(false, "role", "identity.role_unknown", "role", role)
		return "", form.Err()
	}
	return roleID, err
}
