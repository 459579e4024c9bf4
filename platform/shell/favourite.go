package shell

import (
	"context"
	"net/url"
	"strings"

	"runes.im/platform/desk"
	"runes.im/platform/fault"
	"runes.im/platform/search"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// star makes the page or record at an address a favourite of this person.
func (s *Shell) star(v *web.Visit) error {
	f := desk.Favourite{Href: posted(v, "href"), Title: strings.TrimSpace(posted(v, "title"))}
	may, err := v.MayOpen(f.Href)
	if err != nil {
		return err
	}
	if !may {
		return fault.New(fault.NotFound, "web.not_found")
	}
	if f.Ref, err = s.recordAt(v, f.Href); err != nil {
		return err
	}
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return desk.Star(ctx, tx, v.Person.ID, f) })
	if err != nil {
		return err
	}
	v.Flash(v.T("shell.starred", "name", f.Title), "")
	return v.Go(f.Href)
}

// unstar takes it back; Undo gives the star again.
func unstar(v *web.Visit) error {
	href, title := posted(v, "href"), strings.TrimSpace(posted(v, "title"))
	err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return desk.Unstar(ctx, tx, v.Person.ID, href) })
	if err != nil {
		return err
	}
	v.Flash(v.T("shell.unstarred", "name", title), "/favourites?"+url.Values{"href": {href}, "title": {title}}.Encode())
	if may, err := v.MayOpen(href); err != nil || may {
		return v.Go(href)
	}
	return v.Go("/")
}

// posted is a value of the form, or of the address where Undo comes from.
func posted(v *web.Visit, name string) string {
	if value := v.Form(name); value != "" {
		return value
	}
	return v.Query(name)
}

// recordAt is the record that an address shows, as the search knows it; empty for other pages. Its title then follows the
// record, and the favourite is gone for whoever may not see it any more.
func (s *Shell) recordAt(v *web.Visit, href string) (slot.Ref, error) {
	among, err := s.searches(v.Context(), v)
	if err != nil {
		return slot.Ref{}, err
	}
	path, _, _ := strings.Cut(href, "?")
	var refs []slot.Ref
	for _, step := range strings.Split(path, "/") {
		for _, k := range among {
			if len(step) > 0 {
				refs = append(refs, slot.Ref{Kind: k.Kind, ID: step})
			}
		}
	}
	hits, err := search.Known(v.Context(), v.Asker(), among, refs[:min(len(refs), 60)])
	if err != nil {
		return slot.Ref{}, err
	}
	for _, h := range hits {
		if h.Href == path || h.Href == href {
			return slot.Ref{Kind: h.Kind, ID: h.ID}, nil
		}
	}
	return slot.Ref{}, nil
}

// putFavourites lists in the sidebar what has a star and may still be opened.
func (s *Shell) putFavourites(v *web.Visit, f *web.Frame) error {
	all, err := desk.Favourites(v.Context(), v.DB, v.Person.ID)
	if err != nil || len(all) == 0 {
		return err
	}
	among, err := s.searches(v.Context(), v)
	if err != nil {
		return err
	}
	var refs []slot.Ref
	for _, one := range all {
		if one.Ref.Kind != "" {
			refs = append(refs, one.Ref)
		}
	}
	hits, err := search.Known(v.Context(), v.Asker(), among, refs)
	if err != nil {
		return err
	}
	records := map[slot.Ref]search.Hit{}
	for _, h := range hits {
		records[slot.Ref{Kind: h.Kind, ID: h.ID}] = h
	}
	block, here := web.Block{Key: "favourites", Title: v.T("shell.favourites")}, v.Here()
	for _, one := range all {
		f.Starred = f.Starred || one.Href == here
		entry := web.Entry{Icon: "star", Text: one.Title, Href: one.Href}
		if one.Ref.Kind != "" {
			h, ok := records[one.Ref]
			if !ok {
				continue
			}
			entry.Icon, entry.Text = h.Icon, h.Title
		} else if may, err := v.MayOpen(one.Href); err != nil {
			return err
		} else if !may {
			continue
		}
		block.Entries = append(block.Entries, entry)
	}
	if len(block.Entries) > 0 {
		// Below the person's own places, above the runes.
		f.Nav = append(f.Nav[:1:1], append([]web.Block{block}, f.Nav[1:]...)...)
	}
	return nil
}

// rememberChoice notes what was chosen in the palette.
func rememberChoice(v *web.Visit) error {
	err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		return desk.Used(ctx, tx, v.Person.ID, v.Form("command"))
	})
	if err != nil {
		return err
	}
	return v.JSON(200, map[string]bool{"kept": true})
}
