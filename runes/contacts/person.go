package contacts

import (
	"context"
	"errors"
	"strconv"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/record"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// Person is somebody at a company.
type Person struct {
	record.Base
	record.Custom
	Company   string `record:"company,ref=contacts.company,need,fixed,hidden"`
	FirstName string `record:"first_name,need,max=100,half,title,search"`
	LastName  string `record:"last_name,need,max=100,half,title,search"`
	JobRole   string `record:"job_role,max=100,list,search,sort,filter"`
	Email     string `record:"email,email,max=254,list,search,sort,match"`
	Phone     string `record:"phone,phone,max=40,list,search"`
	Billing   bool   `record:"billing,bool,filter"`
	Technical bool   `record:"technical,bool"`
}

var people = record.Declare(record.Noun[Person]{
	Words: "contacts.person.", Plural: "people", Path: "/people", Icon: "users",
	View: "view_contacts", Manage: "manage_contacts",
	Scope: peopleInScope, Labels: ownerOf, Notes: true, Archive: "Contacts",
	Traits: (*Person).traits, Merged: mergePeople, Apart: splitPeople,
	BecameOne: func(m record.Merging) store.Event { return ContactsMerged{m} },
	AreApart:  func(m record.Merging) store.Event { return ContactsUnmerged{m} },
	Check:     companyThere, Ask: askBilling, Saving: clearBilling, Back: comeBack,
	Href:    func(p *Person) string { return "/contacts/" + p.Company },
	Refs:    map[string]record.Ref{"company": {Names: companyNames, Find: companyNamed}},
	Options: map[string]func(*web.Visit) ([]string, error){"job_role": jobRoles},
	Columns: []record.Column[Person]{{Name: "employer", Before: "job_role", Cells: employers}},
	Narrow:  narrow[Person]("people"), Doings: saveAsList("people"), Bulk: gather("people"),
	Beside:  []record.Place{{Text: "contacts.company.list_short", Path: ""}, {Text: "contacts.person.list_short", Path: "/people"}},
	Created: func(c record.Change) store.Event { return ContactCreated{c} },
	Updated: func(c record.Change) store.Event { return ContactUpdated{c} },
	Deleted: func(c record.Change) store.Event { return ContactDeleted{c} },
})

// Name is what a person is called.
func (p *Person) Name() string { return p.FirstName + " " + p.LastName }

func companyThere(ctx context.Context, r store.Reader, p *Person) error {
	seen, err := directory.List(ctx, r, identity.From(ctx), record.Query{IDs: []string{p.Company}, Limit: 1})
	form := fault.Form{}
	form.Need(err != nil || len(seen) > 0, "company", "contacts.person.no_company")
	return errors.Join(err, form.Err())
}

// billingOf are the others of the company who get its invoices: one at most.
func billingOf(ctx context.Context, r store.Reader, n *record.Noun[Person], p *Person) ([]*Person, error) {
	return n.List(ctx, r, nil, record.Query{Where: "company = ? AND billing = 1 AND id <> ?", Args: []any{p.Company, p.ID}})
}

// askBilling asks before somebody takes the invoices over.
func askBilling(ctx context.Context, r store.Reader, n *record.Noun[Person], before, p *Person) (*record.Question, error) {
	if !p.Billing || before != nil && before.Billing {
		return nil, nil
	}
	others, err := billingOf(ctx, r, n, p)
	if err != nil || len(others) == 0 {
		return nil, err
	}
	return &record.Question{Key: "contacts.person.replace_billing", Args: []any{"name", others[0].Name()}}, nil
}

// clearBilling takes the invoices away from whoever had them.
func clearBilling(ctx context.Context, tx *store.Tx, n *record.Noun[Person], _, p *Person) error {
	if !p.Billing {
		return nil
	}
	others, err := billingOf(ctx, tx, n, p)
	for _, other := range others {
		changed := *other
		changed.Billing = false
		err = errors.Join(err, n.Change(ctx, tx, other, &changed))
	}
	return err
}

// comeBack refuses to bring somebody back to a company that lies in the bin itself. Who gets the invoices meanwhile keeps
// them.
func comeBack(ctx context.Context, tx *store.Tx, p *Person) error {
	gone, err := directory.List(ctx, tx, nil, record.Query{IDs: []string{p.Company}, Bin: true, Limit: 1})
	if err != nil {
		return err
	}
	if len(gone) > 0 {
		return fault.New(fault.Conflict, "contacts.person.company_binned", "name", gone[0].LegalName)
	}
	if !p.Billing {
		return nil
	}
	done, err := tx.Exec(ctx, `UPDATE contacts_people SET billing = 0 WHERE id = ? AND EXISTS (SELECT 1 FROM contacts_people o
		WHERE o.company = contacts_people.company AND o.billing = 1 AND o.deleted_at IS NULL AND o.id <> contacts_people.id)`, p.ID)
	if err != nil {
		return err
	}
	n, err := done.RowsAffected()
	p.Billing = n == 0
	return err
}

// peopleOf are the people of a company, by name.
func peopleOf(v *web.Visit, company string) ([]*Person, error) {
	return people.List(v.Context(), v.DB, v.Person, record.Query{Where: "company = ?", Args: []any{company}, Limit: 500})
}

// faces shows who is known at each company.
func faces(v *web.Visit, all []*Company) (map[string]record.Cell, error) {
	ids := make([]any, len(all))
	for i, c := range all {
		ids[i] = c.ID
	}
	cells := map[string]record.Cell{}
	if len(ids) == 0 {
		return cells, nil
	}
	found, err := people.List(v.Context(), v.DB, v.Person, record.Query{Where: record.In("company", len(ids)), Args: ids, Limit: 5000})
	counts := map[string]int{}
	for _, p := range found {
		cell := cells[p.Company]
		counts[p.Company]++
		if len(cell.Faces) < 3 {
			cell.Faces = append(cell.Faces, record.FaceOf(p.Name(), p.ID))
		} else {
			cell.More++
		}
		cell.Text = strconv.Itoa(counts[p.Company])
		cells[p.Company] = cell
	}
	return cells, err
}

func employers(v *web.Visit, all []*Person) (map[string]record.Cell, error) {
	ids := make([]string, len(all))
	for i, p := range all {
		ids[i] = p.Company
	}
	names, err := companyNames(v.Context(), v.DB, ids)
	cells := map[string]record.Cell{}
	for _, p := range all {
		cells[p.ID] = record.Cell{Text: names[p.Company]}
	}
	return cells, err
}

// companyNames are the names of the companies by id.
func companyNames(ctx context.Context, r store.Reader, ids []string) (map[string]string, error) {
	names := map[string]string{}
	if len(ids) == 0 {
		return names, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	rows, err := r.Query(ctx, `SELECT id, legal_name FROM contacts_companies WHERE deleted_at IS NULL AND `+record.In("id", len(ids)), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, err
		}
		names[id] = name
	}
	return names, rows.Err()
}

// companyNamed is the id of the company with that name; a name nobody has stays, and the check refuses it.
func companyNamed(ctx context.Context, r store.Reader, name string) (string, error) {
	found, err := directory.List(ctx, r, identity.From(ctx), record.Query{Where: "title_key = ?", Args: []any{record.Fold(name)}, Limit: 1})
	if err != nil || len(found) == 0 {
		return name, err
	}
	return found[0].ID, nil
}

// A company's people go with it, come back with it and end with it.

func removePeople(ctx context.Context, tx *store.Tx, c *Company) error {
	all, err := people.List(ctx, tx, nil, record.Query{Where: "company = ?", Args: []any{c.ID}, Limit: 10_000})
	for _, p := range all {
		err = errors.Join(err, people.Remove(ctx, tx, p, c.ID))
	}
	return err
}

func restorePeople(ctx context.Context, tx *store.Tx, c *Company) error {
	return people.RestoreWith(ctx, tx, c.ID)
}

// purgePeople also ends those who went into the bin before their company.
func purgePeople(ctx context.Context, tx *store.Tx, c *Company) error {
	return people.Purge(ctx, tx, record.Query{Where: "company = ?", Args: []any{c.ID}})
}

func peopleLost(v *web.Visit, c *Company) ([]record.Loss, error) {
	all, err := peopleOf(v, c.ID)
	losses := make([]record.Loss, len(all))
	for i, p := range all {
		losses[i] = record.Loss{Icon: "users", Text: p.Name(), Note: p.JobRole}
	}
	return losses, err
}
