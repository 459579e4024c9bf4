package theme

import "strings"

// Palette is what an organisation chooses, each #rrggbb. All but Brand may be empty: then the house decides.
type Palette struct{ Brand, Accent, Tint, Success, Warning, Danger string }

// House is the colour of an organisation that has chosen none.
const House = "#2f45f5"

// Value is one custom property of a page.
type Value struct{ Name, Hex string }

// Light and Dark are every colour of a page that follows from the palette.
func (p Palette) Light() []Value { return p.values(false) }

// Dark is Light in the dark theme.
func (p Palette) Dark() []Value { return p.values(true) }

// fill is what lies under the text of a primary button: light colours stay, others are dark enough for white text.
func fill(brand colour) colour {
	if brand.y() < .40 {
		return brand.lowered(.17)
	}
	return brand
}

// on is the text on a fill or the mark on a graphic: white up to that luminance, else ink.
func on(ground colour, most float64) colour {
	if ground.y() < most {
		return white
	}
	return ink
}

// text is the colour as text on every surface.
func text(c colour, dark bool) colour {
	if dark {
		return c.lifted(.40)
	}
	return c.lowered(.125)
}

var night = oklch(.21, .008, 270)

// soft is the ground of chips and selected rows.
func soft(c colour, dark bool) colour {
	if dark {
		return c.mixed(.24, night)
	}
	return c.mixed(.11, white)
}

func (p Palette) values(dark bool) []Value {
	brand := parse(p.Brand)
	spark, tint := or(p.Accent, brand), or(p.Tint, brand)
	solid, accent := fill(brand), spark.lowered(.24)
	onBrand := on(solid, .179)
	if dark {
		solid, accent = solid.lifted(.165), spark.lifted(.17)
	}
	var all []Value
	add := func(name string, c colour) { all = append(all, Value{name, c.hex()}) }
	add("brand-solid", solid)
	add("on-brand", onBrand)
	add("brand-hover", solid.mixed(.94, black)) // away from the text: towards it, no fill keeps 4.5:1
	add("brand-press", solid.mixed(.88, black))
	add("brand-ink", text(brand, dark))
	add("accent", accent)
	add("on-accent", on(accent, .27))
	add("brand-soft", soft(brand, dark))
	add("brand-line", accent.alpha(.38))
	for _, n := range neutrals {
		add(n.name, n.shade(tint, dark))
	}
	for _, s := range statuses {
		if chosen := p.status(s.name); chosen != "" {
			c := parse(chosen)
			add(s.name, text(c, dark))
			add(s.name+"-soft", soft(c, dark))
			continue
		}
		add(s.name, s.shades[pick(dark)])
		add(s.name+"-soft", s.shades[2+pick(dark)])
	}
	add("bad-solid", p.badSolid())
	return all
}

func (p Palette) badSolid() colour {
	if p.Danger == "" {
		return oklch(.53, .20, 26)
	}
	return parse(p.Danger).lowered(.17)
}

func (p Palette) status(name string) string {
	return map[string]string{"ok": p.Success, "warn": p.Warning, "bad": p.Danger}[name]
}

func or(hex string, otherwise colour) colour {
	if hex == "" {
		return otherwise
	}
	return parse(hex)
}

func pick(dark bool) int {
	if dark {
		return 1
	}
	return 0
}

// neutral is a grey with a breath of the tint, or plain white or black.
type neutral struct {
	name        string
	light, dark shade
}

// shade is a lightness with a breath of the tint and an opacity.
type shade struct{ l, part, most, alpha float64 }

func (n neutral) shade(tint colour, dark bool) colour {
	s := n.light
	if dark {
		s = n.dark
	}
	switch {
	case s.most == 0 && s.l == 1:
		return white.alpha(s.alpha)
	case s.most == 0:
		return black.alpha(s.alpha)
	}
	return tint.breath(s.l, s.part, s.most).alpha(s.alpha)
}

