package web

import (
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// record writes one line about the request. It names the route and not the path: paths hold file names and the secrets
// of links. Programs ask so often that their successes are noted on request only.
func (s *Server) record(v *Visit) {
	status := v.out.status
	if status == 0 {
		status = http.StatusOK
	}
	level := slog.LevelInfo
	switch {
	case v.failed || status >= http.StatusInternalServerError:
		level = slog.LevelWarn
	case v.quiet && status < http.StatusBadRequest:
		level = slog.LevelDebug
	}
	ctx := v.Request.Context()
	if !s.Log.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 10)
	attrs = append(attrs, slog.String("id", v.ID()), slog.String("method", brief(v.Request.Method)), slog.String("route", v.where()),
		slog.Int("status", status), slog.Int64("bytes", v.out.bytes), slog.Duration("took", time.Since(v.start)), slog.String("from", v.Address()))
	if v.Tenant != nil {
		attrs = append(attrs, slog.String("tenant", v.Tenant.Slug))
	}
	if v.Person != nil {
		attrs = append(attrs, slog.String("person", v.Person.ID))
	}
	if v.failed {
		attrs = append(attrs, slog.Bool("cut", true))
	}
	s.Log.LogAttrs(ctx, level, "request", attrs...)
}

// where is the route, or the first step of a path that leads nowhere.
func (v *Visit) where() string {
	if v.matched != "" {
		return v.matched
	}
	first, _, more := strings.Cut(strings.TrimPrefix(v.Request.URL.Path, "/"), "/")
	if more {
		first += "/…"
	}
	return "/" + brief(first)
}

// brief cuts what a stranger chose; the log's own encoding escapes it.
func brief(text string) string {
	if len(text) > 40 {
		return strings.ToValidUTF8(text[:40], "") + "…"
	}
	return text
}
