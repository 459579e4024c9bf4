package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// errBusy says that another process works on the data directory.
var errBusy = errors.New("the data directory is in use")

// dirLock is held by whoever has the data directory open. The kernel lets go of it when the process dies, however it
// dies, so a kill leaves nothing in the way.
type dirLock struct{ file *os.File }

// lockDir takes the lock without waiting; errBusy when somebody else has it.
func lockDir(dir string) (*dirLock, error) {
	f, err := os.OpenFile(filepath.Join(dir, "runes.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return &dirLock{f}, nil
	}
	f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errBusy
	}
	return nil, fmt.Errorf("lock %s: %w", dir, err)
}

func (l *dirLock) release() { l.file.Close() }
