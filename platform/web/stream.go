package web

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Stream is an answer that stays open and carries messages to a page.
type Stream struct {
	visit *Visit
	// Closing is closed when the server stops.
	Closing <-chan struct{}
}

// Stream opens the visit's answer as server-sent events.
func (v *Visit) Stream() *Stream {
	if v.cancel != nil {
		// The time of a page is not the time of a stream.
		v.cancel()
		v.ctx, v.cancel = v.base, nil
	}
	v.letBe()
	h := v.Writer.Header()
	h.Set("Content-Type", "text/event-stream")
	h["Cache-Control"] = noStore
	h.Set("X-Accel-Buffering", "no") // a proxy that collects would hold every message back
	v.quiet = true
	v.Writer.WriteHeader(http.StatusOK)
	v.out.Flush()
	return &Stream{visit: v, Closing: v.server.closing}
}

// Send gives the page one message. An error means that nobody listens any more.
func (s *Stream) Send(name string, data any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return s.write(fmt.Sprintf("event: %s\ndata: %s\n\n", name, raw))
}

// Beat keeps the connection alive through proxies, and finds out that it is dead.
func (s *Stream) Beat() error { return s.write(": \n\n") }

func (s *Stream) write(text string) error {
	w := &s.visit.out
	if _, err := w.Write([]byte(text)); err != nil {
		return err
	}
	w.extend()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Limits are those of the server.
func (v *Visit) Limits() Limits { return v.server.Limits }
