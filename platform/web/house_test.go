package web_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"runes.im/platform/fault"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/platform/web"
)

const manifest = `{"name": "probe", "display_name": "Probe", "version": "1.0.0", "author": "Tests", "dependencies": [],
	"ui_hooks": {"icon": "box", "block": "runes", "order": 1, "sidebar": {
		"all": {"icon": "box", "label": "All", "route": "/probe", "permission": "view_probe"},
		"secret": {"icon": "lock", "label": "Secret", "route": "/probe/secret", "permission": "manage_probe"}}},
	"provided_permissions": {"view_probe": "see it", "manage_probe": "change it"},
	"marketing": {"tagline": "", "long_description": "", "features": [], "media": []}, "author_contact": ""}`

type probeForm struct {
	web.Problems
	Name string `form:"name"`
}

// probe is a rune with one page of every kind.
func probe() runekit.Rune {
	text := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	return runekit.Rune{
		Files: fstest.MapFS{
			"manifest.json":       text(manifest),
			"words/en.json":       text(`{"probe.name": "Probe", "probe.nav.all": "All", "probe.nav.secret": "Secret", "probe.need_name": "Give it a name."}`),
			"templates/page.html": text(`{{define "probe_page"}}<h1>{{.Name}}</h1><form method="post">{{csrf}}{{template "field" (field "Name" "name" .Name .Problems)}}</form>{{.Summary}}{{end}}`),
			"templates/bad.html":  text(`{{define "probe_bad"}}half of it {{.Nothing}}{{end}}`),
		},
		Routes: probeRoutes,
		Doors:  probeDoors,
	}
}

func probeRoutes(r *web.Router) {
	r.Get("/", "view_probe", func(v *web.Visit) error {
		v.Title("Probe")
		return v.Page("probe_page", &probeForm{Name: "<b>hello</b>"})
	})
	r.Get("/secret", "manage_probe", func(v *web.Visit) error { return v.Part("probe_page", &probeForm{Name: "secret"}) })
	r.Get("/of/{id}/x", "view_probe", func(v *web.Visit) error { return v.JSON(http.StatusOK, v.Param("id")) })
	r.Post("/", "view_probe", func(v *web.Visit) error {
		form := &probeForm{}
		v.Fill(form)
		check := fault.Form{}
		check.Need(form.Name != "", "name", "probe.need_name")
		if err := check.Err(); err != nil {
			return v.Again("probe_page", form, err)
		}
		v.Flash("Saved "+form.Name, "/probe/undo")
		return v.Go("/probe")
	})
	r.Put("/raw", "view_probe", func(v *web.Visit) error {
		n, err := io.Copy(io.Discard, v.Request.Body)
		if err != nil {
			return err
		}
		return v.JSON(http.StatusOK, n)
	})
	r.Get("/panic", "view_probe", func(*web.Visit) error { panic("the cause at /home/me/x.go SELECT 1") })
	r.Get("/broken", "view_probe", func(*web.Visit) error { return fmt.Errorf("the cause at /home/me/x.go SELECT 1") })
	r.Get("/bad", "view_probe", func(v *web.Visit) error { return v.Page("probe_bad", &probeForm{}) })
	r.Get("/cut", "view_probe", func(v *web.Visit) error {
		v.Writer.Write(bytes.Repeat([]byte("x"), 100_000))
		return fmt.Errorf("in the middle")
	})
	r.Get("/file", "view_probe", func(v *web.Visit) error {
		v.Attachment(`Prüfung "1".html`, strings.NewReader("<script>alert(1)</script>"), time.Unix(1e9, 0), `"v1"`)
		return nil
	})
	r.Get("/endless", "view_probe", endless)
	for name, kind := range kinds {
		r.Get("/fault/"+name, "view_probe", func(*web.Visit) error { return fault.New(kind, "probe.need_name", "n", 1, "seconds", 7) })
	}
}

var kinds = map[string]fault.Kind{
	"forbidden": fault.Forbidden, "absent": fault.NotFound, "conflict": fault.Conflict, "many": fault.TooMany, "full": fault.Full, "later": fault.Unavailable,
}

// endless is a file of which the reader never sees the end; only who is cut off does.
func endless(v *web.Visit) error {
	piece := make([]byte, 64<<10)
	for {
		if _, err := v.Writer.Write(piece); err != nil {
			return nil
		}
	}
}

func probeDoors(d *web.Doors) {
	show := func(v *web.Visit) error {
		name := ""
		if v.Person != nil {
			name = v.Person.Name
		}
		fmt.Fprintf(v.Writer, "%s %s %s", v.Request.Method, v.Request.URL.EscapedPath(), name)
		if v.Request.URL.Query().Get("panic") != "" {
			panic("door")
		}
		return nil
	}
	fail := func(v *web.Visit, status int, f *fault.Fault, id string) {
		v.Writer.Header().Set("Content-Type", "application/xml")
		v.Writer.WriteHeader(status)
		fmt.Fprintf(v.Writer, "<error>%s</error>", f.Key)
	}
	panics := func(*web.Visit) error { panic("door") }
	d.Open("/probe.php/files/*", web.Door{Scope: "sync", Permission: "view_probe", Realm: "Probe", Handle: show, Fail: fail})
	d.Open("/probe.php/maybe", web.Door{Scope: "sync", Permission: "view_probe", Optional: true, Realm: "Probe", Handle: show, Fail: fail})
	d.Open("/probe.php/endless", web.Door{Scope: "sync", Permission: "view_probe", Realm: "Probe", Handle: endless, Fail: fail})
	d.Open("/probe.php/open", web.Door{Scope: web.Public, Handle: show, Fail: fail})
	d.Open("/probe.php/panic", web.Door{Scope: web.Public, Handle: panics, Fail: fail})
}

// start runs a house with the probe, active in acme.
func start(t *testing.T) *runetest.House {
	t.Helper()
	return runetest.Start(t, []runekit.Rune{probe()})
}

// raw sends bytes as they stand and reads one answer.
func raw(t *testing.T, h *runetest.House, request string) *http.Response {
	t.Helper()
	_, port, _ := strings.Cut(strings.TrimPrefix(h.URL("acme", ""), "http://"), ":")
	c, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("no answer to %q: %v", request, err)
	}
	return res
}
