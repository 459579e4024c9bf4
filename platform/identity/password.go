package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"runes.im/platform/fault"
)

const (
	minPassword = 10   // characters
	maxPassword = 1024 // bytes
	maxHashes   = 2    // at once: each takes 19 MiB
	maxQueue    = 200  // sign-ins that wait for their turn; more would wait longer than people do
)

// The strength of new hashes. Older ones carry their own.
const (
	argonMemory = 19456 // KiB
	argonTime   = 2
	argonLanes  = 1
)

// dummyHash is compared when there is nobody to compare with, so that it takes as long. No password has it.
const dummyHash = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

//go:embed common_passwords.txt
var commonPasswords string

// hasher hashes passwords, few at a time.
type hasher struct {
	slots  chan struct{}
	queued atomic.Int32
}

func newHasher() *hasher { return &hasher{slots: make(chan struct{}, maxHashes)} }

func (g *hasher) enter(ctx context.Context) error {
	if g.queued.Add(1) > maxQueue {
		g.queued.Add(-1)
		return fault.New(fault.Unavailable, "identity.busy")
	}
	defer g.queued.Add(-1)
	select {
	case g.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *hasher) leave() { <-g.slots }

// hash makes the PHC text of a new password.
func (g *hasher) hash(ctx context.Context, password string) (string, error) {
	if err := g.enter(ctx); err != nil {
		return "", err
	}
	defer g.leave()
	salt := make([]byte, 16)
	rand.Read(salt)
	key := argon2.IDKey([]byte(norm.NFC.String(password)), salt, argonTime, argonMemory, argonLanes, 32)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key)), nil
}

// matches compares a password with a PHC text. It takes as long when there is no such text, and no longer for a
// password that nobody can have.
func (g *hasher) matches(ctx context.Context, phc, password string) (bool, error) {
	possible := phc != "" && len(password) <= maxPassword
	if !possible {
		phc, password = dummyHash, ""
	}
	var version, memory, time uint32
	var lanes uint8
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, fmt.Errorf("a stored password is no argon2id text")
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &time, &lanes); err != nil {
		return false, fmt.Errorf("a stored password: %w", err)
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, fmt.Errorf("a stored password: %w", err)
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return false, fmt.Errorf("a stored password: %w", err)
	}
	if err := g.enter(ctx); err != nil {
		return false, err
	}
	defer g.leave()
	got := argon2.IDKey([]byte(norm.NFC.String(password)), salt, time, memory, lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1 && possible, nil
}

// needPassword notes what is wrong with a new password.
func needPassword(form *fault.Form, password, email, name string) {
	form.Need(utf8.RuneCountInString(password) >= minPassword, "password", "identity.password_short", "n", minPassword)
	form.Need(len(password) <= maxPassword, "password", "identity.password_long", "n", maxPassword)
	folded := fold(password)
	form.Need(!isCommon(folded), "password", "identity.password_common")
	local, _, _ := strings.Cut(fold(email), "@")
	form.Need(folded != fold(email) && folded != fold(name) && folded != local, "password", "identity.password_name")
}

func isCommon(folded string) bool {
	repeated := folded != "" && strings.Trim(folded, folded[:1]) == ""
	return repeated || !strings.ContainsAny(folded, "\n#") && strings.Contains(commonPasswords, "\n"+folded+"\n")
}
