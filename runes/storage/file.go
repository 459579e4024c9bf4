package storage

import (
	"context"
	"io"
	"strings"

	"runes.im/platform/blob"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// upload is a content on its way into a file, and what the sender told about it.
type upload struct {
	Length      int64    // bytes announced, -1 = unknown
	MTime       int64    // unix seconds, 0 = now
	Created     int64    // unix seconds, 0 = not told
	Checksum    string   // "SHA1:…"; what it says must be true
	Held        []string // lock tokens
	MakeFolders bool     // make what is missing on the way
	KeepBoth    bool     // when the name is taken, take the next free one
	// Check, when set, looks at what stands there (nil: nothing) inside the write that replaces it, so that nobody
	// can come in between.
	Check func(ctx context.Context, r store.Reader, there *place) error
	also  func(ctx context.Context, tx *store.Tx) error // done in the same write
}

// isSmall says that the content comes with its headers, or nearly.
func (u upload) isSmall() bool { return u.Length >= 0 && u.Length <= blob.Inline && u.also == nil }

// put stores a content as the file at p. The answer comes when it is on stable storage. What was there before becomes
// an older version; replaced reports that there was something.
func (d *drive) put(ctx context.Context, p path, body io.Reader, u upload) (at *place, replaced bool, err error) {
	most, err := d.mayPut(ctx, p, u)
	if err != nil {
		return nil, false, err
	}
	algorithm, claimed, _ := strings.Cut(u.Checksum, ":")
	algorithm = strings.ToUpper(algorithm)
	staged, err := d.tenant.Blobs.Stage(ctx, body, blob.StageOptions{
		SHA1: algorithm == "SHA1", MD5: algorithm == "MD5", Max: most, Expect: u.Length,
	})
	if fault.Is(err, fault.TooLarge) {
		return nil, false, overQuota()
	}
	if err != nil {
		return nil, false, err
	}
	defer staged.Discard()
	if u.Checksum, err = verified(staged, algorithm, claimed); err != nil {
		return nil, false, err
	}
	err = d.tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if err := d.stillMay(ctx, tx, u.isSmall()); err != nil {
			return err
		}
		at, replaced, err = d.place(ctx, tx, p, staged, u)
		if err == nil && u.also != nil {
			err = u.also(ctx, tx)
		}
		return err
	})
	return at, replaced, err
}

// mayPut looks ahead, so that nobody sends gigabytes only to hear a no, and says how many bytes are welcome (0: any).
// A small body is not worth two looks: the write decides.
func (d *drive) mayPut(ctx context.Context, p path, u upload) (most int64, err error) {
	if u.isSmall() {
		return 0, nil
	}
	s, err := d.spot(ctx, d.tenant.DB, p)
	for u.MakeFolders && fault.Is(err, fault.NotFound) && len(p) > 1 {
		p = p.folder() // made on the way; the room is that of where it will lie
		s, err = d.spot(ctx, d.tenant.DB, p)
	}
	if err != nil {
		return 0, err
	}
	if !u.MakeFolders {
		if err := s.mayStore(ctx, d.tenant.DB, u); err != nil {
			return 0, err
		}
	}
	books, err := spaceOf(ctx, d.tenant.DB, s.chain()[0])
	if err != nil || books.Quota < 0 {
		return 0, err
	}
	if room := books.room(); room == 0 || u.Length > room {
		return 0, overQuota()
	}
	return books.room(), nil
}

// verified is the checksum to keep, or a fault when it does not fit what came.
func verified(g *blob.Staged, algorithm, claimed string) (string, error) {
	is := map[string]string{"SHA1": g.SHA1, "MD5": g.MD5, "SHA256": g.ID}[algorithm]
	if is == "" {
		return "", nil
	}
	if !strings.EqualFold(is, claimed) {
		return "", fault.New(fault.Malformed, "storage.checksum_differs")
	}
	return algorithm + ":" + is, nil
}

// mayStore is a fault when the person cannot put a file there.
func (s *spot) mayStore(ctx context.Context, r store.Reader, u upload) error {
	if u.Check != nil {
		if err := u.Check(ctx, r, s.There); err != nil {
			return err
		}
	}
	switch {
	case s.There == nil:
		return s.Folder.needInside(mayAddFile)
	case s.There.Folder:
		return fault.New(fault.Conflict, "storage.is_folder", "name", s.There.Name)
	default:
		return s.There.need(mayWrite)
	}
}

