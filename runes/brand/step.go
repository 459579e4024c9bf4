package brand

import (
	"context"

	"runes.im/platform/slot"
)

// profileStep and lookStep come first when an organisation is set up: everything that leaves the house bears name and look.
var (
	profileStep = slot.Step{
		ID: "brand.profile", Icon: "building-2", Title: "brand.step_profile", Text: "brand.step_profile_text", Link: "/brand/profile", Order: 10,
		Done: stands(`SELECT EXISTS (SELECT 1 FROM brand_profile WHERE city <> '')`),
	}
	lookStep = slot.Step{
		ID: "brand.look", Icon: "palette", Title: "brand.step_look", Text: "brand.step_look_text", Link: "/brand/settings", Order: 20,
		Done: stands(`SELECT EXISTS (SELECT 1 FROM brand_themes WHERE state = 'published')`),
	}
)

// stands reports what a query of one value says.
func stands(query string) func(context.Context, slot.Asker) (bool, error) {
	return func(ctx context.Context, a slot.Asker) (done bool, err error) {
		err = a.Tenant.DB.QueryRow(ctx, query).Scan(&done)
		return done, err
	}
}
