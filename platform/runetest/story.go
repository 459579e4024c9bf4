package runetest

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"runes.im/platform/config"
	"runes.im/platform/runekit"
)

// story is one script at work: who acts, and what the house answered last.
type story struct {
	house *House
	actor *Person
	last  *Answer
}

type storyKey struct{}

// Stories runs every story in testdata/ beside the test, each in a house of its own.
func Stories(t *testing.T, runes []runekit.Rune, change ...func(*config.Config)) {
	t.Helper()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			h := Start(storyT{env}, runes, change...)
			env.Values[storyKey{}] = &story{house: h, actor: h.Visitor("acme")}
			return nil
		},
		Cmds: verbs(),
	})
}

// storyT lets a house live as long as its story.
type storyT struct{ *testscript.Env }

func (s storyT) Helper()                           {}
func (s storyT) Cleanup(fn func())                 { s.Defer(fn) }
func (s storyT) TempDir() string                   { return s.WorkDir }
func (s storyT) Fatalf(format string, args ...any) { s.T().Fatal(fmt.Sprintf(format, args...)) }

type verb = func(ts *testscript.TestScript, neg bool, args []string)

// verbs are the words of a story; README.md of this folder explains them.
func verbs() map[string]verb {
	return map[string]verb{
		"as":       plain(1, as),
		"at":       plain(1, at),
		"device":   device,
		"signin":   plain(2, func(ts *testscript.TestScript, s *story, a []string) { s.last = s.actor.SignIn(a[0], a[1]) }),
		"get":      plain(1, func(ts *testscript.TestScript, s *story, a []string) { s.last = s.actor.Get(a[0]) }),
		"post":     post,
		"put":      plain(2, put),
		"send":     send,
		"later":    plain(1, later),
		"see":      see,
		"source":   source,
		"status":   plain(1, status),
		"location": plain(1, location),
		"header":   header,
		"keep":     plain(2, keep),
		"logged":   logged,
	}
}

// plain is a verb that takes exactly n words and has no opposite.
func plain(n int, do func(ts *testscript.TestScript, s *story, args []string)) verb {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) != n {
			ts.Fatalf("takes %d words and no !", n)
		}
		do(ts, storyOf(ts), args)
	}
}

func storyOf(ts *testscript.TestScript) *story { return ts.Value(storyKey{}).(*story) }

func as(ts *testscript.TestScript, s *story, args []string) {
	slug := s.actor.Tenant.Slug
	if args[0] == "visitor" {
		s.actor = s.house.Visitor(slug)
		return
	}
	var permissions []string
	if args[0] != "nobody" {
		permissions = strings.Split(args[0], ",")
	}
	s.actor = s.house.PersonOf(slug, permissions...)
	ts.Setenv("ME", s.actor.ID)
	ts.Setenv("EMAIL", s.actor.Email)
}

func at(ts *testscript.TestScript, s *story, args []string) { s.actor = s.house.Visitor(args[0]) }

func device(ts *testscript.TestScript, neg bool, scopes []string) {
	s := storyOf(ts)
	if s.actor.Person == nil || neg {
		ts.Fatalf("device comes after as")
	}
	s.actor = s.actor.Device(scopes...)
	ts.Setenv("SECRET", s.actor.Secret())
}

func post(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: post PATH [field=value]…")
	}
	form := url.Values{}
	for _, pair := range args[1:] {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			ts.Fatalf("%q is not of the form field=value", pair)
		}
		form.Add(name, value)
	}
	s := storyOf(ts)
	s.last = s.actor.Post(args[0], form)
}

func put(ts *testscript.TestScript, s *story, args []string) {
	f, err := os.Open(ts.MkAbs(args[1]))
	ts.Check(err)
	defer f.Close()
	s.last = s.actor.Put(args[0], f)
}

// send METHOD PATH [Name:value]… [<file]
func send(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: send METHOD PATH [Header:value]… [<file]")
	}
	s, header, body := storyOf(ts), http.Header{}, ""
	for _, a := range args[2:] {
		if file, ok := strings.CutPrefix(a, "<"); ok {
			body = ts.ReadFile(file)
			continue
		}
		name, value, ok := strings.Cut(a, ":")
		if !ok {
			ts.Fatalf("%q is neither Header:value nor <file", a)
		}
		header.Add(name, value)
	}
	s.last = s.actor.Do(args[0], args[1], strings.NewReader(body), header)
}

func later(ts *testscript.TestScript, s *story, args []string) {
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	s.house.Clock.Add(d)
}

func see(ts *testscript.TestScript, neg bool, args []string) {
	s := answered(ts)
	for _, want := range args {
		if got := s.last.See(); strings.Contains(got, want) == neg {
			ts.Fatalf("%s\nwant it to contain %q: %v", got, want, !neg)
		}
	}
}

func source(ts *testscript.TestScript, neg bool, args []string) {
	s := answered(ts)
	for _, want := range args {
		if regexp.MustCompile(want).MatchString(s.last.Text) == neg {
			ts.Fatalf("%s\nwant it to match %q: %v", s.last.Text, want, !neg)
		}
	}
}

func status(ts *testscript.TestScript, s *story, args []string) {
	if got := fmt.Sprint(answered(ts).last.StatusCode); got != args[0] {
		ts.Fatalf("status %s, want %s\n%s", got, args[0], s.last.See())
	}
}

func location(ts *testscript.TestScript, s *story, args []string) {
	if got := answered(ts).last.Header.Get("Location"); got != args[0] {
		ts.Fatalf("led to %q, want %q", got, args[0])
	}
}

func header(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: header NAME PATTERN")
	}
	got := strings.Join(answered(ts).last.Header.Values(args[0]), ", ")
	if regexp.MustCompile(args[1]).MatchString(got) == neg {
		ts.Fatalf("header %s is %q, want it to match %q: %v", args[0], got, args[1], !neg)
	}
}

// keep NAME PATTERN puts what the pattern's group found in the answer, or in its address, into $NAME.
func keep(ts *testscript.TestScript, s *story, args []string) {
	a := answered(ts).last
	m := regexp.MustCompile(args[1]).FindStringSubmatch(a.Header.Get("Location") + "\n" + a.Text)
	if len(m) != 2 {
		ts.Fatalf("%q found nothing in\n%s", args[1], a.Text)
	}
	ts.Setenv(args[0], m[1])
}

func logged(ts *testscript.TestScript, neg bool, args []string) {
	for _, want := range args {
		if got := storyOf(ts).house.Log(); strings.Contains(got, want) == neg {
			ts.Fatalf("%s\nwant the log to contain %q: %v", got, want, !neg)
		}
	}
}

func answered(ts *testscript.TestScript) *story {
	s := storyOf(ts)
	if s.last == nil {
		ts.Fatalf("nothing was asked yet")
	}
	return s
}
