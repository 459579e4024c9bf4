package contacts

import (
	"context"
	"database/sql"
	"errors"
	"net/url"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/record"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// List is a choice of companies or people: those that somebody put into it, or all that its filter fits.
type List struct {
	record.Base
	Name   string `record:"name,need,max=100,title,search"`
	Holds  string `record:"holds,choice=companies|people,need,fixed,list,filter"`
	Filter string `record:"filter,max=2000,fixed,hidden"`
}

var lists = record.Declare(record.Noun[List]{
	Words: "contacts.list.", Plural: "lists", Path: "/lists", Icon: "list",
	View: "view_contacts", Manage: "manage_contacts",
	Scope:   listsInScope,
	Href:    func(l *List) string { return listed[l.Holds] + "?list=" + url.QueryEscape(l.ID) },
	Columns: []record.Column[List]{{Name: "made", Cells: howMade}},
})

// listed is where each sort of list is shown.
var listed = map[string]string{"companies": "/contacts", "people": "/contacts/people"}

func howMade(v *web.Visit, all []*List) (map[string]record.Cell, error) {
	cells := map[string]record.Cell{}
	for _, l := range all {
		cells[l.ID] = record.Cell{Text: v.T("contacts.list.static")}
		if l.Filter != "" {
			cells[l.ID] = record.Cell{Text: v.T("contacts.list.dynamic")}
		}
	}
	return cells, nil
}

// narrow is what ?list= means on a directory: the members, or whatever fits the filter now.
func narrow[T any](holds string) func(context.Context, store.Reader, *record.Noun[T], string) (string, []any, string, error) {
	return func(ctx context.Context, r store.Reader, n *record.Noun[T], id string) (where string, args []any, name string, err error) {
		scope, mine, err := listsInScope(ctx, r, identity.From(ctx))
		if err != nil {
			return "", nil, "", err
		}
		if scope == "" {
			scope = "1"
		}
		var filter string
		err = r.QueryRow(ctx, `SELECT name, filter FROM contacts_lists WHERE id = ? AND holds = ? AND deleted_at IS NULL AND (`+scope+`)`,
			append([]any{id, holds}, mine...)...).Scan(&name, &filter)
		if errors.Is(err, sql.ErrNoRows) {
			err = fault.New(fault.NotFound, "contacts.list.missing")
		}
		if err != nil {
			return "", nil, "", err
		}
		if filter == "" {
			return "id IN (SELECT record FROM contacts_list_members WHERE list = ?)", []any{id}, name, nil
		}
		saved, err := url.ParseQuery(filter)
		if err != nil {
			return "", nil, "", err
		}
		where, args, err = n.Filtered(ctx, r, saved)
		return where, args, name, err
	}
}

// saveAsList offers to keep what the address filters by.
func saveAsList(holds string) func(*web.Visit, url.Values) []record.Doing {
	return func(v *web.Visit, asked url.Values) []record.Doing {
		if id := asked.Get("list"); id != "" {
			at := "/contacts/lists/" + url.PathEscape(id)
			all := []record.Doing{{Text: v.T("contacts.card"), Icon: "id-card", Href: at + "/vcard", Page: true}}
			if v.Can("manage_contacts") {
				all = append(all, record.Doing{Text: v.T("contacts.list.edit"), Icon: "pencil", Href: at + "/edit"})
			}
			return all
		}
		saved := url.Values{}
		for name, all := range asked {
			if name != "sort" && name != "size" && name != "page" && name != "list" {
				saved[name] = all
			}
		}
		if len(saved) == 0 || !v.Can("manage_contacts") {
			return nil
		}
		as := url.Values{"holds": {holds}, "filter": {saved.Encode()}}
		return []record.Doing{{Text: v.T("contacts.list.save"), Icon: "list", Href: "/contacts/lists/new?" + as.Encode()}}
	}
}

// gather offers to put chosen records into a list, or to take them out of the one that is shown.
func gather(holds string) func(*web.Visit, url.Values) []record.Doing {
	return func(v *web.Visit, asked url.Values) []record.Doing {
		if !v.Can("manage_contacts") {
			return nil
		}
		all := []record.Doing{{Text: v.T("contacts.list.put"), Icon: "list", Href: "/contacts/lists/put/" + holds}}
		if id := asked.Get("list"); id != "" {
			all = append(all, record.Doing{Text: v.T("contacts.list.drop"), Icon: "x", Href: "/contacts/lists/" + url.PathEscape(id) + "/drop"})
		}
		return all
	}
}

// choosePage asks which list, or whether really.
type choosePage struct {
	web.Problems
	Heading, Text, Action, Back, Verb string
	IDs                               []string
	Lists                             []record.Option // nil: nothing to choose
}

const maxChosen = 100

func showPut(v *web.Visit) error {
	holds := v.Param("holds")
	static, err := lists.List(v.Context(), v.DB, v.Person, record.Query{Where: "holds = ? AND filter = ''", Args: []any{holds}, Limit: 500})
	if err != nil {
		return err
	}
	p := &choosePage{
		Heading: v.T("contacts.list.put"), Text: v.T("contacts.list.put_text"), Action: "/contacts/lists/put/" + url.PathEscape(holds),
		Back: "/contacts/lists", Verb: v.T("contacts.list.put"), IDs: v.Values()["id"],
	}
	if len(static) == 0 {
		p.Text, p.Verb = v.T("contacts.list.none"), ""
	}
	for _, l := range static {
		p.Lists = append(p.Lists, record.Option{Value: l.ID, Text: l.Name})
	}
	v.Title(p.Heading)
	return v.Page("choose_list", p)
}

func put(v *web.Visit) error {
	l, err := staticList(v, v.Form("list"))
	if err != nil {
		return err
	}
	return members(v, l, `INSERT OR IGNORE INTO contacts_list_members (list, record) SELECT ?, id FROM contacts_`+l.Holds+` WHERE id = ? AND deleted_at IS NULL`)
}

func showDrop(v *web.Visit) error {
	l, err := staticList(v, v.Param("id"))
	if err != nil {
		return err
	}
	p := &choosePage{
		Heading: v.T("contacts.list.drop"), Text: v.T("contacts.list.drop_text", "name", l.Name), Action: "/contacts/lists/" + l.ID + "/drop",
		Back: "/contacts/lists", Verb: v.T("contacts.list.drop"), IDs: v.Values()["id"],
	}
	v.Title(p.Heading)
	return v.Page("choose_list", p)
}

func drop(v *web.Visit) error {
	l, err := staticList(v, v.Param("id"))
	if err != nil {
		return err
	}
	return members(v, l, `DELETE FROM contacts_list_members WHERE list = ? AND record = ?`)
}

// staticList is a list that people fill.
func staticList(v *web.Visit, id string) (*List, error) {
	l, err := lists.One(v.Context(), v.DB, v.Person, id)
	if err == nil && l.Filter != "" {
		err = fault.New(fault.Invalid, "contacts.list.fills_itself", "name", l.Name)
	}
	return l, err
}

// members does a statement for the list and each chosen record, and shows the list.
func members(v *web.Visit, l *List, statement string) error {
	ids := v.Values()["id"]
	if len(ids) == 0 || len(ids) > maxChosen {
		return fault.New(fault.Invalid, "contacts.list.choose", "max", maxChosen)
	}
	ids, err := visible(v.Context(), v.DB, v.Person, l.Holds, ids)
	if err != nil {
		return err
	}
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		for _, id := range ids {
			if _, err := tx.Exec(ctx, statement, l.ID, id); err != nil {
				return err
			}
		}
		lists.Touch(ctx, tx, l.ID)
		return nil
	})
	if err != nil {
		return err
	}
	return v.Go(listed[l.Holds] + "?list=" + url.QueryEscape(l.ID))
}
