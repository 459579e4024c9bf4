package storage

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"runes.im/platform/runetest"
	"runes.im/platform/store"
)

// browser is the client's person on the pages.
func (c *client) browser() *runetest.Person { return c.House.Person("view_storage", "desktop_sync") }

// idOf is the number of what lies at the path.
func (c *client) idOf(p ...string) string {
	c.t.Helper()
	ctx, d := c.drive()
	at, err := d.find(ctx, d.tenant.DB, p)
	if err != nil {
		c.t.Fatal(err)
	}
	return strconv.FormatInt(at.ID, 10)
}

// F2: no door makes a path of more than 100 names: not page by page, not by uploading a folder, not out of the trash.
func TestNoDoorMakesAPathTooDeep(t *testing.T) {
	c := newClient(t, newHouse(t))
	p := c.browser()
	deep := strings.Repeat("/a", maxDepth-1)
	c.want(201, "PUT", deep+"/f", "x", "X-NC-WebDAV-Auto-Mkcol", "1")
	bottom := c.idOf(strings.Split(deep[1:], "/")...)
	if a := p.Post("/storage/new/"+bottom, url.Values{"name": {"b"}}); a.StatusCode != 303 {
		t.Fatalf("the last folder that may be: %s", a.Status)
	}
	last := c.idOf(append(strings.Split(deep[1:], "/"), "b")...)
	for name, try := range map[string]func() *runetest.Answer{
		"a folder page by page":  func() *runetest.Answer { return p.Post("/storage/new/"+last, url.Values{"name": {"c"}}) },
		"an upload":              func() *runetest.Answer { return p.Put("/storage/upload/"+last+"?path=f", strings.NewReader("x")) },
		"an upload of a folder":  func() *runetest.Answer { return p.Put("/storage/upload/"+bottom+"?path=d/e/f", strings.NewReader("x")) },
		"a folder dropped there": func() *runetest.Answer { return p.Post("/storage/folder/"+bottom, url.Values{"path": {"d/e/f"}}) },
		"a copy": func() *runetest.Answer {
			return p.Post("/storage/copy", url.Values{"id": {c.idOf("a", "a")}, "to": {bottom}})
		},
	} {
		if a := try(); a.StatusCode < 400 || a.StatusCode >= 500 {
			t.Errorf("%s: %s\n%s", name, a.Status, a.See())
		}
	}
	// What lay in a folder when it was deleted does not come back deeper than it may, wherever the folder is by then.
	c.want(201, "PUT", "/low/tall"+strings.Repeat("/t", 60)+"/f", "x", "X-NC-WebDAV-Auto-Mkcol", "1")
	tall := c.idOf("low", "tall")
	c.want(204, "DELETE", "/low/tall", "")
	c.want(201, "MOVE", "/low", "", "Destination", c.root+strings.Repeat("/a", 50)+"/low")
	if a := p.Post("/storage/trash/restore", url.Values{"id": {tall}}); a.StatusCode < 400 || a.StatusCode >= 500 {
		t.Errorf("out of the trash: %s", a.Status)
	}
	var most int
	ctx, d := c.drive()
	if err := d.tenant.DB.QueryRow(ctx, below+`SELECT max(step) FROM below`, d.home).Scan(&most); err != nil || most > maxDepth {
		t.Errorf("the deepest path has %d names (%v), want no more than %d", most, err, maxDepth)
	}
}

// F11: a browser's upload is measured against the quota while it comes in, as every other.
func TestABrowsersUploadStopsAtTheQuota(t *testing.T) {
	c := newClient(t, newHouse(t))
	c.want(201, "PUT", "/a", "a")
	quota(t, c, 200_000)
	p := c.browser()
	ctx, d := c.drive()
	for path, u := range map[string]upload{
		"a":          {Length: -1, MakeFolders: true, KeepBoth: true},
		"new/deep/b": {Length: -1, MakeFolders: true},
		"a/b":        {Length: -1, MakeFolders: true},
	} {
		to, err := parsePath(path)
		if err != nil {
			t.Fatal(err)
		}
		if most, err := d.mayPut(ctx, to, u); err != nil || most != 200_000 {
			t.Errorf("%s: %d bytes are welcome (%v), want 200000", path, most, err)
		}
	}
	top := strconv.FormatInt(d.home, 10)
	if a := p.Put("/storage/upload/"+top+"?path=x/y", strings.NewReader(strings.Repeat("x", 250_000))); a.StatusCode != 507 {
		t.Errorf("over quota: %s", a.Status)
	}
	if a := p.Put("/storage/upload/"+top+"?path=x/y", strings.NewReader(strings.Repeat("x", 150_000))); a.StatusCode != 201 {
		t.Errorf("within: %s", a.Status)
	}
}

