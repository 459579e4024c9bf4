package vcard

import (
	"slices"
	"strings"
)

// As is the card in another version: what the two write differently (pictures, the preferred one of several) is
// rewritten, all else stays as it is.
func (c *Card) As(version string) *Card {
	if version == "" || version == c.Version() {
		return c
	}
	other := &Card{lines: slices.Clone(c.lines)}
	for i := range other.lines {
		l := &other.lines[i]
		before := *l
		switch {
		case l.name == "VERSION":
			l.value = version
		case l.name == "PHOTO" || l.name == "LOGO" || l.name == "KEY" || l.name == "SOUND":
			l.embed(version)
		default:
			l.prefer(version)
		}
		if l.value != before.value || l.params != before.params {
			l.write()
		}
	}
	return other
}

// prefer says in the other version's way which of several is the preferred one.
func (l *line) prefer(version string) {
	if !prefers(l.params) {
		return
	}
	var kept []string
	for _, p := range strings.Split(l.params, ";") {
		key, value, _ := strings.Cut(p, "=")
		switch strings.ToUpper(key) {
		case "PREF":
			continue
		case "TYPE":
			types := slices.DeleteFunc(strings.Split(strings.Trim(value, `"`), ","), func(one string) bool { return strings.EqualFold(one, "pref") })
			if len(types) > 0 {
				kept = append(kept, "TYPE="+strings.Join(types, ","))
			}
		default:
			kept = append(kept, p)
		}
	}
	mark := "TYPE=pref"
	if version == "4.0" {
		mark = "PREF=1"
	}
	l.params = strings.Join(append(kept, mark), ";")
}

// embed writes what is in the card itself as the other version does: bytes in base64, or an address that is the data.
func (l *line) embed(version string) {
	kind, coded := "", false
	var kept []string
	for _, p := range strings.Split(l.params, ";") {
		key, value, _ := strings.Cut(p, "=")
		switch strings.ToUpper(key) {
		case "ENCODING":
			coded = strings.EqualFold(value, "b") || strings.EqualFold(value, "base64")
		case "TYPE", "MEDIATYPE":
			kind = strings.ToLower(value)
		case "":
		default:
			kept = append(kept, p)
		}
	}
	sort := map[string]string{"PHOTO": "image/", "LOGO": "image/", "SOUND": "audio/", "KEY": "application/"}[l.name]
	switch {
	case version == "4.0" && coded:
		if !strings.Contains(kind, "/") {
			kind = sort + kind
		}
		l.params, l.value = strings.Join(kept, ";"), "data:"+kind+";base64,"+strings.ReplaceAll(l.value, " ", "")
	case version == "3.0" && strings.HasPrefix(l.value, "data:"):
		head, body, found := strings.Cut(strings.TrimPrefix(l.value, "data:"), ";base64,")
		if !found {
			return
		}
		l.value = body
		l.params = strings.Join(append(kept, "ENCODING=b", "TYPE="+strings.ToUpper(strings.TrimPrefix(head, sort))), ";")
	}
}
