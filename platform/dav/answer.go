package dav

import (
	"embed"
	"net/http"
	"strconv"

	"runes.im/platform/web"
)

// Words are the sentences about requests that cannot be read.
//
//go:embed words
var Words embed.FS

// exceptions are the names by which clients tell refusals apart.
var exceptions = map[int]string{
	http.StatusBadRequest: "BadRequest", http.StatusUnauthorized: "NotAuthenticated", http.StatusForbidden: "Forbidden",
	http.StatusNotFound: "NotFound", http.StatusConflict: "Conflict", http.StatusPreconditionFailed: "PreconditionFailed",
	http.StatusRequestEntityTooLarge: "EntityTooLarge", http.StatusLocked: "Locked", http.StatusMethodNotAllowed: "MethodNotAllowed",
	http.StatusTooManyRequests: "TooManyRequests", http.StatusInsufficientStorage: "InsufficientStorage",
	// A client takes this one as the end of the whole run; that is what 503 means here, too.
	http.StatusServiceUnavailable: "ServiceUnavailable",
}

// Exception is what clients call a refusal with this status.
func Exception(status int) string {
	if exceptions[status] == "" {
		return "Exception"
	}
	return `Sabre\DAV\Exception\` + exceptions[status]
}

var xmlType = []string{"application/xml; charset=utf-8"}

// Send answers with a whole document.
func Send(v *web.Visit, status int, body []byte) {
	h := v.Writer.Header()
	h["Content-Type"] = xmlType
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	v.Writer.WriteHeader(status)
	if v.Request.Method != http.MethodHead {
		v.Writer.Write(body) //nolint:errcheck // the client may be gone
	}
}

// Begin announces a document that follows in pieces.
func Begin(v *web.Visit, status int) {
	v.Writer.Header()["Content-Type"] = xmlType
	v.Writer.WriteHeader(status)
}
