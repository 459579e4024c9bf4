package record

import (
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"runes.im/data"
	"runes.im/platform/fault"
)

var (
	phoneForm = regexp.MustCompile(`^\+?[0-9 ()./\-]{3,40}(( ?x| ?ext\.? ?)[0-9]{1,6})?$`)
	hostForm  = regexp.MustCompile(`^[^.\s]+(\.[^.\s]+)+$`)
)

// clean is what a value that somebody wrote becomes. A problem is noted in the form.
func (f *Field) clean(raw string, form *fault.Form) string {
	text := tidy(raw, f.Sort == "long")
	form.Need(text != "" || !f.Need, f.Name, "record.need")
	if text == "" {
		return ""
	}
	size := utf8.RuneCountInString(text)
	form.Need(size >= f.Min, f.Name, "record.short", "n", f.Min)
	form.Need(size <= f.Max, f.Name, "record.long", "n", f.Max)
	switch f.Sort {
	case "email":
		return cleanEmail(text, f.Name, form)
	case "phone":
		form.Need(phoneForm.MatchString(text), f.Name, "record.phone")
	case "url":
		return cleanURL(text, f.Name, form)
	case "country":
		code := countryOf(text)
		form.Need(code != "", f.Name, "record.country")
		return code
	case "choice":
		choice := f.choice(text)
		if form.Need(choice != "", f.Name, "record.choice"); choice != "" {
			return choice
		}
	case "bool":
		yes := slices.Contains(yeses, strings.ToLower(text))
		form.Need(yes || slices.Contains(noes, strings.ToLower(text)), f.Name, "record.bool")
		if !yes {
			return ""
		}
		return "1"
	case "date":
		_, err := time.Parse(time.DateOnly, text)
		form.Need(err == nil, f.Name, "record.date")
	case "number":
		return f.cleanNumber(text, form)
	case "money":
		m, ok := readMoney(text, f.currency)
		form.Need(ok, f.Name, "record.money")
		if ok {
			return m.String()
		}
	}
	return text
}

var decimalForm = regexp.MustCompile(`^-?[0-9]{1,15}([.,][0-9]{1,6})?$`)

// cleanNumber: the numbers of a noun are whole, those that people add may have decimals.
func (f *Field) cleanNumber(text string, form *fault.Form) string {
	if !f.added {
		_, err := strconv.ParseInt(text, 10, 64)
		form.Need(err == nil, f.Name, "record.number")
		return text
	}
	ok := decimalForm.MatchString(text)
	form.Need(ok, f.Name, "record.decimal")
	number, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
	if !ok || err != nil {
		return text
	}
	return strconv.FormatFloat(number, 'f', -1, 64)
}

var (
	yeses = []string{"1", "on", "true", "yes", "ja", "oui", "sì", "si", "x"}
	noes  = []string{"0", "off", "false", "no", "nein", "non"}
)

// tidy takes away what nobody means to write: outer spaces, control characters, repeated spaces within a line.
func tidy(raw string, lines bool) string {
	text := strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(norm.NFC.String(strings.ReplaceAll(raw, "\r\n", "\n")), "\uFFFD"))
	if lines {
		return strings.TrimSpace(text)
	}
	return strings.Join(strings.Fields(text), " ")
}

func cleanEmail(text, name string, form *fault.Form) string {
	a, err := mail.ParseAddress(text)
	_, host, _ := strings.Cut(text, "@")
	ok := err == nil && a.Address == text && hostForm.MatchString(host) && !strings.ContainsAny(text, "\"<> ")
	form.Need(ok, name, "record.email")
	local, _, _ := strings.Cut(text, "@")
	return local + "@" + strings.ToLower(host)
}

// cleanURL adds https where somebody wrote only the host. Other schemes (javascript: among them) are refused.
func cleanURL(text, name string, form *fault.Form) string {
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	ok := err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.User == nil && hostForm.MatchString(u.Hostname())
	form.Need(ok && !strings.ContainsAny(text, " \"<>"), name, "record.url")
	if !ok {
		return text
	}
	u.Host = strings.ToLower(u.Host)
	return u.String()
}

// countryOf is the code of a country written as code or as its name in any language of the house.
func countryOf(text string) string {
	wanted := fold(text)
	for _, c := range data.Countries() {
		if strings.EqualFold(c.Code, text) {
			return c.Code
		}
		for _, name := range c.Names {
			if fold(name) == wanted {
				return c.Code
			}
		}
	}
	return ""
}

func countryName(lang, code string) string {
	all := data.Countries()
	at, found := slices.BinarySearchFunc(all, code, func(c data.Country, code string) int { return strings.Compare(c.Code, code) })
	if !found {
		return code
	}
	return all[at].Names[lang]
}

var unmarked = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i", "’", "'")

// fold is text as people mean it when they search: without case and accents.
func fold(text string) string {
	plain := norm.NFD.String(strings.ToLower(text))
	plain = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, plain)
	return unmarked.Replace(plain)
}

// digits are those of a telephone number: what was typed with spaces is found without.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
}

// keys are what the record is sorted and searched by.
func (k *kind) keys(rec any) (title, search string) {
	var parts []string
	for _, f := range k.fields {
		if !f.search {
			continue
		}
		text := f.text(rec)
		parts = append(parts, fold(text))
		switch {
		case f.Sort == "phone":
			parts = append(parts, digits(text))
		case f.from != nil && f.Sort == "choice":
			parts = append(parts, fold(strings.Join(f.from.translations(text), "\n")))
		}
	}
	return fold(k.title(rec)), strings.Join(parts, "\n")
}

// Fold is text without case and accents, as searches and sorting compare it.
func Fold(text string) string { return fold(text) }
