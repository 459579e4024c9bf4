package storage

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/store"
)

const (
	sha1Hello = "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d" // of "hello"
	md5Hello  = "5d41402abc4b2a76b9719d911017c592"
)

func TestPutAnswersWhatClientsTrust(t *testing.T) {
	c := newClient(t, newHouse(t))
	first := c.want(201, "PUT", "/a.txt", "hello", "X-OC-Mtime", "1700000000", "X-OC-CTime", "1600000000", "OC-Checksum", "SHA1:"+sha1Hello)
	for name, want := range map[string]string{"X-OC-MTime": "accepted", "X-OC-CTime": "accepted", "X-NC-OwnerId": c.ID, "X-NC-Permissions": "RGDNVW"} {
		if got := first.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	get := c.want(200, "GET", "/a.txt", "")
	if get.Header.Get("OC-Checksum") != "SHA1:"+sha1Hello || get.Header.Get("ETag") != first.Header.Get("ETag") ||
		get.Header.Get("OC-ETag") != first.Header.Get("ETag") || get.Header.Get("Last-Modified") != "Tue, 14 Nov 2023 22:13:20 GMT" ||
		!strings.HasPrefix(get.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("headers of GET: %v", get.Header)
	}
	if got := c.list("/")["/a.txt"]["getetag"]; got != first.Header.Get("ETag") {
		t.Errorf("ETag listed: %q", got)
	}
	second := c.want(204, "PUT", "/a.txt", "hello")
	if second.Header.Get("ETag") == first.Header.Get("ETag") || second.Header.Get("OC-FileId") != first.Header.Get("OC-FileId") {
		t.Errorf("the same content again: %v", second.Header)
	}
	if second.Header.Get("X-OC-MTime") != "" {
		t.Error("a time that nobody sent was accepted")
	}
	for _, broken := range []string{"yesterday", "-5", "0", "99999999999999"} {
		if got := c.want(204, "PUT", "/a.txt", "x", "X-OC-Mtime", broken).Header.Get("X-OC-MTime"); got != "" {
			t.Errorf("time %q: %q", broken, got)
		}
	}
	c.want(201, "PUT", "/empty", "")
	part := c.want(206, "GET", "/a.txt", "", "Range", "bytes=0-0")
	if part.Text != "x" || part.Header.Get("Content-Range") != "bytes 0-0/1" {
		t.Errorf("range: %q %v", part.Text, part.Header)
	}
	c.want(416, "GET", "/a.txt", "", "Range", "bytes=5-")
	if head := c.want(200, "HEAD", "/a.txt", ""); head.Text != "" || head.Header.Get("Content-Length") != "1" {
		t.Errorf("HEAD: %v", head.Header)
	}
	c.want(304, "GET", "/a.txt", "", "If-None-Match", c.do("HEAD", "/a.txt", "").Header.Get("ETag"))
}

func TestPutRefusals(t *testing.T) {
	c := newClient(t, newHouse(t))
	c.want(201, "MKCOL", "/folder", "")
	etag := c.want(201, "PUT", "/a", "one").Header.Get("ETag")
	for name, r := range map[string]struct {
		status int
		path   string
		header []string
		says   string
	}{
		"a folder stands there":        {409, "/folder", nil, "folder"},
		"the parent is missing":        {404, "/missing/a", nil, "NotFound"},
		"the parent is a file":         {404, "/a/b", nil, "NotFound"},
		"the top itself":               {403, "/", nil, "Forbidden"},
		"a name of half a download":    {400, "/x.part", nil, "InvalidPath"},
		"a backslash":                  {400, "/x%5Cy", nil, "InvalidPath"},
		"a false SHA1":                 {400, "/new", []string{"OC-Checksum", "SHA1:" + strings.Repeat("0", 40)}, "damaged"},
		"a false MD5":                  {400, "/new", []string{"OC-Checksum", "MD5:" + strings.Repeat("0", 32)}, "damaged"},
		"a part of a file":             {400, "/new", []string{"Content-Range", "bytes 0-2/5"}, "Content-Range"},
		"changed meanwhile":            {412, "/a", []string{"If-Match", `"other"`}, "PreconditionFailed"},
		"only when new, but is there":  {412, "/a", []string{"If-None-Match", "*"}, "PreconditionFailed"},
		"only when there, but is not":  {412, "/new", []string{"If-Match", "*"}, "PreconditionFailed"},
		"an If that does not hold":     {412, "/a", []string{"If", `(["other"])`}, "PreconditionFailed"},
		"an If that nobody can read":   {400, "/a", []string{"If", "(("}, "If"},
		"somebody else's drive":        {404, filesRoot + "01a20000-0000-7000-8000-000000000000/a", nil, "NotFound"},
		"a drive that was never there": {404, "/remote.php/dav/files/", nil, "NotFound"},
	} {
		a := c.want(r.status, "PUT", r.path, "hello", r.header...)
		if !strings.Contains(a.Text, r.says) || !strings.Contains(a.Text, "<s:message>") {
			t.Errorf("%s: %s", name, a.Text)
		}
	}
	c.want(404, "GET", "/new", "")
	if got := c.want(200, "GET", "/a", "").Text; got != "one" {
		t.Errorf("after all refusals: %q", got)
	}
	c.want(204, "PUT", "/a", "hello", "If-Match", etag, "OC-Checksum", "MD5:"+strings.ToUpper(md5Hello))
	c.want(201, "PUT", "/deep/er/a", "x", "X-NC-WebDAV-Auto-Mkcol", "1")
	c.want(405, "POST", "/a", "")
}

func TestNoUpdateIsLost(t *testing.T) {
	c := newClient(t, newHouse(t))
	c.want(201, "PUT", "/counter", "")
	const writers, each = 8, 6
	seen := map[string]bool{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for w := range writers {
		all.Add(1)
		go func() {
			defer all.Done()
			for n := 0; n < each; {
				get := c.do("GET", "/counter", "")
				put := c.do("PUT", "/counter", get.Text+fmt.Sprintf("%d.%d\n", w, n), "If-Match", get.Header.Get("ETag"))
				mu.Lock()
				switch {
				case put.StatusCode == 204 && seen[put.Header.Get("ETag")]:
					t.Error("an ETag came twice")
					n = each
				case put.StatusCode == 204:
					seen[put.Header.Get("ETag")] = true
					n++
				case put.StatusCode != 412:
					t.Errorf("status %d", put.StatusCode)
					n = each
				}
				mu.Unlock()
			}
		}()
	}
	all.Wait()
	if lines := strings.Count(c.want(200, "GET", "/counter", "").Text, "\n"); lines != writers*each {
		t.Fatalf("%d updates, want %d", lines, writers*each)
	}
	c.balance(t)
}

func TestAnAbortedUploadLeavesNothing(t *testing.T) {
	h := newHouse(t)
	c := newClient(t, h)
	body, feed := io.Pipe()
	go func() {
		feed.Write([]byte(strings.Repeat("x", 1<<20)))
		feed.CloseWithError(io.ErrUnexpectedEOF)
	}()
	req, err := http.NewRequest("PUT", numbered127(t, h)+c.root+"/film", body)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(c.Email, c.Secret())
	if resp, err := new(http.Client).Do(req); err == nil {
		resp.Body.Close()
		t.Fatalf("status %d", resp.StatusCode)
	}
	c.want(404, "GET", "/film", "")
	ctx, d := c.drive()
	if found, err := d.tenant.Blobs.Check(ctx, true); err != nil || len(found) > 0 {
		t.Fatalf("%v %v", found, err)
	}
}

// A suspension or a lost right takes effect on what is still on its way: nothing of it lands.
func TestAnUploadOfSomebodyShutOutMeanwhileDoesNotLand(t *testing.T) {
	tests := []struct {
		name, query string
		length      int64
		want        fault.Kind
	}{
		{"suspended", `UPDATE identity_members SET state = 'suspended' WHERE id = ?`, 1 << 20, fault.SignedOut},
		{"suspended, with a small file", `UPDATE identity_members SET state = 'suspended' WHERE id = ?`, 10, fault.SignedOut},
		{"without the right", `INSERT INTO identity_exceptions (member_id, permission, granted) VALUES (?, 'view_storage', 0)
			ON CONFLICT DO UPDATE SET granted = 0`, 1 << 20, fault.Forbidden},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := newHouse(t)
			c := newClient(t, h)
			ctx, d := c.drive()
			ctx = identity.WithHouse(ctx, h.App.People)
			if err := d.beginTransfer(ctx, "reel", -1, nil); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"before", "film"} {
				body := io.LimitReader(zeros{}, test.length)
				if name == "film" {
					body = io.MultiReader(io.LimitReader(zeros{}, test.length/2), meanwhile(func() { c.shutOut(test.query) }), io.LimitReader(zeros{}, test.length-test.length/2))
				}
				_, _, err := d.put(ctx, path{name}, body, upload{Length: test.length})
				if name == "before" && err != nil || name == "film" && !fault.Is(err, test.want) {
					t.Errorf("%s: %v", name, err)
				}
			}
			if _, err := d.find(ctx, d.tenant.DB, path{"film"}); !fault.Is(err, fault.NotFound) {
				t.Errorf("the file landed: %v", err)
			}
			if err := d.writeChunk(ctx, "reel", 1, strings.NewReader("x"), 1); !fault.Is(err, test.want) {
				t.Errorf("a piece: %v", err)
			}
			if _, _, err := d.finishTransfer(ctx, "reel", path{"film"}, upload{Length: -1}); !fault.Is(err, test.want) {
				t.Errorf("the end of a transfer: %v", err)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// meanwhile does something in the middle of a body and brings no bytes.
type meanwhile func()

func (m meanwhile) Read([]byte) (int, error) { m(); return 0, io.EOF }

// shutOut changes the person in the database alone, so that no memory of them tells the request earlier.
func (c *client) shutOut(query string) {
	c.t.Helper()
	err := c.House.Tenant("acme").DB.Write(c.House.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, query, c.ID)
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

func TestQuota(t *testing.T) {
	c := newClient(t, newHouse(t))
	c.want(201, "PUT", "/kept", strings.Repeat("a", 1000))
	quota(t, c, 500)
	c.want(507, "PUT", "/more", strings.Repeat("b", 501))
	c.want(507, "PUT", "/much", strings.Repeat("b", 100_000))
	c.want(507, "PUT", "/kept", strings.Repeat("b", 501)) // what it replaces stays as a version
	c.want(507, "COPY", "/kept", "", "Destination", c.root+"/copy")
	c.want(507, "MKCOL", uploadsRoot+c.ID+"/1", "", "OC-Total-Length", "501")
	c.want(201, "PUT", "/more", strings.Repeat("b", 500))
	list := c.props("/", "0", "d:quota-used-bytes", "d:quota-available-bytes")["/"]
	if list["quota-used-bytes"] != "1500" || list["quota-available-bytes"] != "0" {
		t.Errorf("quota listed: %v", list)
	}
	c.want(204, "DELETE", "/kept", "")
	c.want(507, "PUT", "/new", "x") // the trash counts
	ctx, d := c.drive()
	err := d.tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := d.emptyTrash(ctx, tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c.want(201, "PUT", "/new", "x")
	c.balance(t)
}

func TestAPersonHearsThatTheDriveFillsUp(t *testing.T) {
	c := newClient(t, newHouse(t))
	c.want(201, "MKCOL", "/x", "")
	quota(t, c, 1000)
	notes := func() (n int) {
		ctx, d := c.drive()
		err := d.tenant.DB.QueryRow(ctx, `SELECT count(*) FROM notify_notes WHERE kind = 'storage.quota_warning'`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for i, want := range []int{0, 1, 1, 2, 2} {
		c.want(201, "PUT", fmt.Sprintf("/%d", i), strings.Repeat("a", []int{700, 150, 50, 60, 30}[i]))
		if got := notes(); got != want {
			t.Fatalf("after upload %d: %d notes, want %d", i, got, want)
		}
	}
}
