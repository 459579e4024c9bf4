package secret

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"runes.im/platform/fault"
)

// Master is the key of the appliance.
type Master struct {
	path string
	mu   sync.RWMutex // against boxes made while the key is being replaced
	key  *masterKey
}

type masterKey struct {
	fingerprint string // names the key without telling it
	aead        cipher.AEAD
}

// DefaultPath is where the master key of a data directory lies when nobody says otherwise: the credential that systemd
// hands over, else /etc/runes/runes.key where that exists, else a file beside the directory.
func DefaultPath(dataDir string) string {
	return defaultPath(dataDir, os.Getenv("CREDENTIALS_DIRECTORY"), "/etc/runes")
}

func defaultPath(dataDir string, places ...string) string {
	for _, dir := range places {
		if dir == "" {
			continue
		}
		path := filepath.Join(dir, "runes.key")
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return filepath.Clean(dataDir) + ".key"
}

// Open reads the master key file, or creates it (mode 0400) when it is missing and create is set.
func Open(path string, create bool) (*Master, error) {
	key, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		if !create {
			return nil, fault.New(fault.NotFound, "secret.no_key", "path", path)
		}
		key, err = makeKey(path)
	}
	if err != nil {
		return nil, err
	}
	return &Master{path: path, key: key}, nil
}

// Fingerprint names the key without telling anything about it.
func (m *Master) Fingerprint() string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.key.fingerprint
}

// String keeps the key out of logs.
func (m *Master) String() string { return "master key" }

// GoString keeps the key out of logs.
func (m *Master) GoString() string { return m.String() }

func readKey(path string) (*masterKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return parseKey(string(text), path)
}

// parseKey reads the text of a key file; path is for the sentence that refuses it.
func parseKey(text, path string) (*masterKey, error) {
	word := strings.TrimSpace(text)
	raw, err := hex.DecodeString(word)
	if err != nil {
		raw, err = base64.StdEncoding.DecodeString(word)
	}
	if err != nil || len(raw) != keySize {
		return nil, fault.New(fault.Invalid, "secret.bad_key", "path", path)
	}
	return newMasterKey(raw), nil
}

func newMasterKey(raw []byte) *masterKey {
	return &masterKey{
		fingerprint: hex.EncodeToString(derive(raw, "fingerprint")[:8]),
		aead:        newGCM(derive(raw, "wrap")),
	}
}

// makeKey writes a new key. It gets its name only when it is complete and on stable storage, and never takes the place
// of a key that is there: a lost key is lost data.
func makeKey(path string) (*masterKey, error) {
	raw := make([]byte, keySize)
	rand.Read(raw)
	half := path + ".part"
	if err := os.Remove(half); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := writeSynced(half, hex.EncodeToString(raw)+"\n"); err != nil {
		return nil, err
	}
	defer os.Remove(half)
	if err := os.Link(half, path); err != nil {
		return nil, err
	}
	return newMasterKey(raw), syncDir(path)
}

func writeSynced(path, text string) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o400)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			os.Remove(path) // half a key helps nobody
		}
	}()
	if _, err := f.WriteString(text); err != nil {
		return err
	}
	return f.Sync()
}

// syncDir puts the names beside path on stable storage.
func syncDir(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
