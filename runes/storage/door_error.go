package storage

import (
	"net/http"
	"strconv"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/web"
	"runes.im/runes/storage/dav"
)

// exceptions are the names by which sync clients tell refusals apart.
var exceptions = map[int]string{
	http.StatusBadRequest: "BadRequest", http.StatusUnauthorized: "NotAuthenticated", http.StatusForbidden: "Forbidden",
	http.StatusNotFound: "NotFound", http.StatusConflict: "Conflict", http.StatusPreconditionFailed: "PreconditionFailed",
	http.StatusRequestEntityTooLarge: "EntityTooLarge", http.StatusLocked: "Locked",
	http.StatusTooManyRequests: "TooManyRequests", http.StatusInsufficientStorage: "InsufficientStorage",
}

const (
	sabre = `Sabre\DAV\Exception\`
	// A client takes ServiceUnavailable as the end of the whole run; that is what 503 means here, too.
	unavailable = sabre + "ServiceUnavailable"
	invalidPath = `OCA\DAV\Connector\Sabre\Exception\InvalidPath`
)

// conditions are the elements of RFC 4918 that programs read.
var conditions = map[string]string{
	"storage.locked": "lock-token-submitted", "storage.no_such_lock": "lock-token-matches-request-uri",
	"storage.depth_infinity": "propfind-finite-depth",
}

// failDAV says a refusal as WebDAV does; its sentence is shown to the person at the client.
func failDAV(v *web.Visit, status int, f *fault.Fault, id string) {
	exception := sabre + exceptions[status]
	switch {
	case strings.HasPrefix(f.Key, "storage.name_") && status == http.StatusBadRequest, f.Key == "storage.path_too_deep":
		exception = invalidPath
	case status == http.StatusServiceUnavailable:
		exception = unavailable
	case exceptions[status] == "":
		exception = `Exception`
	}
	writeXML(v, status, dav.Error(conditions[f.Key], exception, v.T(f.Key, f.Args...)))
}

// nothingHere answers at addresses of the protocol family that we do not have: never a redirect, never a page.
func nothingHere(*web.Visit) error { return noSuchFile(nil) }

// refuse answers with a status that no kind of fault has.
func (c *call) refuse(status int, exception, key string, args ...any) error {
	writeXML(c.Visit, status, dav.Error("", sabre+exception, c.T(key, args...)))
	return nil
}

var xmlType = []string{"application/xml; charset=utf-8"}

func writeXML(v *web.Visit, status int, body []byte) {
	h := v.Writer.Header()
	h["Content-Type"] = xmlType
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	v.Writer.WriteHeader(status)
	if v.Request.Method != http.MethodHead {
		v.Writer.Write(body) //nolint:errcheck // the client may be gone
	}
}
