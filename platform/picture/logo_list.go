package picture

import (
	"encoding/xml"
	"regexp"
	"slices"
	"strings"

	"runes.im/platform/fault"
)

const (
	svgSpace  = "http://www.w3.org/2000/svg"
	linkSpace = "http://www.w3.org/1999/xlink"
)

// shapes leave something on the sheet.
var shapes = set("path rect circle ellipse line polyline polygon use")

// allowedParts are all elements a logo may be made of.
var allowedParts = set("svg g defs symbol clipPath mask linearGradient radialGradient stop " +
	"path rect circle ellipse line polyline polygon use")

// leftOut are elements that nobody sees: they fall away with all that is in them.
var leftOut = set("title desc metadata script view cursor set animate animateTransform animateMotion animateColor")

// styled are the declarations of a style that become attributes.
var styled = set("fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit " +
	"stroke-dasharray stroke-dashoffset opacity clip-path clip-rule mask stop-color stop-opacity color display visibility")

// rootOnly say how large the drawing is.
var rootOnly = set("viewBox width height x y")

var (
	isName  = regexp.MustCompile(`^[A-Za-z_][\w.-]{0,99}$`)
	colour  = regexp.MustCompile(`^(?:[A-Za-z]{1,30}|#[0-9A-Fa-f]{3,8}|(?:rgb|hsl)a?\([0-9.,%/\s]{1,60}\)|url\(#[A-Za-z_][\w.-]{0,99}\)(?: (?:none|#[0-9A-Fa-f]{3,8}))?)$`)
	paint   = regexp.MustCompile(`^(?:none|url\(#[A-Za-z_][\w.-]{0,99}\))$`)
	anchor  = regexp.MustCompile(`^#[A-Za-z_][\w.-]{0,99}$`)
	figures = regexp.MustCompile(`^[-+0-9.,eE%\s]*(?:px)?$`)
	path    = regexp.MustCompile(`^[-+0-9.,\sMmLlHhVvCcSsQqTtAaZzeE]*$`)
	moves   = regexp.MustCompile(`^[-+0-9.,\seE()a-zA-Z]*$`)
	word    = regexp.MustCompile(`^[A-Za-z -]{1,40}$`)
)

// attributes are all a part may have, each with the form of its value. Nothing here can name an address outside the
// file.
var attributes = rules(map[*regexp.Regexp]string{
	isName: "id",
	anchor: "href",
	colour: "fill stroke stop-color color",
	paint:  "clip-path mask",
	path:   "d",
	moves:  "transform gradientTransform",
	word: "fill-rule clip-rule stroke-linecap stroke-linejoin gradientUnits spreadMethod clipPathUnits maskUnits maskContentUnits " +
		"preserveAspectRatio display visibility",
	figures: "x y x1 y1 x2 y2 cx cy r rx ry fx fy fr width height points offset opacity fill-opacity stroke-opacity stop-opacity " +
		"stroke-width stroke-miterlimit stroke-dasharray stroke-dashoffset viewBox",
})

func rules(by map[*regexp.Regexp]string) map[string]*regexp.Regexp {
	all := map[string]*regexp.Regexp{}
	for rule, names := range by {
		for name := range strings.FieldsSeq(names) {
			all[name] = rule
		}
	}
	return all
}

func set(names string) map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		all[name] = true
	}
	return all
}

// checkUses refuses drawings that repeat themselves: a "use" of a "use" makes a thousand million shapes out of a few
// lines. For the same reason nothing inside a mask is masked, and what a mask repeats is counted.
func (p *part) checkUses() error {
	named := map[string]*part{}
	p.walk(func(q *part) {
		if id := q.get("id"); id != "" {
			named[id] = q
		}
		if q.name == "clipPath" || q.name == "mask" {
			q.walk((*part).unmask)
		}
	})
	total, nested := 0, false
	p.walk(func(q *part) {
		total++
		if shown := named[strings.TrimPrefix(q.get("href"), "#")]; shown != nil && q.name == "use" {
			shown.walk(func(r *part) {
				total++
				nested = nested || r.name == "use" || r.name == "svg"
			})
		}
		for _, by := range []string{"mask", "clip-path"} {
			id := strings.TrimSuffix(strings.TrimPrefix(q.get(by), "url(#"), ")")
			if mask := named[id]; mask != nil {
				mask.walk(func(*part) { total++ })
			}
		}
	})
	if nested {
		return fault.New(fault.Invalid, "picture.logo_part", "part", "use")
	}
	if total > logoParts {
		return fault.New(fault.TooLarge, "picture.logo_too_large")
	}
	return nil
}

func (p *part) unmask() {
	p.attrs = slices.DeleteFunc(p.attrs, func(a xml.Attr) bool { return a.Name.Local == "clip-path" || a.Name.Local == "mask" })
}

func (p *part) walk(fn func(*part)) {
	fn(p)
	for _, child := range p.parts {
		child.walk(fn)
	}
}

// printable cuts a name for a sentence.
func printable(name string) string {
	if len(name) > 40 || !isName.MatchString(name) {
		return "?"
	}
	return name
}
