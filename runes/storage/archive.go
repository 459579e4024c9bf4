package storage

import (
	"bytes"
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/slot"
	"runes.im/platform/store"
)

// archive is what other runes keep files with: below the system folder, whoever they act for. Each of them asks its own
// rights first; in the File Browser the folder is there for those who manage the storage.
var archive = slot.FileArchive{
	Save: saveForRune, Folder: folderForRune, Put: putForRune, List: listForRune, Open: openForRune, Remove: removeForRune, Rename: renameForRune,
	Follow: followForRune, Drop: dropForRune,
}

// saveForRune keeps a file that another rune made below the system folder, whoever asked for it. A taken name gets a
// number: nothing that was generated is ever replaced.
func saveForRune(ctx context.Context, a slot.Asker, folder, name string, content []byte) (slot.Ref, error) {
	d, err := runeDrive(ctx, a)
	if err != nil {
		return slot.Ref{}, err
	}
	to, err := parsePath(folder)
	if err != nil {
		return slot.Ref{}, err
	}
	return d.keep(ctx, to, name, bytes.NewReader(content), int64(len(content)))
}

// runeDrive is the rune's own tree: the system folder is its home.
func runeDrive(ctx context.Context, a slot.Asker) (*drive, error) {
	var top int64
	err := a.Tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		top, err = systemFolder(ctx, tx)
		return err
	})
	if a.Person == nil {
		a.Person = new(identity.Person) // the house itself
	}
	return &drive{tenant: a.Tenant, person: a.Person, home: top, alone: true}, err
}

func (d *drive) keep(ctx context.Context, folder path, name string, content io.Reader, length int64) (slot.Ref, error) {
	name, err := cleanName(name)
	if err != nil {
		return slot.Ref{}, err
	}
	at, _, err := d.put(ctx, folder.join(name), content, upload{Length: length, MakeFolders: true, KeepBoth: true})
	if err != nil {
		return slot.Ref{}, err
	}
	return refOf(at), nil
}

func refOf(at *place) slot.Ref { return slot.Ref{Kind: "file", ID: strconv.FormatInt(at.ID, 10)} }

// folderForRune makes a folder with those above it. A taken name gets a number: it is somebody else's folder.
func folderForRune(ctx context.Context, a slot.Asker, above []string, name string) (slot.Ref, error) {
	d, err := runeDrive(ctx, a)
	if err != nil {
		return slot.Ref{}, err
	}
	var to path
	for _, part := range append(above, name) {
		to = append(to, fitting(part))
	}
	var made *place
	err = a.Tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := d.makeFolders(ctx, tx, to.folder()); err != nil {
			return err
		}
		if to, err = d.freePath(ctx, tx, to, true); err != nil {
			return err
		}
		made, err = d.makeFolder(ctx, tx, to)
		return err
	})
	if err != nil {
		return slot.Ref{}, err
	}
	return refOf(made), nil
}

// fitting is a name that a folder can have: what no system takes is left out.
func fitting(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' || r == 0x7f {
			return '-'
		}
		return r
	}, name)
	for len(name) > maxName-10 { // room for a number
		name = name[:len(name)-1]
	}
	name = strings.Trim(strings.ToValidUTF8(name, ""), " .")
	if clean, err := cleanName(name); err == nil {
		return clean
	}
	return "-"
}

// folder is a folder of the rune's tree by its ref.
func (d *drive) folder(ctx context.Context, ref slot.Ref) (*place, error) {
	id, err := strconv.ParseInt(ref.ID, 10, 64)
	if err != nil {
		return nil, noSuchFile(nil)
	}
	at, err := d.byID(ctx, d.tenant.DB, id)
	if err == nil && (!at.Folder || at.Path.isTop()) {
		err = noSuchFile(nil)
	}
	return at, err
}

// inFolder is a file directly in that folder.
func inFolder(ctx context.Context, a slot.Asker, folder slot.Ref, id string) (*drive, *place, error) {
	d, err := runeDrive(ctx, a)
	if err != nil {
		return nil, nil, err
	}
	in, err := d.folder(ctx, folder)
	if err != nil {
		return nil, nil, err
	}
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil, nil, noSuchFile(nil)
	}
	at, err := d.byID(ctx, a.Tenant.DB, number)
	if err == nil && (at.Folder || at.Parent != in.ID) {
		err = noSuchFile(nil)
	}
	return d, at, err
}

func putForRune(ctx context.Context, a slot.Asker, folder slot.Ref, name string, content io.Reader, length int64) (slot.Ref, error) {
	d, err := runeDrive(ctx, a)
	if err != nil {
		return slot.Ref{}, err
	}
	in, err := d.folder(ctx, folder)
	if err != nil {
		return slot.Ref{}, err
	}
	return d.keep(ctx, in.Path, name, content, length)
}

// listForRune lists the files of a folder, the newest first; folders in it belong to those who made them.
func listForRune(ctx context.Context, a slot.Asker, folder slot.Ref) ([]slot.File, error) {
	d, err := runeDrive(ctx, a)
	if err != nil {
		return nil, err
	}
	in, err := d.folder(ctx, folder)
	if err != nil {
		return nil, err
	}
	const most = 500
	found, err := d.list(ctx, a.Tenant.DB, in, listing{Order: "mtime", Down: true, Limit: most})
	var all []slot.File
	for _, at := range found {
		if !at.Folder {
			all = append(all, fileOf(at))
		}
	}
	return all, err
}

func fileOf(at *place) slot.File {
	return slot.File{ID: strconv.FormatInt(at.ID, 10), Name: at.Path.name(), Size: at.Size, ChangedAt: time.Unix(at.MTime, 0), ETag: at.ETag, By: at.StoredBy}
}

func openForRune(ctx context.Context, a slot.Asker, folder slot.Ref, id string) (slot.File, io.ReadSeekCloser, error) {
	d, at, err := inFolder(ctx, a, folder, id)
	if err != nil {
		return slot.File{}, nil, err
	}
	content, err := d.open(ctx, at)
	return fileOf(at), content, err
}

// removeForRune puts a file into the trash.
func removeForRune(ctx context.Context, a slot.Asker, folder slot.Ref, id string) error {
	d, at, err := inFolder(ctx, a, folder, id)
	if err != nil {
		return err
	}
	return a.Tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := d.remove(ctx, tx, at.Path)
		return err
	})
}

// renameForRune gives a folder another name; a taken one gets a number.
func renameForRune(ctx context.Context, a slot.Asker, folder slot.Ref, name string) error {
	d, err := runeDrive(ctx, a)
	if err != nil {
		return err
	}
	at, err := d.folder(ctx, folder)
	if err != nil || at.Path.name() == fitting(name) {
		if fault.Is(err, fault.NotFound) {
			return nil // somebody put it into the trash
		}
		return err
	}
	return d.rename(ctx, at, fitting(name))
}
