package store

import (
	"errors"
	"fmt"
	"io"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"runes.im/platform/fault"
)

var (
	errNested = errors.New("store: db.Write inside a write: use the tx at hand")
	errEnded  = errors.New("store: tx or rows used after the write ended")
	errLost   = errors.New("store: the transaction was lost")
	errExit   = errors.New("store: the write ended its goroutine")
)

// IsTaken reports whether err says that a unique or primary key is already in use.
func IsTaken(err error) bool {
	c := code(err)
	return c == sqlite3.SQLITE_CONSTRAINT_UNIQUE || c == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}

// code is SQLite's extended result code inside err, 0 when there is none.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// explain gives the failures that a person can act on their sentence and keeps SQLite's own words for the log.
func explain(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	var key string
	kind := fault.Unavailable
	switch code(err) & 0xff {
	case sqlite3.SQLITE_FULL:
		kind, key = fault.Full, "store.full"
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		key = "store.damaged"
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN:
		key = "store.disk"
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		key = "store.busy"
	default:
		return err
	}
	return fmt.Errorf("%w: %w", fault.New(kind, key), err)
}

// losesTransaction reports whether SQLite may have rolled the whole transaction back on err, not the statement alone.
func losesTransaction(err error) bool {
	switch code(err) & 0xff {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT:
		return true
	}
	return false
}

// breaksDisk reports whether after err nobody can say what is on the disk: a second fsync would answer success for
// pages that the first one lost.
func breaksDisk(err error) bool {
	switch code(err) {
	case sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC, sqlite3.SQLITE_IOERR_WRITE,
		sqlite3.SQLITE_IOERR_TRUNCATE, sqlite3.SQLITE_IOERR_CLOSE:
		return true
	}
	return false
}
