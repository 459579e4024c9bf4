package storage

import (
	"context"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"

	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// listing of a PROPFIND: path in the drive → property → value.
type listed207 map[string]map[string]string

// props asks for properties, named with the prefixes d, oc and nc.
func (c *client) props(path, depth string, names ...string) listed207 {
	c.t.Helper()
	body := `<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns" xmlns:x="urn:x"><d:prop>`
	for _, name := range names {
		body += "<" + name + "/>"
	}
	a := c.want(207, "PROPFIND", path, body+"</d:prop></d:propfind>", "Depth", depth)
	return c.parse(a.Text)
}

func (c *client) parse(text string) listed207 {
	c.t.Helper()
	var m struct {
		Responses []struct {
			Href  string `xml:"href"`
			Stats []struct {
				Status string `xml:"status"`
				Prop   struct {
					Values []struct {
						XMLName xml.Name
						Inner   string `xml:",innerxml"`
					} `xml:",any"`
				} `xml:"prop"`
			} `xml:"propstat"`
		} `xml:"response"`
	}
	if err := xml.Unmarshal([]byte(text), &m); err != nil {
		c.t.Fatalf("%v in %s", err, text)
	}
	found := listed207{}
	for _, r := range m.Responses {
		values := map[string]string{}
		for _, s := range r.Stats {
			for _, v := range s.Prop.Values {
				value := v.Inner
				if !strings.Contains(s.Status, " 200 ") {
					value = "!" + strings.Fields(s.Status)[1]
				}
				values[v.XMLName.Local] = value
			}
		}
		found[strings.TrimPrefix(r.Href, c.root)] = values
	}
	return found
}

var desktopProps = []string{
	"d:resourcetype", "d:getlastmodified", "d:getcontentlength", "d:getetag", "oc:size", "oc:id", "oc:fileid",
	"oc:downloadURL", "oc:dDC", "oc:permissions", "oc:checksums", "oc:share-types", "oc:data-fingerprint",
}

func (c *client) list(path string) listed207 {
	c.t.Helper()
	return c.props(path, "1", desktopProps...)
}

// etags are the ETags on the way down to a path, the top first.
func (c *client) etags(paths ...string) []string {
	c.t.Helper()
	var all []string
	for _, p := range paths {
		for _, values := range c.props(p, "0", "d:getetag") {
			all = append(all, values["getetag"])
		}
	}
	return all
}

// changed tells which of the paths got another ETag while do ran.
func (c *client) changed(paths []string, do func()) string {
	c.t.Helper()
	before := c.etags(paths...)
	do()
	after := c.etags(paths...)
	var all []string
	for i := range paths {
		if before[i] != after[i] {
			all = append(all, paths[i])
		}
	}
	return strings.Join(all, " ")
}

// balance compares the books with what lies there: sizes of folders and what each space holds besides.
func (c *client) balance(t *testing.T) {
	t.Helper()
	ctx, d := c.drive()
	wrong, err := store.Texts(d.tenant.DB.Query(ctx, `
		WITH RECURSIVE up (id, size) AS (
			SELECT parent, size FROM storage_nodes WHERE kind = 'file' AND parent IS NOT NULL
			UNION ALL
			SELECT n.parent, up.size FROM up JOIN storage_nodes n ON n.id = up.id WHERE n.parent IS NOT NULL)
		SELECT printf('folder %s has %d, holds %d', n.name, n.size, coalesce(sum(up.size), 0))
		FROM storage_nodes n LEFT JOIN up ON up.id = n.id WHERE n.kind = 'folder' GROUP BY n.id
		HAVING n.size <> coalesce(sum(up.size), 0)`))
	if err != nil || len(wrong) > 0 {
		t.Fatalf("%v %v", wrong, err)
	}
	wrong, err = store.Texts(d.tenant.DB.Query(ctx, `
		WITH RECURSIVE down (space, id) AS (
			SELECT node, node FROM storage_spaces UNION ALL SELECT space, node FROM storage_trash
			UNION ALL
			SELECT down.space, n.id FROM down JOIN storage_nodes n ON n.parent = down.id),
		held (space, bytes) AS (
			SELECT down.space, v.size FROM down JOIN storage_versions v ON v.node = down.id
			UNION ALL
			SELECT t.space, n.size FROM storage_trash t JOIN storage_nodes n ON n.id = t.node)
		SELECT printf('space %d keeps %d, holds %d', s.node, s.kept, coalesce(sum(h.bytes), 0))
		FROM storage_spaces s LEFT JOIN held h ON h.space = s.node GROUP BY s.node HAVING s.kept <> coalesce(sum(h.bytes), 0)`))
	if err != nil || len(wrong) > 0 {
		t.Fatalf("%v %v", wrong, err)
	}
	wrong, err = store.Texts(d.tenant.DB.Query(ctx, `
		SELECT printf('content %s is used %d times, counted %d', b.id, count(u.content), b.uses) FROM blob_contents b
		LEFT JOIN (SELECT content FROM storage_nodes UNION ALL SELECT content FROM storage_versions) u ON u.content = b.id
		GROUP BY b.id HAVING b.uses <> count(u.content)`))
	if err != nil || len(wrong) > 0 {
		t.Fatalf("%v %v", wrong, err)
	}
}

func TestListingsAreAsClientsReadThem(t *testing.T) {
	c := newClient(t, newHouse(t))
	c.want(201, "MKCOL", "/folder", "")
	c.want(201, "PUT", "/folder/a & b.txt", "hello", "OC-Checksum", "SHA1:"+sha1Hello, "X-OC-Mtime", "1700000000")
	a := c.want(207, "PROPFIND", "/folder", `<d:propfind xmlns:d="DAV:">junk<d:prop><d:getetag/></d:prop></d:propfind>`)
	if got := a.Header.Get("Content-Type"); got != "application/xml; charset=utf-8" {
		t.Errorf("content type %q", got)
	}
	self := strings.Index(a.Text, "<d:href>"+c.root+"/folder/</d:href>")
	child := strings.Index(a.Text, "<d:href>"+c.root+"/folder/a%20%26%20b.txt</d:href>")
	if self < 0 || child < self {
		t.Errorf("the folder itself must come first: %s", a.Text)
	}
	list := c.list("/folder")
	file, folder := list["/folder/a%20%26%20b.txt"], list["/folder/"]
	for name, want := range map[string]string{
		"resourcetype": "", "getlastmodified": "Tue, 14 Nov 2023 22:13:20 GMT", "getcontentlength": "5",
		"size": "5", "permissions": "RGDNVW", "share-types": "", "downloadURL": "!404", "dDC": "!404",
		"checksums": "<oc:checksum>SHA1:" + sha1Hello + "</oc:checksum>",
	} {
		if got, has := file[name]; got != want || !has {
			t.Errorf("file: %s is %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"resourcetype": "<d:collection></d:collection>", "getcontentlength": "!404", "size": "5",
		"permissions": "RGDNVCK", "checksums": "!404",
	} {
		if got := strings.ReplaceAll(folder[name], "/>", "></d:collection>"); got != want {
			t.Errorf("folder: %s is %q, want %q", name, got, want)
		}
	}
	if top := c.list("/")["/"]; top["permissions"] != "GDNVCK" || top["data-fingerprint"] != "" {
		t.Errorf("top: %v", top)
	}
	if !strings.HasPrefix(file["id"], fmt.Sprintf("%08s", file["fileid"])) || !strings.Contains(file["id"], "oc") {
		t.Errorf("ids: %q %q", file["id"], file["fileid"])
	}
	if n := strings.Count(c.want(207, "PROPFIND", "/folder/a%20%26%20b.txt", "", "Depth", "0").Text, "HTTP/1.1 200 OK"); n != 1 {
		t.Errorf("%d propstats with 200", n)
	}
	deep := c.want(403, "PROPFIND", "/", "", "Depth", "infinity")
	if !strings.Contains(deep.Text, "propfind-finite-depth") {
		t.Errorf("Depth infinity: %s", deep.Text)
	}
	c.want(400, "PROPFIND", "/", "", "Depth", "7")
	c.want(404, "PROPFIND", "/missing", "", "Depth", "0")
	c.want(400, "PROPFIND", "/", "<d:propfind", "Depth", "0")
	only := c.want(207, "PROPFIND", "/folder", `<d:propfind xmlns:d="DAV:"><d:propname/></d:propfind>`, "Depth", "0")
	if !strings.Contains(only.Text, "<d:getetag/>") || strings.Contains(only.Text, "404") {
		t.Errorf("names: %s", only.Text)
	}
	if options := c.want(200, "OPTIONS", "/", ""); !strings.Contains(options.Header.Get("DAV"), "2") {
		t.Errorf("OPTIONS: %v", options.Header)
	}
	c.want(405, "GET", "/folder", "")
	c.want(405, "MKCOL", "/folder", "")
	c.want(409, "MKCOL", "/missing/folder", "")
	c.want(415, "MKCOL", "/new", "<xml/>")
}

func TestLongFoldersAreListedWhole(t *testing.T) {
	c := newClient(t, newHouse(t))
	c.want(201, "MKCOL", "/many", "")
	ctx, d := c.drive()
	const n = 2*page + 7
	err := d.tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ?)
			INSERT INTO storage_nodes (parent, name, kind, mtime, etag, stored_at)
			SELECT (SELECT id FROM storage_nodes WHERE name = 'many'), printf('%d', i), 'folder', 1700000000, lower(hex(randomblob(12))), '' FROM c`, n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	list := c.list("/many")
	if len(list) != n+1 || list[fmt.Sprintf("/many/%d/", n)]["permissions"] != "RGDNVCK" {
		t.Fatalf("%d entries, want %d", len(list), n+1)
	}
}

func TestEveryChangeReachesTheTop(t *testing.T) {
	c := newClient(t, newHouse(t))
	for _, p := range []string{"/a", "/a/b", "/x", "/x/y"} {
		c.want(201, "MKCOL", p, "")
	}
	c.want(201, "PUT", "/a/b/f", "one")
	c.want(201, "PUT", "/x/y/g", "two")
	all := []string{"/", "/a", "/a/b", "/x", "/x/y"}
	file := c.etags("/a/b/f")
	steps := []struct {
		name, want string
		do         func()
	}{
		{"upload", "/ /a /a/b", func() { c.want(201, "PUT", "/a/b/new", "n") }},
		{"the same again", "/ /a /a/b", func() { c.want(204, "PUT", "/a/b/new", "n") }},
		{"new folder", "/ /a", func() { c.want(201, "MKCOL", "/a/c", "") }},
		{"move", "/ /a /a/b /x /x/y", func() { c.want(201, "MOVE", "/a/b/f", "", "Destination", c.root+"/x/y/f") }},
		{"case-only rename", "/ /x /x/y", func() { c.want(201, "MOVE", "/x/y/f", "", "Destination", c.root+"/x/y/F") }},
		{"copy", "/ /a", func() { c.want(201, "COPY", "/x/y/g", "", "Destination", c.root+"/a/g") }},
		{"delete", "/ /a", func() { c.want(204, "DELETE", "/a/g", "") }},
		{"another time", "/ /x /x/y", func() { c.patch("/x/y/g", "<d:lastmodified>1500000000</d:lastmodified>") }},
		{"favourite", "", func() { c.patch("/x/y/g", "<oc:favorite>1</oc:favorite>") }},
		{"stored property", "", func() { c.patch("/x/y/g", `<p xmlns="urn:p">v</p>`) }},
		{"reading", "", func() { c.want(200, "GET", "/x/y/g", ""); c.list("/x") }},
		{"refused upload", "", func() { c.want(412, "PUT", "/x/y/g", "n", "If-None-Match", "*") }},
		{"refused move", "", func() { c.want(412, "MOVE", "/x/y/g", "", "Destination", c.root+"/x/y/F", "Overwrite", "F") }},
	}
	for _, s := range steps {
		if got := c.changed(all, s.do); got != s.want {
			t.Errorf("%s: changed %q, want %q", s.name, got, s.want)
		}
	}
	if got := c.etags("/x/y/F"); !slices.Equal(got, file) {
		t.Errorf("the moved file has another ETag: %v, was %v", got, file)
	}
	if got := c.props("/x/y/g", "0", "d:getlastmodified", "oc:favorite", "oc:size")["/x/y/g"]; got["getlastmodified"] != "Fri, 14 Jul 2017 02:40:00 GMT" || got["favorite"] != "1" {
		t.Errorf("after PROPPATCH: %v", got)
	}
	if got := c.props("/", "0", "oc:size")["/"]["size"]; got != "7" {
		t.Errorf("size of the top: %s", got)
	}
	c.balance(t)
}

func (c *client) patch(path, prop string) {
	c.t.Helper()
	c.want(207, "PROPPATCH", path, `<d:propertyupdate xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:set><d:prop>`+prop+`</d:prop></d:set></d:propertyupdate>`)
}

func TestMovingAndCopyingTrees(t *testing.T) {
	c := newClient(t, newHouse(t))
	c.want(201, "PUT", "/a/b/f", "one", "X-NC-WebDAV-Auto-Mkcol", "1")
	c.want(204, "PUT", "/a/b/f", "three")
	c.patch("/a/b/f", `<p xmlns="urn:x">v</p>`)
	id := c.list("/a/b")["/a/b/f"]["id"]
	c.want(403, "MOVE", "/a", "", "Destination", c.root+"/a/b/a")
	c.want(403, "COPY", "/a", "", "Destination", c.root+"/a/b/a")
	c.want(403, "MOVE", "/", "", "Destination", c.root+"/top")
	c.want(403, "COPY", "/a/b", "", "Destination", c.root+"/a")
	c.want(404, "MOVE", "/missing", "", "Destination", c.root+"/m")
	c.want(400, "MOVE", "/a", "", "Destination", c.root+"/m", "Overwrite", "maybe")
	c.want(201, "COPY", "/a", "", "Destination", c.root+"/copy")
	copied := c.list("/copy/b")["/copy/b/f"]
	if copied["id"] == id || copied["size"] != "5" || c.want(200, "GET", "/copy/b/f", "").Text != "three" {
		t.Errorf("the copy: %v", copied)
	}
	if got := c.props("/copy/b/f", "0", "x:p")["/copy/b/f"]["p"]; got != "v" {
		t.Errorf("the property was not copied: %q", got)
	}
	c.want(201, "COPY", "/a", "", "Destination", c.root+"/flat", "Depth", "0")
	if list := c.list("/flat"); len(list) != 1 || list["/flat/"]["size"] != "0" {
		t.Errorf("a flat copy: %v", list)
	}
	moved := c.want(204, "MOVE", "/a", "", "Destination", c.root+"/copy")
	if moved.Header.Get("ETag") == "" || moved.Header.Get("OC-FileId") == "" {
		t.Errorf("headers of MOVE: %v", moved.Header)
	}
	if got := c.list("/copy/b")["/copy/b/f"]["id"]; got != id {
		t.Errorf("the moved file has number %s, had %s", got, id)
	}
	c.want(404, "GET", "/a/b/f", "")
	deep := "/copy" + strings.Repeat("/d", maxDepth-1)
	c.want(201, "MKCOL", "/tall", "")
	c.want(201, "MKCOL", "/tall/er", "")
	c.want(201, "PUT", deep, "x", "X-NC-WebDAV-Auto-Mkcol", "1")
	c.want(403, "MOVE", "/tall", "", "Destination", c.root+strings.TrimSuffix(deep, "/d")+"/e")
	c.balance(t)
}

func TestTheTrashGivesEverythingBack(t *testing.T) {
	c := newClient(t, newHouse(t))
	ctx, d := c.drive()
	c.want(201, "PUT", "/a/b/f", "one", "X-NC-WebDAV-Auto-Mkcol", "1")
	c.want(204, "PUT", "/a/b/f", "three")
	id := c.list("/a/b")["/a/b/f"]["id"]
	write := func(fn func(ctx context.Context, tx *store.Tx) error) error { return d.tenant.DB.Write(ctx, fn) }
	restore := func(id int64) (at *place, err error) {
		err = write(func(ctx context.Context, tx *store.Tx) (err error) { at, err = d.restore(ctx, tx, id); return err })
		return at, err
	}
	gone := func() []*trashed {
		all, err := d.trash(ctx, d.tenant.DB, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	c.want(204, "DELETE", "/a/b", "")
	c.want(404, "GET", "/a/b/f", "")
	c.want(404, "DELETE", "/a/b", "")
	c.want(201, "MKCOL", "/a/b", "") // the name is free
	if all := gone(); len(all) != 1 || all[0].From != "/a" || all[0].Size != 5 {
		t.Fatalf("trash: %+v", all)
	}
	c.balance(t)
	at, err := restore(gone()[0].ID)
	if err != nil || at.Path.String() != "/a/b (2)" {
		t.Fatalf("restored: %v %v", at, err)
	}
	if got := c.list("/a/b%20(2)")["/a/b%20(2)/f"]["id"]; got != id {
		t.Errorf("number after restoring: %s, was %s", got, id)
	}
	c.want(204, "DELETE", "/a/b%20(2)", "")
	c.want(204, "DELETE", "/a", "")
	all := gone()
	if at, err = restore(all[slices.IndexFunc(all, func(t *trashed) bool { return t.Name == "b (2)" })].ID); err != nil || at.Path.String() != "/b (2)" {
		t.Fatalf("its folder is gone: %v %v", at, err)
	}
	if _, err := restore(at.ID); !fault.Is(err, fault.NotFound) {
		t.Fatalf("restored twice: %v", err)
	}
	other := newClient(t, c.House, "view_storage", "desktop_sync", "manage_storage_settings")
	_, foreign := other.drive()
	err = write(func(ctx context.Context, tx *store.Tx) error {
		_, err := foreign.restore(ctx, tx, gone()[0].ID)
		return err
	})
	if !fault.Is(err, fault.NotFound) {
		t.Fatalf("somebody else's trash: %v", err)
	}
	if err := write(func(ctx context.Context, tx *store.Tx) error { return d.purge(ctx, tx, gone()[0].ID) }); err != nil {
		t.Fatal(err)
	}
	c.balance(t)
}
