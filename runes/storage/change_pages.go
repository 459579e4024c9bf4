package storage

import (
	"context"
	"strconv"
	"strings"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// nameForm asks for the name of a new folder or another name for something.
type nameForm struct {
	web.Problems
	question
	Value      string
	SelectStem bool // mark the name without its ending
}

// question is what all forms that ask have in common: a page of their own, or the inside of a dialog.
type question struct {
	Heading string
	Dot     bool // the heading is no question
	Text    string
	Verb    string
	Action  string
	Back    string
}

func newFolderForm(v *web.Visit) (*drive, *place, *nameForm, error) {
	d, at, err := placeOf(v, v.Param("id"))
	if err != nil {
		return nil, nil, nil, err
	}
	if !at.Folder {
		return nil, nil, nil, fault.New(fault.NotFound, "storage.not_found", "name", at.Name)
	}
	if err := at.needInside(mayAddFolder); err != nil {
		return nil, nil, nil, err
	}
	return d, at, &nameForm{Value: v.T("storage.new_folder_name"), question: question{
		Heading: v.T("storage.new_folder"), Dot: true,
		Verb: v.T("storage.create_folder"), Action: "/storage/new/" + v.Param("id"), Back: folderHref(at.ID),
	}}, nil
}

func showNewFolder(v *web.Visit) error {
	_, _, p, err := newFolderForm(v)
	if err != nil {
		return err
	}
	v.Title(p.Heading)
	return v.Page("name_form", p)
}

func makeNewFolder(v *web.Visit) error {
	d, at, p, err := newFolderForm(v)
	if err != nil {
		return err
	}
	v.Title(p.Heading)
	p.Value = v.Form("name")
	name, err := formName(v.Form("name"))
	if err == nil {
		err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := d.makeFolder(ctx, tx, at.Path.join(name))
			return err
		})
	}
	if err != nil {
		return v.Again("name_form", p, atField(err, "name"))
	}
	return v.Go(folderHref(at.ID))
}

// formName is the clean spelling of a name that a person typed.
func formName(typed string) (string, error) { return cleanName(strings.TrimSpace(typed)) }

// atField turns what is wrong with a typed name into a problem of its field, so that the form comes back as it was.
func atField(err error, field string) error {
	f := fault.Of(err)
	if f == nil || f.Kind != fault.Malformed && f.Kind != fault.Conflict && f.Kind != fault.Precondition {
		return err
	}
	form := fault.Form{}
	form.Need(false, field, f.Key, f.Args...)
	return form.Err()
}

func renameForm(v *web.Visit) (*drive, *place, *nameForm, error) {
	d, at, err := placeOf(v, v.Param("id"))
	if err != nil {
		return nil, nil, nil, err
	}
	if err := at.need(mayRename); err != nil {
		return nil, nil, nil, err
	}
	return d, at, &nameForm{Value: at.Path.name(), SelectStem: !at.Folder, question: question{
		Heading: v.T("storage.rename_title"), Dot: true,
		Verb: v.T("storage.rename"), Action: "/storage/rename/" + v.Param("id"), Back: folderHref(at.Parent),
	}}, nil
}

func showRename(v *web.Visit) error {
	_, _, p, err := renameForm(v)
	if err != nil {
		return err
	}
	v.Title(p.Heading)
	return v.Page("name_form", p)
}

// rename takes the name from the form, or from the address when a toast takes a renaming back.
func rename(v *web.Visit) error {
	d, at, p, err := renameForm(v)
	if err != nil {
		return err
	}
	v.Title(p.Heading)
	if p.Value = v.Form("name"); !v.Values().Has("name") {
		p.Value = v.Query("name")
	}
	name, err := formName(p.Value)
	old := at.Path.name()
	if err == nil && name != old {
		err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, _, err := d.move(ctx, tx, at.Path, at.Path.folder().join(name), false)
			return err
		})
	}
	if err != nil {
		return v.Again("name_form", p, atField(err, "name"))
	}
	if name != old && v.Values().Has("name") {
		v.Flash(v.T("storage.renamed", "name", name), "/storage/rename/"+v.Param("id")+"?"+query("name", old))
	}
	return v.Go(folderHref(at.Parent))
}

// chosenIDs are the things a form is about: one field each, or all in one (a form has at most 1,000 fields).
func chosenIDs(v *web.Visit) []string {
	values := v.Request.URL.Query()["id"]
	if v.Request.Method != "GET" {
		values = append(values, v.Values()["id"]...)
	}
	ids := strings.FieldsFunc(strings.Join(append(values, v.Form("ids")), ","), func(r rune) bool { return r == ',' })
	seen := map[string]bool{}
	var once []string
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			once = append(once, id)
		}
	}
	return once
}

// chosenPlaces are the things a form is about. One that is not there, or not for this person, stops everything.
func (d *drive) chosenPlaces(ctx context.Context, r store.Reader, ids []string) ([]*place, error) {
	if len(ids) == 0 {
		return nil, fault.New(fault.Malformed, "storage.nothing_chosen")
	}
	found := make([]*place, len(ids))
	for i, id := range ids {
		at, err := d.byNumber(ctx, r, id)
		if err != nil {
			return nil, err
		}
		found[i] = at
	}
	return found, nil
}

// removeChosen puts things into the trash, all or none. They carry one time, by which the toast brings them back.
func removeChosen(v *web.Visit) error {
	d, err := driveOf(v)
	if err != nil {
		return err
	}
	ids := chosenIDs(v)
	now := clock.Now(v.Context())
	var gone []*place
	err = v.DB.Write(clock.With(v.Context(), func() time.Time { return now }), func(ctx context.Context, tx *store.Tx) error {
		if gone, err = d.chosenPlaces(clock.With(ctx, func() time.Time { return now }), tx, ids); err != nil {
			return err
		}
		for _, at := range gone {
			if _, err := d.remove(clock.With(ctx, func() time.Time { return now }), tx, at.Path); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	text := v.T("storage.deleted_n", "n", len(gone))
	if len(gone) == 1 {
		text = v.T("storage.deleted_one", "name", gone[0].Path.name())
	}
	v.Flash(text, "/storage/trash/undo?"+query("at", clock.Text(now)))
	return v.Go(backTo(v, gone[0].Parent, d))
}

// backTo is the folder that the form came from, by its number.
func backTo(v *web.Visit, parent int64, d *drive) string {
	if id, err := strconv.ParseInt(v.Form("folder"), 10, 64); err == nil {
		parent = id
	}
	if parent == 0 || parent == d.home {
		return "/storage"
	}
	return folderHref(parent)
}
