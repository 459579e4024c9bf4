package web

import (
	"bytes"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"runes.im/platform/fault"
	"runes.im/platform/slot"
)

// Title names the page in the browser tab.
func (v *Visit) Title(text string) { v.frame.Title = text }

// Crumb adds a step to the breadcrumb; without href it is the current page.
func (v *Visit) Crumb(text, href string) {
	v.frame.Crumbs = append(v.frame.Crumbs, Crumb{Text: text, Href: href})
}

// Load adds the script and the style sheet of that name to the page, if they were built: "home" is home.js and home.css.
func (v *Visit) Load(name string) {
	v.frame.Scripts = append(v.frame.Scripts, v.server.static.present(name+".js")...)
	v.frame.Styles = append(v.frame.Styles, v.server.static.present(name+".css")...)
}

// Page answers 200 with the named template of the rune inside the shell.
func (v *Visit) Page(name string, data any) error { return v.inShell(http.StatusOK, name, data) }

func (v *Visit) inShell(status int, name string, data any) error {
	if v.Person == nil {
		return v.Bare(status, name, data)
	}
	if err := v.server.dressed(v); err != nil {
		return err
	}
	return v.frameAround(status, "shell", name, data)
}

// dressed lets the shell complete the frame.
func (s *Server) dressed(v *Visit) error {
	if s.dress == nil {
		return nil
	}
	return s.dress(v, &v.frame)
}

// Bare answers with the template alone on an empty canvas: sign-in, set-up, device approval.
func (v *Visit) Bare(status int, name string, data any) error {
	return v.frameAround(status, "bare", name, data)
}

func (v *Visit) frameAround(status int, layout, name string, data any) error {
	body, done, err := v.draw(name, data)
	defer done()
	if err != nil {
		return err
	}
	v.completeFrame()
	v.frame.Body = template.HTML(body.String())
	page, done, err := v.draw(layout, &v.frame)
	defer done()
	if err != nil {
		return err
	}
	return v.send(status, page.Bytes())
}

func (v *Visit) completeFrame() {
	f := &v.frame
	f.Lang, f.Theme, f.Density, f.Letters, f.Here, f.CSRF = v.Lang(), "system", "comfortable", true, v.Here(), v.server.mark
	if p := v.Person; p != nil {
		f.Theme, f.Density, f.Letters = p.Theme, p.Density, p.Letters
	}
	f.Look, f.Product = v.Look(), "RUNES"
	if v.Tenant != nil {
		f.Company = v.Tenant.Name
	}
	if name := f.Look.Name; name != "" {
		f.Company, f.Product = name, name
	}
	f.CanStar = v.route != nil && isRead(v.Request.Method)
	if v.route != nil && v.route.Rune != "" {
		v.Load(v.route.Rune)
	}
	if !v.isGlimpse() {
		f.Toast, f.Undo = v.takeFlash()
	}
}

// Part answers with a named template without any frame, for a Turbo frame or a script.
func (v *Visit) Part(name string, data any) error {
	part, done, err := v.draw(name, data)
	defer done()
	if err != nil {
		return err
	}
	return v.send(http.StatusOK, part.Bytes())
}

// Draw is a template of the given rune as HTML, to be put into another page: a card on Home.
func (v *Visit) Draw(rune, name string, data any) (template.HTML, error) {
	if rune == slot.House {
		rune = ""
	}
	set, err := v.server.looks.set(rune, v.Lang())
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = set.ExecuteTemplate(&b, name, data)
	return template.HTML(b.String()), err
}

// draw executes a template of the visit's rune onto a buffer; done gives the buffer back.
func (v *Visit) draw(name string, data any) (b *bytes.Buffer, done func(), err error) {
	l, rune := v.server.looks, ""
	if v.route != nil {
		rune = v.route.Rune
	}
	b = l.paper.Get().(*bytes.Buffer)
	b.Reset()
	done = func() { l.paper.Put(b) }
	set, err := l.set(rune, v.Lang())
	if err == nil {
		err = set.ExecuteTemplate(b, name, data)
	}
	if err != nil {
		err = fmt.Errorf("draw %s: %w", name, err)
	}
	return b, done, err
}

// send writes a finished page, with the visitor's token where the mark stands.
func (v *Visit) send(status int, page []byte) error {
	page = v.hang(page)
	stands := []byte(v.server.mark)
	if bytes.Contains(page, stands) {
		page = bytes.ReplaceAll(page, stands, []byte(mask(v.formToken(true))))
	}
	h := v.Writer.Header()
	h["Content-Type"] = htmlType
	h.Set("Vary", "Accept-Encoding")
	if len(page) > onePacket && accepts(v.Request, "gzip") {
		small, done := v.server.looks.pack(page)
		defer done()
		page = small
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(page)))
	v.Writer.WriteHeader(status)
	v.Writer.Write(page) // a visitor who left has nobody to be told
	return nil
}

