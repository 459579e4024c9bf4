// Package store is one tenant's SQLite file: a read-only pool, one writer whose waiting writes share a transaction,
// plain SQL migrations, and news that leave only after the commit.
package store

import (
	"context"
	"database/sql"
	"io/fs"

	"github.com/uptrace/bun"
)

// Reader is what queries need. DB and Tx both are one, so the same query runs inside and outside a write.
type Reader interface {
	NewSelect() *bun.SelectQuery
	NewRaw(query string, args ...any) *bun.RawQuery
	// Query and QueryRow are the short way for hot paths: the statement is prepared once per connection.
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) *sql.Row
}

// Event is news about a change, named in the past tense: "contacts.company_deleted".
type Event interface{ Topic() string }

// Schema is the migrations of one part of the house: files NNNN_name.sql, run in order, each in its own transaction.
type Schema struct {
	Name string
	FS   fs.FS // the folder that holds the .sql files
}

// DB is one open database file.
type DB struct{}

// Open opens or creates the file at path (absolute).
func Open(ctx context.Context, path string) (*DB, error) { panic("store") }

// Close waits for the write in progress and closes the file.
func (db *DB) Close() error { panic("store") }

// Migrate brings the schemas up to date. A schema newer than the program's is refused and nothing is changed.
func (db *DB) Migrate(ctx context.Context, schemas ...Schema) error { panic("store") }

// Write runs fn inside the writer's transaction, in its own savepoint, together with other waiting writes, and
// returns when the result is on stable storage. An error or panic of fn undoes fn alone. fn uses the ctx it is given
// (a caller who goes away must not tear down its neighbours), does no network or file work, and may run a second time
// when the shared transaction was lost.
func (db *DB) Write(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	panic("store")
}

// Copy writes a consistent copy of the database to path while others go on writing.
func (db *DB) Copy(ctx context.Context, path string) error { panic("store") }

// Check runs SQLite's integrity check and returns what it found, empty when sound.
func (db *DB) Check(ctx context.Context) ([]string, error) { panic("store") }

func (db *DB) NewSelect() *bun.SelectQuery                    { panic("store") }
func (db *DB) NewRaw(query string, args ...any) *bun.RawQuery { panic("store") }
func (db *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	panic("store")
}
func (db *DB) QueryRow(ctx context.Context, query string, args ...any) *sql.Row { panic("store") }

// Tx is a write in progress.
type Tx struct{}

func (tx *Tx) NewSelect() *bun.SelectQuery                    { panic("store") }
func (tx *Tx) NewRaw(query string, args ...any) *bun.RawQuery { panic("store") }
func (tx *Tx) NewInsert() *bun.InsertQuery                    { panic("store") }
func (tx *Tx) NewUpdate() *bun.UpdateQuery                    { panic("store") }
func (tx *Tx) NewDelete() *bun.DeleteQuery                    { panic("store") }
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	panic("store")
}
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row { panic("store") }
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	panic("store")
}

// Emit puts the event into the outbox, in this transaction. It is delivered after the commit, at least once.
func (tx *Tx) Emit(ctx context.Context, e Event) error { panic("store") }

// AfterCommit runs fn once the write is on stable storage; it is dropped when the write fails. fn must be quick.
func (tx *Tx) AfterCommit(fn func()) { panic("store") }

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
