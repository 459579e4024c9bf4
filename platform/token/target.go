package token

import (
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// Target is where a rendered text goes.
type Target int

// The targets. Text is plain text with line breaks, for templates that escape it themselves and for mails; HTML is markup
// that was cleaned when it was saved; Header one line of a mail's header; CSV one finished cell; JSON a document with
// tokens inside of its strings; URL an address; FileName a file's name without folders.
const (
	Text Target = iota
	HTML
	Header
	CSV
	JSON
	URL
	FileName
)

// escape makes a value harmless at the place it goes to.
func (to Target) escape(value string) string {
	value = strings.ToValidUTF8(value, "\uFFFD")
	switch to {
	case HTML:
		return html.EscapeString(plain(value, true))
	case Header:
		return plain(value, false)
	case JSON:
		raw, err := json.Marshal(value)
		if err != nil {
			return "" // text always encodes
		}
		return string(raw[1 : len(raw)-1])
	case URL:
		return strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
	case FileName:
		return fileName(value)
	}
	return plain(value, true)
}

// finish takes care of what only the whole text shows.
func (to Target) finish(text string) string {
	switch to {
	case Header:
		return strings.TrimSpace(plain(text, false))
	case CSV:
		if isFormula(text) {
			text = "'" + text
		}
		return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	case FileName:
		return wholeName(text)
	}
	return text
}

// plain drops control characters and the marks that turn the direction of writing; line breaks stay or become spaces.
func plain(value string, lines bool) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines, r == '\t' && lines:
			return r
		case r == '\r' && lines:
			return -1
		case r == '\u2028' || r == '\u2029' || unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, value)
}

var number = regexp.MustCompile(`^[+-]?[0-9]+([.,][0-9]+)*$`)

// isFormula tells what a spreadsheet would calculate.
func isFormula(cell string) bool {
	return cell != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(cell)[0]) && !number.MatchString(cell)
}

const maxFileName = 200 // bytes: what follows may add a number and an ending

var noFileName = strings.NewReplacer("/", "-", `\`, "-", ":", "-", "*", "-", "?", "-", `"`, "'", "<", "-", ">", "-", "|", "-")

func fileName(value string) string { return noFileName.Replace(plain(value, false)) }

// reserved are names that some systems take for a device.
var reserved = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)`)

func wholeName(text string) string {
	name := strings.Trim(strings.Join(strings.Fields(fileName(text)), " "), " .")
	if len(name) > maxFileName {
		name = strings.ToValidUTF8(name[:maxFileName], "") // no half letter at the end
	}
	if name == "" || reserved.MatchString(name) {
		return "_" + name
	}
	return strings.TrimRight(name, " .")
}
