package identity

import (
	"context"
	"database/sql"
	"errors"

	"runes.im/platform/store"
)

type presentKey struct{}

// With makes p the person on whose behalf everything under ctx is done: checks deep in a rune see with their eyes.
func With(ctx context.Context, p *Person) context.Context {
	return context.WithValue(ctx, presentKey{}, p)
}

// From is the person at work under ctx; nil is the house itself: a job, a listener, a command.
func From(ctx context.Context) *Person {
	p, _ := ctx.Value(presentKey{}).(*Person)
	return p
}

// Named is a member or a role as a choice shows it. Only members have an address.
type Named struct{ ID, Name, Email string }

// Colleagues are the active members by name.
func Colleagues(ctx context.Context, r store.Reader) ([]Named, error) {
	return named(r.Query(ctx, `SELECT id, name, email FROM identity_members WHERE state = 'active' ORDER BY name, id`))
}

// MembersNamed are those members and services, whatever their state.
func MembersNamed(ctx context.Context, r store.Reader, ids []string) ([]Named, error) {
	return named(r.Query(ctx, `SELECT id, name, email FROM identity_members WHERE id IN (SELECT value FROM json_each(?))
		UNION ALL SELECT id, name, '' FROM identity_services WHERE id IN (SELECT value FROM json_each(?)) ORDER BY name, id`, list(ids), list(ids)))
}

// RolesNamed are the roles, the default ones first, then by name.
func RolesNamed(ctx context.Context, r store.Reader) ([]Named, error) {
	return named(r.Query(ctx, `SELECT id, name, '' FROM identity_roles ORDER BY fixed DESC, name_key, id`))
}

func named(rows *sql.Rows, err error) ([]Named, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Named
	for rows.Next() {
		var n Named
		if err := rows.Scan(&n.ID, &n.Name, &n.Email); err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, rows.Err()
}

// ActiveMember is the id of the active member with that id, address or name; empty when there is none, or more than one.
func ActiveMember(ctx context.Context, r store.Reader, who string) (string, error) {
	for _, column := range []string{"id", "email_key", "name"} {
		value := who
		if column == "email_key" {
			value = fold(who)
		}
		var id string
		var n int
		err := r.QueryRow(ctx, `SELECT coalesce(min(id), ''), count(*) FROM identity_members WHERE state = 'active' AND `+column+` = ?`, value).Scan(&id, &n)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return "", err
		}
		if n == 1 {
			return id, nil
		}
	}
	return "", nil
}
