package brand

import (
	"context"

	"runes.im/platform/audit"
	"runes.im/platform/fault"
	"runes.im/platform/record"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/web"
	"runes.im/platform/words"
)

func loginRoutes(r *web.Router) {
	r.Get("/login", "manage_tenant_identity", showLoginDesigner)
	r.Post("/login", "manage_tenant_identity", saveLogin)
	r.Post("/login/preview", "manage_tenant_identity", previewLogin)
	r.Post("/login/publish", "manage_tenant_identity", publishDraft)
	r.Post("/login/discard", "manage_tenant_identity", discardDraft)
	r.Post("/login/restore/{id}", "manage_tenant_identity", restoreLogin)
	r.Get("/login/background", web.Public, showLoginPicture)
	r.Get("/login/logo", web.Public, showLoginPicture)
}

// designerPage is what the template login_designer draws.
type designerPage struct {
	web.Problems
	*loginDesign
	Face               *loginFace
	Layouts, Backdrops []record.Option
	Pictures, Logos    []record.Option
	Languages          []welcome
	states
}

// welcome is the words of one language.
type welcome struct {
	Lang, Name, Title, Text string
	Open                    bool
}

// loginFace is what the house's template login_face draws: the page as a visitor would see it.
type loginFace struct {
	Company, Email, Next, Problem string
	Keep, Waiting                 bool
	Look                          *slot.LoginDesign
}

func showLoginDesigner(v *web.Visit) error {
	d, err := logins.edited(v.Context(), v.DB)
	if err != nil {
		return err
	}
	p, err := designer(v, d)
	if err != nil {
		return err
	}
	return v.Page("login_designer", p)
}

func designer(v *web.Visit, d *loginDesign) (*designerPage, error) {
	p := &designerPage{loginDesign: d}
	var err error
	if p.Face, err = faceOf(v, d); err != nil {
		return nil, err
	}
	for _, one := range layouts {
		p.Layouts = append(p.Layouts, record.Option{Value: one, Text: v.T("brand.login.layout_" + one)})
	}
	for _, one := range backdrops {
		p.Backdrops = append(p.Backdrops, record.Option{Value: one, Text: v.T("brand.login.backdrop_" + one)})
	}
	for _, lang := range words.Languages {
		p.Languages = append(p.Languages, welcome{
			Lang: lang, Name: v.T("brand.login.in_" + lang), Title: d.Titles[lang], Text: d.Texts[lang], Open: lang == v.Lang(),
		})
	}
	if err := p.fillPictures(v); err != nil {
		return nil, err
	}
	if p.states, err = logins.states(v); err != nil {
		return nil, err
	}
	v.Title(v.T("brand.login.title"))
	v.Crumb(v.T("brand.name"), "/brand")
	v.Crumb(v.T("brand.login.title"), "")
	return p, nil
}

// fillPictures offers the assets: pictures for the background, anything for the logo.
func (p *designerPage) fillPictures(v *web.Visit) error {
	all, err := assets.List(v.Context(), v.DB, v.Person, record.Query{Limit: 500})
	if err != nil {
		return err
	}
	p.Pictures = []record.Option{{Text: v.T("brand.login.no_picture")}}
	p.Logos = []record.Option{{Text: v.T("brand.login.no_logo")}}
	for _, a := range all {
		option := record.Option{Value: a.ID, Text: a.Name}
		if !a.isVector() {
			p.Pictures = append(p.Pictures, option)
		}
		p.Logos = append(p.Logos, option)
	}
	return nil
}

// faceOf shows a design to whoever edits it, with the pictures of the library.
func faceOf(v *web.Visit, d *loginDesign) (*loginFace, error) {
	look := d.look(v.Lang())
	for _, one := range []struct {
		asset string
		to    *string
		side  int
		shown bool
	}{{d.Picture, &look.Picture, 1280, d.Backdrop == "picture"}, {d.Logo, &look.Logo, previewSide, true}} {
		if one.asset == "" || !one.shown {
			continue
		}
		a, err := assetOrNone(v.Context(), v.DB, one.asset)
		if err != nil {
			return nil, err
		}
		if a != nil {
			*one.to = pictureAt(a, one.side)
		}
	}
	look.IsPreview = true
	return &loginFace{Company: v.Tenant.Name, Look: look}, nil
}

// posted is the design in the form. What was typed stays, right or wrong.
func posted(v *web.Visit) *loginDesign {
	d := houseLogin()
	v.Fill(d)
	for _, lang := range words.Languages {
		d.Titles[lang], d.Texts[lang] = oneLine(v.Form("title_"+lang)), oneLine(v.Form("text_"+lang))
	}
	return d
}

func previewLogin(v *web.Visit) error {
	d := posted(v)
	if !hexColour.MatchString(d.Colour) {
		d.Colour = houseLogin().Colour
	}
	if !hexColour.MatchString(d.Colour2) {
		d.Colour2 = houseLogin().Colour2
	}
	face, err := faceOf(v, d)
	if err != nil {
		return err
	}
	return v.Part("login_face", face)
}

func saveLogin(v *web.Visit) error {
	d := posted(v)
	err := d.check(v.Context(), v.DB)
	if err == nil {
		err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return logins.save(ctx, tx, d) })
	}
	if err != nil {
		return designAgain(v, d, err)
	}
	v.Flash(v.T("brand.login.saved"), "")
	return v.Go("/brand/login")
}

func publishDraft(v *web.Visit) error {
	d := posted(v)
	if err := publishLogin(v.Context(), v.Tenant, d); err != nil {
		return designAgain(v, d, err)
	}
	v.Flash(v.T("brand.login.published"), "")
	return v.Go("/brand/login")
}

func designAgain(v *web.Visit, d *loginDesign, err error) error {
	if !fault.Is(err, fault.Invalid) {
		return err
	}
	p, drawing := designer(v, d)
	if drawing != nil {
		return drawing
	}
	return v.Again("login_designer", p, err)
}

func discardDraft(v *web.Visit) error {
	if err := v.DB.Write(v.Context(), logins.drop); err != nil {
		return err
	}
	v.Flash(v.T("brand.login.discarded"), "")
	return v.Go("/brand/login")
}

// restoreLogin makes an earlier design the draft: it is looked at before others see it.
func restoreLogin(v *web.Visit) error {
	d, err := logins.pastOne(v.Context(), v.DB, v.Param("id"))
	if err != nil {
		return err
	}
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		if err := logins.save(ctx, tx, d); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "brand.login_restored", Object: "brand.login"})
	})
	if err != nil {
		return err
	}
	v.Flash(v.T("brand.login.restored"), "")
	return v.Go("/brand/login")
}

// showLoginPicture serves what everybody sees before signing in: the pictures of the published design and no others.
func showLoginPicture(v *web.Visit) error {
	s, err := logins.published(v.Context(), v.DB)
	if err != nil {
		return err
	}
	content := ""
	if s != nil {
		if content = s.contents["picture"]; v.Request.URL.Path == "/brand/login/logo" {
			content = s.contents["logo"]
		}
	}
	if content == "" {
		return fault.New(fault.NotFound, "brand.login.gone")
	}
	p, err := keptPicture(v.Context(), v.Tenant, content)
	if err != nil {
		return err
	}
	servePicture(v, p, `"`+content[:24]+`"`, "public, max-age=86400")
	return nil
}
