package cert

import (
	"log/slog"
	"os"
	"sync"
	"time"
)

// files are the server's own certificate and key. Whoever renews them writes them anew; they are read again when they changed.
type files struct {
	cert, key string

	mu    sync.Mutex
	seen  [2]stamp
	have  *held
	wrong string // what was logged last
}

// get is what the files hold now; what they held before when they are being written just now.
func (f *files) get() *held {
	if f.cert == "" {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	seen := [2]stamp{stampOf(f.cert), stampOf(f.key)}
	if seen == f.seen {
		return f.have
	}
	b, err := f.read()
	if err != nil {
		if f.wrong != err.Error() {
			f.wrong = err.Error()
			slog.Error("the certificate files cannot be used", "cert", f.cert, "err", err)
		}
		return f.have
	}
	f.seen, f.wrong = seen, ""
	f.have = &held{Bundle: b, cert: b.forTLS()}
	return f.have
}

func (f *files) read() (*Bundle, error) {
	chain, err := os.ReadFile(f.cert)
	if err != nil {
		return nil, err
	}
	key, err := os.ReadFile(f.key)
	if err != nil {
		return nil, err
	}
	return Read(string(chain), string(key))
}

// stamp changes with a file.
type stamp struct {
	at   time.Time
	size int64
}

func stampOf(file string) stamp {
	info, err := os.Stat(file)
	if err != nil {
		return stamp{}
	}
	return stamp{info.ModTime(), info.Size()}
}
