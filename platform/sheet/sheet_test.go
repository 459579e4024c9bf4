package sheet

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"runes.im/platform/fault"
)

// got reads a file to the text "1:a|b 2:c" and its refusal.
func got(t testing.TB, name string, content []byte) (string, error) {
	t.Helper()
	var rows []string
	err := Read(t.Context(), name, bytes.NewReader(content), int64(len(content)), func(r Row) error {
		if len(rows) < 20 {
			rows = append(rows, fmt.Sprintf("%d:%s", r.Number, strings.Join(r.Cells, "|")))
		}
		return nil
	})
	return strings.Join(rows, " "), err
}

// parts of a sound workbook; a test changes some.
func parts(sheet string) map[string]string {
	return map[string]string{
		"[Content_Types].xml":        `<Types/>`,
		"_rels/.rels":                `<Relationships><Relationship Id="rId1" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns:r="x"><sheets><sheet name="Hidden" sheetId="2" state="hidden" r:id="rId9"/><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="http://x/worksheet" Target="/xl/worksheets/people.xml"/><Relationship Id="rId2" Type="http://x/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId3" Type="http://x/styles" Target="styles.xml"/></Relationships>`,
		"xl/worksheets/people.xml":   `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + sheet + `</sheetData></worksheet>`,
		"xl/sharedStrings.xml":       `<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>Name</t></si><si><t>Zürich</t></si></sst>`,
		"xl/styles.xml":              `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="[$-407]d. mmmm yyyy"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="22"/></cellXfs></styleSheet>`,
	}
}

func zipped(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, content)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const heads = `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>Since</t></is></c></row>`

func TestASoundWorkbookIsReadAsPeopleSeeIt(t *testing.T) {
	book := zipped(t, parts(heads+
		`<row r="3"><c r="A3" t="s"><v>1</v></c><c r="B3" s="1"><v>46348</v></c><c r="C3" s="3"><v>46348.75</v></c><c r="D3"><v>4.1445550112E+10</v></c></row>`+
		`<row r="4"><c r="A4" t="str"><f>1+1</f><v>1.10</v></c><c r="B4" s="2"><v>36526</v></c><c r="C4" t="b"><v>1</v></c><c r="D4"><v>0.30000000000000004</v></c></row>`))
	want := "1:Name|Since 3:Zürich|2026-11-22|2026-11-22 18:00|41445550112 4:1.10|2000-01-01|1|0.3"
	if rows, err := got(t, "people.xlsx", book); rows != want || err != nil {
		t.Errorf("got %s, %v, want %s", rows, err, want)
	}
}

// I1: hostile and odd workbooks are refused with a sentence, fast and in little memory; none is read as empty.
func TestOddWorkbooksAreRefused(t *testing.T) {
	row := func(n int) string { return fmt.Sprintf(`<row r="%d"><c><v>1</v></c></row>`, n) }
	changed := func(name, content string) []byte {
		p := parts(heads)
		p[name] = content
		if content == "" {
			delete(p, name)
		}
		return zipped(t, p)
	}
	sheet := func(content string) []byte { return zipped(t, parts(content)) }
	sound := sheet(heads)
	many := parts(heads)
	for n := range maxParts {
		many[fmt.Sprintf("xl/media/%d", n)] = ""
	}
	flipped := bytes.Clone(stored(t, parts(heads)))
	flipped[bytes.Index(flipped, []byte("Since"))] ^= 1
	twice := append(bytes.Clone(sound), sound...)
	cases := map[string]struct {
		name, want string
		content    []byte
	}{
		"cut in the middle":           {"a.xlsx", "sheet.damaged", sound[:len(sound)/2]},
		"no archive":                  {"a.xlsx", "sheet.damaged", []byte("Name;City\nIda;Bern\n")},
		"protected or old":            {"a.xlsx", "sheet.locked", append([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), make([]byte, 600)...)},
		"wrong checksum":              {"a.xlsx", "sheet.damaged", flipped},
		"two archives in one":         {"a.xlsx", "sheet.damaged", twice},
		"too many parts":              {"a.xlsx", "sheet.damaged", zipped(t, many)},
		"a part twice":                {"a.xlsx", "sheet.damaged", doubled(t)},
		"unpacks to a gigabyte":       {"a.xlsx", "sheet.opened", bomb(t, 1<<30)},
		"a header that lies":          {"a.xlsx", "sheet.damaged", lying(bomb(t, 1<<20))},
		"a document type":             {"a.xlsx", "sheet.damaged", changed("xl/sharedStrings.xml", `<!DOCTYPE s [<!ENTITY a "aaaaaaaa">]><sst><si><t>&a;</t></si></sst>`)},
		"no workbook":                 {"a.xlsx", "sheet.damaged", changed("xl/workbook.xml", "")},
		"no sheet where it should be": {"a.xlsx", "sheet.damaged", changed("xl/worksheets/people.xml", "")},
		"sheet that ends early":       {"a.xlsx", "sheet.damaged", changed("xl/worksheets/people.xml", `<worksheet><sheetData>`+heads)},
		"row too far down":            {"a.xlsx", "sheet.rows", sheet(heads + row(MaxRows+1))},
		"column too far right":        {"a.xlsx", "sheet.columns", sheet(heads + `<row r="2"><c r="XFD2"><v>1</v></c></row>`)},
		"rows that go back":           {"a.xlsx", "sheet.damaged", sheet(heads + row(9) + row(2))},
		"a text that is not there":    {"a.xlsx", "sheet.damaged", sheet(`<row r="1"><c r="A1" t="s"><v>7</v></c></row>`)},
		"elements without end":        {"a.xlsx", "sheet.damaged", sheet(strings.Repeat("<row>", 2_000_000))},
		"an attribute without end":    {"a.xlsx", "sheet.damaged", sheet(`<row r="` + strings.Repeat(" ", 30<<20) + `1"></row>`)},
		"nothing in it":               {"a.xlsx", "sheet.empty", sheet("")},
		"a text repeated for ever":    {"a.xlsx", "sheet.text", repeated(t)},
		"another format":              {"a.ods", "sheet.damaged", zipped(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"})},
	}
	if len(cases) < 18 {
		t.Fatalf("%d workbooks, want 18", len(cases))
	}
	for name, c := range cases {
		refuse(t, name, c.name, c.content, c.want)
	}
}

// refuse reads what must be refused, and watches time and memory.
func refuse(t *testing.T, what, name string, content []byte, want string) {
	t.Helper()
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	stop, peak := make(chan bool), make(chan uint64)
	go func() {
		var most uint64
		for tick := time.NewTicker(20 * time.Millisecond); ; {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapInuse)
			select {
			case <-tick.C:
			case <-stop:
				tick.Stop()
				peak <- most
				return
			}
		}
	}()
	begin := time.Now()
	rows, err := got(t, name, content)
	took := time.Since(begin)
	close(stop)
	if f := fault.Of(err); f == nil || f.Key != want {
		t.Errorf("%s: got %v and the rows %.80s, want %s", what, err, rows, want)
	}
	if took > time.Minute {
		t.Errorf("%s: took %v, want a few seconds", what, took)
	}
	if most := <-peak; most > before.HeapInuse+256<<20 {
		t.Errorf("%s: memory grew by %d MiB, want less than 256", what, (most-before.HeapInuse)>>20)
	}
}

func stored(t *testing.T, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range parts {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, content)
	}
	z.Close()
	return b.Bytes()
}

func doubled(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range []map[string]string{parts(heads), {"xl/Worksheets/people.xml": "<worksheet/>"}} {
		for name, content := range p {
			w, _ := z.Create(name)
			io.WriteString(w, content)
		}
	}
	z.Close()
	return b.Bytes()
}

// bomb has a sheet of so many bytes that say nothing.
func bomb(t *testing.T, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range parts(heads) {
		if strings.HasSuffix(name, "people.xml") {
			continue
		}
		w, _ := z.Create(name)
		io.WriteString(w, content)
	}
	w, err := z.Create("xl/worksheets/people.xml")
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, "<worksheet><sheetData>")
	block := strings.Repeat(`<!-- nothing at all here --><x/>`, 25_000)
	for n := 0; n < size; n += len(block) {
		io.WriteString(w, block)
	}
	z.Close()
	return b.Bytes()
}

// lying says in its table of contents that the sheet has 1,000 bytes.
func lying(raw []byte) []byte {
	at := bytes.LastIndex(raw, []byte("xl/worksheets/people.xml"))
	copy(raw[at-46+24:], []byte{0xE8, 3, 0, 0})
	return raw
}

// repeated has one long text in a hundred thousand cells.
func repeated(t *testing.T) []byte {
	t.Helper()
	var rows strings.Builder
	for n := 1; n <= 100_000; n++ {
		fmt.Fprintf(&rows, `<row r="%d"><c t="s"><v>0</v></c></row>`, n)
	}
	p := parts(rows.String())
	p["xl/sharedStrings.xml"] = `<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>` + strings.Repeat("long ", 6000) + `</t></si></sst>`
	return zipped(t, p)
}

func TestTextFilesAreReadWhateverWroteThem(t *testing.T) {
	utf16 := []byte{0xFF, 0xFE}
	for _, r := range "Name\tOrt\nIda\tChâtel\n" {
		utf16 = append(utf16, byte(r), byte(r>>8))
	}
	cases := map[string]struct{ content, want string }{
		"Excel in German, Windows-1252": {"Name;Ort\r\nZ\xfcrcher;M\xfcnchen \x80\r\n", "1:Name|Ort 2:Zürcher|München €"},
		"a mark and commas":             {"\xEF\xBB\xBFName,City\n\"Frey, Ida\",\"Bern\nSüd\"\n\nTom,Basel\n", "1:Name|City 2:Frey, Ida|Bern\nSüd 5:Tom|Basel"},
		"UTF-16 with tabs":              {string(utf16), "1:Name|Ort 2:Ida|Châtel"},
		"a delimiter that is told":      {"sep=|\nName|City\nA;B|C,D\n", "2:Name|City 3:A;B|C,D"},
		"hostile cells stay text":       {"Name\n=1+1\n\"=HYPERLINK(\"\"http://evil\"\")\"\n<script>alert(1)</script>\n", `1:Name 2:=1+1 3:=HYPERLINK("http://evil") 4:<script>alert(1)</script>`},
	}
	for name, c := range cases {
		if rows, err := got(t, "a.csv", []byte(c.content)); rows != c.want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", name, rows, err, c.want)
		}
	}
}

func TestOddTextFilesAreRefused(t *testing.T) {
	refuse(t, "an open quotation mark", "a.csv", []byte("Name\n\"Ida\nTom\n"), "sheet.quote")
	refuse(t, "a picture", "a.csv", append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 1000)...), "sheet.damaged")
	refuse(t, "twenty million columns", "a.csv", bytes.Repeat([]byte(","), 20<<20), "sheet.columns")
	refuse(t, "too many rows", "a.csv", bytes.Repeat([]byte("a\n"), MaxRows+1), "sheet.rows")
	refuse(t, "too large", "a.csv", make([]byte, MaxBytes+1), "sheet.too_large")
	refuse(t, "only empty lines", "a.csv", []byte("\n\n;;\n"), "sheet.empty")
	refuse(t, "a program", "a.exe", []byte("MZ"), "sheet.kind")
}

func TestCardsAreReadAsATable(t *testing.T) {
	photo := "PHOTO;ENCODING=b;TYPE=JPEG:" + strings.Repeat("QUJD\r\n ", 200_000) + "\r\n"
	cards := "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Frey;Ida;;;\r\nFN:Ida Frey\r\nORG:Acme AG;Sales\r\nTITLE:Head of\r\n  Sales\r\nEMAIL;TYPE=home:ida@home.example\r\nEMAIL;TYPE=work,pref:ida@acme.example\r\n" +
		"TEL:tel:+41445550112\r\nADR:;;Marktgasse 1;Bern;BE;3011;Schweiz\r\n" + photo + "END:VCARD\r\n" +
		"BEGIN:VCARD\r\nVERSION:2.1\r\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Z=C3=BCrcher=\r\n =C3=A9 Tom\r\nEND:VCARD\r\n"
	begin := time.Now()
	rows, err := got(t, "people.vcf", []byte(cards))
	want := "1:" + strings.Join(CardHeads, "|") + " 2:Ida|Frey|Acme AG|Head of Sales|ida@acme.example|+41445550112||Marktgasse 1|Bern|3011|Schweiz 3:Zürcher é|Tom"
	if rows != want || err != nil {
		t.Errorf("got %s, %v, want %s", rows, err, want)
	}
	if took := time.Since(begin); took > time.Minute {
		t.Errorf("took %v: time grows with the square of a picture", took)
	}
	refuse(t, "a card without end", "a.vcf", []byte("BEGIN:VCARD\nFN:Ida\n"), "sheet.damaged")
}

func TestAWaitingReaderLeavesWhenItsCallerDoes(t *testing.T) {
	desks <- struct{}{}
	desks <- struct{}{}
	defer func() { <-desks; <-desks }()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	err := Read(ctx, "a.csv", strings.NewReader("a"), 1, nil)
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v, want unavailable: two files are being read", err)
	}
}

// I3: what was text before stays text in a workbook, in this program and in Excel.
func TestTwelveCellsComeBackAsText(t *testing.T) {
	cells := []string{"=1+1", "+41 44 555 01 12", "-5", "@SUM(A1)", "\tx", "007", "1e5", "2026-11-22", "TRUE", "=HYPERLINK(\"http://evil\")", "<b>&amp;</b>", " ＝1"}
	var out bytes.Buffer
	b, err := NewBook(&out)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Row(cells); err != nil {
		t.Fatal(err)
	}
	if err := b.End(); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for i, want := range cells {
		at, _ := excelize.CoordinatesToCellName(i+1, 1)
		value, _ := f.GetCellValue("Sheet1", at)
		formula, _ := f.GetCellFormula("Sheet1", at)
		kind, _ := f.GetCellType("Sheet1", at)
		if value != want || formula != "" || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
			t.Errorf("%s: got %q, formula %q, type %v, want the text %q", at, value, formula, kind, want)
		}
	}
	if rows, err := got(t, "a.xlsx", out.Bytes()); rows != "1:"+strings.Join(cells, "|") || err != nil {
		t.Errorf("read again: %q, %v", rows, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("a.csv", []byte("a;b\n1;2\n"))
	f.Add("a.vcf", []byte("BEGIN:VCARD\nFN:A\nEND:VCARD\n"))
	f.Add("a.xlsx", zipped(f, parts(heads)))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		rows, err := got(t, name, content)
		if err != nil && fault.Of(err) == nil {
			t.Errorf("%v is no refusal that a person understands", err)
		}
		if err == nil && rows == "" {
			t.Error("read as empty")
		}
	})
}

func TestEverySheetThatHoldsSomethingIsReadWhereSomebodyWantsThem(t *testing.T) {
	row := func(text string) string { return `<row><c t="inlineStr"><is><t>` + text + `</t></is></c></row>` }
	p := parts(row("first"))
	p["xl/workbook.xml"] = `<workbook><sheets><sheet name="One" r:id="r1"/><sheet name="Empty" r:id="r2"/><sheet name="Odd" r:id="r3"/><sheet name="Hidden" state="hidden" r:id="r4"/><sheet name="Last" r:id="r4"/></sheets></workbook>`
	main := p["xl/worksheets/people.xml"]
	p["xl/_rels/workbook.xml.rels"] = `<Relationships>`
	for n, text := range []string{row("first"), "", `<row><c t="inlineStr"><is><t>half</t></is></c></row><row r="1"/>`, row("last")} {
		name := "worksheets/part" + strconv.Itoa(n) + ".xml"
		p["xl/"+name] = strings.Replace(main, row("first"), text, 1)
		p["xl/_rels/workbook.xml.rels"] += `<Relationship Id="r` + strconv.Itoa(n+1) + `" Type="x/worksheet" Target="` + name + `"/>`
	}
	p["xl/_rels/workbook.xml.rels"] += `</Relationships>`
	content := zipped(t, p)
	var told []string
	err := ReadAll(t.Context(), "a.xlsx", bytes.NewReader(content), int64(len(content)), Taker{
		Row:   func(r Row) error { told = append(told, r.Cells[0]); return nil },
		Sheet: func(name string) error { told = append(told, "["+name+"]"); return nil },
		Leave: func(name string) error { told = append(told, "-"+name); return nil },
	})
	if got := strings.Join(told, " "); err != nil || got != "[One] first -Odd [Last] last" {
		t.Errorf("got %q, %v", got, err)
	}
}
