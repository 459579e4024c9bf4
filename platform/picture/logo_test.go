package picture

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"runes.im/platform/fault"
)

const drawn = `<path d="M0 0h10v10z"/>`

func svg(inside string) string {
	return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10">` + inside + `</svg>`
}

// hostile are files that do something, or would if they were passed on as they are. Each is refused, or comes out
// without it.
var hostile = map[string]string{
	"script":                     svg(drawn + `<script>alert(1)</script>`),
	"script in a group":          svg(`<g><script href="https://evil.example/x.js"/>` + drawn + `</g>`),
	"script in another space":    svg(`<x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>` + drawn),
	"handler on the root":        strings.Replace(svg(drawn), "<svg", `<svg onload="alert(1)"`, 1),
	"handler on a shape":         svg(`<path d="M0 0h1" onclick="alert(1)" OnMouseOver="alert(1)"/>`),
	"link":                       svg(`<a xlink:href="javascript:alert(1)">` + drawn + `</a>`),
	"use of another file":        svg(drawn + `<use href="https://evil.example/x.svg#a"/>`),
	"use of data":                svg(drawn + `<use xlink:href="data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=#a"/>`),
	"image":                      svg(drawn + `<image href="https://evil.example/pixel.png"/>`),
	"foreign object":             svg(drawn + `<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="/"/></foreignObject>`),
	"import in a style":          svg(`<style>@import url(https://evil.example/x.css);</style>` + drawn),
	"address in a style":         svg(`<style>.a{fill:url(https://evil.example/x.svg#g)}</style><path class="a" d="M0 0h1"/>`),
	"address in a style, inside": svg(`<path style="fill:url('https://evil.example/x#g');behavior:url(x)" d="M0 0h1"/>`),
	"escaped address in a style": svg(`<path style="fill:u\72l(https://evil.example/x#g)" d="M0 0h1"/>`),
	"address in a fill":          svg(`<path fill="url(//evil.example/x#g)" d="M0 0h1"/>`),
	"address in a mask":          svg(`<path mask="url(https://evil.example/m.svg#m)" d="M0 0h1"/>`),
	"filter":                     svg(`<filter id="f"><feImage href="https://evil.example"/></filter><path filter="url(#f)" d="M0 0h1"/>`),
	"animated link":              svg(drawn + `<animate attributeName="href" values="javascript:alert(1)"/>`),
	"set of an attribute":        svg(`<path d="M0 0h1"><set attributeName="onclick" to="alert(1)"/></path>`),
	"entity":                     `<!DOCTYPE svg [<!ENTITY a "alert(1)">]>` + svg(`<path d="&a;"/>`),
	"a thousand million laughs":  `<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>` + svg(`<title>&b;</title>`+drawn),
	"file of the server":         `<!DOCTYPE svg SYSTEM "file:///etc/passwd">` + svg(drawn),
	"outside entity":             `<!DOCTYPE svg [<!ENTITY % p SYSTEM "https://evil.example/x.dtd">%p;]>` + svg(drawn),
	"style sheet instruction":    `<?xml-stylesheet href="https://evil.example/x.css"?>` + svg(drawn),
	"use of a use":               svg(`<g id="a">` + drawn + `</g><g id="b"><use href="#a"/><use href="#a"/></g><use href="#b"/>`),
	"use of itself":              svg(`<g id="a"><use href="#a"/>` + drawn + `</g>`),
	"many uses of much":          svg(`<g id="a">` + strings.Repeat(drawn, 100) + `</g>` + strings.Repeat(`<use href="#a"/>`, 100)),
	"mask of much, often":        svg(`<mask id="m">` + strings.Repeat(drawn, 100) + `</mask>` + strings.Repeat(`<path mask="url(#m)" d="M0 0"/>`, 100)),
	"too many shapes":            svg(strings.Repeat(drawn, logoParts+1)),
	"too deep":                   svg(strings.Repeat(`<g>`, 1000) + drawn + strings.Repeat(`</g>`, 1000)),
	"too large":                  svg(strings.Repeat(" ", logoBytes) + drawn),
	"text":                       svg(`<text>hello</text>`),
	"a page in a comment":        svg(`<!--><img src=x onerror=alert(1)>-->` + drawn),
	"a page in CDATA":            svg(`<desc><![CDATA[<img src=x onerror=alert(1)>]]></desc>` + drawn),
	"a page behind the drawing":  svg(drawn) + `<html><script>alert(1)</script></html>`,
	"quotes in a value":          svg(`<path id='a"onload="alert(1)' d="M0 0h1"/>`),
	"another character set":      `<?xml version="1.0" encoding="utf-7"?>` + svg(`+ADw-script+AD4-`+drawn),
	"null bytes":                 svg(drawn + "<scr\x00ipt>alert(1)</scr\x00ipt>"),
	"no SVG at all":              `<html xmlns="http://www.w3.org/1999/xhtml"><body onload="alert(1)"/></html>`,
	"no shapes":                  svg(``),
	"without an end":             `<svg xmlns="http://www.w3.org/2000/svg"><path`,
	"enormous":                   `<svg xmlns="http://www.w3.org/2000/svg" width="1e9" height="1e9">` + drawn + `</svg>`,
	"base address":               strings.Replace(svg(drawn), "<svg", `<svg xml:base="https://evil.example/"`, 1),
	"a style worn often": svg(`<style>.a{` + strings.Repeat("fill:#fff;", 6000) + `}.b,` + strings.Repeat(".a,", 9000) + `.c{fill:#000}</style>` +
		strings.Repeat(`<path class="`+strings.Repeat("a ", 40)+`" d="M0 0h1"/>`, 4000)),
	"cursor":  svg(drawn + `<cursor href="https://evil.example/c.cur"/>`),
	"pattern": svg(`<pattern id="p"><image href="https://evil.example"/></pattern><path fill="url(#p)" d="M0 0h1"/>`),
}

