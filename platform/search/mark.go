package search

import (
	"strings"
	"unicode"
)

// Part is a piece of a title; Hit says that it is what somebody typed.
type Part struct {
	Text string
	Hit  bool
}

// Marks cuts a title so that the letters of text can be shown in another colour.
func Marks(title, text string) []Part {
	asked := words(text)
	var parts []Part
	add := func(letters []rune, hit bool) {
		if len(letters) == 0 {
			return
		}
		if last := len(parts) - 1; last >= 0 && parts[last].Hit == hit {
			parts[last].Text += string(letters)
			return
		}
		parts = append(parts, Part{string(letters), hit})
	}
	letters := []rune(title)
	for at := 0; at < len(letters); {
		end := wordEnd(letters, at)
		n := 0
		for _, w := range asked {
			n = max(n, begins(letters[at:end], w))
		}
		add(letters[at:at+n], true)
		add(letters[at+n:end], false)
		at = end
	}
	return parts
}

// wordEnd is where the word at this letter ends; what belongs to no word stands alone.
func wordEnd(letters []rune, at int) int {
	end := at
	for end < len(letters) && isOfWord(letters[end]) {
		if unicode.In(letters[end], alone...) {
			if end == at {
				end++
			}
			break
		}
		end++
	}
	return max(end, at+1)
}

func isOfWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.M, r) || r == '\'' || r == '’'
}

// begins is how many letters of the word stand for what was typed, 0 when it begins otherwise.
func begins(word []rune, typed string) int {
	for n := 1; n <= len(word); n++ {
		so := strings.ReplaceAll(Fold(string(word[:n])), " ", "")
		if strings.HasPrefix(so, typed) {
			for n < len(word) && unicode.Is(unicode.M, word[n]) {
				n++ // an accent that is a letter of its own goes with the letter below it
			}
			return n
		}
		if !strings.HasPrefix(typed, so) {
			return 0
		}
	}
	return 0
}
