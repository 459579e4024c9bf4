package contacts

import (
	"strings"

	"runes.im/platform/dav"
	"runes.im/platform/fault"
	"runes.im/platform/record"
	"runes.im/runes/contacts/vcard"
)

// filter is what an addressbook-query looks for.
type filter struct {
	all   bool // every one of the tests, not any
	tests []propTest
}

// propTest is about one property: that it is there, or not, or that its text fits.
type propTest struct {
	name    string
	missing bool
	all     bool
	texts   []textTest
}

type textTest struct {
	text   string
	how    string
	negate bool
}

// maxTests is how many tests one question may have.
const maxTests = 100

func readFilter(root *dav.Element) (*filter, error) {
	f := &filter{}
	count := 0
	for _, e := range root.Children {
		if e.Name != cardName("filter") {
			continue
		}
		f.all = attr(e, "test") == "allof"
		for _, one := range e.Children {
			if one.Local == "" {
				continue
			}
			if count++; one.Name != cardName("prop-filter") || count > maxTests {
				return nil, fault.New(fault.Forbidden, "contacts.card_filter")
			}
			test, err := readPropTest(one)
			if err != nil {
				return nil, err
			}
			f.tests = append(f.tests, test)
		}
	}
	return f, nil
}

func readPropTest(e *dav.Element) (propTest, error) {
	t := propTest{name: strings.ToUpper(attr(e, "name")), all: attr(e, "test") == "allof"}
	for _, one := range e.Children {
		switch one.Name {
		case dav.Name{}:
		case cardName("is-not-defined"):
			t.missing = true
		case cardName("text-match"):
			match := textTest{text: record.Fold(one.Plain()), how: attr(one, "match-type"), negate: attr(one, "negate-condition") == "yes"}
			t.texts = append(t.texts, match)
		default:
			return t, fault.New(fault.Forbidden, "contacts.card_filter")
		}
	}
	if len(t.texts) > maxTests {
		return t, fault.New(fault.Forbidden, "contacts.card_filter")
	}
	return t, nil
}

func attr(e *dav.Element, name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// fits reports whether the card is one that was looked for; no test fits all.
func (f *filter) fits(c *vcard.Card) bool {
	for _, t := range f.tests {
		if fit := t.fits(c.Texts(t.name)); fit != f.all {
			return fit
		}
	}
	return f.all || len(f.tests) == 0
}

func (t *propTest) fits(values []string) bool {
	if t.missing {
		return len(values) == 0
	}
	for _, match := range t.texts {
		if fit := match.fits(values); fit != t.all {
			return fit
		}
	}
	return len(values) > 0 && (t.all || len(t.texts) == 0)
}

func (t *textTest) fits(values []string) bool {
	for _, value := range values {
		value, fit := record.Fold(value), false
		switch t.how {
		case "equals":
			fit = value == t.text
		case "starts-with":
			fit = strings.HasPrefix(value, t.text)
		case "ends-with":
			fit = strings.HasSuffix(value, t.text)
		default:
			fit = strings.Contains(value, t.text)
		}
		if fit {
			return !t.negate
		}
	}
	return t.negate
}
