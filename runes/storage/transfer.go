package storage

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"time"

	"runes.im/platform/blob"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/store"
)

// The limits of uploads in pieces.
const (
	transferFor  = 24 * time.Hour
	promiseFor   = time.Hour // so long after its last piece a transfer keeps its room; who gave it up may try again
	maxTransfers = 200       // open ones of one person
	maxChunks    = 10_000    // of one transfer
)

// transfer is an upload that arrives in pieces.
type transfer struct {
	ID    string
	Name  string // chosen by the client
	Total int64  // promised bytes, -1 = not told
}

func noSuchTransfer() error { return fault.New(fault.NotFound, "storage.no_such_transfer") }

// beginTransfer opens a transfer under a name the client chose. A total that does not fit is refused now, before
// anything is sent; to is where the file will go, nil when the client does not tell yet.
func (d *drive) beginTransfer(ctx context.Context, name string, total int64, to path) error {
	name, err := cleanName(name)
	if err != nil {
		return err
	}
	return d.tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		space := d.home
		if !to.isTop() {
			s, err := d.spot(ctx, tx, to)
			if err != nil {
				return err
			}
			if err := s.mayStore(ctx, tx, upload{}); err != nil {
				return err
			}
			space = s.chain()[0]
		}
		now := clock.Now(ctx)
		var open int
		var taken bool
		var promised int64
		err := tx.QueryRow(ctx, `SELECT count(*), coalesce(max(name = ?), 0), coalesce(sum(iif(used_at > ?, max(total, 0), 0)), 0)
			FROM storage_transfers WHERE member = ?`, name, clock.Text(now.Add(-promiseFor)), d.person.ID).Scan(&open, &taken, &promised)
		if err != nil {
			return err
		}
		if taken {
			return fault.New(fault.Conflict, "storage.name_taken", "name", name)
		}
		if open >= maxTransfers {
			return fault.New(fault.TooMany, "storage.too_many_transfers", "n", maxTransfers)
		}
		if total > 0 {
			if err := checkRoom(ctx, tx, space, promised+total); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, `INSERT INTO storage_transfers (id, member, name, total, made_at, used_at) VALUES (?, ?, ?, ?, ?, ?)`,
			id.New(), d.person.ID, name, total, clock.Text(now), clock.Text(now))
		return err
	})
}

// transferOf is this person's open transfer of that name.
func (d *drive) transferOf(ctx context.Context, r store.Reader, name string) (*transfer, error) {
	t := &transfer{Name: name}
	err := r.QueryRow(ctx, `SELECT id, total FROM storage_transfers WHERE member = ? AND name = ?`, d.person.ID, name).Scan(&t.ID, &t.Total)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, noSuchTransfer()
	}
	return t, err
}

