package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"runes.im/platform/identity"
	"runes.im/platform/live"
	"runes.im/platform/runetest"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
)

// peopled is a house whose first organisation holds what every installed rune shows in a demo: whatever is added later comes
// along.
type peopled struct {
	*runetest.House
	owner *runetest.Person
}

func newPeopled(t *testing.T) *peopled {
	t.Helper()
	h := &peopled{House: runetest.Start(t, installed())}
	h.fill(t, "acme")
	h.owner = h.Person("owner")
	return h
}

// fill gives an organisation the demo of every rune. Numbers begin where those of nobody else do.
func (h *peopled) fill(t *testing.T, slug string) {
	t.Helper()
	in := h.Tenant(slug)
	ctx := identity.WithHouse(live.With(tenant.With(h.Context(), in), h.App.Hub), h.App.People)
	err := in.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM sqlite_sequence`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO sqlite_sequence (name, seq) SELECT name, 7000000 FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	people := []*identity.Person{h.PersonOf(slug, "owner").Person}
	for n := range 5 {
		p, err := h.App.People.AddMember(ctx, in, identity.NewMember{Email: fmt.Sprintf("m%d@%s.example", n, slug), Name: fmt.Sprintf("Member %d", n), Locale: "en", Role: "employee"})
		if err != nil {
			t.Fatal(err)
		}
		people = append(people, p)
	}
	for _, one := range h.App.Runes {
		if one.Demo != nil {
			if err := one.Demo(ctx, in, people); err != nil {
				t.Fatalf("demo of %s: %v", one.ID, err)
			}
		}
	}
}

var (
	thing    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|\b700\d{4}\b`)
	formTag  = regexp.MustCompile(`(?s)<form\b([^>]*)>(.*?)</form>`)
	inputTag = regexp.MustCompile(`(?s)<(?:input|button|textarea|option|select)\b([^>]*)>`)
	attr     = regexp.MustCompile(`([a-z-]+)="([^"]*)"`)
)

func attrs(tag string) map[string]string {
	found := map[string]string{}
	for _, m := range attr.FindAllStringSubmatch(tag, -1) {
		found[m[1]] = html.UnescapeString(m[2])
	}
	return found
}

// formsOf are the deeds that a page offers, with what it would send along.
func formsOf(path, text string) (found []deed) {
	for _, m := range formTag.FindAllStringSubmatch(text, -1) {
		form, fields, actions := attrs(m[1]), url.Values{}, []string{}
		if !strings.EqualFold(form["method"], "post") {
			continue
		}
		if actions = append(actions, form["action"]); form["action"] == "" {
			actions[0] = path
		}
		name := "" // of the select that the options belong to
		for _, tag := range inputTag.FindAllStringSubmatch(m[2], -1) {
			a := attrs(tag[1])
			if strings.HasPrefix(tag[0], "<select") {
				name = a["name"]
			}
			if a["formaction"] != "" {
				actions = append(actions, a["formaction"])
			}
			if strings.HasPrefix(tag[0], "<option") {
				a["name"] = name
			}
			if a["name"] != "" && a["name"] != "csrf" && fields.Get(a["name"]) == "" {
				fields.Set(a["name"], a["value"])
			}
		}
		for _, action := range actions {
			found = append(found, deed{http.MethodPost, action, fields})
		}
	}
	return found
}

