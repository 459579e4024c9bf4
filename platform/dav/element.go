// Package dav reads and writes the XML and the headers of WebDAV (RFC 4918) and guards against hostile ones. It knows
// neither files nor people.
package dav

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"runes.im/platform/fault"
)

// The limits of a body. PROPPATCH may carry more, since clients store values with it, and the question of a REPORT, since
// clients name there every member of a collection that they want.
const (
	MaxBody      = 64 << 10
	MaxPropPatch = 256 << 10
	maxElements  = 2_000
	maxNesting   = 32

	MaxReport         = 2 << 20
	maxReportElements = 10_100
)

// Name is the name of an element with its namespace.
type Name struct{ Space, Local string }

// Element is a parsed element, or a piece of text when its name is empty.
type Element struct {
	Name
	Attrs    []xml.Attr // without namespace declarations
	Text     string
	Children []*Element
}

func malformed() error { return fault.New(fault.Malformed, "dav.xml_malformed") }

// Read parses a body. It returns nil for an empty one.
func Read(body io.Reader, limit int64) (*Element, error) { return read(body, limit, maxElements) }

// ReadReport parses the question of a REPORT.
func ReadReport(body io.Reader) (*Element, error) { return read(body, MaxReport, maxReportElements) }

func read(body io.Reader, limit int64, elements int) (*Element, error) {
	raw, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(raw)) > limit {
		return nil, fault.New(fault.TooLarge, "dav.xml_too_large")
	}
	text, err := inUTF8(raw)
	if err != nil || len(bytes.TrimSpace(text)) == 0 {
		return nil, err
	}
	// No client of ours declares anything; entities are how XML becomes a bomb.
	if bytes.Contains(text, []byte("<!")) {
		return nil, malformed()
	}
	return parse(text, elements)
}

// inUTF8 turns UTF-16 into UTF-8 and drops the byte order mark.
func inUTF8(raw []byte) ([]byte, error) {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(raw, []byte{0xfe, 0xff}), bytes.HasPrefix(raw, []byte{0, '<'}):
		order = binary.BigEndian
	case bytes.HasPrefix(raw, []byte{0xff, 0xfe}), bytes.HasPrefix(raw, []byte{'<', 0}):
		order = binary.LittleEndian
	default:
		raw = bytes.TrimPrefix(raw, []byte{0xef, 0xbb, 0xbf})
		if !utf8.Valid(raw) || bytes.IndexByte(raw, 0) >= 0 {
			return nil, malformed()
		}
		return raw, nil
	}
	if len(raw)%2 != 0 {
		return nil, malformed()
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = order.Uint16(raw[2*i:])
	}
	text := string(utf16.Decode(units))
	return []byte(strings.TrimPrefix(text, "\ufeff")), nil
}

func parse(text []byte, elements int) (*Element, error) {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		if strings.HasPrefix(strings.ToLower(charset), "utf-16") {
			return in, nil // it has been turned into UTF-8 already
		}
		return nil, malformed()
	}
	var open []*Element
	var root *Element
	for count := 0; ; {
		token, err := d.Token()
		if err == io.EOF && root != nil && len(open) == 0 {
			return root, nil
		}
		if err != nil {
			return nil, malformed()
		}
		switch t := token.(type) {
		case xml.StartElement:
			if count++; count > elements || len(open) >= maxNesting {
				return nil, malformed()
			}
			e, err := begin(t)
			if err != nil || len(open) == 0 && root != nil {
				return nil, malformed()
			}
			if len(open) == 0 {
				root = e
			} else {
				parent := open[len(open)-1]
				parent.Children = append(parent.Children, e)
			}
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				parent := open[len(open)-1]
				parent.Children = append(parent.Children, &Element{Text: string(t)})
			} else if len(bytes.TrimSpace(t)) > 0 {
				return nil, malformed()
			}
		}
	}
}

// begin refuses a prefix bound to no namespace and a name with half a prefix, which the XML parser lets pass: stored and
// shown again they would break the answer.
func begin(t xml.StartElement) (*Element, error) {
	if strings.Contains(t.Name.Local, ":") {
		return nil, malformed()
	}
	e := &Element{Name: Name{t.Name.Space, t.Name.Local}}
	for _, a := range t.Attr {
		if a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns" {
			if a.Value == "" && a.Name.Space == "xmlns" {
				return nil, malformed()
			}
			continue
		}
		if strings.Contains(a.Name.Local, ":") {
			return nil, malformed()
		}
		e.Attrs = append(e.Attrs, a)
	}
	return e, nil
}

// Child is the first child of that name in the DAV namespace, nil when there is none.
func (e *Element) Child(local string) *Element {
	for _, c := range e.Children {
		if c.Name == (Name{DAV, local}) {
			return c
		}
	}
	return nil
}

// Plain is the text directly inside the element.
func (e *Element) Plain() string {
	var b strings.Builder
	for _, c := range e.Children {
		b.WriteString(c.Text)
	}
	return b.String()
}

// Append writes the element with all below it, each with its own namespace, so that it can be put anywhere.
func (e *Element) Append(b []byte) []byte {
	if e.Local == "" {
		return AppendText(b, e.Text)
	}
	tag := e.Local
	b = append(b, '<')
	if e.Space != "" {
		tag = "p:" + e.Local
		b = append(append(b, tag...), ` xmlns:p="`...)
		b = append(AppendText(b, e.Space), '"')
	} else {
		b = append(append(b, tag...), ` xmlns=""`...)
	}
	for i, a := range e.Attrs {
		b = appendAttr(b, a, i)
	}
	if len(e.Children) == 0 {
		return append(b, "/>"...)
	}
	b = append(b, '>')
	for _, c := range e.Children {
		b = c.Append(b)
	}
	return append(append(append(b, "</"...), tag...), '>')
}

func appendAttr(b []byte, a xml.Attr, i int) []byte {
	const xmlSpace = "http://www.w3.org/XML/1998/namespace"
	switch a.Name.Space {
	case "":
		b = append(append(b, ' '), a.Name.Local...)
	case xmlSpace, "xml":
		b = append(append(b, " xml:"...), a.Name.Local...)
	default:
		prefix := "a" + string(rune('a'+i%26)) + string(rune('a'+i/26%26))
		b = append(append(append(b, " xmlns:"...), prefix...), `="`...)
		b = append(AppendText(b, a.Name.Space), `" `...)
		b = append(append(append(b, prefix...), ':'), a.Name.Local...)
	}
	return append(AppendText(append(b, `="`...), a.Value), '"')
}
