// Package secret keeps secrets at rest: AES-256-GCM under a data key per tenant, which a master key outside the data
// directory wraps. A copied data directory opens nothing.
package secret

import (
	"context"

	"runes.im/platform/store"
)

// Master is the key of the appliance.
type Master struct{}

// Open reads the master key file, or creates it (mode 0400) when it is missing and create is set.
func Open(path string, create bool) (*Master, error) { panic("secret") }

// Schema holds the wrapped data keys.
var Schema store.Schema

// Box seals and opens the secrets of one tenant.
type Box struct{}

// Box opens the tenant's box, making its data key on first use.
func (m *Master) Box(ctx context.Context, db *store.DB) (*Box, error) { panic("secret") }

// Seal encrypts; purpose is bound in, so that a sealed value cannot be moved to another place.
func (b *Box) Seal(purpose string, plain []byte) []byte { panic("secret") }

// Open undoes Seal.
func (b *Box) Open(purpose string, sealed []byte) ([]byte, error) { panic("secret") }

// Key derives a stable 32-byte key for a purpose (signing links, CSRF tokens).
func (b *Box) Key(purpose string) []byte { panic("secret") }
