package brand

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"runes.im/platform/fault"
	"runes.im/platform/picture"
	"runes.im/platform/record"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/web"

	palette "runes.im/platform/theme"
)

func themeRoutes(r *web.Router) {
	const right = "manage_tenant_identity"
	r.Get("/settings", right, showSettings)
	r.Post("/settings", right, saveSettings)
	r.Post("/settings/publish", right, publishSettings)
	r.Get("/settings/pair", right, showPair)
	r.Post("/settings/preview", right, previewSettings)
	r.Post("/settings/discard", right, discardSettings)
	r.Post("/settings/restore/{id}", right, restoreSettings)
	r.PostFile("/settings/picture", right, picture.MaxBytes, uploadPicture, refusePicture)
}

// settingsPage is what the template brand_settings draws.
type settingsPage struct {
	web.Problems
	*design
	Colours []colourField
	Headers []record.Option
	Places  []placeField
	Banner  string
	Company string
	Vars    string // the colours of the preview, as JSON
	Nav     []settingsLink
	states
	Base                  string // the look that this one began with
	PrimaryHint, PrimaryB string // what becomes of the colour, and the one that stays as it is
}

// colourField is one colour of the palette.
type colourField struct {
	Name, Value, Shown, Label, Help, Problem string
	Needed                                   bool
}

// placeField is a place for a picture.
type placeField struct {
	Name, Value, Label, Help, Problem, Src string
	Options                                []record.Option
	IsDark                                 bool
}

// settingsLink is one section of the settings; only those that the person may open are there.
type settingsLink struct {
	Text, Href, Icon string
	Current, Bare    bool
	Count            int
}

func settingsNav(v *web.Visit, here string) []settingsLink {
	var all []settingsLink
	for _, l := range []struct{ right, text, href, icon string }{
		{"manage_tenant_identity", "brand.theme.look", "/brand/settings", "palette"},
		{"manage_network_governance", "brand.network.title", "/brand/network", "globe"},
	} {
		if v.Can(l.right) {
			all = append(all, settingsLink{Text: v.T(l.text), Href: l.href, Icon: l.icon, Current: l.href == here})
		}
	}
	return all
}

func showSettings(v *web.Visit) error {
	d, err := themes.edited(v.Context(), v.DB)
	if err != nil {
		return err
	}
	page, err := settings(v, d)
	if err != nil {
		return err
	}
	return v.Page("brand_settings", page)
}

func settings(v *web.Visit, d *design) (*settingsPage, error) {
	p := &settingsPage{design: d, Company: v.Tenant.Name, Nav: settingsNav(v, "/brand/settings")}
	p.putColours(v)
	for _, h := range headers {
		p.Headers = append(p.Headers, record.Option{Value: h, Text: v.T("brand.theme.header_" + h)})
	}
	if err := p.putPlaces(v); err != nil {
		return nil, err
	}
	var err error
	if p.states, err = themes.states(v); err != nil {
		return nil, err
	}
	latest, err := themes.latest(v.Context(), v.DB)
	if err != nil {
		return nil, err
	}
	if latest != nil {
		p.Base = latest.ID
	}
	v.Title(v.T("brand.theme.title"))
	v.Crumb(v.T("brand.name"), "/brand")
	v.Crumb(v.T("brand.theme.title"), "")
	return p, nil
}

func (p *settingsPage) putColours(v *web.Visit) {
	for _, name := range colourNames {
		value := *p.colours()[name]
		f := colourField{Name: name, Value: value, Shown: value, Label: v.T("brand.theme." + name), Help: v.T("brand.theme." + name + "_help"), Needed: name == "primary"}
		if !palette.IsHex(value) {
			f.Shown = houseColours[name]
		}
		p.Colours = append(p.Colours, f)
	}
	answer := preview(v, p.design)
	p.Vars, p.PrimaryHint, p.PrimaryB = answer.vars(), answer.Hint, answer.Better
}

// houseColours are shown in the box of a colour that nobody has chosen.
var houseColours = map[string]string{
	"primary": palette.House, "secondary": "#0b8a6f", "accent": palette.House, "tint": palette.House,
	"success": "#00652e", "warning": "#7f4e00", "danger": "#a9182b",
}

func (p *settingsPage) putPlaces(v *web.Visit) error {
	all, err := assets.List(v.Context(), v.DB, v.Person, record.Query{Limit: 500})
	if err != nil {
		return err
	}
	for _, which := range places {
		f := placeField{
			Name: which, Value: p.Pictures[which], Label: v.T("brand.theme." + which), Help: v.T("brand.theme." + which + "_help"),
			Options: []record.Option{{Text: v.T("brand.login.no_picture")}}, IsDark: which == "logo_dark",
		}
		for _, a := range all {
			if which == "banner" && a.isVector() {
				continue
			}
			f.Options = append(f.Options, record.Option{Value: a.ID, Text: a.Name})
			if a.ID == f.Value {
				f.Src = pictureAt(a, previewSide)
			}
		}
		if which == "banner" {
			p.Banner = f.Src
		}
		p.Places = append(p.Places, f)
	}
	return nil
}

