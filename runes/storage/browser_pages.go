package storage

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

const (
	pageSize = 100 // rows in one piece of a long list
	maxPage  = 1_000_000
	maxCards = 12 // more folders than this are rows
)

// browserPage is a folder, or a piece of one.
type browserPage struct {
	order
	Folder      folderHead
	Address     string // without order and filter
	Path        []crumb
	Cards, Rows []*fileRow
	Columns     []column
	Total       int // rows in all, cards not counted
	Page        int
	PageSize    int
	Shown       string
	MayCreate   bool
	Chosen      bool
	Quota       *quotaLine
	Inspector   *inspector
	PersonID    string
	ScriptWords string

	ListHref, GridHref, PreviousHref, NextHref, ListQuery string
}

type folderHead struct {
	ID   int64
	Name string
}

// crumb is a folder of the path; the last one has no Href.
type crumb struct {
	ID         int64
	Name, Href string
}

type quotaLine struct {
	Percent int64
	Text    string
}

func showTop(v *web.Visit) error {
	d, err := driveOf(v)
	if err != nil {
		return err
	}
	at, err := d.top(v.Context(), v.DB)
	if err != nil {
		return err
	}
	return showFolder(v, d, at, nil)
}

// showPlace is the lasting address of a file or folder: a folder opens, a file is shown chosen in its folder.
func showPlace(v *web.Visit) error {
	d, at, err := placeOf(v, v.Param("id"))
	if err != nil {
		return err
	}
	if at.Folder {
		if v.Query("details") == "" {
			return showFolder(v, d, at, nil)
		}
		return showFolder(v, d, at, at)
	}
	folder, err := d.find(v.Context(), v.DB, at.Path.folder())
	if err != nil {
		return err
	}
	return showFolder(v, d, folder, at)
}

// placeOf is the file or folder with that number in the visitor's drive.
func placeOf(v *web.Visit, number string) (*drive, *place, error) {
	d, err := driveOf(v)
	if err != nil {
		return nil, nil, err
	}
	at, err := d.byNumber(v.Context(), v.DB, number)
	return d, at, err
}

// byNumber is byID for a number as it stands in an address or a form.
func (d *drive) byNumber(ctx context.Context, r store.Reader, number string) (*place, error) {
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || id <= 0 {
		return nil, fault.New(fault.NotFound, "storage.not_found", "name", "")
	}
	if id == d.home {
		return d.top(ctx, r)
	}
	return d.byID(ctx, r, id)
}

func showFolder(v *web.Visit, d *drive, at, chosen *place) error {
	p, err := folderPage(v, d, at, chosen)
	if err != nil {
		return err
	}
	if p.Inspector, err = inspect(v, d, at); err == nil && chosen != nil {
		p.Inspector, err = inspect(v, d, chosen)
	}
	if err != nil {
		return err
	}
	if p.Quota, err = quotaOf(v, d, at); err != nil {
		return err
	}
	p.ScriptWords = scriptWords(v)
	p.Path = pathOf(v, d, at)
	p.remember(v)
	v.Title(p.Folder.Name)
	v.Crumb(v.T("storage.name"), "/storage")
	v.Crumb(v.T("storage.nav.files"), "")
	return v.Page("browser", p)
}

// folderPage is the head of a folder and its first rows, or those of ?page=.
func folderPage(v *web.Visit, d *drive, at, chosen *place) (*browserPage, error) {
	p := &browserPage{
		order: orderOf(v), Folder: folderHead{at.ID, at.Path.name()}, Address: folderHref(at.ID), PageSize: pageSize,
		MayCreate: at.inside.can(mayAddFile), PersonID: v.Person.ID,
	}
	if at.Path.isTop() {
		p.Folder.Name, p.Address = v.T("storage.all_files"), "/storage"
	}
	p.Page, _ = strconv.Atoi(v.Query("page")) // anything else is the first page
	p.Page = max(0, min(p.Page, maxPage))
	if err := p.fill(v, d, at); err != nil {
		return nil, err
	}
	for _, e := range append(p.Cards, p.Rows...) {
		e.Chosen = chosen != nil && e.ID == chosen.ID
		p.Chosen = p.Chosen || chosen != nil
	}
	p.links(v)
	return p, nil
}

// fill reads the wanted piece. A filter looks at every name of the folder; without one the database counts and cuts.
func (p *browserPage) fill(v *web.Visit, d *drive, at *place) error {
	ctx := v.Context()
	folders, all, err := d.numbers(ctx, v.DB, at)
	if err != nil {
		return err
	}
	l := p.listing()
	var places []*place
	if p.Filter != "" {
		if places, err = d.list(ctx, v.DB, at, l); err != nil {
			return err
		}
		places = matching(places, p.Filter)
		folders, all = countFolders(places), len(places)
	}
	cards := folders
	if cards > maxCards {
		cards = 0
	}
	p.Total = all - cards
	from, to := cards+p.Page*pageSize, cards+(p.Page+1)*pageSize
	if p.Page == 0 {
		from = 0
	}
	if p.Filter == "" {
		l.Offset, l.Limit = from, to-from
		if places, err = d.list(ctx, v.DB, at, l); err != nil {
			return err
		}
	} else {
		places = places[min(from, len(places)):min(to, len(places))]
	}
	return p.take(v, d, places, cards)
}

