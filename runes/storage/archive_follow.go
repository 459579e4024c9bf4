package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"runes.im/platform/fault"
	"runes.im/platform/slot"
	"runes.im/platform/store"
)

// followForRune gives a rune's file the name and the content that the rune has now. What it held becomes an older version.
func followForRune(ctx context.Context, a slot.Asker, is slot.Ref, folder, name string, content []byte) (slot.Ref, error) {
	d, err := runeDrive(ctx, a)
	if err != nil {
		return slot.Ref{}, err
	}
	at, err := d.fileByRef(ctx, is)
	if fault.Is(err, fault.NotFound) {
		return saveForRune(ctx, a, folder, name, content)
	}
	if err != nil {
		return slot.Ref{}, err
	}
	if sum := sha256.Sum256(content); at.Content != hex.EncodeToString(sum[:]) {
		if _, _, err := d.put(ctx, at.Path, bytes.NewReader(content), upload{Length: int64(len(content))}); err != nil {
			return slot.Ref{}, err
		}
	}
	return is, d.rename(ctx, at, name)
}

// rename gives a file of a rune another name; a taken one gets a number.
func (d *drive) rename(ctx context.Context, at *place, name string) error {
	name, err := cleanName(name)
	if err != nil || at.Path.name() == name {
		return err
	}
	return d.tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		to, err := d.freePath(ctx, tx, at.Path.folder().join(name), at.Folder)
		if err != nil {
			return err
		}
		_, _, err = d.move(ctx, tx, at.Path, to, false)
		return err
	})
}

// dropForRune puts a rune's file into the trash.
func dropForRune(ctx context.Context, a slot.Asker, is slot.Ref) error {
	d, err := runeDrive(ctx, a)
	if err != nil {
		return err
	}
	at, err := d.fileByRef(ctx, is)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.Tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := d.remove(ctx, tx, at.Path)
		return err
	})
}

// fileByRef is a file of the rune's tree.
func (d *drive) fileByRef(ctx context.Context, ref slot.Ref) (*place, error) {
	id, err := strconv.ParseInt(ref.ID, 10, 64)
	if err != nil {
		return nil, noSuchFile(nil)
	}
	at, err := d.byID(ctx, d.tenant.DB, id)
	if err == nil && at.Folder {
		err = noSuchFile(nil)
	}
	return at, err
}
