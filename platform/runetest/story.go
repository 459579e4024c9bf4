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
	t     T
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
			Prepare(env)
			h := Start(storyT{env}, runes, change...)
			*env.Values[storyKey{}].(*story) = story{t: storyT{env}, house: h, actor: h.Visitor("acme")}
			return nil
		},
		Cmds: Verbs(),
	})
}

// Prepare gives a script of another test the memory that the verbs need; Visit then takes the story to a house.
func Prepare(env *testscript.Env) { env.Values[storyKey{}] = &story{t: storyT{env}} }

// Visit goes on as a visitor of the house that another process runs at that address.
func Visit(ts *testscript.TestScript, address string) {
	s := storyOf(ts)
	s.house = Beside(s.t, address)
	s.actor = s.house.Visitor("")
}

// storyT lets a house live as long as its story.
type storyT struct{ *testscript.Env }

func (s storyT) Helper()                           {}
func (s storyT) Cleanup(fn func())                 { s.Defer(fn) }
func (s storyT) TempDir() string                   { return s.WorkDir }
func (s storyT) Fatalf(format string, args ...any) { s.T().Fatal(fmt.Sprintf(format, args...)) }

// Verb is one word of a story.
type Verb = func(ts *testscript.TestScript, neg bool, args []string)

// Verbs are the words of a story; README.md of this folder explains them.
func Verbs() map[string]Verb {
	return map[string]Verb{
		"as":     plain(1, as),
		"at":     plain(1, at),
		"device": device,
		"password": plain(2, func(_ *testscript.TestScript, s *story, a []string) {
			s.actor = s.house.Visitor(s.actor.Slug).WithPassword(a[0], a[1])
		}),
		"secret": plain(2, func(ts *testscript.TestScript, s *story, a []string) {
			s.actor = s.house.Visitor(s.actor.Slug).WithPassword(a[0], strings.TrimSpace(ts.ReadFile(a[1])))
		}),
		"signin":   plain(2, func(ts *testscript.TestScript, s *story, a []string) { s.last = s.actor.SignIn(a[0], a[1]) }),
		"get":      plain(1, func(ts *testscript.TestScript, s *story, a []string) { s.last = s.actor.Get(a[0]) }),
		"post":     post,
		"put":      plain(2, put),
		"send":     send,
		"later":    plain(1, later),
		"see":      see,
		"source":   source,
		"status":   plain(1, status),
		"granted":  granted,
		"location": plain(1, location),
		"header":   header,
		"keep":     plain(2, keep),
		"logged":   logged,
	}
}

// plain is a verb that takes exactly n words and has no opposite.
func plain(n int, do func(ts *testscript.TestScript, s *story, args []string)) Verb {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) != n {
			ts.Fatalf("takes %d words and no !", n)
		}
		do(ts, storyOf(ts), args)
	}
}

func storyOf(ts *testscript.TestScript) *story { return ts.Value(storyKey{}).(*story) }

func as(ts *testscript.TestScript, s *story, args []string) {
	slug := s.actor.Slug
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

func at(ts *testscript.TestScript, s *story, args []string) {
	if s.house.App != nil {
		s.house.Tenant(args[0])
	}
	s.actor = s.house.Visitor(args[0])
}

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

// granted is a status below 400 that does not lead to the sign-in page.
func granted(ts *testscript.TestScript, neg bool, _ []string) {
	a := answered(ts).last
	ok := a.StatusCode < 400 && !strings.HasPrefix(a.Header.Get("Location"), "/login")
	if ok == neg {
		ts.Fatalf("status %s to %q, want it granted: %v", a.Status, a.Header.Get("Location"), !neg)
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
