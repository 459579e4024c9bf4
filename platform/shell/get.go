package shell

import (
	"runes.im/platform/entitlement"
	"runes.im/platform/fault"
	"runes.im/platform/runekit"
	"runes.im/platform/web"
)

type getPage struct {
	Name, Icon, Tagline, Command string
	Features                     []string
	Installed                    bool
}

// showGet says how a rune comes into this workspace, to those who may bring it. An active one is opened.
func (s *Shell) showGet(v *web.Visit) error {
	id := v.Param("rune")
	active, err := entitlement.Active(v.Context(), v.DB)
	if err != nil {
		return err
	}
	page := &getPage{Name: v.T("shell.get_missing"), Icon: "puzzle"}
	for _, in := range s.Runes {
		if in.ID != id {
			continue
		}
		if active[id] {
			return v.Go("/" + id)
		}
		page.show(v, in)
	}
	if !page.Installed && !plainName(id) {
		return fault.New(fault.NotFound, "web.not_found")
	}
	v.Title(page.Name)
	v.Crumb(page.Name, "")
	return v.Page("get_rune", page)
}

func (p *getPage) show(v *web.Visit, in *runekit.Installed) {
	p.Installed, p.Name, p.Icon = true, v.T(in.ID+".name"), in.Manifest.UIHooks.Icon
	p.Tagline, p.Features = in.Manifest.Marketing.Tagline, in.Manifest.Marketing.Features
	p.Command = "runes rune activate " + in.ID + " --tenant " + v.Tenant.Slug
}

// plainName is what a rune may be called.
func plainName(id string) bool {
	for _, r := range id {
		if r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return false
		}
	}
	return len(id) >= 3 && len(id) <= 40
}
