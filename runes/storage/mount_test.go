package storage

import (
	"context"
	"maps"
	"slices"
	"testing"

	"runes.im/platform/store"
)

func TestAFolderOfATeamIsOneForAll(t *testing.T) {
	h := newHouse(t)
	c := newClient(t, h)
	other := newClient(t, h, "view_storage", "desktop_sync", "manage_storage_settings")
	ctx, d := c.drive()
	c.want(201, "MKCOL", "/Team", "") // a folder of one's own never disappears behind a team folder
	var team, system int64
	err := d.tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if team, err = makeTeamFolder(ctx, tx, "Team"); err != nil {
			return err
		}
		system, err = systemFolder(ctx, tx)
		return err
	})
	if err != nil || team == system {
		t.Fatal(err)
	}
	top := slices.Sorted(maps.Keys(c.list("/")))
	if !slices.Equal(top, []string{"/", "/Team%20(2)/", "/Team/"}) {
		t.Fatalf("top: %v", top)
	}
	if got := c.list("/")["/Team%20(2)/"]["permissions"]; got != "MGCK" {
		t.Errorf("letters of the mount: %s", got)
	}
	if _, sees := other.list("/")["/System/"]; !sees {
		t.Error("who manages the storage does not see the system folder")
	}
	c.want(404, "PROPFIND", "/System", "", "Depth", "0")
	both := func(do func()) (mine, theirs string) {
		theirs = other.changed([]string{"/", "/Team%20(2)"}, func() { mine = c.changed([]string{"/", "/Team%20(2)", "/Team"}, do) })
		return mine, theirs
	}
	if mine, theirs := both(func() { c.want(201, "PUT", "/Team%20(2)/plan", "one") }); mine != "/ /Team%20(2)" || theirs != "/ /Team%20(2)" {
		t.Errorf("an upload changed %q here and %q there", mine, theirs)
	}
	if got := other.list("/Team%20(2)")["/Team%20(2)/plan"]["permissions"]; got != "RMGDNVW" {
		t.Errorf("letters inside: %s", got)
	}
	if mine, theirs := both(func() { other.want(204, "PUT", "/Team%20(2)/plan", "two") }); mine != "/ /Team%20(2)" || theirs != "/ /Team%20(2)" {
		t.Errorf("a change changed %q here and %q there", mine, theirs)
	}
	if got := c.want(200, "GET", "/Team%20(2)/plan", "").Text; got != "two" {
		t.Errorf("got %q", got)
	}
	c.want(403, "DELETE", "/Team%20(2)", "")
	c.want(403, "MOVE", "/Team%20(2)", "", "Destination", c.root+"/Mine")
	c.want(405, "MKCOL", "/Team%20(2)", "")
	c.want(403, "MOVE", "/Team", "", "Destination", c.root+"/Team%20(2)")
	other.want(403, "DELETE", "/System", "")
	other.want(403, "MOVE", "/System", "", "Destination", other.root+"/Mine")
	c.want(201, "MOVE", "/Team%20(2)/plan", "", "Destination", c.root+"/plan")
	other.want(404, "GET", "/Team%20(2)/plan", "")
	c.want(201, "MOVE", "/plan", "", "Destination", c.root+"/Team%20(2)/plan")
	readOnly(t, c, team)
	c.want(403, "PUT", "/Team%20(2)/plan", "three")
	c.want(403, "PUT", "/Team%20(2)/more", "three")
	c.want(403, "DELETE", "/Team%20(2)/plan", "")
	c.want(403, "MKCOL", "/Team%20(2)/sub", "")
	c.want(403, "MOVE", "/Team%20(2)/plan", "", "Destination", c.root+"/plan")
	c.want(201, "COPY", "/Team%20(2)/plan", "", "Destination", c.root+"/plan")
	if got := c.list("/Team%20(2)")["/Team%20(2)/plan"]["permissions"]; got != "MG" {
		t.Errorf("letters when read-only: %s", got)
	}
	c.balance(t)
}

func readOnly(t *testing.T, c *client, node int64) {
	t.Helper()
	ctx, d := c.drive()
	err := d.tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE storage_mounts SET rights = 'G' WHERE node = ?`, node)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