// known is what can be asked about the things of the organisation: every address and every form that names one.
func (h *peopled) known(t *testing.T) []deed {
	t.Helper()
	seen := map[string]deed{}
	note := func(d deed) {
		if thing.MatchString(d.path+d.form.Encode()) && !strings.HasPrefix(d.path, "/assets/") {
			seen[d.String()] = d
		}
	}
	start := []string{"/", "/settings", "/search?q=a", "/palette?q=a", "/bin"}
	pages, doors := places(t, h.House)
	for _, p := range pages {
		if p.Method == http.MethodGet && p.Pattern == p.path && p.path != "/live" {
			start = append(start, p.path)
		}
	}
	things := map[string]bool{}
	for _, path := range crawl(h.owner, func(path string, a *runetest.Answer) {
		for _, d := range formsOf(path, a.Text) {
			note(d)
		}
		for _, id := range thing.FindAllString(a.Text, -1) {
			things[id] = true
		}
	}, start...) {
		note(deed{http.MethodGet, path, nil})
	}
	for _, d := range doors {
		if d.Scope == "api" && strings.HasSuffix(d.Pattern, "/{id}") {
			for _, id := range thing.FindAllString(h.api(t, "acme", strings.TrimSuffix(d.Pattern, "/{id}")), -1) {
				things[id] = true
				for _, method := range []string{http.MethodGet, http.MethodPatch, http.MethodDelete} {
					note(deed{method, strings.Replace(d.Pattern, "{id}", id, 1), nil})
				}
			}
		}
	}
	// A thing that stands on some page may be asked for at every page of one thing, of its rune or of another.
	for _, p := range pages {
		if n := 0; strings.Count(p.Pattern, "{") == 1 && !strings.Contains(p.Pattern, "logout") {
			for id := range things {
				if n++; n > 3 {
					break
				}
				note(deed{p.Method, parameter.ReplaceAllString(p.Pattern, id), url.Values{"name": {"evil"}}})
			}
		}
	}
	var all []deed
	alike := map[string]int{} // a few of those that differ in nothing but the thing
	for _, d := range seen {
		shape := thing.ReplaceAllString(d.String(), "")
		if alike[shape]++; alike[shape] <= 3 {
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b deed) int { return strings.Compare(a.String(), b.String()) })
	if len(things) < 60 || len(all) < 300 {
		t.Fatalf("%d things and %d ways to ask: too few to prove anything", len(things), len(all))
	}
	t.Logf("%d things, %d ways to ask for them", len(things), len(all))
	return all
}

// api is what the list of a noun answers to a token that holds everything the owner holds.
func (h *peopled) api(t *testing.T, slug, path string) string {
	t.Helper()
	return h.Visitor(slug).Do(http.MethodGet, path, nil, h.bearer(t, slug)).Text
}

func (h *peopled) bearer(t *testing.T, slug string) http.Header {
	t.Helper()
	var all []string
	for _, s := range h.App.People.Catalogue() {
		all = append(all, s.Permissions...)
	}
	in := h.Tenant(slug)
	_, secret, err := h.App.People.MakeAPIToken(tenant.With(h.Context(), in), in, h.PersonOf(slug, "owner").ID, identity.NewToken{Name: "all", Scopes: all, Lasts: 1e12})
	if err != nil {
		t.Fatal(err)
	}
	return http.Header{"Authorization": {"Bearer " + secret}}
}

