package shell

import (
	"context"
	"strings"

	"runes.im/platform/entitlement"
	"runes.im/platform/search"
	"runes.im/platform/slot"
	"runes.im/platform/web"
)

const (
	hitsOfKind = 5  // in the palette
	mostRecent = 10 // records opened before that one request asks about
)

// searches are the kinds of records that the active runes let people find.
func (s *Shell) searches(ctx context.Context, v *web.Visit) ([]slot.Search, error) {
	active, err := entitlement.Active(ctx, v.DB)
	if err != nil {
		return nil, err
	}
	among := slot.Searches.Among(s.offers(), active)
	if !v.Person.IsGuest() {
		among = append(among, s.colleagues())
	}
	return among, nil
}

// kinds are those of them that this person may search.
func (s *Shell) kinds(v *web.Visit) ([]web.Kind, error) {
	among, err := s.searches(v.Context(), v)
	if err != nil {
		return nil, err
	}
	var kinds []web.Kind
	for _, k := range among {
		if v.Can(k.Permission) {
			kinds = append(kinds, web.Kind{Key: k.Kind, Icon: k.Icon, Text: v.T(k.Title), Hue: hue(k.Kind)})
		}
	}
	return kinds, nil
}

// paletteLine is what one kind answers.
type paletteLine struct {
	Kind string       `json:"kind"`
	Hits []paletteHit `json:"hits"`
}

type paletteHit struct {
	ID   string `json:"id"`
	Text string `json:"text"`
	// Parts is the text in pieces, those at odd places were typed.
	Parts []string `json:"parts"`
	Note  string   `json:"note"`
	Href  string   `json:"href"`
	// Picture is the address of how a colleague looks.
	Picture string `json:"picture,omitempty"`
}

// answerPalette finds records for the palette, one line a kind as soon as it is there. With ref=kind:id it tells which
// records that were opened before this person may still open.
func (s *Shell) answerPalette(v *web.Visit) error {
	among, err := s.searches(v.Context(), v)
	if err != nil {
		return err
	}
	text := v.Query("q")
	if text == "" {
		return recent(v, among)
	}
	q := search.Query{Text: text, Limit: hitsOfKind}
	if kind := v.Query("kind"); kind != "" {
		q.Kinds, q.Limit = []string{kind}, 4*hitsOfKind
	}
	lines := v.Lines()
	_, err = search.Each(v.Context(), v.Asker(), among, q, func(k slot.Search, hits []search.Hit) error {
		return lines.Send(paletteLine{Kind: k.Kind, Hits: paletteHits(v, hits, text)})
	})
	if err != nil && v.Context().Err() != nil {
		return nil // the person typed on, and nobody reads this any more
	}
	return err
}

func recent(v *web.Visit, among []slot.Search) error {
	var refs []slot.Ref
	for _, ref := range v.Values()["ref"] {
		if kind, id, ok := strings.Cut(ref, ":"); ok && len(refs) < mostRecent {
			refs = append(refs, slot.Ref{Kind: kind, ID: id})
		}
	}
	hits, err := search.Known(v.Context(), v.Asker(), among, refs)
	if err != nil {
		return err
	}
	lines := v.Lines()
	for _, h := range hits {
		if err := lines.Send(paletteLine{Kind: h.Kind, Hits: paletteHits(v, []search.Hit{h}, "")}); err != nil {
			return err
		}
	}
	return nil
}

func paletteHits(v *web.Visit, hits []search.Hit, text string) []paletteHit {
	rows := make([]paletteHit, 0, len(hits))
	for _, h := range hits {
		row := paletteHit{ID: h.Kind + ":" + h.ID, Text: h.Title, Note: h.Subtitle, Href: h.Href}
		if h.Kind == kindMember {
			row.Picture = v.Portrait(h.ID)
		}
		for _, p := range search.Marks(h.Title, text) {
			if p.Hit && len(row.Parts)%2 == 0 {
				row.Parts = append(row.Parts, "")
			}
			row.Parts = append(row.Parts, p.Text)
		}
		rows = append(rows, row)
	}
	return rows
}
