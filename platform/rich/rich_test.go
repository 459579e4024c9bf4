package rich

import (
	"regexp"
	"strings"
	"testing"
)

func TestMarkdownBecomesHTML(t *testing.T) {
	for in, want := range map[string]string{
		"**bold** and *soft*":         "<p><strong>bold</strong> and <em>soft</em></p>",
		"### Heading":                 "<h3>Heading</h3>",
		"1. one\n2. two":              "<ol>\n<li>one</li>\n<li>two</li>\n</ol>",
		"| a |\n| - |\n| b |":         "<td>b</td>",
		"[page](/contacts)":           `<a href="/contacts">page</a>`,
		"see https://example.com now": `<a href="https://example.com" rel="nofollow noreferrer">https://example.com</a>`,
		"one\ntwo":                    "<p>one<br>\ntwo</p>",
	} {
		if got := string(HTML(in)); !strings.Contains(got, want) {
			t.Errorf("%q became %q, want %q in it", in, got, want)
		}
	}
}

// What could act never reaches a page, however it is written.
func TestNothingActs(t *testing.T) {
	acting := regexp.MustCompile(`(?i)<(script|img|svg|iframe|style|object|form|input|base|link|meta)|[\s/"']on\w+\s*=\s*["']?\w|href="\s*(javascript|data|vbscript)|style=|id=`)
	for _, in := range []string{
		"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))",
		"[x](data:text/html,<script>alert(1)</script>)", "![x](https://elsewhere.example/pixel.png)", "<a href=\"javascript:alert(1)\">x</a>",
		"<svg onload=alert(1)>", "[x](  javascript:alert(1))", "[a]: javascript:alert(1)\n\n[a]", "<javascript:alert(1)>",
		"<p id=main style=position:fixed onclick=alert(1)>x", "```html\"onload=alert(1)\nx\n```", "<iframe src=/></iframe>",
		"[x](java&#115;cript:alert(1))", "[x](vbscript:x)", "<base href=//evil.example>",
	} {
		if got := string(HTML(in)); acting.MatchString(got) {
			t.Errorf("%q became %q", in, got)
		}
	}
}

func TestTooLongIsCut(t *testing.T) {
	if got := HTML(strings.Repeat("word ", Longest)); len(got) > 2*Longest {
		t.Errorf("%d bytes came out", len(got))
	}
}
