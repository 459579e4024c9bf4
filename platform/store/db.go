package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"modernc.org/sqlite"

	"runes.im/platform/fault"
)

// A page of many rows is written to slow clients while its reader is held, so there may be many readers; but few stay
// open when nobody reads, because each costs some 200 KB.
const (
	maxReaders  = 16
	idleReaders = 4
	idleTime    = 30 * time.Second
)

// applicationID stands in the header of our files ("RUNE"): an empty or foreign file is not taken for a fresh one.
const applicationID = 0x52554e45

const commonOptions = "?mode=rw&_busy_timeout=5000&_foreign_keys=on&_defensive=1&_dqs=0&_pragma=temp_store(2)"

// The write-ahead log keeps its size between checkpoints: overwriting is cheaper than growing, and works on a full disk.
const writerOptions = commonOptions + "&_journal_mode=WAL&_synchronous=FULL&_pragma=cache_size(-2048)" +
	"&_pragma=wal_autocheckpoint(2000)&_pragma=journal_size_limit(16777216)"

const readerOptions = commonOptions + "&_query_only=1&_pragma=cache_size(-1024)"

// dialect is shared: it holds what bun learned about the model structs, which is the same for all tenants.
var dialect = sqlitedialect.New()

// prepareProcess settles what holds for the whole process and must come before the first connection. With OFD locks
// nothing else that opens and closes the file takes SQLite's locks away.
var prepareProcess = sync.OnceValue(func() error {
	sqlite.StrictPragmas(true)
	_, err := sqlite.OFDLocking(true)
	if errors.Is(err, sqlite.ErrOFDLockingUnavailable) {
		return nil
	}
	return err
})

// DB is one open database file.
type DB struct {
	path    string
	pool    *sql.DB
	readers *bun.DB
	reading atomic.Int32 // readers at work
	writer  *writer

	mu      sync.Mutex
	signals map[string][]*signal
	courier atomic.Pointer[Courier]
	memo    sync.Map
}

// Create makes the file at path (absolute), which must not exist, and opens it. The file appears complete or not at
// all, with mode 0600; missing folders are made with 0700.
func Create(ctx context.Context, path string) (*DB, error) {
	if err := prepareProcess(); err != nil {
		return nil, err
	}
	if _, err := os.Lstat(path); err == nil {
		return nil, fmt.Errorf("create database %s: %w", path, fs.ErrExist)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	draft := path + ".new"
	if err := removeDatabase(draft); err != nil {
		return nil, err
	}
	if err := createDraft(ctx, draft); err != nil {
		return nil, errors.Join(err, removeDatabase(draft))
	}
	if err := os.Rename(draft, path); err != nil {
		return nil, err
	}
	if err := syncPath(filepath.Dir(path)); err != nil {
		return nil, err
	}
	return Open(ctx, path)
}

// Open opens the file at path (absolute). A missing or damaged file is a fault and stays as it is: only Create makes
// files, so that a lost database is never replaced by an empty one.
func Open(ctx context.Context, path string) (*DB, error) {
	if err := prepareProcess(); err != nil {
		return nil, err
	}
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", fault.New(fault.Unavailable, "store.missing"), err)
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() == 0 {
		return nil, fmt.Errorf("%w: %s", fault.New(fault.Unavailable, "store.damaged"), path)
	}
	db, err := open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return db, nil
}

func open(ctx context.Context, path string) (*DB, error) {
	readers, err := sqlite.NewConnector(address(path, readerOptions))
	if err != nil {
		return nil, err
	}
	db := &DB{path: path, signals: map[string][]*signal{}}
	db.pool = sql.OpenDB(connector{Connector: readers, reading: &db.reading})
	db.pool.SetMaxOpenConns(maxReaders)
	db.pool.SetMaxIdleConns(idleReaders)
	db.pool.SetConnMaxIdleTime(idleTime)
	db.readers = bun.NewDB(db.pool, dialect)
	if err := checkIdentity(ctx, db.pool); err != nil {
		return nil, errors.Join(err, db.pool.Close())
	}
	if db.writer, err = startWriter(ctx, db, address(path, writerOptions)); err != nil {
		return nil, errors.Join(err, db.pool.Close())
	}
	if err := db.Migrate(ctx, ownSchema()); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// checkIdentity reads the header and the schema, and so finds most damage before the file is touched.
func checkIdentity(ctx context.Context, pool *sql.DB) error {
	var application, tables int
	if err := pool.QueryRowContext(ctx, "PRAGMA application_id").Scan(&application); err != nil {
		return err
	}
	if application != applicationID {
		return fault.New(fault.Unavailable, "store.damaged")
	}
	return pool.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables)
}

func createDraft(ctx context.Context, path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	plain, err := sqlite.NewConnector(address(path, writerOptions))
	if err != nil {
		return err
	}
	pool := sql.OpenDB(connector{Connector: plain})
	_, err = pool.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID))
	if err := errors.Join(err, pool.Close()); err != nil {
		return err
	}
	return syncPath(path)
}

// Path is where the file lies.
func (db *DB) Path() string { return db.path }

// Connections is how many connections to the file are open: the readers and the writer.
func (db *DB) Connections() int { return db.pool.Stats().OpenConnections + 1 }

// Close waits for the write in progress and those already waiting, and closes the file.
func (db *DB) Close() error {
	return errors.Join(db.writer.stop(), db.pool.Close())
}

// NewSelect builds a query on the read-only pool.
func (db *DB) NewSelect() *bun.SelectQuery { return db.readers.NewSelect() }

// NewRaw builds a query from SQL text on the read-only pool.
func (db *DB) NewRaw(query string, args ...any) *bun.RawQuery {
	return db.readers.NewRaw(query, args...)
}

// Query runs a query on the read-only pool. The end of ctx is seen before it and between two rows; a query that works
// long before its first row is better built with NewRaw, which is interrupted.
func (db *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return db.pool.QueryContext(db.brief(ctx), query, args...)
}

// QueryRow runs a query for one row on the read-only pool.
func (db *DB) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return db.pool.QueryRowContext(db.brief(ctx), query, args...)
}

// brief is a ctx for short statements. database/sql and the driver each start a goroutine for a ctx that can end,
// which costs more than the statement. When a reader may have to be waited for, that price is paid.
func (db *DB) brief(ctx context.Context) context.Context {
	if ctx.Done() == nil || ctx.Err() != nil || db.reading.Load() >= maxReaders-2 {
		return ctx
	}
	return brief{ctx}
}

type brief struct{ context.Context }

// Done hides the end of the ctx from database/sql.
func (brief) Done() <-chan struct{} { return nil }

// address names the file for SQLite. Only the form with "file:" and escapes honours mode=rw, which never creates.
func address(path, options string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + options
}

func removeDatabase(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// syncPath puts a file, or the names in a folder, on stable storage.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
