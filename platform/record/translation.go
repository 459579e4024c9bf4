package record

import (
	"context"
	"maps"
	"slices"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/web"
	"runes.im/platform/words"
)

// Translation is the texts of a field that people added, in one language. What is empty reads as it was first written.
type Translation struct {
	Label   string            `json:"label,omitempty"`
	Section string            `json:"section,omitempty"`
	Help    string            `json:"help,omitempty"`
	Choices map[string]string `json:"choices,omitempty"` // by the choice as records hold it
}

func (t Translation) isEmpty() bool {
	return t.Label == "" && t.Section == "" && t.Help == "" && len(t.Choices) == 0
}

// in is what somebody with that language reads, whole; the empty language reads what was first written.
func (a *addition) in(lang string) Translation {
	t := a.Translations[lang]
	if t.Label == "" {
		t.Label = a.Label
	}
	if t.Section == "" {
		t.Section = a.Section
	}
	if t.Help == "" {
		t.Help = a.Help
	}
	return t
}

// labels are what the field is called in any language: so a file may call its column.
func (a *addition) labels() []string {
	all := []string{a.Label}
	for _, lang := range words.Languages {
		if label := a.Translations[lang].Label; label != "" {
			all = append(all, label)
		}
	}
	return all
}

// translations are what a choice is called in other languages than its own: so a search finds it, and a file may have it.
func (a *addition) translations(choice string) []string {
	var all []string
	for _, lang := range words.Languages {
		if text := a.Translations[lang].Choices[choice]; text != "" {
			all = append(all, text)
		}
	}
	return all
}

// choice is the choice that somebody wrote in any language, empty when there is none.
func (f *Field) choice(text string) string {
	if slices.Contains(f.Choices, text) {
		return text
	}
	for _, choice := range f.Choices {
		if f.from != nil && slices.ContainsFunc(f.from.translations(choice), func(other string) bool { return fold(other) == fold(text) }) {
			return choice
		}
	}
	return ""
}

// choiceLines are the translated choices as the form shows them: a line for each choice once one is translated.
func (a *addition) choiceLines(lang string) string {
	texts := a.Translations[lang].Choices
	if len(texts) == 0 {
		return ""
	}
	lines := slices.Clone(a.Choices)
	for n, choice := range lines {
		if text := texts[choice]; text != "" {
			lines[n] = text
		}
	}
	return strings.Join(lines, "\n")
}

// readTranslations takes over what was written in other languages. before is the field as the form showed it: what
// nobody touched there stays with its choice when choices change places, and with its section when the field leaves it.
func (a *addition) readTranslations(v *web.Visit, before *addition, form *fault.Form) {
	a.Translations = map[string]Translation{}
	for _, lang := range words.Languages {
		was := before.Translations[lang]
		text := func(name string, most int) string {
			text := tidy(v.Form(name+"_"+lang), false)
			form.Need(len([]rune(text)) <= most, name+"_"+lang, "record.long", "n", most)
			return text
		}
		t := Translation{Label: text("label", maxLabel), Section: text("section", maxLabel), Help: text("help", maxHelp)}
		if a.Section == "" || a.Section != before.Section && t.Section == was.Section {
			t.Section = ""
		}
		if a.Sort == "choice" {
			t.Choices = maps.Clone(was.Choices)
			if lines := linesOf(v.Form("choices_" + lang)); !slices.Equal(lines, linesOf(before.choiceLines(lang))) {
				t.Choices = a.translated(lines, "choices_"+lang, form)
			}
			maps.DeleteFunc(t.Choices, func(choice, _ string) bool { return !slices.Contains(a.Choices, choice) })
		}
		if !t.isEmpty() {
			a.Translations[lang] = t
		}
	}
}

// linesOf are the lines of a text area up to the last that says something.
func linesOf(text string) []string {
	var all []string
	for line := range strings.Lines(strings.TrimRight(text, " \r\n")) {
		all = append(all, tidy(line, false))
	}
	return all
}

// translated reads a line for each choice, in their order; an empty one leaves its choice as it is.
func (a *addition) translated(lines []string, name string, form *fault.Form) map[string]string {
	all := map[string]string{}
	form.Need(len(lines) <= len(a.Choices), name, "record.field_lines", "n", len(a.Choices))
	for n, text := range lines[:min(len(lines), len(a.Choices))] {
		form.Need(len([]rune(text)) <= maxChoice, name, "record.long", "n", maxChoice)
		if text != "" && text != a.Choices[n] {
			all[a.Choices[n]] = text
		}
	}
	return all
}

// clash is another field that somebody would read the same name for, and the input where that was written.
func (a *addition) clash(all []*addition) (other *addition, input string) {
	for _, lang := range append([]string{""}, words.Languages...) {
		for _, other := range all {
			if other.Name == a.Name || other.RemovedAt != "" || fold(other.in(lang).Label) != fold(a.in(lang).Label) {
				continue
			}
			if a.Translations[lang].Label == "" {
				return other, "label"
			}
			return other, "label_" + lang
		}
	}
	return nil, ""
}

// nameSection lets a section be called the same at all of its fields. A field that comes into one takes over the
// translations that it brought none of.
func (k *kind) nameSection(ctx context.Context, tx *store.Tx, before, a *addition, all []*addition) error {
	for _, other := range all {
		if other.Name == a.Name || other.Section != a.Section || a.Section == "" {
			continue
		}
		differs := false
		for _, lang := range words.Languages {
			mine, theirs := a.Translations[lang], other.Translations[lang]
			switch {
			case mine.Section == "" && before.Section != a.Section:
				mine.Section = theirs.Section
				a.translate(lang, mine)
			case mine.Section != theirs.Section:
				theirs.Section, differs = mine.Section, true
				other.translate(lang, theirs)
			}
		}
		if differs {
			if err := k.writeAddition(ctx, tx, other); err != nil {
				return err
			}
		}
	}
	return nil
}

// translate sets the texts of one language.
func (a *addition) translate(lang string, t Translation) {
	if a.Translations == nil {
		a.Translations = map[string]Translation{}
	}
	if a.Translations[lang] = t; t.isEmpty() {
		delete(a.Translations, lang)
	}
}

// Translated is what the form of a field asks for in one language.
type Translated struct {
	Lang, Name string // de, Deutsch
	Translation
	ChoiceLines string
}

// inLanguages are the form's parts for the languages.
func (a *addition) inLanguages(v *web.Visit) []Translated {
	all := make([]Translated, len(words.Languages))
	for n, lang := range words.Languages {
		all[n] = Translated{Lang: lang, Name: words.Named[lang], Translation: a.Translations[lang], ChoiceLines: a.choiceLines(lang)}
		if written, ok := v.Values()["choices_"+lang]; ok {
			all[n].ChoiceLines = written[0]
		}
	}
	return all
}