var neutrals = []neutral{
	{"canvas", shade{.962, .045, .009, 1}, shade{.172, .09, .019, 1}},
	{"surface-solid", shade{.995, .01, .002, 1}, shade{.222, .08, .017, 1}},
	{"surface", shade{1, 0, 0, .74}, shade{.262, .09, .020, .62}},
	{"surface-2", shade{1, 0, 0, .46}, shade{.30, .06, .014, .34}},
	{"surface-3", shade{.45, .1, .03, .055}, shade{1, 0, 0, .06}},
	{"raised", shade{1, 0, 0, .90}, shade{.285, .09, .021, .82}},
	{"field", shade{1, 0, 0, .90}, shade{1, 0, 0, .055}},
	{"ink", shade{.205, .1, .022, 1}, shade{.965, .03, .006, 1}},
	{"ink-2", shade{.41, .1, .02, 1}, shade{.80, .05, .012, 1}},
	{"ink-3", shade{.50, .1, .018, 1}, shade{.725, .06, .014, 1}},
	{"line", shade{.25, .1, .03, .09}, shade{1, 0, 0, .085}},
	{"line-2", shade{.25, .1, .03, .16}, shade{1, 0, 0, .15}},
	{"ctl-line", shade{.25, .1, .03, .46}, shade{1, 0, 0, .38}},
	{"edge", shade{1, 0, 0, .9}, shade{1, 0, 0, .09}},
	{"scrim", shade{.52, .25, .05, .20}, shade{0, 0, 0, .50}},
}

// statuses are the house's own colours of what went well or not: as text, then as ground, each light and dark.
var statuses = []struct {
	name   string
	shades [4]colour
}{
	{"ok", [4]colour{oklch(.47, .12, 155), oklch(.82, .15, 155), oklch(.955, .035, 155), oklch(.31, .05, 155)}},
	{"warn", [4]colour{oklch(.49, .11, 65), oklch(.84, .13, 80), oklch(.96, .045, 85), oklch(.32, .05, 75)}},
	{"bad", [4]colour{oklch(.50, .185, 25), oklch(.78, .13, 22), oklch(.957, .027, 20), oklch(.31, .065, 22)}},
	{"info", [4]colour{oklch(.48, .12, 240), oklch(.82, .10, 235), oklch(.957, .024, 240), oklch(.31, .045, 240)}},
}

// Sheet is the style sheet of the palette. Browsers that compute with colours get the
// chosen ones; the others get every value worked out.
func (p Palette) Sheet() string {
	var b strings.Builder
	b.WriteString(":root{--brand:" + p.Brand)
	for _, own := range []Value{{"spark", p.Accent}, {"tint", p.Tint}} {
		if own.Hex != "" {
			b.WriteString(";--" + own.Name + ":" + own.Hex)
		}
	}
	light, dark := p.Light(), p.Dark()
	for i, v := range light {
		base := strings.TrimSuffix(strings.TrimSuffix(v.Name, "-soft"), "-solid")
		if p.status(base) == "" {
			continue
		}
		if v.Hex == dark[i].Hex {
			b.WriteString(";--" + v.Name + ":" + v.Hex)
			continue
		}
		b.WriteString(";--" + v.Name + ":light-dark(" + v.Hex + "," + dark[i].Hex + ")")
	}
	b.WriteString("}\n@supports not ((color:color(from red xyz-d65 x y z)) and (color:light-dark(red,red))){\n")
	write := func(selector string, values []Value) {
		b.WriteString(selector + "{")
		for _, v := range values {
			b.WriteString("--" + v.Name + ":" + v.Hex + ";")
		}
		b.WriteString("}\n")
	}
	write(":root", light)
	b.WriteString("@media (prefers-color-scheme:dark){")
	write(":root:not([data-theme=light])", dark)
	b.WriteString("}\n")
	write(":root[data-theme=dark]", dark)
	b.WriteString("}\n")
	return b.String()
}

// Pair is what becomes of a colour: the fill of a primary button with its text, and how far apart they are.
type Pair struct {
	Fill, Text string
	Ratio      float64
}

// PairOf is the pair in the light theme. Where the fill is not the colour itself, the colour could not carry its text.
func PairOf(hex string) Pair {
	ground := fill(parse(hex))
	letters := on(ground, .179)
	return Pair{Fill: ground.hex(), Text: letters.hex(), Ratio: contrast(ground, letters)}
}
