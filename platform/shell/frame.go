package shell

import (
	"hash/fnv"
	"slices"
	"sort"
	"strings"
	"unicode"

	"runes.im/platform/desk"
	"runes.im/platform/entitlement"
	"runes.im/platform/identity"
	"runes.im/platform/notify"
	"runes.im/platform/runekit"
	"runes.im/platform/slot"
	"runes.im/platform/web"
	"runes.im/platform/words"
)

// dress completes the frame of a page for the person who sees it. Only what the person may open is listed.
func (s *Shell) dress(v *web.Visit, f *web.Frame) error {
	active, err := entitlement.Active(v.Context(), v.DB)
	if err != nil {
		return err
	}
	if f.Unread, err = notify.Unread(v.Context(), v.DB, v.Person.ID); err != nil {
		return err
	}
	f.Person, f.Role = face(v.Person), roleOf(v, v.Person)
	f.Nav = s.nav(v, active, f.Unread)
	owners, err := s.ownerBlock(v, active, v.Request.URL.Path)
	if err != nil {
		return err
	}
	if len(owners.Entries) > 0 {
		f.Nav = append(f.Nav, owners)
	}
	f.Stamp = s.stamp(v, active)
	f.Tabs = tabs(f.Nav)
	f.Actions = s.actions(v, active)
	for _, own := range slot.Mine.Among(s.offers(), active) {
		if v.Can(own.Permission) && (own.Link != binPath || s.hasBins(v, active)) {
			f.Mine = append(f.Mine, web.Entry{Icon: own.Icon, Text: v.T(own.Title), Href: own.Link})
		}
	}
	if others, err := s.hasOthers(v); err != nil {
		return err
	} else if others {
		f.Mine = append(f.Mine, web.Entry{Icon: "building-2", Text: v.T("shell.organisations"), Href: "/organizations"})
	}
	f.Languages = languages(v.Lang())
	if f.Kinds, err = s.kinds(v); err != nil {
		return err
	}
	f.Guides = s.guideLinks(v, active)
	if err := s.putFavourites(v, f); err != nil {
		return err
	}
	house, own, err := paletteChoices(v)
	if err != nil {
		return err
	}
	f.Palette = house != switchedOff && own != switchedOff
	f.Recents, err = desk.Recents(v.Context(), v.DB, v.Person.ID)
	return err
}

// nav is the sidebar: the person's own places, the runes in the order of their manifests, the workspace.
func (s *Shell) nav(v *web.Visit, active map[string]bool, unread int) []web.Block {
	here := v.Request.URL.Path
	blocks := []web.Block{
		{Key: "personal", Entries: []web.Entry{
			{Icon: "house", Text: v.T("shell.home"), Href: "/", Current: here == "/"},
			{Icon: "inbox", Text: v.T("shell.notifications"), Href: "/notifications", Current: here == "/notifications", Count: unread},
		}},
		{Key: "runes", Title: v.T("shell.runes")},
		{Key: "workspace", Title: v.T("shell.workspace")},
	}
	for _, in := range ordered(s.Runes) {
		if !active[in.ID] {
			continue
		}
		entry, ok := runeEntry(v, in, here)
		for n := range blocks {
			if ok && blocks[n].Key == in.Manifest.UIHooks.Block {
				blocks[n].Entries = append(blocks[n].Entries, entry)
			}
		}
	}
	full := blocks[:0]
	for _, b := range blocks {
		if len(b.Entries) > 0 {
			full = append(full, b)
		}
	}
	return full
}

func ordered(runes []*runekit.Installed) []*runekit.Installed {
	sorted := append([]*runekit.Installed(nil), runes...)
	sort.SliceStable(sorted, func(a, b int) bool {
		return sorted[a].Manifest.UIHooks.Order < sorted[b].Manifest.UIHooks.Order
	})
	return sorted
}

