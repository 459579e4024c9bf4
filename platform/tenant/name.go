package tenant

import (
	"context"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"runes.im/platform/fault"
)

// twins are letters of other scripts that look like a Latin one, or marks that look like another.
var twins = strings.NewReplacer(
	// Cyrillic
	"А", "A", "В", "B", "Е", "E", "Ѕ", "S", "І", "I", "Ј", "J", "К", "K", "М", "M", "Н", "H", "О", "O", "Р", "P", "С", "C", "Т", "T", "У", "Y", "Х", "X",
	"Ԛ", "Q", "Ԝ", "W", "Ү", "Y", "а", "a", "е", "e", "ѕ", "s", "і", "i", "ј", "j", "о", "o", "р", "p", "с", "c", "у", "y", "х", "x", "ԁ", "d", "һ", "h",
	"ԛ", "q", "ԝ", "w", "ӏ", "l", "Ӏ", "I", "ү", "y",
	// Greek
	"Α", "A", "Β", "B", "Ε", "E", "Ζ", "Z", "Η", "H", "Ι", "I", "Κ", "K", "Μ", "M", "Ν", "N", "Ο", "O", "Ρ", "P", "Τ", "T", "Υ", "Y", "Χ", "X",
	"α", "a", "ο", "o", "ρ", "p", "ν", "v", "ι", "i", "κ", "k", "ϲ", "c", "ϳ", "j",
	// Latin of other alphabets
	"ı", "i", "ɑ", "a", "ɡ", "g", "ɩ", "i",
	// marks
	"‐", "-", "–", "-", "—", "-", "−", "-", "’", "'", "‘", "'", "`", "'", "´", "'", "“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`,
)

// likeness is the same for two names that a person would take for one: whatever is not seen, spaces, capitals and look-alike
// letters make no difference.
func likeness(name string) string {
	seen := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, twins.Replace(norm.NFKC.String(name)))
	return norm.NFC.String(cases.Fold().String(seen))
}

// nameTaken reports whether a tenant has a name that would be taken for this one.
func (r *Registry) nameTaken(name string) bool {
	wanted := likeness(name)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, i := range r.known {
		if likeness(i.Name) == wanted {
			return true
		}
	}
	return false
}

// CheckName says what speaks against the name of a new tenant, under the field company.
func (r *Registry) CheckName(name string) error {
	form := fault.Form{}
	checkName(&form, strings.Join(strings.Fields(name), " "))
	form.Need(!r.nameTaken(name), "company", "tenant.name_taken", "name", name)
	return form.Err()
}

// CheckSlug says what speaks against the address of a new tenant, under the field slug.
func (r *Registry) CheckSlug(ctx context.Context, slug string) error {
	form := fault.Form{}
	checkSlug(&form, slug)
	if err := form.Err(); err != nil {
		return err
	}
	isTaken, err := taken(ctx, r.o.System, slug, "")
	if err != nil {
		return err
	}
	form.Need(!isTaken, "slug", "tenant.slug_taken", "slug", slug)
	return form.Err()
}

// FreeSlug is the wish, or a numbered form of it, that nobody has; empty when none is near.
func (r *Registry) FreeSlug(ctx context.Context, wish string) string {
	for n := 1; n < 20; n++ {
		slug := wish
		if n > 1 {
			tail := "-" + strconv.Itoa(n)
			slug = strings.Trim(wish[:min(len(wish), 40-len(tail))], "-") + tail
		}
		if r.CheckSlug(ctx, slug) == nil {
			return slug
		}
	}
	return ""
}

func checkName(form *fault.Form, name string) {
	form.Need(nameKey(name) != "", "company", "tenant.name_missing")
	form.Need(len(name) <= 200, "company", "tenant.name_long")
	form.Need(!strings.ContainsFunc(name, unicode.IsControl), "company", "tenant.name_control")
}

func checkSlug(form *fault.Form, slug string) {
	form.Need(isSlug(slug), "slug", "tenant.slug_form")
	form.Need(!isReserved(slug), "slug", "tenant.slug_reserved")
}
