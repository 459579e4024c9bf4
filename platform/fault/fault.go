// Package fault is how the house says no: a kind, which decides the status, and a sentence a person can act on.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind tells what sort of refusal a fault is. The web turns it into a status, the command line into an exit code.
type Kind int

// The kinds, with the HTTP status each becomes.
const (
	Invalid      Kind = iota + 1 // 422: what was sent cannot be used; the sentence says what to mend
	Malformed                    // 400: the request itself is broken (protocol doors)
	SignedOut                    // 401: nobody is signed in, or the password is wrong
	Forbidden                    // 403: known to exist, not allowed
	NotFound                     // 404: does not exist, or not for this person
	Conflict                     // 409: somebody else was faster, or the place is taken
	Precondition                 // 412: If-Match, If-None-Match or the like did not hold
	TooLarge                     // 413: over a fixed limit
	Misdirected                  // 421: this host name belongs to no tenant
	Locked                       // 423: locked by somebody else
	TooMany                      // 429: throttled
	Unavailable                  // 503: for now; try again
	Full                         // 507: disk or quota is full
)

// Fault is an expected refusal. Key names its sentence in the words files; Args fill the sentence's places.
type Fault struct {
	Kind Kind
	Key  string
	Args []any // name, value, name, value …
	// Problems are the sentences of a form, by field name.
	Problems map[string]Problem
}

// Problem is one sentence about one field.
type Problem struct {
	Key  string
	Args []any
}

// New makes a fault from a words key and the pairs (name, value) of its sentence.
func New(kind Kind, key string, args ...any) *Fault {
	return &Fault{Kind: kind, Key: key, Args: args}
}

// Error is for logs; people read the sentence behind Key.
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.Key)
	for i := 0; i+1 < len(f.Args); i += 2 {
		fmt.Fprintf(&b, " %v=%v", f.Args[i], f.Args[i+1])
	}
	for field, p := range f.Problems {
		fmt.Fprintf(&b, " %s:%s", field, p.Key)
	}
	return b.String()
}

// Of returns the fault inside err, or nil when err is none (then it is our bug, not a refusal).
func Of(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// Is reports whether err is a fault of that kind.
func Is(err error, kind Kind) bool {
	f := Of(err)
	return f != nil && f.Kind == kind
}

// Form collects the problems of a form, so that a person sees all of them at once.
type Form struct {
	problems map[string]Problem
}

// Need notes a problem on a field unless ok. The first problem of a field stays.
func (f *Form) Need(ok bool, field, key string, args ...any) {
	if ok {
		return
	}
	if f.problems == nil {
		f.problems = map[string]Problem{}
	}
	if _, noted := f.problems[field]; !noted {
		f.problems[field] = Problem{Key: key, Args: args}
	}
}

// Err is nil when nothing was wrong, else one Invalid fault with all problems.
func (f *Form) Err() error {
	if len(f.problems) == 0 {
		return nil
	}
	return &Fault{Kind: Invalid, Key: "fault.form", Problems: f.problems}
}