// runeEntry is a rune's line with the pages this person may open; false when there is none.
func runeEntry(v *web.Visit, in *runekit.Installed, here string) (web.Entry, bool) {
	line := web.Entry{Icon: in.Manifest.UIHooks.Icon, Text: v.T(in.ID + ".name")}
	current := -1
	for _, page := range in.Manifest.UIHooks.Sidebar {
		if !v.Can(page.Permission) || v.Person.Hides(in.ID+"."+page.Key) {
			continue
		}
		if below(here, page.Route) && (current < 0 || len(page.Route) > len(line.Entries[current].Href)) {
			current = len(line.Entries)
		}
		line.Entries = append(line.Entries, web.Entry{
			Icon: page.Icon, Text: v.T(in.ID + ".nav." + page.Key), Href: page.Route,
		})
	}
	if len(line.Entries) == 0 {
		return line, false
	}
	line.Href, line.Open = line.Entries[0].Href, below(here, "/"+in.ID)
	if current >= 0 {
		line.Entries[current].Current = true
	}
	if len(line.Entries) == 1 {
		line.Entries, line.Current = nil, line.Open
	}
	return line, true
}

// below compares whole steps: /storage2 is not below /storage.
func below(path, root string) bool {
	return path == root || strings.HasPrefix(path, root+"/")
}

// tabs are the places a thumb reaches on a phone: Home, the first rune, the notifications.
func tabs(nav []web.Block) []web.Entry {
	personal := nav[0].Entries
	places := []web.Entry{personal[0]}
	if n := slices.IndexFunc(nav, func(b web.Block) bool { return b.Key == "runes" || b.Key == "workspace" }); n >= 0 {
		first := nav[n].Entries[0]
		first.Current, first.Entries = first.Open, nil
		places = append(places, first)
	}
	return append(places, personal[1])
}

// actions is the "+" menu.
func (s *Shell) actions(v *web.Visit, active map[string]bool) []web.Entry {
	var entries []web.Entry
	for _, a := range slot.Actions.Among(s.offers(), active) {
		if v.Can(a.Permission) {
			entries = append(entries, web.Entry{Icon: a.Icon, Text: v.T(a.Title), Href: a.Link, Dialog: a.Dialog})
		}
	}
	return entries
}

func (s *Shell) offers() []slot.Offer { return Offers(s.Runes, s.Server.Book) }

// face draws a person without a picture.
func face(p *identity.Person) web.Face {
	return web.Face{ID: p.ID, Name: p.Name, Email: p.Email, Initials: initials(p.Name), Hue: hue(p.ID)}
}

// initials are the first letters of the first and the last name.
func initials(name string) string {
	var letters []rune
	for _, word := range strings.Fields(name) {
		first := []rune(word)[0]
		if !unicode.IsLetter(first) {
			continue
		}
		if len(letters) == 2 {
			letters = letters[:1]
		}
		letters = append(letters, unicode.ToUpper(first))
	}
	return string(letters)
}

// hue gives everything with a name its colour, always the same one.
func hue(key string) int {
	h := fnv.New32a()
	h.Write([]byte(key))
	return int(h.Sum32() % 12)
}

// roles are those that the house brings; a workspace may make its own.
var roles = map[string]string{
	"admin": "shell.role_admin", "employee": "shell.role_employee", "guest": "shell.role_guest",
}

func roleOf(v *web.Visit, p *identity.Person) string {
	if p.Owner {
		return v.T("shell.role_owner")
	}
	for _, id := range p.Roles {
		if key := roles[id]; key != "" {
			return v.T(key)
		}
	}
	return v.T("shell.role_member")
}

// spoken are the languages to choose from.
var spoken = func() (all []web.Choice) {
	for _, code := range words.Languages {
		all = append(all, web.Choice{Code: code, Name: words.Named[code], Short: strings.ToUpper(code)})
	}
	return all
}()

func languages(current string) []web.Choice {
	choices := append([]web.Choice(nil), spoken...)
	for n := range choices {
		choices[n].Current = choices[n].Code == current
	}
	return choices
}
