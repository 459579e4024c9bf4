package storage

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// ocs asks the OCS interface and returns status code and data.
func (c *client) ocs(status int, method, path string, header ...string) (code int, data map[string]any) {
	c.t.Helper()
	a := c.want(status, method, path, "", append([]string{"OCS-APIRequest", "true", "Accept", "application/json"}, header...)...)
	var envelope struct {
		OCS struct {
			Meta struct {
				StatusCode int `json:"statuscode"`
				Message    string
			}
			Data any
		}
	}
	if err := json.Unmarshal([]byte(a.Text), &envelope); err != nil {
		c.t.Fatalf("%s: %v in %s", path, err, a.Text)
	}
	data, _ = envelope.OCS.Data.(map[string]any)
	return envelope.OCS.Meta.StatusCode, data
}

func TestWhatAClientAsksFirst(t *testing.T) {
	h := newHouse(t)
	c := newClient(t, h)
	nobody := &client{Person: h.Visitor("acme"), t: t}
	var status map[string]any
	if err := json.Unmarshal([]byte(nobody.want(200, "GET", "/status.php", "").Text), &status); err != nil || status["installed"] != true || status["maintenance"] != false {
		t.Errorf("status.php: %v %v", status, err)
	}
	nobody.want(204, "GET", "/index.php/204", "")
	code, data := c.ocs(200, "GET", "/ocs/v1.php/cloud/capabilities")
	caps := data["capabilities"].(map[string]any)
	if code != 100 || caps["dav"].(map[string]any)["chunking"] != "1.0" || caps["dav"].(map[string]any)["bulkupload"] != nil {
		t.Errorf("capabilities: %d %v", code, caps)
	}
	if _, data = nobody.ocs(200, "GET", "/ocs/v2.php/cloud/capabilities"); data["capabilities"].(map[string]any)["files"] != nil ||
		data["capabilities"].(map[string]any)["theming"] == nil {
		t.Errorf("capabilities for nobody: %v", data)
	}
	code, data = c.ocs(200, "GET", "/ocs/v2.php/cloud/user?format=json")
	quotaOf := data["quota"].(map[string]any)
	if code != 200 || data["id"] != c.ID || data["email"] != c.Email || quotaOf["free"] != -3.0 || quotaOf["quota"] != -3.0 {
		t.Errorf("user: %d %v", code, data)
	}
	quota(t, c, 1000)
	c.want(201, "PUT", "/a", strings.Repeat("a", 250))
	_, data = c.ocs(200, "GET", "/ocs/v1.php/cloud/user")
	if quotaOf = data["quota"].(map[string]any); quotaOf["used"] != 250.0 || quotaOf["free"] != 750.0 || quotaOf["total"] != 1000.0 || quotaOf["relative"] != 25.0 {
		t.Errorf("quota: %v", quotaOf)
	}
	asXML := c.want(200, "GET", "/ocs/v1.php/cloud/user", "", "OCS-APIRequest", "true")
	var parsed struct {
		Meta struct {
			Statuscode int `xml:"statuscode"`
		} `xml:"meta"`
		Data struct {
			ID string `xml:"id"`
		} `xml:"data"`
	}
	if err := xml.Unmarshal([]byte(asXML.Text), &parsed); err != nil || parsed.Meta.Statuscode != 100 || parsed.Data.ID != c.ID {
		t.Errorf("as XML: %v %s", err, asXML.Text)
	}
}

