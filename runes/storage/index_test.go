package storage

import (
	"context"
	"fmt"
	"testing"
	"time"

	"runes.im/platform/search"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// found are the names of files and folders that the person finds, with the folder they lie in.
func found(t *testing.T, ctx context.Context, d *drive, text string) map[string]string {
	t.Helper()
	hits, _, err := search.Find(ctx, slot.Asker{Tenant: d.tenant, Person: d.person}, []slot.Search{fileSearch, folderSearch}, search.Query{Text: text, Limit: search.Most})
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, h := range hits {
		names[h.Title] = h.Subtitle
	}
	return names
}

func TestFilesOfTeamsAreFoundByThoseWhoSeeThem(t *testing.T) {
	h := newHouse(t)
	c := newClient(t, h)
	manager := newClient(t, h, "view_storage", "desktop_sync", "manage_storage_settings")
	ctx, d := c.drive()
	_, boss := manager.drive()
	err := d.tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := makeTeamFolder(ctx, tx, "Team"); err != nil {
			return err
		}
		_, err := systemFolder(ctx, tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c.want(201, "PUT", "/Team/harbour.txt", "one")
	c.want(201, "PUT", "/harbour-private.txt", "one")
	manager.want(201, "PUT", "/System/harbour-system.txt", "one")
	for _, want := range []struct {
		d     *drive
		text  string
		names string
	}{
		{d, "harbour", "map[harbour-private.txt:/ harbour.txt:/Team]"},
		{boss, "harbour", "map[harbour-system.txt:/System harbour.txt:/Team]"},
		{d, "system", "map[]"},
		{boss, "system", "map[System:/ harbour-system.txt:/System]"},
		{d, "team", "map[Team:/]"},
		{d, "home", "map[]"},
	} {
		if got := fmt.Sprint(found(t, ctx, want.d, want.text)); got != want.names {
			t.Errorf("%s finds %s with %q, want %s", want.d.person.Name, got, want.text, want.names)
		}
	}
	c.want(201, "MOVE", "/Team/harbour.txt", "", "Destination", c.root+"/mine.txt")
	if got := found(t, ctx, boss, "mine"); len(got) != 0 {
		t.Errorf("what went from the team into a home is still found by others: %v", got)
	}
	if got := fmt.Sprint(found(t, ctx, d, "mine")); got != "map[mine.txt:/]" {
		t.Errorf("its owner finds %s", got)
	}
}

// The job reads what was there before the index, a bite at a time, and goes on where it ended.
func TestTheIndexReadsTheDriveBitByBit(t *testing.T) {
	h := newHouse(t)
	c := newClient(t, h)
	ctx, d := c.drive()
	ctx = tenant.With(ctx, d.tenant)
	err := d.tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		folder, err := d.makeFolders(ctx, tx, path{"Archive", "Deep"})
		for n := 0; n < 300 && err == nil; n++ {
			err = insertNode(ctx, tx, &node{Parent: folder.ID, Name: fmt.Sprintf("scan %d.pdf", n), MTime: 1, ETag: newETag(), StoredAt: "2026-01-01T00:00:00.000Z"})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	docs := func() (n int) {
		t.Helper()
		if err := d.tenant.DB.QueryRow(ctx, `SELECT count(*) FROM search_docs WHERE kind IN ('file', 'folder')`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if more, err := indexSome(ctx, d.tenant.DB, 40); err != nil || !more {
		t.Fatalf("more %v, %v after 40 of 302", more, err)
	}
	if n := docs(); n < 30 || n > 40 {
		t.Errorf("%d documents after the first bite of 40", n)
	}
	if err := indexAll(ctx, nil); err != nil || docs() != 302 {
		t.Fatalf("%d documents, %v, want 302", docs(), err)
	}
	more, err := indexSome(ctx, d.tenant.DB, 40)
	if err != nil || more {
		t.Errorf("more %v, %v with nothing left", more, err)
	}
	if got := len(found(t, ctx, d, "scan")); got != search.Most {
		t.Errorf("found %d of 300 scans, want as many as a search looks at", got)
	}

	c.want(204, "DELETE", "/Archive", "")
	if got := found(t, ctx, d, "scan"); len(got) != 0 {
		t.Errorf("found %d files of a deleted folder", len(got))
	}
	if err := indexAll(ctx, nil); err != nil || docs() != 0 {
		t.Errorf("%d documents, %v, want none", docs(), err)
	}
}

func TestAReplacedFileIsFoundByItsNewDate(t *testing.T) {
	h := newHouse(t)
	c := newClient(t, h)
	ctx, d := c.drive()
	c.want(201, "PUT", "/plan.txt", "one")
	asker, kinds := slot.Asker{Tenant: d.tenant, Person: d.person}, []slot.Search{fileSearch}
	before := h.Clock.Now()
	h.Clock.Add(24 * time.Hour)
	since := search.Query{Text: "plan", Since: before.Add(time.Second)}
	if hits, _, err := search.Find(ctx, asker, kinds, since); err != nil || len(hits) != 0 {
		t.Fatalf("found %v, %v before it changed", hits, err)
	}
	c.want(204, "PUT", "/plan.txt", "two")
	if hits, _, err := search.Find(ctx, asker, kinds, since); err != nil || len(hits) != 1 {
		t.Errorf("found %v, %v after it changed", hits, err)
	}
}
