package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"

	"runes.im/platform/fault"
)

var statuses = map[fault.Kind]int{
	fault.Invalid: http.StatusUnprocessableEntity, fault.Malformed: http.StatusBadRequest,
	fault.SignedOut: http.StatusUnauthorized, fault.Forbidden: http.StatusForbidden,
	fault.NotFound: http.StatusNotFound, fault.Conflict: http.StatusConflict,
	fault.Precondition: http.StatusPreconditionFailed, fault.TooLarge: http.StatusRequestEntityTooLarge,
	fault.Misdirected: http.StatusMisdirectedRequest, fault.Locked: http.StatusLocked,
	fault.TooMany: http.StatusTooManyRequests, fault.Unavailable: http.StatusServiceUnavailable,
	fault.Full: http.StatusInsufficientStorage,
}

// wrongMethod is a page that exists, asked in a way it does not know.
type wrongMethod struct{}

func (*wrongMethod) Error() string { return "method not allowed" }

// answer turns an error into status and page, the one place where that happens.
func (s *Server) answer(v *Visit, err error) {
	if wentAway(v, err) {
		v.out.status = statusGone
		return
	}
	var to *elsewhere
	if errors.As(err, &to) && v.Go(to.path) == nil {
		return
	}
	status, f, id := s.judge(v, err)
	if v.out.status != 0 {
		// Half an answer must not look like a whole one.
		v.failed = true
		panic(http.ErrAbortHandler)
	}
	h := v.Writer.Header()
	for _, stale := range []string{"Content-Length", "Content-Encoding", "Content-Disposition", "Etag", "Last-Modified", "Content-Range"} {
		h.Del(stale)
	}
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		v.RetryAfter(f)
	}
	// A body that was not read stands in the way of the next request; what was refused is not worth reading.
	if v.Request.ContentLength > maxForm || v.Request.ContentLength < 0 {
		h.Set("Connection", "close")
	}
	defer func() {
		if p := recover(); p != nil {
			s.Log.Error("error page", "id", id, "panic", fmt.Sprint(p))
			http.Error(v.Writer, "Something broke on our side. Reference: "+id, http.StatusInternalServerError)
		}
	}()
	if v.route != nil && v.route.door != nil {
		if status == http.StatusUnauthorized {
			v.route.door.challenge(h)
		}
		v.route.door.Fail(v, status, f, id)
		return
	}
	h["Cache-Control"] = noStore
	if err := s.errorPage(v, status, f, id); err != nil {
		s.Log.Error("error page", "id", id, "err", err)
		http.Error(v.Writer, v.T(f.Key, f.Args...), status)
	}
}

// judge is what an error means. What is no fault is our bug: logged whole, shown as a reference.
func (s *Server) judge(v *Visit, err error) (status int, f *fault.Fault, id string) {
	if f = fault.Of(err); f != nil && statuses[f.Kind] != 0 {
		return statuses[f.Kind], f, ""
	}
	var method *wrongMethod
	if errors.As(err, &method) {
		return http.StatusMethodNotAllowed, fault.New(fault.Malformed, "web.wrong_method"), ""
	}
	id = v.ID()
	attrs := []any{"id", id, "err", err.Error()}
	if v.route != nil {
		attrs = append(attrs, "route", v.route.Pattern)
	}
	var p *panicked
	if errors.As(err, &p) {
		attrs = append(attrs, "stack", string(p.stack))
	}
	s.Log.Error("request failed", attrs...)
	return http.StatusInternalServerError, fault.New(0, "fault.broken", "id", id), id
}

// RetryAfter tells a program how long a refusal lasts.
func (v *Visit) RetryAfter(f *fault.Fault) {
	v.Writer.Header().Set("Retry-After", strconv.Itoa(wait(f)))
}

// wait is the number of seconds that a refusal asks for.
func wait(f *fault.Fault) int {
	for i := 0; i+1 < len(f.Args); i += 2 {
		if n, ok := f.Args[i+1].(int); ok && f.Args[i] == "seconds" && n > 0 {
			return n
		}
	}
	return 60
}

var titles = map[int]string{
	http.StatusBadRequest: "web.title_malformed", http.StatusUnauthorized: "web.title_signed_out",
	http.StatusForbidden: "web.title_forbidden", http.StatusNotFound: "web.title_not_found",
	http.StatusMethodNotAllowed: "web.title_malformed", http.StatusConflict: "web.title_conflict",
	http.StatusRequestEntityTooLarge: "web.title_too_large", http.StatusMisdirectedRequest: "web.title_misdirected",
	http.StatusTooManyRequests: "web.title_too_many", http.StatusInternalServerError: "web.title_broken",
	http.StatusServiceUnavailable: "web.title_unavailable", http.StatusInsufficientStorage: "web.title_full",
}

// errorPage tells a person what happened and what to do now; a script gets the same as JSON.
func (s *Server) errorPage(v *Visit, status int, f *fault.Fault, id string) error {
	text := v.T(f.Key, f.Args...)
	if v.WantsJSON() {
		return v.JSON(status, map[string]any{"status": status, "error": text, "id": id, "problems": v.problems(f)})
	}
	page := &ErrorPage{Status: status, Title: v.T("web.title_refused"), Text: text, ID: id}
	if title := titles[status]; title != "" {
		page.Title = v.T(title)
	}
	if f.Key == "web.resting" {
		page.Title, page.Resting = v.T("web.title_resting", f.Args...), true
	}
	if v.Tenant != nil {
		page.Home = "/"
	}
	page.Search = status == http.StatusNotFound && v.Tenant != nil && v.Person != nil
	switch {
	case status == http.StatusForbidden && v.Person != nil:
		page.Who = s.owners(v)
	case status == http.StatusMisdirectedRequest && f.Key != "web.moved":
		page.Host, page.Add = v.host, "runes serve --host "+v.host
	case status >= http.StatusInternalServerError && isRead(v.Request.Method):
		page.Retry = v.Here()
	}
	v.Title(page.Title)
	// The house draws errors itself, whatever rune they come from.
	v.route = nil
	if v.Person != nil && status != http.StatusInternalServerError && status != http.StatusServiceUnavailable {
		return v.inShell(status, "error", page)
	}
	return v.Bare(status, "error", page)
}

// owners is who can grant what somebody lacks.
func (s *Server) owners(v *Visit) []string {
	members, err := s.People.Members(v.Context(), v.Tenant)
	if err != nil {
		s.Log.Warn("owners for an error page", slog.Any("err", err))
	}
	var names []string
	for _, p := range members {
		if p.Owner && p.ID != v.Person.ID {
			names = append(names, p.Name)
		}
	}
	return names
}
