package storage

import (
	"context"
	"net/http"
	"strings"

	"runes.im/platform/dav"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// call is one WebDAV request on a person's drive.
type call struct {
	*web.Visit
	drive *drive
	root  string // address of the drive, without a slash at the end
	path  path
	cond  dav.If
}

const allowed = "OPTIONS, GET, HEAD, PUT, DELETE, MKCOL, MOVE, COPY, PROPFIND, PROPPATCH, LOCK, UNLOCK"

var methods = map[string]func(*call) error{
	http.MethodGet: (*call).get, http.MethodHead: (*call).get, http.MethodPut: (*call).put, http.MethodDelete: (*call).delete,
	http.MethodOptions: (*call).options, "MKCOL": (*call).mkcol, "MOVE": (*call).move, "COPY": (*call).copy,
	"PROPFIND": (*call).propfind, "PROPPATCH": (*call).proppatch, "LOCK": (*call).lock, "UNLOCK": (*call).unlock,
}

// answerDAV serves a person's drive at one of its addresses.
func answerDAV(v *web.Visit) error {
	c, err := newCall(v)
	if err != nil {
		return err
	}
	method, known := methods[v.Request.Method]
	if !known {
		v.Writer.Header().Set("Allow", allowed)
		return c.refuse(http.StatusMethodNotAllowed, "MethodNotAllowed", "storage.no_such_method")
	}
	return method(c)
}

func newCall(v *web.Visit) (*call, error) {
	c := &call{Visit: v}
	var err error
	if c.root, c.path, err = c.locate(v.Request.URL.EscapedPath()); err != nil {
		return nil, err
	}
	if header := v.Request.Header.Get("If"); header != "" {
		if c.cond, err = dav.ReadIf(header); err != nil {
			return nil, err
		}
	}
	c.drive, err = driveOf(v)
	return c, err
}

// The addresses of a drive. The one with the person's id in it is what today's clients use.
const (
	plainRoot  = "/dav"
	legacyRoot = "/remote.php/webdav"
	filesRoot  = "/remote.php/dav/files/"
)

// locate splits an encoded address path into the root of this person's drive and the path in it. The drive of somebody
// else does not exist.
func (c *call) locate(escaped string) (root string, p path, err error) {
	root, rest := "", ""
	switch {
	case strings.HasPrefix(escaped, filesRoot):
		id, _, _ := strings.Cut(escaped[len(filesRoot):], "/")
		if id != c.Person.ID {
			return "", nil, noSuchFile(nil)
		}
		root = filesRoot + id
		rest = escaped[len(root):]
	case escaped == plainRoot || strings.HasPrefix(escaped, plainRoot+"/"):
		root, rest = plainRoot, escaped[len(plainRoot):]
	case escaped == legacyRoot || strings.HasPrefix(escaped, legacyRoot+"/"):
		root, rest = legacyRoot, escaped[len(legacyRoot):]
	default:
		return "", nil, noSuchFile(nil)
	}
	p, err = decodePath(rest)
	return root, p, err
}

// destination is the path that the Destination header names: an address of this host, or its path alone.
func (c *call) destination() (path, error) {
	text := c.Request.Header.Get("Destination")
	if text == "" {
		return nil, fault.New(fault.Malformed, "dav.header_malformed", "name", "Destination")
	}
	return c.resource(text)
}

func (c *call) resource(text string) (path, error) {
	if scheme, rest, absolute := strings.Cut(text, "://"); absolute && (scheme == "http" || scheme == "https") {
		host, after, _ := strings.Cut(rest, "/")
		if !strings.EqualFold(host, c.Request.Host) {
			return nil, fault.New(fault.Malformed, "storage.other_host")
		}
		text = "/" + after
	}
	if strings.ContainsAny(text, "?#") {
		return nil, fault.New(fault.Malformed, "dav.header_malformed", "name", "Destination")
	}
	_, p, err := c.locate(text)
	return p, err
}

// overwrite is what the Overwrite header says; without one, what stands there is replaced.
func (c *call) overwrite() (bool, error) {
	switch c.Request.Header.Get("Overwrite") {
	case "", "T", "t":
		return true, nil
	case "F", "f":
		return false, nil
	}
	return false, fault.New(fault.Malformed, "dav.header_malformed", "name", "Overwrite")
}

// check evaluates If-Match, If-None-Match and If against what stands at the request's own path (nil: nothing). Inside
// a write nobody can come in between.
func (c *call) check(ctx context.Context, r store.Reader, there *place) error {
	h := c.Request.Header
	etag := ""
	if there != nil {
		etag = there.ETag
	}
	if want := h.Get("If-Match"); want != "" && !dav.ETagMatches(want, etag, there != nil) {
		return fault.New(fault.Precondition, "storage.changed_meanwhile")
	}
	if not := h.Get("If-None-Match"); not != "" && dav.ETagMatches(not, etag, there != nil) {
		return fault.New(fault.Precondition, "storage.name_taken", "name", c.path.name())
	}
	return c.checkIf(ctx, r)
}

func (c *call) checkIf(ctx context.Context, r store.Reader) error {
	if c.cond == nil {
		return nil
	}
	for _, list := range c.cond {
		holds, err := c.holds(ctx, r, list)
		if err != nil || holds {
			return err
		}
	}
	return fault.New(fault.Precondition, "storage.changed_meanwhile")
}

// holds reports whether every condition of the list is true for its resource.
func (c *call) holds(ctx context.Context, r store.Reader, list dav.List) (bool, error) {
	p := c.path
	if list.Resource != "" {
		var err error
		if p, err = c.resource(list.Resource); err != nil {
			return false, nil // what cannot be named here has no locks and no ETag
		}
	}
	at, chain, err := c.drive.around(ctx, r, p)
	if err != nil {
		return false, err
	}
	locks, err := locksOn(ctx, r, chain)
	if err != nil {
		return false, err
	}
	for _, one := range list.Conditions {
		is := false
		if one.ETag != "" {
			is = at != nil && dav.ETagMatches(one.ETag, at.ETag, true)
		}
		for _, l := range locks {
			is = is || l.hasToken(one.Token)
		}
		if is == one.Not {
			return false, nil
		}
	}
	return true, nil
}

// around is the place at p, nil when nothing stands there, and the nodes whose locks cover it.
func (d *drive) around(ctx context.Context, r store.Reader, p path) (*place, []int64, error) {
	if p.isTop() {
		at, err := d.top(ctx, r)
		return at, []int64{d.home}, err
	}
	s, err := d.spot(ctx, r, p)
	if fault.Is(err, fault.NotFound) {
		return nil, []int64{d.home}, nil
	}
	if err != nil {
		return nil, nil, err
	}
	return s.There, s.chain(), nil
}

// write runs fn as one write, after the conditions of the request held for what stands at its path.
func (c *call) write(fn func(ctx context.Context, tx *store.Tx) error) error {
	return c.DB.Write(c.Context(), func(ctx context.Context, tx *store.Tx) error {
		at, _, err := c.drive.around(ctx, tx, c.path)
		if err != nil {
			return err
		}
		if err := c.check(ctx, tx, at); err != nil {
			return err
		}
		return fn(ctx, tx)
	})
}

// identify tells the client which node it has to do with now.
func (c *call) identify(at *place) {
	h := c.Writer.Header()
	etag := `"` + at.ETag + `"`
	h["Etag"] = []string{etag}
	h["Oc-Etag"] = []string{etag}
	h["Oc-Fileid"] = []string{c.drive.fileID(at.ID)}
}

// fileID is the number of a node as clients keep it: the same for ever, and different from that of any other server.
func (d *drive) fileID(id int64) string { return string(appendFileID(nil, id, d.instance())) }

func appendFileID(b []byte, id int64, instance string) []byte {
	const width = 8
	var digits [20]byte
	at := len(digits)
	for n := id; n > 0 || at > len(digits)-width; n /= 10 {
		at--
		digits[at] = byte('0' + n%10)
	}
	return append(append(b, digits[at:]...), instance...)
}

// instance ends every file id: fixed for the tenant, and made of letters and digits.
func (d *drive) instance() string {
	tail := strings.ReplaceAll(d.tenant.ID, "-", "")
	return "oc" + tail[max(0, len(tail)-10):]
}
