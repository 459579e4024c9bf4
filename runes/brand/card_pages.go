package brand

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/fault"
	"runes.im/platform/picture"
	"runes.im/platform/record"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

func cardRoutes(r *web.Router) {
	r.Get("/card", web.SignedIn, showMyCard)
	r.Post("/card", web.SignedIn, saveMyCard)
	r.Get("/card/qr", web.SignedIn, showMyCode)
	r.Get("/cards", "manage_tenant_identity", showCardTemplate)
	r.Post("/cards", "manage_tenant_identity", saveCardTemplate)
}

// cardDoors are the public pages: /c/<token>, its vCard and its code.
func cardDoors(d *web.Doors) {
	d.Open("/c/{token}", web.Door{Scope: web.Public, Handle: showPublicCard, Fail: failCard})
	d.Open("/c/{token}/card.vcf", web.Door{Scope: web.Public, Handle: sendVCard, Fail: failCard})
}

// myCardPage is what the template my_card draws.
type myCardPage struct {
	web.Problems
	Inputs          []cardInput
	On              bool
	Closed          bool // the organisation has no public pages
	Address, Link   string
	Face            *publicCard
	SignatureHref   string
	CardCode, VCode string // addresses of the two codes
}

// cardInput is one field of the form.
type cardInput struct {
	Name, Label, Value, Type, Help string
	Shown, Needed                  bool
}

// publicCard is what the template card_face draws: the card as others see it.
type publicCard struct {
	ID, Name, Initials, Job, Company string
	Hue                              int
	Lines                            []line
	VCard                            string // address; empty in a preview
	Logo                             string // address; empty: the mark and the name
}

func showMyCard(v *web.Visit) error {
	c, err := cardOf(v.Context(), v.DB, v.Person)
	if err != nil {
		return err
	}
	p, err := myCard(v, c)
	if err != nil {
		return err
	}
	return v.Page("my_card", p)
}

func myCard(v *web.Visit, c *card) (*myCardPage, error) {
	needed, err := neededFields(v.Context(), v.DB)
	if err != nil {
		return nil, err
	}
	open, err := publicPages(v.Context(), v.DB)
	if err != nil {
		return nil, err
	}
	p := &myCardPage{On: c.On, Closed: !open, Face: cardFace(v, c, v.Person.Name, v.Person.ID), SignatureHref: "/brand/signature"}
	for _, field := range cardFields {
		p.Inputs = append(p.Inputs, cardInput{
			Name: field, Label: v.T("brand.card." + field), Value: c.Values[field], Type: cardKinds[field],
			Shown: c.Shown[field], Needed: slices.Contains(needed, field),
		})
	}
	if c.Token != "" && c.On && open {
		p.Link = "/c/" + c.Token
		p.Address = v.Site() + p.Link
		p.CardCode, p.VCode = "/brand/card/qr?of=page", "/brand/card/qr?of=vcard"
	}
	v.Title(v.T("brand.card.mine"))
	v.Crumb(v.T("brand.card.mine"), "")
	return p, nil
}

func cardFace(v *web.Visit, c *card, name, id string) *publicCard {
	face := record.FaceOf(name, id)
	if v.Person == nil {
		id = "" // strangers learn nothing of the house
	}
	return &publicCard{ID: id, Name: name, Initials: face.Initials, Hue: face.Hue, Job: c.job(), Company: v.Tenant.Name, Lines: c.lines()}
}

func saveMyCard(v *web.Visit) error {
	c, err := cardOf(v.Context(), v.DB, v.Person)
	if err != nil {
		return err
	}
	needed, err := neededFields(v.Context(), v.DB)
	if err != nil {
		return err
	}
	c.On, c.Shown = v.Form("on") != "", map[string]bool{}
	for _, field := range cardFields {
		c.Values[field] = oneLine(v.Form(field))
		c.Shown[field] = slices.Contains(v.Values()["show"], field)
	}
	if !c.On {
		needed = nil // what nobody sees may be incomplete
	}
	if err = c.check(needed); err == nil {
		err = v.DB.Write(v.Context(), c.save)
	}
	if err != nil {
		p, drawing := myCard(v, c)
		if drawing != nil {
			return drawing
		}
		return v.Again("my_card", p, err)
	}
	v.Flash(v.T("brand.card.saved"), "")
	return v.Go("/brand/card")
}

