package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"runes.im/platform/runetest"
)

// The folder "Brand assets" among the files has what the library has: new pictures, replaced and renamed ones, and none
// that is gone.
func TestTheFilesFollowTheAssetLibrary(t *testing.T) {
	h := runetest.Start(t, installed())
	p := h.Person("manage_tenant_assets", "view_storage", "manage_storage_settings", "desktop_sync")
	disk := p.Device("sync")
	circle := func(r string) []byte {
		return []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="` + r + `"/></svg>`)
	}
	const folder = "/remote.php/webdav/System/Brand%20assets"
	a := p.Put("/brand/assets/upload?name=our%20mark.svg", bytes.NewReader(circle("1")))
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(a.Text), &made); err != nil {
		t.Fatal(err)
	}
	// wantFiles waits for the job behind the change.
	wantFiles := func(want string, contents ...string) {
		t.Helper()
		var got []string
		for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			list := disk.Do("PROPFIND", folder, nil, http.Header{"Depth": {"1"}})
			got = nil
			for part := range strings.SplitSeq(list.Text, "href>") {
				name, ok := strings.CutPrefix(part, folder+"/")
				if name, _, _ = strings.Cut(name, "<"); ok && name != "" {
					got = append(got, name)
				}
			}
			slices.Sort(got)
			if strings.Join(got, " ") != want {
				continue
			}
			if len(contents) == 0 || strings.Contains(disk.Get(folder+"/"+want).Text, contents[0]) {
				return
			}
		}
		t.Fatalf("the folder holds %q, want %q", got, want)
	}
	wantFiles("our%20mark.svg", `r="1"`)
	p.Put("/brand/assets/"+made.ID+"/picture", bytes.NewReader(circle("2")))
	wantFiles("our%20mark.svg", `r="2"`)
	p.Post("/brand/assets/all/"+made.ID+"/edit", url.Values{"version": {"2"}, "title": {"Mark"}, "category": {"logo"}, "tags": {""}, "licence": {""}, "valid_until": {""}})
	wantFiles("Mark.svg", `r="2"`)
	p.Post("/brand/assets/all/"+made.ID+"/remove", nil)
	wantFiles("")
	p.Post("/brand/assets/all/restore", url.Values{"id": {made.ID}})
	wantFiles("Mark.svg")
	// Somebody throws the copy away: the next change makes it anew.
	disk.Do("DELETE", folder+"/Mark.svg", nil, nil)
	p.Put("/brand/assets/"+made.ID+"/picture", bytes.NewReader(circle("3")))
	wantFiles("Mark.svg", `r="3"`)
}
