package secret

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// Rotate replaces the master key: every data key is wrapped under a new one, then the new key file takes the place of
// the old, then the old wrappings go. dbs are all databases that hold secrets; one left out cannot be opened afterwards.
// When it breaks off, even by a power cut, the key file opens everything, and the next call takes up the work with the same
// new key. Backups made before need the old key.
func (m *Master) Rotate(ctx context.Context, dbs ...*store.DB) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	next := m.path + ".next"
	fresh, err := readKey(next)
	if errors.Is(err, fs.ErrNotExist) {
		fresh, err = makeKey(next)
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("%w: %w", fault.New(fault.Forbidden, "secret.fixed_key", "path", m.path), err)
	}
	if err != nil {
		return err
	}
	for _, db := range dbs {
		if err := m.key.rewrap(ctx, db, fresh); err != nil {
			return err
		}
	}
	if err := os.Rename(next, m.path); err != nil {
		return err
	}
	if err := syncDir(m.path); err != nil {
		return err
	}
	m.key = fresh
	for _, db := range dbs {
		if err := fresh.dropOthers(ctx, db); err != nil {
			return err
		}
	}
	return nil
}

// rewrap adds a wrapping under the new key and leaves the old one in place. A database that never had a secret stays
// without a key.
func (k *masterKey) rewrap(ctx context.Context, db *store.DB, fresh *masterKey) error {
	return db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		data, err := k.dataKey(ctx, tx)
		if errors.Is(err, errNoDataKey) {
			return nil
		}
		if err != nil {
			return err
		}
		return fresh.saveDataKey(ctx, tx, data)
	})
}

func (k *masterKey) dropOthers(ctx context.Context, db *store.DB) error {
	return db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM secret_keys WHERE master <> ?`, k.fingerprint)
		return err
	})
}
