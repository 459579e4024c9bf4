package picture

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"runes.im/platform/fault"
)

// LogoPolicy goes along with every SVG that is served: whoever opens it alone has a page that can do nothing.
const LogoPolicy = "default-src 'none'; sandbox"

// What an SVG may be at most.
const (
	logoBytes  = 1 << 20
	logoParts  = 5000 // with what is shown again by "use"
	logoDepth  = 40
	logoValues = 200_000 // bytes of one attribute: a path
	logoStyle  = 64 << 10
	logoNames  = 8 // classes of one part
)

// part is an element that has passed the list.
type part struct {
	name  string
	attrs []xml.Attr
	parts []*part
}

// Logo reads an SVG and writes it anew, with nothing in it but shapes, colours and gradients. What would only be missed
// (comments, titles, an editor's notes, scripts) is left out; what would be seen to be missing is refused.
func Logo(r io.Reader) (*Picture, error) {
	content, err := upTo(r, logoBytes, "picture.logo_too_large")
	if err != nil {
		return nil, err
	}
	reading := &logoReader{in: xml.NewDecoder(bytes.NewReader(content)), styles: map[string]declarations{}}
	reading.in.Strict, reading.in.Entity, reading.in.CharsetReader = true, nil, onlyUTF8
	root, err := reading.document()
	if err != nil {
		if fault.Of(err) != nil {
			return nil, err
		}
		return nil, fault.New(fault.Invalid, "picture.logo_damaged")
	}
	root.dress(reading.styles)
	if err := root.checkUses(); err != nil {
		return nil, err
	}
	return root.picture()
}

func onlyUTF8(charset string, in io.Reader) (io.Reader, error) {
	if strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "us-ascii") {
		return in, nil
	}
	return nil, errors.New("not UTF-8")
}

// logoReader turns the text into parts.
type logoReader struct {
	in     *xml.Decoder
	styles map[string]declarations // by class, out of <style>
	count  int
}

// declarations are what a style says, as far as the list goes: attribute → value.
type declarations map[string]string

// read takes "fill: #123456; opacity: .5". A later declaration wins.
func (d declarations) read(text string) {
	for declaration := range strings.SplitSeq(text, ";") {
		name, value, found := strings.Cut(declaration, ":")
		if name = strings.TrimSpace(name); found && styled[name] {
			d[name] = strings.TrimSpace(value)
		}
	}
}

func (l *logoReader) document() (*part, error) {
	for {
		token, err := l.in.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.Directive:
			// A DOCTYPE as old programs write it names a file and no more; with a subset of its own it is no logo.
			if bytes.ContainsAny(t, "[<%&") || !bytes.HasPrefix(bytes.ToUpper(t), []byte("DOCTYPE SVG")) {
				return nil, fault.New(fault.Invalid, "picture.logo_part", "part", "DOCTYPE")
			}
		case xml.StartElement:
			if t.Name.Local != "svg" || t.Name.Space != svgSpace {
				return nil, fault.New(fault.Invalid, "picture.unknown")
			}
			return l.element(t, 1)
		}
	}
}

// element reads one element to its end. nil: it is left out.
func (l *logoReader) element(start xml.StartElement, depth int) (*part, error) {
	if l.count++; l.count > logoParts || depth > logoDepth {
		return nil, fault.New(fault.TooLarge, "picture.logo_too_large")
	}
	if start.Name.Space != svgSpace || leftOut[start.Name.Local] {
		return nil, l.in.Skip()
	}
	if start.Name.Local == "style" {
		return nil, l.style(start)
	}
	if !allowedParts[start.Name.Local] || start.Name.Local == "svg" && depth > 1 {
		return nil, fault.New(fault.Invalid, "picture.logo_part", "part", printable(start.Name.Local))
	}
	p := &part{name: start.Name.Local}
	for _, a := range start.Attr {
		p.note(a)
	}
	for {
		token, err := l.in.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.EndElement:
			return p, nil
		case xml.StartElement:
			child, err := l.element(t, depth+1)
			if err != nil {
				return nil, err
			}
			if child != nil {
				p.parts = append(p.parts, child)
			}
		}
	}
}

// style keeps the rules that drawing programs write, ".name{fill:#123456}", and forgets all others.
func (l *logoReader) style(start xml.StartElement) error {
	var text string
	if err := l.in.DecodeElement(&text, &start); err != nil {
		return err
	}
	if len(text) > logoStyle {
		return fault.New(fault.TooLarge, "picture.logo_too_large")
	}
	for rule := range strings.SplitSeq(text, "}") {
		names, text, found := strings.Cut(rule, "{")
		if !found {
			continue
		}
		for name := range strings.SplitSeq(names, ",") {
			class, ok := strings.CutPrefix(strings.TrimSpace(name), ".")
			if !ok || !isName.MatchString(class) {
				continue
			}
			if l.styles[class] == nil {
				l.styles[class] = declarations{}
			}
			l.styles[class].read(text)
		}
	}
	return nil
}

