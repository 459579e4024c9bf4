package storage

import (
	"strings"
	"sync"
	"testing"
	"time"

	"runes.im/platform/tenant"
)

func (c *client) transfer(name string) string { return uploadsRoot + c.ID + "/" + name }

func TestAnUploadInPieces(t *testing.T) {
	h := newHouse(t)
	c := newClient(t, h)
	up := c.transfer("4711")
	c.want(201, "MKCOL", up, "", "OC-Total-Length", "11")
	c.want(405, "MKCOL", up, "")
	// Numbers decide, not the order of arrival or of letters; a piece sent again replaces the first try.
	c.want(201, "PUT", up+"/10", "ld")
	c.want(201, "PUT", up+"/0000000000000002", "wrong")
	c.want(201, "PUT", up+"/2", "lo wor")
	c.want(201, "PUT", up+"/0", "hel")
	list := c.props(up, "1", "d:resourcetype", "d:getcontentlength")
	if got := list[up+"/0000000000000010"]["getcontentlength"]; len(list) != 4 || got != "2" {
		t.Errorf("what has arrived: %v", list)
	}
	c.want(404, "GET", "/film", "")
	c.want(400, "MOVE", up+"/.file", "", "Destination", c.root+"/film", "OC-Total-Length", "12")
	c.want(400, "MOVE", up+"/.file", "", "Destination", c.root+"/film", "OC-Total-Length", "11", "OC-Checksum", "SHA1:"+strings.Repeat("0", 40))
	c.want(404, "MOVE", up+"/.file", "", "Destination", c.root+"/missing/film")
	c.want(400, "MOVE", up+"/.file", "")
	done := c.want(201, "MOVE", up+"/.file", "", "Destination", c.root+"/film", "OC-Total-Length", "11", "X-OC-Mtime", "1700000000",
		"OC-Checksum", "SHA1:2aae6c35c94fcfb415dbe95f408b9ce91ee846ed")
	if done.Header.Get("ETag") == "" || done.Header.Get("OC-FileId") == "" || done.Header.Get("X-OC-MTime") != "accepted" {
		t.Errorf("headers: %v", done.Header)
	}
	if got := c.want(200, "GET", "/film", "").Text; got != "hello world" {
		t.Errorf("assembled: %q", got)
	}
	if got := c.list("/")["/film"]["getetag"]; got != done.Header.Get("ETag") {
		t.Errorf("ETag listed: %q", got)
	}
	for _, r := range [][2]string{{"MOVE", "/.file"}, {"PUT", "/1"}, {"PROPFIND", ""}, {"DELETE", ""}} {
		c.want(404, r[0], up+r[1], "", "Destination", c.root+"/film")
	}
	c.balance(t)
}

func TestAnUploadInPiecesReplacesOnlyWhatItKnows(t *testing.T) {
	c := newClient(t, newHouse(t))
	etag := c.want(201, "PUT", "/film", "old").Header.Get("ETag")
	up := c.transfer("1")
	c.want(201, "MKCOL", up, "", "Destination", c.root+"/film")
	c.want(201, "PUT", up+"/1", "new")
	c.want(412, "MOVE", up+"/.file", "", "Destination", c.root+"/film", "If", `<`+c.root+`/film> (["other"])`)
	c.want(204, "MOVE", up+"/.file", "", "Destination", c.root+"/film", "If", `<`+c.root+`/film> ([`+etag+`])`)
	if got := c.want(200, "GET", "/film", "").Text; got != "new" {
		t.Errorf("got %q", got)
	}
	c.balance(t)
}

func TestUploadsInPiecesAreRefused(t *testing.T) {
	h := newHouse(t)
	c := newClient(t, h)
	other := newClient(t, h, "view_storage", "desktop_sync", "manage_storage_settings")
	up := c.transfer("1")
	c.want(400, "MKCOL", up, "", "OC-Total-Length", "many")
	c.want(404, "MKCOL", c.transfer("1")+"x/y/z", "")
	c.want(201, "MKCOL", up, "", "OC-Total-Length", "5")
	c.want(400, "PUT", up+"/one", "x")
	c.want(400, "PUT", up+"/-1", "x")
	c.want(400, "PUT", up+"/1", "more than five")
	c.want(404, "PUT", c.transfer("2")+"/1", "x")
	c.want(405, "GET", up+"/1", "")
	c.want(405, "MOVE", up+"/1", "", "Destination", c.root+"/film")
	other.want(404, "PUT", up+"/1", "x")
	other.want(404, "MOVE", up+"/.file", "", "Destination", other.root+"/film")
	other.want(404, "PUT", other.transfer("1")+"/1", "x")
	c.want(204, "DELETE", up, "")
	c.want(404, "PUT", up+"/1", "x")
	quota(t, c, 10)
	c.want(201, "MKCOL", up, "") // a client that does not tell how long it will be
	c.want(201, "PUT", up+"/1", "0123456789")
	c.want(507, "PUT", up+"/2", "01")
	ctx, d := c.drive()
	if found, err := d.tenant.Blobs.Check(ctx, true); err != nil || len(found) > 0 {
		t.Errorf("%v %v", found, err)
	}
}

func TestAnUploadIsAssembledOnce(t *testing.T) {
	c := newClient(t, newHouse(t))
	up := c.transfer("1")
	c.want(201, "MKCOL", up, "")
	c.want(201, "PUT", up+"/1", strings.Repeat("x", 100_000))
	var wins sync.Map
	var all sync.WaitGroup
	for i := range 4 {
		all.Add(1)
		go func() {
			defer all.Done()
			if a := c.do("MOVE", up+"/.file", "", "Destination", c.root+"/film"); a.StatusCode < 300 {
				wins.Store(i, a.StatusCode)
			} else if a.StatusCode != 404 {
				t.Errorf("status %d: %s", a.StatusCode, a.Text)
			}
		}()
	}
	all.Wait()
	n := 0
	wins.Range(func(_, _ any) bool { n++; return true })
	if n != 1 {
		t.Errorf("assembled %d times", n)
	}
	c.balance(t)
}

func TestUploadsInPiecesEndByThemselves(t *testing.T) {
	h := newHouse(t)
	c := newClient(t, h)
	up := c.transfer("1")
	c.want(201, "MKCOL", up, "")
	c.want(201, "PUT", up+"/1", "x")
	ctx, d := c.drive()
	ctx = tenant.With(ctx, d.tenant)
	h.Clock.Add(23 * time.Hour)
	if err := expireTransfers(ctx, nil); err != nil {
		t.Fatal(err)
	}
	c.want(201, "PUT", up+"/2", "y")
	h.Clock.Add(23 * time.Hour)
	if err := expireTransfers(ctx, nil); err != nil {
		t.Fatal(err)
	}
	c.want(207, "PROPFIND", up, "")
	h.Clock.Add(2 * time.Hour)
	if err := expireTransfers(ctx, nil); err != nil {
		t.Fatal(err)
	}
	c.want(404, "PROPFIND", up, "")
}
