package brand

import (
	"context"

	"runes.im/platform/slot"
)

// shelf hands the pictures of the library to other runes: mails and documents take the bytes, pages the address.
var shelf = slot.Shelf{Kind: "brand.asset", Read: readShelf}

func readShelf(ctx context.Context, a slot.Asker, id string, side int) (*slot.Picture, error) {
	found, err := assets.One(ctx, a.Tenant.DB, a.Person, id)
	if err != nil {
		return nil, err
	}
	p, err := found.picture(ctx, a.Tenant, side)
	if err != nil {
		return nil, err
	}
	return &slot.Picture{Title: found.Name, Type: p.Type, Content: p.Content, Address: pictureAt(found, side)}, nil
}
