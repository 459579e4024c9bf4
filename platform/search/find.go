package search

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/slot"
)

// Query is what somebody looks for.
type Query struct {
	Text  string
	Kinds []string  // empty: all
	Since time.Time // zero: whenever it changed
	Limit int       // hits of each kind; 0 means 20, more than Most is Most
}

// Hit is something found.
type Hit struct {
	Kind, ID                    string
	Title, Subtitle, Icon, Href string
	ChangedAt                   time.Time
	Score                       int // higher is better
	Near                        bool
}

const (
	// Most is how many hits of one kind a search ever looks at closely.
	Most = 200
	// few is when words that are only nearly right are looked for too.
	few   = 3
	usual = 20
)

// Find is everything that this person may see among those kinds, the best first. meant is the text as it was probably
// intended, empty when it was found as it stands.
func Find(ctx context.Context, a slot.Asker, among []slot.Search, q Query) (hits []Hit, meant string, err error) {
	meant, err = Each(ctx, a, among, q, func(_ slot.Search, some []Hit) error {
		hits = append(hits, some...)
		return nil
	})
	slices.SortStableFunc(hits, better)
	return hits, meant, err
}

// Each looks kind by kind and calls fn with the hits of each as soon as they are there; when they are few it goes
// round again for what is only nearly right. A kind that fails is left out, with a line in the log.
func Each(ctx context.Context, a slot.Asker, among []slot.Search, q Query, fn func(kind slot.Search, hits []Hit) error) (meant string, err error) {
	s := &search{asker: a, since: q.Since, limit: min(q.Limit, Most), now: clock.Now(ctx), seen: map[string]bool{}}
	if s.limit <= 0 {
		s.limit = usual
	}
	s.asked = plainly(words(q.Text))
	if len(s.asked) == 0 {
		return "", nil
	}
	kinds := s.kinds(among, q.Kinds)
	for _, k := range kinds {
		s.catchUp(ctx, k)
	}
	if err := s.round(ctx, kinds, fn); err != nil || s.found >= few {
		return "", err
	}
	near, err := nearly(ctx, a.Tenant.DB, s.asked)
	if err != nil || near == nil {
		return "", err
	}
	isEmpty := s.found == 0
	s.asked, s.near = near, true
	if err := s.round(ctx, kinds, fn); err != nil || !isEmpty {
		return "", err
	}
	return s.meant, nil
}

// search is one search at work.
type search struct {
	asker slot.Asker
	since time.Time
	limit int
	now   time.Time
	asked []word
	near  bool
	seen  map[string]bool // kind and id of what was found already
	found int
	meant string
	best  int
}

// word is one that was typed, with the ways it is looked for.
type word struct {
	typed string
	ways  []string
}

func plainly(typed []string) []word {
	all := make([]word, len(typed))
	for n, w := range typed {
		all[n] = word{typed: w, ways: []string{w}}
	}
	return all
}

