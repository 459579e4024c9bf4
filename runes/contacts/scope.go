package contacts

import (
	"context"

	"runes.im/platform/identity"
	"runes.im/platform/notify"
	"runes.im/platform/record"
	"runes.im/platform/store"
)

// Whoever sees a part of the companies sees their people, and the lists that were given to them or that they made.

// directory is companies, for what companies themselves need to be declared: people and lists follow their scope.
var directory *record.Noun[Company]

func init() { directory = companies }

// companyLists are the lists that an administrator may give to a role or a person.
func companyLists(ctx context.Context, r store.Reader) ([]record.Option, error) {
	rows, err := r.Query(ctx, `SELECT id, name FROM contacts_lists WHERE holds = 'companies' AND deleted_at IS NULL ORDER BY title_key, id LIMIT 500`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var options []record.Option
	for rows.Next() {
		var o record.Option
		if err := rows.Scan(&o.Value, &o.Text); err != nil {
			return nil, err
		}
		options = append(options, o)
	}
	return options, rows.Err()
}

func peopleInScope(ctx context.Context, r store.Reader, p *identity.Person) (string, []any, error) {
	where, args, err := directory.Within(ctx, r, p)
	if err != nil || where == "" {
		return "", nil, err
	}
	return "company IN (SELECT id FROM contacts_companies WHERE " + where + ")", args, nil
}

func listsInScope(ctx context.Context, r store.Reader, p *identity.Person) (string, []any, error) {
	given, limited, err := directory.Given(ctx, r, p)
	if err != nil || !limited {
		return "", nil, err
	}
	where, args := "created_by = ?", []any{p.ID}
	for _, id := range given {
		where, args = where+" OR id = ?", append(args, id)
	}
	return where, args, nil
}

// ownerOf labels a person for the search as their company is labelled.
func ownerOf(ctx context.Context, r store.Reader, p *Person) ([]string, error) {
	var owner string
	err := r.QueryRow(ctx, `SELECT owner FROM contacts_companies WHERE id = ?`, p.Company).Scan(&owner)
	return record.OwnerLabels(owner), err
}

// ownerChanged lets the search know whose the people are now.
func ownerChanged(ctx context.Context, tx *store.Tx, _ *record.Noun[Company], before, c *Company) error {
	if before == nil || before.Owner == c.Owner {
		return nil
	}
	if c.Owner != "" {
		err := notify.Send(ctx, tx, notify.Note{
			To: c.Owner, Kind: "contacts.company_assigned", Args: []string{"name", c.LegalName}, Icon: "building-2",
			Link: "/contacts/" + c.ID, Object: "contacts.company:" + c.ID,
		})
		if err != nil {
			return err
		}
	}
	return people.Reindex(ctx, tx, record.Query{Where: "company = ?", Args: []any{c.ID}})
}

// visible are those of the ids that the person sees.
func visible(ctx context.Context, r store.Reader, p *identity.Person, holds string, ids []string) ([]string, error) {
	q := record.Query{IDs: ids, Limit: maxChosen}
	var seen []string
	if holds == "people" {
		found, err := people.List(ctx, r, p, q)
		for _, one := range found {
			seen = append(seen, one.ID)
		}
		return seen, err
	}
	found, err := companies.List(ctx, r, p, q)
	for _, one := range found {
		seen = append(seen, one.ID)
	}
	return seen, err
}
