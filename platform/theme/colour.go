// Package theme turns the few colours an organisation chooses into all colours of a page, readable whatever was chosen.
// The rules are those of ui/css/tokens.css; a test in a real browser compares the two.
package theme

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// colour is light as a screen makes it: red, green and blue from 0 to 1, linear, and how opaque it is.
type colour struct{ r, g, b, a float64 }

var hexForm = regexp.MustCompile(`^#[0-9a-f]{6}$`)

// IsHex reports whether the text is a colour as the house keeps it: #rrggbb in small letters.
func IsHex(text string) bool { return hexForm.MatchString(text) }

// parse reads #rrggbb. Anything else is a programmer's mistake: forms were checked before.
func parse(hex string) colour {
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil || !IsHex(hex) {
		panic(fmt.Sprintf("theme: %q is no colour", hex))
	}
	return colour{linear(n >> 16), linear(n >> 8 & 255), linear(n & 255), 1}
}

func linear(part uint64) float64 {
	if v := float64(part) / 255; v > .04045 {
		return math.Pow((v+.055)/1.055, 2.4)
	}
	return float64(part) / 255 / 12.92
}

func screen(v float64) float64 {
	v = min(max(v, 0), 1)
	if v > .0031308 {
		return 1.055*math.Pow(v, 1/2.4) - .055
	}
	return v * 12.92
}

// hex is how a style sheet writes the colour.
func (c colour) hex() string {
	part := func(v float64) int { return int(math.Round(screen(v) * 255)) }
	text := fmt.Sprintf("#%02x%02x%02x", part(c.r), part(c.g), part(c.b))
	if c.a < 1 {
		text += fmt.Sprintf("%02x", int(math.Round(c.a*255)))
	}
	return text
}

// y is the relative luminance, from which WCAG's ratios follow.
func (c colour) y() float64 { return .21263900587151*c.r + .71516867876776*c.g + .07219231536073*c.b }

// times makes the colour darker without changing its hue.
func (c colour) times(k float64) colour { return colour{c.r * k, c.g * k, c.b * k, c.a} }

// lifted mixes white light in until the luminance is y; a colour that is lighter stays.
func (c colour) lifted(y float64) colour {
	t := max(0, (y-c.y())/(1-min(c.y(), .99)))
	return colour{c.r + (1-c.r)*t, c.g + (1-c.g)*t, c.b + (1-c.b)*t, c.a}
}

// lowered darkens to the luminance y; a colour that is darker stays.
func (c colour) lowered(y float64) colour { return c.times(min(1, y/max(c.y(), .0001))) }

func (c colour) alpha(a float64) colour { return colour{c.r, c.g, c.b, a} }

// over is what a see-through colour looks like on a ground.
func (c colour) over(ground colour) colour {
	mix := func(top, below float64) float64 {
		v := screen(top)*c.a + screen(below)*(1-c.a) // browsers blend what the screen shows, not light
		if v > .04045 {
			return math.Pow((v+.055)/1.055, 2.4)
		}
		return v / 12.92
	}
	return colour{mix(c.r, ground.r), mix(c.g, ground.g), mix(c.b, ground.b), 1}
}

// lab is a colour by lightness and two opponents, in which steps look even (Oklab).
type lab struct{ l, a, b float64 }

func (c colour) lab() lab {
	l := math.Cbrt(.4122214708*c.r + .5363325363*c.g + .0514459929*c.b)
	m := math.Cbrt(.2119034982*c.r + .6806995451*c.g + .1073969566*c.b)
	s := math.Cbrt(.0883024619*c.r + .2817188376*c.g + .6299787005*c.b)
	return lab{
		.2104542553*l + .7936177850*m - .0040720468*s,
		1.9779984951*l - 2.4285922050*m + .4505937099*s,
		.0259040371*l + .7827717662*m - .8086757660*s,
	}
}

func (o lab) colour() colour {
	l := math.Pow(o.l+.3963377774*o.a+.2158037573*o.b, 3)
	m := math.Pow(o.l-.1055613458*o.a-.0638541728*o.b, 3)
	s := math.Pow(o.l-.0894841775*o.a-1.2914855480*o.b, 3)
	return colour{
		4.0767416621*l - 3.3077115913*m + .2309699292*s,
		-1.2684380046*l + 2.6097574011*m - .3413193965*s,
		-.0041960863*l - .7034186147*m + 1.7076147010*s,
		1,
	}
}

// mixed is part of c with the rest of other, as color-mix does in oklab.
func (c colour) mixed(part float64, other colour) colour {
	a, b := c.lab(), other.lab()
	mix := func(x, y float64) float64 { return x*part + y*(1-part) }
	return lab{mix(a.l, b.l), mix(a.a, b.a), mix(a.b, b.b)}.colour()
}

// oklch is a colour by lightness, chroma and hue in degrees.
func oklch(l, chroma, hue float64) colour {
	h := hue * math.Pi / 180
	return lab{l, chroma * math.Cos(h), chroma * math.Sin(h)}.colour()
}

// breath is a grey of that lightness with a little of c's hue: part of its chroma, most at the most.
func (c colour) breath(l, part, most float64) colour {
	o := c.lab()
	chroma := math.Hypot(o.a, o.b)
	if chroma < 1e-9 {
		return lab{l: l}.colour()
	}
	k := min(chroma*part, most) / chroma
	return lab{l, o.a * k, o.b * k}.colour()
}

var white, black = colour{1, 1, 1, 1}, colour{0, 0, 0, 1}

// ink is the darkest text on a light fill.
var ink = colour{.004, .004, .0046, 1}

// contrast is WCAG's ratio of two colours, 1 to 21.
func contrast(one, other colour) float64 {
	light, dark := max(one.y(), other.y()), min(one.y(), other.y())
	return (light + .05) / (dark + .05)
}
