package storage

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"runes.im/platform/fault"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// handOver gives everything of one client's person to another's.
func handOver(from, to *client) error {
	from.t.Helper()
	ctx, d := from.drive()
	return d.tenant.DB.Write(tenant.With(ctx, d.tenant), func(ctx context.Context, tx *store.Tx) error {
		return homes.HandOver(ctx, tx, from.Person.ID, to.Person.ID)
	})
}

// member is what the person is called, as a path of an address.
func (c *client) member() string {
	c.t.Helper()
	ctx, d := c.drive()
	name, err := memberName(ctx, d.tenant.DB, c.Person.ID)
	if err != nil {
		c.t.Fatal(err)
	}
	return strings.ReplaceAll(name, " ", "%20")
}

func TestAHeirGetsTheFilesOfALeaverInOneFolder(t *testing.T) {
	h := newHouse(t)
	leaver, heir := newClient(t, h), newClient(t, h, "view_storage", "desktop_sync", "manage_storage_settings")
	leaver.want(201, "MKCOL", "/Plans", "")
	leaver.want(201, "PUT", "/Plans/one.txt", "first")
	leaver.want(204, "PUT", "/Plans/one.txt", "second") // with an older version
	leaver.want(201, "PUT", "/note.txt", "hello")
	leaver.want(201, "PUT", "/Plans/thrown.txt", "away")
	leaver.want(204, "DELETE", "/Plans/thrown.txt", "")
	leaver.want(201, "PUT", "/old.txt", "old")
	leaver.want(204, "DELETE", "/old.txt", "")
	leaver.take("/note.txt", "exclusive")
	heir.want(201, "PUT", "/mine.txt", "mine")
	ctx, d := heir.drive()
	if n, err := homes.Count(ctx, d.tenant.DB, leaver.Person.ID); err != nil || n != 2 {
		t.Errorf("%d files to hand over, %v, want 2", n, err)
	}
	folder := "/" + leaver.member()
	heir.want(201, "MKCOL", folder, "") // the heir's own folder of that name stays apart
	folder += "%20(2)"
	number, etag := leaver.props("/Plans/one.txt", "0", "oc:fileid")["/Plans/one.txt"]["fileid"], leaver.props("/Plans", "0", "d:getetag")["/Plans/"]["getetag"]
	if got := heir.changed([]string{"/", "/mine.txt"}, func() {
		if err := handOver(leaver, heir); err != nil {
			t.Fatal(err)
		}
	}); got != "/" {
		t.Errorf("the heir's client sees %q changed, want the top alone", got)
	}
	if got := heir.want(200, "GET", folder+"/Plans/one.txt", "").Text; got != "second" {
		t.Errorf("got %q", got)
	}
	if got := heir.props(folder+"/Plans/one.txt", "0", "oc:fileid")[folder+"/Plans/one.txt"]["fileid"]; got != number {
		t.Errorf("the file has the number %s, had %s", got, number)
	}
	if got := heir.props(folder+"/Plans", "0", "d:getetag")[folder+"/Plans/"]["getetag"]; got != etag {
		t.Errorf("what moved along has the ETag %s, had %s: clients would fetch it again", got, etag)
	}
	heir.want(204, "PUT", folder+"/note.txt", "the leaver's lock is gone")
	leaver.want(404, "GET", "/Plans/one.txt", "")
	leaver.want(404, "GET", "/note.txt", "")
	if n, err := homes.Count(ctx, d.tenant.DB, leaver.Person.ID); err != nil || n != 0 {
		t.Errorf("%d files are left, %v", n, err)
	}
	// The trash came along: what lay in a folder goes back there.
	thrown, err := d.trash(ctx, d.tenant.DB, 0, 10)
	if err != nil || len(thrown) != 2 {
		t.Fatalf("%d things in the trash, %v", len(thrown), err)
	}
	for _, one := range thrown {
		err := d.tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			_, err := d.restore(ctx, tx, one.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	heir.want(200, "GET", folder+"/Plans/thrown.txt", "")
	heir.want(200, "GET", folder+"/old.txt", "")
	heir.balance(t)
	leaver.balance(t)
}

func TestWhatDoesNotFitIntoTheQuotaOfTheHeirStays(t *testing.T) {
	h := newHouse(t)
	leaver, heir := newClient(t, h), newClient(t, h, "view_storage", "desktop_sync", "manage_storage_settings")
	leaver.want(201, "PUT", "/big", strings.Repeat("x", 1000))
	ctx, d := heir.drive()
	err := d.tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return setQuota(ctx, tx, heir.Person.ID, 999) })
	if err != nil {
		t.Fatal(err)
	}
	if err := handOver(leaver, heir); !fault.Is(err, fault.Invalid) || fault.Of(err).Key != "storage.heir_full" {
		t.Errorf("got %v", err)
	}
	leaver.want(200, "GET", "/big", "")
	if top := heir.list("/"); len(top) != 1 {
		t.Errorf("the heir has %v", top)
	}
	leaver.balance(t)
}

func TestACopyOfPersonalDataListsTheFilesAndTheyEndWithThePerson(t *testing.T) {
	h := newHouse(t)
	c, other := newClient(t, h), newClient(t, h, "view_storage", "desktop_sync", "manage_storage_settings")
	c.want(201, "MKCOL", "/Tax", "")
	c.want(201, "PUT", "/Tax/2026.pdf", "money")
	c.want(204, "PUT", "/Tax/2026.pdf", "more money")
	c.want(201, "PUT", "/gone.txt", "x")
	c.want(204, "DELETE", "/gone.txt", "")
	other.want(201, "PUT", "/other.txt", "of somebody else")
	ctx, d := c.drive()
	ctx = tenant.With(ctx, d.tenant)
	about := slot.Subject{Member: c.Person.ID}
	known, err := personalFiles.Export(ctx, d.tenant.DB, about)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(known)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"count":1`, `"bytes":10`, `"path":"/Tax/2026.pdf"`, `"path":"/gone.txt"`, `"deleted_at":"2`} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("the copy lacks %s: %s", want, text)
		}
	}
	if bytes.Contains(text, []byte("other.txt")) {
		t.Errorf("the copy tells of others: %s", text)
	}
	if nothing, err := personalFiles.Export(ctx, d.tenant.DB, slot.Subject{Email: "outside@example.org"}); nothing != nil || err != nil {
		t.Errorf("somebody outside: %v, %v", nothing, err)
	}
	err = d.tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return personalFiles.Erase(ctx, tx, about) })
	if err != nil {
		t.Fatal(err)
	}
	if left, err := personalFiles.Export(ctx, d.tenant.DB, about); left != nil || err != nil {
		t.Errorf("after the end: %v, %v", left, err)
	}
	uses, err := numbers(d.tenant.DB.Query(ctx, `SELECT uses FROM blob_contents ORDER BY uses`))
	if err != nil || !slices.Equal(uses, []int64{0, 0, 0, 1}) {
		t.Errorf("contents are used %v times, %v", uses, err)
	}
	other.want(200, "GET", "/other.txt", "")
	c.balance(t)
}
