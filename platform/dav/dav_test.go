package dav

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"

	"runes.im/platform/fault"
)

// bombs are bodies that must be refused before they cost anything.
func bombs() map[string]string {
	nested := func(n int) string { return strings.Repeat("<a>", n) + strings.Repeat("</a>", n) }
	wrap := func(inside string) string {
		return `<d:propfind xmlns:d="DAV:"><d:prop>` + inside + `</d:prop></d:propfind>`
	}
	return map[string]string{
		"a billion laughs":          `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>` + wrap("&b;"),
		"a quadratic blowup":        `<!DOCTYPE l [<!ENTITY a "` + strings.Repeat("x", 1000) + `">]>` + wrap(strings.Repeat("&a;", 1000)),
		"a file of the server":      `<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + wrap("&a;"),
		"a parameter entity":        `<!DOCTYPE l [<!ENTITY % a SYSTEM "http://elsewhere.example/"> %a;]>` + wrap(""),
		"a document type alone":     `<!DOCTYPE propfind>` + wrap("<d:getetag/>"),
		"a comment":                 wrap("<!-- hello -->"),
		"a marked section":          wrap("<![CDATA[x]]>"),
		"deep nesting":              wrap(nested(1000)),
		"too many elements":         wrap(strings.Repeat("<a/>", 3000)),
		"too long":                  wrap(strings.Repeat(" ", MaxPropPatch)),
		"a long attribute":          wrap(`<a b="` + strings.Repeat("x", MaxPropPatch) + `"/>`),
		"an entity nobody declared": wrap("&nbsp;"),
		"another encoding":          `<?xml version="1.0" encoding="EBCDIC-CP-US"?>` + wrap(""),
		"a document type in UTF-16": string(inUTF16(`<!DOCTYPE l [<!ENTITY a "ha">]>`+wrap("&a;"), binary.LittleEndian, true)),
	}
}

func inUTF16(text string, order binary.ByteOrder, mark bool) []byte {
	if mark {
		text = "\ufeff" + text
	}
	units := utf16.Encode([]rune(text))
	b := make([]byte, 2*len(units))
	for i, u := range units {
		order.PutUint16(b[2*i:], u)
	}
	return b
}

func TestBombsAreRefused(t *testing.T) {
	all := bombs()
	if len(all) != 14 {
		t.Fatalf("%d bombs, want 14", len(all))
	}
	for name, bomb := range all {
		for reader, read := range map[string]func() error{
			"PROPFIND":  func() error { _, err := ReadPropFind(strings.NewReader(bomb)); return err },
			"PROPPATCH": func() error { _, err := ReadPropPatch(strings.NewReader(bomb)); return err },
			"LOCK":      func() error { _, err := ReadLock(strings.NewReader(bomb)); return err },
		} {
			if err := read(); !fault.Is(err, fault.Malformed) && !fault.Is(err, fault.TooLarge) {
				t.Errorf("%s by %s: %v", name, reader, err)
			}
		}
	}
}

func TestBrokenBodiesAreRefused(t *testing.T) {
	for name, body := range map[string]string{
		"cut off":              `<d:propfind xmlns:d="DAV:"><d:prop>`,
		"another root":         `<d:lockinfo xmlns:d="DAV:"/>`,
		"no namespace":         `<propfind><prop/></propfind>`,
		"a prefix for nothing": `<d:propfind xmlns:d="DAV:" xmlns:x=""><d:prop/></d:propfind>`,
		"two wishes":           `<d:propfind xmlns:d="DAV:"><d:allprop/><d:propname/></d:propfind>`,
		"no wish":              `<d:propfind xmlns:d="DAV:"/>`,
		"text behind":          `<d:propfind xmlns:d="DAV:"><d:allprop/></d:propfind>x`,
		"two roots":            `<d:propfind xmlns:d="DAV:"><d:allprop/></d:propfind><a/>`,
		"broken UTF-8":         "<d:propfind xmlns:d=\"DAV:\"><d:prop>\xff</d:prop></d:propfind>",
		"half a UTF-16 letter": "\xfe\xff\x00",
		"a null byte in UTF-8": "<a>\x00</a>",
	} {
		if _, err := ReadPropFind(strings.NewReader(body)); !fault.Is(err, fault.Malformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, body := range map[string]string{
		"nothing":    "",
		"no change":  `<d:propertyupdate xmlns:d="DAV:"/>`,
		"no prop":    `<d:propertyupdate xmlns:d="DAV:"><d:set/></d:propertyupdate>`,
		"empty prop": `<d:propertyupdate xmlns:d="DAV:"><d:set><d:prop/></d:set></d:propertyupdate>`,
	} {
		if _, err := ReadPropPatch(strings.NewReader(body)); !fault.Is(err, fault.Malformed) {
			t.Errorf("PROPPATCH with %s: %v", name, err)
		}
	}
	for name, body := range map[string]string{
		"no scope": `<d:lockinfo xmlns:d="DAV:"><d:locktype><d:write/></d:locktype></d:lockinfo>`,
		"no type":  `<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:shared/></d:lockscope></d:lockinfo>`,
	} {
		if _, err := ReadLock(strings.NewReader(body)); !fault.Is(err, fault.Malformed) {
			t.Errorf("LOCK with %s: %v", name, err)
		}
	}
}

func TestPropFindIsRead(t *testing.T) {
	body := `<?xml version="1.0" encoding="utf-8"?><d:propfind xmlns:d="DAV:">stray text<d:prop><d:getetag/><id xmlns="http://owncloud.org/ns"/></d:prop></d:propfind>`
	want := PropFind{Names: []Name{{DAV, "getetag"}, {OwnCloud, "id"}}}
	utf16Body := strings.Replace(body, "utf-8", "utf-16", 1)
	for name, b := range map[string][]byte{
		"UTF-8": []byte(body), "UTF-8 with a mark": append([]byte("\xef\xbb\xbf"), body...),
		"UTF-16 big": inUTF16(utf16Body, binary.BigEndian, true), "UTF-16 little": inUTF16(utf16Body, binary.LittleEndian, true),
		"UTF-16 without a mark": inUTF16(utf16Body, binary.LittleEndian, false),
	} {
		got, err := ReadPropFind(bytes.NewReader(b))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v %v", name, got, err)
		}
	}
	if got, err := ReadPropFind(strings.NewReader(" ")); err != nil || !got.All {
		t.Errorf("an empty body: %+v %v", got, err)
	}
}

func TestElementsComeBackAsTheyWent(t *testing.T) {
	in := `<x:a xmlns:x="urn:x" xmlns:y="urn:y" plain="1 &amp; 2" y:far="&quot;"><y:b>text &lt;b&gt;</y:b> tail<c xml:lang="de"/></x:a>`
	e, err := Read(strings.NewReader(in), MaxBody)
	if err != nil {
		t.Fatal(err)
	}
	out := e.Append(nil)
	again, err := Read(bytes.NewReader(out), MaxBody)
	if err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if !reflect.DeepEqual(e, again) {
		t.Fatalf("got %s", out)
	}
}

func TestTextIsEscaped(t *testing.T) {
	hostile := "<a>&\"'\x00\x01\r\n\ufffe\uffff🙂]]>"
	out := append(AppendText([]byte("<t>"), hostile), "</t>"...)
	var got struct {
		Text string `xml:",chardata"`
	}
	if err := xml.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
	if got.Text != "<a>&\"'\r\n🙂]]>" {
		t.Fatalf("got %q", got.Text)
	}
	if got := string(AppendSegment(nil, "a b&<\"%ü/+")); got != "a%20b%26%3C%22%25%C3%BC%2F+" {
		t.Fatalf("segment: %s", got)
	}
}

func TestIfHeaders(t *testing.T) {
	for header, want := range map[string]If{
		"":                                  nil,
		`(<t:1>)`:                           {{"", []Condition{{Token: "t:1"}}}},
		`(Not <t:1> ["e"]) ([W/"f"])`:       {{"", []Condition{{Not: true, Token: "t:1"}, {ETag: `"e"`}}}, {"", []Condition{{ETag: `W/"f"`}}}},
		`</a> (["e"]) (<t:1>) </b> (<t:2>)`: {{"/a", []Condition{{ETag: `"e"`}}}, {"/a", []Condition{{Token: "t:1"}}}, {"/b", []Condition{{Token: "t:2"}}}},
	} {
		got, err := ReadIf(header)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v %v", header, got, err)
		}
	}
	for _, header := range []string{
		"x", "(", "()", "(<a)", `(["a)`, "<a>", "<a> x", "(<a>) x", "(<a>) <b> (<c>)", "<> (<a>)",
		"(Not)", "(Not Not <a>)", strings.Repeat("(<a>)", 65),
	} {
		if got, err := ReadIf(header); !fault.Is(err, fault.Malformed) {
			t.Errorf("%q: got %+v %v", header, got, err)
		}
	}
	cond, err := ReadIf(`(<t:1> Not <t:2>) (<t:3>)`)
	if got := cond.Tokens(); err != nil || !reflect.DeepEqual(got, []string{"t:1", "t:3"}) {
		t.Errorf("tokens: %v %v", got, err)
	}
}

func TestETagsMatch(t *testing.T) {
	for _, c := range []struct {
		header, etag string
		exists, want bool
	}{
		{`"a"`, "a", true, true},
		{`"b"`, "a", true, false},
		{`"b", "a"`, "a", true, true},
		{`*`, "a", true, true},
		{`*`, "", false, false},
		{`W/"a"`, "a", true, true},
		{`"a"`, "", false, false},
	} {
		if got := ETagMatches(c.header, c.etag, c.exists); got != c.want {
			t.Errorf("%+v: got %v", c, got)
		}
	}
}

func TestDepthAndTimeout(t *testing.T) {
	for header, want := range map[string]int{"": 7, "0": 0, "1": 1, "Infinity": Infinity} {
		if got, err := ReadDepth(header, 7); err != nil || got != want {
			t.Errorf("Depth %q: %d %v", header, got, err)
		}
	}
	if _, err := ReadDepth("2", 0); !fault.Is(err, fault.Malformed) {
		t.Errorf("Depth 2: %v", err)
	}
	for header, want := range map[string]int64{
		"": 0, "Infinite": 0, "Second-60": 60, "Extend, second-5": 5, "Second--5": 0,
		"Second-99999999999": 365 * 24 * 3600, "Second-x": 0,
	} {
		if got := ReadTimeout(header); got != want {
			t.Errorf("Timeout %q: %d, want %d", header, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, bomb := range bombs() {
		if len(bomb) < 4096 {
			f.Add([]byte(bomb))
		}
	}
	f.Add([]byte(`<d:propfind xmlns:d="DAV:"><d:prop><a xmlns="u" b="c">t</a></d:prop></d:propfind>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := Read(bytes.NewReader(body), MaxBody)
		if err != nil || e == nil {
			return
		}
		if bytes.Contains(body, []byte("<!")) {
			t.Fatal("a declaration was accepted")
		}
		if err := xml.Unmarshal(e.Append(nil), new(struct{})); err != nil {
			t.Fatalf("%v in %q of %q", err, e.Append(nil), body)
		}
	})
}

func FuzzReadIf(f *testing.F) {
	f.Add(`<http://a/b> (Not <t:1> ["e"]) (<t:2>)`)
	f.Fuzz(func(t *testing.T, header string) {
		if cond, err := ReadIf(header); err == nil {
			cond.Tokens()
		}
	})
}
