package web

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// statusGone stands in the log for a visitor who left before the answer.
const statusGone = 499

// response notes what was answered and gives a reader who stopped reading no more than limit. It keeps the way through
// the kernel that net/http has for files.
type response struct {
	http.ResponseWriter
	status int
	bytes  int64
	limit  time.Duration
	fresh  time.Time // when the deadline was set last
	ended  atomic.Bool
}

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *response) WriteHeader(status int) {
	if status >= http.StatusOK && w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	w.extend()
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Flush sends what is buffered.
func (w *response) Flush() {
	w.extend()
	// A writer that cannot flush has nothing buffered.
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

// Pieces of a file that must arrive within the limit: small ones first, larger ones while the reader is quick.
const (
	smallPiece = 64 << 10
	largePiece = 4 << 20
)

// ReadFrom sends a file piece by piece, each with a fresh deadline, so that only a reader who stops is cut off.
func (w *response) ReadFrom(src io.Reader) (int64, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	whole, limited := src.(*io.LimitedReader)
	if !limited {
		whole = &io.LimitedReader{R: src, N: 1<<63 - 1}
	}
	total, size := int64(0), int64(smallPiece)
	for whole.N > 0 {
		piece := &io.LimitedReader{R: whole.R, N: min(size, whole.N)}
		want, begun := piece.N, time.Now()
		w.renew(begun)
		n, err := io.Copy(w.ResponseWriter, piece)
		total, whole.N, w.bytes = total+n, whole.N-n, w.bytes+n
		if err != nil || n < want {
			return total, err
		}
		if quick := time.Since(begun) < w.limit/16; quick && size < largePiece {
			size *= 2
		} else if !quick && size > smallPiece {
			size /= 2
		}
	}
	return total, nil
}

// extend renews the deadline once a quarter of it has passed.
func (w *response) extend() {
	if now := time.Now(); now.Sub(w.fresh) > w.limit/4 {
		w.renew(now)
	}
}

func (w *response) renew(now time.Time) {
	w.fresh = now
	// Without deadlines (a recorder in a test) there is no reader to wait for.
	_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(now.Add(w.limit))
	if w.ended.Load() {
		w.breakOff()
	}
}

// breakOff ends what is being sent and received, from any goroutine: the rune was suspended in the midst of it.
func (w *response) breakOff() {
	w.ended.Store(true)
	past, c := time.Unix(1, 0), http.NewResponseController(w.ResponseWriter)
	_ = errors.Join(c.SetReadDeadline(past), c.SetWriteDeadline(past)) // without deadlines there is nobody to break off
}

// finish leaves enough time for what net/http still has to send.
func (w *response) finish() { w.extend() }
