package storage

import (
	"context"
	"fmt"
	"testing"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

func TestVersionsAreThinned(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	var all []*version
	add := func(age time.Duration) {
		all = append(all, &version{ID: int64(len(all)), ReplacedAt: clock.Text(now.Add(-age))})
	}
	for h := range 24 * 40 { // one an hour, for forty days
		add(time.Duration(h)*time.Hour + time.Minute)
	}
	gone := thinned(all, now)
	kept := map[int64]bool{}
	for _, v := range all {
		kept[v.ID] = true
	}
	for _, v := range gone {
		delete(kept, v.ID)
	}
	fresh, dates := 0, map[string]int{}
	for _, v := range all {
		if !kept[v.ID] {
			continue
		}
		if v.ReplacedAt > clock.Text(now.Add(-24*time.Hour)) {
			fresh++
			continue
		}
		dates[v.ReplacedAt[:10]]++
		if v.ReplacedAt < clock.Text(now.AddDate(0, 0, -30)) {
			t.Errorf("%s is older than a month", v.ReplacedAt)
		}
	}
	if fresh != 24 || len(dates) < 29 || len(dates) > 31 {
		t.Errorf("%d of the last day and %d days", fresh, len(dates))
	}
	for date, n := range dates {
		if n != 1 {
			t.Errorf("%d versions of %s", n, date)
		}
	}
	all = all[:0]
	for s := range 300 {
		add(time.Duration(s) * time.Second)
	}
	if n := len(all) - len(thinned(all, now)); n != maxVersions {
		t.Errorf("%d versions of one day kept, want %d", n, maxVersions)
	}
}

func TestVersionsComeBackAndGo(t *testing.T) {
	h := newHouse(t)
	c := newClient(t, h)
	ctx, d := c.drive()
	c.want(201, "PUT", "/f", "v0")
	for n := range 5 {
		h.Clock.Add(time.Hour)
		c.want(204, "PUT", "/f", fmt.Sprintf("v%d", n+1))
	}
	at, err := d.find(ctx, d.tenant.DB, path{"f"})
	if err != nil {
		t.Fatal(err)
	}
	all, err := d.versions(ctx, d.tenant.DB, at)
	if err != nil || len(all) != 5 {
		t.Fatalf("%d versions, %v", len(all), err)
	}
	restore := func(id int64) error {
		return d.tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			_, err := d.restoreVersion(ctx, tx, path{"f"}, id)
			return err
		})
	}
	if err := restore(all[4].ID); err != nil {
		t.Fatal(err)
	}
	if got := c.want(200, "GET", "/f", "").Text; got != "v0" {
		t.Errorf("restored: %q", got)
	}
	if err := restore(999); err == nil {
		t.Error("a version that never was came back")
	}
	c.balance(t)
	h.Clock.Add(3 * 24 * time.Hour)
	if err := thinVersions(tenant.With(ctx, d.tenant), nil); err != nil {
		t.Fatal(err)
	}
	if all, err = d.versions(ctx, d.tenant.DB, at); err != nil || len(all) > 2 {
		t.Errorf("%d versions after three days, %v", len(all), err)
	}
	c.balance(t)
}

func TestOldTrashGoes(t *testing.T) {
	h := newHouse(t)
	c := newClient(t, h)
	ctx, d := c.drive()
	ctx = tenant.With(ctx, d.tenant)
	c.want(201, "PUT", "/a/b/f", "one", "X-NC-WebDAV-Auto-Mkcol", "1")
	c.want(204, "PUT", "/a/b/f", "two!")
	c.want(204, "DELETE", "/a", "")
	left := func() int {
		all, err := d.trash(ctx, d.tenant.DB, 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	for _, step := range []struct {
		wait time.Duration
		want int
	}{{29 * 24 * time.Hour, 1}, {25 * time.Hour, 0}} {
		h.Clock.Add(step.wait)
		if err := emptyOldTrash(ctx, nil); err != nil {
			t.Fatal(err)
		}
		if got := left(); got != step.want {
			t.Errorf("%d in the trash, want %d", got, step.want)
		}
	}
	c.balance(t)
	h.Clock.Add(48 * time.Hour)
	if err := sweepContents(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if found, err := d.tenant.Blobs.Check(ctx, true); err != nil || len(found) > 0 {
		t.Errorf("%v %v", found, err)
	}
	var rows int
	if err := d.tenant.DB.QueryRow(ctx, `SELECT count(*) FROM blob_contents`).Scan(&rows); err != nil || rows != 0 {
		t.Errorf("%d contents nobody uses, %v", rows, err)
	}
}

func TestOtherRunesKeepFilesHere(t *testing.T) {
	h := newHouse(t)
	c := newClient(t, h, "view_storage", "desktop_sync", "manage_storage_settings")
	ctx, d := c.drive()
	asker := slot.Asker{Tenant: d.tenant, Person: d.person}
	for _, want := range []string{"/System/Invoices/2026/1.pdf", "/System/Invoices/2026/1%20(2).pdf"} {
		ref, err := saveForRune(ctx, asker, "/Invoices/2026", "1.pdf", []byte("%PDF"))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.want(200, "GET", want, "").Text; got != "%PDF" {
			t.Errorf("%s: %q", want, got)
		}
		found, err := titles(ctx, asker, []string{ref.ID, "999999", "x"})
		if err != nil || len(found) != 1 || found[ref.ID].Text == "" {
			t.Errorf("titles: %v %v", found, err)
		}
		stranger := newClient(t, h)
		_, other := stranger.drive()
		if found, err := titles(ctx, slot.Asker{Tenant: other.tenant, Person: other.person}, []string{ref.ID}); err != nil || len(found) != 0 {
			t.Errorf("titles for somebody who may not see it: %v %v", found, err)
		}
	}
	for _, bad := range [][2]string{{"../x", "a"}, {"x", "a/b"}, {"x", ""}} {
		if _, err := saveForRune(ctx, asker, bad[0], bad[1], nil); err == nil {
			t.Errorf("saved as %v", bad)
		}
	}
}
