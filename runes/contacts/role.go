package contacts

import (
	"context"
	"strings"
	"unicode/utf8"

	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

const maxRoles = 200

// jobRoles are what people at companies do, in the order of the list's owner.
func jobRoles(v *web.Visit) ([]string, error) {
	return store.Texts(v.DB.Query(v.Context(), `SELECT name FROM contacts_job_roles ORDER BY place, name LIMIT ?`, maxRoles))
}

type rolesPage struct {
	web.Problems
	Roles string // one a line
}

func showRoles(v *web.Visit) error {
	roles, err := jobRoles(v)
	if err != nil {
		return err
	}
	return rolesAs(v, &rolesPage{Roles: strings.Join(roles, "\n")}, nil)
}

func rolesAs(v *web.Visit, p *rolesPage, err error) error {
	v.Title(v.T("contacts.roles"))
	v.Crumb(v.T("contacts.name"), "/contacts")
	v.Crumb(v.T("contacts.roles"), "")
	if err != nil {
		return v.Again("roles", p, err)
	}
	return v.Page("roles", p)
}

// saveRoles takes the list as it was written: one role a line, without repeats.
func saveRoles(v *web.Visit) error {
	p := &rolesPage{Roles: v.Form("roles")}
	var roles []string
	seen := map[string]bool{}
	form := fault.Form{}
	for line := range strings.Lines(p.Roles) {
		name := strings.Join(strings.Fields(line), " ")
		if name == "" || seen[name] {
			continue
		}
		seen[name] = true
		roles = append(roles, name)
		form.Need(utf8.RuneCountInString(name) <= 100, "roles", "contacts.role_long", "name", name)
	}
	form.Need(len(roles) <= maxRoles, "roles", "contacts.roles_many", "max", maxRoles)
	if err := form.Err(); err != nil {
		return rolesAs(v, p, err)
	}
	err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM contacts_job_roles`); err != nil {
			return err
		}
		for place, name := range roles {
			if _, err := tx.Exec(ctx, `INSERT INTO contacts_job_roles (name, place) VALUES (?, ?)`, name, place); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	v.Flash(v.T("contacts.roles_saved"), "")
	return v.Go("/contacts/people")
}
