package brand

import (
	"cmp"
	"encoding/json"

	"runes.im/platform/web"
)

// app is what a phone reads when somebody puts the workspace on its first page.
type app struct {
	Name       string    `json:"name"`
	ShortName  string    `json:"short_name"`
	Start      string    `json:"start_url"`
	Scope      string    `json:"scope"`
	Display    string    `json:"display"`
	Background string    `json:"background_color"`
	Theme      string    `json:"theme_color"`
	Icons      []appIcon `json:"icons,omitempty"`
}

type appIcon struct {
	Src   string `json:"src"`
	Sizes string `json:"sizes"`
}

func serveApp(v *web.Visit) error {
	w, err := wornBy(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	name := cmp.Or(w.theme.Name, v.Tenant.Name)
	a := app{Name: name, ShortName: name, Start: "/", Scope: "/", Display: "standalone", Theme: w.theme.Primary}
	for _, value := range w.theme.palette().Light() {
		if value.Name == "canvas" {
			a.Background = value.Hex
		}
	}
	if w.look.Icon != "" {
		a.Icons = []appIcon{{w.look.Icon, "any"}}
	}
	raw, err := json.Marshal(a)
	if err != nil {
		return err
	}
	h := v.Writer.Header()
	h.Set("Content-Type", "application/manifest+json")
	h.Set("Cache-Control", "no-cache")
	_, err = v.Writer.Write(raw)
	return err
}
