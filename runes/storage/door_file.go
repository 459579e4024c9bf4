package storage

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"runes.im/platform/dav"
	"runes.im/platform/fault"
	"runes.im/platform/store"
)

func (c *call) options() error {
	h := c.Writer.Header()
	h.Set("Allow", allowed)
	h.Set("DAV", "1, 2")
	h.Set("MS-Author-Via", "DAV")
	h.Set("Content-Length", "0")
	c.Writer.WriteHeader(http.StatusOK)
	return nil
}

func (c *call) get() error {
	at, err := c.drive.find(c.Context(), c.DB, c.path)
	if err != nil {
		return err
	}
	if at.Folder {
		c.Writer.Header().Set("Allow", allowed)
		return c.refuse(http.StatusMethodNotAllowed, "MethodNotAllowed", "storage.is_folder", "name", at.Name)
	}
	content, err := c.drive.open(c.Context(), at)
	if err != nil {
		return err
	}
	defer content.Close()
	c.identify(at)
	if at.Checksum != "" {
		c.Writer.Header()["Oc-Checksum"] = []string{at.Checksum}
	}
	c.Attachment(at.Name, content, time.Unix(at.MTime, 0), `"`+at.ETag+`"`)
	return nil
}

// incoming is what the headers of a PUT, or of the MOVE that ends a chunked upload, tell about the content.
// The names are spelled as net/http keeps them: others would be respelled at every look.
func (c *call) incoming() upload {
	h := c.Request.Header
	u := upload{Length: c.Request.ContentLength, Checksum: h.Get("Oc-Checksum"), Held: c.cond.Tokens(), Check: c.check}
	u.MTime = unixHeader(h.Get("X-Oc-Mtime"))
	u.Created = unixHeader(h.Get("X-Oc-Ctime"))
	u.MakeFolders = h.Get("X-Nc-Webdav-Auto-Mkcol") == "1"
	return u
}

// unixHeader is 0 for what is missing, broken, or before the time of computers; a client may send fractions.
func unixHeader(text string) int64 {
	for i := range len(text) {
		if text[i] == '.' {
			text = text[:i]
			break
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 || n > 1<<36 {
		return 0
	}
	return n
}

func (c *call) put() error {
	if c.Request.Header.Get("Content-Range") != "" {
		return fault.New(fault.Malformed, "dav.header_malformed", "name", "Content-Range")
	}
	u := c.incoming()
	at, replaced, err := c.drive.put(c.Context(), c.path, c.Request.Body, u)
	if err != nil {
		return err
	}
	return c.stored(at, replaced, u)
}

var accepted = []string{"accepted"}

// stored answers an upload: the client takes these headers for the truth and does not list again.
func (c *call) stored(at *place, replaced bool, u upload) error {
	c.identify(at)
	h := c.Writer.Header()
	h["X-Nc-Ownerid"] = []string{c.drive.ownerOf(at)}
	rights := []string{at.rights.String()}
	h["X-Nc-Permissions"], h["Oc-Perm"] = rights, rights
	if u.MTime > 0 {
		h["X-Oc-Mtime"] = accepted
	}
	if u.Created > 0 {
		h["X-Oc-Ctime"] = accepted
	}
	c.made(replaced)
	return nil
}

// made answers 204 when something was there before, else 201.
func (c *call) made(replaced bool) {
	status := http.StatusCreated
	if replaced {
		status = http.StatusNoContent
	} else {
		c.Writer.Header()["Content-Length"] = zero
	}
	c.Writer.WriteHeader(status)
}

var zero = []string{"0"}

// ownerOf is whose the place is: what belongs to everybody counts as the visitor's own.
func (d *drive) ownerOf(*place) string { return d.person.ID }

func (c *call) mkcol() error {
	if c.Request.ContentLength > 0 {
		return c.refuse(http.StatusUnsupportedMediaType, "UnsupportedMediaType", "storage.mkcol_body")
	}
	exists := false
	var at *place
	err := c.DB.Write(c.Context(), func(ctx context.Context, tx *store.Tx) error {
		there, chain, err := c.drive.around(ctx, tx, c.path)
		if err != nil {
			return err
		}
		if exists = there != nil; exists {
			return nil
		}
		if err := c.check(ctx, tx, nil); err != nil {
			return err
		}
		s, err := c.drive.spot(ctx, tx, c.path)
		if fault.Is(err, fault.NotFound) {
			return fault.New(fault.Conflict, "storage.target_missing", "name", c.path.folder().name())
		}
		if err != nil {
			return err
		}
		if err := c.drive.checkLocks(ctx, tx, chain, c.cond.Tokens()); err != nil {
			return err
		}
		at, err = c.drive.makeFolderAt(ctx, tx, s)
		return err
	})
	if err != nil {
		return err
	}
	if exists {
		c.Writer.Header().Set("Allow", allowed)
		return c.refuse(http.StatusMethodNotAllowed, "MethodNotAllowed", "storage.name_taken", "name", c.path.name())
	}
	c.identify(at)
	c.made(false)
	return nil
}

func (c *call) delete() error {
	err := c.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := c.drive.remove(ctx, tx, c.path, c.cond.Tokens()...)
		return err
	})
	if err == nil {
		c.Writer.WriteHeader(http.StatusNoContent)
	}
	return err
}

func (c *call) move() error {
	return c.carry(func(ctx context.Context, tx *store.Tx, to path, overwrite bool) (*place, bool, error) {
		return c.drive.move(ctx, tx, c.path, to, overwrite, c.cond.Tokens()...)
	})
}

func (c *call) copy() error {
	depth, err := dav.ReadDepth(c.Request.Header.Get("Depth"), dav.Infinity)
	if err != nil {
		return err
	}
	return c.carry(func(ctx context.Context, tx *store.Tx, to path, overwrite bool) (*place, bool, error) {
		return c.drive.copy(ctx, tx, c.path, to, overwrite, depth == 0, c.cond.Tokens()...)
	})
}

func (c *call) carry(fn func(ctx context.Context, tx *store.Tx, to path, overwrite bool) (*place, bool, error)) error {
	to, err := c.destination()
	if err != nil {
		return err
	}
	overwrite, err := c.overwrite()
	if err != nil {
		return err
	}
	var at *place
	var replaced bool
	err = c.write(func(ctx context.Context, tx *store.Tx) (err error) {
		at, replaced, err = fn(ctx, tx, to, overwrite)
		return err
	})
	if err != nil {
		return err
	}
	c.identify(at)
	c.made(replaced)
	return nil
}
