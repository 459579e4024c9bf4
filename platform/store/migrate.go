package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
)

const migrationTable = `CREATE TABLE IF NOT EXISTS store_migrations (
	schema     TEXT NOT NULL,
	number     INTEGER NOT NULL,
	name       TEXT NOT NULL,
	checksum   TEXT NOT NULL,
	applied_at TEXT NOT NULL,
	PRIMARY KEY (schema, number)
) STRICT`

// migration is one numbered SQL file.
type migration struct {
	schema, name, checksum, text string
	number                       int
}

func ownSchema() Schema {
	own, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err)
	}
	return Schema{Name: "store", FS: own}
}

// Migrate brings the schemas up to date. A schema newer than the program's is refused and nothing is changed, and so
// is one whose applied files differ from the program's. Schemas that are not named are left alone.
func (db *DB) Migrate(ctx context.Context, schemas ...Schema) error {
	var all []migration
	for _, s := range schemas {
		files, err := readSchema(s)
		if err != nil {
			return fmt.Errorf("schema %s: %w", s.Name, err)
		}
		all = append(all, files...)
	}
	w := &write{ctx: ctx, done: make(chan struct{})}
	w.alone = func(ctx context.Context, conn *sql.Conn) error {
		due, err := dueMigrations(ctx, conn, schemas, all)
		if err != nil {
			return err
		}
		for _, m := range due {
			if err := m.apply(ctx, conn); err != nil {
				return fmt.Errorf("migration %s/%s: %w", m.schema, m.name, err)
			}
		}
		return nil
	}
	return db.writer.do(w)
}

// readSchema reads the files of a schema; their numbers are 1, 2, 3 … without a gap.
func readSchema(s Schema) ([]migration, error) {
	if s.Name == "" || s.FS == nil {
		return nil, errors.New("has no name or no files")
	}
	entries, err := fs.ReadDir(s.FS, ".")
	if err != nil {
		return nil, err
	}
	var files []migration
	for _, entry := range entries {
		if path.Ext(entry.Name()) != ".sql" {
			continue
		}
		digits, _, _ := strings.Cut(entry.Name(), "_")
		number, err := strconv.Atoi(digits)
		if err != nil || len(digits) != 4 || number != len(files)+1 {
			return nil, fmt.Errorf("%s: want number %04d", entry.Name(), len(files)+1)
		}
		text, err := fs.ReadFile(s.FS, entry.Name())
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		files = append(files, migration{
			schema: s.Name, number: number, name: entry.Name(), checksum: hex.EncodeToString(sum[:]), text: string(text),
		})
	}
	return files, nil
}

// dueMigrations compares the program's files with those applied, and looks at all of them before any is run.
func dueMigrations(ctx context.Context, conn *sql.Conn, schemas []Schema, all []migration) ([]migration, error) {
	applied, err := appliedMigrations(ctx, conn)
	if err != nil {
		return nil, err
	}
	var due []migration
	newest := map[string]int{}
	for _, m := range all {
		newest[m.schema] = m.number
		checksum, done := applied[m.schema][m.number]
		switch {
		case !done && len(applied[m.schema]) >= m.number:
			return nil, fault.New(fault.Unavailable, "store.changed", "schema", m.schema, "number", m.number)
		case !done:
			due = append(due, m)
		case checksum != m.checksum:
			return nil, fault.New(fault.Unavailable, "store.changed", "schema", m.schema, "number", m.number)
		}
	}
	for _, s := range schemas {
		for number := range applied[s.Name] {
			if number > newest[s.Name] {
				return nil, fault.New(fault.Unavailable, "store.newer", "schema", s.Name, "number", number)
			}
		}
	}
	return due, nil
}

func appliedMigrations(ctx context.Context, conn *sql.Conn) (map[string]map[int]string, error) {
	var exists bool
	err := conn.QueryRowContext(ctx, "SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'store_migrations'").Scan(&exists)
	if err != nil || !exists {
		return nil, err
	}
	found, err := conn.QueryContext(ctx, "SELECT schema, number, checksum FROM store_migrations ORDER BY schema, number")
	if err != nil {
		return nil, err
	}
	defer found.Close() //nolint:errcheck // Err tells
	applied := map[string]map[int]string{}
	for found.Next() {
		var schema, checksum string
		var number int
		if err := found.Scan(&schema, &number, &checksum); err != nil {
			return nil, err
		}
		if applied[schema] == nil {
			applied[schema] = map[int]string{}
		}
		applied[schema][number] = checksum
	}
	return applied, found.Err()
}

// apply runs one file and notes it in the same transaction. A failure leaves neither; the writer rolls back.
func (m migration) apply(ctx context.Context, conn *sql.Conn) error {
	for _, query := range []string{sqlBegin, "PRAGMA defer_foreign_keys = ON", migrationTable, m.text} {
		if _, err := conn.ExecContext(ctx, query); err != nil {
			return err
		}
	}
	_, err := conn.ExecContext(ctx, "INSERT INTO store_migrations (schema, number, name, checksum, applied_at) VALUES (?, ?, ?, ?, ?)",
		m.schema, m.number, m.name, m.checksum, clock.Now(ctx))
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, sqlCommit)
	return err
}
