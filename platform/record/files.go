package record

import (
	"bytes"
	"context"
	"encoding/json"
	"html/template"
	"io"
	"net/http"
	"strings"
	"time"

	"runes.im/platform/attach"
	"runes.im/platform/audit"
	"runes.im/platform/fault"
	"runes.im/platform/job"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
)

// Files are what lies in the file archive for a record, for the part record_files.
type Files struct {
	Rows []FileRow
	Add  string       // where a new one goes; empty for those who only read
	Open template.URL // the folder in the File Browser, for those who may see it there
	More *GetMore     // when no rune keeps files
	Note string       // how large one may be
}

// FileRow is a file as one person sees it.
type FileRow struct{ Name, Size, When, Href, Remove string }

// FilePage asks whether to remove a file.
type FilePage struct {
	web.Problems
	Heading, Text, Action, Back string
}

// FilesOf are the files of the record.
func (n *Noun[T]) FilesOf(v *web.Visit, rec *T) (*Files, error) {
	k, b := n.kind, n.of(rec)
	box, err := attach.Open(v.Context(), v.Asker(), k.key, b.ID)
	if err != nil {
		return nil, err
	}
	if box.Sleeps() {
		more := &GetMore{Title: v.T("record.files_sleep"), Text: v.T("record.files_sleep_text"), Icon: "paperclip"}
		if v.Can("manage_runes") {
			more.Get = "/get/storage"
		}
		return &Files{More: more}, nil
	}
	all, err := box.Files(v.Context())
	if err != nil {
		return nil, err
	}
	f := &Files{Note: v.T("record.files_note", "size", v.Size(attach.MaxFile))}
	here := k.at("/" + b.ID + "/files")
	if v.Can(k.manage) {
		f.Add = here
	}
	for _, one := range all {
		row := FileRow{Name: one.Name, Size: v.Size(one.Size), When: v.When(one.ChangedAt), Href: here + "/" + one.ID}
		if f.Add != "" {
			row.Remove = row.Href + "/remove"
		}
		f.Rows = append(f.Rows, row)
	}
	f.Open, err = shownInFiles(v, box)
	return f, err
}

// shownInFiles is where the person finds the folder among the files, empty for who may not see it there.
func shownInFiles(v *web.Visit, box *attach.Box) (template.URL, error) {
	resolvers, err := slot.RefTitles.Ask(v.Context(), v.Asker())
	for _, r := range slot.Only(resolvers) {
		if err != nil || r.Kind != "file" || len(box.Folders) == 0 {
			continue
		}
		found, broken := r.Resolve(v.Context(), v.Asker(), []string{box.Folders[0].ID})
		if broken != nil {
			return "", broken
		}
		return found[box.Folders[0].ID].Href, nil
	}
	return "", err
}

// filePages are the addresses of a record's files.
func (k *kind) filePages(r *web.Router, at func(string) string) {
	r.Put(at("/{id}/files"), k.manage, k.page((*kind).sendFile))
	r.Post(at("/{id}/files"), k.manage, k.page((*kind).postFile))
	r.Get(at("/{id}/files/{file}"), k.view, k.page((*kind).showFile))
	r.Get(at("/{id}/files/{file}/remove"), k.manage, k.page((*kind).showRemoveFile))
	r.Post(at("/{id}/files/{file}/remove"), k.manage, k.page((*kind).removeFile))
}

func (k *kind) box(v *web.Visit) (rec any, box *attach.Box, err error) {
	if rec, err = k.one(v.Context(), v.DB, v.Person, v.Param("id"), false); err != nil {
		return nil, nil, err
	}
	box, err = attach.Open(v.Context(), v.Asker(), k.key, k.of(rec).ID)
	return rec, box, err
}

// sendFile takes a file that a script sends, as large as it is allowed to be.
func (k *kind) sendFile(v *web.Visit) error {
	if err := k.addFile(v, v.Query("name"), v.Request.Body, v.Request.ContentLength); err != nil {
		return err
	}
	return v.JSON(http.StatusCreated, map[string]string{})
}

// postFile takes files of a form, where no script runs.
func (k *kind) postFile(v *web.Visit) error {
	back := k.at("/" + v.Param("id"))
	for _, one := range v.Files("file") {
		content, err := one.Open()
		if err != nil {
			return err
		}
		err = k.addFile(v, one.Filename, content, one.Size)
		content.Close()
		if err != nil {
			return err
		}
	}
	return v.Go(back + "#files")
}

