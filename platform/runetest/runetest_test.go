package runetest

import (
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/runekit"
	"runes.im/platform/web"
)

// notes is the smallest rune: one page, one form, one door.
var notes = runekit.Rune{
	Files: fstest.MapFS{
		"manifest.json": {Data: []byte(`{"name": "notes", "display_name": "Notes", "version": "1.0.0", "author": "test",
			"ui_hooks": {"icon": "pencil", "block": "runes", "sidebar": {}},
			"provided_permissions": {"view_notes": "Can read notes.", "manage_notes": "Can write notes."}}`)},
		"templates/list.html": {Data: []byte(`{{define "notes_list"}}<h1>Notes</h1><p hidden>secret</p><form method="post">{{csrf}}<input name="text" value="milk"></form>{{.}}{{end}}`)},
	},
	Routes: func(r *web.Router) {
		r.Get("/", "view_notes", func(v *web.Visit) error {
			return v.Page("notes_list", clock.Now(v.Context()).Format(time.TimeOnly)+" "+v.Query("said"))
		})
		r.Post("/", "manage_notes", func(v *web.Visit) error { return v.Go("/notes?said=" + url.QueryEscape(v.Form("text"))) })
	},
	Doors: func(d *web.Doors) {
		d.Open("/notes.txt", web.Door{Scope: "sync", Permission: "view_notes", Realm: "notes", Handle: func(v *web.Visit) error {
			_, err := v.Writer.Write([]byte("notes of " + v.Person.Name))
			return err
		}, Fail: func(v *web.Visit, status int, _ *fault.Fault, _ string) { v.Writer.WriteHeader(status) }})
	},
}

func TestStories(t *testing.T) { Stories(t, []runekit.Rune{notes}) }

func TestHouseIsReal(t *testing.T) {
	begin := time.Now()
	h := Start(t, []runekit.Rune{notes})
	started := time.Since(begin)
	reader := h.Person("view_notes")
	t.Logf("house %v, house and a person %v", started, time.Since(begin))
	if a := reader.Get("/notes"); a.StatusCode != 200 || !strings.Contains(a.See(), "Notes milk") {
		t.Errorf("reader got %s:\n%s", a.Status, a.See())
	}
	if a := reader.Post("/notes", url.Values{"text": {"eggs"}}); a.StatusCode != 404 {
		t.Errorf("reader wrote: %s", a.Status)
	}
	if again := h.Person("view_notes"); again != reader {
		t.Error("the same rights made another person")
	}
	if a := h.Visitor("acme").Get("/notes"); a.StatusCode != 303 {
		t.Errorf("visitor got %s", a.Status)
	}
	before := h.Clock.Now()
	h.Clock.Add(time.Hour)
	if got := h.Clock.Now().Sub(before); got != time.Hour {
		t.Errorf("the clock moved %v, want 1h", got)
	}
	if !strings.Contains(h.Log(), `"route":"/notes"`) {
		t.Error("the request is not in the log")
	}
}
