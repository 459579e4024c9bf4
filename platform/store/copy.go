package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
)

// Copy writes a consistent copy of the database to path, which must not exist, while others go on writing. When it
// returns, the copy is on stable storage.
func (db *DB) Copy(ctx context.Context, path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := db.vacuumInto(ctx, path); err != nil {
		return errors.Join(err, removeDatabase(path))
	}
	return errors.Join(syncPath(path), syncPath(filepath.Dir(path)))
}

// vacuumInto has a connection of its own: a query_only one refuses, and the writer has other things to do.
func (db *DB) vacuumInto(ctx context.Context, path string) error {
	plain, err := sqlite.NewConnector(address(db.path, commonOptions))
	if err != nil {
		return err
	}
	pool := sql.OpenDB(connector{Connector: plain})
	_, err = pool.ExecContext(ctx, "VACUUM INTO ?", path)
	return errors.Join(err, pool.Close())
}

// Check runs SQLite's integrity check and returns what it found, empty when sound.
func (db *DB) Check(ctx context.Context) ([]string, error) {
	found, err := db.Query(ctx, "PRAGMA integrity_check(50)")
	if err != nil {
		return nil, err
	}
	defer found.Close() //nolint:errcheck // Err tells
	var problems []string
	for found.Next() {
		var line string
		if err := found.Scan(&line); err != nil {
			return nil, err
		}
		if line != "ok" {
			problems = append(problems, line)
		}
	}
	if err := found.Err(); err != nil {
		return nil, err
	}
	dangling, err := db.checkKeys(ctx)
	return append(problems, dangling...), err
}

// checkKeys finds rows whose foreign key points nowhere, which the integrity check does not look at.
func (db *DB) checkKeys(ctx context.Context) ([]string, error) {
	found, err := db.Query(ctx, "PRAGMA foreign_key_check")
	if err != nil {
		return nil, err
	}
	defer found.Close() //nolint:errcheck // Err tells
	var problems []string
	for found.Next() {
		var table, parent string
		var row, key sql.NullInt64
		if err := found.Scan(&table, &row, &parent, &key); err != nil {
			return nil, err
		}
		problems = append(problems, fmt.Sprintf("row %d of %s points to a missing row of %s", row.Int64, table, parent))
	}
	return problems, found.Err()
}
