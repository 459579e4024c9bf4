package storage

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"runes.im/platform/store"
)

const lockBody = `<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:%s/></d:lockscope><d:locktype><d:write/></d:locktype><d:owner>it's &lt;me&gt;</d:owner></d:lockinfo>`

// take locks a path and returns the token.
func (c *client) take(path, scope string, header ...string) string {
	c.t.Helper()
	a := c.want(200, "LOCK", path, fmt.Sprintf(lockBody, scope), header...)
	return strings.Trim(a.Header.Get("Lock-Token"), "<>")
}

func twoInATeam(t *testing.T) (a, b *client) {
	t.Helper()
	h := newHouse(t)
	a, b = newClient(t, h), newClient(t, h, "view_storage", "desktop_sync", "manage_storage_settings")
	ctx, d := a.drive()
	err := d.tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := makeTeamFolder(ctx, tx, "T")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	a.want(201, "PUT", "/T/f", "one")
	a.want(201, "MKCOL", "/T/sub", "")
	a.want(201, "PUT", "/T/sub/g", "two")
	return a, b
}

func TestALockKeepsOthersOut(t *testing.T) {
	a, b := twoInATeam(t)
	token := a.take("/T/f", "exclusive", "Timeout", "Second-60")
	if !strings.HasPrefix(token, tokenPrefix) || len(token) != len(tokenPrefix)+32 {
		t.Fatalf("token %q", token)
	}
	for _, c := range []*client{a, b} { // also to the owner, who does not name the token
		c.want(423, "PUT", "/T/f", "x")
		c.want(423, "DELETE", "/T/f", "")
		c.want(423, "MOVE", "/T/f", "", "Destination", c.root+"/T/h")
		c.want(423, "MOVE", "/T/sub", "", "Destination", c.root+"/T/f")
		c.want(423, "PROPPATCH", "/T/f", `<d:propertyupdate xmlns:d="DAV:"><d:set><d:prop><p xmlns="u">v</p></d:prop></d:set></d:propertyupdate>`)
		c.want(423, "LOCK", "/T/f", fmt.Sprintf(lockBody, "shared"))
	}
	b.want(423, "PUT", "/T/f", "x", "If", "(<"+token+">)") // somebody else's token helps nobody
	b.want(403, "UNLOCK", "/T/f", "", "Lock-Token", "<"+token+">")
	b.want(412, "LOCK", "/T/f", "", "If", "(<"+token+">)")
	mine, theirs := a.props("/T/f", "0", "d:lockdiscovery"), b.props("/T/f", "0", "d:lockdiscovery")
	if !strings.Contains(mine["/T/f"]["lockdiscovery"], token) || strings.Contains(theirs["/T/f"]["lockdiscovery"], token) ||
		!strings.Contains(theirs["/T/f"]["lockdiscovery"], "exclusive") {
		t.Errorf("the token is for its owner: %v, not for others: %v", mine, theirs)
	}
	a.want(204, "PUT", "/T/f", "x", "If", "(<"+token+">)")
	a.want(412, "PUT", "/T/f", "x", "If", `(<`+token+`> ["old"])`)
	a.want(409, "UNLOCK", "/T/f", "", "Lock-Token", "<opaquelocktoken:0>")
	a.want(400, "UNLOCK", "/T/f", "", "Lock-Token", "what")
	a.want(204, "UNLOCK", "/T/f", "", "Lock-Token", "<"+token+">")
	b.want(204, "PUT", "/T/f", "y")
}

func TestLocksReachDown(t *testing.T) {
	a, b := twoInATeam(t)
	deep := a.take("/T/sub", "exclusive")
	b.want(423, "PUT", "/T/sub/g", "x")
	b.want(423, "PUT", "/T/sub/new", "x")
	b.want(423, "MKCOL", "/T/sub/new", "")
	b.want(423, "DELETE", "/T/sub", "")
	a.want(201, "PUT", "/T/sub/new", "x", "If", "</dav/T/sub> (<"+deep+">)")
	a.want(204, "UNLOCK", "/T/sub/new", "", "Lock-Token", "<"+deep+">")
	flat := a.take("/T/sub", "exclusive", "Depth", "0")
	b.want(204, "PUT", "/T/sub/g", "x")
	b.want(423, "PUT", "/T/sub/newer", "x")
	b.want(423, "DELETE", "/T/sub/g", "")
	a.want(204, "UNLOCK", "/T/sub", "", "Lock-Token", "<"+flat+">")
	inner := a.take("/T/sub/g", "exclusive")
	b.want(423, "DELETE", "/T/sub", "")
	b.want(423, "LOCK", "/T/sub", fmt.Sprintf(lockBody, "exclusive"))
	a.want(204, "DELETE", "/T/sub", "", "If", "</dav/T/sub/g> (<"+inner+">)")
	a.want(400, "LOCK", "/T/f", fmt.Sprintf(lockBody, "exclusive"), "Depth", "1")
}

