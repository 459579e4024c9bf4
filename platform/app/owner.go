package app

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"runes.im/platform/fault"
)

// becomeOwner goes on as whoever owns the data directory when root works on somebody else's: a file of root in it
// would lock the service out of its own data.
func becomeOwner(dir string) error {
	info, err := os.Stat(dir)
	if errors.Is(err, os.ErrNotExist) || os.Geteuid() != 0 {
		return nil
	}
	if err != nil {
		return fault.New(fault.Unavailable, "app.no_dir", "dir", dir, "reason", reason(err))
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || owner.Uid == 0 {
		return nil
	}
	if err := syscall.Setgroups([]int{int(owner.Gid)}); err != nil {
		return fmt.Errorf("become the owner of %s: %w", dir, err)
	}
	if err := syscall.Setgid(int(owner.Gid)); err != nil {
		return fmt.Errorf("become the owner of %s: %w", dir, err)
	}
	if err := syscall.Setuid(int(owner.Uid)); err != nil {
		return fmt.Errorf("become the owner of %s: %w", dir, err)
	}
	return nil
}
