package contacts

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"runes.im/platform/notify"
	"runes.im/platform/record"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/platform/sheet"
	"runes.im/platform/store"
)

// upload posts a file to a wizard, and answers where that leads.
func upload(t testing.TB, p *runetest.Person, at, name, content string) *runetest.Answer {
	t.Helper()
	page := p.Get(at)
	if page.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", at, page.Status)
	}
	_, token, _ := strings.Cut(page.Text, `name="csrf" value="`)
	token, _, _ = strings.Cut(token, `"`)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	form.WriteField("csrf", token)
	file, err := form.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	file.Write([]byte(content))
	form.Close()
	return p.Do(http.MethodPost, at, &body, http.Header{"Content-Type": {form.FormDataContentType()}})
}

// await reads a page until it shows one of the texts, and answers it.
func await(t testing.TB, p *runetest.Person, at string, texts ...string) *runetest.Answer {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		a := p.Get(at)
		for _, text := range texts {
			if strings.Contains(a.See(), text) {
				return a
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s never shows %q, but:\n%s", at, texts, a.See())
		}
	}
}

// mapped is the form of the columns step as the page suggests it.
func mapped(a *runetest.Answer) url.Values {
	form := url.Values{"named": {"1"}, "makes": {"1"}}
	for n, part := range strings.Split(a.Text, `name="column_`)[1:] {
		options, _, _ := strings.Cut(part, "</select>")
		before, _, found := strings.Cut(options, `" selected`)
		if found {
			form.Set(fmt.Sprintf("column_%d", n), before[strings.LastIndexByte(before, '"')+1:])
		}
	}
	return form
}

// imported takes a file through the whole wizard with what it suggests, and answers its address and its report.
func imported(t testing.TB, p *runetest.Person, at, name, content string) (string, *runetest.Answer) {
	t.Helper()
	href := checked(t, p, at, name, content)
	if a := p.Post(href+"/start", nil); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("start: %s\n%s", a.Status, a.See())
	}
	return href, await(t, p, href, "The import ended")
}

// checked takes a file to the review.
func checked(t testing.TB, p *runetest.Person, at, name, content string) string {
	t.Helper()
	a := upload(t, p, at, name, content)
	href := a.Header.Get("Location")
	if a.StatusCode != http.StatusSeeOther {
		t.Fatalf("upload of %s: %s\n%s", name, a.Status, a.See())
	}
	if a := p.Post(href+"/columns", mapped(p.Get(href))); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("columns of %s: %s\n%s", name, a.Status, a.See())
	}
	await(t, p, href, "will do")
	return href
}

const someCompanies = "Firma;UID;Ort;Land;Webseite;Bemerkung\r\n" +
	"Acme AG;CHE-1;Bern;Schweiz;acme.example;gut\r\n" +
	"Z\xfcrcher GmbH;;M\xfcnchen;Deutschland;;\r\n" +
	"=cmd|' /C calc'!A0;;<script>alert(1)</script>;;;\r\n" +
	"X;;;;;\r\n" +
	"Nowhere AG;;;Atlantis;;\r\n" +
	"Acme Holding AG;che-1;Basel;;;\r\n"

