// Package record carries a noun: from one declaration, a struct with record tags, follow its list, form, bin, export,
// audit lines, news, live updates, import and API, all under one set of rights.
package record

import (
	"context"
	"embed"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"runes.im/platform/identity"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// Words are the sentences that all nouns share.
//
//go:embed words
var Words embed.FS

//go:embed migrations
var migrations embed.FS

// Schema holds what people chose about lists.
var Schema = store.Embedded("record", migrations, "migrations")

// Base is what every record has. A noun's struct embeds it, its table has the columns.
type Base struct {
	ID                   string
	Version              int64 // goes up with every change: who changes an older one is told
	CreatedAt, UpdatedAt time.Time
	CreatedBy, UpdatedBy string // member ids; empty when the house itself did it
	DeletedAt            time.Time
	DeletedWith          string // id of the record whose removal took this one along
}

// Change is what news tells about a record.
type Change struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Changed []string `json:"changed"` // names of the fields
	Actor   string   `json:"actor"`   // member id
}

// Question is asked once before a record is saved; whoever saves again has answered yes.
type Question struct {
	Key  string
	Args []any
}

// Loss is a line of what goes along when a record is removed.
type Loss struct{ Icon, Text, Note string }

// Place is one of the lists beside each other above a list.
type Place struct{ Text, Path string } // Text is a words key

// Column is a column of the list that is no field.
type Column[T any] struct {
	Name   string // the words key of its head is the noun's Words + Name
	Before string // the field it stands in front of; empty: behind all fields
	SortBy string // a field that sorts
	Cells  func(v *web.Visit, all []*T) (map[string]Cell, error)
}

// Cell is what a column shows of a record.
type Cell struct {
	Text, Muted, Href string
	Who               *Face // the member that the text names
	Faces             []Face
	More              int // faces that are not shown
}

// Face is somebody drawn small. The part "face" adds the picture of a member.
type Face struct {
	ID, Name, Initials string
	Hue                int
}

// Noun declares what there is to know about T; Declare makes it work. Words begins the keys of its texts and names it:
// "contacts.company." is the company of the rune contacts.
type Noun[T any] struct {
	Words        string
	Plural       string // of the table (contacts_companies), the API and the address of exports
	Path         string // below the rune's address: "" or "/people"
	Icon         string
	View, Manage string // permissions

	Check   func(ctx context.Context, r store.Reader, rec *T) error                                  // beyond the tags
	Derive  func(rec *T)                                                                             // fills the derived fields
	Ask     func(ctx context.Context, r store.Reader, n *Noun[T], before, rec *T) (*Question, error) // before is nil for a new one
	Saving  func(ctx context.Context, tx *store.Tx, n *Noun[T], before, rec *T) error                // with the change, before it
	Saved   func(ctx context.Context, tx *store.Tx, n *Noun[T], before, rec *T) error                // with the change, after it
	Removed func(ctx context.Context, tx *store.Tx, rec *T) error                                    // with the removal, after it
	Back    func(ctx context.Context, tx *store.Tx, rec *T) error                                    // with its coming back from the bin
	Purged  func(ctx context.Context, tx *store.Tx, rec *T) error                                    // with its end
	Losses  func(v *web.Visit, rec *T) ([]Loss, error)
	// Scope limits a person to some records, everywhere: a condition of SQL on the noun's table, empty for all of them.
	Scope func(ctx context.Context, r store.Reader, p *identity.Person) (where string, args []any, err error)

	// Options are what a text field offers to choose from; what stands in the record stays a choice.
	Options map[string]func(v *web.Visit) ([]string, error)
	Refs    map[string]Ref // fields that point at other records, for import and export
	// Narrow is what ?list=id in the address means: a further condition and its name.
	Narrow func(ctx context.Context, r store.Reader, n *Noun[T], id string) (where string, args []any, name string, err error)
	// Doings are buttons beside "New"; asked is what the address says. Bulk are deeds for chosen records: pages that get their ids.
	Doings  func(v *web.Visit, asked url.Values) []Doing
	Bulk    func(v *web.Visit, asked url.Values) []Doing
	Columns []Column[T]
	Beside  []Place
	Href    func(rec *T) string // its page, when it is not <path>/<id>
	Inside  bool                // new ones are made on the page of another record, not from the list
	Typed   bool                // its name is typed before it is removed
	Notes   bool                // people write notes about it
	Archive string              // the folder of the file archive where its files lie, one folder a record; empty: it has none

	Created, Updated, Deleted func(c Change) store.Event

	// Reach limits people to their own records or to lists, as somebody chose; Labels are of a noun whose Scope follows
	// another: the owners whose people find the record in a search.
	Reach  *Reach
	Labels func(ctx context.Context, r store.Reader, rec *T) ([]string, error)
	// Traits are what two records of the same thing have in common: with them a noun has duplicates to find and to merge.
	Traits func(rec *T) []Trait
	// Merged moves what belongs to the record that goes, in the write of the merge, and notes it; Apart gives it back.
	Merged, Apart       func(ctx context.Context, tx *store.Tx, n *Noun[T], kept, gone *T, m *Merge) error
	BecameOne, AreApart func(c Merging) store.Event

	*kind
}

