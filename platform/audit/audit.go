// Package audit keeps who did what, append-only, each entry chained to the one before by its hash.
package audit

import (
	"context"
	"time"

	"runes.im/platform/store"
)

// Schema holds the log.
var Schema store.Schema

// Entry is one line of the log. Actor and time come from ctx.
type Entry struct {
	Action string         // "identity.signed_in", "storage.file_deleted"
	Object string         // kind and id of what was acted on, "member:0190…"
	Title  string         // its name at that time, for people
	Before map[string]any // fields before, only those that changed
	After  map[string]any // and after
}

// Record appends an entry in the caller's write, so that the deed and its record stand or fall together.
func Record(ctx context.Context, tx *store.Tx, e Entry) error { panic("audit") }

// Line is an entry as it stands in the log.
type Line struct {
	Number  int64
	At      time.Time
	ActorID string
	Actor   string
	Address string
	Entry
	Hash string
}

// Lines lists the newest entries first; before 0 starts at the newest.
func Lines(ctx context.Context, r store.Reader, before int64, limit int) ([]Line, error) {
	panic("audit")
}

// Verify walks the whole chain and returns the number of the first line that does not fit, 0 when sound.
func Verify(ctx context.Context, r store.Reader) (broken int64, err error) { panic("audit") }
