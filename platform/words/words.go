// Package words holds every text a person reads, in every language of the house.
package words

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// Languages are the languages that ship, the first one is the fallback.
var Languages = []string{"en", "de", "fr", "it"}

// Named are the languages as their speakers call them.
var Named = map[string]string{"en": "English", "de": "Deutsch", "fr": "Français", "it": "Italiano"}

// Book is the texts of the whole house. It never changes after Load, so that everybody may read it at once.
type Book struct {
	texts map[string]map[string]text // language → key → text
}

// text is one sentence: plain, or one for each plural form.
type text struct {
	plain string
	forms map[string]string
}

// Load reads the .json files of every folder given. <lang>.json holds key → text; a file with any other name holds
// key → language → text, so that a noun's words are one file. A key that two files define is an error. A text without
// a language reads in English there.
func Load(folders ...fs.FS) (*Book, error) {
	b := &Book{texts: map[string]map[string]text{}}
	for _, lang := range Languages {
		b.texts[lang] = map[string]text{}
		for _, folder := range folders {
			if folder == nil {
				continue
			}
			if err := b.read(folder, lang); err != nil {
				return nil, err
			}
		}
	}
	for _, folder := range folders {
		if folder == nil {
			continue
		}
		if err := b.readMixed(folder); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// readMixed reads the files that hold every language of their keys.
func (b *Book) readMixed(folder fs.FS) error {
	files, err := fs.Glob(folder, "*.json")
	if err != nil {
		return err
	}
	for _, file := range files {
		if slices.Contains(Languages, strings.TrimSuffix(file, ".json")) {
			continue
		}
		raw, err := fs.ReadFile(folder, file)
		if err != nil {
			return err
		}
		var keys map[string]map[string]json.RawMessage
		if err := json.Unmarshal(raw, &keys); err != nil {
			return fmt.Errorf("words %s: %w", file, err)
		}
		for key, langs := range keys {
			for lang, entry := range langs {
				if b.texts[lang] == nil {
					return fmt.Errorf("words %s: %s: %q is no language of the house", file, key, lang)
				}
				if err := b.add(file, lang, key, entry); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (b *Book) add(file, lang, key string, entry json.RawMessage) error {
	if _, twice := b.texts[lang][key]; twice {
		return fmt.Errorf("words %s: %s is defined twice", file, key)
	}
	t, err := readText(entry)
	if err != nil {
		return fmt.Errorf("words %s: %s: %w", file, key, err)
	}
	b.texts[lang][key] = t
	return nil
}

func (b *Book) read(folder fs.FS, lang string) error {
	raw, err := fs.ReadFile(folder, lang+".json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var entries map[string]json.RawMessage
	if err := json.Unmarshal(raw, &entries); err != nil {
		return fmt.Errorf("words %s.json: %w", lang, err)
	}
	for key, entry := range entries {
		if err := b.add(lang+".json", lang, key, entry); err != nil {
			return err
		}
	}
	return nil
}

func readText(raw json.RawMessage) (text, error) {
	var t text
	if json.Unmarshal(raw, &t.plain) == nil {
		return t, nil
	}
	if err := json.Unmarshal(raw, &t.forms); err != nil {
		return t, errors.New("neither a sentence nor an object of plural forms")
	}
	if t.forms["other"] == "" {
		return t, errors.New(`the plural form "other" is missing`)
	}
	for form := range t.forms {
		if _, known := formNames[form]; !known {
			return t, fmt.Errorf("%q is no plural form", form)
		}
	}
	return t, nil
}

// Text is the text of key in lang with its places {name} filled from the pairs args (name, value …). A text with plural
// forms ({"one": …, "other": …}) chooses by the value of the pair named "n". A missing key reads as the key itself.
func (b *Book) Text(lang, key string, args ...any) string {
	t, ok := b.texts[lang][key]
	if !ok {
		lang = Languages[0]
		if t, ok = b.texts[lang][key]; !ok {
			return key
		}
	}
	sentence := t.plain
	if t.forms != nil {
		sentence = t.form(lang, args)
	}
	return fill(lang, sentence, args)
}

// fill writes the values into their places. A place without a value stays, so that the mistake is seen.
func fill(lang, sentence string, args []any) string {
	if len(args) == 0 || !strings.Contains(sentence, "{") {
		return sentence
	}
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(sentence, "{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		value, given := argument(args, name)
		if !closed || !given {
			out.WriteByte('{')
			sentence = rest
			continue
		}
		out.WriteString(written(lang, name, value))
		sentence = after
	}
}

func argument(args []any, name string) (any, bool) {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return args[i+1], true
		}
	}
	return nil, false
}

// Has reports whether lang has the key.
func (b *Book) Has(lang, key string) bool {
	_, ok := b.texts[lang][key]
	return ok
}

var matcher = language.NewMatcher([]language.Tag{language.English, language.German, language.French, language.Italian})

// Match chooses the best language for an Accept-Language header; empty when the header asks for none of ours.
func Match(header string) string {
	if len(header) > 500 {
		return ""
	}
	wanted, _, err := language.ParseAcceptLanguage(header)
	if err != nil || len(wanted) == 0 {
		return ""
	}
	_, index, confidence := matcher.Match(wanted...)
	if confidence == language.No {
		return ""
	}
	return Languages[index]
}
