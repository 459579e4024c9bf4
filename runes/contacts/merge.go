package contacts

import (
	"context"
	"slices"
	"strings"

	"runes.im/platform/record"
	"runes.im/platform/store"
)

// What two companies or two people are recognised by as one, and what moves when they become one.

func (c *Company) traits() []record.Trait {
	name := strings.Fields(c.NameKey)
	slices.Sort(name) // Robotics Alpine is Alpine Robotics
	return []record.Trait{
		{Name: "name", Value: strings.Join(name, " "), Points: 50, Near: 42},
		{Name: "vat", Value: c.VATKey, Points: 65},
		{Name: "domain", Value: c.Domain, Points: 45},
		{Name: "phone", Value: subscriber(c.Phone), Points: 35},
		{Name: "city", Value: record.Fold(c.City), Points: 10},
	}
}

func (p *Person) traits() []record.Trait {
	name := strings.Fields(record.Fold(p.Name()))
	slices.Sort(name)
	return []record.Trait{
		{Name: "name", Value: strings.Join(name, " "), Points: 35, Near: 28},
		{Name: "email", Value: strings.ToLower(p.Email), Points: 60},
		{Name: "phone", Value: subscriber(p.Phone), Points: 15},
		{Name: "company", Value: p.Company, Points: 20},
	}
}

// subscriber is the end of a telephone number: the same with and without its country.
func subscriber(phone string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
	if len(digits) < 7 {
		return ""
	}
	return digits[max(0, len(digits)-9):]
}

// mergeCompanies moves the people and the places on lists. There stays one who gets the invoices.
func mergeCompanies(ctx context.Context, tx *store.Tx, _ *record.Noun[Company], kept, gone *Company, m *record.Merge) error {
	all, err := people.List(ctx, tx, nil, record.Query{Where: "company = ?", Args: []any{gone.ID}, Limit: 10_000})
	if err != nil {
		return err
	}
	payers, err := people.Count(ctx, tx, nil, record.Query{Where: "company = ? AND billing = 1", Args: []any{kept.ID}})
	if err != nil {
		return err
	}
	for _, p := range all {
		moved := *p
		moved.Company = kept.ID
		if p.Billing && payers > 0 {
			moved.Billing = false
			m.Note("billing", p.ID)
		}
		m.Note("people", p.ID)
		if err := people.Change(ctx, tx, p, &moved); err != nil {
			return err
		}
	}
	if err := moveBinned(ctx, tx, gone.ID, kept.ID, m); err != nil {
		return err
	}
	return joinLists(ctx, tx, "companies", kept.ID, gone.ID, m)
}

// moveBinned takes those along who lie in the bin, so that they come back to a company that is there.
func moveBinned(ctx context.Context, tx *store.Tx, from, to string, m *record.Merge) error {
	ids, err := store.Texts(tx.Query(ctx, `UPDATE contacts_people SET company = ? WHERE company = ? AND deleted_at IS NOT NULL RETURNING id`, to, from))
	m.Note("binned", ids...)
	return err
}

// splitCompanies gives back whoever has not moved on since.
func splitCompanies(ctx context.Context, tx *store.Tx, _ *record.Noun[Company], kept, gone *Company, m *record.Merge) error {
	for _, id := range m.Noted("people") {
		found, err := people.List(ctx, tx, nil, record.Query{IDs: []string{id}, Where: "company = ?", Args: []any{kept.ID}})
		if err != nil {
			return err
		}
		for _, p := range found {
			back := *p
			back.Company = gone.ID
			back.Billing = p.Billing || slices.Contains(m.Noted("billing"), id)
			if err := people.Change(ctx, tx, p, &back); err != nil {
				return err
			}
		}
	}
	for _, id := range append(m.Noted("binned"), m.Noted("people")...) {
		_, err := tx.Exec(ctx, `UPDATE contacts_people SET company = ? WHERE id = ? AND company = ? AND deleted_at IS NOT NULL`, gone.ID, id, kept.ID)
		if err != nil {
			return err
		}
	}
	return leaveLists(ctx, tx, kept.ID, m)
}

func mergePeople(ctx context.Context, tx *store.Tx, _ *record.Noun[Person], kept, gone *Person, m *record.Merge) error {
	return joinLists(ctx, tx, "people", kept.ID, gone.ID, m)
}

func splitPeople(ctx context.Context, tx *store.Tx, _ *record.Noun[Person], kept, _ *Person, m *record.Merge) error {
	return leaveLists(ctx, tx, kept.ID, m)
}

// joinLists puts the record that is kept into the lists of the one that goes. That one keeps its places: it is out of
// sight, and has them when the two are two again.
func joinLists(ctx context.Context, tx *store.Tx, holds, kept, gone string, m *record.Merge) error {
	lists, err := store.Texts(tx.Query(ctx, `INSERT OR IGNORE INTO contacts_list_members (list, record)
		SELECT list, ? FROM contacts_list_members JOIN contacts_lists ON id = list WHERE record = ? AND holds = ? RETURNING list`, kept, gone, holds))
	m.Note("lists", lists...)
	return err
}

func leaveLists(ctx context.Context, tx *store.Tx, kept string, m *record.Merge) error {
	for _, list := range m.Noted("lists") {
		if _, err := tx.Exec(ctx, `DELETE FROM contacts_list_members WHERE list = ? AND record = ?`, list, kept); err != nil {
			return err
		}
	}
	return nil
}