func TestSharedLocksStandSideBySide(t *testing.T) {
	a, b := twoInATeam(t)
	mine, theirs := a.take("/T/f", "shared"), b.take("/T/f", "shared")
	if mine == theirs {
		t.Fatal("one token twice")
	}
	a.want(423, "LOCK", "/T/f", fmt.Sprintf(lockBody, "exclusive"))
	a.want(423, "PUT", "/T/f", "x")
	a.want(204, "PUT", "/T/f", "x", "If", "(<"+mine+">)")
	b.want(204, "PUT", "/T/f", "y", "If", "(<"+theirs+">)")
}

func TestLocksEnd(t *testing.T) {
	a, b := twoInATeam(t)
	token := a.take("/T/f", "exclusive", "Timeout", "Second-60")
	a.House.Clock.Add(50 * time.Second)
	if again := a.want(200, "LOCK", "/T/f", "", "If", "(<"+token+">)", "Timeout", "Second-60"); !strings.Contains(again.Text, token) {
		t.Errorf("refreshed: %s", again.Text)
	}
	a.House.Clock.Add(50 * time.Second)
	b.want(423, "PUT", "/T/f", "x")
	a.House.Clock.Add(11 * time.Second)
	b.want(204, "PUT", "/T/f", "x")
	a.want(412, "LOCK", "/T/f", "", "If", "(<"+token+">)")

	if long := a.want(200, "LOCK", "/T/f", fmt.Sprintf(lockBody, "exclusive"), "Timeout", "Infinite"); !strings.Contains(long.Text, "Second-3600<") {
		t.Errorf("a lock without end: %s", long.Text)
	}
	a.House.Clock.Add(time.Hour + time.Second)
	token = a.take("/T/f", "exclusive")
	a.want(204, "DELETE", "/T/f", "", "If", "(<"+token+">)")
	b.want(201, "PUT", "/T/f", "new") // the lock went with the file
	token = a.take("/T/f", "exclusive")
	a.want(201, "MOVE", "/T/f", "", "Destination", a.root+"/T/h", "If", "(<"+token+">)")
	b.want(204, "PUT", "/T/h", "new")
	if a.want(201, "LOCK", "/T/none", fmt.Sprintf(lockBody, "exclusive")); a.want(200, "GET", "/T/none", "").Text != "" {
		t.Error("a free name is locked with an empty file")
	}
	a.want(409, "LOCK", "/T/missing/none", fmt.Sprintf(lockBody, "exclusive"))
	a.balance(t)
}

func TestNobodyHoldsTooManyLocks(t *testing.T) {
	a, _ := twoInATeam(t)
	ctx, d := a.drive()
	err := d.tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		at, err := d.find(ctx, tx, path{"T", "f"})
		for n := 0; n < maxLocks && err == nil; n++ {
			err = d.lockPlace(ctx, tx, at, &lock{Shared: true})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	a.want(429, "LOCK", "/T/f", fmt.Sprintf(lockBody, "shared"))
	a.House.Clock.Add(maxLockTime + time.Second)
	a.want(200, "LOCK", "/T/f", fmt.Sprintf(lockBody, "shared"))
}

func TestPropertiesOfClients(t *testing.T) {
	a, _ := twoInATeam(t)
	a.patch("/T/f", `<x:color xmlns:x="urn:x" deep="1"><x:red>5</x:red></x:color>`)
	if got := a.props("/T", "1", "x:color", "x:none")["/T/f"]; !strings.Contains(got["color"], ">5</") || got["none"] != "!404" {
		t.Errorf("stored: %v", got)
	}
	protected := a.want(207, "PROPPATCH", "/T/f", `<d:propertyupdate xmlns:d="DAV:"><d:set><d:prop><d:getetag>1</d:getetag><y xmlns="u">v</y></d:prop></d:set></d:propertyupdate>`)
	if !strings.Contains(protected.Text, "403 Forbidden") || !strings.Contains(protected.Text, "424 Failed Dependency") {
		t.Errorf("protected: %s", protected.Text)
	}
	var many strings.Builder
	for n := range maxProps + 1 {
		fmt.Fprintf(&many, `<p%d xmlns="u"/>`, n)
	}
	a.want(507, "PROPPATCH", "/T/f", `<d:propertyupdate xmlns:d="DAV:"><d:set><d:prop>`+many.String()+`</d:prop></d:set></d:propertyupdate>`)
	a.want(207, "PROPPATCH", "/T/f", `<d:propertyupdate xmlns:d="DAV:"><d:remove><d:prop><x:color xmlns:x="urn:x"/></d:prop></d:remove></d:propertyupdate>`)
	if got := a.props("/T/f", "0", "x:color", "x:p0")["/T/f"]; got["color"] != "!404" || got["p0"] != "!404" {
		t.Errorf("removed: %v", got)
	}
	a.want(404, "PROPPATCH", "/T/none", `<d:propertyupdate xmlns:d="DAV:"><d:set><d:prop><y xmlns="u">v</y></d:prop></d:set></d:propertyupdate>`)
	a.want(400, "PROPPATCH", "/T/f", `<d:propertyupdate xmlns:d="DAV:"><d:set><d:prop><d:lastmodified>soon</d:lastmodified></d:prop></d:set></d:propertyupdate>`)
}
