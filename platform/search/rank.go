package search

import (
	"cmp"
	"strings"
	"time"
)

// ranking is a candidate with how well it fits.
type ranking struct {
	entry *entry
	score int
}

func (r *ranking) compare(other *ranking) int {
	return cmp.Or(cmp.Compare(other.score, r.score), strings.Compare(r.entry.folded, other.entry.folded),
		cmp.Compare(other.entry.id, r.entry.id))
}

func better(a, b Hit) int { return cmp.Compare(b.Score, a.Score) }

// What a word is worth where it stands, in hundredths.
const (
	whole     = 100
	beginning = 80
	nearMiss  = 60 // less for each letter that differs
	elsewhere = 40
)

// rate says how well the document fits; 0 when a word is missing.
func rate(e *entry, asked []word, now time.Time) int {
	title := strings.Fields(e.folded)
	var rest []string
	sum, typed := 0, make([]string, len(asked))
	for n, w := range asked {
		typed[n] = w.typed
		points := fits(w, title)
		if points == 0 {
			if rest == nil {
				rest = strings.Fields(Fold(e.subtitle + " " + e.body))
			}
			points = fits(w, rest) * elsewhere / 100
		}
		if points == 0 {
			return 0
		}
		sum += points
	}
	score := sum * 10 / len(asked)
	text := strings.Join(typed, " ")
	switch {
	case e.folded == text:
		score += 400
	case strings.HasPrefix(e.folded, text):
		score += 200
	case strings.Contains(" "+e.folded, " "+text):
		score += 100
	}
	score -= min(len(title), 20) // a short title fits better than a long one that has the words too
	return max(1, score+freshness(e.changedRaw, now))
}

// freshness lifts what changed lately above what fits as well.
func freshness(changed string, now time.Time) int {
	at, err := time.Parse(time.RFC3339, changed)
	if err != nil {
		return 0
	}
	switch age := now.Sub(at); {
	case age < 7*24*time.Hour:
		return 20
	case age < 60*24*time.Hour:
		return 10
	}
	return 0
}

func fits(w word, title []string) int {
	best := 0
	for n, there := range title {
		points := 0
		switch {
		case there == w.typed:
			points = whole
		case strings.HasPrefix(there, w.typed):
			points = beginning
		default:
			if off := w.off(there); off >= 0 {
				points = nearMiss - 10*off
			}
		}
		if points > 0 && n == 0 {
			points += 5
		}
		best = max(best, points)
	}
	return best
}

// off is how many letters the word there differs from what was typed, -1 when it is not one of the ways.
func (w word) off(there string) int {
	for _, way := range w.ways {
		if strings.HasPrefix(there, way) && way != w.typed {
			return distance(w.typed, way)
		}
	}
	return -1
}

// closest is the word of the title that stands for what was typed.
func closest(w word, title []string) string {
	best, found := 0, w.typed
	for _, there := range title {
		if points := fits(w, []string{there}); points > best {
			best, found = points, there
		}
	}
	return found
}
