package web

import (
	"encoding/json"
	"net/http"
)

var lineType = []string{"application/x-ndjson; charset=utf-8"}

// Lines is an answer of JSON values, one a line, each on its way before the next is known.
type Lines struct{ visit *Visit }

// Lines opens the visit's answer.
func (v *Visit) Lines() *Lines {
	h := v.Writer.Header()
	h["Content-Type"] = lineType
	h.Set("X-Accel-Buffering", "no") // a proxy that collects would hold the first line back
	v.Writer.WriteHeader(http.StatusOK)
	return &Lines{v}
}

// Send gives the page one value. An error means that nobody reads any more.
func (l *Lines) Send(value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if _, err := l.visit.out.Write(append(raw, '\n')); err != nil {
		return err
	}
	l.visit.out.Flush()
	return nil
}