// everything is what the database of an organisation holds, but for who came when, and who was refused.
func everything(t *testing.T, h *runetest.House, slug string) map[string]string {
	t.Helper()
	db, ctx := h.Tenant(slug).DB, h.Context()
	text := func(query string, args ...any) (all []string) {
		rows, err := db.Query(ctx, query, args...)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		defer rows.Close()
		for rows.Next() {
			var one any
			if err := rows.Scan(&one); err != nil {
				t.Fatal(err)
			}
			all = append(all, fmt.Sprint(one))
		}
		return all
	}
	sums := map[string]string{}
	for _, table := range text(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`) {
		if slices.ContainsFunc([]string{"identity_sessions", "identity_throttle", "identity_alarms", "audit_", "search_", "store_", "job_", "desk_"}, func(p string) bool { return strings.HasPrefix(table, p) }) {
			continue
		}
		columns := text(`SELECT 'quote("' || name || '")' FROM pragma_table_info(?)`, table)
		sum := sha256.New()
		for _, row := range text(`SELECT ` + strings.Join(columns, `||'|'||`) + ` FROM "` + table + `" ORDER BY 1`) {
			sum.Write([]byte(row))
		}
		sums[table] = hex.EncodeToString(sum.Sum(nil))
	}
	return sums
}

// routeOf is the entry of the site map that answers the deed.
func routeOf(routes []place, d deed) *place {
	path, _, _ := strings.Cut(d.path, "?")
	for n, r := range routes {
		if (r.Method == d.method || r.Method == "*") && pattern(r.Pattern).MatchString(path) {
			return &routes[n]
		}
	}
	return nil
}

var patterns = map[string]*regexp.Regexp{}

func pattern(p string) *regexp.Regexp {
	if patterns[p] == nil {
		quoted := strings.NewReplacer(`\{`, `{`, `\}`, `}`).Replace(regexp.QuoteMeta(p))
		patterns[p] = regexp.MustCompile("^" + strings.ReplaceAll(parameter.ReplaceAllString(quoted, `[^/]+`), `\*`, `.*`) + "$")
	}
	return patterns[p]
}

// shared are pages of one thing that everybody of the organisation may see: what the thing is for.
var shared = map[string]bool{
	"/brand/assets/{id}": true, "/brand/assets/{id}/picture": true, "/brand/assets/{id}/download": true, "/organizations/{id}/logo": true,
}

var anyThing = regexp.MustCompile(thing.String() + `|\b800\d{4}\b`)

var maskedToken = regexp.MustCompile(`(name="csrf(?:-token)?" (?:value|content)=")[^"]*`)

// T4: whatever names a thing of one organisation, found by looking at every page, form and list of it, opens and changes nothing
// for the owner of another one, for a member without rights, and for a visitor.
func TestNothingOfOneOrganisationIsOpenToAnother(t *testing.T) {
	t.Parallel()
	h := newPeopled(t)
	all := h.known(t)
	pages, doors := places(t, h.House)
	routes := append(pages, doors...)
	slices.SortStableFunc(routes, func(a, b place) int { return strings.Count(a.Pattern, "{") - strings.Count(b.Pattern, "{") })
	opened := 0
	for _, d := range all {
		if d.method == http.MethodGet && opened < 100 && routeOf(routes, d) != nil && granted(d.by(h.owner)) {
			opened++
		}
	}
	if opened < 100 {
		t.Fatalf("only %d are open to their owner", opened)
	}
	beta, weak := h.PersonOf("beta", "owner"), h.Person()
	token := h.bearer(t, "beta")
	before := everything(t, h.House, "acme")
	strange := func(text string) string {
		return thing.ReplaceAllStringFunc(text, func(id string) string {
			if strings.Contains(id, "-") {
				return "01900000-0000-7000-8000-" + id[24:]
			}
			return "8" + id[1:]
		})
	}
	plain := func(a *runetest.Answer) string {
		return anyThing.ReplaceAllString(a.Header.Get("Location")+maskedToken.ReplaceAllString(a.Text, "$1"), "ID")
	}
	for who, p := range map[string]*runetest.Person{"the owner of another organisation": beta, "a member without rights": weak, "a visitor": h.Visitor("acme")} {
		asked, program := 0, h.Visitor(p.Slug)
		for _, d := range all {
			r := routeOf(routes, d)
			if r == nil || r.Permission == web.Public || r.Permission == web.AtGate || strings.HasPrefix(d.path, "/logout") || p == weak && shared[r.Pattern] {
				continue
			}
			asked++
			do := func(d deed) *runetest.Answer {
				if r.Scope == "api" {
					header := http.Header{}
					if p == beta {
						header = token.Clone()
					}
					header.Set("Content-Type", "application/json")
					return program.Do(d.method, d.path, strings.NewReader(`{"note":"evil"}`), header)
				}
				return d.by(p)
			}
			a := do(d)
			if !granted(a) {
				continue
			}
			// A page for everybody that was asked about a thing must answer as for one that never was.
			other := deed{d.method, strange(d.path), url.Values{}}
			for name, values := range d.form {
				for _, v := range values {
					other.form.Add(name, strange(v))
				}
			}
			if one, same := plain(a), plain(do(other)); one != same {
				at := 0
				for at < min(len(one), len(same)) && one[at] == same[at] {
					at++
				}
				t.Errorf("%s: %s: %s %s …%.60s", who, d, a.Status, a.Header.Get("Location"), one[max(0, at-30):])
			}
		}
		if asked < 200 {
			t.Errorf("%s asked %d times only", who, asked)
		}
	}
	after := everything(t, h.House, "acme")
	for table, sum := range before {
		if after[table] != sum {
			t.Errorf("%s was changed", table)
		}
	}
}
