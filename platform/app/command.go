package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// command is one administrative deed. The command line runs it in its own process when no server runs, and through
// the socket when one does: the same code both ways.
type command func(ctx context.Context, a *App, args json.RawMessage) (any, error)

var commands = map[string]command{
	"setup":             with(setup),
	"tenant.create":     with(createTenant),
	"tenant.list":       with(listTenants),
	"tenant.suspend":    with(suspendTenant),
	"tenant.resume":     with(resumeTenant),
	"tenant.delete":     with(deleteTenant),
	"tenant.keep":       with(keepTenant),
	"tenant.host":       with(tenantHosts),
	"tenant.limit":      with(limitTenant),
	"tenant.owner":      with(askOwner),
	"tenant.export":     with(exportTenant),
	"tenant.import":     with(importTenant),
	"operator.list":     with(listOperators),
	"operator.add":      with(addOperator),
	"operator.remove":   with(removeOperator),
	"user.add":          with(addUser),
	"user.list":         with(listUsers),
	"user.passwd":       with(setPassword),
	"user.app-password": with(makeAppPassword),
	"user.api-token":    with(makeAPIToken),
	"user.export":       with(exportUser),
	"user.suspend":      with(suspendUser),
	"user.resume":       with(resumeUser),
	"rune.list":         with(listRunes),
	"rune.activate":     with(activateRune),
	"rune.suspend":      with(suspendRune),
	"quote.list":        with(listQuotes),
	"quote.answer":      with(answerQuote),
	"verify":            with(verify),
	"key.rotate":        with(rotateKey),
	"tls.list":          with(listCerts),
	"tls.set":           with(setCert),
	"tls.remove":        with(removeCert),
}

// with gives a command its own struct of arguments.
func with[A any](fn func(ctx context.Context, a *App, args A) (any, error)) command {
	return func(ctx context.Context, a *App, raw json.RawMessage) (any, error) {
		var args A
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&args); err != nil {
			return nil, fmt.Errorf("arguments: %w", err)
		}
		return fn(ctx, a, args)
	}
}

// Refusal is a command's no, already in words: a Go error does not travel through the socket.
type Refusal struct {
	Kind     fault.Kind `json:"kind,omitempty"` // 0: our bug, not a refusal
	Sentence string     `json:"sentence"`
}

func (r *Refusal) Error() string { return r.Sentence }

// run does one command as the command line's administrator.
func (a *App) run(ctx context.Context, name string, args json.RawMessage) (result json.RawMessage, err error) {
	defer func() {
		if p := recover(); p != nil {
			result, err = nil, &Refusal{Sentence: fmt.Sprintf("command %s panicked: %v", name, p)}
		}
	}()
	do := commands[name]
	if do == nil {
		return nil, a.refusal(fault.New(fault.NotFound, "app.no_command", "name", name))
	}
	answer, err := do(store.WithActor(a.equip(ctx), store.Actor{Name: "command line"}), a, args)
	if err != nil {
		return nil, a.refusal(err)
	}
	return json.Marshal(answer)
}

// refusal puts an error into one English line.
func (a *App) refusal(err error) *Refusal { return say(a.Words, err) }

type texter interface {
	Text(lang, key string, args ...any) string
}

func say(book texter, err error) *Refusal {
	f := fault.Of(err)
	if f == nil {
		return &Refusal{Sentence: err.Error()}
	}
	if len(f.Problems) == 0 {
		return &Refusal{Kind: f.Kind, Sentence: book.Text("en", f.Key, f.Args...)}
	}
	lines := make([]string, 0, len(f.Problems))
	for _, p := range f.Problems {
		lines = append(lines, book.Text("en", p.Key, p.Args...))
	}
	sort.Strings(lines)
	return &Refusal{Kind: f.Kind, Sentence: strings.Join(lines, " ")}
}
