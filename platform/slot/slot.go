// Package slot is where runes meet without knowing each other: one offers, another asks, and a missing or suspended
// rune is a missing answer.
package slot

import (
	"context"
	"html/template"
	"io"
	"strings"
	"time"

	"runes.im/platform/identity"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Slot is a meeting point for answers of type T.
type Slot[T any] struct{ name string }

// Offer is one rune's answer to a slot. Rune is filled by the house.
type Offer struct {
	Rune string
	slot string
	what any
}

// Answer is what one rune offers.
type Answer[T any] struct {
	Rune string
	What T
}

// Offer makes what an answer to the slot.
func (s Slot[T]) Offer(what T) Offer { return Offer{slot: s.name, what: what} }

// House is the rune of what the platform itself offers: it is never suspended.
const House = "house"

// Answers picks the slot's answers out of all offers, leaving out runes that active does not hold.
func (s Slot[T]) Answers(offers []Offer, active map[string]bool) []Answer[T] {
	var found []Answer[T]
	for _, o := range offers {
		if what, ok := o.what.(T); ok && o.slot == s.name && (active[o.Rune] || o.Rune == House) {
			found = append(found, Answer[T]{Rune: o.Rune, What: what})
		}
	}
	return found
}

// Among is the answers alone, for whoever does not care which rune gave them.
func (s Slot[T]) Among(offers []Offer, active map[string]bool) []T {
	var found []T
	for _, a := range s.Answers(offers, active) {
		found = append(found, a.What)
	}
	return found
}

// Asker is on whose behalf a slot is asked: answers hold only what this person may see, in this language.
type Asker struct {
	Tenant *tenant.Tenant
	Person *identity.Person
}

// Widget is a card on Home.
type Widget struct {
	ID         string // "storage.recent"
	Title      string // words key
	Icon       string
	Link       string // where its corner link leads
	LinkText   string // words key
	Permission string
	Template   string // of the offering rune
	Data       func(ctx context.Context, a Asker) (any, error)
}

// Action is an entry of the "+" menu.
type Action struct {
	ID, Title, Icon, Permission, Link string // Title is a words key
	Dialog                            bool   // the page at Link has the frame "record-dialog": it opens over whatever page one is on
}

// FileArchive is where other runes keep files for people: the storage rune answers. Who may do what is asked by the rune
// that keeps them.
type FileArchive struct {
	Save func(ctx context.Context, a Asker, folder, name string, content []byte) (ref Ref, err error)

	// A folder of a rune's own: made once, then known by its ref, wherever it is moved and whatever it is called.
	Folder func(ctx context.Context, a Asker, above []string, name string) (Ref, error)
	Put    func(ctx context.Context, a Asker, folder Ref, name string, content io.Reader, length int64) (Ref, error) // length -1: unknown
	List   func(ctx context.Context, a Asker, folder Ref) ([]File, error)
	Open   func(ctx context.Context, a Asker, folder Ref, id string) (File, io.ReadSeekCloser, error)
	Remove func(ctx context.Context, a Asker, folder Ref, id string) error // into the trash
	Rename func(ctx context.Context, a Asker, folder Ref, name string) error

	// Follow keeps a file in step with what a rune has: the first time, without a ref, below folder like Save; then the file
	// of the ref gets the name and the content, wherever people moved it, and what it held stays an older version. One that
	// was thrown away is made anew. Drop puts such a file into the trash; one that lies there already is none to drop.
	Follow func(ctx context.Context, a Asker, is Ref, folder, name string, content []byte) (Ref, error)
	Drop   func(ctx context.Context, a Asker, is Ref) error
}

// File is a file in a folder of a rune.
type File struct {
	ID, Name  string
	Size      int64
	ChangedAt time.Time
	ETag      string
	By        string // member who stored it
}

// Ref points at a record of whatever rune owns the kind.
type Ref struct{ Kind, ID string }

// Title is how a Ref reads: a dead one has no Href.
type Title struct {
	Text, Icon string
	Href       template.URL
}

// Titles resolves refs of one kind in one go.
type Titles struct {
	Kind    string
	Resolve func(ctx context.Context, a Asker, ids []string) (map[string]Title, error)
}

// Search is a kind of record that people find from the palette and the search page. The documents come from
// search.Put; here the rune says how they are shown and who may see them.
type Search struct {
	Kind       string // that of the documents: "file"
	Title      string // words key of the group
	Icon       string
	Permission string // without it nothing of the kind is found
	// Scope narrows the search to documents with one of these labels and those for everybody, unless all is true. nil:
	// the person's own id is the one label. It saves work; it is Allowed that decides.
	Scope func(ctx context.Context, a Asker) (labels []string, all bool, err error)
	// Allowed is asked at each reading: what is missing in the answer is not shown. nil: permission and scope decide.
	Allowed func(ctx context.Context, a Asker, ids []string) (map[string]Sight, error)
	// CatchUp brings what waits to be indexed into the index, if that is little work. nil: nothing ever waits.
	CatchUp func(ctx context.Context, a Asker) error
}

// Sight is how a record reads for one person.
type Sight struct {
	Subtitle string // empty: that of the document
}

// Tab is what a rune shows beside another rune's record.
type Tab struct {
	Kind       string // of the record: "contacts.company"
	ID         string // "desk.tickets"
	Title      string // words key
	Icon       string
	Permission string                                                     // without it the tab is not there
	Benefit    string                                                     // words key: what somebody would gain who has not got the rune
	Template   string                                                     // of the offering rune
	Count      func(ctx context.Context, a Asker, id string) (int, error) // nil: no figure on the tab
	Data       func(ctx context.Context, a Asker, id string) (any, error)
}

// Tokens answers [[ namespace.path ]] in texts, with the rights of the person who reads.
type Tokens struct {
	Namespace  string // "company"; a namespace has one owner
	Permission string // without it the tokens are unknown; empty: for everybody
	Paths      []Path
	// Values resolves some of the paths. about says which record a text is about, by kind: {"contacts.company": "…"}. A
	// value may be empty; what is missing in the answer is unknown and stays in the text as it was written.
	Values func(ctx context.Context, a Asker, about map[string]string, paths []string) (map[string]string, error)
}

// Path is one token of a namespace.
type Path struct {
	Path  string // "legal_name"; one that ends in * stands for all that begin so
	Title string // words key
	Alias string // short name that means the same; empty for most
}

// Picker lets people choose a record of another rune.
type Picker struct {
	Kind       string
	Title      string // words key: "Company"
	Icon       string
	Permission string
	Find       func(ctx context.Context, a Asker, text string, limit int) ([]Picked, error) // an empty text finds the newest
	// Create makes a record of that name for those who hold Manage. nil: it takes more than a name.
	Create func(ctx context.Context, a Asker, name string) (Picked, error)
	Manage string // permission
}

// Picked is one record to choose; its ref is the picker's kind and this id.
type Picked struct{ ID, Title, Subtitle string }

// Shelf hands out pictures that people choose with the picker of its kind: whoever uses one keeps its id and reads it when
// it is needed, so that a picture that was replaced is replaced everywhere.
type Shelf struct {
	Kind string // of the picker
	// Read is the picture as it is now, its longer side one of the sizes of the picture room; 0: as large as it is.
	Read func(ctx context.Context, a Asker, id string, side int) (*Picture, error)
}

// Picture is a picture for a mail, a document or a page.
type Picture struct {
	Title, Type string // "image/png"
	Content     []byte
	Address     string // for pages of people who are signed in; it changes with the picture
}

// Notice is a sort of notification that people can choose channels for.
type Notice struct {
	Kind       string // that of notify.Note: "storage.quota_warning"
	Title      string // words key: what happened, as a line of the preferences
	Permission string // who may get it; empty: everybody
	Mail       bool   // a mail goes out, too, unless somebody chose otherwise
	Always     bool   // about the safety of the account: the bell cannot be turned off
}

// Owned is what a person is answerable for and hands over before leaving.
type Owned struct {
	Kind       string
	Title      string // words key
	Icon       string
	Permission string                        // who lacks it is no heir
	Heir       func(p *identity.Person) bool // who else is none; nil: nobody
	Must       bool                          // somebody has to take over
	Count      func(ctx context.Context, r store.Reader, person string) (int, error)
	HandOver   func(ctx context.Context, tx *store.Tx, from, to string) error
}

// Scoped is a kind of record of which people may be limited to a part.
type Scoped struct {
	Kind        string
	Title, Icon string   // Title is a words key
	Permissions []string // whoever holds all of them decides at the link
	Link        func(member string) string
	Said        func(ctx context.Context, r store.Reader, p *identity.Person) (string, error) // words key: how much this person sees
}

// Subject is somebody whose data is asked for or erased: a member, or a person outside known by an address.
type Subject struct{ Member, Email string }

// Personal is what a rune knows about people: for the copy they may ask for, and for its end.
type Personal struct {
	Title  string                                                            // words key
	Export func(ctx context.Context, r store.Reader, s Subject) (any, error) // what JSON makes of it; nil: nothing is known
	Erase  func(ctx context.Context, tx *store.Tx, s Subject) error
}

// Bin is where removed records of one kind wait for 30 days.
type Bin struct {
	Kind       string
	Title      string // words key
	Icon       string
	Permission string
	Link       string // the page that lists them, restores and purges
	Count      func(ctx context.Context, a Asker) (int, error)
}

// Statistic is one figure of a rune.
type Statistic struct {
	ID, Title  string // "contacts.companies", words key
	Icon       string
	Permission string
	Link       string
	Figure     func(ctx context.Context, a Asker) (int64, error)
}

// Login is how the organisation wants its sign-in page. Design answers nil when nobody has chosen.
type Login struct {
	Design func(ctx context.Context, a Asker, lang string) (*LoginDesign, error) // the asker is nobody yet
}

// LoginDesign is the sign-in page in one language. Colours are #rrggbb, pictures local addresses that anybody may read;
// an empty title or text is the house's own.
type LoginDesign struct {
	Layout        string // where the card stands: left, centre, right
	Backdrop      string // aurora, colour, gradient, picture
	Colours       [2]string
	Picture, Logo string
	LogoDark      string // for a dark page; empty: the same
	Title, Text   string
	Links         []LoginLink
	IsPreview     bool // drawn within another page, which has its own heading
}

// Dot reports that the title ends with the accent dot: a question or a call has its own end.
func (d *LoginDesign) Dot() bool { return strings.TrimRight(d.Title, ".?!…") == d.Title }

// LoginLink leads to a page of this site or of the secure web.
type LoginLink struct{ Text, Href string } // Text is a words key

// Own is an entry of the account menu: something that belongs to the person.
type Own struct {
	Title, Icon, Link string // Title is a words key
	Permission        string // empty: everybody
}

// Setting leads from the settings of the organisation to a page. Whoever may not open that page does not see it.
type Setting struct {
	Section     string // appearance, themes, access, authentication, members, spaces, advanced, log, purge, billing, security
	Title, Icon string // Title is a words key
	Link        string
}

// The meeting points of the house.
var (
	Mine         = Slot[Own]{"mine"}
	Settings     = Slot[Setting]{"setting"}
	Logins       = Slot[Login]{"login"}
	Widgets      = Slot[Widget]{"widget"}
	Actions      = Slot[Action]{"action"}
	FileArchives = Slot[FileArchive]{"file_archive"}
	RefTitles    = Slot[Titles]{"titles"}
	Searches     = Slot[Search]{"search"}
	Tabs         = Slot[Tab]{"tab"}
	TokenValues  = Slot[Tokens]{"tokens"}
	Pickers      = Slot[Picker]{"picker"}
	Shelves      = Slot[Shelf]{"shelf"}
	Notices      = Slot[Notice]{"notice"}
	OwnedThings  = Slot[Owned]{"owned"}
	Scopes       = Slot[Scoped]{"scoped"}
	PersonalData = Slot[Personal]{"personal"}
	Bins         = Slot[Bin]{"bin"}
	Statistics   = Slot[Statistic]{"statistic"}
)
