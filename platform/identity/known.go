package identity

import (
	"context"

	"runes.im/platform/store"
)

// KnownAbout is what the organisation keeps about a member, for the copy of their data they may ask for; nil when the
// member is unknown. Secrets are not part of it.
func KnownAbout(ctx context.Context, r store.Reader, member string) (any, error) {
	all := map[string]any{}
	for name, query := range map[string]string{
		"membership":    `SELECT id, email, name, first_name, last_name, job_title, phone, street, postal_code, city, country, state, made_at FROM identity_members WHERE id = ?`,
		"guest":         `SELECT sponsor, ends_at FROM identity_guests WHERE member_id = ?`,
		"sessions":      `SELECT made_at, seen_at, ended_at, end_reason, method, address, user_agent FROM identity_sessions WHERE member_id = ? ORDER BY made_at, id`,
		"app_passwords": `SELECT made_at, last_used, label, scopes, client FROM identity_app_passwords WHERE member_id = ? ORDER BY made_at, id`,
	} {
		rows, err := withNames(ctx, r, query, member)
		if err != nil {
			return nil, err
		}
		if len(rows) > 0 {
			all[name] = rows
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	return all, nil
}

// withNames are the rows of a query by the names of their columns.
func withNames(ctx context.Context, r store.Reader, query string, args ...any) ([]map[string]any, error) {
	rows, err := r.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var all []map[string]any
	for rows.Next() {
		values, to := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			to[i] = &values[i]
		}
		if err := rows.Scan(to...); err != nil {
			return nil, err
		}
		one := map[string]any{}
		for i, name := range columns {
			if values[i] != nil {
				one[name] = values[i]
			}
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
