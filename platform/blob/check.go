package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"runes.im/platform/fault"
)

// Check compares rows and files (and, when deep, every content with its name) and says what is wrong. Work in
// progress beside it is not wrong.
func (s *Store) Check(ctx context.Context, deep bool) ([]string, error) {
	found, err := s.checkRows(ctx, deep)
	if err != nil {
		return found, err
	}
	more, err := s.checkFiles(ctx)
	return append(found, more...), err
}

type contentRow struct {
	id   string
	size int64
	in   int64 // bytes in the row, -1 for a file
}

func (s *Store) checkRows(ctx context.Context, deep bool) (found []string, err error) {
	for last := ""; ; {
		rows, err := s.rowsAfter(ctx, last)
		if err != nil || len(rows) == 0 {
			return found, err
		}
		for _, row := range rows {
			what, err := s.checkRow(ctx, row, deep)
			if err != nil {
				return found, err
			}
			if what != "" {
				found = append(found, "content "+row.id+": "+what)
			}
		}
		last = rows[len(rows)-1].id
	}
}

func (s *Store) rowsAfter(ctx context.Context, last string) ([]contentRow, error) {
	rows, err := s.db.Query(ctx, `SELECT id, size, COALESCE(length(data), -1) FROM blob_contents
		WHERE id > ? ORDER BY id LIMIT ?`, last, batch)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []contentRow
	for rows.Next() {
		var row contentRow
		if err := rows.Scan(&row.id, &row.size, &row.in); err != nil {
			return nil, err
		}
		page = append(page, row)
	}
	return page, rows.Err()
}

func (s *Store) checkRow(ctx context.Context, row contentRow, deep bool) (string, error) {
	if !isID(row.id) {
		return "the name is no hash", nil
	}
	if row.in >= 0 && row.in != row.size {
		return fmt.Sprintf("the row holds %d bytes instead of %d", row.in, row.size), nil
	}
	if row.in >= 0 && !deep {
		return "", nil
	}
	c, err := s.Read(ctx, s.db, row.id)
	switch {
	case fault.Is(err, fault.NotFound):
		return "", nil // swept since the page was read
	case errors.Is(err, os.ErrNotExist):
		return "its file is missing", nil
	case err != nil && ctx.Err() != nil:
		return "", err
	case err != nil:
		return err.Error(), nil
	}
	defer c.Close()
	if !deep {
		return "", nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, c); err != nil {
		return "it cannot be read: " + err.Error(), ctx.Err()
	}
	if hex.EncodeToString(h.Sum(nil)) != row.id {
		return "the bytes do not match its name", nil
	}
	return "", nil
}

func (s *Store) checkFiles(ctx context.Context) (found []string, err error) {
	top, err := s.entries(".")
	if err != nil {
		return nil, err
	}
	for _, d := range top {
		switch {
		case isContentDir(d):
			more, err := s.checkDir(ctx, d.Name())
			if err != nil {
				return found, err
			}
			found = append(found, more...)
		case !d.IsDir() || d.Name() != tempDir && d.Name() != partsDir:
			found = append(found, d.Name()+" does not belong here")
		}
	}
	return found, nil
}

func (s *Store) checkDir(ctx context.Context, dir string) (found []string, err error) {
	files, err := s.entries(dir)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, f := range files {
		if isID(f.Name()) && f.Name()[:2] == dir && f.Type().IsRegular() {
			ids = append(ids, f.Name())
		} else {
			found = append(found, dir+"/"+f.Name()+" does not belong here")
		}
	}
	for len(ids) > 0 {
		some := ids[:min(batch, len(ids))]
		ids = ids[len(some):]
		orphans, err := unnamed(ctx, s.db, some)
		if err != nil {
			return found, err
		}
		for _, id := range orphans {
			if _, err := s.root.Lstat(dir + "/" + id); err == nil && !s.held.isStaged(id) {
				found = append(found, dir+"/"+id+" has no row")
			}
		}
	}
	return found, nil
}
