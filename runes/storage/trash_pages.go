package storage

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// trashPage is what can be brought back.
type trashPage struct {
	order
	Lead                   string
	Rows                   []*trashRow
	Columns                []column
	Total                  int
	Shown                  string
	PreviousHref, NextHref string
	ScriptWords            string
}

type trashRow struct {
	fileRow
	From, Deleted string
}

// maxTrash is how many deleted things one page looks through.
const maxTrash = 5000

func showTrash(v *web.Visit) error {
	d, err := driveOf(v)
	if err != nil {
		return err
	}
	all, err := d.trash(v.Context(), v.DB, 0, maxTrash)
	if err != nil {
		return err
	}
	p := &trashPage{order: trashOrder(v), Total: len(all), Lead: v.T("storage.trash_lead", "n", int(trashFor.Hours()/24)), ScriptWords: scriptWords(v)}
	all = slices.DeleteFunc(all, func(t *trashed) bool {
		return !strings.Contains(strings.ToLower(t.Name), strings.ToLower(p.Filter))
	})
	slices.SortStableFunc(all, p.compare)
	page, _ := strconv.Atoi(v.Query("page")) // anything else is the first page
	page = max(0, min(page, len(all)/pageSize))
	from, to := page*pageSize, min((page+1)*pageSize, len(all))
	for _, t := range all[from:to] {
		p.Rows = append(p.Rows, trashRowOf(v, t))
	}
	p.Columns = p.columns(v, "/storage/trash", []heading{
		{"name", "storage.label_name"},
		{"from", "storage.deleted_from"},
		{"deleted", "storage.deleted_when"},
		{"size", "storage.size"},
	})
	if page > 0 {
		p.PreviousHref = "/storage/trash" + p.with("page", strconv.Itoa(page-1))
	}
	if to < len(all) {
		p.NextHref = "/storage/trash" + p.with("page", strconv.Itoa(page+1))
	}
	p.Shown = v.T("storage.shown", "first", v.Number(int64(from+1)), "last", v.Number(int64(to)), "all", v.Number(int64(len(all))))
	v.Title(v.T("storage.deleted_files"))
	v.Crumb(v.T("storage.name"), "/storage")
	v.Crumb(v.T("storage.deleted_files"), "")
	return v.Page("trash", p)
}

// trashOrder is newest first unless the address says otherwise.
func trashOrder(v *web.Visit) order {
	o := order{Sort: "deleted", Down: true, View: "list", Filter: strings.TrimSpace(v.Query("q"))}
	switch by := v.Query("sort"); by {
	case "name", "from", "deleted", "size":
		o.Sort, o.Down = by, v.Query("way") == "down"
	}
	return o
}

func (o *order) compare(a, b *trashed) int {
	by := 0
	switch o.Sort {
	case "name":
		by = strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	case "from":
		by = strings.Compare(a.From, b.From)
	case "size":
		by = int(max(-1, min(1, a.Size-b.Size)))
	default:
		by = a.DeletedAt.Compare(b.DeletedAt)
	}
	if o.Down {
		return -by
	}
	return by
}

func trashRowOf(v *web.Visit, t *trashed) *trashRow {
	l := lookOf(t.Name, t.Folder)
	row := &trashRow{From: t.From, Deleted: v.When(t.DeletedAt)}
	row.fileRow = fileRow{ID: t.ID, Name: t.Name, Icon: l.icon, Hue: l.hue, Bytes: t.Size, Size: v.Size(t.Size)}
	if t.Folder {
		row.Hue = folderHue(t.ID)
	}
	if t.From == "/" {
		row.From = v.T("storage.all_files")
	}
	row.Meta = v.T("storage.trash_meta", "when", row.Deleted, "from", row.From)
	return row
}

// restoreChosen brings things back to where they were, all or none.
func restoreChosen(v *web.Visit) error {
	ids := chosenIDs(v)
	if only := v.Form("only"); only != "" {
		ids = []string{only}
	}
	back, err := restoreAll(v, func(context.Context, store.Reader, *drive) ([]string, error) { return ids, nil })
	if err != nil {
		return err
	}
	v.Flash(restoredText(v, back), "")
	return v.Go("/storage/trash")
}

// undoRemove brings back what one deed of this person deleted, known by its time.
func undoRemove(v *web.Visit) error {
	at, err := clock.Parse(v.Query("at"))
	if err != nil {
		return fault.New(fault.NotFound, "storage.not_in_trash")
	}
	back, err := restoreAll(v, func(ctx context.Context, r store.Reader, d *drive) ([]string, error) {
		return store.Texts(r.Query(ctx, `SELECT CAST(node AS TEXT) FROM storage_trash WHERE deleted_by = ? AND deleted_at = ? ORDER BY node`,
			d.person.ID, clock.Text(at)))
	})
	if err != nil {
		return err
	}
	v.Flash(restoredText(v, back), "")
	return v.Go(folderHref(back[0].Parent))
}

