package brand

import (
	"bytes"
	"context"

	"runes.im/platform/blob"
	"runes.im/platform/fault"
	"runes.im/platform/picture"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// published pages hold copies of their pictures, cut to their places. When an asset gets another picture they follow at
// once; past designs keep what they showed.
type following struct {
	theme *kept[design]
	login *kept[loginDesign]
	cut   map[string]*blob.Staged // place of the theme → its new picture
	sheet map[string]*blob.Staged // "picture", "logo" of the sign-in page
}

// placesOf cuts the new picture for every published place where the asset stands.
func placesOf(ctx context.Context, t *tenant.Tenant, a *Asset, p *picture.Picture) (*following, error) {
	f := &following{cut: map[string]*blob.Staged{}, sheet: map[string]*blob.Staged{}}
	var err error
	if f.theme, err = themes.published(ctx, t.DB); err != nil {
		return f, err
	}
	if f.login, err = logins.published(ctx, t.DB); err != nil {
		return f, err
	}
	if f.theme != nil {
		if err := a.cutFor(ctx, t, p, f.theme.Design.spots(), "banner", f.cut); err != nil {
			return f, err
		}
	}
	if f.login != nil {
		err = a.cutFor(ctx, t, p, f.login.Design.spots(), "picture", f.sheet)
	}
	return f, err
}

// cutFor cuts the picture for the places where the asset stands; the named one is no place for a drawing.
func (a *Asset) cutFor(ctx context.Context, t *tenant.Tenant, p *picture.Picture, spots map[string]spot, pixels string, into map[string]*blob.Staged) error {
	for which, at := range spots {
		if at.asset != a.ID {
			continue
		}
		if which == pixels && a.isVector() {
			return fault.New(fault.Invalid, "brand.asset.needs_pixels")
		}
		cut, err := stageCut(ctx, t, p, at.shape)
		if err != nil {
			return err
		}
		into[which] = cut
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
		if err := themes.exchange(ctx, tx, t, f.theme, f.cut); err != nil {
			return err
		}
		tellPages(ctx, tx, t)
	}
	if len(f.sheet) > 0 {
		return logins.exchange(ctx, tx, t, f.login, f.sheet)
	}
	return nil
}

// unraced refuses when somebody published another design since the pictures were cut.
func (f *following) unraced(ctx context.Context, tx *store.Tx) error {
	theme, err := themes.published(ctx, tx)
	if err != nil {
		return err
	}
	login, err := logins.published(ctx, tx)
	if err != nil {
		return err
	}
	if (theme == nil) != (f.theme == nil) || (login == nil) != (f.login == nil) || theme != nil && theme.ID != f.theme.ID || login != nil && login.ID != f.login.ID {
		return fault.New(fault.Precondition, "record.changed_meanwhile")
	}
	return nil
}
