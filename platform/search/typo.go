package search

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"runes.im/platform/store"
)

const (
	shortest = 4  // letters of a word that may be mistyped
	tallest  = 30 // longer ones are no words
	ways     = 4  // words that one may have been meant for
)

// isWord tells words that people type from numbers, codes and single signs.
func isWord(w string) bool {
	n := utf8.RuneCountInString(w)
	return n >= shortest && n <= tallest && !strings.ContainsAny(w, "0123456789")
}

// vocabulary is the words of a folded title that are worth remembering, each once.
func vocabulary(title string) []string {
	var all []string
	for _, w := range strings.Fields(title) {
		if isWord(w) {
			all = append(all, w)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// learn counts the words of a title. Each statement changes one row and returns nothing: any other would have SQLite
// open a savepoint, at each of which the index writes its whole buffer out.
func learn(ctx context.Context, tx *store.Tx, title string) error {
	uses, err := used(ctx, tx, title)
	if err != nil {
		return err
	}
	for _, w := range vocabulary(title) {
		if known, ok := uses[w]; ok {
			_, err = tx.Exec(ctx, `UPDATE search_vocabulary SET uses = ? WHERE id = ?`, known.times+1, known.id)
		} else {
			err = begin(ctx, tx, w)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func begin(ctx context.Context, tx *store.Tx, w string) error {
	result, err := tx.Exec(ctx, `INSERT INTO search_vocabulary (word, uses) VALUES (?, 1)`, w)
	if err != nil {
		return err
	}
	id, err := result.LastInsertId()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO search_trigrams (rowid, word) VALUES (?, ?)`, id, w)
	return err
}

// forget takes the words of a title that is gone off the count; a word that nobody uses any more is not kept.
func forget(ctx context.Context, tx *store.Tx, title string) error {
	uses, err := used(ctx, tx, title)
	for _, known := range uses {
		if err != nil {
			return err
		}
		if known.times > 1 {
			_, err = tx.Exec(ctx, `UPDATE search_vocabulary SET uses = ? WHERE id = ?`, known.times-1, known.id)
			continue
		}
		if _, err = tx.Exec(ctx, `DELETE FROM search_vocabulary WHERE id = ?`, known.id); err == nil {
			_, err = tx.Exec(ctx, `DELETE FROM search_trigrams WHERE rowid = ?`, known.id)
		}
	}
	return err
}

// use is how often a word stands in titles.
type use struct{ id, times int64 }

func used(ctx context.Context, tx *store.Tx, title string) (map[string]use, error) {
	all := vocabulary(title)
	uses := make(map[string]use, len(all))
	if len(all) == 0 {
		return uses, nil
	}
	list, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `SELECT word, id, uses FROM search_vocabulary WHERE word IN (SELECT value FROM json_each(?))`, string(list))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var w string
		var u use
		if err := rows.Scan(&w, &u.id, &u.times); err != nil {
			return nil, err
		}
		uses[w] = u
	}
	return uses, rows.Err()
}

// nearly is the words with what may have been meant; nil when there is nothing else to try.
func nearly(ctx context.Context, r store.Reader, asked []word) ([]word, error) {
	tried := slices.Clone(asked)
	isNew := false
	for n, w := range asked {
		if !isWord(w.typed) {
			continue
		}
		meant, err := meant(ctx, r, w.typed)
		if err != nil {
			return nil, err
		}
		tried[n].ways = append([]string{w.typed}, meant...)
		isNew = isNew || len(meant) > 0
	}
	if !isNew {
		return nil, nil
	}
	return tried, nil
}

// meant are words of titles that what was typed, or its beginning, differs from by a letter or two.
func meant(ctx context.Context, r store.Reader, typed string) ([]string, error) {
	letters := utf8.RuneCountInString(typed)
	most := 1
	if letters >= 7 {
		most = 2
	}
	known, err := similar(ctx, r, typed, letters-most)
	if err != nil {
		return nil, err
	}
	type guess struct {
		word string
		off  int
	}
	var guesses []guess
	for _, w := range known {
		if off := distance(typed, w); off > 0 && off <= most {
			guesses = append(guesses, guess{w, off})
		}
	}
	slices.SortStableFunc(guesses, func(a, b guess) int { return cmp.Compare(a.off, b.off) })
	var best []string
	for _, g := range guesses[:min(len(guesses), ways)] {
		best = append(best, g.word)
	}
	return best, nil
}

// similar are words of at least that length that share three letters in a row with what was typed, or for a short word
// its first letter; the most used first.
func similar(ctx context.Context, r store.Reader, typed string, least int) ([]string, error) {
	letters := []rune(typed)
	var parts []string
	for n := 0; n+3 <= len(letters); n++ {
		parts = append(parts, `"`+string(letters[n:n+3])+`"`)
	}
	query := `SELECT word, uses FROM search_vocabulary WHERE length(word) >= ?1 AND
		id IN (SELECT rowid FROM search_trigrams WHERE search_trigrams MATCH ?2 LIMIT 20000)`
	args := []any{least, strings.Join(parts, " OR ")}
	if len(letters) < 6 {
		query += ` UNION SELECT word, uses FROM search_vocabulary WHERE word >= ?3 AND word < ?4 AND length(word) BETWEEN ?1 AND ?5`
		args = append(args, string(letters[0]), string(letters[0]+1), len(letters)+1)
	}
	rows, err := r.Query(ctx, query+` ORDER BY uses DESC, word LIMIT 20000`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var w string
		var uses int64
		if err := rows.Scan(&w, &uses); err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	return all, rows.Err()
}

// distance is how many letters must be changed, added, left out or swapped with their neighbour to get from what was
// typed to the word, or to a beginning of it: people search while they type.
func distance(typed, word string) int {
	a, b := []rune(typed), []rune(word)
	older, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := last[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(change, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
		older, last, row = last, row, older
	}
	return slices.Min(last)
}
