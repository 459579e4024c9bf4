package web

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestOneAddressHoldsItsShareOfConnections(t *testing.T) {
	c := &connections{max: 2, trusted: func(a netip.Addr) bool { return a == netip.MustParseAddr("10.0.0.1") }}
	open := func(address string) *pipe { p := &pipe{from: address}; c.watch(p, http.StateNew); return p }
	one, _, three, other := open("1.1.1.1:1"), open("1.1.1.1:2"), open("1.1.1.1:3"), open("2.2.2.2:1")
	if one.closed || !three.closed || other.closed {
		t.Errorf("closed: first %t, third %t, another's %t", one.closed, three.closed, other.closed)
	}
	for range 5 {
		if open("10.0.0.1:1").closed {
			t.Error("our own proxy was closed")
		}
	}
	c.watch(one, http.StateClosed)
	c.watch(three, http.StateClosed)
	if open("1.1.1.1:4").closed {
		t.Error("a place that was given back is still taken")
	}
}

type pipe struct {
	net.Conn
	from   string
	closed bool
}

func (p *pipe) Close() error         { p.closed = true; return nil }
func (p *pipe) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(p.from)) }

// slow gives the test a connection to a server whose patience is short. Both live in a bubble with a clock of its own, so it does not matter how busy the machine is.
func slow(t *testing.T, h http.HandlerFunc, test func(t *testing.T, c net.Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		limits := Limits{Header: 100 * time.Millisecond, BodyGrace: 100 * time.Millisecond, Write: 400 * time.Millisecond, Idle: 100 * time.Millisecond}
		s := bare(t, Options{Limits: limits})
		server := s.HTTP()
		server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			v := &Visit{Request: r, server: s}
			v.out = response{ResponseWriter: w, limit: limits.Write, fresh: time.Now()}
			s.pace(v)
			h(&v.out, v.Request)
			v.out.finish()
		})
		client, end := net.Pipe()
		l := caller{conn: make(chan net.Conn, 1), closed: make(chan struct{})}
		l.conn <- end
		go server.Serve(l)
		client.SetDeadline(time.Now().Add(10 * time.Second))
		test(t, client)
		client.Close()
		server.Close()
	})
}

// caller is a listener whom one connection calls.
type caller struct {
	conn   chan net.Conn
	closed chan struct{}
}

func (c caller) Accept() (net.Conn, error) {
	select {
	case conn := <-c.conn:
		return conn, nil
	case <-c.closed:
		return nil, net.ErrClosed
	}
}
func (c caller) Close() error   { close(c.closed); return nil }
func (c caller) Addr() net.Addr { return new(net.TCPAddr) }

func TestSlowConnectionsAreLetGo(t *testing.T) {
	read := func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			w.WriteHeader(http.StatusRequestTimeout)
		}
	}
	for name, start := range map[string]string{
		"half a header":        "GET / HTTP/1.1\r\nHost: x\r\n",
		"half a body":          "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nhalf",
		"nothing at all":       "",
		"idle after a request": "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			slow(t, read, func(t *testing.T, c net.Conn) {
				io.WriteString(c, start)
				if _, err := io.Copy(io.Discard, c); err != nil {
					t.Errorf("the server did not close: %v", err)
				}
			})
		})
	}
}

func TestAReaderWhoStopsIsCutOff(t *testing.T) {
	ended := make(chan error, 1)
	slow(t, func(w http.ResponseWriter, _ *http.Request) {
		_, err := io.Copy(w, io.LimitReader(zeros{}, 1<<30))
		ended <- err
	}, func(t *testing.T, c net.Conn) {
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		time.Sleep(5 * time.Second)
		select {
		case err := <-ended:
			if err == nil {
				t.Error("a gigabyte went to somebody who reads nothing")
			}
		default:
			t.Error("the server still waits for the reader")
		}
	})
}

func TestASteadyReaderIsLetBe(t *testing.T) {
	const size = 24 << 20
	slow(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(size))
		io.Copy(w, io.LimitReader(zeros{}, size))
	}, func(t *testing.T, c net.Conn) {
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		begun, total := time.Now(), int64(0)
		for err == nil {
			var n int64
			n, err = io.CopyN(io.Discard, res.Body, 256<<10)
			total += n
			time.Sleep(10 * time.Millisecond)
		}
		if took := time.Since(begun); err != io.EOF || total != size || took < 600*time.Millisecond {
			t.Errorf("read %d bytes in %s: %v", total, took, err)
		}
	})
}

func TestASteadySenderAndALongHandlerAreLetBe(t *testing.T) {
	slow(t, func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		time.Sleep(600 * time.Millisecond) // longer than every limit: the deadlines of the body and of the connection must not strike now
		if err != nil || n != 40_000 || r.Context().Err() != nil {
			w.WriteHeader(http.StatusTeapot)
		}
	}, func(t *testing.T, c net.Conn) {
		io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 40000\r\n\r\n")
		for range 20 {
			io.WriteString(c, strings.Repeat("x", 2000))
			time.Sleep(20 * time.Millisecond)
		}
		isFine(t, c)
	})
}

func TestASlowHandlerIsNotTheSendersFault(t *testing.T) {
	slow(t, func(w http.ResponseWriter, r *http.Request) {
		piece := make([]byte, 10)
		for range 3 {
			if _, err := io.ReadFull(r.Body, piece); err != nil {
				w.WriteHeader(http.StatusTeapot)
			}
			time.Sleep(250 * time.Millisecond) // the handler works longer than the grace
		}
	}, func(t *testing.T, c net.Conn) {
		io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 30\r\n\r\n")
		for range 3 {
			io.WriteString(c, "0123456789")
			time.Sleep(250 * time.Millisecond)
		}
		isFine(t, c)
	})
}

func isFine(t *testing.T, c net.Conn) {
	t.Helper()
	answer, err := io.ReadAll(c)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200") {
		t.Errorf("got %.40q, %v", answer, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
