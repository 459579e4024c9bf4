package storage

import (
	"encoding/xml"
	"net/http"
	"sort"
	"strconv"
	"strings"

	"runes.im/platform/dav"
	"runes.im/platform/fault"
	"runes.im/platform/web"
)

// The Nextcloud that we say we are: clients refuse old ones and use what a version brings.
const (
	cloudVersion = "34.0.1.2"
	cloudName    = "34.0.1"
)

// tree is a value of an OCS answer, to be written as JSON or XML.
type tree = map[string]any

func showStatus(v *web.Visit) error {
	return v.JSON(http.StatusOK, tree{
		"installed": true, "maintenance": false, "needsDbUpgrade": false, "version": cloudVersion, "versionstring": cloudName,
		"edition": "", "productname": "RUNES", "extendedSupport": false,
	})
}

// showNothing answers the question whether this network lets one through.
func showNothing(v *web.Visit) error {
	v.Writer.WriteHeader(http.StatusNoContent)
	return nil
}

// refuseWipe is asked by a client that lost its password. Any 200 would delete the files on its disk.
func refuseWipe(v *web.Visit) error { return v.JSON(http.StatusNotFound, []string{}) }

// ocsCall is one request to the OCS interface.
type ocsCall struct {
	*web.Visit
	path string // after v1.php or v2.php, without slashes at the ends
	old  bool   // v1: 100 means well, and nearly everything is HTTP 200
}

func newOCS(v *web.Visit) *ocsCall {
	rest, old := strings.CutPrefix(v.Request.URL.Path, "/ocs/v1.php/")
	rest = strings.TrimPrefix(rest, "/ocs/v2.php/")
	return &ocsCall{Visit: v, path: strings.Trim(rest, "/"), old: old}
}

func answerOCS(v *web.Visit) error {
	c := newOCS(v)
	if v.Request.Header.Get("OCS-APIRequest") != "true" && v.Query("OCS-APIRequest") != "true" {
		return fault.New(fault.Precondition, "storage.ocs_header")
	}
	if v.Request.Method == http.MethodGet && c.path == "cloud/capabilities" {
		return c.done(c.capabilities())
	}
	if v.Person == nil {
		return fault.New(fault.SignedOut, "web.app_password")
	}
	switch v.Request.Method + " " + c.path {
	case "GET cloud/user":
		return c.user()
	case "GET core/getapppassword":
		return fault.New(fault.Forbidden, "storage.already_app_password")
	case "POST core/apppassword/rotate":
		return c.rotate()
	case "DELETE core/apppassword":
		if err := v.People.RevokeAppPassword(v.Context(), v.Tenant, v.Person.ID, v.Person.Session); err != nil {
			return err
		}
		return c.done(tree{})
	}
	return fault.New(fault.NotFound, "storage.nothing_here")
}

// rotate gives the calling client a new app password and ends the one it has.
func (c *ocsCall) rotate() error {
	all, err := c.People.AppPasswords(c.Context(), c.Tenant, c.Person.ID)
	if err != nil {
		return err
	}
	for _, old := range all {
		if old.ID != c.Person.Session {
			continue
		}
		// The old one goes first: of many who ask at once, one gets something for it.
		if err := c.People.RevokeAppPassword(c.Context(), c.Tenant, c.Person.ID, old.ID); err != nil {
			return err
		}
		_, secret, err := c.People.MakeAppPassword(c.Context(), c.Tenant, c.Person.ID, old.Label, old.Scopes)
		if err != nil {
			return err
		}
		return c.done(tree{"apppassword": secret})
	}
	return fault.New(fault.SignedOut, "web.app_password") // it ended while this request was on its way
}

func (c *ocsCall) user() error {
	d, err := driveOf(c.Visit)
	if err != nil {
		return err
	}
	books, err := d.quota(c.Context(), c.DB)
	if err != nil {
		return err
	}
	quota := tree{"used": books.Used, "free": int64(unlimited), "total": int64(unlimited), "quota": int64(unlimited), "relative": 0}
	if whole := books.whole(); whole >= 0 {
		quota["free"], quota["total"], quota["quota"] = books.room(), whole, whole
		quota["relative"] = float64(books.Used*10_000/max(1, whole)) / 100
	}
	return c.done(tree{
		"id": c.Person.ID, "enabled": true, "display-name": c.Person.Name, "displayname": c.Person.Name,
		"email": c.Person.Email, "language": c.Lang(), "locale": c.Lang(), "groups": []any{}, "quota": quota,
	})
}

