package blob

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/store"
)

// batch is how many contents one write or query handles, so that a large sweep never holds up the people at work.
const batch = 200

// Sweep removes contents that nobody uses and files that no row names, when older than age. It is safe beside
// uploads and downloads; age spares those who know an id and are about to open it.
func (s *Store) Sweep(ctx context.Context, age time.Duration) (removed int, err error) {
	before := clock.Now(ctx).Add(-age)
	idle, err := s.sweepIdle(ctx, before)
	if err != nil {
		return idle, err
	}
	orphans, err := s.sweepOrphans(ctx, before)
	if err != nil {
		return idle + orphans, err
	}
	temps, err := s.sweepTemps(before)
	return idle + orphans + temps, err
}

// sweepIdle removes rows first: a crash in between leaves an orphan file, never a row without its file.
func (s *Store) sweepIdle(ctx context.Context, before time.Time) (removed int, err error) {
	for {
		var n int
		var files []string
		err := s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			n, files = 0, nil
			rows, err := tx.Query(ctx, `DELETE FROM blob_contents WHERE id IN
				(SELECT id FROM blob_contents WHERE idle_at <= ? ORDER BY idle_at, id LIMIT ?) RETURNING id, size`,
				clock.Text(before), batch)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var id string
				var size int64
				if err := rows.Scan(&id, &size); err != nil {
					return err
				}
				n++
				if size > Inline {
					files = append(files, id)
				}
			}
			return rows.Err()
		})
		if err != nil {
			return removed, err
		}
		if _, err := s.removeUnnamed(ctx, files); err != nil {
			return removed, err
		}
		removed += n
		if n < batch {
			return removed, nil
		}
	}
}

func (s *Store) sweepOrphans(ctx context.Context, before time.Time) (removed int, err error) {
	dirs, err := s.entries(".")
	if err != nil {
		return 0, err
	}
	for _, d := range dirs {
		if !isContentDir(d) {
			continue
		}
		ids, err := s.olderContents(d.Name(), before)
		if err != nil {
			return removed, err
		}
		for len(ids) > 0 {
			some := ids[:min(batch, len(ids))]
			ids = ids[len(some):]
			orphans, err := unnamed(ctx, s.db, some)
			if err != nil {
				return removed, err
			}
			n, err := s.removeUnnamed(ctx, orphans)
			removed += n
			if err != nil {
				return removed, err
			}
		}
	}
	return removed, nil
}

func (s *Store) olderContents(dir string, before time.Time) ([]string, error) {
	files, err := s.entries(dir)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, f := range files {
		if isID(f.Name()) && f.Type().IsRegular() && isOlder(f, before) {
			ids = append(ids, f.Name())
		}
	}
	return ids, nil
}

func (s *Store) sweepTemps(before time.Time) (removed int, err error) {
	files, err := s.entries(tempDir)
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		name := tempDir + "/" + f.Name()
		if s.held.isWriting(name) || !isOlder(f, before) {
			continue
		}
		if err := s.root.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return removed, err
		}
		removed++
	}
	return removed, nil
}

// removeUnnamed removes the files of those contents that nobody holds and no row names. The rows are asked inside a
// write: it comes after every Keep that has run, committed or not, and no Keep can follow, for the content is not
// staged by anybody.
func (s *Store) removeUnnamed(ctx context.Context, ids []string) (removed int, err error) {
	doomed := s.held.doom(ids)
	if len(doomed) == 0 {
		return 0, nil
	}
	defer s.held.spare(doomed)
	var orphans []string
	err = s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		orphans, err = unnamed(ctx, tx, doomed)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, id := range orphans {
		dir, name := place(id)
		if err := s.root.Remove(dir + "/" + name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return removed, err
		}
		removed++
	}
	return removed, nil
}

// unnamed are those of ids that have no row.
func unnamed(ctx context.Context, r store.Reader, ids []string) ([]string, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	return store.Texts(r.Query(ctx, `SELECT value FROM json_each(?)
		WHERE NOT EXISTS (SELECT 1 FROM blob_contents WHERE id = value)`, string(list)))
}

func (s *Store) entries(dir string) ([]os.DirEntry, error) {
	d, err := s.root.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.ReadDir(-1)
}

func isContentDir(d os.DirEntry) bool {
	name := d.Name()
	return d.IsDir() && len(name) == 2 && isHex(name)
}

func isOlder(f os.DirEntry, before time.Time) bool {
	info, err := f.Info()
	return err == nil && !info.ModTime().After(before)
}
