package web

import (
	"html/template"

	"runes.im/platform/slot"
)

// Frame is what ui/layout/shell.html and ui/layout/bare.html draw around a page. Web fills the first part, the shell
// the second, and that only for people who are signed in.
type Frame struct {
	Lang, Theme, Title string // Theme: light, dark or system
	Density            string // comfortable or compact
	Letters            bool   // single letters are shortcuts
	Company            string // the organisation's name, or that of its platform; empty before the first one exists
	Product            string // ends the browser's title
	Look               *slot.Appearance
	Here               string // local path and query of this page, where small forms come back to
	CSRF               string // for scripts
	Scripts, Styles    []string
	Body               template.HTML // the page, already rendered
	Crumbs             []Crumb
	Toast, Undo        string // said once, on the page after the deed; Undo is a POST address

	Person    Face
	Role      string // what the person is in the organisation, in words
	Stamp     string // what the frame is made from; an open page with another one reads its frame anew
	Nav       []Block
	Tabs      []Entry // the two or three places of the phone bar
	Actions   []Entry // the "+" menu
	Mine      []Entry // what runes have in the account menu
	Unread    int     // of the bell
	Languages []Choice
	Kinds     []Kind   // of records that the palette finds
	Palette   bool     // Ctrl+K opens it
	Guides    []Entry  // of the help centre
	Recents   []string // what was chosen in it last, the newest first
	Starred   bool     // this page is a favourite
	CanStar   bool     // it is a page that can become one
}

// Face is how a person is drawn. Hue is 0 to 11.
type Face struct {
	ID, Name, Email, Initials string
	Hue                       int
}

// Crumb is a step of the breadcrumb; the current page has no Href.
type Crumb struct{ Text, Href string }

// Block is a part of the sidebar: "personal", "favourites", "runes" or "workspace". Title is empty for the first.
type Block struct {
	Key, Title string
	Entries    []Entry
}

// Entry leads somewhere. Current is the page itself, Open a rune of which some page is shown.
type Entry struct {
	Icon, Text, Href string
	Current, Open    bool
	Dialog           bool    // opens over the page it is on
	Count            int     // a badge, when not 0
	Entries          []Entry // of an open rune
}

// Choice is a language to choose: "de", "Deutsch", "DE".
type Choice struct {
	Code, Name, Short string
	Current           bool
}

// Kind is a kind of records that people search: "file", "Files".
type Kind struct {
	Key, Icon, Text string
	Hue             int
}