// Kind is a declared noun whatever its type: what the house wires.
type Kind interface{ kindOf() *kind }

func (k *kind) kindOf() *kind { return k }

// kind is a noun without its Go type: records travel as pointers to it.
type kind struct {
	key, rune, name, plural, words, table, path, icon, view, manage, archived string
	typ                                                                       reflect.Type
	base, custom                                                              int   // where Base and Custom stand in the struct; -1: no Custom
	isWhole                                                                   bool  // fields holds what people added
	bare                                                                      *kind // of a whole one: without that
	fields                                                                    []*Field
	columns                                                                   string                            // of the table, for SELECT
	nouns                                                                     *atomic.Pointer[map[string]*kind] // of the same rune, by key
	extra                                                                     []column
	beside                                                                    []Place
	typed, inside, notes                                                      bool

	check   func(ctx context.Context, r store.Reader, rec any) error
	ask     func(ctx context.Context, r store.Reader, before, rec any) (*Question, error)
	saving  func(ctx context.Context, tx *store.Tx, before, rec any) error
	saved   func(ctx context.Context, tx *store.Tx, before, rec any) error
	removed func(ctx context.Context, tx *store.Tx, rec any) error
	back    func(ctx context.Context, tx *store.Tx, rec any) error
	purged  func(ctx context.Context, tx *store.Tx, rec any) error
	losses  func(v *web.Visit, rec any) ([]Loss, error)
	derive  func(rec any)
	options map[string]func(v *web.Visit) ([]string, error)
	refs    map[string]Ref
	narrow  func(ctx context.Context, r store.Reader, id string) (string, []any, string, error)
	doings  func(v *web.Visit, asked url.Values) []Doing
	bulk    func(v *web.Visit, asked url.Values) []Doing
	scope   func(ctx context.Context, r store.Reader, p *identity.Person) (string, []any, error)
	href    func(rec any) string
	news    [3]func(c Change) store.Event

	reach   *Reach
	follows func(ctx context.Context, r store.Reader, rec any) ([]string, error)
	traits  func(rec any) []Trait
	merged  [2]func(ctx context.Context, tx *store.Tx, kept, gone any, m *Merge) error // and taken apart again
	oneNews [2]func(c Merging) store.Event
}

type column struct {
	name, label, sortBy, before string
	usual                       bool // shown to people who have chosen nothing
	cells                       func(v *web.Visit, all []any) (map[string]Cell, error)
}

// Declare makes a noun out of its declaration. A mistake in it is found at start.
func Declare[T any](n Noun[T]) *Noun[T] {
	k := &kind{
		nouns: new(atomic.Pointer[map[string]*kind]), key: strings.TrimSuffix(n.Words, "."), words: n.Words, plural: n.Plural, path: n.Path, icon: n.Icon,
		view: n.View, manage: n.Manage, beside: n.Beside, typed: n.Typed, archived: n.Archive, notes: n.Notes, inside: n.Inside, options: n.Options, refs: map[string]Ref{}, doings: n.Doings, bulk: n.Bulk,
		typ: reflect.TypeFor[T](), scope: n.Scope, news: [3]func(Change) store.Event{n.Created, n.Updated, n.Deleted},
	}
	k.rune, k.name, _ = strings.Cut(k.key, ".")
	k.table = k.rune + "_" + k.plural
	if k.view == "" || k.manage == "" || k.name == "" || k.plural == "" {
		panic("record: " + n.Words + " needs words, a plural and two permissions")
	}
	self := &n
	k.derive = func(rec any) {
		if n.Derive != nil {
			n.Derive(rec.(*T))
		}
	}
	k.reach = n.Reach
	if n.Labels != nil {
		k.follows = func(ctx context.Context, r store.Reader, rec any) ([]string, error) {
			return n.Labels(ctx, r, rec.(*T))
		}
	}
	if n.Narrow != nil {
		k.narrow = func(ctx context.Context, r store.Reader, id string) (string, []any, string, error) {
			return n.Narrow(ctx, r, self, id)
		}
	}
	k.check, k.ask, k.saving, k.saved = checking(n.Check), asking(self, n.Ask), saving(self, n.Saving), saving(self, n.Saved)
	k.removed, k.back, k.purged = deed(n.Removed), deed(n.Back), deed(n.Purged)
	if n.Losses != nil {
		k.losses = func(v *web.Visit, rec any) ([]Loss, error) { return n.Losses(v, rec.(*T)) }
	}
	k.href = func(rec any) string { return k.at("/" + k.of(rec).ID) }
	if n.Href != nil {
		k.href = func(rec any) string { return n.Href(rec.(*T)) }
	}
	for _, c := range n.Columns {
		k.extra = append(k.extra, column{name: c.Name, label: n.Words + c.Name, sortBy: c.SortBy, before: c.Before, usual: true, cells: func(v *web.Visit, all []any) (map[string]Cell, error) {
			typed := make([]*T, len(all))
			for i, one := range all {
				typed[i] = one.(*T)
			}
			return c.Cells(v, typed)
		}})
	}
	maps.Copy(k.refs, n.Refs)
	k.readTags()
	k.declareScope(n.Scope != nil)
	declareMerge(self, k)
	self.kind = k
	return self
}

