package main

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"runes.im/platform/runetest"
)

const (
	importKills = 20
	importRows  = 600
)

// I2: an import that is killed at any moment leaves whole bites behind, goes on by itself after the restart, and in the
// end every row is there once; what it undoes is gone once.
func TestKillNineInAnImportMakesNoDuplicates(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	c := newCrash(t)
	var s *life
	var p *runetest.Person
	begin := func() {
		s = c.start(t)
		p = runetest.Beside(t, s.address).Visitor("acme")
		p.SignIn("ada@acme.example", "a long enough password")
	}
	kill := func(after time.Duration) {
		s.kill(t, after)
		begin()
	}
	begin()
	begun := 0
	var whole time.Duration // what an import takes that nobody kills: the kills are spread over it
	for point := range importKills + 1 {
		var file strings.Builder
		file.WriteString("Company;City\n")
		for n := range importRows {
			fmt.Fprintf(&file, "Firm %02d-%03d AG;Bern\n", point, n)
		}
		href := bringImport(t, p, file.String())
		awaitText(t, p, href, "will do")
		if a := p.Post(href+"/start", nil); a.StatusCode != http.StatusSeeOther {
			t.Fatalf("start: %s", a.Status)
		}
		if point == 0 {
			since := time.Now()
			awaitText(t, p, href, fmt.Sprintf("Added %d", importRows))
			whole = time.Since(since)
			continue
		}
		kill(whole * time.Duration(point-1) / importKills)
		if !strings.Contains(p.Get(href).See(), "The import ended") {
			begun++
		}
		awaitText(t, p, href, fmt.Sprintf("Added %d", importRows))
		want := fmt.Sprintf("%d companies", (point+1)*importRows)
		if a := p.Get("/contacts"); !strings.Contains(strings.ReplaceAll(a.See(), ",", ""), want) {
			t.Fatalf("after kill %d: %s\nwant %s", point, a.See(), want)
		}
		if point == importKills { // and an undo, killed as well
			p.Post(href+"/undo", nil)
			kill(100 * time.Millisecond)
			awaitText(t, p, href, fmt.Sprintf("undone: %d rows", importRows))
			again := bringImport(t, p, file.String())
			awaitText(t, p, again, fmt.Sprintf("New %d", importRows))
		}
	}
	s.end(t)
	c.verify(t)
	t.Logf("%d kills, %d of them in the middle of an import", importKills+1, begun)
	if begun == 0 {
		t.Error("no kill met an import at work: that proves nothing")
	}
}

// bringImport uploads a file and takes the columns as they are suggested.
func bringImport(t *testing.T, p *runetest.Person, content string) string {
	t.Helper()
	_, token, _ := strings.Cut(p.Get("/contacts/import").Text, `name="csrf" value="`)
	token, _, _ = strings.Cut(token, `"`)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	form.WriteField("csrf", token)
	file, err := form.CreateFormFile("file", "firms.csv")
	if err != nil {
		t.Fatal(err)
	}
	file.Write([]byte(content))
	form.Close()
	a := p.Do(http.MethodPost, "/contacts/import", &body, http.Header{"Content-Type": {form.FormDataContentType()}})
	href := a.Header.Get("Location")
	if a.StatusCode != http.StatusSeeOther {
		t.Fatalf("upload: %s\n%s", a.Status, a.See())
	}
	if a := p.Post(href+"/columns", url.Values{"named": {"1"}, "column_0": {"legal_name"}, "column_1": {"city"}}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("columns: %s\n%s", a.Status, a.See())
	}
	return href
}

func awaitText(t *testing.T, p *runetest.Person, at, text string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		a := p.Get(at)
		if strings.Contains(a.See(), text) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s never shows %q but %s", at, text, a.See())
		}
	}
}
