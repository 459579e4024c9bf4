// Package secret keeps secrets at rest: AES-256-GCM under a data key per tenant, which a master key outside the data
// directory wraps. A copied data directory opens nothing.
package secret

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"embed"
	"errors"
	"fmt"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
)

//go:embed migrations
var migrations embed.FS

// Words are the sentences of this package's refusals.
//
//go:embed words
var Words embed.FS

// Schema holds the wrapped data keys.
var Schema = store.Embedded("secret", migrations, "migrations")

const (
	keySize = 32
	version = 1 // first byte of everything sealed
)

// Box seals and opens the secrets of one tenant.
type Box struct {
	data []byte
	aead cipher.AEAD
}

// Box opens the tenant's box, making its data key on first use. A box that is open outlives a rotation.
func (m *Master) Box(ctx context.Context, db *store.DB) (*Box, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	data, err := m.key.dataKey(ctx, db)
	if errors.Is(err, errNoDataKey) {
		data, err = m.key.makeDataKey(ctx, db)
	}
	if err != nil {
		return nil, err
	}
	return &Box{data: data, aead: newGCM(derive(data, "seal"))}, nil
}

// Seal encrypts; purpose is bound in, so that a sealed value cannot be moved to another place.
func (b *Box) Seal(purpose string, plain []byte) []byte { return seal(b.aead, purpose, plain) }

// Open undoes Seal.
func (b *Box) Open(purpose string, sealed []byte) ([]byte, error) {
	return unseal(b.aead, purpose, sealed)
}

// Key derives a stable 32-byte key for a purpose (signing links, CSRF tokens).
func (b *Box) Key(purpose string) []byte { return derive(b.data, "key "+purpose) }

// String keeps the keys out of logs.
func (b *Box) String() string { return "secret box" }

// GoString keeps the keys out of logs.
func (b *Box) GoString() string { return b.String() }

var errNoDataKey = errors.New("no data key yet")

// dataKey unwraps the tenant's data key; errNoDataKey when the tenant has none at all. One statement tells a new tenant from
// one whose key is wrapped by another master: two could fall on either side of somebody else's commit. The second kind must
// never get a new data key: everything sealed so far would be lost for good.
func (k *masterKey) dataKey(ctx context.Context, r store.Reader) ([]byte, error) {
	var master string
	var wrapped []byte
	err := r.QueryRow(ctx, `SELECT master, wrapped FROM secret_keys ORDER BY master = ? DESC, made_at DESC, master LIMIT 1`,
		k.fingerprint).Scan(&master, &wrapped)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNoDataKey
	}
	if err != nil {
		return nil, err
	}
	if master != k.fingerprint {
		return nil, fault.New(fault.Unavailable, "secret.wrong_key", "want", master, "have", k.fingerprint)
	}
	return k.unwrap(wrapped)
}

func (k *masterKey) makeDataKey(ctx context.Context, db *store.DB) (data []byte, err error) {
	err = db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		data, err = k.dataKey(ctx, tx) // somebody may have been faster
		if !errors.Is(err, errNoDataKey) {
			return err
		}
		data = make([]byte, keySize)
		rand.Read(data)
		return k.saveDataKey(ctx, tx, data)
	})
	return data, err
}

func (k *masterKey) saveDataKey(ctx context.Context, tx *store.Tx, data []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO secret_keys (master, wrapped, made_at) VALUES (?, ?, ?) ON CONFLICT (master) DO NOTHING`,
		k.fingerprint, seal(k.aead, wrapPurpose, data), clock.Text(clock.Now(ctx)))
	return err
}

func (k *masterKey) unwrap(wrapped []byte) ([]byte, error) {
	data, err := unseal(k.aead, wrapPurpose, wrapped)
	if err != nil {
		return nil, fmt.Errorf("data key: %w", err)
	}
	return data, nil
}

const wrapPurpose = "data key"

func seal(aead cipher.AEAD, purpose string, plain []byte) []byte {
	out := make([]byte, 1+aead.NonceSize(), 1+aead.NonceSize()+len(plain)+aead.Overhead())
	out[0] = version
	nonce := out[1:]
	rand.Read(nonce)
	return aead.Seal(out, nonce, plain, []byte(purpose))
}

func unseal(aead cipher.AEAD, purpose string, sealed []byte) ([]byte, error) {
	if len(sealed) < 1+aead.NonceSize() || sealed[0] != version {
		return nil, errors.New("this is no sealed secret")
	}
	nonce, text := sealed[1:1+aead.NonceSize()], sealed[1+aead.NonceSize():]
	plain, err := aead.Open(nil, nonce, text, []byte(purpose))
	if err != nil {
		return nil, fmt.Errorf("sealed secret for %q: %w", purpose, err)
	}
	return plain, nil
}

// newGCM and derive get keys of one fixed size, for which the library cannot fail.
func newGCM(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return aead
}

func derive(key []byte, purpose string) []byte {
	out, err := hkdf.Key(sha256.New, key, nil, "runes "+purpose, keySize)
	if err != nil {
		panic(err)
	}
	return out
}
