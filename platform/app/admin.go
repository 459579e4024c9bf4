package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"runes.im/platform/config"
	"runes.im/platform/fault"
	"runes.im/platform/runekit"
)

// patience is how long a command waits for a server that is just starting or stopping.
const patience = 5 * time.Second

// reply is what the socket answers.
type reply struct {
	Result  json.RawMessage `json:"result,omitempty"`
	Refusal *Refusal        `json:"refusal,omitempty"`
}

// Call runs a command on the data directory of cfg and decodes its answer into result: beside a running server
// through its socket, without one by opening the directory itself.
func Call(ctx context.Context, cfg *config.Config, runes []runekit.Rune, name string, args, result any) error {
	raw, err := json.Marshal(args)
	if err != nil {
		return err
	}
	out, err := call(ctx, cfg, runes, name, raw)
	if err != nil {
		return err
	}
	return json.Unmarshal(out, result)
}

func call(ctx context.Context, cfg *config.Config, runes []runekit.Rune, name string, args json.RawMessage) (json.RawMessage, error) {
	give := time.Now().Add(patience)
	for {
		a, err := Open(ctx, cfg, runes)
		if err == nil {
			defer a.Close()
			return a.run(ctx, name, args)
		}
		if !errors.Is(err, errBusy) {
			return nil, err
		}
		out, err := post(ctx, cfg.Data, name, args)
		var unreachable *net.OpError
		if !errors.As(err, &unreachable) || unreachable.Op != "dial" {
			return out, err
		}
		if time.Now().After(give) {
			return nil, fault.New(fault.Unavailable, "app.no_answer", "dir", cfg.Data)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// post asks the server that holds the directory.
func post(ctx context.Context, dir, name string, args json.RawMessage) (json.RawMessage, error) {
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket(dir))
		},
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://runes/command/"+name, bytes.NewReader(args))
	if err != nil {
		return nil, err
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	var r reply
	if err := json.NewDecoder(res.Body).Decode(&r); err != nil {
		return nil, fmt.Errorf("answer of the server: %w", err)
	}
	if r.Refusal != nil {
		return nil, r.Refusal
	}
	return r.Result, nil
}

// serverAnswers reports whether a server listens on the directory's socket.
func serverAnswers(dir string) bool {
	c, err := net.Dial("unix", socket(dir))
	if err != nil {
		return false
	}
	c.Close()
	return true
}

func socket(dir string) string { return filepath.Join(dir, "runes.sock") }

// The kernel allows a socket's path no more.
const maxSocketPath = 107

// listenAdmin opens the socket. The lock is held, so a socket that lies there belongs to a dead server.
func listenAdmin(dir string) (net.Listener, error) {
	path := socket(dir)
	if len(path) > maxSocketPath {
		return nil, fault.New(fault.Invalid, "app.long_path", "dir", dir, "max", maxSocketPath-len("/runes.sock"))
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// admin answers commands on the socket. Only the owner of the directory can open it, so nobody signs in here.
func (a *App) admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /command/{name}", func(w http.ResponseWriter, r *http.Request) {
		var args json.RawMessage
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&args); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		var answer reply
		out, err := a.run(r.Context(), r.PathValue("name"), args)
		var refused *Refusal
		switch {
		case err == nil:
			answer.Result = out
		case errors.As(err, &refused):
			answer.Refusal = refused
		default:
			answer.Refusal = &Refusal{Sentence: err.Error()}
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			a.log.Warn("answer on the admin socket", "err", err)
		}
	})
	return mux
}