func restoreAll(v *web.Visit, which func(context.Context, store.Reader, *drive) ([]string, error)) (back []*place, err error) {
	d, err := driveOf(v)
	if err != nil {
		return nil, err
	}
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		back = nil
		ids, err := which(ctx, tx, d)
		if err != nil {
			return err
		}
		for _, text := range ids {
			id, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return fault.New(fault.NotFound, "storage.not_in_trash")
			}
			at, err := d.restore(ctx, tx, id)
			if err != nil {
				return err
			}
			back = append(back, at)
		}
		if len(back) == 0 {
			return fault.New(fault.NotFound, "storage.not_in_trash")
		}
		return nil
	})
	return back, err
}

func restoredText(v *web.Visit, back []*place) string {
	if len(back) == 1 {
		return v.T("storage.restored_one", "name", back[0].Path.name(), "folder", back[0].Path.folder().String())
	}
	return v.T("storage.restored_n", "n", len(back))
}

// destroyForm names what is lost for good.
type destroyForm struct {
	web.Problems
	question
	IDs    []string
	Losses []*trashRow
	More   string
	Type   string // the word to type, empty when none is asked for
	Typed  string
}

func destroyQuestion(v *web.Visit) (*drive, *destroyForm, error) {
	const named = 5
	d, err := driveOf(v)
	if err != nil {
		return nil, nil, err
	}
	p := &destroyForm{IDs: chosenIDs(v), question: question{
		Text: v.T("storage.destroy_text"), Verb: v.T("storage.delete_forever"),
		Action: "/storage/trash/destroy", Back: "/storage/trash",
	}}
	if len(p.IDs) == 0 {
		return nil, nil, fault.New(fault.Malformed, "storage.nothing_chosen")
	}
	for _, text := range p.IDs {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, nil, fault.New(fault.NotFound, "storage.not_in_trash")
		}
		t, err := d.trashedByID(v.Context(), v.DB, id)
		if err != nil {
			return nil, nil, err
		}
		if len(p.Losses) < named {
			row := trashRowOf(v, t)
			row.Meta = row.Size
			p.Losses = append(p.Losses, row)
		}
	}
	p.Heading = v.T("storage.destroy_title", "n", len(p.IDs))
	if len(p.IDs) == 1 {
		p.Heading = v.T("storage.destroy_title_one", "name", p.Losses[0].Name)
	}
	if more := len(p.IDs) - len(p.Losses); more > 0 {
		p.More = v.T("storage.and_more", "n", more)
	}
	return d, p, nil
}

func showDestroy(v *web.Visit) error {
	_, p, err := destroyQuestion(v)
	if fault.Is(err, fault.Malformed) {
		v.Flash(v.T("storage.nothing_chosen"), "")
		return v.Go("/storage/trash")
	}
	if err != nil {
		return err
	}
	v.Title(p.Heading)
	return v.Page("destroy_form", p)
}

func destroy(v *web.Visit) error {
	d, p, err := destroyQuestion(v)
	if err != nil {
		return err
	}
	// A bite at a time, so that other people's writes get in between; all of them were looked up before the first.
	for ids := range slices.Chunk(p.IDs, bite) {
		err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
			for _, text := range ids {
				id, err := strconv.ParseInt(text, 10, 64)
				if err == nil {
					err = d.purge(ctx, tx, id)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	v.Flash(v.T("storage.destroyed_n", "n", len(p.IDs)), "")
	return v.Go("/storage/trash")
}

func emptyQuestion(v *web.Visit) (*drive, *destroyForm, error) {
	d, err := driveOf(v)
	if err != nil {
		return nil, nil, err
	}
	n, bytes, err := d.trashSum(v.Context(), v.DB)
	return d, &destroyForm{Type: v.T("storage.empty_word"), question: question{
		Heading: v.T("storage.empty_trash_title"),
		Text:    v.T("storage.empty_trash_text", "n", n, "size", v.Size(bytes)), Verb: v.T("storage.empty_trash"),
		Action: "/storage/trash/empty", Back: "/storage/trash",
	}}, err
}

// trashSum is how much lies in the trash of the person's own home: what emptying it removes.
func (d *drive) trashSum(ctx context.Context, r store.Reader) (n int, bytes int64, err error) {
	err = r.QueryRow(ctx, `SELECT count(*), coalesce(sum(n.size), 0) FROM storage_trash t JOIN storage_nodes n ON n.id = t.node
		WHERE t.space = ?`, d.home).Scan(&n, &bytes)
	return n, bytes, err
}

func showEmptyTrash(v *web.Visit) error {
	_, p, err := emptyQuestion(v)
	if err != nil {
		return err
	}
	v.Title(p.Heading)
	return v.Page("destroy_form", p)
}

func emptyWholeTrash(v *web.Visit) error {
	d, p, err := emptyQuestion(v)
	if err != nil {
		return err
	}
	v.Title(p.Heading)
	p.Typed = v.Form("typed")
	form := fault.Form{}
	form.Need(strings.EqualFold(strings.TrimSpace(p.Typed), p.Type), "typed", "storage.type_the_word", "word", p.Type)
	if err := form.Err(); err != nil {
		return v.Again("destroy_form", p, err)
	}
	for more := true; more; {
		err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
			more, err = d.emptyTrash(ctx, tx)
			return err
		})
		if err != nil {
			return err
		}
	}
	v.Flash(v.T("storage.trash_emptied"), "")
	return v.Go("/storage/trash")
}