func (p *browserPage) take(v *web.Visit, d *drive, places []*place, cards int) error {
	inside, err := d.insides(v.Context(), v.DB, places)
	if err != nil {
		return err
	}
	for i, at := range places {
		e := rowOf(v, at, inside[at.ID])
		if p.Page == 0 && i < cards {
			p.Cards = append(p.Cards, e)
			continue
		}
		if at.Folder {
			e.Size = ""
		}
		p.Rows = append(p.Rows, e)
	}
	return nil
}

func matching(places []*place, filter string) []*place {
	var found []*place
	filter = strings.ToLower(filter)
	for _, at := range places {
		if strings.Contains(strings.ToLower(at.Path.name()), filter) {
			found = append(found, at)
		}
	}
	return found
}

func countFolders(places []*place) int {
	n := 0
	for _, at := range places {
		if at.Folder {
			n++
		}
	}
	return n
}

// links are the ways from this piece to others.
func (p *browserPage) links(v *web.Visit) {
	p.Columns = p.columns(v, p.Address, []heading{{"name", "storage.label_name"}, {"modified", "storage.modified"}, {"size", "storage.size"}})
	p.ListHref, p.GridHref = p.Address+p.with("view", "list"), p.Address+p.with("view", "grid")
	p.ListQuery = strings.TrimPrefix(p.with("", ""), "?")
	if p.Page > 0 {
		p.PreviousHref = p.Address + p.with("page", strconv.Itoa(p.Page-1))
	}
	if (p.Page+1)*pageSize < p.Total {
		p.NextHref = p.Address + p.with("page", strconv.Itoa(p.Page+1))
	}
	first, last := p.Page*pageSize+1, min((p.Page+1)*pageSize, p.Total)
	p.Shown = v.T("storage.shown", "first", v.Number(int64(first)), "last", v.Number(int64(last)), "all", v.Number(int64(p.Total)))
}

// showRows is one piece of a long folder, for the script that scrolls.
func showRows(v *web.Visit) error {
	d, at, err := placeOf(v, v.Param("id"))
	if err != nil {
		return err
	}
	p, err := folderPage(v, d, at, nil)
	if err != nil {
		return err
	}
	return v.Part("storage_piece", p)
}

// showIDs is the number of everything in the folder, in order: for choosing what is not on the page.
func showIDs(v *web.Visit) error {
	d, at, err := placeOf(v, v.Param("id"))
	if err != nil {
		return err
	}
	o := orderOf(v)
	places, err := d.list(v.Context(), v.DB, at, o.listing())
	if err != nil {
		return err
	}
	if o.Filter != "" {
		places = matching(places, o.Filter)
	}
	ids := make([]string, len(places))
	for i, one := range places {
		ids[i] = strconv.FormatInt(one.ID, 10)
	}
	return v.JSON(http.StatusOK, ids)
}

func pathOf(v *web.Visit, d *drive, at *place) []crumb {
	steps := []crumb{{ID: d.home, Name: v.T("storage.all_files"), Href: "/storage"}}
	for i := range at.Path {
		one := crumb{Name: at.Path[i]}
		// The chain of a mounted folder may begin above what the person sees: count from its end.
		if back := len(at.chain) - len(at.Path) + i; back >= 0 {
			one.ID = at.chain[back]
			one.Href = folderHref(one.ID)
		}
		steps = append(steps, one)
	}
	steps[len(steps)-1].Href = ""
	return steps
}

// quotaOf is how full the space of the folder is.
func quotaOf(v *web.Visit, d *drive, at *place) (*quotaLine, error) {
	s, err := d.space(v.Context(), v.DB, at)
	if err != nil || s.whole() <= 0 {
		return nil, err
	}
	return &quotaLine{Percent: min(100, s.Used*100/s.whole()), Text: v.T("storage.used_of", "used", v.Size(s.Used), "all", v.Size(s.whole()))}, nil
}

// scriptWords are the sentences that only the script says.
func scriptWords(v *web.Visit) string {
	texts := map[string]string{}
	for _, key := range scriptKeys {
		texts[strings.TrimPrefix(key, "storage.js_")] = v.T(key)
	}
	raw, err := json.Marshal(texts)
	if err != nil {
		return "{}" // texts always encode
	}
	return string(raw)
}

var scriptKeys = []string{
	"storage.js_selected_one", "storage.js_selected_other", "storage.js_conflict_title", "storage.js_conflict_text",
	"storage.js_conflict_folder", "storage.js_conflict_old", "storage.js_conflict_new", "storage.js_replace",
	"storage.js_replace_help", "storage.js_keep_both", "storage.js_skip", "storage.js_for_all_one",
	"storage.js_for_all_other", "storage.js_uploaded", "storage.js_skipped", "storage.js_choose_again",
	"storage.js_other_file", "storage.js_unreachable", "storage.js_unreadable", "storage.js_left", "storage.js_of", "storage.js_bytes",
	"storage.js_seconds", "storage.js_minutes",
}
