package app

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"runes.im/platform/blob"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// An archive is a ZIP of manifest.json, tenant.db, accounts.sealed and the larger contents as blobs/<sha256>.
const (
	archiveForm  = "runes tenant 1"
	manifestName = "manifest.json"
	databaseName = "tenant.db"
	accountsName = "accounts.sealed"
	blobFolder   = "blobs/"
	maxManifest  = 256 << 20
)

var blobEntry = regexp.MustCompile(`^blobs/[0-9a-f]{64}$`)

// manifest says what an archive holds, so that nothing is missing, added or changed on the way.
type manifest struct {
	Form    string            `json:"form"`
	Version string            `json:"version"` // of the program that wrote it
	MadeAt  time.Time         `json:"made_at"`
	ID      string            `json:"id"`
	Slug    string            `json:"slug"`
	Name    string            `json:"name"`
	Locale  string            `json:"locale"`
	Zone    string            `json:"zone"`
	Brand   string            `json:"brand"`
	Founded time.Time         `json:"founded"`
	Hosts   []string          `json:"hosts"`
	Schemas map[string]int    `json:"schemas"` // the newest migration of each
	Files   map[string]packed `json:"files"`
}

// packed is one file of the archive.
type packed struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// archiver writes an archive.
type archiver struct {
	zip *zip.Writer
	m   *manifest
}

// add writes one file; contents and databases hardly shrink, so only the database is pressed.
func (a *archiver) add(name string, r io.Reader, method uint16) error {
	w, err := a.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: a.m.MadeAt})
	if err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, sum), r)
	a.m.Files[name] = packed{Size: n, SHA256: hex.EncodeToString(sum.Sum(nil))}
	return err
}

func (a *archiver) addFile(name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return a.add(name, f, zip.Deflate)
}

// contents adds every content that is a file of its own and that the copied database names.
func (a *archiver) contents(ctx context.Context, t *tenant.Tenant, db *store.DB) error {
	rows, err := db.Query(ctx, `SELECT id FROM blob_contents WHERE size > ? AND uses > 0 ORDER BY id`, blob.Inline)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return err
		}
		c, err := t.Blobs.Read(ctx, db, id)
		if err != nil {
			return err
		}
		err = a.add(blobFolder+id, c, zip.Store)
		if err := errors.Join(err, c.Close()); err != nil {
			return err
		}
		if a.m.Files[blobFolder+id].SHA256 != id {
			return fmt.Errorf("content %s: the bytes do not match its name", id)
		}
	}
	return rows.Err()
}

func (a *archiver) finish() error {
	w, err := a.zip.Create(manifestName)
	if err != nil {
		return err
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return errors.Join(e.Encode(a.m), a.zip.Close())
}

// archive is one that is read.
type archive struct {
	zip   *zip.ReadCloser
	m     manifest
	files map[string]*zip.File
}

func openArchive(path string) (_ *archive, err error) {
	a := &archive{files: map[string]*zip.File{}}
	if a.zip, err = zip.OpenReader(path); err != nil {
		return nil, damaged(err.Error())
	}
	defer func() {
		if err != nil {
			a.zip.Close()
		}
	}()
	for _, f := range a.zip.File {
		if a.files[f.Name] != nil {
			return nil, damaged(f.Name + " is there twice")
		}
		a.files[f.Name] = f
	}
	if err := a.readManifest(); err != nil {
		return nil, err
	}
	delete(a.files, manifestName)
	for name, f := range a.files {
		if _, listed := a.m.Files[name]; !listed {
			return nil, damaged(name + " does not belong there")
		}
		if name != databaseName && name != accountsName && !blobEntry.MatchString(name) || !f.Mode().IsRegular() {
			return nil, damaged(name + " is no file of an archive")
		}
	}
	for name := range a.m.Files {
		if a.files[name] == nil {
			return nil, damaged(name + " is missing")
		}
	}
	if a.files[databaseName] == nil || a.files[accountsName] == nil {
		return nil, damaged("the database or the accounts are missing")
	}
	return a, nil
}

func (a *archive) readManifest() error {
	f := a.files[manifestName]
	if f == nil {
		return damaged(manifestName + " is missing")
	}
	r, err := f.Open()
	if err != nil {
		return damaged(err.Error())
	}
	defer r.Close()
	if err := json.NewDecoder(io.LimitReader(r, maxManifest)).Decode(&a.m); err != nil {
		return damaged(err.Error())
	}
	if a.m.Form != archiveForm {
		return damaged("its form is " + fmt.Sprintf("%q", a.m.Form))
	}
	return nil
}

// unpack puts the database and the contents into the folder of a tenant, each compared with the manifest and on stable storage
// before this returns.
func (a *archive) unpack(home string) error {
	folders := map[string]bool{home: true}
	for name := range a.m.Files {
		to := filepath.Join(home, databaseName)
		switch {
		case name == accountsName:
			continue
		case name != databaseName:
			id := name[len(blobFolder):]
			if a.m.Files[name].SHA256 != id {
				return damaged(name + " is not named after its bytes")
			}
			to = filepath.Join(home, "blobs", id[:2], id)
			if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
				return err
			}
			folders[filepath.Dir(to)], folders[filepath.Join(home, "blobs")] = true, true
		}
		out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		if err := errors.Join(a.copy(name, out), out.Sync(), out.Close()); err != nil {
			return err
		}
	}
	for folder := range folders {
		if err := syncFolder(folder); err != nil {
			return err
		}
	}
	return nil
}

// copy writes the file's bytes to w, never more than the manifest announced.
func (a *archive) copy(name string, w io.Writer) error {
	want := a.m.Files[name]
	r, err := a.files[name].Open()
	if err != nil {
		return damaged(err.Error())
	}
	defer r.Close()
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, sum), io.LimitReader(r, want.Size+1))
	var path *os.PathError
	switch {
	case errors.As(err, &path):
		return err // our own disk
	case err != nil:
		return damaged(name + ": " + err.Error())
	case n != want.Size || hex.EncodeToString(sum.Sum(nil)) != want.SHA256:
		return damaged(name + " was changed")
	}
	return nil
}

func (a *archive) Close() error { return a.zip.Close() }

func damaged(why string) error { return fault.New(fault.Invalid, "app.archive_form", "reason", why) }

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