func (d *drive) place(ctx context.Context, tx *store.Tx, p path, g *blob.Staged, u upload) (*place, bool, error) {
	if u.MakeFolders {
		if _, err := d.makeFolders(ctx, tx, p.folder()); err != nil {
			return nil, false, err
		}
	}
	if u.KeepBoth {
		var err error
		if p, err = d.freePath(ctx, tx, p, false); err != nil {
			return nil, false, err
		}
	}
	s, err := d.spot(ctx, tx, p)
	if err != nil {
		return nil, false, err
	}
	if err := s.mayStore(ctx, tx, u); err != nil {
		return nil, false, err
	}
	books, err := spaceOf(ctx, tx, s.chain()[0])
	if err == nil && books.locks {
		err = d.checkLocks(ctx, tx, s.chain(), u.Held)
	}
	if err != nil {
		return nil, false, err
	}
	if books.Quota >= 0 && books.Used+g.Size > books.Quota {
		return nil, false, overQuota()
	}
	if err := d.tenant.Blobs.Keep(ctx, tx, g); err != nil {
		return nil, false, err
	}
	if err := books.warn(ctx, tx, g.Size); err != nil {
		return nil, false, err
	}
	if s.There == nil {
		at, err := d.create(ctx, tx, s, g, u)
		return at, false, err
	}
	return s.There, true, d.replace(ctx, tx, s.There, g, u)
}

func (d *drive) create(ctx context.Context, tx *store.Tx, s *spot, g *blob.Staged, u upload) (*place, error) {
	now := clock.Now(ctx)
	n := &node{
		Parent: s.Folder.ID, Name: s.Path.name(), Size: g.Size, MTime: u.MTime, ETag: newETag(), Content: g.ID,
		Checksum: u.Checksum, Created: u.Created, StoredAt: clock.Text(now), StoredBy: d.person.ID,
	}
	if n.MTime <= 0 {
		n.MTime = now.Unix()
	}
	if err := insertNode(ctx, tx, n); err != nil {
		return nil, err
	}
	if err := touch(ctx, tx, s.Folder.chain, n.Size); err != nil {
		return nil, err
	}
	at := s.Folder.child(s.Path, n, append(s.Folder.chain, n.ID))
	return at, tx.Emit(ctx, FileCreated{ID: n.ID, Path: s.Path.String(), Size: n.Size})
}

// replace gives the file another content; at becomes what it is then.
func (d *drive) replace(ctx context.Context, tx *store.Tx, at *place, g *blob.Staged, u upload) error {
	if err := d.keepVersion(ctx, tx, at, g.ID); err != nil {
		return err
	}
	now := clock.Now(ctx)
	grown := g.Size - at.Size
	at.Size, at.ETag, at.Content, at.Checksum = g.Size, newETag(), g.ID, u.Checksum
	at.StoredAt, at.StoredBy = clock.Text(now), d.person.ID
	if at.MTime = u.MTime; at.MTime <= 0 {
		at.MTime = now.Unix()
	}
	if u.Created > 0 {
		at.Created = u.Created
	}
	_, err := tx.Exec(ctx, `UPDATE storage_nodes SET size = ?, mtime = ?, etag = ?, content = ?, checksum = ?, created = ?,
		stored_at = ?, stored_by = ? WHERE id = ?`,
		at.Size, at.MTime, at.ETag, at.Content, at.Checksum, at.Created, at.StoredAt, at.StoredBy, at.ID)
	if err != nil {
		return err
	}
	if err := touch(ctx, tx, at.up(), grown); err != nil {
		return err
	}
	return tx.Emit(ctx, FileUpdated{ID: at.ID, Path: at.Path.String(), Size: at.Size})
}

// open opens the content of a file.
func (d *drive) open(ctx context.Context, at *place) (blob.Content, error) {
	if err := at.need(mayRead); err != nil {
		return nil, err
	}
	if at.Folder {
		return nil, fault.New(fault.Conflict, "storage.is_folder", "name", at.Name)
	}
	return d.tenant.Blobs.Read(ctx, d.tenant.DB, at.Content)
}