// showMyCode is the code that leads to one's card, or that holds it whole for phones without a network.
func showMyCode(v *web.Visit) error {
	c, err := cardOf(v.Context(), v.DB, v.Person)
	if err != nil {
		return err
	}
	if c.Token == "" || !c.On {
		return fault.New(fault.NotFound, "brand.card.gone")
	}
	text := v.Site() + "/c/" + c.Token
	if v.Query("of") == "vcard" {
		text = c.vcard(v.Person.Name, v.Tenant.Name, text)
	}
	p, err := picture.QR(text)
	if err != nil {
		return err
	}
	if v.Query("save") != "" {
		v.Writer.Header().Set("Content-Disposition", `attachment; filename="card.svg"`)
	}
	servePicture(v, p, "", "private, no-store")
	return nil
}

// onShow is the card behind a public address with the name of its owner, as long as everybody concerned agrees: the
// owner has it on and still works here, the organisation has public pages.
func onShow(v *web.Visit) (c *card, name string, err error) {
	gone := fault.New(fault.NotFound, "brand.card.gone")
	if v.Request.Method != http.MethodGet && v.Request.Method != http.MethodHead {
		return nil, "", fault.New(fault.Malformed, "web.wrong_method")
	}
	open, err := publicPages(v.Context(), v.DB)
	if err != nil {
		return nil, "", err
	}
	if c, err = readCard(v.Context(), v.DB, "token = ?", v.Param("token")); err != nil {
		return nil, "", err
	}
	if !open || c == nil || !c.On {
		return nil, "", gone
	}
	p, err := v.People.Member(v.Context(), v.Tenant, c.Member)
	if fault.Is(err, fault.NotFound) || err == nil && !p.Can("") {
		return nil, "", gone
	}
	if err != nil {
		return nil, "", err
	}
	return c, p.Name, nil
}

func showPublicCard(v *web.Visit) error {
	c, name, err := onShow(v)
	if err != nil {
		return err
	}
	v.Writer.Header().Set("X-Robots-Tag", "noindex, nofollow")
	face := cardFace(v, c, name, c.Member)
	face.VCard = "/c/" + c.Token + "/card.vcf"
	if face.Logo, err = publicLogo(v.Context(), v.DB); err != nil {
		return err
	}
	v.Title(name)
	return v.Bare(http.StatusOK, "card_public", face)
}

func sendVCard(v *web.Visit) error {
	c, name, err := onShow(v)
	if err != nil {
		return err
	}
	v.Writer.Header().Set("X-Robots-Tag", "noindex, nofollow")
	content := c.vcard(name, v.Tenant.Name, v.Site()+"/c/"+c.Token)
	v.Attachment(name+".vcf", strings.NewReader(content), time.Time{}, "")
	return nil
}

// failCard says to anybody that there is no card, and not whether there was one.
func failCard(v *web.Visit, status int, f *fault.Fault, id string) {
	v.Writer.Header().Set("X-Robots-Tag", "noindex, nofollow")
	page := &web.ErrorPage{Status: status, Title: v.T("brand.card.gone"), Text: v.T(f.Key, f.Args...), ID: id}
	if status == http.StatusNotFound {
		page.Text = v.T("brand.card.gone_text")
	}
	v.Title(page.Title)
	if err := v.Bare(status, "error", page); err != nil {
		http.Error(v.Writer, page.Text, status)
	}
}

// cardTemplatePage is what the template card_template draws.
type cardTemplatePage struct {
	Fields []cardInput
	Online string
}

func showCardTemplate(v *web.Visit) error {
	needed, err := neededFields(v.Context(), v.DB)
	if err != nil {
		return err
	}
	var online int
	if err := v.DB.QueryRow(v.Context(), `SELECT count(*) FROM brand_cards WHERE is_on = 1`).Scan(&online); err != nil {
		return err
	}
	p := &cardTemplatePage{Online: v.T("brand.card.online", "n", online)}
	for _, field := range cardFields {
		p.Fields = append(p.Fields, cardInput{Name: field, Label: v.T("brand.card." + field), Needed: slices.Contains(needed, field)})
	}
	v.Title(v.T("brand.card.template"))
	v.Crumb(v.T("brand.name"), "/brand")
	v.Crumb(v.T("brand.card.template"), "")
	return v.Page("card_template", p)
}

func saveCardTemplate(v *web.Visit) error {
	needed := []string{}
	for _, field := range cardFields {
		if slices.Contains(v.Values()["needed"], field) {
			needed = append(needed, field)
		}
	}
	err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		before, err := neededFields(ctx, tx)
		if err != nil {
			return err
		}
		if err := saveNeeded(ctx, tx, needed); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "brand.card_template_changed", Object: "brand.card_template",
			Before: map[string]any{"needed": strings.Join(before, ", ")}, After: map[string]any{"needed": strings.Join(needed, ", ")},
		})
	})
	if err != nil {
		return err
	}
	v.Flash(v.T("brand.card.template_saved"), "")
	return v.Go("/brand/cards")
}

// oneLine is a value without line breaks and outer spaces.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")
}