// capabilities switch what clients do. What is not here they leave alone: no bulk upload, no shares, no locking.
func (c *ocsCall) capabilities() tree {
	caps := tree{
		"theming": c.theming(),
	}
	if c.Person != nil {
		caps["core"] = tree{"pollinterval": 60, "webdav-root": "remote.php/webdav"}
		caps["dav"] = tree{"chunking": "1.0"}
		caps["files"] = tree{
			"bigfilechunking": true, "undelete": false, "versioning": false, "privateLinks": false,
			"chunked_upload":                tree{"max_size": 100 << 20, "max_parallel_count": 5},
			"blacklisted_files":             []any{".htaccess"},
			"forbidden_filenames":           []any{".htaccess"},
			"forbidden_filename_characters": []any{`\`, "/"},
			"forbidden_filename_basenames":  []any{},
			"forbidden_filename_extensions": []any{".part", ".filepart"},
		}
		caps["checksums"] = tree{"supportedTypes": []any{"SHA1"}, "preferredUploadType": "SHA1"}
		caps["files_sharing"] = tree{"api_enabled": false}
	}
	return tree{
		"version":      tree{"major": 34, "minor": 0, "micro": 1, "string": cloudName, "edition": "", "extendedSupport": false},
		"capabilities": caps,
	}
}

func (c *ocsCall) theming() tree {
	colour := c.Tenant.Brand
	if colour == "" {
		colour = "#4f46e5"
	}
	return tree{
		"name": c.Tenant.Name, "productName": "RUNES", "url": c.Site(), "slogan": "", "color": colour,
		"color-text": "#ffffff", "color-element": colour, "color-element-bright": colour, "color-element-dark": colour,
	}
}

// done answers a success.
func (c *ocsCall) done(data any) error {
	code := http.StatusOK
	if c.old {
		code = 100
	}
	return c.envelope(http.StatusOK, "ok", code, "OK", data)
}

// failOCS says a refusal as OCS does.
func failOCS(v *web.Visit, status int, f *fault.Fault, id string) {
	c := newOCS(v)
	code := status
	switch status {
	case http.StatusUnauthorized:
		code = 997
	case http.StatusNotFound:
		code = 998
	case http.StatusServiceUnavailable:
		v.Writer.Header().Set("X-Nextcloud-Maintenance-Mode", "1")
	}
	c.envelope(status, "failure", code, v.T(f.Key, f.Args...), []any{}) //nolint:errcheck // the client may be gone
}

func (c *ocsCall) envelope(status int, word string, code int, message string, data any) error {
	meta := tree{"status": word, "statuscode": code, "message": message}
	if c.old {
		meta["totalitems"], meta["itemsperpage"] = "", ""
	}
	if c.Query("format") == "json" || strings.Contains(c.Request.Header.Get("Accept"), "application/json") {
		return c.JSON(status, tree{"ocs": tree{"meta": meta, "data": data}})
	}
	b := appendTree([]byte(xml.Header+"<ocs>"), "meta", meta)
	b = append(appendTree(b, "data", data), "</ocs>\n"...)
	dav.Send(c.Visit, status, b)
	return nil
}

// appendTree writes a value as XML, keys in their order, entries of a list as <element>.
func appendTree(b []byte, name string, value any) []byte {
	b = append(append(append(b, '<'), name...), '>')
	switch value := value.(type) {
	case tree:
		keys := make([]string, 0, len(value))
		for key := range value {
			keys = append(keys, key)
		}
		sort.Strings(keys)
		for _, key := range keys {
			b = appendTree(b, key, value[key])
		}
	case []any:
		for _, one := range value {
			b = appendTree(b, "element", one)
		}
	case string:
		b = dav.AppendText(b, value)
	case bool:
		if value {
			b = append(b, '1')
		}
	case int:
		b = strconv.AppendInt(b, int64(value), 10)
	case int64:
		b = strconv.AppendInt(b, value, 10)
	case float64:
		b = strconv.AppendFloat(b, value, 'f', -1, 64)
	}
	return append(append(append(b, "</"...), name...), '>')
}
