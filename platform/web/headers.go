package web

import "strings"

// Values of headers that never change, shared by all answers: nobody may write into them.
var (
	htmlType = []string{"text/html; charset=utf-8"}
	jsonType = []string{"application/json; charset=utf-8"}
	noStore  = []string{"no-store"}
	noIndex  = []string{"noindex"}
	noSniff  = []string{"nosniff"}
	deny     = []string{"DENY"}
	sameSite = []string{"same-origin"}
	oneYear  = []string{"max-age=31536000"}
	features = []string{"camera=(), geolocation=(), microphone=(), payment=(), usb=()"}
)

// pagePolicy allows what our own files bring and nothing else.
func pagePolicy(styleHashes []string) string {
	style := strings.Join(append([]string{"style-src 'self'"}, styleHashes...), " ")
	return "default-src 'none'; script-src 'self'; " + style + "; img-src 'self' data: blob:; font-src 'self'; " +
		"connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; object-src 'none'; base-uri 'none'; " +
		"form-action 'self'; frame-src 'self'; frame-ancestors 'none'"
}

// protect sets the headers that every answer carries.
func (s *Server) protect(v *Visit) {
	h := v.Writer.Header()
	h["Content-Security-Policy"] = s.policy
	h["X-Content-Type-Options"] = noSniff
	h["X-Frame-Options"] = deny
	h["Referrer-Policy"] = sameSite
	h["Cross-Origin-Resource-Policy"] = sameSite
	h["Permissions-Policy"] = features
	if v.secure {
		h["Strict-Transport-Security"] = oneYear
		h["Cross-Origin-Opener-Policy"] = sameSite
	}
}
