// Package vat checks VAT ids as far as that goes without asking anybody: their form in each country, and the check digits where
// the country has published how they are made. Whether an id is registered only its tax office knows.
package vat

import (
	"regexp"
	"strings"
)

// form is what an id looks like behind its prefix, without blanks and marks.
type form struct {
	prefix  string
	digits  *regexp.Regexp
	check   func(id string) bool // nil: the form is all that is known
	example string
}

func is(prefix, pattern, example string, check func(string) bool) form {
	return form{prefix: prefix, digits: regexp.MustCompile("^(?:" + pattern + ")$"), check: check, example: example}
}

// forms are those of the European Union, Switzerland and Liechtenstein, the United Kingdom and Norway, by country.
var forms = map[string]form{
	"AT": is("AT", `U\d{8}`, "ATU13585627", austria),
	"BE": is("BE", `[01]\d{9}`, "BE0428759497", belgium),
	"BG": is("BG", `\d{9,10}`, "BG175074752", nil),
	"CH": is("CHE", `\d{9}(?:MWST|TVA|IVA)?`, "CHE-107.787.577 MWST", switzerland),
	"CY": is("CY", `\d{8}[A-Z]`, "CY10259033P", nil),
	"CZ": is("CZ", `\d{8,10}`, "CZ25123891", nil),
	"DE": is("DE", `[1-9]\d{8}`, "DE136695976", germany),
	"DK": is("DK", `[1-9]\d{7}`, "DK13585628", denmark),
	"EE": is("EE", `\d{9}`, "EE100931558", estonia),
	"ES": is("ES", `[A-Z]\d{7}[A-Z0-9]|\d{8}[A-Z]`, "ESB58378431", nil),
	"FI": is("FI", `\d{8}`, "FI20774740", finland),
	"FR": is("FR", `[A-HJ-NP-Z0-9]{2}\d{9}`, "FR40303265045", france),
	"GB": is("GB", `\d{9}(?:\d{3})?|GD[0-4]\d{2}|HA[5-9]\d{2}`, "GB980780684", britain),
	"GR": is("EL", `\d{9}`, "EL094259216", greece),
	"HR": is("HR", `\d{11}`, "HR33392005961", croatia),
	"HU": is("HU", `\d{8}`, "HU12892312", hungary),
	"IE": is("IE", `\d{7}[A-W][A-IW]?|\d[A-Z+*]\d{5}[A-W]`, "IE6433435F", nil),
	"IT": is("IT", `\d{11}`, "IT00743110157", luhn),
	"LI": is("", `\d{5,12}`, "60123456789", nil),
	"LT": is("LT", `\d{9}|\d{12}`, "LT119511515", nil),
	"LU": is("LU", `\d{8}`, "LU15027442", luxembourg),
	"LV": is("LV", `\d{11}`, "LV40003521600", nil),
	"MT": is("MT", `[1-9]\d{7}`, "MT11679112", malta),
	"NL": is("NL", `\d{9}B\d{2}`, "NL004495445B01", netherlands),
	"NO": is("NO", `\d{9}(?:MVA)?`, "NO995525828MVA", norway),
	"PL": is("PL", `\d{10}`, "PL8567346215", poland),
	"PT": is("PT", `[1-9]\d{8}`, "PT501964843", portugal),
	"RO": is("RO", `[1-9]\d{1,9}`, "RO18547290", nil),
	"SE": is("SE", `\d{10}01`, "SE123456789701", sweden),
	"SI": is("SI", `[1-9]\d{7}`, "SI50223054", slovenia),
	"SK": is("SK", `[1-9]\d{9}`, "SK2022749619", slovakia),
}

// elsewhere is an id of a country that is not in the table.
var elsewhere = regexp.MustCompile(`^[A-Z0-9]{4,20}$`)

// Example is an id as it is written in the country; empty when we know none.
func Example(country string) string { return forms[country].example }

// Tidy is the id as its country writes it, with the prefix that people leave out; false when it cannot be one of that country.
func Tidy(country, text string) (string, bool) {
	id := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" .-/\u00a0\u202f", r) {
			return -1
		}
		return r
	}, strings.ToUpper(strings.TrimSpace(text)))
	f, known := forms[country]
	if !known {
		return strings.TrimSpace(text), elsewhere.MatchString(id)
	}
	id = strings.TrimPrefix(id, f.prefix)
	if !f.digits.MatchString(id) || f.check != nil && !f.check(id) {
		return "", false
	}
	switch country {
	case "CH":
		id = "-" + id[:3] + "." + id[3:6] + "." + strings.TrimSpace(id[6:9]+" "+id[9:])
	case "NO":
		id = strings.TrimSuffix(id, "MVA") + "MVA"
	}
	return f.prefix + id, true
}
