package brand

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"

	"runes.im/data"
	"runes.im/platform/identity"
	"runes.im/platform/picture"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// fillDemo gives the demo workspace a library, a look, a sign-in page of its own and business cards.
func fillDemo(ctx context.Context, t *tenant.Tenant, people []*identity.Person) error {
	owner := people[0]
	ctx = store.WithActor(ctx, store.Actor{ID: owner.ID, Name: owner.Name})
	for _, d := range demoAssets {
		if err := d.add(ctx, t); err != nil {
			return fmt.Errorf("demo asset %s: %w", d.name, err)
		}
	}
	if err := fillIdentity(ctx, t); err != nil {
		return fmt.Errorf("demo identity: %w", err)
	}
	if err := fillCertificate(ctx, t); err != nil {
		return fmt.Errorf("demo certificate: %w", err)
	}
	for i, p := range people {
		c, ok := demoCards[strings.ToLower(strings.Fields(p.Name)[0])]
		if !ok {
			continue
		}
		c.Member, c.On = p.ID, i < 4
		c.Values["email"] = p.Email
		c.Values["website"] = "https://halden-fjord.example"
		c.Shown = map[string]bool{"job_title": true, "department": true, "email": true, "phone": true, "website": true, "address": true}
		if err := t.DB.Write(ctx, c.save); err != nil {
			return fmt.Errorf("demo card of %s: %w", p.Name, err)
		}
	}
	return nil
}

var demoCards = map[string]*card{
	"lena":  {Values: map[string]string{"job_title": "Managing Director", "phone": "+41 31 555 01 10", "address": "Gerechtigkeitsgasse 12, 3011 Bern"}},
	"amir":  {Values: map[string]string{"job_title": "Head of Engineering", "department": "Workshop", "phone": "+41 31 555 01 14"}},
	"noor":  {Values: map[string]string{"job_title": "Product Designer", "department": "Studio", "phone": "+47 55 55 01 21"}},
	"tomas": {Values: map[string]string{"job_title": "Customer Care", "phone": "+41 31 555 01 17"}},
}

// demoAsset is a picture of the demo library: an SVG of the data folder, or a landscape drawn here.
type demoAsset struct {
	name, category, tags, licence, valid string
	svg, before                          string // before is what it showed until somebody replaced it
	sky, land                            color.RGBA
}

var demoAssets = []demoAsset{
	{name: "Fjord at dawn", category: "background", tags: "fjord, morning, website", licence: "Own drawing. Free to use everywhere.", sky: color.RGBA{250, 205, 178, 255}, land: color.RGBA{62, 82, 132, 255}},
	{name: "Fjord at night", category: "background", tags: "fjord, night", licence: "Own drawing. Free to use everywhere.", sky: color.RGBA{58, 72, 140, 255}, land: color.RGBA{16, 24, 58, 255}},
	{name: "Summer in the Bernese Oberland", category: "photo", tags: "summer, fair", licence: "Licensed for the summer fair only.", valid: "2026-09-30", sky: color.RGBA{168, 214, 240, 255}, land: color.RGBA{54, 110, 84, 255}},
	{name: "Halden & Fjord logo", category: "logo", tags: "logo, colour", licence: "Keep half its height free around it.", svg: data.DemoLogo, before: strings.ReplaceAll(data.DemoLogo, "#2f45f5", "#8a93a6")},
	{name: "Halden & Fjord logo, white", category: "logo", tags: "logo, dark background", licence: "For dark backgrounds.", svg: strings.NewReplacer("#13203f", "#ffffff", "#2f45f5", "#ffffff").Replace(data.DemoLogo)},
	{name: "Halden & Fjord mark", category: "icon", tags: "logo, app", licence: "For app icons and small places.", svg: data.DemoMark},
}

func (d demoAsset) add(ctx context.Context, t *tenant.Tenant) error {
	p, err := d.draw(ctx)
	if err != nil {
		return err
	}
	first := p
	if d.before != "" {
		if first, err = picture.Logo(strings.NewReader(d.before)); err != nil {
			return err
		}
	}
	made, err := addAsset(ctx, t, d.name, first)
	if err != nil {
		return err
	}
	is := *made
	err = t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		is.Name, is.Category, is.Tags, is.Licence, is.ValidUntil = d.name, d.category, d.tags, d.licence, d.valid
		return assets.Change(ctx, tx, made, &is)
	})
	if err != nil || d.before == "" {
		return err
	}
	return replaceAsset(ctx, t, &is, p)
}

func (d demoAsset) draw(ctx context.Context) (*picture.Picture, error) {
	if d.svg != "" {
		return picture.Logo(strings.NewReader(d.svg))
	}
	var b bytes.Buffer
	if err := png.Encode(&b, landscape(d.sky, d.land)); err != nil {
		return nil, err
	}
	return picture.Read(ctx, &b, picture.Shape{})
}

// landscape is a quiet view over three ridges, lighter the farther they are.
func landscape(sky, land color.RGBA) image.Image {
	const w, h = 1600, 1000
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for x := range w {
		var ridge [3]float64
		for n := range ridge {
			f, at := float64(x)/w, float64(n)
			ridge[n] = h * (.46 + .17*at + .06*math.Sin(f*(5+3*at)+at*2) + .022*math.Sin(f*(17+9*at)+at) + .006*math.Sin(f*(61+13*at)))
		}
		for y := range h {
			c := blend(sky, color.RGBA{255, 255, 255, 255}, .55*float64(y)/h)
			for n, top := range ridge {
				if float64(y) > top {
					c = blend(sky, land, .38+.31*float64(n))
				}
			}
			m.Set(x, y, c)
		}
	}
	return m
}

func blend(a, b color.RGBA, part float64) color.RGBA {
	mix := func(x, y uint8) uint8 { return uint8(float64(x) + (float64(y)-float64(x))*part) }
	return color.RGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 255}
}
