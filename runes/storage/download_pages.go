package storage

import (
	"archive/zip"
	"context"
	"io"
	"mime"
	"strconv"
	"strings"
	"time"

	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// maxZip is how many things one archive may hold.
const maxZip = 20_000

func showFile(v *web.Visit) error {
	d, at, err := placeOf(v, v.Param("id"))
	if err != nil {
		return err
	}
	if at.Folder {
		return sendZip(v, d, []*place{at})
	}
	return sendFile(v, d, at)
}

func sendFile(v *web.Visit, d *drive, at *place) error {
	content, err := d.open(v.Context(), at)
	if err != nil {
		return err
	}
	defer content.Close()
	v.Attachment(at.Path.name(), content, time.Unix(at.MTime, 0), `"`+at.ETag+`"`)
	return nil
}

// download answers with one file as it is, and with several things or a folder as one archive.
func download(v *web.Visit) error {
	d, err := driveOf(v)
	if err != nil {
		return err
	}
	things, err := d.chosenPlaces(v.Context(), v.DB, chosenIDs(v))
	if err != nil {
		return err
	}
	if len(things) == 1 && !things[0].Folder {
		return sendFile(v, d, things[0])
	}
	return sendZip(v, d, things)
}

// sendZip writes the archive while it reads: nothing of it lies on disk or in memory. All rights are asked before the
// first byte, because later there is no way to say no.
func sendZip(v *web.Visit, d *drive, things []*place) error {
	ctx := context.WithoutCancel(v.Context()) // a large archive takes longer than a page may; a visitor who leaves ends the writing
	var all []*place
	var err error
	for _, at := range things {
		if err := at.need(mayRead); err != nil {
			return err
		}
		if all, err = d.everything(ctx, v.DB, at, all); err != nil {
			return err
		}
	}
	name := v.T("storage.zip_name")
	if len(things) == 1 && !things[0].Path.isTop() {
		name = things[0].Path.name()
	}
	h := v.Writer.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name + ".zip"}))
	h["Content-Security-Policy"] = []string{"sandbox; default-src 'none'; frame-ancestors 'none'"}
	archive := zip.NewWriter(v.Writer)
	cut := len(things[0].Path.folder())
	for _, at := range all {
		if err := addToZip(ctx, d, archive, at, cut); err != nil {
			return err
		}
	}
	return archive.Close()
}

// everything is the thing and all that lies in it, folders before what they hold.
func (d *drive) everything(ctx context.Context, r store.Reader, at *place, all []*place) ([]*place, error) {
	if len(all) >= maxZip {
		return nil, fault.New(fault.TooLarge, "storage.zip_too_large", "n", maxZip)
	}
	all = append(all, at)
	if !at.Folder {
		return all, nil
	}
	inside, err := d.list(ctx, r, at, listing{Order: "name", Limit: maxZip + 1})
	for _, one := range inside {
		if err != nil {
			return nil, err
		}
		all, err = d.everything(ctx, r, one, all)
	}
	return all, err
}

// addToZip writes one thing. Names have been cleaned when they came in; here no part of one can lead out of the
// folder that somebody unpacks into, whatever the system.
func addToZip(ctx context.Context, d *drive, archive *zip.Writer, at *place, cut int) error {
	name := zipName(at.Path[min(cut, len(at.Path)):])
	if name == "" {
		return nil
	}
	head := &zip.FileHeader{Name: name, Modified: time.Unix(at.MTime, 0), Method: zip.Store}
	if at.Folder {
		head.Name += "/"
		_, err := archive.CreateHeader(head)
		return err
	}
	switch lookOf(at.Name, false) {
	case textLook, sheetLook, codeLook, otherLook:
		head.Method = zip.Deflate
	}
	content, err := d.open(ctx, at)
	if err != nil {
		return err
	}
	defer content.Close()
	w, err := archive.CreateHeader(head)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, content)
	return err
}

// zipName joins names with slashes and takes out what a careless unpacker would obey.
func zipName(p path) string {
	safe := make([]string, len(p))
	for i, name := range p {
		safe[i] = strings.Map(func(r rune) rune {
			if r == '\\' || r == '/' || r == ':' || r < ' ' {
				return '_'
			}
			return r
		}, name)
		if strings.Trim(safe[i], ".") == "" {
			safe[i] = "_"
		}
	}
	return strings.Join(safe, "/")
}

// versionOf is an older version of a file of the visitor's drive.
func versionOf(v *web.Visit) (*drive, *place, *version, error) {
	d, at, err := placeOf(v, v.Param("id"))
	if err != nil {
		return nil, nil, nil, err
	}
	all, err := d.versions(v.Context(), v.DB, at)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, old := range all {
		if strconv.FormatInt(old.ID, 10) == v.Param("version") {
			return d, at, old, nil
		}
	}
	return nil, nil, nil, fault.New(fault.NotFound, "storage.no_such_version")
}

func showVersion(v *web.Visit) error {
	d, at, old, err := versionOf(v)
	if err != nil {
		return err
	}
	if err := at.need(mayRead); err != nil {
		return err
	}
	content, err := d.tenant.Blobs.Read(v.Context(), v.DB, old.Content)
	if err != nil {
		return err
	}
	defer content.Close()
	v.Attachment(at.Path.name(), content, time.Unix(old.MTime, 0), `"v`+strconv.FormatInt(old.ID, 10)+`"`)
	return nil
}

func bringBackVersion(v *web.Visit) error {
	d, at, old, err := versionOf(v)
	if err != nil {
		return err
	}
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := d.restoreVersion(ctx, tx, at.Path, old.ID)
		return err
	})
	if err != nil {
		return err
	}
	v.Flash(v.T("storage.version_restored", "name", at.Path.name(), "when", v.When(storedAt(old.StoredAt))), "")
	return v.Go(folderHref(at.ID))
}