var poison = regexp.MustCompile(`(?i)evil|script|alert|onload|onclick|onmouse|data:|<image|<html|<img|foreign|passwd|<!|<\?|style|class|<text|<a[ >]|filter|pattern`)

func TestHostileLogosAreRefusedOrComeOutClean(t *testing.T) {
	for name, content := range hostile {
		t.Run(name, func(t *testing.T) {
			p, err := Logo(strings.NewReader(content))
			if err != nil {
				if fault.Of(err) == nil {
					t.Errorf("got %v, want a sentence", err)
				}
				return
			}
			if found := poison.FindString(string(p.Content)); found != "" {
				t.Errorf("%q is still there: %.300s", found, p.Content)
			}
			if p.Type != "image/svg+xml" {
				t.Errorf("it is %s", p.Type)
			}
			wellFormed(t, string(p.Content))
		})
	}
}

// wellFormed says that the new file holds nothing but allowed parts and attributes.
func wellFormed(t *testing.T, content string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(content))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v in %s", err, content)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if !allowedParts[e.Name.Local] || e.Name.Space != svgSpace {
				t.Errorf("<%s> has come through", e.Name.Local)
			}
			for _, a := range e.Attr {
				if rule := attributes[a.Name.Local]; a.Name.Local != "xmlns" && (rule == nil || !rule.MatchString(a.Value)) {
					t.Errorf("%s=%q has come through", a.Name.Local, a.Value)
				}
			}
		case xml.CharData, xml.Comment, xml.ProcInst, xml.Directive:
			t.Errorf("%q has come through", e)
		}
	}
}

func TestLogosOfDrawingProgramsKeepTheirLook(t *testing.T) {
	cases := []struct {
		name, content string
		see           []string
		w, h          int
	}{
		{
			"classes become attributes",
			`<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">` +
				svg(`<defs><style>.cls-1,.cls-2{fill:#0b8a6f;} .cls-2{stroke-width:2px}</style></defs><g class="cls-2"><circle cx="5" cy="5" r="4"/></g>`),
			[]string{`<g fill="#0b8a6f" stroke-width="2px">`, `<circle cx="5" cy="5" r="4"/>`},
			10, 10,
		},
		{"styles become attributes", svg(`<path style="fill:#fff; -inkscape-font:x; opacity:.5" d="M0 0h1"/>`), []string{`fill="#fff"`, `opacity=".5"`}, 10, 10},
		{
			"gradients stay",
			svg(`<linearGradient id="g" gradientTransform="rotate(45)"><stop offset="50%" stop-color="rgb(1, 2, 3)"/></linearGradient><path fill="url(#g)" d="M0 0h1"/>`),
			[]string{`fill="url(#g)"`, `gradientTransform="rotate(45)"`, `stop-color="rgb(1, 2, 3)"`, `offset="50%"`},
			10, 10,
		},
		{"a part used again stays", svg(`<path id="p" d="M0 0h1"/><use xlink:href="#p" x="3"/>`), []string{`<use href="#p" x="3"/>`}, 10, 10},
		{"the size is read from the root", `<svg xmlns="http://www.w3.org/2000/svg" width="120px" height="30">` + drawn + `</svg>`, []string{`viewBox="0 0 120 30"`}, 120, 30},
		{"or from one side and the box", strings.Replace(svg(drawn), "<svg", `<svg width="40"`, 1), []string{`width="40" height="40"`}, 40, 40},
		{"an editor's notes fall away", svg(`<metadata><x:y xmlns:x="urn:x"/></metadata>` + drawn), []string{drawn}, 10, 10},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, err := Logo(strings.NewReader(c.content))
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.see {
				if !strings.Contains(string(p.Content), want) {
					t.Errorf("no %s in %s", want, p.Content)
				}
			}
			if p.Width != c.w || p.Height != c.h {
				t.Errorf("got %d × %d, want %d × %d", p.Width, p.Height, c.w, c.h)
			}
			wellFormed(t, string(p.Content))
		})
	}
}

// What has been rewritten once stays as it is: nothing is decoded twice on the way.
func FuzzLogo(f *testing.F) {
	for _, content := range hostile {
		if len(content) < 4000 {
			f.Add(content)
		}
	}
	f.Fuzz(func(t *testing.T, content string) {
		p, err := Logo(strings.NewReader(content))
		if err != nil {
			return
		}
		wellFormed(t, string(p.Content))
		again, err := Logo(strings.NewReader(string(p.Content)))
		if err != nil || string(again.Content) != string(p.Content) {
			t.Errorf("%s became %v, %v", p.Content, again, err)
		}
	})
}
