package brand

import (
	"context"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// unraced refuses to write over a look that somebody else saved since this one was begun, and says what differs. Who saves
// once more has seen it.
func (d *design) unraced(ctx context.Context, tx *store.Tx) error {
	if d.base == nil {
		return nil
	}
	s, err := themes.latest(ctx, tx)
	if err != nil {
		return err
	}
	theirs, id := houseDesign(), ""
	if s != nil {
		theirs, id = s.Design, s.ID
	}
	if id == *d.base {
		return nil
	}
	return fault.New(fault.Invalid, "brand.theme.raced", "theirs", strings.Join(theirs.unlike(d), ", "))
}

// unlike is what this look has that the other has not, as the fields are called in files: colours and names speak for themselves.
func (d *design) unlike(other *design) []string {
	var all []string
	add := func(was, is string) {
		if was != is {
			all = append(all, "“"+is+"”")
		}
	}
	add(other.Name, d.Name)
	add(other.Header, d.Header)
	for _, name := range colourNames {
		add(*other.colours()[name], *d.colours()[name])
	}
	return all
}