func TestAFileBecomesCompaniesOnce(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p, db := h.Person("manage_contacts"), h.Tenant("acme").DB
	a := upload(t, p, "/contacts/import", `C:\Users\ida\people.csv`, someCompanies)
	href := a.Header.Get("Location")
	columns := p.Get(href)
	for _, want := range []string{"people.csv", "6 rows were read", "Acme AG", "Firma", "Bemerkung"} {
		if !strings.Contains(columns.See(), want) {
			t.Errorf("the columns do not show %q:\n%s", want, columns.See())
		}
	}
	form := mapped(columns)
	want := url.Values{"named": {"1"}, "makes": {"1"}, "column_0": {"legal_name"}, "column_1": {"vat_id"}, "column_2": {"city"}, "column_3": {"country"}, "column_4": {"website"}}
	form.Del("column_5")
	if form.Encode() != want.Encode() {
		t.Errorf("suggested %s, want %s", form.Encode(), want.Encode())
	}
	p.Post(href+"/columns", want)
	review := await(t, p, href, "will do")
	for _, line := range []string{"New 3", "Errors 3", "At least 2 characters.", "Country “Atlantis”: Choose a country from the list.", "Row 2 of this file means the same record"} {
		if !strings.Contains(review.See(), line) {
			t.Errorf("the review does not show %q:\n%s", line, review.See())
		}
	}
	if n, _ := companies.Count(h.Context(), db, nil, record.Query{}); n != 0 {
		t.Errorf("%d companies before the start, want none", n)
	}
	p.Post(href+"/start", nil)
	await(t, p, href, "The import ended")
	for _, name := range []string{"Acme AG", "Zürcher GmbH", "=cmd|' /C calc'!A0"} {
		if a := p.Get("/contacts?q=" + url.QueryEscape(name)); !strings.Contains(a.See(), name) {
			t.Errorf("%s is not in the list", name)
		}
	}
	if a := p.Get("/contacts"); strings.Contains(a.Text, "<script>alert") || !strings.Contains(a.See(), "<script>alert(1)</script>") {
		t.Error("a cell is no text")
	}

	// The rows that failed come back as a file, which needs no more than mending.
	errors := p.Get(href + "/errors?format=csv")
	if want := "\uFEFFReason,Firma,UID,Ort,Land,Webseite,Bemerkung\n"; !strings.HasPrefix(errors.Text, want) || strings.Count(errors.Text, "\n") != 4 {
		t.Errorf("the errors are\n%s", errors.Text)
	}
	mended := strings.NewReplacer(",X,", ",Xylon AG,", "Atlantis", "Italia", ",che-1,", ",che-7,").Replace(errors.Text)
	_, report := imported(t, p, "/contacts/import", "mended.csv", mended)
	if !strings.Contains(report.See(), "Added 3") {
		t.Errorf("after mending: %s", report.See())
	}

	// The same file again changes nothing, in whatever format.
	again := p.Get(checked(t, p, "/contacts/import", "again.csv", someCompanies))
	if !strings.Contains(again.See(), "Unchanged 3") && !strings.Contains(again.See(), "Nothing in this file") {
		t.Errorf("the same file again: %s", again.See())
	}
	export := p.Get("/contacts/export?format=xlsx")
	again = p.Get(checked(t, p, "/contacts/import", "export.xlsx", export.Text))
	if !strings.Contains(again.See(), "Unchanged 6") || !strings.Contains(again.See(), "Nothing in this file") {
		t.Errorf("our own export again: %s", again.See())
	}
}

func TestUndoKeepsWhatSomebodyChanged(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p, other, db := h.Person("manage_contacts"), h.Person("manage_contacts", "view_contacts"), h.Tenant("acme").DB
	imported(t, p, "/contacts/import", "a.csv", "Company name,City\nAcme AG,Bern\n")
	href, _ := imported(t, p, "/contacts/import", "b.csv", "Company name,City\nAcme AG,Basel\nBär AG,Bern\nChur AG,Chur\n")
	bear := strings.TrimSuffix(regexpFind(t, p.Get("/contacts?q=b%C3%A4r").Text, `/contacts/([0-9a-f-]{36})`), "/")
	version := regexpFind(t, p.Get("/contacts/"+bear+"/edit").Text, `name="version" value="(\d+)"`)
	p.Post("/contacts/"+bear+"/edit", url.Values{"legal_name": {"Bär AG"}, "city": {"Thun"}, "version": {version}})

	// For somebody else it does not exist; history tells of it.
	for _, rest := range []string{"", "/undo", "/errors?format=csv"} {
		if a := other.Get(href + rest); a.StatusCode != http.StatusNotFound {
			t.Errorf("somebody else gets %s at %s", a.Status, rest)
		}
	}
	for _, rest := range []string{"/undo", "/start", "/drop", "/columns"} {
		if a := other.Post(href+rest, nil); a.StatusCode != http.StatusNotFound {
			t.Errorf("somebody else posts %s and gets %s", rest, a.Status)
		}
	}
	if a := other.Get("/contacts/import/history"); !strings.Contains(a.See(), "b.csv") || strings.Contains(a.Text, href) {
		t.Errorf("history of somebody else: %s", a.See())
	}

	p.Post(href+"/undo", nil)
	report := await(t, p, href, "The import was undone: 2 rows")
	if a := p.Get(href + "?show=kept"); !strings.Contains(a.See(), "Kept 1") || !strings.Contains(a.See(), "Bär AG") {
		t.Errorf("what stays is not listed: %s\n%s", report.See(), a.See())
	}
	all, err := companies.List(h.Context(), db, nil, record.Query{})
	if err != nil || len(all) != 2 || all[0].City != "Bern" || all[1].City != "Thun" {
		t.Errorf("left are %+v, %v", all, err)
	}
	if a := p.Post(href+"/undo", nil); a.StatusCode != http.StatusConflict {
		t.Errorf("undo twice: %s", a.Status)
	}

	// After thirty days it is too late.
	href, _ = imported(t, p, "/contacts/import", "c.csv", "Company name\nDora AG\n")
	h.Clock.Add(31 * 24 * time.Hour)
	p.SignIn(p.Email, runetest.Password)
	if a := p.Post(href+"/undo", nil); a.StatusCode != http.StatusConflict {
		t.Errorf("undo after 31 days: %s", a.Status)
	}
}

