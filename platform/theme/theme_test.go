package theme

import (
	"fmt"
	"strings"
	"testing"
)

// brands are 216 colours, six steps of red, green and blue each.
func brands() []string {
	var all []string
	for r := range 6 {
		for g := range 6 {
			for b := range 6 {
				all = append(all, fmt.Sprintf("#%02x%02x%02x", r*51, g*51, b*51))
			}
		}
	}
	return all
}

// Text is 4.5:1 and graphics 3:1 on everything they stand on, with the values as they are written into the sheet.
func TestEveryColourIsReadableInBothThemes(t *testing.T) {
	for _, brand := range brands() {
		for _, p := range []Palette{
			{Brand: brand},
			{Brand: "#2f45f5", Accent: brand, Tint: brand, Success: brand, Warning: brand, Danger: brand},
			{Brand: brand, Tint: "#ff0000"},
		} {
			for theme, values := range map[string][]Value{"light": p.Light(), "dark": p.Dark()} {
				readable(t, fmt.Sprintf("%+v %s", p, theme), values)
			}
		}
	}
}

func readable(t *testing.T, where string, values []Value) {
	t.Helper()
	c := map[string]colour{}
	for _, v := range values {
		c[v.Name] = parse(v.Hex[:7])
	}
	over := func(name string) colour {
		for _, v := range values {
			if v.Name == name && len(v.Hex) == 9 {
				var alpha int
				fmt.Sscanf(v.Hex[7:], "%02x", &alpha)
				return c[name].alpha(float64(alpha) / 255).over(c["canvas"])
			}
		}
		return c[name]
	}
	grounds := map[string]colour{"canvas": c["canvas"], "surface-solid": c["surface-solid"], "surface": over("surface"), "raised": over("raised")}
	need := func(what string, one, other colour, least float64) {
		if got := contrast(one, other); got < least {
			t.Errorf("%s: %s is %.2f:1, want %.1f:1", where, what, got, least)
		}
	}
	for name, ground := range grounds {
		for _, letters := range []string{"ink", "ink-2", "ink-3", "brand-ink", "ok", "warn", "bad", "info"} {
			need(letters+" on "+name, c[letters], ground, 4.5)
		}
		need("accent on "+name, c["accent"], ground, 3)
	}
	need("text on the brand", c["on-brand"], c["brand-solid"], 4.5)
	need("text on the brand under the mouse", c["on-brand"], c["brand-hover"], 4.5)
	need("mark on the accent", c["on-accent"], c["accent"], 3)
	need("white on danger", white, c["bad-solid"], 4.5)
	for _, name := range []string{"ok", "warn", "bad", "info"} {
		need(name+" on its ground", c[name], c[name+"-soft"], 4.5)
	}
	need("brand on its ground", c["brand-ink"], c["brand-soft"], 4.5)
}

func TestTheSheetHoldsNothingButColours(t *testing.T) {
	p := Palette{Brand: "#0b8a6f", Accent: "#f5c518", Success: "#118833", Danger: "#b00020"}
	css := p.Sheet()
	for _, want := range []string{":root{--brand:#0b8a6f;--spark:#f5c518;--ok:light-dark(#", "--bad-solid:#", "@supports not", ":root[data-theme=dark]{--brand-solid:#"} {
		if !strings.Contains(css, want) {
			t.Errorf("the sheet lacks %q:\n%s", want, css)
		}
	}
	if strings.Contains(css, "--tint") || strings.Contains(css, "--warn:light-dark") {
		t.Errorf("the sheet sets what nobody chose:\n%s", css)
	}
}

// S6: nothing else gets into a style sheet.
func TestOnlyColoursAreColours(t *testing.T) {
	for _, text := range []string{
		"", "red", "#fff", "#12345", "#1234567", "#12345G", "#ABCDEF", "#12345\n", "\n#123456", " #123456", "#123456;", "#123456}",
		"rgb(0,0,0)", "url(x)", "var(--x)", "#12345\x00", "＃123456", "#１23456", "expression(alert(1))", "</style>", "#123456/**/",
	} {
		if IsHex(text) {
			t.Errorf("IsHex(%q)", text)
		}
	}
	if !IsHex("#0b8a6f") {
		t.Error("a colour is none")
	}
}

func TestPairs(t *testing.T) {
	for colour, want := range map[string]Pair{
		"#111827": {Fill: "#111827", Text: "#ffffff"}, // dark colours stay
		"#f5c518": {Fill: "#f5c518", Text: "#0d0d0e"}, // and light ones, with ink
	} {
		if got := PairOf(colour); got.Fill != want.Fill || got.Text[:2] != want.Text[:2] || got.Ratio < 4.5 {
			t.Errorf("PairOf(%s) = %+v, want %+v", colour, got, want)
		}
	}
	if got := PairOf("#ff8800"); got.Ratio < 4.5 {
		t.Errorf("orange carries its text at %.2f", got.Ratio)
	}
	if got := PairOf("#e8452c"); got.Fill == "#e8452c" || got.Text != "#ffffff" {
		t.Errorf("vermilion is too light for white text: %+v", got)
	}
}
