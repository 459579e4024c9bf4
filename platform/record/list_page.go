package record

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"runes.im/platform/identity"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// pageSizes are how many records a page may hold; the first one is usual.
var pageSizes = []int{25, 50, 100}

// ListPage is what the part record_list draws.
type ListPage struct {
	Heading, Lead, Kind, Icon string
	Action                    string // address of the list
	NewHref, NewText          string // empty without the right
	ManageText                string
	Beside                    []Segment
	Search, SearchText        string
	Kept                      []Pair // what else the address says
	Filters                   Filters
	Heads                     []Head
	Choices                   []Choice // of columns
	Rows                      []Row
	Shown                     string
	Prev, Next                string
	Pages, Sizes              []Link
	Exports                   []Link
	Doings                    []Doing // of the rune
	ImportHref                string  // empty without the right
	Here                      string
	BinHref, RemoveHref       string
	Bulk                      []Doing
	More                      []Doing // pages about the whole list
	IsFiltered                bool
	EmptyTitle, EmptyText     string
}

// Doing is a button: beside "New", or above the chosen records.
type Doing struct {
	Text, Icon, Href string
	Page             bool   // a page of its own, no dialog
	Needs            int    // so many records have to be chosen, no more and no less; 0: any number
	Hint             string // says so
}

// Pair is a name with a value.
type Pair struct{ Name, Value string }

// Link leads somewhere.
type Link struct {
	Text, Href string
	Current    bool
}

// Segment is one of a few lists beside each other.
type Segment struct {
	Text, Href, Icon string
	Current, Bare    bool
	Count            int
}

// Filter is a chip: a menu of values, or the chosen ones with a way to take them back.
type Filter struct {
	Name, Text, Clear string
	Choices           []Link
}

// Filters are those of one list.
type Filters []Filter

// On is how many of them narrow the list.
func (all Filters) On() int {
	n := 0
	for _, f := range all {
		if f.Clear != "" {
			n++
		}
	}
	return n
}

// Head is a column's head; Sorted is what aria-sort says.
type Head struct{ Text, Href, Sorted string }

// Choice is a column that may be shown.
type Choice struct {
	Name, Text string
	On         bool
}

// Row is one record of the list.
type Row struct {
	ID, Name, Sub, Href, Small string
	Face                       Face
	Cells                      []Cell
}

// view is what the address of a list says.
type view struct {
	Query
	page, size int
	values     url.Values
	name       string // of the list that ?list= means
}

func (k *kind) asked(v *web.Visit) (view, error) {
	s := view{values: url.Values{}, page: 1, size: pageSizes[0]}
	s.Filters = map[string][]string{}
	for name, all := range v.Values() {
		f := k.field(strings.TrimPrefix(name, "f."))
		isFilter := strings.HasPrefix(name, "f.") && f != nil && f.filter
		if !isFilter && !slices.Contains([]string{"q", "sort", "size", "page", "list"}, name) || all[0] == "" {
			continue
		}
		s.values.Set(name, all[0])
		if isFilter {
			s.Filters[f.Name] = strings.Split(all[0], ",")
		}
	}
	s.Search = s.values.Get("q")
	s.Sort, s.Down = strings.CutPrefix(s.values.Get("sort"), "-")
	if n, err := strconv.Atoi(s.values.Get("size")); err == nil && slices.Contains(pageSizes, n) {
		s.size = n
	}
	if n, err := strconv.Atoi(s.values.Get("page")); err == nil && n > 1 && n < 100_000 {
		s.page = n
	}
	s.Limit, s.Offset = s.size, (s.page-1)*s.size
	id := s.values.Get("list")
	if id == "" || k.narrow == nil {
		s.values.Del("list")
		return s, nil
	}
	var err error
	s.Where, s.Args, s.name, err = k.narrow(v.Context(), v.DB, id)
	return s, err
}

// Filtered is the condition that a saved address means: q and f.… of a list, as the person at work sees the fields.
// What asks for a field that is gone, or that this person does not see, chooses nothing: it must not choose everything,
// nor tell what stands in there.
func (n *Noun[T]) Filtered(ctx context.Context, r store.Reader, saved url.Values) (where string, args []any, err error) {
	k, err := n.whole(ctx, r, identity.From(ctx))
	if err != nil {
		return "", nil, err
	}
	q := Query{Search: saved.Get("q"), Filters: map[string][]string{}}
	for name := range saved {
		field, isFilter := strings.CutPrefix(name, "f.")
		f := k.field(field)
		switch {
		case !isFilter:
		case f == nil || f.derived:
			return "0", nil, nil
		default:
			q.Filters[f.Name] = strings.Split(saved.Get(name), ",")
		}
	}
	return k.condition(ctx, r, nil, q)
}

// link is the address of the list with some values changed; an empty one goes. Another choice begins at the first page.
func (k *kind) link(s view, rest string, pairs ...string) string {
	values := url.Values{}
	for name, all := range s.values {
		if name != "page" {
			values.Set(name, all[0])
		}
	}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "" {
			values.Del(pairs[i])
		}
	}
	address := k.at(rest)
	if len(values) > 0 {
		address += "?" + values.Encode()
	}
	return address
}