func TestCardsBecomePeopleWithTheirCompanies(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p, db := h.Person("manage_contacts"), h.Tenant("acme").DB
	p.Post("/contacts/new", url.Values{"legal_name": {"Acme AG"}})
	card := func(first, last, org, mail string) string {
		return "BEGIN:VCARD\r\nVERSION:3.0\r\nN:" + last + ";" + first + ";;;\r\nFN:" + first + " " + last + "\r\nORG:" + org + "\r\nEMAIL:" + mail + "\r\nTEL:+41 44 555 01 12\r\nEND:VCARD\r\n"
	}
	cards := card("Ida", "Frey", "acme ag", "ida@acme.example") + card("Tom", "Weiss", "Neue Werke AG", "") + card("Eva", "Weiss", "Neue Werke AG", "eva@neue.example") + card("Nobody", "Knows", "", "")
	href, report := imported(t, p, "/contacts/people/import", "phone.vcf", cards)
	if !strings.Contains(report.See(), "Added 3") || !strings.Contains(report.See(), "Errors 1") {
		t.Errorf("cards: %s", report.See())
	}
	all, err := companies.List(h.Context(), db, nil, record.Query{})
	if err != nil || len(all) != 2 || all[1].LegalName != "Neue Werke AG" {
		t.Fatalf("companies %+v, %v, want two", all, err)
	}
	if n, err := people.Count(h.Context(), db, nil, record.Query{Where: "company = ?", Args: []any{all[1].ID}}); n != 2 || err != nil {
		t.Errorf("%d people at the new company, %v, want 2", n, err)
	}
	again := p.Get(checked(t, p, "/contacts/people/import", "phone.vcf", cards))
	if !strings.Contains(again.See(), "Unchanged 3") {
		t.Errorf("the same cards again: %s", again.See())
	}
	p.Post(href+"/undo", nil)
	await(t, p, href, "undone: 3 rows")
	if all, err := companies.List(h.Context(), db, nil, record.Query{}); len(all) != 1 || err != nil {
		t.Errorf("companies %+v, %v, want Acme alone: the other came with its people", all, err)
	}
}

