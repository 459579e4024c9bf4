package words

import (
	"fmt"
	"strconv"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

var formNames = map[string]plural.Form{
	"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many, "other": plural.Other,
}

var printers = map[string]*message.Printer{
	"en": message.NewPrinter(language.English), "de": message.NewPrinter(language.German),
	"fr": message.NewPrinter(language.French), "it": message.NewPrinter(language.Italian),
}

var tags = map[string]language.Tag{
	"en": language.English, "de": language.German, "fr": language.French, "it": language.Italian,
}

// Number writes n as the language has it, with at most decimals digits behind the separator.
func Number(lang string, n any, decimals int) string {
	p := printers[lang]
	if p == nil {
		p = printers[Languages[0]]
	}
	return p.Sprint(number.Decimal(n, number.MaxFractionDigits(decimals)))
}

// form chooses the plural form by the value named "n".
func (t text) form(lang string, args []any) string {
	value, _ := argument(args, "n")
	n, ok := whole(value)
	if !ok {
		return t.forms["other"]
	}
	if n < 0 {
		n = -n
	}
	// The rules look at the last digits only, and int must hold the number on every machine.
	small := int(n % 10_000_000)
	if n >= 10_000_000 {
		small += 10_000_000
	}
	want := plural.Cardinal.MatchPlural(tags[lang], small, 0, 0, 0, 0)
	for name, form := range formNames {
		if form == want && t.forms[name] != "" {
			return t.forms[name]
		}
	}
	return t.forms["other"]
}

// written is a value as it stands in a sentence. Counts are grouped as the language does it; other numbers (a year, a
// reference) stand as they are.
func written(lang, name string, value any) string {
	if name == "n" {
		if n, ok := whole(value); ok {
			return Number(lang, n, 0)
		}
	}
	return fmt.Sprint(value)
}

func whole(value any) (int64, bool) {
	switch n := value.(type) {
	case int:
		return int64(n), true
	case int32:
		return int64(n), true
	case int64:
		return n, true
	case string: // a notification keeps its values as text
		small, err := strconv.ParseInt(n, 10, 64)
		return small, err == nil
	}
	return 0, false
}
