package record

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/currency"

	"runes.im/platform/words"
)

// Money is an amount in the smallest unit of its currency, an ISO 4217 code: 1250 CHF is twelve francs fifty. Without a
// currency there is no amount.
type Money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// String is the amount as it is written and read again: "CHF 12.50".
func (m Money) String() string {
	if m.Currency == "" {
		return ""
	}
	return m.Currency + " " + m.decimal()
}

// decimal is the amount without its currency: "12.50".
func (m Money) decimal() string {
	digits := minorDigits(m.Currency)
	text := strconv.FormatInt(m.Amount, 10)
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	if digits == 0 {
		return sign + text
	}
	for len(text) <= digits {
		text = "0" + text
	}
	return sign + text[:len(text)-digits] + "." + text[len(text)-digits:]
}

// Shown is the amount as somebody reads it: "CHF 1’250.50".
func (m Money) Shown(lang string) string {
	if m.Currency == "" {
		return ""
	}
	digits := minorDigits(m.Currency)
	whole, part := m.Amount, int64(1)
	for range digits {
		whole, part = whole/10, part*10
	}
	sign := ""
	if whole == 0 && m.Amount < 0 {
		sign = "-"
	}
	text := m.Currency + " " + sign + words.Number(lang, whole, 0)
	if digits == 0 {
		return text
	}
	rest := strconv.FormatInt(max(m.Amount%part, -(m.Amount%part)), 10)
	return text + decimalPoint(lang) + strings.Repeat("0", digits-len(rest)) + rest
}

func decimalPoint(lang string) string {
	if lang == "en" {
		return "."
	}
	return ","
}

// minorDigits is how many digits the smallest unit stands behind the point: 2 for francs, none for yen.
func minorDigits(code string) int {
	unit, err := currency.ParseISO(code)
	if err != nil {
		return 2
	}
	scale, _ := currency.Standard.Rounding(unit)
	return scale
}

// readMoney understands an amount with its currency in front or behind, and with the separators of our languages:
// "CHF 1'250.50", "1.250,50 EUR". Without a currency it is in usual.
func readMoney(text, usual string) (Money, bool) {
	code, number := usual, ""
	for part := range strings.FieldsSeq(strings.NewReplacer("'", "", "’", "", "\u00a0", " ", "\u202f", " ").Replace(text)) {
		if isCurrency(strings.ToUpper(part)) {
			code = strings.ToUpper(part)
		} else {
			number += part
		}
	}
	if !isCurrency(code) {
		return Money{}, false
	}
	digits := minorDigits(code)
	whole, rest := splitDecimal(number, digits)
	if len(rest) > digits || whole == "" && rest == "" {
		return Money{}, false
	}
	amount, err := strconv.ParseInt(whole+rest+strings.Repeat("0", digits-len(rest)), 10, 64)
	return Money{Amount: amount, Currency: code}, err == nil
}

// splitDecimal takes the thousands' signs out: the last point or comma separates the smallest unit, unless exactly
// three digits follow the only kind of sign there is.
func splitDecimal(number string, digits int) (whole, rest string) {
	at := strings.LastIndexAny(number, ".,")
	if at < 0 {
		return number, ""
	}
	whole, rest = number[:at], number[at+1:]
	sign := number[at : at+1]
	if len(rest) == 3 && digits < 3 && (!strings.ContainsAny(whole, ".,") || strings.Contains(whole, sign)) {
		whole, rest = number, ""
	}
	return strings.NewReplacer(".", "", ",", "").Replace(whole), rest
}

func isCurrency(code string) bool { return slices.Contains(currencies, code) }

// currencies are those in use, the ones we meet every day first.
var currencies = func() []string {
	all := []string{"CHF", "EUR", "USD", "GBP"}
	var others []string
	for found := currency.Query(); found.Next(); {
		if code := found.Unit().String(); !slices.Contains(all, code) {
			others = append(others, code)
		}
	}
	slices.Sort(others)
	return append(all, slices.Compact(others)...)
}()