func (k *kind) showList(v *web.Visit) error {
	s, err := k.asked(v)
	if err != nil {
		return err
	}
	total, err := k.count(v.Context(), v.DB, v.Person, s.Query)
	if err != nil {
		return err
	}
	if last := max(1, (total+s.size-1)/s.size); s.page > last {
		s.page, s.Offset = last, (last-1)*s.size
	}
	var found []any
	if total > 0 { // else the rows would be looked through once more, for nothing
		if found, err = k.list(v.Context(), v.DB, v.Person, s.Query); err != nil {
			return err
		}
	}
	p := &ListPage{
		Heading: v.T(k.words + "list"), Kind: k.key, Icon: k.icon, Action: k.at(""), ManageText: v.T(k.words + "manage"), Here: v.Here(),
		Search: s.Search, SearchText: v.T(k.words + "search"), IsFiltered: s.Search != "" || len(s.Filters) > 0,
	}
	p.Lead = v.T(k.words+"count", "n", total)
	if v.Can(k.manage) {
		p.BinHref, p.RemoveHref = k.at("/bin"), k.at("/remove")
		if k.importable() {
			p.ImportHref = k.at("/import")
		}
		if !k.inside {
			p.NewHref, p.NewText = k.at("/new"), v.T(k.words+"new")
		}
	}
	for _, name := range sorted(s.values) {
		if name != "q" && name != "page" {
			p.Kept = append(p.Kept, Pair{name, s.values.Get(name)})
		}
	}
	if err := k.fillTable(v, p, s, found); err != nil {
		return err
	}
	if p.Filters, err = k.filters(v, s); err != nil {
		return err
	}
	k.fillPager(v, p, s, total, len(found))
	p.EmptyTitle, p.EmptyText = v.T(k.words+"empty_title"), v.T(k.words+"empty_text")
	for _, b := range k.beside {
		p.Beside = append(p.Beside, Segment{Text: v.T(b.Text), Href: "/" + k.rune + b.Path, Current: b.Path == k.path})
	}
	for _, format := range formats {
		p.Exports = append(p.Exports, Link{Text: v.T("record.export_" + format), Href: k.link(s, "/export", "format", format)})
	}
	k.fillDoings(v, p, s)
	v.Title(p.Heading)
	v.Crumb(v.T(k.rune+".name"), "/"+k.rune)
	v.Crumb(p.Heading, "")
	return v.Page("record_list", p)
}

func sorted(values url.Values) []string {
	var names []string
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// fillTable writes heads and rows for the columns that the person chose.
func (k *kind) fillTable(v *web.Visit, p *ListPage, s view, found []any) error {
	chosen, err := k.chosen(v)
	if err != nil {
		return err
	}
	for _, f := range k.fields {
		if f.title {
			p.Heads = append(p.Heads, k.head(v, s, v.T(k.words+"one"), "title"))
			break
		}
	}
	for _, rec := range found {
		p.Rows = append(p.Rows, k.row(rec))
	}
	for _, c := range k.available() {
		on := slices.Contains(chosen, c.name)
		p.Choices = append(p.Choices, Choice{Name: c.name, Text: v.T(c.label), On: on})
		if !on {
			continue
		}
		p.Heads = append(p.Heads, k.head(v, s, v.T(c.label), c.sortBy))
		cells, err := c.cells(v, found)
		if err != nil {
			return err
		}
		for i := range p.Rows {
			cell := cells[p.Rows[i].ID]
			p.Rows[i].Cells = append(p.Rows[i].Cells, cell)
			if text := strings.TrimSpace(cell.Text + " " + cell.Muted); text != "" && strings.Count(p.Rows[i].Small, ", ") < 1 {
				p.Rows[i].Small = strings.TrimPrefix(p.Rows[i].Small+", "+text, ", ")
			}
		}
	}
	return nil
}

func (k *kind) row(rec any) Row {
	b := k.of(rec)
	name := k.title(rec)
	return Row{ID: b.ID, Name: name, Sub: k.joined(rec, func(f *Field) bool { return f.sub }, ", "), Href: k.href(rec), Face: FaceOf(name, b.ID)}
}

func (k *kind) head(v *web.Visit, s view, text, sortBy string) Head {
	if sortBy == "" {
		return Head{Text: text}
	}
	h := Head{Text: text}
	current := s.Sort
	if current == "" {
		current = "title"
	}
	next := sortBy
	if current == sortBy {
		h.Sorted = "ascending"
		if next = "-" + sortBy; s.Down {
			h.Sorted, next = "descending", sortBy
		}
	}
	if next == "title" {
		next = ""
	}
	h.Href = k.link(s, "", "sort", next)
	return h
}

// available are the columns that the list can show, in their order.
func (k *kind) available() []column {
	var all []column
	for _, f := range k.fields {
		for _, c := range k.extra {
			if c.before == f.Name {
				all = append(all, c)
			}
		}
		if f.title || f.hidden || f.Sort == "long" {
			continue
		}
		c := column{name: f.Name, label: f.Label, usual: f.list, cells: k.fieldCells(f)}
		if f.sort {
			c.sortBy = f.Name
		}
		all = append(all, c)
	}
	for _, c := range k.extra {
		if c.before == "" {
			all = append(all, c)
		}
	}
	return all
}

// fieldCells shows a field.
func (k *kind) fieldCells(f *Field) func(*web.Visit, []any) (map[string]Cell, error) {
	return func(v *web.Visit, all []any) (map[string]Cell, error) {
		cells := make(map[string]Cell, len(all))
		for _, rec := range all {
			cells[k.of(rec).ID] = k.cell(v, f, rec)
		}
		return cells, nil
	}
}

func (k *kind) cell(v *web.Visit, f *Field, rec any) Cell {
	text := f.text(rec)
	c := Cell{Text: k.shown(v, f, text)}
	switch f.Sort {
	case "url":
		c.Href = text
	case "email":
		if text != "" {
			c.Href = "mailto:" + text
		}
	case "member":
		if text != "" {
			who := FaceOf(c.Text, text)
			c.Who = &who
		}
	}
	return c
}
