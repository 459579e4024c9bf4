package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"runes.im/platform/runetest"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"runes": main}) }

// TestStories runs what an administrator types, in processes of its own, and what people then find at the address.
func TestStories(t *testing.T) {
	verbs := runetest.Verbs()
	verbs["serve"], verbs["stop"], verbs["exits"], verbs["modes"] = serve, stop, exits, modes
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			runetest.Prepare(env)
			env.Values[serverKey{}] = new(server)
			env.Setenv("RUNES_DATA", filepath.Join(env.WorkDir, "data"))
			env.Setenv("RUNES_KEY", filepath.Join(env.WorkDir, "master.key"))
			env.Setenv("RUNES_HTTP", "127.0.0.1:0")
			env.Setenv("RUNES_ORGANISATIONS", "single")
			return nil
		},
		Cmds: verbs,
	})
}

type serverKey struct{}

// server is the process of a story, with everything it printed.
type server struct {
	process *exec.Cmd
	printed chan struct{}
}

var addressLine = regexp.MustCompile(`Address +(http\S+?)(?:/setup\?code=(\S+))?$|"address":"(http[^"]+)"`)

// serve [flags] starts a server and goes on when it is ready: $ADDRESS is where, $CODE opens the wizard, server.log
// holds what it printed.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	s := ts.Value(serverKey{}).(*server)
	program, err := exec.LookPath(filepath.Join(filepath.SplitList(ts.Getenv("PATH"))[0], "runes"))
	ts.Check(err)
	out, in, err := os.Pipe()
	ts.Check(err)
	s.process = exec.Command(program, append([]string{"serve"}, args...)...)
	s.process.Dir, s.process.Stdout, s.process.Stderr = ts.MkAbs("."), in, in
	for _, name := range []string{"RUNES_DATA", "RUNES_KEY", "RUNES_HTTP", "RUNES_DEMO_PASSWORD", "RUNES_ORGANISATIONS", "HOME", "PATH"} {
		s.process.Env = append(s.process.Env, name+"="+ts.Getenv(name))
	}
	ts.Check(s.process.Start())
	ts.Check(in.Close())
	process := s.process
	ts.Defer(func() { process.Process.Kill(); process.Wait() })
	ready := make(chan [2]string, 1)
	s.printed = make(chan struct{})
	go s.watch(out, ts.MkAbs("server.log"), ready)
	found, ok := <-ready
	if !ok {
		ts.Fatalf("the server ended: %s", ts.ReadFile("server.log"))
	}
	ts.Setenv("ADDRESS", found[0])
	ts.Setenv("CODE", found[1])
	runetest.Visit(ts, found[0])
}

// watch keeps what the server prints and reports when it says that it is ready. A server that greets with a code or a
// password says so after the line in its log.
func (s *server) watch(out io.ReadCloser, file string, ready chan<- [2]string) {
	defer close(s.printed)
	defer close(ready)
	log, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer log.Close()
	defer out.Close()
	lines := bufio.NewScanner(out)
	told := false
	for lines.Scan() {
		log.WriteString(lines.Text() + "\n")
		if m := addressLine.FindStringSubmatch(lines.Text()); m != nil && !told {
			told = true
			ready <- [2]string{m[1] + m[3], m[2]}
		}
	}
}

// stop [kill] ends the server and waits until it is gone; it must end well unless killed.
func stop(ts *testscript.TestScript, neg bool, args []string) {
	s := ts.Value(serverKey{}).(*server)
	signal := syscall.SIGTERM
	if len(args) > 0 {
		signal = syscall.SIGKILL
	}
	ts.Check(s.process.Process.Signal(signal))
	<-s.printed
	if err := s.process.Wait(); err != nil && len(args) == 0 {
		ts.Fatalf("the server ended with %v: %s", err, ts.ReadFile("server.log"))
	}
}

// exits CODE PROGRAM… runs a program that must end with the code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var ended *exec.ExitError
		if !errors.As(err, &ended) {
			ts.Fatalf("%v", err)
		}
		got = ended.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// modes DIR finds files that others on the machine could read (K2).
func modes(ts *testscript.TestScript, neg bool, args []string) {
	seen := 0
	err := filepath.WalkDir(ts.MkAbs(args[0]), func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		seen++
		if info.Mode().Perm()&0o077 != 0 {
			ts.Fatalf("%s has mode %v, want nothing for others", path, info.Mode())
		}
		return nil
	})
	ts.Check(err)
	if seen < 5 {
		ts.Fatalf("looked at %d files only", seen)
	}
}
