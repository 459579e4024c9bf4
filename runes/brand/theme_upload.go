package brand

import (
	"context"

	"runes.im/platform/fault"
	"runes.im/platform/picture"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// uploadPicture puts a file into the library and into its place of the draft.
func uploadPicture(v *web.Visit) error {
	d, err := themes.edited(v.Context(), v.DB)
	if err != nil {
		return err
	}
	if v.Form("primary") != "" {
		d = typed(v) // what was not saved yet comes along
	}
	which := v.Form("place")
	files := v.Files("file")
	if _, known := sides[which]; !known || len(files) == 0 {
		return settingsAgain(v, d, problem(which, "brand.login.choose_picture"))
	}
	head := files[0]
	file, err := head.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	p, err := readUpload(v.Context(), file)
	if f := fault.Of(err); f != nil {
		return settingsAgain(v, d, problem(which, f.Key, f.Args...))
	}
	if err != nil {
		return err
	}
	a, err := addAsset(v.Context(), v.Tenant, head.Filename, p)
	if err != nil {
		return err
	}
	d.Pictures[which] = a.ID
	if err := d.check(v.Context(), v.DB); err != nil {
		return settingsAgain(v, d, err)
	}
	if err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return saveDesign(ctx, tx, d) }); err != nil {
		return err
	}
	v.Flash(v.T("brand.theme.picture_added"), "")
	return v.Go("/brand/settings")
}

// refusePicture shows the settings again to somebody whose picture is too large.
func refusePicture(v *web.Visit) error {
	d, err := themes.edited(v.Context(), v.DB)
	if err != nil {
		return err
	}
	return settingsAgain(v, d, fault.New(fault.Invalid, "picture.too_large", "max", picture.MaxBytes>>20))
}
