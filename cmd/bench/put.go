package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	putClients = 8
	putFiles   = 4000
	putRounds  = 3
)

// putBesideApache stores files of 4 KiB with eight clients, here and at Debian's Apache with mod_dav, turn by turn. Ours
// check a password and are on stable storage when answered. Apache is measured twice: bare, which promises neither, and
// with a password file and a synchronous folder, which promises the same.
func putBesideApache(ours *runes, scratch string) ([]figure, error) {
	bare, err := startApache(filepath.Join(scratch, "apache-bare"), false)
	if err != nil {
		return nil, err
	}
	defer bare.stop()
	equal, err := startApache(filepath.Join(scratch, "apache-equal"), true)
	if err != nil {
		return nil, err
	}
	defer equal.stop()
	if status, err := ours.request("MKCOL", "/remote.php/webdav/put", ""); err != nil || status != http.StatusCreated {
		return nil, fmt.Errorf("MKCOL answered %d: %w", status, err)
	}
	var our, theirBare, theirEqual load
	for round := range putRounds {
		for _, side := range []struct {
			best   *load
			prefix string
			secret string
			pids   []int
		}{
			{&theirBare, bare.base + "/", "", bare.pids()},
			{&theirEqual, equal.base + "/", password, equal.pids()},
			{&our, ours.base + "/remote.php/webdav/put/", ours.secret, []int{ours.cmd.Process.Pid}},
		} {
			l, err := put(fmt.Sprintf("%sr%d-", side.prefix, round), ours.client, side.secret, side.pids)
			if err != nil {
				return nil, fmt.Errorf("PUT at %s: %w", side.prefix, err)
			}
			*side.best = side.best.better(l)
		}
	}
	return append(our.beside("Apache, password and synchronous", theirEqual), our.beside("Apache, bare", theirBare)...), nil
}

// beside are the two lines that compare our load with another program's.
func (l load) beside(name string, other load) []figure {
	return []figure{
		{
			"durable PUT 4 KiB, 8 clients: CPU per operation", us(l.cpu),
			fmt.Sprintf("%s %s (%.2f x)", name, us(other.cpu), ratio(l.cpu, other.cpu)), "<= 0.4 x", ratio(l.cpu, other.cpu) <= 0.4,
		},
		{
			"durable PUT 4 KiB, 8 clients: rate", fmt.Sprintf("%.0f/s", l.rate),
			fmt.Sprintf("%s %.0f/s (%.1f x)", name, other.rate, l.rate/other.rate), ">= 3 x", l.rate >= 3*other.rate,
		},
	}
}

// load is what one operation cost and how many went through per second.
type load struct {
	cpu  time.Duration
	rate float64
}

// better keeps each side's best round, so that a busy machine harms neither.
func (l load) better(m load) load {
	if l.rate == 0 || m.rate > l.rate {
		return m
	}
	return l
}

func put(prefix string, client *http.Client, secret string, pids []int) (load, error) {
	bodies := make([]byte, 4096)
	rand.Read(bodies)
	var next atomic.Int64
	var wg sync.WaitGroup
	failures := make(chan error, putClients)
	before, began := cpu(pids...), time.Now()
	for range putClients {
		wg.Go(func() {
			for n := next.Add(1); n <= putFiles; n = next.Add(1) {
				body := append([]byte(prefix+strconv.FormatInt(n, 10)), bodies...)[:4096]
				req, err := http.NewRequest(http.MethodPut, prefix+strconv.FormatInt(n, 10)+".bin", bytes.NewReader(body))
				if err != nil {
					failures <- err
					return
				}
				if secret != "" {
					req.SetBasicAuth(person, secret)
				}
				answer, err := client.Do(req)
				if err != nil {
					failures <- err
					return
				}
				io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
				if answer.StatusCode != http.StatusCreated {
					failures <- errors.New(answer.Status)
					return
				}
			}
		})
	}
	wg.Wait()
	took, used := time.Since(began), cpu(pids...)-before
	close(failures)
	return load{cpu: used / putFiles, rate: putFiles / took.Seconds()}, <-failures
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

// apache is Debian's Apache with mod_dav on a folder of its own.
type apache struct {
	base, conf string
}

const apacheConf = `ServerRoot %[1]s
PidFile %[1]s/httpd.pid
Listen %[2]s
ServerName localhost
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule dav_module /usr/lib/apache2/modules/mod_dav.so
LoadModule dav_fs_module /usr/lib/apache2/modules/mod_dav_fs.so
LoadModule mime_module /usr/lib/apache2/modules/mod_mime.so
LoadModule authn_core_module /usr/lib/apache2/modules/mod_authn_core.so
LoadModule authn_file_module /usr/lib/apache2/modules/mod_authn_file.so
LoadModule auth_basic_module /usr/lib/apache2/modules/mod_auth_basic.so
LoadModule authz_user_module /usr/lib/apache2/modules/mod_authz_user.so
TypesConfig /etc/mime.types
ErrorLog %[1]s/error.log
DavLockDB %[1]s/lock/DavLock
DocumentRoot %[1]s/www
User %[3]s
<Directory %[1]s/www>
 Dav On
 %[4]s
</Directory>
`

// startApache starts it on a folder of its own. equal lets it check a password, in the format that Debian's htpasswd
// writes, and write synchronously.
func startApache(dir string, equal bool) (*apache, error) {
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	who := "www-data"
	if os.Getuid() != 0 {
		me, err := user.Current()
		if err != nil {
			return nil, err
		}
		who = me.Username
	}
	for _, sub := range []string{"www", "lock"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o777); err != nil {
			return nil, err
		}
		if err := os.Chmod(filepath.Join(dir, sub), 0o777); err != nil {
			return nil, err
		}
	}
	for _, up := range []string{dir, filepath.Dir(dir)} { // its own user must get in
		if err := os.Chmod(up, 0o755); err != nil {
			return nil, err
		}
	}
	access := "Require all granted"
	if equal {
		users := filepath.Join(dir, "users")
		for _, line := range [][]string{
			{"/usr/bin/htpasswd", "-cb", users, person, password},
			{"/usr/bin/chattr", "+S", filepath.Join(dir, "www")},
		} {
			if out, err := exec.Command(line[0], line[1:]...).CombinedOutput(); err != nil {
				return nil, fmt.Errorf("%s (Debian packages apache2-utils, e2fsprogs): %w: %s", line[0], err, out)
			}
		}
		access = "AuthType Basic\n AuthName bench\n AuthUserFile " + users + "\n Require valid-user"
	}
	a := &apache{base: "http://" + addr, conf: filepath.Join(dir, "httpd.conf")}
	if err := os.WriteFile(a.conf, fmt.Appendf(nil, apacheConf, dir, addr, who, access), 0o644); err != nil {
		return nil, err
	}
	if out, err := exec.Command("/usr/sbin/apache2", "-f", a.conf, "-k", "start").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("apache2 (Debian package apache2) does not start: %w: %s", err, out)
	}
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		if answer, err := http.Get(a.base); err == nil {
			answer.Body.Close()
			return a, nil
		}
	}
	a.stop()
	return nil, errors.New("apache2 does not answer")
}

// pids are all processes that run with our configuration file.
func (a *apache) pids() []int {
	var found []int
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range lines {
		line, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(line), a.conf) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			found = append(found, pid)
		}
	}
	return found
}

func (a *apache) stop() {
	for _, pid := range a.pids() {
		syscall.Kill(pid, syscall.SIGTERM)
	}
}
