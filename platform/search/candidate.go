package search

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"runes.im/platform/clock"
)

const (
	closely = Most   // newest documents that hold the words and are compared
	onTitle = 40     // documents whose title begins with the text
	through = 20_000 // newest documents that are looked through for a date
)

// longWord is more letters than the index has beginnings of. What begins with more is put together from all words that
// do, which is slow where they are in every tenth document; so the word itself is tried first.
const longWord = 6

// candidates are the documents of the kind that hold all words, at most a few hundred of them: first those whose title
// begins with what was typed, then the newest with the words in the title, then those that have them anywhere. No step
// walks through more than it keeps, so that a letter that begins half of all words costs no more than a rare one.
func (s *search) candidates(ctx context.Context, kind string, of scope) ([]*entry, error) {
	steps := []func() ([]*entry, error){
		func() ([]*entry, error) { return s.byTitle(ctx, kind) },
		func() ([]*entry, error) { return s.byWords(ctx, kind, of, beginsInTitle) },
		func() ([]*entry, error) { return s.byWords(ctx, kind, of, beginsAnywhere) },
	}
	if slices.ContainsFunc(s.asked, func(w word) bool { return utf8.RuneCountInString(w.typed) > longWord }) {
		whole := func() ([]*entry, error) { return s.byWords(ctx, kind, of, wholeInTitle) }
		steps = slices.Insert(steps, 1, whole)
	}
	if s.near {
		steps = steps[1:]
	}
	var found []*entry
	ids := map[int64]bool{}
	for _, step := range steps {
		some, err := step()
		if err != nil {
			return nil, err
		}
		for _, e := range some {
			if !ids[e.id] {
				ids[e.id] = true
				found = append(found, e)
			}
		}
		if len(found) >= s.limit+onTitle {
			break
		}
	}
	return found, nil
}

func (s *search) byTitle(ctx context.Context, kind string) ([]*entry, error) {
	typed := make([]string, len(s.asked))
	for n, w := range s.asked {
		typed[n] = w.typed
	}
	from := strings.Join(typed, " ")
	rows, err := s.asker.Tenant.DB.Query(ctx, `SELECT `+entryColumns+` FROM search_docs
		WHERE kind = ? AND folded >= ? AND folded < ? AND changed_at >= ? ORDER BY folded, id DESC LIMIT ?`,
		kind, from, from+"\U0010FFFF", clock.Text(s.since), onTitle)
	return scanEntries(rows, err)
}

func (s *search) byWords(ctx context.Context, kind string, of scope, far reach) ([]*entry, error) {
	look := closely
	if !s.since.IsZero() {
		look = through
	}
	rows, err := s.asker.Tenant.DB.Query(ctx, `SELECT `+entryColumns+` FROM
		(SELECT rowid AS hit FROM search_words WHERE search_words MATCH ? ORDER BY rowid DESC LIMIT ?)
		CROSS JOIN search_docs ON id = hit WHERE kind = ? AND changed_at >= ? ORDER BY hit DESC LIMIT ?`,
		expression(kind, of, s.asked, far), look, kind, clock.Text(s.since), closely)
	return scanEntries(rows, err)
}
