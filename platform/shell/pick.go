package shell

import (
	"net/http"

	"runes.im/platform/fault"
	"runes.im/platform/slot"
	"runes.im/platform/web"
)

const picked = 20 // records in the list of a picker

type pickLine struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Subtitle string `json:"subtitle,omitempty"`
}

// picker is the one for the kind that the address or the form names; one the person may not use does not exist.
func picker(v *web.Visit) (slot.Picker, error) {
	offers, err := slot.Pickers.Ask(v.Context(), v.Asker())
	if err != nil {
		return slot.Picker{}, err
	}
	for _, o := range offers {
		if o.What.Kind == v.Form("kind") && v.Can(o.What.Permission) {
			return o.What, nil
		}
	}
	return slot.Picker{}, fault.New(fault.NotFound, "web.not_found")
}

// pick answers with the records that fit what was typed.
func pick(v *web.Visit) error {
	p, err := picker(v)
	if err != nil {
		return err
	}
	found, err := p.Find(v.Context(), v.Asker(), v.Form("q"), picked)
	if err != nil {
		return err
	}
	lines := []pickLine{}
	for _, one := range found {
		lines = append(lines, pickLine(one))
	}
	return v.JSON(http.StatusOK, map[string]any{"found": lines, "create": p.Create != nil && v.Can(p.Manage)})
}

// pickNew makes a record that has only a name yet.
func pickNew(v *web.Visit) error {
	p, err := picker(v)
	if err != nil {
		return err
	}
	if p.Create == nil || !v.Can(p.Manage) {
		return fault.New(fault.NotFound, "web.not_found")
	}
	made, err := p.Create(v.Context(), v.Asker(), v.Form("name"))
	if err != nil {
		return err
	}
	return v.JSON(http.StatusCreated, pickLine(made))
}