// Problems is embedded by page structs of forms: field → sentence in the person's language. The part "field" reads it.
type Problems map[string]string

// Summary is the sentence about the form as a whole.
func (p Problems) Summary() string { return p[""] }

// Problematic is a page struct that embeds Problems.
type Problematic interface{ setProblems(Problems) }

func (p *Problems) setProblems(all Problems) { *p = all }

// Again shows the form again after err: 422 with the problems at their fields when err is an Invalid fault (data must
// embed Problems), else err itself. Somebody who is not signed in sees it without the shell.
func (v *Visit) Again(name string, data Problematic, err error) error {
	f := fault.Of(err)
	if f == nil || f.Kind != fault.Invalid || v.WantsJSON() {
		return err
	}
	problems := v.problems(f)
	problems[""] = v.T(f.Key, f.Args...)
	data.setProblems(problems)
	return v.inShell(http.StatusUnprocessableEntity, name, data)
}

func (v *Visit) problems(f *fault.Fault) Problems {
	sentences := make(Problems, len(f.Problems)+1)
	for field, p := range f.Problems {
		sentences[field] = v.T(p.Key, p.Args...)
	}
	return sentences
}

// Go redirects after a form (303) to a local path.
func (v *Visit) Go(path string) error {
	if !Local(path) {
		return fmt.Errorf("redirect to %q, which is not a local path", path)
	}
	v.Writer.Header().Set("Location", path)
	v.Writer.WriteHeader(http.StatusSeeOther)
	return nil
}

// MailTo opens the visitor's mail program with a finished message (RFC 6068).
func MailTo(address, subject, text string) template.URL {
	escaped := func(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
	return template.URL("mailto:" + escaped(address) + "?subject=" + escaped(subject) + "&body=" + escaped(strings.ReplaceAll(text, "\n", "\r\n")))
}

// Local reports whether the path stays on this site whatever a browser makes of it.
func Local(path string) bool {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsRune(path, '\\') {
		return false
	}
	for i := range len(path) {
		if path[i] < ' ' || path[i] == 0x7f {
			return false
		}
	}
	return true
}

// Back redirects to where a small form came from (its field "back"), or Home.
func (v *Visit) Back() error {
	if back := v.Form("back"); Local(back) {
		return v.Go(back)
	}
	return v.Go("/")
}

// JSON answers with a value.
func (v *Visit) JSON(status int, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	h := v.Writer.Header()
	h["Content-Type"] = jsonType
	h.Set("Content-Length", strconv.Itoa(len(raw)))
	v.Writer.WriteHeader(status)
	v.Writer.Write(raw) // a visitor who left has nobody to be told
	return nil
}

// maxFlash keeps the cookie of a message well below what browsers accept.
const maxFlash = 300

type flash struct {
	Text string `json:"t"`
	Undo string `json:"u,omitempty"`
}

// Flash shows a toast on the next page; undo, when not empty, is a POST address behind its Undo button.
func (v *Visit) Flash(text, undo string) {
	if letters := []rune(text); len(letters) > maxFlash {
		text = string(letters[:maxFlash]) + "…"
	}
	raw, err := json.Marshal(flash{text, undo})
	if err != nil || v.Person == nil {
		return // two strings always encode, and a toast without a person has no reader
	}
	value := base64.RawURLEncoding.EncodeToString(raw)
	v.setCookie(flashCookie, "/", value+"."+v.signFlash(value), time.Minute)
}

// signFlash ties a message to its person, so that nobody else can put words on their page.
func (v *Visit) signFlash(value string) string {
	return sign(string(v.Tenant.Secrets.Key("web.flash")), v.Person.ID+" "+value)
}

// takeFlash reads the message for this page and forgets it.
func (v *Visit) takeFlash() (text, undo string) {
	value, signature, found := strings.Cut(v.cookie(flashCookie), ".")
	if !found || v.Person == nil {
		return "", ""
	}
	v.dropCookie(flashCookie, "/")
	raw, err := base64.RawURLEncoding.DecodeString(value)
	var f flash
	ours := subtle.ConstantTimeCompare([]byte(v.signFlash(value)), []byte(signature)) == 1
	if err != nil || !ours || json.Unmarshal(raw, &f) != nil {
		return "", ""
	}
	if f.Undo != "" && !Local(f.Undo) {
		f.Undo = ""
	}
	return f.Text, f.Undo
}

// isGlimpse reports a request whose page nobody sees whole: a frame of it, or one fetched in advance.
func (v *Visit) isGlimpse() bool {
	h := v.Request.Header
	return h.Get("Turbo-Frame") != "" || h.Get("X-Sec-Purpose") == "prefetch" || strings.HasPrefix(h.Get("Sec-Purpose"), "prefetch")
}

// WantsJSON reports whether a script asks rather than a browser window.
func (v *Visit) WantsJSON() bool {
	accept := v.Request.Header.Get("Accept")
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}
