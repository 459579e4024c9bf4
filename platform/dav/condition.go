package dav

import (
	"strings"

	"runes.im/platform/fault"
)

// maxConditions is how many conditions one If header may hold.
const maxConditions = 64

// If is a parsed If header: true when one of its lists is.
type If []List

// List is true when all its conditions are, for the resource it is about.
type List struct {
	Resource   string // as written: an address or a path; "" is the address of the request
	Conditions []Condition
}

// Condition is about a lock token or an ETag.
type Condition struct {
	Not   bool
	Token string
	ETag  string // with its quotes
}

func badIf() error { return fault.New(fault.Malformed, "dav.header_malformed", "name", "If") }

// ReadIf parses an If header (RFC 4918, section 10.4); nil for a missing one.
func ReadIf(header string) (If, error) {
	rest := strings.TrimSpace(header)
	if rest == "" {
		return nil, nil
	}
	var lists If
	resource, count := "", 0
	tagged := rest[0] == '<'
	for rest != "" {
		if rest[0] == '<' {
			tag, after, ok := strings.Cut(rest[1:], ">")
			after = strings.TrimSpace(after)
			if !ok || !tagged || tag == "" || !strings.HasPrefix(after, "(") {
				return nil, badIf()
			}
			resource, rest = tag, after
		}
		if rest[0] != '(' {
			return nil, badIf()
		}
		conditions, after, err := readList(rest[1:])
		if err != nil {
			return nil, err
		}
		if count += len(conditions); count > maxConditions {
			return nil, badIf()
		}
		lists = append(lists, List{Resource: resource, Conditions: conditions})
		rest = strings.TrimSpace(after)
	}
	return lists, nil
}

func readList(rest string) (found []Condition, after string, err error) {
	for {
		rest = strings.TrimSpace(rest)
		if strings.HasPrefix(rest, ")") {
			if len(found) == 0 {
				return nil, "", badIf()
			}
			return found, rest[1:], nil
		}
		var c Condition
		if len(rest) > 3 && strings.EqualFold(rest[:3], "Not") {
			c.Not = true
			rest = strings.TrimSpace(rest[3:])
		}
		var ok bool
		switch {
		case strings.HasPrefix(rest, "<"):
			c.Token, rest, ok = strings.Cut(rest[1:], ">")
		case strings.HasPrefix(rest, "["):
			c.ETag, rest, ok = strings.Cut(rest[1:], "]")
			c.ETag = strings.TrimSpace(c.ETag)
		}
		if !ok {
			return nil, "", badIf()
		}
		found = append(found, c)
	}
}

// Tokens are the lock tokens that the header names, those after Not left out.
func (f If) Tokens() []string {
	var tokens []string
	for _, l := range f {
		for _, c := range l.Conditions {
			if c.Token != "" && !c.Not {
				tokens = append(tokens, c.Token)
			}
		}
	}
	return tokens
}

// ETagMatches reports whether an If-Match or If-None-Match header names the ETag (without quotes). "*" names any;
// exists says whether there is anything at all. Weak forms count: our ETags change with every byte.
func ETagMatches(header, etag string, exists bool) bool {
	if !exists {
		return false
	}
	for _, part := range strings.Split(header, ",") {
		part = strings.TrimSpace(part)
		if part == "*" || strings.Trim(strings.TrimPrefix(part, "W/"), `"`) == etag {
			return true
		}
	}
	return false
}
