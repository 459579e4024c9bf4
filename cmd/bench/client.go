package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// realClient lets Nextcloud's own command-line client upload 1,000 files, then look at 5,000 unchanged ones.
func realClient(ours *runes, scratch string) ([]figure, error) {
	upload := filepath.Join(scratch, "upload")
	if err := writeFiles(upload, 10, 100, 10<<10); err != nil {
		return nil, err
	}
	used, took, err := ours.sync(upload, "/client")
	if err != nil {
		return nil, err
	}
	figures := []figure{{"nextcloudcmd uploads 1,000 files of 10 KB: server CPU", ms(used), "in " + ms(took), "<= 2 s", used <= 2*time.Second}}
	if err := writeFiles(filepath.Join(upload, "more"), 40, 100, 1<<10); err != nil {
		return figures, err
	}
	if _, _, err := ours.sync(upload, "/client"); err != nil {
		return figures, err
	}
	best := time.Hour
	for range 5 {
		used, took, err = ours.sync(upload, "/client")
		if err != nil {
			return figures, err
		}
		best = min(best, used)
	}
	return append(figures, figure{"nextcloudcmd with nothing to do, 5,000 files: server CPU", ms(best), "in " + ms(took), "<= 10 ms", best <= 10*time.Millisecond}), nil
}

// sync runs the client once and returns the server's processor time and the wall time.
func (r *runes) sync(dir, remote string) (used, took time.Duration, err error) {
	r.request("MKCOL", "/remote.php/webdav"+remote, "") // 405 when it is there already
	before, began := cpu(r.cmd.Process.Pid), time.Now()
	cmd := exec.Command("nextcloudcmd", "--non-interactive", "--silent", "-u", person, "-p", r.secret, "--path", remote, dir, r.base)
	cmd.Env = append(os.Environ(), "QT_QPA_PLATFORM=offscreen")
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, 0, fmt.Errorf("nextcloudcmd (Debian package nextcloud-desktop-cmd): %w: %s", err, out)
	}
	return cpu(r.cmd.Process.Pid) - before, time.Since(began), nil
}

func writeFiles(dir string, folders, each, size int) error {
	for f := range folders {
		folder := filepath.Join(dir, fmt.Sprintf("folder %02d", f))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		for n := range each {
			content := make([]byte, size)
			copy(content, fmt.Sprintf("%s %d %d", dir, f, n))
			if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("file %03d.txt", n)), content, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}
