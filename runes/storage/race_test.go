package storage

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"runes.im/platform/identity"
	"runes.im/platform/tenant"
)

// atOnce does the same thing from several sides and counts the answers.
func (c *client) atOnce(n int, one func(i int) (method, path string, header []string)) map[int]int {
	var all sync.WaitGroup
	var mu sync.Mutex
	found := map[int]int{}
	for i := range n {
		all.Go(func() {
			method, path, header := one(i)
			a := c.do(method, path, "", header...)
			mu.Lock()
			defer mu.Unlock()
			found[a.StatusCode]++
		})
	}
	all.Wait()
	return found
}

func TestOneOfManyWhoActAtOnceWins(t *testing.T) {
	c := newClient(t, newHouse(t))
	c.want(201, "PUT", "/f", "x")
	got := c.atOnce(8, func(i int) (string, string, []string) {
		return "MOVE", "/f", []string{"Destination", fmt.Sprintf("%s/to%d", c.root, i)}
	})
	if got[201] != 1 || got[404] != 7 {
		t.Errorf("one file moved to eight places: %v", got)
	}
	for i := range 8 {
		c.want(201, "PUT", fmt.Sprintf("/from%d", i), "x")
	}
	got = c.atOnce(8, func(i int) (string, string, []string) {
		return "MOVE", fmt.Sprintf("/from%d", i), []string{"Destination", c.root + "/one", "Overwrite", "F"}
	})
	if got[201] != 1 || got[412] != 7 {
		t.Errorf("eight files moved to one place: %v", got)
	}
	got = c.atOnce(8, func(int) (string, string, []string) { return "MKCOL", "/folder", nil })
	if got[201] != 1 || got[405] != 7 {
		t.Errorf("one folder made eight times: %v", got)
	}
	c.want(201, "MKCOL", "/a", "")
	c.want(201, "MKCOL", "/b", "")
	got = c.atOnce(2, func(i int) (string, string, []string) {
		from, to := string(rune('a'+i)), string(rune('b'-i))
		return "MOVE", "/" + from, []string{"Destination", c.root + "/" + to + "/" + from}
	})
	if got[201] != 1 {
		t.Errorf("two folders moved into each other: %v", got)
	}
	got = c.atOnce(8, func(i int) (string, string, []string) {
		if i%2 == 0 {
			return "DELETE", "/one", nil
		}
		return "PUT", "/one", nil
	})
	if got[204]+got[201]+got[404] != 8 {
		t.Errorf("deleted and written at once: %v", got)
	}
	c.balance(t)
}

// A9: one app password becomes one other, however often it asks at once.
func TestOneAppPasswordBecomesOneOther(t *testing.T) {
	c := newClient(t, newHouse(t))
	got := c.atOnce(8, func(int) (string, string, []string) {
		return "POST", "/ocs/v2.php/core/apppassword/rotate", []string{"OCS-APIRequest", "true"}
	})
	all, err := c.House.App.People.AppPasswords(c.House.Context(), c.House.Tenant("acme"), c.ID)
	if err != nil || len(all) != 1 || got[200] != 1 || got[404]+got[401] != 7 {
		t.Errorf("answers %v, then %d app passwords (%v)", got, len(all), err)
	}
}

// A quota cannot be passed by sending at once what each fits alone, nor by keeping it in uploads that are never finished.
func TestAQuotaCannotBePassedTogether(t *testing.T) {
	h := newHouse(t)
	c := newClient(t, h)
	c.want(201, "PUT", "/f", strings.Repeat("x", 100_000))
	quota(t, c, 250_000)
	got := c.atOnce(8, func(i int) (string, string, []string) {
		return "COPY", "/f", []string{"Destination", fmt.Sprintf("%s/copy%d", c.root, i)}
	})
	if got[201] != 2 || got[507] != 6 {
		t.Errorf("eight copies where two fit: %v", got)
	}
	p := c.browser()
	for n := range 4 {
		p.Post("/storage/copy", url.Values{"id": {c.idOf("f")}, "to": {c.idOf()}, "conflict": {"keep"}})
		c.do("PUT", "/f", strings.Repeat("y", 90_000+n))
		p.Post("/storage/trash/restore", url.Values{"id": {c.idOf("f")}})
	}
	ctx, d := c.drive()
	books, err := d.quota(ctx, d.tenant.DB)
	if err != nil || books.Used > books.Quota || books.room() < 40_000 {
		t.Fatalf("%d of %d bytes used (%v)", books.Used, books.Quota, err)
	}
	c.balance(t)

	piece := strings.Repeat("z", 20_000)
	sent := int64(0)
	for n := range 8 {
		up, header := c.transfer(fmt.Sprint(n)), []string{"OC-Total-Length", "40000"}
		if n%2 == 0 {
			header = nil // it does not tell how long it will be
		}
		if c.do("MKCOL", up, "", header...).StatusCode != 201 {
			continue
		}
		for i := range 2 {
			if c.do("PUT", fmt.Sprintf("%s/%d", up, i), piece).StatusCode == 201 {
				sent += int64(len(piece))
			}
		}
	}
	if sent > 2*books.room() || sent == 0 {
		t.Errorf("%d bytes wait in uploads where %d fit", sent, books.room())
	}
	h.Clock.Add(promiseFor + time.Second)
	c.want(201, "MKCOL", c.transfer("again"), "", "OC-Total-Length", strconv.FormatInt(books.room(), 10))
}

// T7: what people call themselves, their folders and their uploads never becomes a name on the disk.
func TestNamesNeverReachTheDisk(t *testing.T) {
	h := newHouse(t)
	org := h.Tenant("acme")
	big := strings.Repeat("b", 70_000)
	for i, name := range []string{"..", "a/b", "CON", "Stra\u00dfe", "STRASSE", "\u212b", "\u00c5", "../../system.db", `..\..\x`, "a\u202eb"} {
		email := fmt.Sprintf("p%d@acme.example", i)
		m, err := h.App.People.AddMember(tenant.With(h.Context(), org), org, identity.NewMember{Email: email, Name: name, Role: "admin", Password: "correct horse battery"})
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		_, secret, err := h.App.People.MakeAppPassword(tenant.With(h.Context(), org), org, m.ID, name, []string{syncScope})
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		p := h.Visitor("acme").WithPassword(email, secret)
		for _, file := range []string{"CON", "...", "a:b", url.PathEscape(name)} {
			p.Do("PUT", "/dav/"+file, strings.NewReader(big+file+name), nil)
			up := "/remote.php/dav/uploads/" + m.ID + "/" + file
			p.Do("MKCOL", up, nil, nil)
			p.Do("PUT", up+"/1", strings.NewReader(big), nil)
		}
	}
	internal := regexp.MustCompile(`^(data|tenants|acme|blobs|(system|tenant)\.db(-wal|-shm)?|runes\.(lock|sock)|tmp|parts|[0-9a-f]{2}|[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f-]{27}|\d+)$`)
	files := 0
	err := filepath.WalkDir(h.Dir, func(path string, e fs.DirEntry, err error) error {
		files++
		if !internal.MatchString(e.Name()) {
			t.Errorf("%q lies in the data directory", path)
		}
		return err
	})
	if err != nil || files < 30 {
		t.Errorf("%d files: %v", files, err)
	}
	if beside, err := os.ReadDir(filepath.Dir(h.Dir)); err != nil || len(beside) != 2 {
		t.Errorf("beside the data directory and its key lie %v (%v)", beside, err)
	}
}
