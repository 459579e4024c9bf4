package store

import (
	"context"
	"fmt"
	"slices"

	"runes.im/platform/fault"
)

// Versions are the newest migrations that were applied to the database, by schema.
func (db *DB) Versions(ctx context.Context) (map[string]int, error) {
	rows, err := db.Query(ctx, `SELECT schema, max(number) FROM store_migrations GROUP BY schema ORDER BY schema`)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err tells
	found := map[string]int{}
	for rows.Next() {
		var schema string
		var number int
		if err := rows.Scan(&schema, &number); err != nil {
			return nil, err
		}
		found[schema] = number
	}
	return found, rows.Err()
}

// Understood refuses versions that are newer than the program's schemas, and schemas that it does not have: nobody could
// read what lies in them.
func Understood(versions map[string]int, schemas ...Schema) error {
	newest := map[string]int{}
	for _, s := range append([]Schema{ownSchema()}, schemas...) {
		files, err := readSchema(s)
		if err != nil {
			return fmt.Errorf("schema %s: %w", s.Name, err)
		}
		newest[s.Name] = len(files)
	}
	var names []string
	for name := range versions {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		have, known := newest[name]
		if !known {
			return fault.New(fault.Unavailable, "store.unknown", "schema", name)
		}
		if versions[name] > have {
			return fault.New(fault.Unavailable, "store.newer", "schema", name, "number", versions[name])
		}
	}
	return nil
}
