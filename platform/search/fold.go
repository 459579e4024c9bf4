package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// spelled are the letters that Unicode does not take apart but people type in two.
var spelled = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i", 'ħ': "h", 'ŋ': "n",
}

// alone are the scripts that write no blanks between words: each of their signs is found by itself.
var alone = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar}

// Fold writes a text as it is compared: small letters without accents, words between single blanks.
func Fold(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	isOpen := false // a word has begun
	separate := func() {
		if isOpen {
			b.WriteByte(' ')
		}
		isOpen = false
	}
	take := func(s string) {
		b.WriteString(s)
		isOpen = true
	}
	for _, r := range norm.NFKD.String(text) {
		switch {
		case r < utf8.RuneSelf:
			if 'A' <= r && r <= 'Z' {
				r += 'a' - 'A'
			}
			if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
				b.WriteByte(byte(r))
				isOpen = true
			} else if r != '\'' { // o'neill is one word
				separate()
			}
		case r == '’', unicode.Is(unicode.M, r):
			continue
		case unicode.In(r, alone...):
			separate()
			take(string(r))
			separate()
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			r = unicode.ToLower(r)
			if s, ok := spelled[r]; ok {
				take(s)
			} else {
				take(string(r))
			}
		default:
			separate()
		}
	}
	return strings.TrimSuffix(b.String(), " ")
}

const (
	maxWords  = 8
	maxLetter = 40
	maxText   = 200
)

// words are what somebody typed, as they are compared.
func words(text string) []string {
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "")
	}
	all := strings.Fields(Fold(text))
	if len(all) > maxWords {
		all = all[:maxWords]
	}
	for n, w := range all {
		if letters := []rune(w); len(letters) > maxLetter {
			all[n] = string(letters[:maxLetter])
		}
	}
	return all
}

// Holds reports whether every word of what stands in the text, or begins a word of it.
func Holds(text, what string) bool {
	there := strings.Fields(Fold(text))
	for _, w := range words(what) {
		if !slices.ContainsFunc(there, func(other string) bool { return strings.HasPrefix(other, w) }) {
			return false
		}
	}
	return true
}
