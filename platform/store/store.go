// Package store is one tenant's SQLite file: a read-only pool, one writer whose waiting writes share a transaction,
// plain SQL migrations, and news that leave only after the commit.
package store

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"

	"github.com/uptrace/bun"
)

// Reader is what queries need. DB and Tx both are one, so the same query runs inside and outside a write.
type Reader interface {
	NewSelect() *bun.SelectQuery
	NewRaw(query string, args ...any) *bun.RawQuery
	// Query and QueryRow are the short way for hot paths: a statement with arguments is prepared once per connection.
	// A string argument with a NUL byte is refused with a fault; a time.Time is bound as clock.Text writes it.
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) *sql.Row
}

// Texts reads rows of one text each to their end: Texts(db.Query(ctx, …)).
func Texts(rows *sql.Rows, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, rows.Err()
}

// Event is news about a change, named in the past tense: "contacts.company_deleted".
type Event interface{ Topic() string }

// Schema is the migrations of one part of the house: files NNNN_name.sql, run in order, each in its own transaction.
type Schema struct {
	Name string
	FS   fs.FS // the folder that holds the .sql files
}

// Embedded is a schema whose migrations lie in a folder within the program.
func Embedded(name string, files embed.FS, folder string) Schema {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		panic(err) // no path at all: a typing mistake, found by every start
	}
	return Schema{Name: name, FS: sub}
}

// Words are the sentences behind this room's faults.
//
//go:embed words
var Words embed.FS

//go:embed migrations
var migrations embed.FS

// Actor is who acts: it stands in events and in the audit log.
type Actor struct {
	ID, Name string // the member's id and name; empty when the house itself acts
	Address  string // network address, for the audit log
}

type actorKey struct{}

// WithActor makes a the actor of everything written under ctx.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorOf is the actor of ctx, the zero Actor when the house itself acts.
func ActorOf(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}