func checking[T any](fn func(context.Context, store.Reader, *T) error) func(context.Context, store.Reader, any) error {
	return func(ctx context.Context, r store.Reader, rec any) error {
		if fn == nil {
			return nil
		}
		return fn(ctx, r, rec.(*T))
	}
}

func asking[T any](n *Noun[T], fn func(context.Context, store.Reader, *Noun[T], *T, *T) (*Question, error)) func(context.Context, store.Reader, any, any) (*Question, error) {
	return func(ctx context.Context, r store.Reader, before, rec any) (*Question, error) {
		if fn == nil {
			return nil, nil
		}
		old, _ := before.(*T)
		return fn(ctx, r, n, old, rec.(*T))
	}
}

func saving[T any](n *Noun[T], fn func(context.Context, *store.Tx, *Noun[T], *T, *T) error) func(context.Context, *store.Tx, any, any) error {
	return func(ctx context.Context, tx *store.Tx, before, rec any) error {
		if fn == nil {
			return nil
		}
		old, _ := before.(*T)
		return fn(ctx, tx, n, old, rec.(*T))
	}
}

func deed[T any](fn func(context.Context, *store.Tx, *T) error) func(context.Context, *store.Tx, any) error {
	return func(ctx context.Context, tx *store.Tx, rec any) error {
		if fn == nil {
			return nil
		}
		return fn(ctx, tx, rec.(*T))
	}
}

// fresh is an empty record.
func (k *kind) fresh() any { return reflect.New(k.typ).Interface() }

// copyOf is a record that may be changed without changing the other.
func (k *kind) copyOf(rec any) any {
	c := reflect.New(k.typ)
	c.Elem().Set(reflect.ValueOf(rec).Elem())
	return c.Interface()
}

// more are the values of a record that people added fields for.
func (k *kind) more(rec any) *Custom {
	return reflect.ValueOf(rec).Elem().Field(k.custom).Addr().Interface().(*Custom)
}

// of is the base of a record.
func (k *kind) of(rec any) *Base {
	return reflect.ValueOf(rec).Elem().Field(k.base).Addr().Interface().(*Base)
}

// title is what a record is called: its title fields.
func (k *kind) title(rec any) string {
	return k.joined(rec, func(f *Field) bool { return f.title }, " ")
}

func (k *kind) joined(rec any, which func(*Field) bool, between string) string {
	var parts []string
	for _, f := range k.fields {
		if which(f) {
			if text := f.text(rec); text != "" {
				parts = append(parts, text)
			}
		}
	}
	return strings.Join(parts, between)
}

// at is an address below the noun's own.
func (k *kind) at(rest string) string { return "/" + k.rune + k.path + rest }

func (k *kind) field(name string) *Field {
	for _, f := range k.fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// given are the fields that people and programs write; the others are derived from them.
func (k *kind) given() []*Field {
	return slices.DeleteFunc(slices.Clone(k.fields), func(f *Field) bool { return f.derived })
}

func (k *kind) object(id string) string { return k.key + ":" + id }

func (k *kind) wrong(format string, args ...any) {
	panic("record: " + k.key + ": " + fmt.Sprintf(format, args...))
}
