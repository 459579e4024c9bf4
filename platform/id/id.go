// Package id makes the keys of records and the secrets of links. All of them come from the system's generator.
package id

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"time"
)

// New is a UUID version 7 (RFC 9562): random, and sorted by the time it was made.
func New() string {
	var b [16]byte
	rand.Read(b[:])
	ms := uint64(time.Now().UnixMilli())
	b[0], b[1], b[2], b[3], b[4], b[5] = byte(ms>>40), byte(ms>>32), byte(ms>>24), byte(ms>>16), byte(ms>>8), byte(ms)
	b[6] = b[6]&0x0f | 0x70
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// Secret is n random bytes as URL-safe text; 32 bytes for sessions and links, 20 for app passwords.
func Secret(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// Short names a failure so that a person can read it out and an administrator can find it in the log.
func Short() string {
	var b [4]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
