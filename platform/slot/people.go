package slot

import (
	"context"

	"runes.im/platform/store"
)

// HandOver gives everything that a person is answerable for to another, all of it or nothing: it belongs to the caller's
// write.
func HandOver(ctx context.Context, tx *store.Tx, offers []Owned, from, to string) error {
	for _, o := range offers {
		if err := o.HandOver(ctx, tx, from, to); err != nil {
			return err
		}
	}
	return nil
}

// Known is what one rune knows about a person.
type Known struct {
	Rune  string `json:"rune"`
	Title string `json:"title"` // words key, until whoever shows it puts the text in
	Data  any    `json:"data"`
}

// KnownAbout gathers what the runes know about a person; runes that know nothing are left out.
func KnownAbout(ctx context.Context, r store.Reader, offers []Answer[Personal], s Subject) ([]Known, error) {
	all := []Known{}
	for _, o := range offers {
		data, err := o.What.Export(ctx, r, s)
		if err != nil {
			return nil, err
		}
		if data != nil {
			all = append(all, Known{Rune: o.Rune, Title: o.What.Title, Data: data})
		}
	}
	return all, nil
}

// Forget ends what the runes know about a person, in the caller's write. What the law wants kept has no Erase.
func Forget(ctx context.Context, tx *store.Tx, offers []Personal, s Subject) error {
	for _, o := range offers {
		if o.Erase == nil {
			continue
		}
		if err := o.Erase(ctx, tx, s); err != nil {
			return err
		}
	}
	return nil
}