func TestOCSRefusals(t *testing.T) {
	h := newHouse(t)
	c := newClient(t, h)
	nobody := &client{Person: h.Visitor("acme"), t: t}
	c.want(412, "GET", "/ocs/v1.php/cloud/user", "")
	if code, _ := nobody.ocs(401, "GET", "/ocs/v2.php/cloud/user"); code != 997 {
		t.Errorf("nobody: %d", code)
	}
	wrong := nobody.want(401, "GET", "/ocs/v1.php/cloud/capabilities", "", "OCS-APIRequest", "true", "Authorization", "Basic eDp5")
	if !strings.Contains(wrong.Header.Get("WWW-Authenticate"), "realm=") {
		t.Errorf("challenge: %v", wrong.Header)
	}
	for _, path := range []string{"/ocs/v2.php/apps/user_status/api/v1/user_status", "/ocs/v1.php/none", "/ocs/v2.php/"} {
		if code, _ := c.ocs(404, "GET", path); code != 998 {
			t.Errorf("%s: %d", path, code)
		}
	}
	c.ocs(403, "GET", "/ocs/v2.php/core/getapppassword")
	c.want(404, "POST", "/index.php/core/wipe/check", "")
	c.want(404, "POST", "/index.php/core/wipe/success", "")
	for _, path := range []string{"/index.php/avatar/x/64", "/remote.php/dav/avatars/x/64.png", "/remote.php/dav/bulk", "/public.php/dav/files/x/", "/ocs/"} {
		if a := c.do("GET", path, ""); a.StatusCode != 404 {
			t.Errorf("%s: %d", path, a.StatusCode)
		}
	}
	for _, path := range []string{"/", "/a"} {
		a := nobody.want(401, "PROPFIND", c.root+path, "")
		if a.Header.Get("WWW-Authenticate") != `Basic realm="RUNES", charset="UTF-8"` || !strings.Contains(a.Text, "NotAuthenticated") {
			t.Errorf("PROPFIND by nobody: %v %s", a.Header, a.Text)
		}
	}
	guest := newClient(t, h, "desktop_sync")
	guest.want(403, "PROPFIND", "/", "")
	guest.want(403, "PUT", "/dav/a", "x")
}

func TestAppPasswordsTurnAndEnd(t *testing.T) {
	h := newHouse(t)
	c := newClient(t, h)
	_, data := c.ocs(200, "POST", "/ocs/v2.php/core/apppassword/rotate")
	secret, _ := data["apppassword"].(string)
	if secret == "" {
		t.Fatalf("rotate: %v", data)
	}
	c.want(401, "PROPFIND", "/", "")
	fresh := &client{Person: h.Visitor("acme"), t: t, root: c.root}
	basic := basicOf(c.Email, secret)
	fresh.want(207, "PROPFIND", "/", "", "Authorization", basic)
	fresh.ocs(200, "DELETE", "/ocs/v2.php/core/apppassword", "Authorization", basic)
	fresh.want(401, "PROPFIND", "/", "", "Authorization", basic)
}

// Fourteen bombs by six methods, together: quick, and without filling the memory.
func TestXMLBombsAreHarmless(t *testing.T) {
	c := newClient(t, newHouse(t))
	c.want(201, "PUT", "/f", "x")
	wrap := func(inside string) string {
		return `<d:propfind xmlns:d="DAV:"><d:prop>` + inside + `</d:prop></d:propfind>`
	}
	entity := `<!DOCTYPE l [<!ENTITY a "` + strings.Repeat("ha", 500) + `">`
	for i := range 8 {
		entity += fmt.Sprintf(`<!ENTITY a%d "%s">`, i, strings.Repeat("&a;", 10))
	}
	bombs := []string{
		entity + "]>" + wrap("&a7;"), entity + "]>" + wrap(strings.Repeat("&a;", 1000)),
		`<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + wrap("&a;"), `<!DOCTYPE l SYSTEM "http://127.0.0.1:1/">` + wrap(""),
		`<!DOCTYPE l [<!ENTITY % a SYSTEM "file:///dev/zero"> %a;]>` + wrap(""), wrap("<!-- x -->"), wrap("<![CDATA[x]]>"),
		wrap(strings.Repeat("<a>", 5000)), wrap(strings.Repeat("<a/>", 20000)), wrap(strings.Repeat(" ", 8<<20)),
		wrap(`<a b="` + strings.Repeat("x", 4<<20) + `"/>`), wrap("&nbsp;"), "<?xml version=\"1.0\" encoding=\"utf-7\"?>" + wrap(""),
		"\xff\xfe<\x00!\x00D\x00O\x00C\x00T\x00Y\x00P\x00E\x00 \x00l\x00>\x00",
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	began := time.Now()
	for i, bomb := range bombs {
		for _, method := range []string{"PROPFIND", "PROPPATCH", "LOCK", "MKCOL", "REPORT", "SEARCH"} {
			path := "/f"
			if method == "MKCOL" {
				path = "/new"
			}
			if a := c.do(method, path, bomb); a.StatusCode < 400 || a.StatusCode >= 500 {
				t.Errorf("bomb %d by %s: %d %.100s", i, method, a.StatusCode, a.Text)
			}
		}
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 128<<20 {
		t.Errorf("grew by %d MiB", grown>>20)
	}
}
