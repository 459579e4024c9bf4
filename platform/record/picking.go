package record

import (
	"slices"

	"runes.im/platform/slot"
	"runes.im/platform/web"
)

// newest are the records of a kind that a form offers without script: those that somebody worked on last, and the one
// that is chosen already.
func newest(v *web.Visit, kind, chosen string) ([]Option, error) {
	options := []Option{{}}
	offers, err := slot.Pickers.Ask(v.Context(), v.Asker())
	if err != nil {
		return nil, err
	}
	for _, o := range offers {
		if o.What.Kind != kind || !v.Can(o.What.Permission) {
			continue
		}
		found, err := o.What.Find(v.Context(), v.Asker(), "", 30)
		if err != nil {
			return nil, err
		}
		for _, one := range found {
			options = append(options, Option{Value: one.ID, Text: one.Title})
		}
	}
	if chosen == "" || slices.ContainsFunc(options, func(o Option) bool { return o.Value == chosen }) {
		return options, nil
	}
	title, err := titleOf(v, kind, chosen)
	if err != nil || title == "" {
		return options, err // a deleted one, or one that the person may not see
	}
	return append(options, Option{Value: chosen, Text: title}), nil
}

// titleOf is what a record of any rune is called, for those who may see it.
func titleOf(v *web.Visit, kind, id string) (string, error) {
	offers, err := slot.RefTitles.Ask(v.Context(), v.Asker())
	if err != nil {
		return "", err
	}
	for _, o := range offers {
		if o.What.Kind != kind {
			continue
		}
		titles, err := o.What.Resolve(v.Context(), v.Asker(), []string{id})
		return titles[id].Text, err
	}
	return "", nil
}
