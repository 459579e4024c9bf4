package web

import (
	"io"
	"net/http"
	"time"
)

// minRate is how many bytes a second a body must bring.
const minRate = 1 << 10

// pacedBody gives up on a sender who brings less than the minimum rate. The deadline lies on the connection, so that a
// sender who brings nothing at all is found too. net/http takes it away at the end of the body.
type pacedBody struct {
	io.ReadCloser
	writer *response
	grace  time.Duration
	since  time.Time // when the deadline was set
	bytes  int64     // since then
	left   time.Time // when the handler went away with what it had read
}

// pace watches the body of a request. It works on a copy of the request: net/http looks at the body it made itself to
// see that a client waits for "100 Continue", and without that would wait for a body that a refusal keeps away.
func (s *Server) pace(v *Visit) {
	if body := v.Request.Body; body != nil && body != http.NoBody {
		r := *v.Request
		v.Request = &r
		r.Body = &pacedBody{ReadCloser: body, writer: &v.out, grace: s.Limits.BodyGrace}
	}
}

// Read also renews the deadline when the handler was away: its own slowness is not the sender's.
func (b *pacedBody) Read(p []byte) (int, error) {
	now := time.Now()
	if b.since.IsZero() || b.isPaid(now) || now.Sub(b.left) > b.grace/10 {
		b.since, b.bytes = now, 0
		b.deadline(now.Add(b.grace))
	}
	n, err := b.ReadCloser.Read(p)
	b.bytes, b.left = b.bytes+int64(n), time.Now()
	return n, err
}

// isPaid reports whether what came since the deadline was set earns a new one. Asking the connection costs more than a
// read, so it is done a few times within the grace and not for every piece.
func (b *pacedBody) isPaid(now time.Time) bool {
	passed := now.Sub(b.since)
	return passed > b.grace/10 && float64(b.bytes) >= passed.Seconds()*minRate
}

func (b *pacedBody) deadline(at time.Time) {
	// Without deadlines (a recorder in a test) there is no sender to wait for.
	_ = http.NewResponseController(b.writer).SetReadDeadline(at)
	if b.writer.ended.Load() {
		b.writer.breakOff()
	}
}
