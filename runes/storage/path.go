package storage

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"runes.im/platform/dav"
	"runes.im/platform/fault"
)

// The limits of names and paths; every door has the same.
const (
	maxName  = 250 // bytes of one name
	maxDepth = 100 // names in one path
)

// path is a place in a person's drive: the names from the top down, each of them clean. The top itself is empty.
type path []string

// parsePath reads a path as a person or a form writes it: "/Projects/Fjord". It begins with a slash or not; one slash
// may end it.
func parsePath(text string) (path, error) {
	return splitPath(text, func(name string) (string, error) { return name, nil })
}

// decodePath reads a path out of an address, where each name is percent-encoded once. A "+" is a plus, and an encoded
// slash is no separator: it is a forbidden letter of a name.
func decodePath(escaped string) (path, error) {
	return splitPath(escaped, url.PathUnescape)
}

func splitPath(text string, decode func(string) (string, error)) (path, error) {
	text = strings.TrimPrefix(text, "/")
	if text == "" {
		return path{}, nil
	}
	text = strings.TrimSuffix(text, "/")
	if strings.Count(text, "/") >= maxDepth {
		return nil, fault.New(fault.Malformed, "storage.path_too_deep", "n", maxDepth)
	}
	names := strings.Split(text, "/")
	for i, name := range names {
		decoded, err := decode(name)
		if err != nil {
			return nil, fault.New(fault.Malformed, "storage.name_encoding")
		}
		if names[i], err = cleanName(decoded); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// cleanName is the one spelling of a name, or a fault that says why it cannot be used.
func cleanName(name string) (string, error) {
	if !utf8.ValidString(name) {
		return "", fault.New(fault.Malformed, "storage.name_encoding")
	}
	name = norm.NFC.String(name)
	switch {
	case name == "":
		return "", fault.New(fault.Malformed, "storage.name_empty")
	case name == "." || name == "..":
		return "", fault.New(fault.Malformed, "storage.name_dots")
	case len(name) > maxName:
		return "", fault.New(fault.Malformed, "storage.name_too_long", "n", maxName)
	case strings.ContainsAny(name, `/\`):
		return "", fault.New(fault.Malformed, "storage.name_slash")
	case strings.IndexFunc(name, unicode.IsControl) >= 0:
		return "", fault.New(fault.Malformed, "storage.name_control")
	case isReserved(name):
		return "", fault.New(fault.Malformed, "storage.name_reserved", "name", name)
	}
	return name, nil
}

// isReserved reports names that sync clients use for half-finished files, and one that web servers obey.
func isReserved(name string) bool {
	lower := strings.ToLower(name)
	return lower == ".htaccess" || strings.HasSuffix(lower, ".part") || strings.HasSuffix(lower, ".filepart")
}

// isAwkward reports names that are kept but cannot be put on a Windows disk; pages flag them.
func isAwkward(name string) bool {
	if strings.ContainsAny(name, `<>:"|?*`) || strings.HasSuffix(name, ".") || strings.HasSuffix(name, " ") {
		return true
	}
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	switch stem {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(stem) == 4 && (stem[:3] == "COM" || stem[:3] == "LPT") && stem[3] >= '1' && stem[3] <= '9'
}

// String is the path as people write it; the top is "/".
func (p path) String() string { return "/" + strings.Join(p, "/") }

// escaped is the path as it stands in an address, without a slash at the end. It means itself in XML, too.
func (p path) escaped() string {
	var b []byte
	for _, name := range p {
		b = dav.AppendSegment(append(b, '/'), name)
	}
	return string(b)
}

func (p path) isTop() bool { return len(p) == 0 }

// name is the last name, "" for the top.
func (p path) name() string {
	if p.isTop() {
		return ""
	}
	return p[len(p)-1]
}

// folder is the path one step up; the top's is the top.
func (p path) folder() path {
	if p.isTop() {
		return p
	}
	return p[:len(p)-1]
}

// join is the path of name inside p. The name must be clean.
func (p path) join(name string) path {
	return append(p[:len(p):len(p)], name)
}

// isBelow reports whether p lies inside q or is q itself, name by name.
func (p path) isBelow(q path) bool {
	if len(p) < len(q) {
		return false
	}
	for i := range q {
		if p[i] != q[i] {
			return false
		}
	}
	return true
}
