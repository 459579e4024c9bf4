package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	person   = "bench@bench.example"
	password = "measured-in-one-run"
)

// runes is the appliance under measurement.
type runes struct {
	cmd    *exec.Cmd
	base   string // http://127.0.0.1:port
	secret string // an app password
	ready  time.Duration
	client *http.Client
}

func startRunes(binary, data string) (*runes, error) {
	run := func(in string, args ...string) (string, error) {
		cmd := exec.Command(binary, append(args, "--data", data)...)
		cmd.Stdin = strings.NewReader(in)
		var out, complaint bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &complaint
		if err := cmd.Run(); err != nil {
			return "", fmt.Errorf("runes %s: %w: %s", args[0], err, complaint.String())
		}
		return strings.TrimSpace(out.String()), nil
	}
	if _, err := run(password, "setup", "--company", "Bench", "--slug", "bench", "--email", person, "--name", "Bench", "--password-file", "-"); err != nil {
		return nil, err
	}
	secret, err := run("", "user", "app-password", "--tenant", "bench", "--email", person, "--label", "bench", "--scope", "sync")
	if err != nil {
		return nil, err
	}
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	r := &runes{base: "http://" + addr, secret: secret, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16, DisableCompression: true}}}
	r.cmd = exec.Command(binary, "serve", "--data", data, "--http", addr)
	began := time.Now()
	if err := r.cmd.Start(); err != nil {
		return nil, err
	}
	if err := r.awaitReady(r.base + "/readyz"); err != nil {
		r.stop()
		return nil, err
	}
	r.ready = time.Since(began)
	return r, nil
}

func (r *runes) awaitReady(url string) error {
	for until := time.Now().Add(15 * time.Second); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		if answer, err := r.client.Get(url); err == nil {
			answer.Body.Close()
			if answer.StatusCode < 300 {
				return nil
			}
		}
	}
	return fmt.Errorf("nothing answers at %s", url)
}

func (r *runes) stop() { halt(r.cmd) }

// atRest are the figures of a server nobody uses.
func (r *runes) atRest(binary string) []figure {
	time.Sleep(2 * time.Second)
	memory := residentMB(r.cmd.Process.Pid)
	var size float64
	if info, err := os.Stat(binary); err == nil {
		size = float64(info.Size()) / 1e6
	}
	return []figure{
		{"ready after start", ms(r.ready), "", "<= 500 ms", r.ready <= 500*time.Millisecond},
		{"idle memory", fmt.Sprintf("%.0f MB", memory), "", "<= 60 MB", memory <= 60},
		{"binary", fmt.Sprintf("%.1f MB", size), "", "<= 40 MB", size <= 40},
	}
}

// request sends one request with the app password and reads the whole answer.
func (r *runes) request(method, path, body string, header ...string) (int, error) {
	req, err := http.NewRequest(method, r.base+path, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.SetBasicAuth(person, r.secret)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return r.send(req)
}

func halt(cmd *exec.Cmd) {
	cmd.Process.Signal(syscall.SIGTERM)
	cmd.Wait()
}

// cpu is the processor time of the processes so far, in nanosecond steps where the kernel counts them.
func cpu(pids ...int) time.Duration {
	var sum int64
	for _, pid := range pids {
		tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
		for _, task := range tasks {
			line, err := os.ReadFile(task)
			if err != nil {
				continue // the thread ended meanwhile
			}
			ran, _, _ := strings.Cut(string(line), " ")
			ns, _ := strconv.ParseInt(ran, 10, 64)
			sum += ns
		}
	}
	return time.Duration(sum)
}

// residentMB is the resident set of a process in MB.
func residentMB(pid int) float64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kb, _ := strconv.ParseFloat(strings.Fields(rest + " 0")[0], 64)
	return kb / 1000
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

func us(d time.Duration) string { return fmt.Sprintf("%.0f µs", float64(d.Nanoseconds())/1000) }