func (k *kind) addFile(v *web.Visit, name string, content io.Reader, length int64) error {
	rec, box, err := k.box(v)
	if err != nil {
		return err
	}
	if length > attach.MaxFile {
		return fault.New(fault.TooLarge, "record.file_large", "size", v.Size(attach.MaxFile))
	}
	if at := strings.LastIndexAny(name, `/\`); at >= 0 {
		name = name[at+1:]
	}
	limited := &limit{from: content, left: attach.MaxFile, fault: fault.New(fault.TooLarge, "record.file_large", "size", v.Size(attach.MaxFile))}
	if err := box.Add(v.Context(), []string{k.archived}, k.title(rec), name, limited, length); err != nil {
		return err
	}
	return k.noteFile(v, rec, "file_added", name)
}

// limit ends a content that is longer than it may be.
type limit struct {
	from  io.Reader
	left  int64
	fault error
}

// Read is what io.Reader asks for.
func (l *limit) Read(to []byte) (int, error) {
	n, err := l.from.Read(to)
	if l.left -= int64(n); l.left < 0 {
		return 0, l.fault
	}
	return n, err
}

func (k *kind) showFile(v *web.Visit) error {
	_, box, err := k.box(v)
	if err != nil {
		return err
	}
	f, content, err := box.Read(v.Context(), v.Param("file"))
	if err != nil {
		return err
	}
	defer content.Close()
	v.Attachment(f.Name, content, f.ChangedAt, `"`+f.ETag+`"`)
	return nil
}

func (k *kind) filePage(v *web.Visit) (rec any, box *attach.Box, f slot.File, p *FilePage, err error) {
	if rec, box, err = k.box(v); err != nil {
		return rec, box, f, nil, err
	}
	f, content, err := box.Read(v.Context(), v.Param("file"))
	if err != nil {
		return rec, box, f, nil, err
	}
	content.Close()
	back := k.at("/" + k.of(rec).ID)
	p = &FilePage{Heading: v.T("record.file_remove", "name", f.Name), Action: back + "/files/" + f.ID + "/remove", Back: back, Text: v.T("record.file_remove_text")}
	v.Title(p.Heading)
	return rec, box, f, p, nil
}

func (k *kind) showRemoveFile(v *web.Visit) error {
	_, _, _, p, err := k.filePage(v)
	if err != nil {
		return err
	}
	return v.Page("record_file_remove", p)
}

func (k *kind) removeFile(v *web.Visit) error {
	rec, box, f, p, err := k.filePage(v)
	if err != nil {
		return err
	}
	if err := box.Remove(v.Context(), f.ID); err != nil {
		return err
	}
	if err := k.noteFile(v, rec, "file_removed", f.Name); err != nil {
		return err
	}
	return v.Go(p.Back + "#files")
}

// noteFile tells the history and the open pages.
func (k *kind) noteFile(v *web.Visit, rec any, deed, name string) error {
	return v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return k.tellFile(ctx, tx, rec, deed, name) })
}

func (k *kind) tellFile(ctx context.Context, tx *store.Tx, rec any, deed, name string) error {
	b := k.of(rec)
	k.show(ctx, tx, b.ID)
	return audit.Record(ctx, tx, audit.Entry{Action: k.key + "_" + deed, Object: k.object(b.ID), Title: k.title(rec), After: map[string]any{"file": name}})
}

// renaming is the job that lets folders follow the names of their records: files are no work for the write of a change.
func (k *kind) renaming() string { return k.rune + ".rename_folder_" + k.plural }

func (k *kind) followName(ctx context.Context, tx *store.Tx, before, rec any) error {
	if k.archived == "" || k.title(before) == k.title(rec) {
		return nil
	}
	return job.Start(ctx, tx, k.renaming(), k.of(rec).ID, time.Time{})
}

func (k *kind) renameFolder(ctx context.Context, payload []byte) error {
	var id string
	if err := json.Unmarshal(payload, &id); err != nil {
		return err
	}
	t := tenant.From(ctx)
	rec, err := k.one(ctx, t.DB, nil, id, false)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	box, err := attach.Open(ctx, slot.Asker{Tenant: t}, k.key, id)
	if err != nil {
		return err
	}
	return box.Rename(ctx, k.title(rec))
}

// Attach keeps a file for a record, for the rune's own code. Where no rune keeps files there is none.
func (n *Noun[T]) Attach(ctx context.Context, a slot.Asker, rec *T, name string, content []byte) error {
	box, err := attach.Open(ctx, a, n.key, n.of(rec).ID)
	if err != nil || box.Sleeps() {
		return err
	}
	if err := box.Add(ctx, []string{n.archived}, n.title(rec), name, bytes.NewReader(content), int64(len(content))); err != nil {
		return err
	}
	return a.Tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return n.kind.tellFile(ctx, tx, rec, "file_added", name)
	})
}
