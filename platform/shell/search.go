package shell

import (
	"net/url"
	"strconv"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/search"
	"runes.im/platform/slot"
	"runes.im/platform/web"
)

const pageOfHits = 25

// periods are the choices of when a record changed, by their place in the address.
var periods = []struct {
	key, word string
	days      int
}{
	{"", "shell.any_time", 0}, {"7d", "shell.last_week", 7}, {"30d", "shell.last_month", 30}, {"1y", "shell.last_year", 365},
}

type searchPage struct {
	Text, Kind, Since string
	Kinds, Periods    []tab
	Hits              []hitRow
	Count             string
	Meant, MeantHref  string // what was probably meant, when nothing was found as it was typed
	Place, Prev, Next string // of the pager
}

type hitRow struct {
	Parts                            []search.Part
	Subtitle, Icon, Href, Kind, When string
	Hue                              int
	Face                             *web.Face // of a colleague
}

// showSearch is the page with everything that was found, for those who want more than the palette shows, and for those
// without script.
func (s *Shell) showSearch(v *web.Visit) error {
	among, err := s.searches(v.Context(), v)
	if err != nil {
		return err
	}
	page := &searchPage{Text: v.Query("q"), Kind: v.Query("kind"), Since: v.Query("since")}
	page.offer(v, among)
	if page.Text != "" {
		if err := page.find(v, among); err != nil {
			return err
		}
	}
	v.Title(v.T("shell.look_for"))
	v.Crumb(v.T("shell.look_for"), "")
	return v.Page("search", page)
}

// offer lists the types and the periods to choose from.
func (p *searchPage) offer(v *web.Visit, among []slot.Search) {
	p.Kinds = []tab{{Text: v.T("shell.all_types"), Href: p.address("kind", ""), Current: p.Kind == ""}}
	for _, k := range among {
		if v.Can(k.Permission) {
			p.Kinds = append(p.Kinds, tab{Text: v.T(k.Title), Icon: k.Icon, Href: p.address("kind", k.Kind), Current: p.Kind == k.Kind})
		}
	}
	for _, one := range periods {
		p.Periods = append(p.Periods, tab{Text: v.T(one.word), Href: p.address("since", one.key), Current: p.Since == one.key})
	}
}

// address is that of the same search with one thing changed.
func (p *searchPage) address(name, value string) string {
	query := url.Values{}
	for key, now := range map[string]string{"q": p.Text, "kind": p.Kind, "since": p.Since} {
		if key == name {
			now = value
		}
		if now != "" {
			query.Set(key, now)
		}
	}
	if name == "page" && value != "1" {
		query.Set(name, value)
	}
	if len(query) == 0 {
		return "/search"
	}
	return "/search?" + query.Encode()
}

func (p *searchPage) find(v *web.Visit, among []slot.Search) error {
	q := search.Query{Text: p.Text, Limit: search.Most}
	if p.Kind != "" {
		q.Kinds = []string{p.Kind}
	}
	for _, one := range periods {
		if one.key == p.Since && one.days > 0 {
			q.Since = clock.Now(v.Context()).Add(-time.Duration(one.days) * 24 * time.Hour)
		}
	}
	hits, meant, err := search.Find(v.Context(), v.Asker(), among, q)
	if err != nil {
		return err
	}
	if meant != "" {
		p.Meant, p.MeantHref = meant, p.address("q", meant)
	}
	p.count(v, hits)
	number, err := strconv.Atoi(v.Query("page"))
	if err != nil || number < 1 || (number-1)*pageOfHits >= max(1, len(hits)) {
		number = 1
	}
	from := (number - 1) * pageOfHits
	to := min(len(hits), from+pageOfHits)
	names := map[string]string{}
	for _, k := range among {
		names[k.Kind] = v.T(k.Title)
	}
	for _, h := range hits[from:to] {
		row := hitRow{
			Parts: search.Marks(h.Title, p.Text), Subtitle: h.Subtitle, Icon: h.Icon, Href: h.Href,
			Kind: names[h.Kind], When: v.When(h.ChangedAt), Hue: hue(h.Kind),
		}
		if h.Kind == kindMember {
			row.Face = &web.Face{ID: h.ID, Initials: initials(h.Title), Hue: hue(h.ID)}
		}
		p.Hits = append(p.Hits, row)
	}
	if len(hits) > pageOfHits {
		p.Place = v.T("shell.hits_place", "from", v.Number(int64(from+1)), "to", v.Number(int64(to)), "n", v.Number(int64(len(hits))))
	}
	if number > 1 {
		p.Prev = p.address("page", strconv.Itoa(number-1))
	}
	if to < len(hits) {
		p.Next = p.address("page", strconv.Itoa(number+1))
	}
	return nil
}

// count says how much was found. Nobody reads on to the end of a kind that has more than a search looks at.
func (p *searchPage) count(v *web.Visit, hits []search.Hit) {
	of := map[string]int{}
	p.Count = v.T("shell.hits", "n", len(hits))
	for _, h := range hits {
		if of[h.Kind]++; of[h.Kind] == search.Most {
			p.Count = v.T("shell.hits_many", "n", len(hits))
		}
	}
}
