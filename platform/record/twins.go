package record

import (
	"cmp"
	"context"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"runes.im/platform/identity"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Trait is something by which two records of the same thing are recognised. The words of a noun say its name: a noun
// with Words "contacts.company." has "contacts.company.same_domain" for the trait domain, and "…near_name" where a
// typing mistake is forgiven.
type Trait struct {
	Name, Value string
	Points      int // of a hundred, when two have the same value
	Near        int // when there is one typing mistake between them; 0: that counts for nothing
}

// Twin is a pair that may be one and the same.
type Twin struct {
	One, Other any
	Score      int
	Reasons    []string // words keys, the strongest first
}

const (
	// alike is the score from which a pair is shown.
	alike = 40
	// crowd is how many records may share a value before it says nothing: a switchboard's number, a mail provider.
	crowd = 12
	// maxTwins is how many pairs a page ever has.
	maxTwins = 200
	// shortest is how many letters a value must have for a typing mistake in it to be one.
	shortest = 5
)

// twins are the pairs among the records that the person sees, the likeliest first. What was found for those who see
// everything is kept until a record changes; who sees a part has their own part compared.
func (k *kind) twins(ctx context.Context, t *tenant.Tenant, p *identity.Person) ([]Twin, error) {
	apart, err := k.apart(ctx, t.DB)
	if err != nil {
		return nil, err
	}
	where := ""
	if k.scope != nil {
		if where, _, err = k.scope(ctx, t.DB, p); err != nil {
			return nil, err
		}
	}
	if where != "" {
		return k.compared(ctx, t.DB, p, apart, maxTwins)
	}
	kept, err := k.lastTwins(ctx, t)
	if err != nil {
		return nil, err
	}
	found := make([]Twin, 0, min(len(kept), maxTwins))
	for _, one := range kept {
		if len(found) < maxTwins && !apart[pairOf(k.of(one.One).ID, k.of(one.Other).ID)] {
			found = append(found, one)
		}
	}
	if len(found) < maxTwins && len(kept) == keptTwins { // most of what was kept are two by now
		return k.compared(ctx, t.DB, p, apart, maxTwins)
	}
	return found, k.freshen(ctx, t.DB, p, found)
}

// keptTwins is how many pairs are remembered: more than a page shows, for those that somebody keeps apart.
const keptTwins = 5 * maxTwins

// twinsSeen is what was found among all records as they stood at the stamp.
type twinsSeen struct {
	mu    sync.Mutex
	stamp string
	found []Twin
}

// lastTwins are the pairs among all records, compared anew when one of them changed since the last time.
func (k *kind) lastTwins(ctx context.Context, t *tenant.Tenant) ([]Twin, error) {
	seen := t.Held(twinsKey(k.key), func() any { return new(twinsSeen) }).(*twinsSeen)
	seen.mu.Lock() // whoever asks meanwhile gets the same answer, not a comparison of their own
	defer seen.mu.Unlock()
	stamp := ""
	err := t.DB.QueryRow(ctx, `SELECT count(*) || '-' || coalesce(sum(rowid), 0) || '-' || coalesce(sum(version), 0) || '-' || coalesce(sum(rowid * version), 0)
		|| '-' || coalesce(max(updated_at), '') FROM `+k.table+` WHERE deleted_at IS NULL`).Scan(&stamp)
	if err != nil || stamp == seen.stamp {
		return seen.found, err
	}
	found, err := k.compared(ctx, t.DB, nil, nil, keptTwins)
	if err == nil {
		seen.stamp, seen.found = stamp, found
	}
	return found, err
}

type twinsKey string

// freshen reads the records of the pairs as the person sees them.
func (k *kind) freshen(ctx context.Context, r store.Reader, p *identity.Person, found []Twin) error {
	var ids []string
	for _, t := range found {
		ids = append(ids, k.of(t.One).ID, k.of(t.Other).ID)
	}
	all, err := k.list(ctx, r, p, Query{IDs: append([]string{}, ids...), Limit: len(ids) + 1})
	byID := make(map[string]any, len(all))
	for _, rec := range all {
		byID[k.of(rec).ID] = rec
	}
	for i, t := range found {
		if one, other := byID[k.of(t.One).ID], byID[k.of(t.Other).ID]; one != nil && other != nil {
			found[i].One, found[i].Other = one, other
		}
	}
	return err
}

// compared finds pairs. Every record is looked up by its own values and by what is left of them without one letter: no
// pair is compared that has nothing in common.
func (k *kind) compared(ctx context.Context, r store.Reader, p *identity.Person, apart map[[2]string]bool, most int) ([]Twin, error) {
	all, err := k.list(ctx, r, p, Query{Sort: "created_at", Limit: 1_000_000})
	if err != nil {
		return nil, err
	}
	s := newSieve(len(all))
	for i, rec := range all {
		s.add(int32(i), k.traits(rec))
	}
	var found []Twin
	for pair, sum := range s.pairs() {
		t := Twin{One: all[pair[0]], Other: all[pair[1]], Score: min(sum.points, 99)}
		if sum.points < alike || apart[pairOf(k.of(t.One).ID, k.of(t.Other).ID)] {
			continue
		}
		slices.SortFunc(sum.reasons, func(a, b reason) int { return cmp.Or(b.points-a.points, strings.Compare(a.key, b.key)) })
		for _, why := range sum.reasons {
			t.Reasons = append(t.Reasons, k.words+why.key)
		}
		found = append(found, t)
	}
	slices.SortFunc(found, func(a, b Twin) int {
		return cmp.Or(b.Score-a.Score, strings.Compare(k.title(a.One), k.title(b.One)), strings.Compare(k.of(a.One).ID+k.of(a.Other).ID, k.of(b.One).ID+k.of(b.Other).ID))
	})
	return slices.Clone(found[:min(len(found), most)]), nil
}

func pairOf(one, other string) [2]string { return [2]string{min(one, other), max(one, other)} }

// apart are the pairs about which somebody said that they are two.
func (k *kind) apart(ctx context.Context, r store.Reader) (map[[2]string]bool, error) {
	rows, err := r.Query(ctx, "SELECT one, other FROM record_apart WHERE kind = ?", k.key)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	pairs := map[[2]string]bool{}
	for rows.Next() {
		var pair [2]string
		if err := rows.Scan(&pair[0], &pair[1]); err != nil {
			return nil, err
		}
		pairs[pair] = true
	}
	return pairs, rows.Err()
}

// sieve brings together what has a value, or nearly a value, in common.
type sieve struct {
	seed   maphash.Seed
	traits [][]Trait
	same   map[uint64][]int32
	near   map[uint64][]int32
}

func newSieve(n int) *sieve {
	return &sieve{seed: maphash.MakeSeed(), traits: make([][]Trait, 0, n), same: make(map[uint64][]int32, 3*n), near: map[uint64][]int32{}}
}

// key stands for a value, which may come in parts: one without a letter needs no text of its own.
func (s *sieve) key(name string, value ...string) uint64 {
	var h maphash.Hash
	h.SetSeed(s.seed)
	h.WriteString(name)
	h.WriteByte(0)
	for _, part := range value {
		h.WriteString(part)
	}
	return h.Sum64()
}

func (s *sieve) add(i int32, traits []Trait) {
	traits = slices.DeleteFunc(traits, func(t Trait) bool { return t.Value == "" })
	s.traits = append(s.traits, traits)
	for _, t := range traits {
		key := s.key(t.Name, t.Value)
		s.same[key] = append(s.same[key], i)
		if t.Near == 0 || utf8.RuneCountInString(t.Value) < shortest {
			continue
		}
		for at, letter := range t.Value {
			key := s.key(t.Name, t.Value[:at], t.Value[at+utf8.RuneLen(letter):])
			if group := s.near[key]; len(group) == 0 || group[len(group)-1] != i {
				s.near[key] = append(group, i)
			}
		}
		s.near[key] = append(s.near[key], i) // one letter more in the other is one letter less in this
	}
}

type reason struct {
	key    string
	points int
}

type likeness struct {
	points  int
	reasons []reason
}

// pairs are those that have anything in common, each once, with what it comes to.
func (s *sieve) pairs() map[[2]int32]*likeness {
	found := map[[2]int32]*likeness{}
	for _, groups := range []map[uint64][]int32{s.same, s.near} {
		for _, group := range groups {
			if len(group) < 2 || len(group) > crowd {
				continue
			}
			for n, one := range group {
				for _, other := range group[n+1:] {
					if pair := [2]int32{min(one, other), max(one, other)}; one != other && found[pair] == nil {
						found[pair] = compare(s.traits[one], s.traits[other])
					}
				}
			}
		}
	}
	return found
}

// compare adds up what two records have in common.
func compare(one, other []Trait) *likeness {
	sum := new(likeness)
	for _, a := range one {
		for _, b := range other {
			switch {
			case a.Name != b.Name:
			case a.Value == b.Value:
				sum.note("same_"+a.Name, a.Points)
			case a.Near > 0 && oneMistake(a.Value, b.Value):
				sum.note("near_"+a.Name, a.Near)
			}
		}
	}
	return sum
}

func (l *likeness) note(key string, points int) {
	l.points += points
	l.reasons = append(l.reasons, reason{key, points})
}

// oneMistake reports whether one letter more, less, other or exchanged with its neighbour makes the two the same.
func oneMistake(a, b string) bool {
	one, other := []rune(a), []rune(b)
	if len(one) > len(other) {
		one, other = other, one
	}
	if len(other)-len(one) > 1 || len(one) < shortest-1 {
		return false
	}
	for len(one) > 0 && one[0] == other[0] {
		one, other = one[1:], other[1:]
	}
	for len(one) > 0 && one[len(one)-1] == other[len(other)-1] {
		one, other = one[:len(one)-1], other[:len(other)-1]
	}
	for _, letter := range append(one, other...) {
		if unicode.IsDigit(letter) {
			return false // number 12 is not number 13
		}
	}
	return len(other) <= 1 || len(one) == 2 && len(other) == 2 && one[0] == other[1] && one[1] == other[0]
}
