package shell_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"runes.im/platform/entitlement"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/platform/search"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// findable is the notebook with pages that can be found.
func findable() runekit.Rune {
	n := notebook()
	n.Offers = append(n.Offers, slot.Searches.Offer(slot.Search{Kind: "page", Title: "notebook.nav.pages", Icon: "box", Permission: "view_notebook"}))
	return n
}

func keepPages(t *testing.T, h *runetest.House, titles ...string) {
	t.Helper()
	acme := h.Tenant("acme")
	err := acme.DB.Write(tenant.With(h.Context(), acme), func(ctx context.Context, tx *store.Tx) error {
		for n, title := range titles {
			d := search.Doc{Kind: "page", ID: fmt.Sprint(n), Title: title, Subtitle: "Shelf", Href: fmt.Sprintf("/notebook/%d", n)}
			if err := search.Put(ctx, tx, d); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// lines are the titles in each line that the palette was sent.
func lines(t *testing.T, p *runetest.Person, query string) []string {
	t.Helper()
	a := p.Get("/palette?" + query)
	if kind := a.Header.Get("Content-Type"); a.StatusCode != 200 || !strings.HasPrefix(kind, "application/x-ndjson") {
		t.Fatalf("the palette answers %s as %q", a.Status, kind)
	}
	var found []string
	for line := range strings.Lines(a.Text) {
		var said struct {
			Kind string
			Hits []struct{ Text, Note, Href string }
		}
		if err := json.Unmarshal([]byte(line), &said); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		for _, h := range said.Hits {
			found = append(found, strings.Join([]string{said.Kind, h.Text, h.Note, h.Href}, " "))
		}
	}
	return found
}

func TestThePaletteFindsRecords(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{findable()})
	keepPages(t, h, "Harbour plan", "Harvest")
	reader, nobody := h.Person("view_notebook"), h.Person()

	got := lines(t, reader, "q=har")
	if want := []string{"page Harvest Shelf /notebook/1", "page Harbour plan Shelf /notebook/0"}; strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("found %q, want %q", got, want)
	}
	if got := lines(t, reader, "ref=page:0&ref=page:7&ref=other:0&ref=nonsense"); len(got) != 1 || !strings.HasPrefix(got[0], "page Harbour plan") {
		t.Errorf("opened before and still there: %q, want the harbour plan", got)
	}
	for _, query := range []string{"q=har", "ref=page:0", "q=", "q=har&kind=page"} {
		if got := lines(t, nobody, query); got != nil {
			t.Errorf("%s without the right: %q, want nothing", query, got)
		}
	}
	if a := h.Visitor("acme").Get("/palette?q=har"); a.StatusCode != 303 {
		t.Errorf("a visitor gets %s, want the way to sign in", a.Status)
	}
}

func TestASuspendedRuneIsNotSearched(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{findable()})
	keepPages(t, h, "Harbour plan")
	reader, acme := h.Person("view_notebook"), h.Tenant("acme")
	turn := func(change func(context.Context, *store.Tx, string) error) {
		t.Helper()
		err := acme.DB.Write(tenant.With(h.Context(), acme), func(ctx context.Context, tx *store.Tx) error { return change(ctx, tx, "notebook") })
		if err != nil {
			t.Fatal(err)
		}
	}
	turn(entitlement.Suspend)
	if got := lines(t, reader, "q=har"); got != nil {
		t.Errorf("found %q in a suspended rune, want nothing", got)
	}
	if page := reader.Get("/search?q=har").See(); !strings.Contains(page, "Nothing found") || strings.Contains(page, "Notebook") {
		t.Errorf("the search page of a suspended rune says %q", page)
	}
	turn(entitlement.Activate)
	if got := lines(t, reader, "q=har"); len(got) != 1 {
		t.Errorf("found %q after the rune came back, want the plan", got)
	}
}

func TestTheSearchPageTurnsItsPages(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{findable()})
	var titles []string
	for n := range 60 {
		titles = append(titles, fmt.Sprintf("Map %02d", n))
	}
	keepPages(t, h, append(titles, `<img src=x onerror=alert(1)> Map`)...)
	reader := h.Person("view_notebook")

	a := reader.Get("/search?q=map")
	if page := a.See(); !strings.Contains(page, "61 results") || !strings.Contains(page, "1 to 25 of 61") || !strings.Contains(page, "Map 00") {
		t.Errorf("the first page says %q", page)
	}
	if page := reader.Get("/search?q=map&page=3&kind=page&since=7d").See(); !strings.Contains(page, "51 to 61 of 61") || !strings.Contains(page, "Map 59") {
		t.Errorf("the last page says %q", page)
	}
	for _, wrong := range []string{"page=0", "page=99", "page=x", "since=ever"} {
		if page := reader.Get("/search?q=map&" + wrong).See(); !strings.Contains(page, "1 to 25 of 61") {
			t.Errorf("with %s the page says %q", wrong, page)
		}
	}
	a = reader.Get("/search?q=" + url.QueryEscape("<img"))
	if strings.Contains(a.Text, "<img src") || !strings.Contains(a.Text, "&lt;<mark>img</mark> src=x onerror=alert(1)&gt;") {
		t.Errorf("the title is not escaped:\n%s", a.Text)
	}
	if page := reader.Get("/search?q=amp+onreror").See(); !strings.Contains(page, "Nothing found") {
		t.Errorf("a short word that is mistyped finds %q", page)
	}
	a = reader.Get("/search?q=onreror")
	if !strings.Contains(a.See(), "Nothing is written “onreror”. These are results for onerror") || !strings.Contains(a.Text, `href="/search?q=onerror"`) {
		t.Errorf("a typo is answered with %q", a.See())
	}
}

// The first kind's line is in the browser while the second kind still thinks.
func TestThePaletteDoesNotWaitForTheSlowest(t *testing.T) {
	n, think := findable(), make(chan struct{})
	enough := sync.OnceFunc(func() { close(think) })
	n.Offers = append(n.Offers, slot.Searches.Offer(slot.Search{
		Kind: "shelf", Title: "notebook.nav.shelf", Icon: "lock", Permission: "view_notebook",
		Scope: func(context.Context, slot.Asker) ([]string, bool, error) {
			<-think
			return nil, true, nil
		},
	}))
	h := runetest.Start(t, []runekit.Rune{n})
	keepPages(t, h, "Harbour plan")
	cookie := h.Person("view_notebook").Cookies()
	defer time.AfterFunc(time.Minute, enough).Stop()
	defer enough()
	s := openPath(t, h, cookie, "/palette?q=har")
	line := <-s.lines
	select {
	case <-think:
		t.Error("nothing came while the second kind was thinking")
	default:
	}
	if !strings.Contains(line, "Harbour plan") {
		t.Errorf("the first line is %q", line)
	}
}
