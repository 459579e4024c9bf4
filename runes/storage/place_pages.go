package storage

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// placeForm asks for the folder to move or copy to.
type placeForm struct {
	web.Problems
	question
	IDs    []string
	Tree   []*twig
	Reason string // why it could not be done
}

// twig is a folder of the picker's tree. Only the way to the current folder is open; others open on demand.
type twig struct {
	ID         int64
	Name       string
	Note       string
	OpenHref   string
	HasFolders bool
	Chosen     bool
	Refused    bool
	Children   []*twig
}

// saying is what moving and copying are called.
type saying struct{ verb, title, titleOne, text, done, doneOne string }

var sayings = map[string]saying{
	"move": {"storage.move", "storage.move_title", "storage.move_title_one", "storage.move_text", "storage.moved", "storage.moved_one"},
	"copy": {"storage.copy", "storage.copy_title", "storage.copy_title_one", "storage.copy_text", "storage.copied_things", "storage.copied_one"},
}

func query(name, value string) string { return url.Values{name: {value}}.Encode() }

func showMove(v *web.Visit) error { return showPicker(v, "move") }
func showCopy(v *web.Visit) error { return showPicker(v, "copy") }

func showPicker(v *web.Visit, deed string) error {
	d, err := driveOf(v)
	if err != nil {
		return err
	}
	p, err := picker(v, d, deed)
	if err != nil {
		return err
	}
	v.Title(p.Heading)
	return v.Page("place_form", p)
}

// picker opens the tree at ?open=, else at the folder the things lie in. A script with many things says how many (n)
// and where they lie (from), and brings their numbers with the form.
func picker(v *web.Visit, d *drive, deed string) (*placeForm, error) {
	ctx, ids, say := v.Context(), chosenIDs(v), sayings[deed]
	p := &placeForm{IDs: ids, question: question{Action: "/storage/" + deed, Verb: v.T(say.verb), Back: "/storage"}}
	var things []*place
	var err error
	n, _ := strconv.Atoi(v.Query("n")) // anything else is no number of things
	from := v.Query("from")
	if len(ids) > 0 {
		if things, err = d.chosenPlaces(ctx, v.DB, ids); err != nil {
			return nil, err
		}
		n, from = len(things), strconv.FormatInt(things[0].Parent, 10)
	}
	p.Heading = v.T(say.title, "n", n)
	if n == 1 && len(things) == 1 {
		p.Heading = v.T(say.titleOne, "name", things[0].Path.name())
	}
	p.Text = v.T(say.text)
	from = cmpOr(from, strconv.FormatInt(d.home, 10))
	at, err := d.byNumber(ctx, v.DB, from)
	if err != nil {
		return nil, err
	}
	p.Back = folderHref(at.ID)
	opened := at
	if open := v.Query("open"); open != "" {
		if opened, err = d.byNumber(ctx, v.DB, open); err != nil {
			return nil, err
		}
	}
	p.Tree, err = d.tree(v, opened, treeMarks{deed: deed, things: things, from: at.ID})
	return p, err
}

func cmpOr(a, b string) string {
	if a == "" || a == "0" {
		return b
	}
	return a
}

// treeMarks is what the tree shows besides names.
type treeMarks struct {
	deed   string
	things []*place
	from   int64
}

// tree is the whole drive as one trunk, open along the way to the folder.
func (d *drive) tree(v *web.Visit, opened *place, m treeMarks) ([]*twig, error) {
	top, err := d.top(v.Context(), v.DB)
	if err != nil {
		return nil, err
	}
	trunk := &twig{ID: top.ID, Name: v.T("storage.all_files"), HasFolders: true}
	m.mark(v, trunk, top)
	at, twigNow := top, trunk
	for i := 0; ; i++ {
		if twigNow.Children, err = d.twigs(v, at, m); err != nil {
			return nil, err
		}
		if i >= len(opened.Path) {
			break
		}
		next := slices.IndexFunc(twigNow.Children, func(t *twig) bool { return t.Name == opened.Path[i] })
		if next < 0 {
			break
		}
		if at, err = d.find(v.Context(), v.DB, opened.Path[:i+1]); err != nil {
			return nil, err
		}
		twigNow = twigNow.Children[next]
	}
	twigNow.Chosen = !twigNow.Refused
	return []*twig{trunk}, nil
}