// F4: a property whose name would break the XML of a listing is refused, so that nobody spoils a folder for others.
func TestNamesOfPropertiesAreNamesInXML(t *testing.T) {
	a, b := twoInATeam(t)
	for _, prop := range []string{`<:x>1</:x>`, `<x:>1</x:>`, `<x :y="1"/>`, `<x y:="1"/>`, `<x xmlns:q="a"><q:y:z/></x>`} {
		body := `<d:propertyupdate xmlns:d="DAV:"><d:set><d:prop>` + prop + `</d:prop></d:set></d:propertyupdate>`
		a.want(400, "PROPPATCH", "/T/f", body)
	}
	if all := b.props("/T", "1"); len(all) == 0 {
		t.Error("the folder cannot be listed")
	}
}

// F6: a lock is for those who may write there: a reader would only keep the others out.
func TestAReaderLocksNobodyOut(t *testing.T) {
	h := newHouse(t)
	a, b := newClient(t, h), newClient(t, h, "view_storage", "desktop_sync", "manage_storage_settings")
	ctx, d := a.drive()
	err := d.tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, m := range []struct {
			name, who, whom string
			inside          rights
		}{{"R", "everyone", "", mayRead}} {
			if _, err := makeMounted(ctx, tx, "team", m.name, m.who, m.whom, m.inside); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `INSERT INTO storage_mounts (node, name, who, whom, rights, made_at)
			SELECT node, 'W', 'member', ?, ?, made_at FROM storage_mounts WHERE name = 'R'`, b.ID, allInside.String())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	b.want(201, "PUT", "/W/f", "x")
	for _, at := range []string{"/R", "/R/f"} {
		a.want(403, "LOCK", at, fmt.Sprintf(lockBody, "exclusive"))
	}
	b.want(204, "PUT", "/W/f", "y")
	b.want(200, "LOCK", "/W/f", fmt.Sprintf(lockBody, "exclusive"))
}

// F2: a name is never empty, wherever in a path the two slashes stand.
func TestTwoSlashesAreNoSlash(t *testing.T) {
	c := newClient(t, newHouse(t))
	c.want(201, "MKCOL", "/a", "")
	for _, root := range []string{c.root, "/dav", "/remote.php/webdav"} {
		for _, below := range []string{"//x", "//", "/a//x", "/a//", "///", "/%2f", "//a/"} {
			c.want(400, "PUT", root+below, "x")
			c.want(400, "PROPFIND", root+below, "")
			c.want(400, "COPY", c.root+"/a", "", "Destination", root+below)
		}
		c.want(207, "PROPFIND", root+"/", "", "Depth", "0")
		c.want(207, "PROPFIND", root+"/a/", "", "Depth", "0")
	}
	c.want(400, "MKCOL", uploadsRoot+c.ID+"//1", "")
	if got := len(c.list("/")); got != 2 {
		t.Errorf("%d entries, want the top and one folder", got)
	}
}

// What clients store beside a file counts against no quota, so there is little of it.
func TestPropertiesAreNoSecondDrive(t *testing.T) {
	c := newClient(t, newHouse(t))
	c.want(201, "PUT", "/f", "x")
	patch := func(name string, bytes int) int {
		return c.do("PROPPATCH", "/f", `<d:propertyupdate xmlns:d="DAV:"><d:set><d:prop><`+name+` xmlns="u">`+strings.Repeat("v", bytes)+`</`+name+
			`></d:prop></d:set></d:propertyupdate>`).StatusCode
	}
	for name, want := range map[string]int{"a": 207, "b": 207} {
		if got := patch(name, maxPropBytes/2-200); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
	if got := patch("c", 1000); got != 413 {
		t.Errorf("too much of it: %d, want 413", got)
	}
	if got := patch("a", 10); got != 207 {
		t.Errorf("less of it: %d, want 207", got)
	}
}

// N4: a page number from the address bar is no number of ours.
func TestNoPageNumberBreaksAList(t *testing.T) {
	c := newClient(t, newHouse(t))
	c.want(201, "PUT", "/f", "x")
	p := c.browser()
	for _, page := range []string{"-1", "1e9", "92233720368547758", "9223372036854775807", "99999999999999999999", "x"} {
		for _, list := range []string{"/storage?page=", "/storage?q=f&page=", "/storage/rows/" + c.idOf() + "?page=", "/storage/trash?page="} {
			if a := p.Get(list + page); a.StatusCode != 200 {
				t.Errorf("%s%s: %s", list, page, a.Status)
			}
		}
	}
}
