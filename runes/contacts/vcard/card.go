// Package vcard reads and writes contact cards (RFC 6350 and RFC 2426). A card stays the lines it came as: what is not
// changed comes out byte for byte as it went in, whatever program invented it.
package vcard

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// The limits of one card.
const (
	MaxBytes = 512 << 10 // with the picture in it
	maxLines = 2_000
)

// ErrMalformed says that a text is not one card of version 3.0 or 4.0.
var ErrMalformed = errors.New("not one contact card")

// Card is one contact.
type Card struct{ lines []line }

// line is a property, with the bytes it was read from.
type line struct {
	raw                        string // folded, with its line ends
	group, name, params, value string // the name in capitals, the value as written
}

// New is a card that says nothing yet but what it is about.
func New(version, uid string) *Card {
	c := &Card{}
	for _, l := range []line{{name: "BEGIN", value: "VCARD"}, {name: "VERSION", value: version}, {name: "UID", value: uid}, {name: "END", value: "VCARD"}} {
		l.write()
		c.lines = append(c.lines, l)
	}
	return c
}

// Read takes a text apart that is exactly one card.
func Read(text []byte) (*Card, error) {
	if len(text) > MaxBytes || !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		return nil, ErrMalformed
	}
	c := &Card{}
	for rest := string(bytes.TrimPrefix(text, []byte("\ufeff"))); strings.TrimSpace(rest) != ""; {
		var l line
		if l, rest = next(rest); strings.TrimSpace(l.raw) == "" {
			continue
		}
		if err := l.read(); err != nil || len(c.lines) >= maxLines {
			return nil, ErrMalformed
		}
		c.lines = append(c.lines, l)
	}
	return c, c.check()
}

// next cuts the first line off, with those that continue it.
func next(text string) (line, string) {
	for at := 0; ; {
		end := strings.IndexByte(text[at:], '\n')
		if end < 0 {
			return line{raw: text}, ""
		}
		at += end + 1
		if at == len(text) || text[at] != ' ' && text[at] != '\t' {
			return line{raw: text[:at]}, text[at:]
		}
	}
}

// read takes the bytes of a line apart.
func (l *line) read() error {
	text := unfold(l.raw)
	colon := -1
	for i, quoted := 0, false; i < len(text) && colon < 0; i++ {
		switch text[i] {
		case '"':
			quoted = !quoted
		case ':':
			if !quoted {
				colon = i
			}
		}
	}
	if colon < 1 {
		return ErrMalformed
	}
	l.value = text[colon+1:]
	head, params, _ := strings.Cut(text[:colon], ";")
	l.params = params
	if at := strings.LastIndexByte(head, '.'); at >= 0 {
		l.group, head = head[:at], head[at+1:]
	}
	if l.name = strings.ToUpper(head); l.name == "" || strings.Trim(l.name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
		return ErrMalformed
	}
	return nil
}

var folds = strings.NewReplacer("\r\n ", "", "\r\n\t", "", "\n ", "", "\n\t", "")

func unfold(raw string) string { return strings.TrimRight(folds.Replace(raw), "\r\n") }

func (c *Card) check() error {
	begins := 0
	for _, l := range c.lines {
		if l.name == "BEGIN" {
			begins++
		}
	}
	last := len(c.lines) - 1
	switch {
	case last < 2, begins != 1, c.lines[0].name != "BEGIN", c.lines[last].name != "END", !strings.EqualFold(c.lines[0].value, "VCARD"):
		return ErrMalformed
	case c.Version() != "3.0" && c.Version() != "4.0":
		return ErrMalformed
	}
	return nil
}

// write makes the bytes of a line from its parts, folded after 75 bytes and never inside a letter.
func (l *line) write() {
	text := l.name
	if l.group != "" {
		text = l.group + "." + text
	}
	if l.params != "" {
		text += ";" + l.params
	}
	text += ":" + l.value
	var b strings.Builder
	for limit := 75; len(text) > limit; limit = 74 {
		at := limit
		for !utf8.RuneStart(text[at]) {
			at--
		}
		b.WriteString(text[:at] + "\r\n ")
		text = text[at:]
	}
	l.raw = b.String() + text + "\r\n"
}

// Bytes is the card as text.
func (c *Card) Bytes() []byte {
	var b bytes.Buffer
	for _, l := range c.lines {
		b.WriteString(l.raw)
	}
	return b.Bytes()
}

// Version is "3.0" or "4.0".
func (c *Card) Version() string { return strings.TrimSpace(c.Text("VERSION")) }

// Text is the value of a property, the preferred one of several.
func (c *Card) Text(name string) string {
	if at := c.preferred(name); at >= 0 {
		return plain(c.lines[at].value)
	}
	return ""
}

// Texts are all values of a property.
func (c *Card) Texts(name string) []string {
	var all []string
	for _, l := range c.lines {
		if l.name == name {
			all = append(all, plain(l.value))
		}
	}
	return all
}

// Parts are the parts of a value that has several, like the family name and the first name of N; at least n.
func (c *Card) Parts(name string, n int) []string {
	var parts []string
	if at := c.preferred(name); at >= 0 {
		for _, part := range split(c.lines[at].value) {
			parts = append(parts, plain(part))
		}
	}
	for len(parts) < n {
		parts = append(parts, "")
	}
	return parts
}

// Set gives the preferred property of that name another value and leaves the others and its kind alone; params are those
// of a new one. Empty parts take it away.
func (c *Card) Set(name, params string, parts ...string) {
	at := c.preferred(name)
	if strings.Join(parts, "") == "" {
		if at >= 0 {
			c.lines = slices.Delete(c.lines, at, at+1)
		}
		return
	}
	escaped := make([]string, len(parts))
	for i, part := range parts {
		escaped[i] = escape.Replace(part)
	}
	value := strings.Join(escaped, ";")
	if at < 0 {
		at = len(c.lines) - 1
		c.lines = slices.Insert(c.lines, at, line{name: name, params: params})
	} else if c.lines[at].value == value {
		return
	}
	c.lines[at].value = value
	c.lines[at].write()
}

// preferred is where the preferred property of that name stands, -1 for none.
func (c *Card) preferred(name string) int {
	found := -1
	for i, l := range c.lines {
		if l.name != name {
			continue
		}
		if prefers(l.params) {
			return i
		}
		if found < 0 {
			found = i
		}
	}
	return found
}

// prefers reports TYPE=pref of version 3 and PREF=1 of version 4.
func prefers(params string) bool {
	for _, p := range strings.Split(strings.ToUpper(params), ";") {
		key, value, _ := strings.Cut(p, "=")
		value = strings.Trim(value, `"`)
		if key == "PREF" && (value == "1" || value == "") || key == "TYPE" && slices.Contains(strings.Split(value, ","), "PREF") {
			return true
		}
	}
	return false
}

var escape = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", "")

// plain is a value as people read it.
func plain(value string) string {
	if !strings.Contains(value, `\`) {
		return value
	}
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] != '\\' || i+1 == len(value) {
			b.WriteByte(value[i])
			continue
		}
		if i++; value[i] == 'n' || value[i] == 'N' {
			b.WriteByte('\n')
		} else {
			b.WriteByte(value[i])
		}
	}
	return b.String()
}

// split cuts at each semicolon that is not escaped.
func split(value string) []string {
	var parts []string
	start := 0
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '\\':
			i++
		case ';':
			parts, start = append(parts, value[start:i]), i+1
		}
	}
	return append(parts, value[start:])
}
