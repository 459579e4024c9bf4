package price

import (
	"slices"
	"strings"
	"testing"
	"time"

	"runes.im/data"
)

var installed = []Product{
	{ID: "brand", Core: true},
	{ID: "contacts"},
	{ID: "storage", Price: Price{Model: Seat, Amounts: map[string]int64{"USD": 500}}},
	{ID: "desk", Needs: []string{"contacts", "team"}},
	{ID: "team", Core: true},
}

const list = `{
	"currencies": ["CHF", "EUR"],
	"base": {"model": "flat", "amounts": {"CHF": 4900, "EUR": 4500}},
	"runes": {
		"contacts": {"model": "flat", "amounts": {"CHF": 1550, "EUR": 1450}},
		"desk": {"model": "per_user", "amounts": {"CHF": 333}}
	},
	"packages": [{"id": "office", "names": {"en": "Office"}, "runes": ["contacts", "storage"], "price": {"model": "per_user", "amounts": {"CHF": 700, "EUR": 650}}}]
}`

func read(t *testing.T, text string) *List {
	t.Helper()
	l, err := Read(strings.NewReader(text), installed)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func day(text string) time.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return d
}

func TestDependenciesComeAlong(t *testing.T) {
	l := read(t, list)
	for _, c := range []struct {
		choice Choice
		want   []string
	}{
		{Choice{}, []string{"brand", "team"}},
		{Choice{Runes: []string{"desk"}}, []string{"brand", "contacts", "desk", "team"}},
		{Choice{Package: "office"}, []string{"brand", "contacts", "storage", "team"}},
		{Choice{Runes: []string{"nothing", "../etc"}, Package: "nothing"}, []string{"brand", "team"}},
	} {
		if got := l.Complete(c.choice); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.choice, got, c.want)
		}
	}
}

// Calendar days, today included; whole cents, each line rounded by itself, half a cent up.
func TestABillCountsTheDaysThatAreLeft(t *testing.T) {
	l := read(t, list)
	for _, c := range []struct {
		choice             Choice
		currency, on       string
		month, first       int64
		days, of, lines    int
		asked              bool
		firstOfTheLastLine int64
	}{
		{Choice{Seats: 3}, "CHF", "2026-11-01", 4900, 4900, 30, 30, 1, false, 4900},
		{Choice{Seats: 3}, "CHF", "2026-11-30", 4900, 163, 1, 30, 1, false, 163},
		{Choice{Runes: []string{"contacts"}, Seats: 3}, "CHF", "2028-02-15", 6450, 3336, 15, 29, 2, false, 802},
		{Choice{Runes: []string{"contacts"}, Seats: 3}, "EUR", "2026-12-17", 5950, 2879, 15, 31, 2, false, 702},
		{Choice{Runes: []string{"desk"}, Seats: 7}, "CHF", "2026-11-16", 4900 + 1550 + 2331, 2450 + 775 + 1166, 15, 30, 3, false, 1166},
		{Choice{Package: "office", Runes: []string{"contacts"}, Seats: 4}, "CHF", "2026-11-16", 7700, 3850, 15, 30, 2, false, 1400},
		{Choice{Package: "office", Seats: 0}, "EUR", "2026-11-16", 5150, 2575, 15, 30, 2, false, 325},
		{Choice{Runes: []string{"desk"}, Seats: 7}, "EUR", "2026-11-16", 5950, 2975, 15, 30, 3, true, 0},
		{Choice{Runes: []string{"storage"}, Seats: 7}, "CHF", "2026-11-16", 4900, 2450, 15, 30, 2, true, 0},
	} {
		b := l.Bill(c.choice, c.currency, day(c.on))
		if b.Month != c.month || b.First != c.first || b.Days != c.days || b.Of != c.of || b.Asked != c.asked || len(b.Lines) != c.lines {
			t.Errorf("%+v on %s: %d a month, %d first, %d of %d days, asked %v, %d lines", c.choice, c.on, b.Month, b.First, b.Days, b.Of, b.Asked, len(b.Lines))
		}
		if last := b.Lines[len(b.Lines)-1]; last.First != c.firstOfTheLastLine {
			t.Errorf("%+v on %s: the last line is %+v", c.choice, c.on, last)
		}
	}
}

func TestMistakesInAListAreNamed(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                       "no currency",
		`{"currencies": ["XYZW"]}`: "XYZW",
		`{"currencies": ["CHF"], "runes": {"ghost": {}}}`:                                                "ghost",
		`{"currencies": ["CHF"], "base": {"model": "weekly"}}`:                                           "weekly",
		`{"currencies": ["CHF"], "base": {"model": "flat", "amounts": {"EUR": 1}}}`:                      "1 EUR",
		`{"currencies": ["CHF"], "base": {"model": "flat", "amounts": {"CHF": -1}}}`:                     "-1 CHF",
		`{"currencies": ["CHF"], "packages": [{"id": "a", "names": {"en": "A"}, "runes": ["desk"]}]}`:    `"a"`,
		`{"currencies": ["CHF"], "packages": [{"id": "all", "names": {"en": "A"}, "runes": ["ghost"]}]}`: "ghost",
		`{"currencies": ["CHF"], "price": 1}`:                                                            "price",
		`{"currencies": ["CHF"], "packages": [{"id": "all", "names": {"de": "A"}, "runes": ["desk"]}]}`:  "English",
		`{"currencies": ["CHF"], "base": {"model": "flat", "amounts": {"CHF": 0.5}}}`:                    "0.5",
	} {
		if _, err := Read(strings.NewReader(text), installed); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// What comes with the appliance fits the runes that come with it, costs nothing and has its names in every language.
func TestTheListThatComesAlong(t *testing.T) {
	l := read(t, data.Prices)
	if b := l.Bill(Choice{Package: l.Packages[0].ID, Seats: 10}, l.Currencies[0], day("2026-11-22")); b.Month != 0 || b.Asked {
		t.Errorf("it costs %d, asked %v", b.Month, b.Asked)
	}
	for _, p := range l.Packages {
		for _, lang := range []string{"en", "de", "fr", "it"} {
			if p.Names[lang] == "" || p.Texts[lang] == "" {
				t.Errorf("package %s says nothing in %s", p.ID, lang)
			}
		}
	}
}
