package dav

import "time"

// The namespaces that clients and we use, each with its fixed prefix in what we write.
const (
	DAV       = "DAV:"                    // d
	OwnCloud  = "http://owncloud.org/ns"  // oc
	Nextcloud = "http://nextcloud.org/ns" // nc
	Sabre     = "http://sabredav.org/ns"  // s

	CardDAV        = "urn:ietf:params:xml:ns:carddav" // card
	CalendarServer = "http://calendarserver.org/ns/"  // cs
)

// Declaration begins every document that we write; Namespaces goes into its first element.
const (
	Declaration = `<?xml version="1.0" encoding="utf-8"?>` + "\n"
	Namespaces  = ` xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns"` +
		` xmlns:card="urn:ietf:params:xml:ns:carddav" xmlns:cs="http://calendarserver.org/ns/"`
)

var prefixes = map[string]string{DAV: "d:", OwnCloud: "oc:", Nextcloud: "nc:", Sabre: "s:", CardDAV: "card:", CalendarServer: "cs:"}

// AppendText writes text so that it means itself, in an element or in a quoted attribute. What XML cannot say is left out.
func AppendText(b []byte, text string) []byte {
	for _, r := range text {
		switch {
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r == '"':
			b = append(b, "&quot;"...)
		case r == '\r':
			b = append(b, "&#13;"...)
		case r == '\n' || r == '\t':
			b = append(b, byte(r))
		case r < ' ' || r == 0xfffe || r == 0xffff:
		default:
			b = append(b, string(r)...)
		}
	}
	return b
}

// AppendName writes an empty element of that name.
func AppendName(b []byte, n Name) []byte {
	if prefix, known := prefixes[n.Space]; known {
		return append(append(append(append(b, '<'), prefix...), n.Local...), "/>"...)
	}
	return (&Element{Name: n}).Append(b)
}

const hexDigits = "0123456789ABCDEF"

// plain are the letters of an address that need no encoding and mean nothing in XML.
var plain = func() (t [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~()+,;=:@!$*") {
		t[c] = true
	}
	return t
}()

// AppendSegment writes one name of a path, percent-encoded.
func AppendSegment(b []byte, name string) []byte {
	for i := 0; i < len(name); i++ {
		if c := name[i]; plain[c] {
			b = append(b, c)
		} else {
			b = append(b, '%', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return b
}

// AppendDate writes a time as HTTP does.
func AppendDate(b []byte, unix int64) []byte {
	return time.Unix(unix, 0).UTC().AppendFormat(b, "Mon, 02 Jan 2006 15:04:05 GMT")
}

// EscapeText is text that means itself in XML.
func EscapeText(text string) string { return string(AppendText(nil, text)) }

// Error is the body of a refusal: exception tells clients the kind, message is read by a person. condition is the
// element of RFC 4918 that says what did not hold, or "".
func Error(condition, exception, message string) []byte {
	return Refusal(Name{DAV, condition}, exception, message)
}

// Refusal is Error with a condition of any namespace.
func Refusal(condition Name, exception, message string) []byte {
	b := append([]byte(Declaration), "<d:error"+Namespaces+">"...)
	if condition.Local != "" {
		b = AppendName(b, condition)
	}
	b = AppendText(append(b, `<s:exception>`...), exception)
	b = AppendText(append(b, `</s:exception><s:message>`...), message)
	return append(b, "</s:message></d:error>\n"...)
}
