package shell

import (
	"context"
	"slices"

	"runes.im/platform/slot"
	"runes.im/platform/web"
)

// countLine is a bin or a figure with its number.
type countLine struct {
	Text, Note, Icon, Href, Count string
	Hue                           int
}

const binPath = "/bin"

type binsPage struct {
	Bins []countLine // those that hold something first
	Full bool        // one of them does
}

// showBins lists where removed things wait, of every rune whose bin the person may open.
func (s *Shell) showBins(v *web.Visit) error {
	bins, err := slot.Bins.Ask(v.Context(), v.Asker())
	if err != nil {
		return err
	}
	page, empty := &binsPage{}, []countLine(nil)
	for _, b := range bins {
		if !v.Can(b.What.Permission) {
			continue
		}
		n, err := b.What.Count(v.Context(), v.Asker())
		if err != nil {
			return err
		}
		line := countLine{Text: v.T(b.What.Title), Note: v.T(b.Rune + ".name"), Icon: b.What.Icon, Href: b.What.Link, Count: v.Number(int64(n)), Hue: hue(b.What.Kind)}
		if n == 0 {
			empty = append(empty, line)
			continue
		}
		page.Full = true
		page.Bins = append(page.Bins, line)
	}
	page.Bins = append(page.Bins, empty...)
	v.Title(v.T("shell.bins"))
	v.Crumb(v.T("shell.bins"), "")
	return v.Page("bins", page)
}

// glance is the card on Home with one figure of everything that the person may see.
var glance = slot.Widget{
	ID: "house.glance", Title: "shell.glance", Icon: "gauge", Template: "glance", Data: figures,
}

func figures(ctx context.Context, a slot.Asker) (any, error) {
	offers, err := slot.Statistics.Ask(ctx, a)
	if err != nil {
		return nil, err
	}
	var lines []figure
	for _, o := range offers {
		if !a.Person.Can(o.What.Permission) {
			continue
		}
		n, err := o.What.Figure(ctx, a)
		if err != nil {
			return nil, err
		}
		lines = append(lines, figure{Title: o.What.Title, Icon: o.What.Icon, Link: o.What.Link, Number: n, Hue: hue(o.What.ID)})
	}
	return lines, nil
}

// hasBins reports whether the person may open any bin.
func (s *Shell) hasBins(v *web.Visit, active map[string]bool) bool {
	return slices.ContainsFunc(slot.Bins.Among(s.offers(), active), func(b slot.Bin) bool { return v.Can(b.Permission) })
}

// hasFigures reports whether the card has anything to show to this person.
func (s *Shell) hasFigures(v *web.Visit, active map[string]bool) bool {
	return slices.ContainsFunc(slot.Statistics.Among(s.offers(), active), func(f slot.Statistic) bool { return v.Can(f.Permission) })
}

// figure is one number of the card; Title is a words key.
type figure struct {
	Title, Icon, Link string
	Number            int64
	Hue               int
}
