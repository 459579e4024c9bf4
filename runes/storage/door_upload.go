package storage

import (
	"net/http"
	"strconv"
	"strings"

	"runes.im/platform/blob"
	"runes.im/platform/dav"
	"runes.im/platform/fault"
	"runes.im/platform/web"
)

const (
	uploadsRoot = "/remote.php/dav/uploads/"
	// whole is the name under which the assembled file is moved to its place.
	whole = ".file"
)

// answerUploads serves uploads that arrive in pieces (chunked upload v2): a folder for the transfer, a file for each
// piece, and a MOVE of the whole at the end.
func answerUploads(v *web.Visit) error {
	id, rest, _ := strings.Cut(strings.TrimPrefix(v.Request.URL.EscapedPath(), uploadsRoot), "/")
	if id != v.Person.ID {
		return noSuchFile(nil)
	}
	p, err := decodePath("/" + rest)
	if err != nil {
		return err
	}
	if len(p) == 0 || len(p) > 2 {
		return noSuchTransfer()
	}
	c := &call{Visit: v, root: uploadsRoot + id, path: p}
	if c.cond, err = dav.ReadIf(v.Request.Header.Get("If")); err != nil {
		return err
	}
	if c.drive, err = driveOf(v); err != nil {
		return err
	}
	switch method := v.Request.Method; {
	case method == "MKCOL" && len(p) == 1:
		return c.beginUpload()
	case method == "PROPFIND" && len(p) == 1:
		return c.listChunks()
	case method == http.MethodDelete && len(p) == 1:
		return c.dropUpload()
	case method == http.MethodPut && len(p) == 2:
		return c.putChunk()
	case method == "MOVE" && len(p) == 2 && p[1] == whole:
		return c.finishUpload()
	}
	v.Writer.Header().Set("Allow", "MKCOL, PUT, MOVE, PROPFIND, DELETE")
	return c.refuse(http.StatusMethodNotAllowed, "MethodNotAllowed", "storage.no_such_method")
}

// total is the promised length of the whole, -1 when it is not told.
func (c *call) total() (int64, error) {
	text := c.Request.Header.Get("OC-Total-Length")
	if text == "" {
		return -1, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, fault.New(fault.Malformed, "dav.header_malformed", "name", "OC-Total-Length")
	}
	return n, nil
}

func (c *call) beginUpload() error {
	total, err := c.total()
	if err != nil {
		return err
	}
	var to path
	if c.Request.Header.Get("Destination") != "" {
		if to, err = c.destination(); err != nil {
			return err
		}
	}
	err = c.drive.beginTransfer(c.Context(), c.path[0], total, to)
	if fault.Is(err, fault.Conflict) {
		return c.refuse(http.StatusMethodNotAllowed, "MethodNotAllowed", "storage.name_taken", "name", c.path[0])
	}
	if err == nil {
		c.made(false)
	}
	return err
}

func (c *call) putChunk() error {
	number, err := strconv.ParseInt(c.path[1], 10, 64)
	if err != nil || number < 0 {
		return fault.New(fault.Malformed, "storage.chunk_name", "name", c.path[1])
	}
	if err := c.drive.writeChunk(c.Context(), c.path[0], number, c.Request.Body, c.Request.ContentLength); err != nil {
		return err
	}
	c.made(false)
	return nil
}

func (c *call) finishUpload() error {
	to, err := c.destination()
	if err != nil {
		return err
	}
	transfer := c.path[0]
	// From here on the request is about the file, and so are its conditions.
	c.path = to
	u := c.incoming()
	if u.Length, err = c.total(); err != nil {
		return err
	}
	at, replaced, err := c.drive.finishTransfer(c.Context(), transfer, to, u)
	if err != nil {
		return err
	}
	return c.stored(at, replaced, u)
}

func (c *call) dropUpload() error {
	err := c.drive.dropTransfer(c.Context(), c.path[0])
	if err == nil {
		c.Writer.WriteHeader(http.StatusNoContent)
	}
	return err
}

// listChunks tells a client that was interrupted what has arrived.
func (c *call) listChunks() error {
	find, err := dav.ReadPropFind(c.Request.Body)
	if err != nil {
		return err
	}
	parts, err := c.drive.arrived(c.Context(), c.path[0])
	if err != nil {
		return err
	}
	l := &lister{plan: newPlan(find), person: c.Person.ID, name: c.Person.Name, instance: c.drive.instance()}
	href := c.root + c.path.escaped() + "/"
	b := append([]byte(dav.Declaration), "<d:multistatus"+dav.Namespaces+">\n"...)
	b = l.append(b, href, "", &listed{Folder: true, MTime: 1, ETag: c.path[0]})
	if c.Request.Header.Get("Depth") != "0" {
		for _, part := range parts {
			b = l.append(b, href, chunkName(part), &listed{Size: part.Size, MTime: 1, ETag: chunkName(part)})
		}
	}
	dav.Send(c.Visit, http.StatusMultiStatus, append(b, "</d:multistatus>\n"...))
	return nil
}

// chunkName is the number as the desktop client writes it; it reads any.
func chunkName(p blob.Part) string {
	text := strconv.FormatInt(p.Number, 10)
	return strings.Repeat("0", max(0, 16-len(text))) + text
}