// twigs are the folders in a folder.
func (d *drive) twigs(v *web.Visit, in *place, m treeMarks) ([]*twig, error) {
	const most = 500
	places, err := d.list(v.Context(), v.DB, in, listing{Order: "name", Limit: most})
	if err != nil {
		return nil, err
	}
	var all []*twig
	var ids []any
	for _, at := range places {
		if !at.Folder {
			break // folders come first
		}
		t := &twig{ID: at.ID, Name: at.Path.name()}
		t.OpenHref = "/storage/" + m.deed + "?" + m.query(at.ID)
		m.mark(v, t, at)
		all, ids = append(all, t), append(ids, at.ID)
	}
	more, err := withFolders(v.Context(), v.DB, ids)
	for _, t := range all {
		t.HasFolders = more[t.ID]
	}
	return all, err
}

func (m treeMarks) query(open int64) string {
	q := url.Values{"open": {strconv.FormatInt(open, 10)}, "from": {strconv.FormatInt(m.from, 10)}}
	for _, at := range m.things {
		q.Add("id", strconv.FormatInt(at.ID, 10))
	}
	return q.Encode()
}

// mark says what cannot be a target: a thing itself, a folder that takes nothing, and for moving the folder it is in.
func (m treeMarks) mark(v *web.Visit, t *twig, at *place) {
	for _, thing := range m.things {
		if thing.ID == at.ID {
			t.Refused, t.Note = true, v.T("storage.cannot_into_itself")
		}
	}
	if !at.inside.can(mayAddFile) {
		t.Refused, t.Note = true, v.T("storage.read_only")
	}
	if t.ID == m.from {
		t.Note = v.T("storage.is_here")
		t.Refused = t.Refused || m.deed == "move"
	}
}

// conflictForm asks what to do where a name is taken.
type conflictForm struct {
	web.Problems
	question
	Hidden     []hiddenField
	MayReplace bool
}

type hiddenField struct{ Name, Value string }

func moveChosen(v *web.Visit) error { return carryChosen(v, "move") }
func copyChosen(v *web.Visit) error { return carryChosen(v, "copy") }

// carryChosen moves or copies things into a folder, all or none. Where a name is taken it asks, unless it was told.
func carryChosen(v *web.Visit, deed string) error {
	d, err := driveOf(v)
	if err != nil {
		return err
	}
	ids := chosenIDs(v)
	into := v.Form("to")
	if into == "" {
		into = v.Query("to") // a toast that takes a move back
	}
	b := &batch{deed: deed, conflict: v.Form("conflict")}
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return b.run(ctx, tx, d, ids, into) })
	if taken := fault.Of(err); taken != nil && b.taken != "" {
		return askConflict(v, b, ids, into)
	}
	if err != nil {
		if fault.Of(err) == nil || len(ids) == 0 {
			return err
		}
		return againPicker(v, d, deed, err)
	}
	text := v.T(sayings[deed].done, "n", len(b.things), "folder", b.folderName(v))
	if len(b.things) == 1 {
		text = v.T(sayings[deed].doneOne, "name", b.things[0].Path.name(), "folder", b.folderName(v))
	}
	v.Flash(text, b.undo(deed))
	if deed == "copy" || v.Form("folder") == "" {
		return v.Go(folderHref(b.target.ID))
	}
	return v.Go(backTo(v, b.from, d))
}

// batch is one move or copy of several things.
type batch struct {
	deed, conflict string
	things         []*place
	made           []*place
	target         *place
	from           int64
	taken          string // the name that is in the way
	mayReplace     bool
}

