// Package attach keeps which folders of the file archive belong to which record. Files themselves are the storage
// rune's: without it there are none to show.
package attach

import (
	"context"
	"embed"
	"io"
	"slices"

	"runes.im/platform/fault"
	"runes.im/platform/slot"
	"runes.im/platform/store"
)

//go:embed migrations
var migrations embed.FS

// Schema holds the folders.
var Schema = store.Embedded("attach", migrations, "migrations")

// MaxFile is how large one attachment may be, in bytes.
const MaxFile = 100_000_000

// Box is the files of one record.
type Box struct {
	asker   slot.Asker
	archive *slot.FileArchive // nil: no rune keeps files now
	kind    string
	record  string
	Folders []slot.Ref // after a merge there are several
}

// Open is the files of the record. They are there when a rune keeps files.
func Open(ctx context.Context, a slot.Asker, kind, record string) (*Box, error) {
	b := &Box{asker: a, kind: kind, record: record}
	archives, err := slot.FileArchives.Ask(ctx, a)
	if err != nil {
		return nil, err
	}
	for _, one := range slot.Only(archives) {
		if one.Folder != nil {
			b.archive = &one
			break
		}
	}
	b.Folders, err = foldersOf(ctx, a.Tenant.DB, kind, record)
	return b, err
}

// Sleeps reports that no rune keeps files now.
func (b *Box) Sleeps() bool { return b.archive == nil }

func foldersOf(ctx context.Context, r store.Reader, kind, record string) ([]slot.Ref, error) {
	rows, err := r.Query(ctx, `SELECT folder FROM attach_folders WHERE kind = ? AND record = ? ORDER BY folder LIMIT 100`, kind, record)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []slot.Ref
	for rows.Next() {
		ref := slot.Ref{Kind: "file"}
		if err := rows.Scan(&ref.ID); err != nil {
			return nil, err
		}
		all = append(all, ref)
	}
	return all, rows.Err()
}

// Files are those of the record, the newest first. A folder that somebody put into the trash has none.
func (b *Box) Files(ctx context.Context) ([]slot.File, error) {
	var all []slot.File
	if b.Sleeps() {
		return nil, nil
	}
	for _, folder := range b.Folders {
		found, err := b.archive.List(ctx, b.asker, folder)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		all = append(all, found...)
	}
	slices.SortStableFunc(all, func(one, other slot.File) int { return other.ChangedAt.Compare(one.ChangedAt) })
	return all, nil
}

// Add keeps a file. The record's folder is made with its first one: above are the folders it lies in, name is its own.
func (b *Box) Add(ctx context.Context, above []string, name, file string, content io.Reader, length int64) error {
	if b.Sleeps() {
		return fault.New(fault.NotFound, "web.not_found")
	}
	for _, folder := range b.Folders {
		if _, err := b.archive.Put(ctx, b.asker, folder, file, content, length); !fault.Is(err, fault.NotFound) {
			return err // a folder in the trash is found before anything is read
		}
	}
	folder, err := b.archive.Folder(ctx, b.asker, above, name)
	if err != nil {
		return err
	}
	err = b.asker.Tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO attach_folders (folder, kind, record) VALUES (?, ?, ?)`, folder.ID, b.kind, b.record)
		return err
	})
	if err != nil {
		return err
	}
	b.Folders = append(b.Folders, folder)
	_, err = b.archive.Put(ctx, b.asker, folder, file, content, length)
	return err
}

// Read opens a file of the record.
func (b *Box) Read(ctx context.Context, id string) (f slot.File, content io.ReadSeekCloser, err error) {
	err = b.among(func(folder slot.Ref) error {
		f, content, err = b.archive.Open(ctx, b.asker, folder, id)
		return err
	})
	return f, content, err
}

// Remove puts a file of the record into the trash.
func (b *Box) Remove(ctx context.Context, id string) error {
	return b.among(func(folder slot.Ref) error { return b.archive.Remove(ctx, b.asker, folder, id) })
}

// Rename lets the folder follow the record's name.
func (b *Box) Rename(ctx context.Context, name string) error {
	if b.Sleeps() || len(b.Folders) == 0 {
		return nil
	}
	return b.archive.Rename(ctx, b.asker, b.Folders[0], name)
}

// among does it in the folder that has the file.
func (b *Box) among(do func(slot.Ref) error) error {
	err := error(fault.New(fault.NotFound, "web.not_found"))
	if b.Sleeps() {
		return err
	}
	for _, folder := range b.Folders {
		if err = do(folder); !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	return err
}

// Move gives the folders of one record to another; only those of ids, when there are any. It answers which went.
func Move(ctx context.Context, tx *store.Tx, kind, from, to string, ids []string) ([]string, error) {
	all, err := foldersOf(ctx, tx, kind, from)
	if err != nil {
		return nil, err
	}
	var moved []string
	for _, folder := range all {
		if ids != nil && !slices.Contains(ids, folder.ID) {
			continue
		}
		moved = append(moved, folder.ID)
		if _, err := tx.Exec(ctx, `UPDATE attach_folders SET record = ? WHERE folder = ?`, to, folder.ID); err != nil {
			return nil, err
		}
	}
	return moved, nil
}

// Forget lets the files of a record be files like others: they stay where they lie, since papers may have to be kept
// longer than the record.
func Forget(ctx context.Context, tx *store.Tx, kind, record string) error {
	_, err := tx.Exec(ctx, `DELETE FROM attach_folders WHERE kind = ? AND record = ?`, kind, record)
	return err
}
