package brand

import (
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"runes.im/platform/audit"
	"runes.im/platform/fault"
	"runes.im/platform/picture"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
	"runes.im/platform/words"
)

// loginDesign is what somebody chose for the sign-in page: words, colours and pictures, never markup.
type loginDesign struct {
	Layout   string            `json:"layout" form:"layout"`
	Backdrop string            `json:"backdrop" form:"backdrop"`
	Colour   string            `json:"colour" form:"colour"`
	Colour2  string            `json:"colour2" form:"colour2"`
	Picture  string            `json:"picture" form:"picture"` // an asset
	Logo     string            `json:"logo" form:"logo"`       // an asset; empty: the organisation's mark
	Titles   map[string]string `json:"titles"`                 // by language; empty: the house's words
	Texts    map[string]string `json:"texts"`
	Imprint  string            `json:"imprint" form:"imprint"`
	Privacy  string            `json:"privacy" form:"privacy"`
}

// houseLogin is the page as it comes.
func houseLogin() *loginDesign {
	return &loginDesign{
		Layout: "left", Backdrop: "aurora", Colour: "#2f45f5", Colour2: "#0b8a6f",
		Titles: map[string]string{}, Texts: map[string]string{},
	}
}

var (
	layouts   = []string{"left", "centre", "right"}
	backdrops = []string{"aurora", "colour", "gradient", "picture"}
	hexColour = regexp.MustCompile(`^#[0-9a-f]{6}$`)
)

// The longest texts, in letters: a heading of two lines, a paragraph of four.
const (
	maxWelcome = 60
	maxLead    = 240
)

func (d *loginDesign) check(ctx context.Context, r store.Reader) error {
	f := fault.Form{}
	f.Need(slices.Contains(layouts, d.Layout), "layout", "brand.login.choose_layout")
	f.Need(slices.Contains(backdrops, d.Backdrop), "backdrop", "brand.login.choose_backdrop")
	f.Need(hexColour.MatchString(d.Colour), "colour", "brand.login.colour_form")
	f.Need(hexColour.MatchString(d.Colour2), "colour2", "brand.login.colour_form")
	for _, lang := range words.Languages {
		checkText(&f, "title_"+lang, d.Titles[lang], maxWelcome)
		checkText(&f, "text_"+lang, d.Texts[lang], maxLead)
	}
	f.Need(leadsSafely(d.Imprint), "imprint", "brand.login.link_form")
	f.Need(leadsSafely(d.Privacy), "privacy", "brand.login.link_form")
	if d.Backdrop == "picture" {
		a, err := assetOrNone(ctx, r, d.Picture)
		if err != nil {
			return err
		}
		f.Need(a != nil && !a.isVector(), "picture", "brand.login.choose_picture")
	}
	if d.Logo != "" {
		a, err := assetOrNone(ctx, r, d.Logo)
		if err != nil {
			return err
		}
		f.Need(a != nil, "logo", "brand.login.choose_logo")
	}
	return f.Err()
}

func checkText(f *fault.Form, field, text string, most int) {
	f.Need(utf8.RuneCountInString(text) <= most, field, "brand.login.too_long", "max", most)
	f.Need(!strings.ContainsAny(text, "<>{}") && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' }), field, "brand.login.plain_text")
}

// leadsSafely accepts pages of this site and of the secure web, and nothing that a browser would run.
func leadsSafely(address string) bool {
	if address == "" || web.Local(address) {
		return true
	}
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && len(address) <= 500 && web.Local("/"+address)
}

// assetOrNone is the asset, or nil where there is none.
func assetOrNone(ctx context.Context, r store.Reader, id string) (*Asset, error) {
	a, err := assets.One(ctx, r, nil, id)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return a, err
}

// publishLogin shows a design to everybody.
func publishLogin(ctx context.Context, t *tenant.Tenant, d *loginDesign) error {
	if err := d.check(ctx, t.DB); err != nil {
		return err
	}
	staged, err := stageSpots(ctx, t, d.spots())
	defer discard(staged)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := logins.publish(ctx, tx, t, d, staged); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "brand.login_published", Object: "brand.login", After: map[string]any{"design": string(raw)}})
	})
}

// spots are the pictures that the page shows.
func (d *loginDesign) spots() map[string]spot {
	all := map[string]spot{}
	if d.Backdrop == "picture" {
		all["picture"] = spot{d.Picture, picture.Shape{Width: 2560, Height: 2560}}
	}
	if d.Logo != "" {
		all["logo"] = spot{d.Logo, picture.Shape{Width: 640, Height: 640}}
	}
	return all
}

// look is how the design reads in one language.
func (d *loginDesign) look(lang string) *slot.LoginDesign {
	l := &slot.LoginDesign{Layout: d.Layout, Backdrop: d.Backdrop, Colours: [2]string{d.Colour, d.Colour2}, Title: d.Titles[lang], Text: d.Texts[lang]}
	if d.Imprint != "" {
		l.Links = append(l.Links, slot.LoginLink{Text: "brand.login.imprint", Href: d.Imprint})
	}
	if d.Privacy != "" {
		l.Links = append(l.Links, slot.LoginLink{Text: "brand.login.privacy", Href: d.Privacy})
	}
	return l
}

// showToAll is the answer to the house's question how the sign-in page looks. Without a published design there is none.
func showToAll(ctx context.Context, a slot.Asker, lang string) (*slot.LoginDesign, error) {
	s, err := logins.published(ctx, a.Tenant.DB)
	if err != nil || s == nil {
		return nil, err
	}
	l := s.Design.look(lang)
	if content := s.contents["picture"]; content != "" {
		l.Picture = loginPicture("background", content)
	}
	if content := s.contents["logo"]; content != "" {
		l.Logo = loginPicture("logo", content)
	}
	return l, nil
}

// loginPicture is the address of a picture of the published design; it changes with the picture.
func loginPicture(which, content string) string {
	return "/brand/login/" + which + "?v=" + content[:12]
}