// note takes an attribute over if the list knows it and its value can do nothing.
func (p *part) note(a xml.Attr) {
	name, value := a.Name.Local, strings.TrimSpace(a.Value)
	if a.Name.Space != "" && (a.Name.Space != linkSpace || name != "href") || len(value) > logoValues {
		return
	}
	if name == "class" || name == "style" {
		p.attrs = append(p.attrs, xml.Attr{Name: xml.Name{Local: name}, Value: value})
		return
	}
	p.set(name, value)
}

// set gives the part an attribute; a later one wins.
func (p *part) set(name, value string) {
	rule := attributes[name]
	if rule == nil || !rule.MatchString(value) || name == "href" && p.name != "use" && !strings.HasSuffix(p.name, "Gradient") {
		return
	}
	p.attrs = slices.DeleteFunc(p.attrs, func(a xml.Attr) bool { return a.Name.Local == name })
	p.attrs = append(p.attrs, xml.Attr{Name: xml.Name{Local: name}, Value: value})
}

func (p *part) get(name string) string {
	for _, a := range p.attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// dress turns classes and styles into attributes, for every part below.
func (p *part) dress(styles map[string]declarations) {
	worn := declarations{}
	classes := strings.Fields(p.get("class"))
	for _, class := range classes[:min(len(classes), logoNames)] {
		maps.Copy(worn, styles[class])
	}
	worn.read(p.get("style"))
	p.attrs = slices.DeleteFunc(p.attrs, func(a xml.Attr) bool { return a.Name.Local == "class" || a.Name.Local == "style" })
	for _, name := range slices.Sorted(maps.Keys(worn)) {
		p.set(name, worn[name])
	}
	for _, child := range p.parts {
		child.dress(styles)
	}
}

// picture writes the parts.
func (p *part) picture() (*Picture, error) {
	if !p.draws() {
		return nil, fault.New(fault.Invalid, "picture.logo_empty")
	}
	w, h := p.size()
	if w <= 0 || h <= 0 || w > MaxSide || h > MaxSide {
		return nil, fault.New(fault.Invalid, "picture.logo_damaged")
	}
	p.attrs = slices.DeleteFunc(p.attrs, func(a xml.Attr) bool { return rootOnly[a.Name.Local] && a.Name.Local != "viewBox" })
	if p.get("viewBox") == "" {
		p.set("viewBox", "0 0 "+number(w)+" "+number(h))
	}
	p.set("width", number(w))
	p.set("height", number(h))
	var b bytes.Buffer
	p.write(&b)
	return &Picture{
		Content: b.Bytes(), Type: "image/svg+xml",
		Width: int(math.Ceil(w)), Height: int(math.Ceil(h)),
	}, nil
}

func (p *part) draws() bool {
	return shapes[p.name] || slices.ContainsFunc(p.parts, (*part).draws)
}

// size is the width and height of the drawing: as it says, else as its view box does.
func (p *part) size() (w, h float64) {
	w, h = pixels(p.get("width")), pixels(p.get("height"))
	box := strings.FieldsFunc(p.get("viewBox"), func(r rune) bool { return r == ' ' || r == ',' || r == '\n' || r == '\t' })
	if len(box) != 4 {
		return w, h
	}
	bw, bh := pixels(box[2]), pixels(box[3])
	switch {
	case w > 0 && h > 0:
		return w, h
	case w > 0 && bw > 0:
		return w, w * bh / bw
	case h > 0 && bh > 0:
		return h * bw / bh, h
	}
	return bw, bh
}

// pixels is a length without its unit; 0 for anything relative.
func pixels(length string) float64 {
	f, err := strconv.ParseFloat(strings.TrimSuffix(length, "px"), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	return f
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func (p *part) write(b *bytes.Buffer) {
	b.WriteString("<" + p.name)
	if p.name == "svg" {
		b.WriteString(` xmlns="` + svgSpace + `"`)
	}
	for _, a := range p.attrs {
		b.WriteString(" " + a.Name.Local + `="`)
		// A buffer takes everything.
		_ = xml.EscapeText(b, []byte(a.Value))
		b.WriteString(`"`)
	}
	if len(p.parts) == 0 {
		b.WriteString("/>")
		return
	}
	b.WriteString(">")
	for _, child := range p.parts {
		child.write(b)
	}
	b.WriteString("</" + p.name + ">")
}
