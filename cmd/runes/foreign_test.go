package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"runes.im/platform/runetest"
)

// deed is one request that names something by its number.
type deed struct {
	method, path string
	form         url.Values
}

func (d deed) String() string { return d.method + " " + d.path + " " + d.form.Encode() }

func (d deed) by(p *runetest.Person) *runetest.Answer {
	switch d.method {
	case http.MethodPost:
		return p.Post(d.path, d.form)
	case http.MethodPut:
		return p.Put(d.path, strings.NewReader("foreign"))
	}
	return p.Get(d.path)
}

var (
	hasNumber = regexp.MustCompile(`/\d|id=\d|open=\d|from=\d|/[0-9a-f]{8}-[0-9a-f-]{20}|/transfer/web-|/connect/`)
	numbers   = regexp.MustCompile(`\b70\d{4}\b`)
)

// deeds is all that can be asked about what this person owns: every address that its pages show, and every way to name
// one of its things in a form.
func (l *lived) deeds(t *testing.T) []deed {
	t.Helper()
	var all []deed
	things := map[string]bool{}
	for _, path := range crawl(l.owner, func(string, *runetest.Answer) {}, "/", "/storage", "/storage/trash", "/storage/sync") {
		if strings.HasPrefix(path, "/assets/") {
			continue
		}
		for _, n := range numbers.FindAllString(path, -1) {
			things[n] = true
		}
		if hasNumber.MatchString(path) {
			all = append(all, deed{"GET", path, nil}, deed{"POST", path, url.Values{"name": {"evil"}, "path": {"evil"}}})
		}
	}
	for _, n := range numbers.FindAllString(l.owner.Get("/storage/trash").Text, -1) {
		things[n] = true
	}
	if len(things) < 5 {
		t.Fatalf("found %v only", things)
	}
	for id := range things {
		for _, page := range []string{"f", "rows", "ids", "details", "download", "rename", "new"} {
			all = append(all, deed{"GET", "/storage/" + page + "/" + id, nil})
		}
		for _, page := range []string{"move", "copy", "trash/destroy"} {
			all = append(all, deed{"GET", "/storage/" + page + "?id=" + id, nil}, deed{"GET", "/storage/" + page + "?n=1&from=" + id, nil})
		}
		for _, page := range []string{"delete", "move", "copy", "download", "trash/restore", "trash/destroy"} {
			all = append(all, deed{"POST", "/storage/" + page, url.Values{"id": {id}, "to": {"OWN"}}},
				deed{"POST", "/storage/" + page + "?to=OWN&id=" + id, url.Values{}},
				deed{"POST", "/storage/" + page, url.Values{"ids": {"OWN," + id}, "to": {"OWN"}, "only": {id}}})
		}
		for _, page := range []string{"new", "rename", "folder", "taken"} {
			all = append(all, deed{"POST", "/storage/" + page + "/" + id, url.Values{"name": {"evil"}, "path": {"evil"}}})
		}
		all = append(all, deed{"POST", "/storage/move", url.Values{"id": {"OWNFILE"}, "to": {id}}}, deed{"POST", "/storage/copy", url.Values{"id": {"OWNFILE"}, "to": {id}}},
			deed{"POST", "/storage/transfer", url.Values{"folder": {id}, "path": {"evil"}, "size": {"1"}}},
			deed{"PUT", "/storage/upload/" + id + "?path=evil", nil})
		for n := range 3 {
			version := fmt.Sprintf("/storage/version/%s/%d", id, n)
			all = append(all, deed{"GET", version, nil}, deed{"POST", version + "/restore", url.Values{}})
		}
	}
	transfer := "/storage/transfer/" + l.transfer
	all = append(all, deed{"GET", transfer, nil}, deed{"PUT", transfer + "/0", nil}, deed{"POST", transfer + "/drop", url.Values{}},
		deed{"POST", transfer + "/finish", url.Values{"folder": {"OWN"}, "path": {"evil"}}})
	sort.Slice(all, func(a, b int) bool { return all[a].String() < all[b].String() })
	return slices.CompactFunc(all, func(a, b deed) bool { return a.String() == b.String() })
}

// with puts the stranger's own folder and file where a deed needs some.
func (d deed) with(top, file string) deed {
	swap := strings.NewReplacer("OWNFILE", file, "OWN", top)
	form := url.Values{}
	for name, values := range d.form {
		for _, v := range values {
			form.Add(name, swap.Replace(v))
		}
	}
	return deed{d.method, swap.Replace(d.path), form}
}

