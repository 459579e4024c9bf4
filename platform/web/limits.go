package web

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Limits are how long and how much the server bears. Tests make them small.
type Limits struct {
	Header      time.Duration // for the whole header of a request
	BodyGrace   time.Duration // before a body must keep the minimum rate
	Write       time.Duration // a reader may take nothing for so long
	Idle        time.Duration // between two requests of a connection
	HeaderBytes int
	Streams     int           // event streams of one person
	Recheck     time.Duration // between two looks whether a stream's person is still in
}

func (l Limits) orDefaults() Limits {
	defaults := Limits{
		Header: 8 * time.Second, BodyGrace: 10 * time.Second, Write: 20 * time.Second, Idle: 60 * time.Second,
		HeaderBytes: 60 << 10, Streams: 10, Recheck: 3 * time.Second,
	}
	if l.Header == 0 {
		l.Header = defaults.Header
	}
	if l.BodyGrace == 0 {
		l.BodyGrace = defaults.BodyGrace
	}
	if l.Write == 0 {
		l.Write = defaults.Write
	}
	if l.Idle == 0 {
		l.Idle = defaults.Idle
	}
	if l.HeaderBytes == 0 {
		l.HeaderBytes = defaults.HeaderBytes // net/http adds 4 KiB to this
	}
	if l.Streams == 0 {
		l.Streams = defaults.Streams
	}
	if l.Recheck == 0 {
		l.Recheck = defaults.Recheck
	}
	return l
}

// HTTP is a net/http server with all limits set, to be given a listener. Its Shutdown ends the event streams too.
func (s *Server) HTTP() *http.Server {
	h := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: s.Limits.Header,
		WriteTimeout:      s.Limits.Write, // until the first write; response moves it on
		IdleTimeout:       s.Limits.Idle,
		MaxHeaderBytes:    s.Limits.HeaderBytes,
		ConnState:         s.counts.watch,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
	h.RegisterOnShutdown(func() { s.close.Do(func() { close(s.closing) }) })
	return h
}

// connections counts the open ones of each address.
type connections struct {
	mu      sync.Mutex
	open    map[netip.Addr]int
	max     int
	trusted func(netip.Addr) bool
}

// watch closes a connection that is one too many before it says a word.
func (c *connections) watch(conn net.Conn, state http.ConnState) {
	if c.max == 0 || state == http.StateActive || state == http.StateIdle {
		return // every request passes here twice
	}
	address := remote(conn.RemoteAddr().String())
	if !address.IsValid() || c.trusted(address) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		if c.open == nil {
			c.open = map[netip.Addr]int{}
		}
		c.open[address]++
		if c.open[address] > c.max {
			conn.Close()
		}
	case http.StateClosed, http.StateHijacked:
		if c.open[address]--; c.open[address] <= 0 {
			delete(c.open, address)
		}
	}
}
