package search

import (
	"context"
	"slices"
	"strings"

	"runes.im/platform/clock"
)

const (
	closely = Most   // newest documents that hold the words and are compared
	onTitle = 40     // documents whose title begins with the text
	through = 20_000 // newest documents that are looked through for a date
)

// candidates are the documents of the kind that hold all words, at most a few hundred of them: first those whose title
// begins with what was typed, then the newest with the words in the title, then those that have them anywhere. No step
// walks through more than it keeps, so that a letter that begins half of all words costs no more than a rare one.
func (s *search) candidates(ctx context.Context, kind string, of scope) ([]*entry, error) {
	var found []*entry
	ids := map[int64]bool{}
	take := func(some []*entry, err error) error {
		for _, e := range some {
			if !ids[e.id] {
				ids[e.id] = true
				found = append(found, e)
			}
		}
		return err
	}
	if !s.near {
		if err := take(s.byTitle(ctx, kind)); err != nil {
			return nil, err
		}
	}
	if err := take(s.byWords(ctx, kind, of, "title")); err != nil {
		return nil, err
	}
	if len(found) >= s.limit+onTitle {
		return found, nil
	}
	return found, take(s.byWords(ctx, kind, of, "title body"))
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

func (s *search) byWords(ctx context.Context, kind string, of scope, columns string) ([]*entry, error) {
	look := closely
	if !s.since.IsZero() {
		look = through
	}
	rows, err := s.asker.Tenant.DB.Query(ctx, `SELECT `+entryColumns+` FROM
		(SELECT rowid AS hit FROM search_words WHERE search_words MATCH ? ORDER BY rowid DESC LIMIT ?)
		CROSS JOIN search_docs ON id = hit WHERE changed_at >= ? ORDER BY hit DESC LIMIT ?`,
		expression(of.tokens(kind), s.asked, columns), look, clock.Text(s.since), closely)
	return scanEntries(rows, err)
}

// expression is the question to the index. What people type has gone through fold: letters, digits and nothing that
// means anything here.
func expression(who []string, asked []word, columns string) string {
	var b strings.Builder
	b.WriteString(`who : (`)
	b.WriteString(either(who, ""))
	b.WriteString(`) AND {` + columns + `} : (`)
	for n, w := range asked {
		if n > 0 {
			b.WriteString(` AND `)
		}
		b.WriteString(`(` + either(w.ways, ` *`) + `)`)
	}
	b.WriteString(`)`)
	return b.String()
}

func either(tokens []string, after string) string {
	quoted := make([]string, 0, len(tokens))
	for _, t := range tokens {
		quoted = append(quoted, `"`+t+`"`+after)
	}
	slices.Sort(quoted)
	return strings.Join(slices.Compact(quoted), ` OR `)
}
