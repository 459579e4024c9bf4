package brand

import (
	"strings"

	"runes.im/platform/web"
)

// signaturePage is what the templates signature and signature_html draw: the lines under somebody's mails, from their
// business card and the brand. Mail programs know no style sheets of ours, so the HTML stands on attributes alone.
type signaturePage struct {
	Name, Job, Company string
	Colour             string // of the name and the links
	Logo               string // whole address of a picture that anybody may read
	Lines              []line
	Card               string // whole address of the business card, if it is on
	Text               string // the same for programs that send plain text
	IsEmpty            bool
}

func showSignature(v *web.Visit) error {
	c, err := cardOf(v.Context(), v.DB, v.Person)
	if err != nil {
		return err
	}
	open, err := publicPages(v.Context(), v.DB)
	if err != nil {
		return err
	}
	p := &signaturePage{Name: v.Person.Name, Job: c.job(), Company: v.Tenant.Name, Lines: c.lines(), IsEmpty: c.Token == ""}
	if p.Colour, err = brandColour(v.Context(), v.DB); err != nil {
		return err
	}
	if p.Logo, err = publicLogo(v.Context(), v.DB); err != nil {
		return err
	}
	if p.Logo != "" {
		p.Logo = v.Site() + p.Logo
	}
	if c.On && c.Token != "" && open {
		p.Card = v.Site() + "/c/" + c.Token
	}
	p.Text = p.plain()
	v.Title(v.T("brand.signature.title"))
	v.Crumb(v.T("brand.card.mine"), "/brand/card")
	v.Crumb(v.T("brand.signature.title"), "")
	return v.Page("signature", p)
}

// plain is the signature in letters alone, behind the line that mail programs know as its beginning.
func (p *signaturePage) plain() string {
	all := []string{"-- ", p.Name}
	if p.Job != "" {
		all = append(all, p.Job)
	}
	all = append(all, p.Company, "")
	for _, l := range p.Lines {
		all = append(all, l.Text)
	}
	if p.Card != "" {
		all = append(all, p.Card)
	}
	return strings.Join(all, "\n")
}
