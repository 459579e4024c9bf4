// Package notify tells a person that something happened: the bell, live in open pages; mail becomes a channel later.
package notify

import (
	"context"
	"time"

	"runes.im/platform/store"
)

// Schema holds the notifications.
var Schema store.Schema

// Note is one notification. Its text is a words key, so that it reads in the language of whoever opens it.
type Note struct {
	To    string   // member id; a note to the actor of ctx itself is dropped, unless Security
	Kind  string   // "storage.quota_warning"; its words are notify.<kind>
	Args  []string // name, value …
	Icon  string   // icon name
	Link  string   // local path
	// Security notes (a new device signed in) go out even when the person did it.
	Security bool
}

// Send notes it in the caller's write; the bell of open pages follows the commit.
func Send(ctx context.Context, tx *store.Tx, n Note) error { panic("notify") }

// Item is a stored notification.
type Item struct {
	ID    string
	At    time.Time
	Actor string // name of who did it, empty for the house
	Read  bool
	Note
}

// Items lists a person's notifications, newest first; before (an item's id) continues a list.
func Items(ctx context.Context, r store.Reader, person string, unreadOnly bool, before string, limit int) ([]Item, error) {
	panic("notify")
}

// Unread is how many the person has not read.
func Unread(ctx context.Context, r store.Reader, person string) (int, error) { panic("notify") }

// MarkRead marks one, or all when id is empty.
func MarkRead(ctx context.Context, tx *store.Tx, person, id string) error { panic("notify") }
