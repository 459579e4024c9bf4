package dav

import (
	"net/http"
	"strconv"
)

// Prop is a property with the XML inside its element.
type Prop struct {
	Name
	Inside string
}

// AppendResponse writes what the resource at href has of what find asks for: once those found, once those missing.
// usual counts the first properties, which a question for everything means.
func AppendResponse(b []byte, href string, find PropFind, have []Prop, usual int) []byte {
	b = append(append(append(b, "<d:response><d:href>"...), href...), "</d:href>"...)
	var missing []Name
	b = append(b, "<d:propstat><d:prop>"...)
	start := len(b)
	if find.All || find.Only {
		for _, p := range have[:usual] {
			b = appendProp(b, p, find.Only)
		}
	}
	for _, name := range find.Names {
		if p := named(have, name); p != nil {
			b = appendProp(b, *p, false)
		} else {
			missing = append(missing, name)
		}
	}
	b = append(b, "</d:prop>"...)
	if len(b) == start+len("</d:prop>") && len(missing) > 0 {
		b = b[:start-len("<d:propstat><d:prop>")]
	} else {
		b = append(AppendStatus(b, http.StatusOK), "</d:propstat>"...)
	}
	if len(missing) > 0 {
		b = append(b, "<d:propstat><d:prop>"...)
		for _, name := range missing {
			b = AppendName(b, name)
		}
		b = append(AppendStatus(append(b, "</d:prop>"...), http.StatusNotFound), "</d:propstat>"...)
	}
	return append(b, "</d:response>\n"...)
}

// AppendGone writes that nothing is at href.
func AppendGone(b []byte, href string) []byte {
	b = append(append(append(b, "<d:response><d:href>"...), href...), "</d:href>"...)
	return append(AppendStatus(b, http.StatusNotFound), "</d:response>\n"...)
}

// AppendStatus writes how it went.
func AppendStatus(b []byte, status int) []byte {
	b = append(b, "<d:status>HTTP/1.1 "...)
	b = append(b, statusLine(status)...)
	return append(b, "</d:status>"...)
}

func statusLine(status int) string {
	return strconv.Itoa(status) + " " + http.StatusText(status)
}

func named(have []Prop, name Name) *Prop {
	for i := range have {
		if have[i].Name == name {
			return &have[i]
		}
	}
	return nil
}

func appendProp(b []byte, p Prop, empty bool) []byte {
	tag := prefixes[p.Space] + p.Local
	if empty || p.Inside == "" {
		return append(append(append(b, '<'), tag...), "/>"...)
	}
	b = append(append(append(b, '<'), tag...), '>')
	b = append(b, p.Inside...)
	return append(append(append(b, "</"...), tag...), '>')
}