// typed is the theme in the form. What was typed stays, right or wrong.
func typed(v *web.Visit) *design {
	d := houseDesign()
	v.Fill(d)
	d.base = begun(v)
	for _, which := range places {
		if asset := v.Form(which); asset != "" {
			d.Pictures[which] = asset
		}
	}
	return d
}

// begun is the id of the look that the page was drawn from.
func begun(v *web.Visit) *string {
	if !v.Values().Has("base") {
		return nil
	}
	base := v.Form("base")
	return &base
}

// previewed is what the preview wears.
type previewed struct {
	Light  map[string]string `json:"light"`
	Dark   map[string]string `json:"dark"`
	Hint   string            `json:"hint"`   // what becomes of the first colour
	Better string            `json:"better"` // the colour that stays as it is; empty: the chosen one does
}

func preview(v *web.Visit, d *design) *previewed {
	shown := *d
	for name, colour := range shown.colours() {
		if !palette.IsHex(*colour) {
			*colour = map[string]string{"primary": palette.House}[name]
		}
	}
	answer := &previewed{Light: map[string]string{}, Dark: map[string]string{}}
	for _, value := range shown.palette().Light() {
		answer.Light[value.Name] = value.Hex
	}
	for _, value := range shown.palette().Dark() {
		answer.Dark[value.Name] = value.Hex
	}
	pair := palette.PairOf(shown.Primary)
	answer.Hint = pairing(v, shown.Primary, pair)
	if pair.Fill != shown.Primary {
		answer.Better = pair.Fill
	}
	return answer
}

// pairing says what becomes of a colour with text on it.
func pairing(v *web.Visit, colour string, pair palette.Pair) string {
	ratio := fmt.Sprintf("%.1f", pair.Ratio)
	if pair.Fill != colour {
		return v.T("brand.theme.pair_mended", "colour", colour, "fill", pair.Fill, "ratio", ratio)
	}
	return v.T("brand.theme.pair", "ratio", ratio)
}

// showPair answers while somebody chooses a colour.
func showPair(v *web.Visit) error {
	colour := v.Query("colour")
	if !palette.IsHex(colour) {
		return fault.New(fault.NotFound, "web.not_found")
	}
	pair := palette.PairOf(colour)
	return v.JSON(http.StatusOK, map[string]string{"fill": pair.Fill, "text": pair.Text, "said": pairing(v, colour, pair)})
}

func previewSettings(v *web.Visit) error { return v.JSON(http.StatusOK, preview(v, typed(v))) }

func saveSettings(v *web.Visit) error {
	d := typed(v)
	err := d.check(v.Context(), v.DB)
	if err == nil {
		err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return saveDesign(ctx, tx, d) })
	}
	if err != nil {
		return settingsAgain(v, d, err)
	}
	v.Flash(v.T("brand.theme.saved"), "")
	return v.Go("/brand/settings")
}

func publishSettings(v *web.Visit) error {
	d := typed(v)
	if err := publishDesign(v.Context(), v.Tenant, d); err != nil {
		return settingsAgain(v, d, err)
	}
	v.Flash(v.T("brand.theme.published"), "")
	return v.Go("/brand/settings")
}

func settingsAgain(v *web.Visit, d *design, err error) error {
	f := fault.Of(err)
	if f == nil || f.Kind != fault.Invalid {
		return err
	}
	p, drawing := settings(v, d)
	if drawing != nil {
		return drawing
	}
	if f.Key != "brand.theme.raced" {
		p.Base = v.Form("base") // who was not told yet is still to be told
	}
	say := func(field string) string {
		if problem, ok := f.Problems[field]; ok {
			return v.T(problem.Key, problem.Args...)
		}
		return ""
	}
	for n := range p.Colours {
		p.Colours[n].Problem = say(p.Colours[n].Name)
	}
	for n := range p.Places {
		p.Places[n].Problem = say(p.Places[n].Name)
	}
	return v.Again("brand_settings", p, err)
}

func discardSettings(v *web.Visit) error {
	d := typed(v)
	err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		if err := d.unraced(ctx, tx); err != nil {
			return err
		}
		return themes.drop(ctx, tx)
	})
	if err != nil {
		return settingsAgain(v, d, err)
	}
	v.Flash(v.T("brand.login.discarded"), "")
	return v.Go("/brand/settings")
}

// restoreSettings makes an earlier theme the draft: it is looked at before others see it.
func restoreSettings(v *web.Visit) error {
	d, err := themes.pastOne(v.Context(), v.DB, v.Param("id"))
	if err != nil {
		return err
	}
	d.base = begun(v)
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return saveDesign(ctx, tx, d) })
	if err != nil {
		return settingsAgain(v, d, err)
	}
	v.Flash(v.T("brand.theme.restored"), "")
	return v.Go("/brand/settings")
}

func problem(field, key string, args ...any) error {
	return &fault.Fault{Kind: fault.Invalid, Key: "fault.form", Problems: map[string]fault.Problem{field: {Key: key, Args: args}}}
}

var looks = slot.Look{Of: lookOf, Usable: usableFrom, Logo: logoOf}

// vars is the preview as an attribute of the page.
func (p *previewed) vars() string {
	raw, err := json.Marshal(p)
	if err != nil {
		return "{}" // maps of strings always encode
	}
	return string(raw)
}
