package storage

import (
	"net/http"
	"strings"

	"runes.im/platform/dav"
	"runes.im/platform/fault"
	"runes.im/platform/web"
)

const (
	sabre       = `Sabre\DAV\Exception\`
	invalidPath = `OCA\DAV\Connector\Sabre\Exception\InvalidPath`
)

// conditions are the elements of RFC 4918 that programs read.
var conditions = map[string]string{
	"storage.locked": "lock-token-submitted", "storage.no_such_lock": "lock-token-matches-request-uri",
	"dav.depth_infinity": "propfind-finite-depth",
}

// failDAV says a refusal as WebDAV does; its sentence is shown to the person at the client.
func failDAV(v *web.Visit, status int, f *fault.Fault, id string) {
	exception := dav.Exception(status)
	if strings.HasPrefix(f.Key, "storage.name_") && status == http.StatusBadRequest || f.Key == "storage.path_too_deep" {
		exception = invalidPath
	}
	dav.Send(v, status, dav.Error(conditions[f.Key], exception, v.T(f.Key, f.Args...)))
}

// nothingHere answers at addresses of the protocol family that we do not have: never a redirect, never a page.
func nothingHere(*web.Visit) error { return noSuchFile(nil) }

// refuse answers with a status that no kind of fault has.
func (c *call) refuse(status int, exception, key string, args ...any) error {
	dav.Send(c.Visit, status, dav.Error("", sabre+exception, c.T(key, args...)))
	return nil
}
