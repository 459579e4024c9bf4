package brand

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"runes.im/platform/audit"
	"runes.im/platform/fault"
	"runes.im/platform/picture"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	palette "runes.im/platform/theme"
)

// design is how every page looks: colours, a name and pictures of the library, never CSS.
type design struct {
	Name      string            `json:"name" form:"name"` // of the platform; empty: the organisation's
	Header    string            `json:"header" form:"header"`
	Primary   string            `json:"primary" form:"primary"`
	Secondary string            `json:"secondary" form:"secondary"`
	Accent    string            `json:"accent" form:"accent"`
	Tint      string            `json:"tint" form:"tint"`
	Success   string            `json:"success" form:"success"`
	Warning   string            `json:"warning" form:"warning"`
	Danger    string            `json:"danger" form:"danger"`
	FocusX    int               `json:"focus_x" form:"focus_x"` // of the banner, in hundredths from the left
	FocusY    int               `json:"focus_y" form:"focus_y"`
	Pictures  map[string]string `json:"pictures"` // which → asset
	base      *string           // id of the look it began with; nil: whatever was there may be written over
}

// houseDesign is how pages look as they come.
func houseDesign() *design {
	return &design{Header: "glass", Primary: palette.House, FocusX: 50, FocusY: 50, Pictures: map[string]string{}}
}

var (
	headers = []string{"glass", "solid", "image"}
	// pictures are the places for pictures, with the longest side each is kept in.
	places = []string{"logo", "logo_dark", "logo_mono", "icon", "banner"}
	sides  = map[string]int{"logo": 640, "logo_dark": 640, "logo_mono": 640, "icon": 256, "banner": 0}
)

// colours are the fields of the palette, by name.
func (d *design) colours() map[string]*string {
	return map[string]*string{
		"primary": &d.Primary, "secondary": &d.Secondary, "accent": &d.Accent, "tint": &d.Tint,
		"success": &d.Success, "warning": &d.Warning, "danger": &d.Danger,
	}
}

var colourNames = []string{"primary", "secondary", "accent", "tint", "success", "warning", "danger"}

func (d *design) palette() palette.Palette {
	return palette.Palette{Brand: d.Primary, Accent: d.Accent, Tint: d.Tint, Success: d.Success, Warning: d.Warning, Danger: d.Danger}
}

func (d *design) check(ctx context.Context, r store.Reader) error {
	f := fault.Form{}
	for name, colour := range d.colours() {
		f.Need(palette.IsHex(*colour) || *colour == "" && name != "primary", name, "brand.login.colour_form")
	}
	f.Need(slices.Contains(headers, d.Header), "header", "brand.theme.choose_header")
	f.Need(utf8.RuneCountInString(d.Name) <= 60, "name", "brand.login.too_long", "max", 60)
	f.Need(!strings.ContainsAny(d.Name, "<>{}|") && !strings.ContainsFunc(d.Name, func(r rune) bool { return r < ' ' }), "name", "brand.login.plain_text")
	f.Need(d.FocusX >= 0 && d.FocusX <= 100, "focus_x", "brand.theme.focus_form")
	f.Need(d.FocusY >= 0 && d.FocusY <= 100, "focus_y", "brand.theme.focus_form")
	for _, which := range places {
		if d.Pictures[which] == "" {
			continue
		}
		a, err := assetOrNone(ctx, r, d.Pictures[which])
		if err != nil {
			return err
		}
		f.Need(a != nil && !(which == "banner" && a.isVector()), which, "brand.login.choose_picture")
	}
	f.Need(d.Header != "image" || d.Pictures["banner"] != "", "banner", "brand.theme.need_banner")
	return f.Err()
}

// ThemePublished says that every page looks different from now on.
type ThemePublished struct {
	ID string `json:"id"`
}

// Topic is the event's name.
func (ThemePublished) Topic() string { return "brand.theme_published" }

// saveDesign keeps what somebody is designing. Nobody else sees it.
func saveDesign(ctx context.Context, tx *store.Tx, d *design) error {
	if err := d.unraced(ctx, tx); err != nil {
		return err
	}
	return themes.save(ctx, tx, d)
}

// publishDesign dresses every page of the organisation, also those that are open.
func publishDesign(ctx context.Context, t *tenant.Tenant, d *design) error {
	if err := d.check(ctx, t.DB); err != nil {
		return err
	}
	staged, err := stageSpots(ctx, t, d.spots())
	defer discard(staged)
	if err != nil {
		return err
	}
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := d.unraced(ctx, tx); err != nil {
			return err
		}
		before, err := themes.published(ctx, tx)
		if err != nil {
			return err
		}
		row, err := themes.publish(ctx, tx, t, d, staged)
		if err != nil {
			return err
		}
		tellPages(ctx, tx, t)
		entry := audit.Entry{Action: "brand.theme_published", Object: "brand.theme", After: map[string]any{"theme": d}}
		if before != nil {
			entry.Before = map[string]any{"theme": before.Design}
		}
		if err := audit.Record(ctx, tx, entry); err != nil {
			return err
		}
		return tx.Emit(ctx, ThemePublished{ID: row})
	})
}

// spots are the pictures that the look shows.
func (d *design) spots() map[string]spot {
	all := map[string]spot{}
	for _, which := range places {
		if d.Pictures[which] != "" {
			all[which] = spot{d.Pictures[which], d.shape(which)}
		}
	}
	return all
}

// shape is how a picture is cut for its place; the banner to 21:9 around its focus.
func (d *design) shape(which string) picture.Shape {
	if which == "banner" {
		return picture.Shape{Width: 2100, Height: 900, Fill: true, FocusX: float64(d.FocusX), FocusY: float64(d.FocusY)}
	}
	return picture.Shape{Width: sides[which], Height: sides[which]}
}
