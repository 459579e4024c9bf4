package brand

import (
	"context"
	"time"

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
	Face                        *loginFace
	Layouts, Backdrops          []record.Option
	Pictures, Logos             []record.Option
	Languages                   []welcome
	IsDraft, IsLive, CanDiscard bool
	Saved                       string
	Past                        []pastLogin
}

// welcome is the words of one language.
type welcome struct {
	Lang, Name, Title, Text string
	Open                    bool
}

// pastLogin is a design that can be brought back.
type pastLogin struct{ ID, Text string }

// loginFace is what the house's template login_face draws: the page as a visitor would see it.
type loginFace struct {
	Company, Email, Next, Problem string
	Keep, Waiting                 bool
	Look                          *slot.LoginDesign
}

func showLoginDesigner(v *web.Visit) error {
	d, err := designing(v)
	if err != nil {
		return err
	}
	p, err := designer(v, d)
	if err != nil {
		return err
	}
	return v.Page("login_designer", p)
}

// designing is the draft, else what everybody sees, else the page as it comes.
func designing(v *web.Visit) (*loginDesign, error) {
	for _, state := range []string{draft, published} {
		s, err := loginIn(v.Context(), v.DB, "state = ?", state)
		if err != nil {
			return nil, err
		}
		if s != nil {
			return s.Design, nil
		}
	}
	return houseLogin(), nil
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
	if err := p.fillStates(v); err != nil {
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

func (p *designerPage) fillStates(v *web.Visit) error {
	rows, err := v.DB.Query(v.Context(), `SELECT id, state, changed_at FROM brand_logins ORDER BY changed_at DESC, id DESC LIMIT 20`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var s savedLogin
		if err := rows.Scan(&s.ID, &s.State, &s.At); err != nil {
			return err
		}
		at, err := time.Parse(time.RFC3339Nano, s.At)
		if err != nil {
			return err
		}
		switch s.State {
		case draft:
			p.IsDraft, p.Saved = true, v.T("brand.login.draft_saved", "when", v.When(at))
		case published:
			p.IsLive = true
			if !p.IsDraft {
				p.Saved = v.T("brand.login.published_at", "when", v.When(at))
			}
		case past:
			p.Past = append(p.Past, pastLogin{s.ID, v.Date(at) + " " + v.Time(at)})
		}
	}
	return rows.Err()
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
		err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return saveDraft(ctx, tx, d) })
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
	if err := v.DB.Write(v.Context(), dropDraft); err != nil {
		return err
	}
	v.Flash(v.T("brand.login.discarded"), "")
	return v.Go("/brand/login")
}

// restoreLogin makes an earlier design the draft: it is looked at before others see it.
func restoreLogin(v *web.Visit) error {
	s, err := loginIn(v.Context(), v.DB, "id = ? AND state = 'past'", v.Param("id"))
	if err != nil {
		return err
	}
	if s == nil {
		return fault.New(fault.NotFound, "brand.login.gone")
	}
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		if err := saveDraft(ctx, tx, s.Design); err != nil {
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
	s, err := loginIn(v.Context(), v.DB, "state = 'published'")
	if err != nil {
		return err
	}
	content := ""
	if s != nil {
		if content = s.Picture; v.Request.URL.Path == "/brand/login/logo" {
			content = s.Logo
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