// kinds are those that the person may search.
func (s *search) kinds(among []slot.Search, wanted []string) []slot.Search {
	var kinds []slot.Search
	for _, k := range among {
		if s.asker.Person.Can(k.Permission) && (len(wanted) == 0 || slices.Contains(wanted, k.Kind)) {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// catchUp lets the kind index what waits. Who searches is not to suffer from its failure: older hits are there.
func (s *search) catchUp(ctx context.Context, k slot.Search) {
	if k.CatchUp == nil {
		return
	}
	if err := k.CatchUp(ctx, s.asker); err != nil {
		slog.WarnContext(ctx, "what is new cannot be indexed now", "kind", k.Kind, "err", err)
	}
}

func (s *search) round(ctx context.Context, kinds []slot.Search, fn func(slot.Search, []Hit) error) error {
	for _, k := range kinds {
		if err := ctx.Err(); err != nil {
			return err
		}
		hits, err := s.ofKind(ctx, k)
		if err != nil {
			slog.WarnContext(ctx, "a kind is left out of a search", "kind", k.Kind, "err", err)
			continue
		}
		if len(hits) == 0 {
			continue
		}
		s.found += len(hits)
		if s.near && hits[0].Score > s.best {
			s.best, s.meant = hits[0].Score, s.spelledAs(hits[0].Title)
		}
		if err := fn(k, hits); err != nil {
			return err
		}
	}
	return nil
}

// spelledAs is the typed words as the title has them.
func (s *search) spelledAs(title string) string {
	var said []string
	for _, w := range s.asked {
		said = append(said, closest(w, strings.Fields(Fold(title))))
	}
	return strings.Join(said, " ")
}

func (s *search) ofKind(ctx context.Context, k slot.Search) ([]Hit, error) {
	scope, err := scopeFor(ctx, s.asker, k)
	if err != nil {
		return nil, err
	}
	entries, err := s.candidates(ctx, k.Kind, scope)
	if err != nil {
		return nil, err
	}
	var ranked []*ranking
	for _, e := range entries {
		if s.seen[e.kind+" "+e.ref] || !s.asker.Person.Can(e.permission) || !scope.holds(e.scope) {
			continue
		}
		if score := rate(e, s.asked, s.now); score > 0 {
			ranked = append(ranked, &ranking{e, score})
		}
	}
	slices.SortStableFunc(ranked, (*ranking).compare)
	return s.allowed(ctx, k, ranked)
}

// allowed asks the rune about the best, as many as are shown, and goes on where some are not for this person.
func (s *search) allowed(ctx context.Context, k slot.Search, ranked []*ranking) ([]Hit, error) {
	var hits []Hit
	for len(ranked) > 0 && len(hits) < s.limit {
		some := ranked[:min(len(ranked), s.limit)]
		ranked = ranked[len(some):]
		sights, err := look(ctx, s.asker, k, some)
		if err != nil {
			return nil, err
		}
		for _, r := range some {
			sight, ok := sights[r.entry.ref]
			if !ok || len(hits) == s.limit {
				continue
			}
			h, err := r.entry.hit(k, sight)
			if err != nil {
				return nil, err
			}
			h.Score, h.Near = r.score, s.near
			s.seen[h.Kind+" "+h.ID] = true
			hits = append(hits, h)
		}
	}
	return hits, nil
}

func look(ctx context.Context, a slot.Asker, k slot.Search, some []*ranking) (map[string]slot.Sight, error) {
	ids := make([]string, len(some))
	for n, r := range some {
		ids[n] = r.entry.ref
	}
	if k.Allowed != nil {
		return k.Allowed(ctx, a, ids)
	}
	all := make(map[string]slot.Sight, len(ids))
	for _, id := range ids {
		all[id] = slot.Sight{}
	}
	return all, nil
}

func (e *entry) hit(k slot.Search, sight slot.Sight) (Hit, error) {
	h := Hit{Kind: e.kind, ID: e.ref, Title: e.title, Subtitle: e.subtitle, Icon: e.icon, Href: e.href}
	if sight.Subtitle != "" {
		h.Subtitle = sight.Subtitle
	}
	if h.Icon == "" {
		h.Icon = k.Icon
	}
	var err error
	h.ChangedAt, err = clock.Parse(e.changedRaw)
	return h, err
}

// Known are those of the records that this person may still see, in their order: what was opened before.
func Known(ctx context.Context, a slot.Asker, among []slot.Search, refs []slot.Ref) ([]Hit, error) {
	s := &search{asker: a, limit: 1, seen: map[string]bool{}}
	var hits []Hit
	for _, ref := range refs {
		for _, k := range s.kinds(among, []string{ref.Kind}) {
			e, err := known(ctx, a.Tenant.DB, ref.Kind, ref.ID)
			if err != nil {
				return nil, err
			}
			scope, err := scopeFor(ctx, a, k)
			if err != nil {
				return nil, err
			}
			if e == nil || !a.Person.Can(e.permission) || !scope.holds(e.scope) {
				continue
			}
			one, err := s.allowed(ctx, k, []*ranking{{entry: e}})
			if err != nil {
				return nil, err
			}
			hits = append(hits, one...)
		}
	}
	return hits, nil
}
