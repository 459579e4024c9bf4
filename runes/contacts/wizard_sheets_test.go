package contacts

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
)

// workbook is an Excel file; each sheet is its name and its rows, of cells between bars.
func workbook(t *testing.T, sheets ...[]string) string {
	t.Helper()
	files := map[string]string{
		"[Content_Types].xml":        `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
		"_rels/.rels":                `<Relationships><Relationship Id="r1" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook><sheets>`,
		"xl/_rels/workbook.xml.rels": `<Relationships>`,
	}
	for n, s := range sheets {
		files["xl/workbook.xml"] += fmt.Sprintf(`<sheet name="%s" sheetId="%d" r:id="r%d"/>`, s[0], n+1, n+1)
		files["xl/_rels/workbook.xml.rels"] += fmt.Sprintf(`<Relationship Id="r%d" Type="http://x/worksheet" Target="worksheets/s%d.xml"/>`, n+1, n+1)
		text := `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
		for _, row := range s[1:] {
			text += "<row>"
			for cell := range strings.SplitSeq(row, "|") {
				text += `<c t="inlineStr"><is><t>` + cell + `</t></is></c>`
			}
			text += "</row>"
		}
		files[fmt.Sprintf("xl/worksheets/s%d.xml", n+1)] = text + "</sheetData></worksheet>"
	}
	files["xl/workbook.xml"] += "</sheets></workbook>"
	files["xl/_rels/workbook.xml.rels"] += "</Relationships>"
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(w, `<?xml version="1.0" encoding="UTF-8"?>`+text)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Of a workbook with several sheets the first one with rows is offered, the others beside it; those without rows are not,
// and one that cannot be read keeps nobody from the others.
func TestTheSheetOfAWorkbookIsChosen(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p := h.Person("manage_contacts")
	file := workbook(t, []string{"Notes"}, []string{"Legend", "Name|Meaning"}, []string{"Swiss", "Company|City", "Alpen AG|Bern", "Berg AG|Chur"},
		[]string{"Broken", "Company", "Deep\x01GmbH"}, []string{"German", "City|Company", "Kiel|Nord GmbH"})
	at := upload(t, p, "/contacts/import", "customers.xlsx", file).Header.Get("Location")
	page := p.Get(at)
	if !strings.Contains(page.See(), "2 rows were read") || !strings.Contains(page.See(), "customers.xlsx · Swiss") || strings.Contains(page.See(), "Legend") || strings.Contains(page.See(), "Broken") {
		t.Errorf("the first step shows %s", page.See())
	}
	other := regexpFind(t, page.Text, `href="([^"]+)">German`)
	if shown := p.Get(other).See(); !strings.Contains(shown, "1 row was read") {
		t.Errorf("the other sheet shows %s", shown)
	}
	other, _, _ = strings.Cut(other, "?")
	if a := p.Post(other+"/columns", mapped(p.Get(other))); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("columns: %s %s", a.Status, a.See())
	}
	await(t, p, other, "This is what 1 row will do")
	if a := p.Post(other+"/start", nil); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("start: %s %s", a.Status, a.See())
	}
	await(t, p, other, "The import ended")
	list := p.Get("/contacts").See()
	if !strings.Contains(list, "Nord GmbH") || strings.Contains(list, "Alpen AG") {
		t.Errorf("the directory has %s", list)
	}
	// The sheet that nobody imported waits among what is not finished, and goes with the file.
	if start := p.Get("/contacts/import").See(); !strings.Contains(start, "customers.xlsx · Swiss") || strings.Contains(start, "customers.xlsx · German") {
		t.Errorf("not finished is %s", start)
	}
	if a := p.Post(at+"/drop", nil); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("drop: %s", a.Status)
	}
	if a := p.Get(at); a.StatusCode != http.StatusNotFound {
		t.Errorf("the dropped sheet: %s", a.Status)
	}
	if a := p.Get(other); a.StatusCode != http.StatusOK || !strings.Contains(a.See(), "The import ended") {
		t.Errorf("the imported sheet went along: %s", a.Status)
	}
	// One sheet is nothing to choose from.
	at = upload(t, p, "/contacts/import", "one.xlsx", workbook(t, []string{"Only", "Company", "Solo AG"}, []string{"Empty"})).Header.Get("Location")
	if shown := p.Get(at).See(); strings.Contains(shown, "Only") || !strings.Contains(shown, "1 row was read") {
		t.Errorf("a single sheet shows %s", shown)
	}
	if a := upload(t, p, "/contacts/import", "none.xlsx", workbook(t, []string{"A"}, []string{"B", "Company"})); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a workbook without rows: %s", a.Status)
	}
	if a := p.Get("/contacts/import"); strings.Contains(a.See(), "none.xlsx") {
		t.Error("a workbook without rows left something")
	}
}
