package main

import (
	"testing"

	"runes.im/platform/runekit"
	"runes.im/platform/words"
)

// Every built-in rune tells people how it is used, in every language, under the headings of the help centre.
func TestEveryRuneHasItsGuide(t *testing.T) {
	for _, r := range installed() {
		in, err := runekit.Load(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, lang := range words.Languages {
			parts, err := runekit.Guide(in.Files, lang)
			if err != nil || len(parts) != len(runekit.GuideSections) {
				t.Errorf("%s in %s: %d sections, %v", in.ID, lang, len(parts), err)
			}
			for n, part := range parts {
				if len(part) < 80 {
					t.Errorf("%s in %s says next to nothing under %s", in.ID, lang, runekit.GuideSections[n])
				}
			}
		}
	}
}