// state is everything that the drive, the trash, uploads and app passwords of the organisation hold, as one sum.
func state(t *testing.T, h *runetest.House, slug string) string {
	t.Helper()
	ctx, db, sum := h.Context(), h.Tenant(slug).DB, sha256.New()
	for _, query := range []string{
		`SELECT group_concat(id || name || coalesce(parent, '') || etag || content) FROM storage_nodes`,
		`SELECT group_concat(node || deleted_at) FROM storage_trash`, `SELECT group_concat(id || node) FROM storage_versions`,
		`SELECT group_concat(id || name) FROM storage_transfers`, `SELECT group_concat(poll || member) FROM storage_flows`,
		`SELECT group_concat(id || label) FROM identity_app_passwords`, `SELECT count(*) FROM audit_lines`,
		`SELECT group_concat(id || coalesce(read_at, '')) FROM notify_notes`,
	} {
		var text any
		if err := db.QueryRow(ctx, query).Scan(&text); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		fmt.Fprintf(sum, "%v\n", text)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// T4: what one person owns is open to nobody else, whichever number a stranger knows: not to a colleague with the same
// rights, not to somebody without rights, not to the owner of another organisation, not to a visitor.
func TestWhatOnePersonOwnsIsOpenToNobodyElse(t *testing.T) {
	t.Parallel()
	l := newLived(t)
	all := l.deeds(t)
	opened := 0
	for _, d := range all {
		if d.method == "GET" && d.by(l.owner).StatusCode == 200 {
			opened++
		}
	}
	if len(all) < 150 || opened < 40 {
		t.Fatalf("%d deeds, %d of them open to the owner: too few to prove anything", len(all), opened)
	}
	strangers := map[string]*runetest.Person{
		"a colleague":                       l.Person("view_storage", "desktop_sync", "manage_storage_settings"),
		"somebody without rights":           l.Person(),
		"the owner of another organisation": l.PersonOf("beta", "owner"),
		"a visitor":                         l.Visitor("acme"),
	}
	for who, p := range strangers {
		top, file := "1", "1"
		if a := p.Get("/storage"); a.StatusCode == 200 {
			top = match(t, topFolder, a.Text)
			a = p.Put("/storage/upload/"+top+"?path=own", strings.NewReader("own"))
			file = match(t, `"id":"(\d+)"`, a.Text)
		}
		before := state(t, l.House, "acme")
		for _, d := range all {
			if strings.HasPrefix(d.path, "/storage/connect/") && who == "a colleague" {
				continue // a program may be let in by whoever opened its page, as themselves
			}
			if strings.HasPrefix(d.path, "/people/") && who == "a colleague" {
				continue // colleagues are known to each other; what is the person's own is not on the page
			}
			a := d.with(top, file).by(p)
			if d.method == http.MethodGet && a.Header.Get("Location") == "/storage/trash" {
				continue // of what is not in one's own trash nothing was chosen
			}
			if granted(a) {
				t.Errorf("%s: %s: %s", who, d, a.Status)
			}
		}
		if state(t, l.House, "acme") != before {
			t.Errorf("%s changed something", who)
		}
	}
}

// S3: a page never changes anything when it is only looked at, and takes no deed from another site.
func TestNoDeedIsDoneByLookingOrFromElsewhere(t *testing.T) {
	t.Parallel()
	l := newLived(t)
	all := l.deeds(t)
	owner := l.Person("owner") // to whom every page is open
	owner.Get("/")
	before, whole := state(t, l.House, "acme"), everything(t, l.House, "acme")
	for _, d := range all {
		looked := d.with("1", "1")
		looked.path += map[bool]string{true: "&", false: "?"}[strings.Contains(looked.path, "?")] + looked.form.Encode()
		l.owner.Get(looked.path)
		l.owner.Do(http.MethodHead, looked.path, nil, nil)
	}
	pages, _ := places(t, l.House)
	for _, p := range pages {
		if p.path != "/live" && p.path != "/preferences/language" {
			l.owner.Get(p.path + "?csrf=x&name=evil&id=1&typed=empty")
			owner.Get(p.path + "?csrf=x&name=evil&id=1&typed=empty&value=1&on=true&choice=admin&way=granted&permission=manage_users")
		}
	}
	if got := state(t, l.House, "acme"); got != before {
		t.Error("looking changed something")
	}
	for table, sum := range everything(t, l.House, "acme") {
		if whole[table] != sum {
			t.Errorf("looking changed %s", table)
		}
	}
	own := strings.TrimSuffix(l.URL("acme", "/"), "/")
	origins := []http.Header{
		{"Origin": {"https://evil.test"}},
		{"Origin": {"https://evil.test"}, "Sec-Fetch-Site": {"cross-site"}},
		{"Origin": {l.URL("beta", "")}, "Sec-Fetch-Site": {"same-site"}},
		{"Origin": {"http://acme.localhost:1"}},
		{"Origin": {own + ".evil.test"}},
		{"Origin": {"null"}},
	}
	bodies := map[string]string{"application/x-www-form-urlencoded": "id=1&name=evil", "text/plain": "id=1&name=evil", "application/json": `{"id":1}`}
	page := l.owner.Get("/storage").Text
	token := match(t, `name="csrf-token" content="([^"]+)"`, page)
	for _, p := range pages {
		if p.Method == http.MethodGet || p.Method == http.MethodHead {
			continue
		}
		for _, origin := range origins {
			for kind, body := range bodies {
				header := origin.Clone()
				header.Set("Content-Type", kind)
				header.Set("X-Csrf-Token", token)
				if a := l.owner.Do(p.Method, p.path, strings.NewReader(body), header); a.StatusCode != http.StatusForbidden {
					t.Errorf("%s %s from %v as %s: %s, want 403", p.Method, p.path, origin, kind, a.Status)
				}
			}
		}
	}
	if got := state(t, l.House, "acme"); got != before {
		t.Error("a foreign site changed something")
	}
}