func (b *batch) run(ctx context.Context, tx *store.Tx, d *drive, ids []string, into string) (err error) {
	b.made, b.taken = nil, ""
	if b.things, err = d.chosenPlaces(ctx, tx, ids); err != nil {
		return err
	}
	b.from = b.things[0].Parent
	if b.target, err = d.byNumber(ctx, tx, into); err != nil {
		return err
	}
	if !b.target.Folder {
		return fault.New(fault.NotFound, "storage.not_found", "name", b.target.Name)
	}
	for _, at := range b.things {
		made, err := b.one(ctx, tx, d, at)
		if err != nil {
			return err
		}
		b.made = append(b.made, made)
	}
	return nil
}

func (b *batch) one(ctx context.Context, tx *store.Tx, d *drive, at *place) (*place, error) {
	to := b.target.Path.join(at.Path.name())
	if b.deed == "move" && at.Parent == b.target.ID {
		return nil, fault.New(fault.Conflict, "storage.already_here", "name", at.Path.name())
	}
	there, err := d.spot(ctx, tx, to)
	if err != nil {
		return nil, err
	}
	overwrite := false
	if there.There != nil {
		same := there.There.ID == at.ID // a copy beside itself always gets a number
		switch {
		case b.conflict == "keep" || same:
			if to, err = d.freePath(ctx, tx, to, at.Folder); err != nil {
				return nil, err
			}
		case b.conflict == "replace" && !there.There.Folder && !at.Folder:
			overwrite = true
		default:
			b.taken, b.mayReplace = at.Path.name(), !there.There.Folder && !at.Folder
			return nil, fault.New(fault.Conflict, "storage.name_taken", "name", b.taken)
		}
	}
	var made *place
	if b.deed == "move" {
		made, _, err = d.move(ctx, tx, at.Path, to, overwrite)
	} else {
		made, _, err = d.copy(ctx, tx, at.Path, to, overwrite, false)
	}
	return made, err
}

func (b *batch) folderName(v *web.Visit) string {
	if b.target.Path.isTop() {
		return v.T("storage.all_files")
	}
	return b.target.Path.name()
}

// undo is the address that takes the deed back, as long as it fits into a toast: moves go back where they came from,
// copies into the trash. A replaced file is not brought back that way, so then there is none.
func (b *batch) undo(deed string) string {
	const most = 60
	if len(b.made) > most || b.conflict == "replace" {
		return ""
	}
	var ids []string
	for _, at := range b.made {
		ids = append(ids, strconv.FormatInt(at.ID, 10))
	}
	list := url.QueryEscape(strings.Join(ids, ","))
	if deed == "copy" {
		return "/storage/delete?id=" + list
	}
	return "/storage/move?to=" + strconv.FormatInt(b.from, 10) + "&id=" + list
}

func askConflict(v *web.Visit, b *batch, ids []string, into string) error {
	p := &conflictForm{MayReplace: b.mayReplace, question: question{
		Heading: v.T("storage.conflict_title", "name", b.taken),
		Text:    v.T("storage.conflict_text", "folder", b.folderName(v)), Action: "/storage/" + b.deed, Back: folderHref(b.from),
	}}
	p.Hidden = []hiddenField{{"ids", strings.Join(ids, ",")}, {"to", into}, {"folder", v.Form("folder")}}
	v.Title(p.Heading)
	taken := fault.Form{}
	taken.Need(false, "conflict", "storage.name_taken", "name", b.taken)
	return v.Again("conflict_form", p, taken.Err())
}

// againPicker shows the tree once more with the reason above it.
func againPicker(v *web.Visit, d *drive, deed string, err error) error {
	p, wrong := picker(v, d, deed)
	if wrong != nil {
		return err
	}
	form := fault.Form{}
	f := fault.Of(err)
	form.Need(false, "to", f.Key, f.Args...)
	v.Title(p.Heading)
	p.Reason = v.T(f.Key, f.Args...)
	return v.Again("place_form", p, form.Err())
}
