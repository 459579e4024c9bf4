package brand

import (
	"context"

	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/platform/theme"
)

// publicPages reports whether the organisation shows pages to people who are not signed in.
func publicPages(ctx context.Context, r store.Reader) (bool, error) {
	n, err := networkOf(ctx, r)
	return err == nil && n.IsPublic, err
}

// brandColour is the colour of the organisation as text on paper: dark enough to be read, whatever was chosen.
func brandColour(ctx context.Context, r store.Reader) (string, error) {
	d := houseDesign()
	s, err := themes.published(ctx, r)
	if err != nil {
		return "", err
	}
	if s != nil {
		d = s.Design
	}
	for _, value := range d.palette().Light() {
		if value.Name == "brand-ink" {
			return value.Hex, nil
		}
	}
	return theme.House, nil
}

// publicLogo is the local address of the logo that anybody may read: that of the theme, else that of the sign-in page.
// Empty without one.
func publicLogo(ctx context.Context, r store.Reader) (string, error) {
	if t := tenant.From(ctx); t != nil {
		w, err := wornBy(ctx, t)
		if err != nil || w.look.Logo != "" {
			return w.logo(), err
		}
	}
	s, err := logins.published(ctx, r)
	if err != nil || s == nil || s.contents["logo"] == "" {
		return "", err
	}
	return loginPicture("logo", s.contents["logo"]), nil
}

func (w *worn) logo() string {
	if w == nil {
		return ""
	}
	return w.look.Logo
}
