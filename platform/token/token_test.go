package token

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"runes.im/platform/identity"
	"runes.im/platform/slot"
	"runes.im/platform/tenant"
)

// trap answers tokens whose values are everything that somebody could wish to smuggle into a text.
func trap(values map[string]string) slot.Tokens {
	o := slot.Tokens{Namespace: "trap"}
	for path := range values {
		o.Paths = append(o.Paths, slot.Path{Path: path})
	}
	slices.SortFunc(o.Paths, func(a, b slot.Path) int { return strings.Compare(a.Path, b.Path) })
	o.Values = func(_ context.Context, _ slot.Asker, _ map[string]string, paths []string) (map[string]string, error) {
		found := map[string]string{}
		for _, path := range paths {
			if value, ok := values[path]; ok {
				found[path] = value
			}
		}
		return found, nil
	}
	return o
}

// lena may everything that needs no permission, and nothing else: she holds no role.
var lena = slot.Asker{Tenant: &tenant.Tenant{Locale: "en"}, Person: &identity.Person{Name: "Lena Brandt", Email: "lena@example.org"}}

func render(t *testing.T, offers []slot.Tokens, text string, to Target) Result {
	t.Helper()
	r, err := Render(t.Context(), lena, offers, text, nil, to)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestATokenBecomesItsValueOnceAndIsNeverReadAgain(t *testing.T) {
	offers := append([]slot.Tokens{trap(map[string]string{
		"name": "Ada", "loop": "[[ trap.name ]]", "half": "[[ trap", "empty": "", "template": "{{.Secret}} ${x} <%= y %> {% z %}",
	})}, Core(nil)[0])
	for text, want := range map[string]string{
		"Dear [[ trap.name ]],":             "Dear Ada,",
		"[[trap.name]][[TRAP.Name]]":        "AdaAda",
		"[[\ttrap.name  ]]":                 "Ada",
		"[[ trap.loop ]]":                   "[[ trap.name ]]",
		"[[ trap.half ]].name ]]":           "[[ trap.name ]]",
		"[[ [[ trap.name ]] ]]":             "[[ Ada ]]",
		"[[[trap.name]]]":                   "[Ada]",
		"[[trap.name]":                      "[[trap.name]",
		"[[ trap.\nname ]]":                 "[[ trap.\nname ]]",
		"[[]] [[ ]] ]] [[":                  "[[]] [[ ]] ]] [[",
		"a[[ trap.empty ]]b":                "ab",
		"[[ trap.template ]] {{.Secret}}":   "{{.Secret}} ${x} <%= y %> {% z %} {{.Secret}}",
		"[[ user.first_name ]]":             "Lena",
		"[[ " + strings.Repeat("a", 200):    "[[ " + strings.Repeat("a", 200),
		"":                                  "",
		"ends with [[ trap.name ]] [[trap.": "ends with Ada [[trap.",
	} {
		if got := render(t, offers, text, Text); got.Text != want || got.Unknown != nil {
			t.Errorf("%q became %q, unknown %q, want %q", text, got.Text, got.Unknown, want)
		}
	}
}

func TestUnknownAndForbiddenTokensReadAlikeAndAreReportedOnce(t *testing.T) {
	secret := trap(map[string]string{"salary": "1,000,000"})
	secret.Permission = "view_salaries"
	asked := false
	inner := secret.Values
	secret.Values = func(ctx context.Context, a slot.Asker, about map[string]string, paths []string) (map[string]string, error) {
		asked = true
		return inner(ctx, a, about, paths)
	}
	text := "[[ trap.salary ]], [[ nobody.knows ]], [[ trap.salary ]] [[ trap. ]]"
	got := render(t, []slot.Tokens{secret}, text, HTML)
	if got.Text != text || !slices.Equal(got.Unknown, []string{"[[ trap.salary ]]", "[[ nobody.knows ]]", "[[ trap. ]]"}) {
		t.Errorf("got %q and %q", got.Text, got.Unknown)
	}
	if asked {
		t.Error("a namespace was asked for values that the person may not see")
	}
	if groups := Known(lena, []slot.Answer[slot.Tokens]{{Rune: "trap", What: secret}}); groups != nil {
		t.Errorf("the list shows %+v to somebody without the right", groups)
	}
}

func TestAliasesAndOpenPathsFindTheirNamespace(t *testing.T) {
	item := slot.Tokens{Namespace: "item", Paths: []slot.Path{{Path: "sku", Alias: "SKU"}, {Path: "attr.*"}}, Values: echo("item")}
	dict := slot.Tokens{Namespace: "dict:", Paths: []slot.Path{{Path: "*"}}, Values: echo("dict")}
	for text, want := range map[string]string{
		"[[ SKU ]]": "item sku", "[[sku]]": "item sku", "[[ Item.SKU ]]": "item sku", "[[ item.attr.Color ]]": "item attr.color",
		"[[ dict:Greeting ]]": "dict greeting", "[[ dict:Shop words/hello ]]": "dict shop words/hello", "[[ dict: ]]": "[[ dict: ]]",
		"[[ item.attr. ]]": "[[ item.attr. ]]",
	} {
		if got := render(t, []slot.Tokens{item, dict}, text, Text).Text; got != want {
			t.Errorf("%s became %q, want %q", text, got, want)
		}
	}
}

func echo(who string) func(context.Context, slot.Asker, map[string]string, []string) (map[string]string, error) {
	return func(_ context.Context, _ slot.Asker, _ map[string]string, paths []string) (map[string]string, error) {
		found := map[string]string{}
		for _, path := range paths {
			found[path] = who + " " + path
		}
		return found, nil
	}
}

func TestValuesAreHarmlessWhereTheyGo(t *testing.T) {
	evil := "a\"'<script>&\r\nBcc: x@evil.test\u202e/../..\\:*?\x00\x1b"
	for to, want := range map[Target]string{
		Text:     "x a\"'<script>&\nBcc: x@evil.test/../..\\:*?",
		HTML:     "x a&#34;&#39;&lt;script&gt;&amp;\nBcc: x@evil.test/../..\\:*?",
		Header:   "x a\"'<script>&  Bcc: x@evil.test/../..\\:*?",
		CSV:      "\"x a\"\"'<script>&\nBcc: x@evil.test/../..\\:*?\"",
		JSON:     `x a\"'\u003cscript\u003e\u0026\r\nBcc: x@evil.test` + "\u202e" + `/../..\\:*?\u0000\u001b`,
		URL:      "x a%22%27%3Cscript%3E%26%0D%0ABcc%3A%20x%40evil.test%E2%80%AE%2F..%2F..%5C%3A%2A%3F%00%1B",
		FileName: "x a''-script-& Bcc- x@evil.test-..-..----",
	} {
		if got := render(t, []slot.Tokens{trap(map[string]string{"evil": evil})}, "x [[ trap.evil ]]", to).Text; got != want {
			t.Errorf("target %d: got %q, want %q", to, got, want)
		}
	}
}

func TestWholeLinesCellsAndFileNamesAreSafe(t *testing.T) {
	values := trap(map[string]string{"formula": "=HYPERLINK(\"http://evil.test\")", "number": "-12.50", "device": "con", "dots": "..", "long": strings.Repeat("ä", 400)})
	for _, c := range []struct {
		text string
		to   Target
		want string
	}{
		{"[[ trap.formula ]]", CSV, `"'=HYPERLINK(""http://evil.test"")"`},
		{"[[ trap.number ]]", CSV, `"-12.50"`},
		{"+[[ trap.formula ]]", CSV, `"'+=HYPERLINK(""http://evil.test"")"`},
		{"Subject\r\nBcc: all@evil.test", Header, "Subject  Bcc: all@evil.test"},
		{"../[[ trap.dots ]]/etc", FileName, "-..-etc"},
		{"[[ trap.dots ]]", FileName, "_"},
		{"[[ trap.device ]].txt", FileName, "_con.txt"},
		{"[[ trap.long ]]", FileName, strings.Repeat("ä", maxFileName/2)},
	} {
		if got := render(t, []slot.Tokens{values}, c.text, c.to).Text; got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestHugeTextsEndInTimeOrAreRefused(t *testing.T) {
	offers := []slot.Tokens{trap(map[string]string{"big": strings.Repeat("x", 1<<16)})}
	start := time.Now()
	render(t, offers, strings.Repeat("[", maxText), Text)
	render(t, offers, strings.Repeat("[[ a ", maxText/5), Text)
	if took := time.Since(start); took > time.Minute { // the square of these lengths takes hours
		t.Errorf("brackets took %v", took)
	}
	many := new(strings.Builder)
	for i := range maxKind + 1 {
		fmt.Fprintf(many, "[[ trap.n%d ]]", i)
	}
	for name, text := range map[string]string{
		"too long": strings.Repeat("a", maxText+1), "too many": many.String(), "grows": strings.Repeat("[[trap.big]]", 1000),
	} {
		if r, err := Render(t.Context(), lena, offers, text, nil, Text); err == nil {
			t.Errorf("%s: made %d bytes", name, len(r.Text))
		}
	}
}

func TestAFailingNamespaceFailsTheText(t *testing.T) {
	broken := slot.Tokens{Namespace: "broken", Paths: []slot.Path{{Path: "x"}}, Values: func(context.Context, slot.Asker, map[string]string, []string) (map[string]string, error) {
		return nil, context.DeadlineExceeded
	}}
	if _, err := Render(t.Context(), lena, []slot.Tokens{broken}, "[[ broken.x ]]", nil, Text); err == nil {
		t.Error("got a text without the value")
	}
}

// I7: whatever somebody writes, the pieces are the text, a text without tokens stays as it is, and markup in values
// never comes through.
func FuzzRender(f *testing.F) {
	for _, seed := range []string{
		"Dear [[ trap.evil ]],", "[[ [[ trap.evil ]] ]]", "[[[trap.evil]]]", "{{.X}} ${y} [[trap.evil", "[[ trap.evil\r\n ]]",
		"[[\xff]]", "]][[ ]]", "[[ İ ]]", "[[ TRAP.EVIL ]][[trap.evil]]", strings.Repeat("[[", 100),
	} {
		f.Add(seed)
	}
	offers := []slot.Tokens{trap(map[string]string{"evil": "<b>[[ trap.evil ]]</b>\r\n\x00"})}
	f.Fuzz(func(t *testing.T, text string) {
		whole := ""
		for _, p := range split(text) {
			whole += p.text
		}
		if whole != text {
			t.Fatalf("the pieces of %q are %q", text, whole)
		}
		for to := Text; to <= FileName; to++ {
			r, err := Render(context.Background(), lena, offers, text, nil, to)
			if err != nil {
				continue
			}
			if to == HTML && strings.Contains(r.Text, "<b>") && !strings.Contains(text, "<b>") {
				t.Fatalf("markup came through: %q", r.Text)
			}
			if to == Header && strings.ContainsAny(r.Text, "\r\n\x00") {
				t.Fatalf("a header of several lines: %q", r.Text)
			}
			if to == FileName && (strings.ContainsAny(r.Text, "/\\\x00") || r.Text == "" || r.Text == "." || r.Text == "..") {
				t.Fatalf("no name of a file: %q", r.Text)
			}
		}
	})
}

// A text of a megabyte is cut to a file's name at once, and never within a letter.
func TestALongTextBecomesAFileNameAtOnce(t *testing.T) {
	begin := time.Now()
	r, err := Render(t.Context(), slot.Asker{}, nil, strings.Repeat("ä€", 200_000), nil, FileName)
	if err != nil || len(r.Text) > 200 || len(r.Text) < 190 || !utf8.ValidString(r.Text) {
		t.Errorf("got %q, %v", r.Text, err)
	}
	if took := time.Since(begin); took > time.Minute {
		t.Errorf("it took %s", took)
	}
}
