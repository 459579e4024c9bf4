package shell

import (
	"embed"
	"html/template"
	"io/fs"
	"regexp"
	"sort"
	"strings"

	"runes.im/platform/entitlement"
	"runes.im/platform/fault"
	"runes.im/platform/rich"
	"runes.im/platform/runekit"
	"runes.im/platform/search"
	"runes.im/platform/web"
)

// The house's own guides lie where a rune's do: guide/<name>/guide/<language>.md.
//
//go:embed all:guide
var houseGuides embed.FS

// guide is one of the help centre.
type guide struct {
	id, icon, group string
	files           fs.FS
	rune            *runekit.Installed // nil for one of the house
}

// guides are those that this person has a use for: of the house, and of active runes of which some permission is held.
func (s *Shell) guides(v *web.Visit, active map[string]bool) []guide {
	all := []guide{{id: "start", icon: "compass", group: runekit.StartHere, files: guideAt(houseGuides, "guide/start")}}
	if v.Can(manageOrganization) {
		all = append(all, guide{id: "administration", icon: "server", group: runekit.Administration, files: guideAt(houseGuides, "guide/administration")})
	}
	for _, in := range ordered(s.Runes) {
		if !active[in.ID] || !mayUse(v, in) {
			continue
		}
		if _, err := fs.Stat(in.Files, "guide/en.md"); err != nil {
			continue
		}
		group := in.Guide
		if group == "" {
			group = runekit.Additional
		}
		all = append(all, guide{id: in.ID, icon: in.Manifest.UIHooks.Icon, group: group, files: in.Files, rune: in})
	}
	return all
}

func guideAt(files embed.FS, dir string) fs.FS {
	sub, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // a fixed name is always valid
	}
	return sub
}

func mayUse(v *web.Visit, in *runekit.Installed) bool {
	for _, page := range in.Manifest.UIHooks.Sidebar {
		if v.Can(page.Permission) {
			return true
		}
	}
	for permission := range in.Manifest.ProvidedPermissions {
		if v.Can(permission) {
			return true
		}
	}
	return false
}

func (g guide) title(v *web.Visit) string {
	if g.rune == nil {
		return v.T("shell.guide_" + g.id)
	}
	return v.T(g.id + ".name")
}

// parts are the texts in the language of the visit, in English where a rune does not speak it.
func (g guide) parts(v *web.Visit) ([]string, error) {
	parts, err := runekit.Guide(g.files, v.Lang())
	if err == nil && parts == nil {
		parts, err = runekit.Guide(g.files, "en")
	}
	return parts, err
}

// guideLinks are the guides as the palette lists them.
func (s *Shell) guideLinks(v *web.Visit, active map[string]bool) []web.Entry {
	var links []web.Entry
	for _, g := range s.guides(v, active) {
		links = append(links, web.Entry{Icon: g.icon, Text: v.T("shell.guide_to", "name", g.title(v)), Href: "/help/" + g.id})
	}
	return links
}

type helpPage struct {
	Text   string
	Groups []helpGroup
	Found  []helpHit
}

type helpGroup struct {
	Title  string
	Guides []helpGuide
}

type helpGuide struct {
	Title, Icon, Href, Text string
	Hue                     int
}

type helpHit struct {
	Guide, Section, Icon, Href string
	Parts                      []search.Part
	Hue                        int
}

// showHelp is the help centre: every guide one has a use for, and a search in them.
func (s *Shell) showHelp(v *web.Visit) error {
	active, err := entitlement.Active(v.Context(), v.DB)
	if err != nil {
		return err
	}
	page, mine := &helpPage{Text: strings.TrimSpace(v.Query("q"))}, s.guides(v, active)
	if page.Text != "" {
		err = page.find(v, mine)
	} else {
		err = page.list(v, mine)
	}
	if err != nil {
		return err
	}
	v.Load("help")
	v.Title(v.T("shell.help"))
	v.Crumb(v.T("shell.help"), "")
	return v.Page("help", page)
}

