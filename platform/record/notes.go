package record

import (
	"context"
	"html/template"
	"slices"

	"runes.im/platform/audit"
	"runes.im/platform/identity"
	"runes.im/platform/note"
	"runes.im/platform/notify"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// Notes are what people wrote about a record, for the part record_notes.
type Notes struct {
	Rows     []NoteRow
	Add      string // where a new one goes; empty for those who only read
	Headline string
}

// NoteRow is a note as one person sees it.
type NoteRow struct {
	ID, Who, When      string
	Face               Face
	HTML               template.HTML
	Pinned, Mine       bool
	Edit, Remove, Pins string // addresses; empty: not for this person
}

// NotePage asks for the text of a note, or whether to remove it.
type NotePage struct {
	web.Problems
	Heading, Text, Action, Back string
	Members                     []Face // who can be mentioned
}

// mentionKind is the notification of somebody whom a note names.
const mentionKind = "record.mention"

// Mentions are what people choose channels for.
var Mentions = slot.Notice{Kind: mentionKind, Title: "record.mention_notice"}

// NotesOn are what people wrote about the record.
func (n *Noun[T]) NotesOn(v *web.Visit, rec *T) (*Notes, error) { return n.notesOf(v, rec) }

func (k *kind) notesOf(v *web.Visit, rec any) (*Notes, error) {
	b := k.of(rec)
	all, err := note.Of(v.Context(), v.DB, k.key, b.ID)
	if err != nil {
		return nil, err
	}
	everybody, err := v.People.Members(v.Context(), v.Tenant)
	if err != nil {
		return nil, err
	}
	called, members := map[string]string{}, []*identity.Person(nil)
	for _, p := range everybody {
		called[p.ID] = p.Name
		if p.Can(k.view) {
			members = append(members, p)
		}
	}
	s := &Notes{Headline: v.T("record.notes")}
	if v.Can(k.manage) {
		s.Add = k.at("/" + b.ID + "/notes/new")
	}
	for _, one := range all {
		at := k.at("/" + b.ID + "/notes/" + one.ID)
		row := NoteRow{ID: one.ID, Who: called[one.Author], When: v.When(one.MadeAt), HTML: note.HTML(one.Text, members), Pinned: one.Pinned}
		if row.Who == "" {
			row.Who = v.T("record.the_house")
		}
		row.Face, row.Mine = FaceOf(row.Who, one.Author), one.Author == v.Person.ID
		if one.Changed() {
			row.When = v.T("record.note_changed", "when", row.When, "changed", v.When(one.ChangedAt))
		}
		if v.Can(k.manage) {
			row.Pins = at + "/pin"
			if row.Mine {
				row.Edit, row.Remove = at+"/edit", at+"/remove"
			}
		}
		s.Rows = append(s.Rows, row)
	}
	return s, nil
}

// readers are the members who may see records of this kind.
func (k *kind) readers(v *web.Visit) ([]*identity.Person, error) {
	all, err := v.People.Members(v.Context(), v.Tenant)
	return slices.DeleteFunc(all, func(p *identity.Person) bool { return !p.Can(k.view) }), err
}

// notePages are the addresses of notes.
func (k *kind) notePages(get, post func(string, string, func(*kind, *web.Visit) error)) {
	get("/{id}/notes/new", k.manage, (*kind).showNewNote)
	post("/{id}/notes/new", k.manage, (*kind).addNote)
	get("/{id}/notes/{note}/edit", k.manage, (*kind).showNote)
	post("/{id}/notes/{note}/edit", k.manage, (*kind).changeNote)
	get("/{id}/notes/{note}/remove", k.manage, (*kind).showRemoveNote)
	post("/{id}/notes/{note}/remove", k.manage, (*kind).removeNote)
	post("/{id}/notes/{note}/pin", k.manage, (*kind).pinNote)
}

// noted is the record that a request is about, and its note when the address names one.
func (k *kind) noted(v *web.Visit) (rec any, one *note.Note, p *NotePage, err error) {
	if rec, err = k.one(v.Context(), v.DB, v.Person, v.Param("id"), false); err != nil {
		return nil, nil, nil, err
	}
	here := k.at("/" + k.of(rec).ID)
	p = &NotePage{Heading: v.T("record.note_new"), Action: here + "/notes/new", Back: here}
	if id := v.Param("note"); id != "" {
		if one, err = note.One(v.Context(), v.DB, k.key, k.of(rec).ID, id); err != nil {
			return nil, nil, nil, err
		}
		p.Heading, p.Action, p.Text = v.T("record.note_edit"), here+"/notes/"+one.ID+"/edit", one.Text
	}
	members, err := k.readers(v)
	for _, m := range members {
		p.Members = append(p.Members, FaceOf(m.Name, m.ID))
	}
	v.Title(p.Heading)
	return rec, one, p, err
}

// own is a note that the person wrote: others change nothing in it.
func (k *kind) own(v *web.Visit) (any, *note.Note, *NotePage, error) {
	rec, one, p, err := k.noted(v)
	if err == nil && one.Author != v.Person.ID {
		err = missing()
	}
	return rec, one, p, err
}

func (k *kind) showNewNote(v *web.Visit) error {
	_, _, p, err := k.noted(v)
	if err != nil {
		return err
	}
	return v.Page("record_note_form", p)
}

func (k *kind) addNote(v *web.Visit) error {
	rec, _, p, err := k.noted(v)
	if err != nil {
		return err
	}
	p.Text = v.Form("text")
	n := &note.Note{Kind: k.key, Record: k.of(rec).ID, Text: p.Text}
	err = k.writeNote(v, rec, "note_added", "", n, note.Add)
	if err != nil {
		return v.Again("record_note_form", p, err)
	}
	return v.Go(p.Back + "#note-" + n.ID)
}

func (k *kind) showNote(v *web.Visit) error {
	_, _, p, err := k.own(v)
	if err != nil {
		return err
	}
	return v.Page("record_note_form", p)
}

func (k *kind) changeNote(v *web.Visit) error {
	rec, one, p, err := k.own(v)
	if err != nil {
		return err
	}
	before := one.Text
	p.Text = v.Form("text")
	one.Text = p.Text
	if err := k.writeNote(v, rec, "note_changed", before, one, note.Change); err != nil {
		return v.Again("record_note_form", p, err)
	}
	return v.Go(p.Back + "#note-" + one.ID)
}

func (k *kind) showRemoveNote(v *web.Visit) error {
	_, one, p, err := k.own(v)
	if err != nil {
		return err
	}
	p.Heading, p.Action = v.T("record.note_remove"), p.Back+"/notes/"+one.ID+"/remove"
	v.Title(p.Heading)
	return v.Page("record_note_remove", p)
}

func (k *kind) removeNote(v *web.Visit) error {
	rec, one, p, err := k.own(v)
	if err != nil {
		return err
	}
	if err := k.writeNote(v, rec, "note_removed", one.Text, one, note.Remove); err != nil {
		return err
	}
	return v.Go(p.Back)
}

func (k *kind) pinNote(v *web.Visit) error {
	rec, one, p, err := k.noted(v)
	if err != nil {
		return err
	}
	deed := "note_pinned"
	if one.Pinned {
		deed = "note_unpinned"
	}
	err = k.writeNote(v, rec, deed, one.Text, one, func(ctx context.Context, tx *store.Tx, n *note.Note) error {
		return note.Pin(ctx, tx, n, !n.Pinned)
	})
	if err != nil {
		return err
	}
	return v.Go(p.Back + "#note-" + one.ID)
}

// writeNote does the deed, tells the history and the open pages, and those whom the text names and the one before did
// not. The log says that there was a note, not what it said: that ends with the note.
func (k *kind) writeNote(v *web.Visit, rec any, deed, before string, n *note.Note, do func(context.Context, *store.Tx, *note.Note) error) error {
	members, err := k.readers(v)
	if err != nil {
		return err
	}
	known := note.Mentioned(before, members)
	b := k.of(rec)
	return v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		if err := do(ctx, tx, n); err != nil {
			return err
		}
		err := audit.Record(ctx, tx, audit.Entry{Action: k.key + "_" + deed, Object: k.object(b.ID), Title: k.title(rec), After: map[string]any{"note": n.ID}})
		if err != nil {
			return err
		}
		k.show(ctx, tx, b.ID)
		if deed != "note_added" && deed != "note_changed" {
			return nil
		}
		for _, p := range note.Mentioned(n.Text, members) {
			if slices.Contains(known, p) {
				continue
			}
			// Who may not see this one does not learn of it either.
			if seen, err := k.count(ctx, tx, p, Query{IDs: []string{b.ID}}); err != nil || seen == 0 {
				if err != nil {
					return err
				}
				continue
			}
			err := notify.Send(ctx, tx, notify.Note{
				To: p.ID, Kind: mentionKind, Icon: "at-sign", Args: []string{"name", k.title(rec)}, Link: k.at("/"+b.ID) + "#note-" + n.ID,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// WriteNote writes a note in the name of the member who acts, for the rune's own code.
func (n *Noun[T]) WriteNote(ctx context.Context, tx *store.Tx, rec *T, text string, pinned bool) error {
	b := n.of(rec)
	one := &note.Note{Kind: n.key, Record: b.ID, Text: text, Pinned: pinned}
	if err := note.Add(ctx, tx, one); err != nil {
		return err
	}
	n.show(ctx, tx, b.ID)
	return audit.Record(ctx, tx, audit.Entry{Action: n.key + "_note_added", Object: n.object(b.ID), Title: n.title(rec), After: map[string]any{"note": one.ID}})
}
