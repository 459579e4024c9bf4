package brand

import (
	"bytes"
	"context"
	"encoding/json"

	"runes.im/platform/blob"
	"runes.im/platform/fault"
	"runes.im/platform/picture"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// published pages hold copies of their pictures, cut to their places. When an asset gets another picture they follow at
// once; past designs keep what they showed.
type following struct {
	theme *savedDesign
	login *savedLogin
	cut   map[string]*blob.Staged // place of the theme → its new picture
	sheet map[string]*blob.Staged // "picture", "logo" of the sign-in page
}

// placesOf cuts the new picture for every published place where the asset stands.
func placesOf(ctx context.Context, t *tenant.Tenant, a *Asset, p *picture.Picture) (*following, error) {
	f := &following{cut: map[string]*blob.Staged{}, sheet: map[string]*blob.Staged{}}
	var err error
	if f.theme, err = designIn(ctx, t.DB, "state = 'published'"); err != nil {
		return f, err
	}
	if f.login, err = loginIn(ctx, t.DB, "state = 'published'"); err != nil {
		return f, err
	}
	if f.theme != nil {
		for _, which := range places {
			if f.theme.Design.Pictures[which] != a.ID {
				continue
			}
			if err := a.fits(which == "banner"); err != nil {
				return f, err
			}
			cut, err := stageCut(ctx, t, p, f.theme.Design.shape(which))
			if err != nil {
				return f, err
			}
			f.cut[which] = cut
		}
	}
	if f.login != nil {
		for which, place := range f.login.Design.places() {
			if place.asset != a.ID {
				continue
			}
			if err := a.fits(which == "picture"); err != nil {
				return f, err
			}
			cut, err := stageCut(ctx, t, p, picture.Shape{Width: place.side, Height: place.side})
			if err != nil {
				return f, err
			}
			f.sheet[which] = cut
		}
	}
	return f, nil
}

// fits refuses a drawing where a published page needs a picture of pixels.
func (a *Asset) fits(pixels bool) error {
	if pixels && a.isVector() {
		return fault.New(fault.Invalid, "brand.asset.needs_pixels")
	}
	return nil
}

// stageCut brings a picture into its shape; a drawing has every size.
func stageCut(ctx context.Context, t *tenant.Tenant, p *picture.Picture, shape picture.Shape) (*blob.Staged, error) {
	if p.Type != vector {
		var err error
		if p, err = picture.Read(ctx, bytes.NewReader(p.Content), shape); err != nil {
			return nil, err
		}
	}
	return stage(ctx, t, p)
}

func (f *following) discard() {
	discard(f.cut)
	discard(f.sheet)
}

func discard(staged map[string]*blob.Staged) {
	for _, s := range staged {
		s.Discard()
	}
}

// follow puts the new pictures into the published pages, if they are still the ones they were cut for.
func (f *following) follow(ctx context.Context, tx *store.Tx, t *tenant.Tenant) error {
	if err := f.unraced(ctx, tx); err != nil {
		return err
	}
	if len(f.cut) > 0 {
		for which, s := range f.cut {
			if err := exchange(ctx, tx, t, s, f.theme.contents[which]); err != nil {
				return err
			}
			f.theme.contents[which] = s.ID
		}
		contents, err := json.Marshal(f.theme.contents)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE brand_themes SET pictures = ? WHERE id = ?`, string(contents), f.theme.ID); err != nil {
			return err
		}
		tellPages(ctx, tx, t)
	}
	for which, s := range f.sheet {
		column, had := "picture", f.login.Picture
		if which == "logo" {
			column, had = "logo", f.login.Logo
		}
		if err := exchange(ctx, tx, t, s, had); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE brand_logins SET `+column+` = ? WHERE id = ?`, s.ID, f.login.ID); err != nil {
			return err
		}
	}
	return nil
}

// unraced refuses when somebody published another design since the pictures were cut.
func (f *following) unraced(ctx context.Context, tx *store.Tx) error {
	theme, err := designIn(ctx, tx, "state = 'published'")
	if err != nil {
		return err
	}
	login, err := loginIn(ctx, tx, "state = 'published'")
	if err != nil {
		return err
	}
	if (theme == nil) != (f.theme == nil) || (login == nil) != (f.login == nil) || theme != nil && theme.ID != f.theme.ID || login != nil && login.ID != f.login.ID {
		return fault.New(fault.Precondition, "record.changed_meanwhile")
	}
	return nil
}

// exchange keeps one content and lets go of another.
func exchange(ctx context.Context, tx *store.Tx, t *tenant.Tenant, s *blob.Staged, had string) error {
	if err := t.Blobs.Keep(ctx, tx, s); err != nil || had == "" {
		return err
	}
	return t.Blobs.Drop(ctx, tx, had)
}
