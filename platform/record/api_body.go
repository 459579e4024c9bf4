package record

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

const (
	maxBody  = 1 << 20
	maxDepth = 64
)

// readBody is the JSON that a program sent: not too long and not too deep, before anything is built from it.
func readBody(v *web.Visit) ([]byte, error) {
	raw, err := io.ReadAll(http.MaxBytesReader(v.Writer, v.Request.Body, maxBody))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, fault.New(fault.TooLarge, "web.too_large", "max", "1 MiB")
	}
	if err != nil || tooDeep(raw) || !json.Valid(raw) || strings.Contains(string(raw), `\u0000`) {
		return nil, fault.New(fault.Malformed, "record.no_json", "max", maxDepth)
	}
	return raw, nil
}

// tooDeep counts brackets outside of strings: the decoder would recurse as deep as a sender likes.
func tooDeep(raw []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

func readObject(v *web.Visit) (map[string]json.RawMessage, error) {
	raw, err := readBody(v)
	if err != nil {
		return nil, err
	}
	var given map[string]json.RawMessage
	if json.Unmarshal(raw, &given) != nil || given == nil {
		return nil, fault.New(fault.Malformed, "record.no_json", "max", maxDepth)
	}
	return given, nil
}

// operation is one deed of a bulk request.
type operation struct {
	Op      string                     `json:"op"` // create, update, delete
	ID      string                     `json:"id"`
	Version int64                      `json:"version"`
	Data    map[string]json.RawMessage `json:"data"`
}

// apiBulk does all operations or none.
func (k *kind) apiBulk(v *web.Visit) error {
	raw, err := readBody(v)
	if err != nil {
		return err
	}
	var body struct {
		Operations []operation `json:"operations"`
	}
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	if d.Decode(&body) != nil || len(body.Operations) == 0 || len(body.Operations) > maxBulk {
		return fault.New(fault.Invalid, "record.bulk", "max", maxBulk)
	}
	results := make([]map[string]any, len(body.Operations))
	at := 0
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		for i, op := range body.Operations {
			at = i
			if results[i], err = k.operate(ctx, tx, v, op); err != nil {
				return err
			}
		}
		return nil
	})
	if f := fault.Of(err); f != nil {
		v.Writer.Header().Set("X-Operation", strconv.Itoa(at)) // which one was refused; none was done
	}
	if err != nil {
		return err
	}
	return v.JSON(http.StatusOK, map[string]any{"results": results})
}

func (k *kind) operate(ctx context.Context, tx *store.Tx, v *web.Visit, op operation) (map[string]any, error) {
	if op.Op == "create" {
		rec := k.fresh()
		if err := k.fillJSON(rec, op.Data, true); err != nil {
			return nil, err
		}
		err := k.create(ctx, tx, rec)
		return k.asJSON(rec), err
	}
	before, err := k.one(ctx, tx, v.Person, op.ID, false)
	if err != nil {
		return nil, err
	}
	if op.Version != k.of(before).Version {
		return nil, fault.New(fault.Precondition, "record.changed_meanwhile")
	}
	switch op.Op {
	case "update":
		rec := k.copyOf(before)
		if err := k.fillJSON(rec, op.Data, false); err != nil {
			return nil, err
		}
		err := k.change(ctx, tx, before, rec)
		return k.asJSON(rec), err
	case "delete":
		return map[string]any{"id": op.ID}, k.remove(ctx, tx, before, "")
	}
	return nil, fault.New(fault.Invalid, "record.bulk", "max", maxBulk)
}

// problem answers with a problem document (RFC 9457).
func problem(v *web.Visit, status int, detail string, errors map[string]string) error {
	body := map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": detail}
	if len(errors) > 0 {
		body["errors"] = errors
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	h := v.Writer.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Length", strconv.Itoa(len(raw)))
	v.Writer.WriteHeader(status)
	v.Writer.Write(raw) // a program that left has nobody to be told
	return nil
}

// failAPI is how every refusal of the API reads.
func failAPI(v *web.Visit, status int, f *fault.Fault, _ string) {
	fields := map[string]string{}
	for name, p := range f.Problems {
		fields[name] = v.T(p.Key, p.Args...)
	}
	if err := problem(v, status, v.T(f.Key, f.Args...), fields); err != nil {
		http.Error(v.Writer, http.StatusText(status), status)
	}
}