func (p *helpPage) list(v *web.Visit, mine []guide) error {
	for _, group := range runekit.Groups {
		g := helpGroup{Title: v.T("shell.help_" + group)}
		for _, one := range mine {
			if one.group != group {
				continue
			}
			parts, err := one.parts(v)
			if err != nil {
				return err
			}
			g.Guides = append(g.Guides, helpGuide{Title: one.title(v), Icon: one.icon, Href: "/help/" + one.id, Text: firstSentence(parts[0]), Hue: hue(one.id)})
		}
		if len(g.Guides) > 0 {
			p.Groups = append(p.Groups, g)
		}
	}
	return nil
}

// find lists the paragraphs in which every word stands.
func (p *helpPage) find(v *web.Visit, mine []guide) error {
	for _, one := range mine {
		parts, err := one.parts(v)
		if err != nil {
			return err
		}
		for n, part := range parts {
			section := runekit.GuideSections[n]
			for _, line := range strings.Split(part, "\n") {
				text := plainText(line)
				if text == "" || !search.Holds(one.title(v)+" "+text, p.Text) || !search.Holds(text, firstWord(p.Text)) {
					continue
				}
				p.Found = append(p.Found, helpHit{
					Guide: one.title(v), Section: v.T("shell.guide_" + section), Icon: one.icon, Hue: hue(one.id),
					Href: "/help/" + one.id + "#" + section, Parts: search.Marks(text, p.Text),
				})
			}
		}
	}
	return nil
}

func firstWord(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return word
}

var (
	linkMark = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	lineMark = regexp.MustCompile(`^\s*(#+|[-*]|\d+\.|>)\s+`)
)

// plainText is a line of Markdown as it reads.
func plainText(line string) string {
	line = linkMark.ReplaceAllString(lineMark.ReplaceAllString(line, ""), "$1")
	return strings.TrimSpace(strings.NewReplacer("**", "", "`", "", "|", " ").Replace(line))
}

// firstSentence is what a card says of a guide.
func firstSentence(markdown string) string {
	text := plainText(strings.Join(strings.Fields(markdown), " "))
	if end := strings.Index(text, ". "); end > 0 {
		return text[:end+1]
	}
	return text
}

type guidePage struct {
	Title, Icon string
	Sections    []guideSection
	Permissions []guidePermission
}

type guideSection struct {
	ID, Title string
	Body      template.HTML
}

type guidePermission struct {
	Key, Text string
	IsHeld    bool
}

// showGuide is one guide with its five sections. The last is made from the manifest, so it is never behind.
func (s *Shell) showGuide(v *web.Visit) error {
	active, err := entitlement.Active(v.Context(), v.DB)
	if err != nil {
		return err
	}
	for _, g := range s.guides(v, active) {
		if g.id != v.Param("guide") {
			continue
		}
		page, err := g.page(v)
		if err != nil {
			return err
		}
		v.Load("help")
		v.Title(page.Title)
		v.Crumb(v.T("shell.help"), "/help")
		v.Crumb(page.Title, "")
		return v.Page("guide", page)
	}
	return fault.New(fault.NotFound, "web.not_found")
}

func (g guide) page(v *web.Visit) (*guidePage, error) {
	parts, err := g.parts(v)
	if err != nil {
		return nil, err
	}
	page := &guidePage{Title: g.title(v), Icon: g.icon}
	for n, part := range parts {
		id := runekit.GuideSections[n]
		page.Sections = append(page.Sections, guideSection{ID: id, Title: v.T("shell.guide_" + id), Body: rich.HTML(part)})
	}
	if g.rune == nil {
		return page, nil
	}
	for key := range g.rune.Manifest.ProvidedPermissions {
		page.Permissions = append(page.Permissions, guidePermission{Key: key, Text: v.T(g.id + ".permission." + key), IsHeld: v.Can(key)})
	}
	sort.Slice(page.Permissions, func(a, b int) bool { return page.Permissions[a].Key < page.Permissions[b].Key })
	return page, nil
}
