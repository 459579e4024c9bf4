package blob

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// Content is an open content. A large one has the methods of *os.File as well (it is a *File), so that
// http.ServeContent hands it to the kernel.
type Content interface {
	io.ReadSeekCloser
	io.ReaderAt
	Size() int64
}

// File is a large content.
type File struct {
	*os.File
	size int64
}

// Size is the length in bytes.
func (f *File) Size() int64 { return f.size }

type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

// Read opens a content.
func (s *Store) Read(ctx context.Context, r store.Reader, id string) (Content, error) {
	var size int64
	var data []byte
	err := r.QueryRow(ctx, `SELECT size, data FROM blob_contents WHERE id = ?`, id).Scan(&size, &data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "blob.gone")
	}
	if err != nil {
		return nil, err
	}
	if size <= Inline {
		return memory{bytes.NewReader(data)}, nil
	}
	f, err := s.openFile(place(id))
	if err != nil {
		return nil, fmt.Errorf("content %s: %w", id, err)
	}
	info, err := f.Stat()
	if err == nil && info.Size() != size {
		err = fmt.Errorf("content %s: the file has %d bytes instead of %d", id, info.Size(), size)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &File{File: f, size: size}, nil
}

// openFile opens a file two levels down and refuses links on the way, also those that stay inside.
func (s *Store) openFile(dir, name string) (*os.File, error) {
	if err := s.mustBeDir(dir); err != nil {
		return nil, err
	}
	path := dir + "/" + name
	entry, err := s.root.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !entry.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	return s.root.Open(path)
}

// place is where the file of a content lies. The id is a hash that this package made, never a name from outside.
func place(id string) (dir, name string) { return id[:2], id }

// isID tells the name of a content from anything else that lies among them.
func isID(name string) bool { return len(name) == 64 && isHex(name) }

func isHex(s string) bool {
	return strings.Trim(s, "0123456789abcdef") == ""
}