func TestAnImportKeepsToItsRights(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p, reader := h.Person("manage_contacts"), h.Person("view_contacts")
	for _, path := range []string{"", "/history", "/template?format=csv"} {
		if a := reader.Get("/contacts/import" + path); a.StatusCode != http.StatusNotFound {
			t.Errorf("a reader gets %s at %s", a.Status, path)
		}
	}
	if a := reader.Get("/contacts"); strings.Contains(a.Text, "/contacts/import") {
		t.Error("a reader sees the button")
	}
	if a := p.Get("/contacts/lists/import"); a.StatusCode != http.StatusNotFound {
		t.Errorf("lists, which nothing tells apart, are imported: %s", a.Status)
	}
	for name, content := range map[string]string{"a.xlsx": "no workbook", "a.csv": "only heads\n", "a.exe": "MZ"} {
		a := upload(t, p, "/contacts/import", name, content)
		if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.Text, `role="alert"`) {
			t.Errorf("%s: %s\n%s", name, a.Status, a.See())
		}
	}
	if a := upload(t, p, "/contacts/import", "a.csv", strings.Repeat("a", sheet.MaxBytes+2<<20)); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.See(), "larger than 25 MB") || !strings.Contains(a.Text, `type="file"`) {
		t.Errorf("27 MiB: %s\n%s", a.Status, a.See())
	}
	if a := upload(t, p, "/contacts/import", "a.csv", strings.Repeat("a", 6*sheet.MaxBytes)); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("150 MiB: %s", a.Status)
	}
	// What nobody goes on with is kept for a while, so there is an end to it.
	for n := range 6 {
		a := upload(t, p, "/contacts/import", fmt.Sprintf("draft %d.csv", n), "Company\nAcme AG\n")
		if want := map[bool]int{true: http.StatusSeeOther, false: http.StatusUnprocessableEntity}[n < 5]; a.StatusCode != want {
			t.Errorf("draft %d: %s\n%s", n, a.Status, a.See())
		}
		if n == 5 && (!strings.Contains(a.See(), "You have 5 files") || !strings.Contains(a.See(), "draft 0.csv")) {
			t.Errorf("too many: %s", a.See())
		}
	}
	_, draft, _ := strings.Cut(p.Get("/contacts/import").Text, `class="link grow truncate" href="`)
	draft, _, _ = strings.Cut(draft, `"`)
	if a := p.Post(draft+"/drop", nil); a.StatusCode != http.StatusSeeOther {
		t.Errorf("drop: %s", a.Status)
	}
	// The right is looked at again when the work begins.
	href := checked(t, p, "/contacts/import", "b.csv", "Company\nAcme AG\n")
	if err := h.App.People.SaveRole(h.Context(), h.Tenant("acme"), "manage_contacts", []string{"view_contacts"}); err != nil {
		t.Fatal(err)
	}
	if a := p.Post(href+"/start", nil); a.StatusCode != http.StatusNotFound {
		t.Errorf("start without the right: %s", a.Status)
	}
}

// A run that somebody waited for tells its end; a short one does not.
func TestALongRunRingsTheBell(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p, db := h.Person("manage_contacts"), h.Tenant("acme").DB
	imported(t, p, "/contacts/import", "short.csv", "Company\nAcme AG\n")
	if n, err := notify.Unread(h.Context(), db, p.ID); n != 0 || err != nil {
		t.Errorf("%d notes, %v after a short run", n, err)
	}
	href := checked(t, p, "/contacts/import", "long.csv", "Company\nBär AG\n")
	// The run began a minute ago, as far as the ledger knows.
	err := db.Write(h.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, "CREATE TEMP TRIGGER slow AFTER UPDATE OF begun_at ON record_imports WHEN new.state = 'running' AND old.state = 'checked' BEGIN UPDATE record_imports SET begun_at = '2000-01-01T00:00:00.000Z' WHERE id = new.id; END")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p.Post(href+"/start", nil)
	await(t, p, href, "The import ended")
	if n, err := notify.Unread(h.Context(), db, p.ID); n != 1 || err != nil {
		t.Errorf("%d notes, %v, want the one of the long run", n, err)
	}
}

func regexpFind(t *testing.T, text, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("%s is not in %s", pattern, text)
	}
	return m[1]
}

// Somebody who sees some companies only neither finds nor changes the others by a file, and their file adds its own.
func TestAnImportStaysWithinItsPersonsScope(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p, own, db := h.Person("manage_contacts"), h.Person("manage_contacts", "view_contacts"), h.Tenant("acme").DB
	p.Post("/contacts/new", url.Values{"legal_name": {"Geheimnis AG"}, "vat_id": {"CHE-9"}, "city": {"Bern"}})
	limit(t, h, own, "own")
	_, report := imported(t, own, "/contacts/import", "mine.csv", "Company,VAT,City\nGeheimnis AG,CHE-9,Basel\n")
	if !strings.Contains(report.See(), "Added 1") || strings.Contains(report.See(), "Bern") {
		t.Errorf("the file found what its person does not see: %s", report.See())
	}
	all, err := companies.List(h.Context(), db, nil, record.Query{Sort: "city"})
	if err != nil || len(all) != 2 || all[1].City != "Bern" {
		t.Errorf("companies %+v, %v, want the other one as it was", all, err)
	}
	imported(t, p, "/contacts/import", "theirs.csv", "Company\nChur AG\n")
	if a := own.Get("/contacts/import/history"); strings.Contains(a.See(), "theirs.csv") || !strings.Contains(a.See(), "mine.csv") {
		t.Errorf("history shows files about records out of sight: %s", a.See())
	}
}
