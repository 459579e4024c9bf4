package brand

import (
	"context"

	"runes.im/platform/store"
)

// publicPages reports whether the organisation shows pages to people who are not signed in.
func publicPages(context.Context, store.Reader) (bool, error) { return true, nil }

// brandColour is the colour of the organisation.
func brandColour(context.Context, store.Reader) (string, error) { return "#2f45f5", nil }

// publicLogo is the local address of the logo that anybody may read; empty without one.
func publicLogo(ctx context.Context, r store.Reader) (string, error) {
	s, err := loginIn(ctx, r, "state = 'published'")
	if err != nil || s == nil || s.Logo == "" {
		return "", err
	}
	return loginPicture("logo", s.Logo), nil
}