// writeChunk stores one piece; it is on stable storage when this returns. Sending a piece again replaces it.
func (d *drive) writeChunk(ctx context.Context, name string, number int64, body io.Reader, length int64) error {
	t, err := d.transferOf(ctx, d.tenant.DB, name)
	if err != nil {
		return err
	}
	welcome, err := d.welcome(ctx, t, number)
	if err != nil {
		return err
	}
	_, err = d.tenant.Blobs.WritePart(ctx, t.ID, number, body, welcome, length)
	if fault.Is(err, fault.TooLarge) {
		if t.Total >= 0 {
			return fault.New(fault.Malformed, "storage.transfer_length")
		}
		return overQuota()
	}
	if err != nil {
		return err
	}
	return d.tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := d.stillMay(ctx, tx, false); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE storage_transfers SET used_at = ? WHERE id = ?`, clock.Text(clock.Now(ctx)), t.ID)
		return err
	})
}

// welcome is how many bytes piece number may have: what is missing from the promised total, or from the quota. 0 is
// any number.
func (d *drive) welcome(ctx context.Context, t *transfer, number int64) (int64, error) {
	parts, err := d.tenant.Blobs.Parts(t.ID)
	if err != nil {
		return 0, err
	}
	if len(parts) >= maxChunks {
		return 0, fault.New(fault.TooLarge, "storage.too_many_chunks", "n", maxChunks)
	}
	var here int64
	for _, p := range parts {
		if p.Number != number {
			here += p.Size
		}
	}
	most := t.Total
	if most < 0 {
		books, err := d.quota(ctx, d.tenant.DB)
		if err != nil || books.Quota < 0 {
			return 0, err
		}
		waiting, err := d.untold(ctx, t.ID)
		if err != nil {
			return 0, err
		}
		most = books.room() - waiting
	}
	if most <= here {
		return 1, nil // an empty piece may still come
	}
	return most - here, nil
}

// untold is how many bytes wait in this person's other transfers that did not tell how long they will be.
func (d *drive) untold(ctx context.Context, but string) (int64, error) {
	others, err := store.Texts(d.tenant.DB.Query(ctx, `SELECT id FROM storage_transfers WHERE member = ? AND total < 0 AND id <> ? ORDER BY id`,
		d.person.ID, but))
	var sum int64
	for _, other := range others {
		parts, err := d.tenant.Blobs.Parts(other)
		if err != nil {
			return 0, err
		}
		for _, part := range parts {
			sum += part.Size
		}
	}
	return sum, err
}

// arrived lists the pieces of a transfer.
func (d *drive) arrived(ctx context.Context, name string) ([]blob.Part, error) {
	t, err := d.transferOf(ctx, d.tenant.DB, name)
	if err != nil {
		return nil, err
	}
	return d.tenant.Blobs.Parts(t.ID)
}

// finishTransfer puts the pieces together, in the order of their numbers, as the file at p. It happens once: the
// transfer ends in the same write.
func (d *drive) finishTransfer(ctx context.Context, name string, p path, u upload) (at *place, replaced bool, err error) {
	t, err := d.transferOf(ctx, d.tenant.DB, name)
	if err != nil {
		return nil, false, err
	}
	if at, replaced, err = d.assemble(ctx, t, p, u); err != nil {
		// Whoever finished the same transfer a moment before took the pieces away under this reader.
		if _, gone := d.transferOf(ctx, d.tenant.DB, name); fault.Is(gone, fault.NotFound) {
			err = gone
		}
		return nil, false, err
	}
	return at, replaced, d.tenant.Blobs.DropParts(t.ID)
}

// assemble makes the file out of the pieces and ends the transfer in the same write.
func (d *drive) assemble(ctx context.Context, t *transfer, p path, u upload) (at *place, replaced bool, err error) {
	parts, err := d.tenant.Blobs.Parts(t.ID)
	if err != nil {
		return nil, false, err
	}
	var sum int64
	for _, part := range parts {
		sum += part.Size
	}
	if u.Length >= 0 && u.Length != sum || t.Total >= 0 && t.Total != sum {
		return nil, false, fault.New(fault.Malformed, "storage.transfer_length")
	}
	u.Length = sum
	u.also = func(ctx context.Context, tx *store.Tx) error { return endTransfer(ctx, tx, t.ID) }
	body := d.tenant.Blobs.ReadParts(t.ID, parts)
	at, replaced, err = d.put(ctx, p, body, u)
	if closing := body.Close(); err == nil {
		err = closing
	}
	return at, replaced, err
}

func endTransfer(ctx context.Context, tx *store.Tx, id string) error {
	result, err := tx.Exec(ctx, `DELETE FROM storage_transfers WHERE id = ?`, id)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, noSuchTransfer())
	}
	return nil
}

// dropTransfer gives a transfer up.
func (d *drive) dropTransfer(ctx context.Context, name string) error {
	t, err := d.transferOf(ctx, d.tenant.DB, name)
	if err != nil {
		return err
	}
	err = d.tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return endTransfer(ctx, tx, t.ID) })
	if err != nil {
		return err
	}
	return d.tenant.Blobs.DropParts(t.ID)
}
