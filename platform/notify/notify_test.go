package notify

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/live"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

func openTest(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "tenant.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Migrate(t.Context(), Schema); err != nil {
		t.Fatal(err)
	}
	return db
}

func send(t *testing.T, ctx context.Context, db *store.DB, n Note) {
	t.Helper()
	if err := db.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return Send(ctx, tx, n) }); err != nil {
		t.Fatal(err)
	}
}

func markRead(t *testing.T, ctx context.Context, db *store.DB, person, id string) {
	t.Helper()
	err := db.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return MarkRead(ctx, tx, person, id) })
	if err != nil {
		t.Fatal(err)
	}
}

func items(t *testing.T, db *store.DB, person string, unreadOnly bool, before string, limit int) []Item {
	t.Helper()
	found, err := Items(t.Context(), db, person, Which{Unread: unreadOnly, Before: before, Limit: limit})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func wantUnread(t *testing.T, db *store.DB, person string, want int) {
	t.Helper()
	if got, err := Unread(t.Context(), db, person); got != want || err != nil {
		t.Errorf("%s: got %d unread, %v, want %d", person, got, err, want)
	}
}

func TestAPersonReadsWhatHappened(t *testing.T) {
	db := openTest(t)
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	ctx := clock.With(t.Context(), func() time.Time { return at })
	ctx = store.WithActor(ctx, store.Actor{ID: "amir", Name: "Amir Haddad"})
	note := Note{To: "lena", Kind: "storage.shared", Args: []string{"name", "Plan.odt"}, Icon: "share", Link: "/storage/7"}
	send(t, ctx, db, note)
	found := items(t, db, "lena", true, "", 10)
	if len(found) != 1 {
		t.Fatalf("got %+v", found)
	}
	want := Item{ID: found[0].ID, At: at, Actor: "Amir Haddad", ActorID: "amir", Note: note}
	if fmt.Sprint(found[0]) != fmt.Sprint(want) {
		t.Errorf("got %+v, want %+v", found[0], want)
	}
	wantUnread(t, db, "lena", 1)
	markRead(t, ctx, db, "lena", found[0].ID)
	wantUnread(t, db, "lena", 0)
	if found := items(t, db, "lena", true, "", 10); len(found) != 0 {
		t.Errorf("still new: %+v", found)
	}
	if found := items(t, db, "lena", false, "", 10); len(found) != 1 || !found[0].Read {
		t.Errorf("got %+v, want one that is read", found)
	}
}

func TestNobodyIsToldOfHisOwnDeedsExceptForSafety(t *testing.T) {
	db := openTest(t)
	lena := store.WithActor(t.Context(), store.Actor{ID: "lena", Name: "Lena Brandt"})
	send(t, lena, db, Note{To: "lena", Kind: "storage.shared"})
	wantUnread(t, db, "lena", 0)
	send(t, lena, db, Note{To: "lena", Kind: "identity.new_device", Security: true})
	wantUnread(t, db, "lena", 1)
	send(t, t.Context(), db, Note{To: "lena", Kind: "storage.quota_warning"})
	wantUnread(t, db, "lena", 2)
	if found := items(t, db, "lena", false, "", 10); len(found) != 2 || !found[1].Security || found[0].Security {
		t.Errorf("got %+v", found)
	}
}

func TestANoteNeedsAReaderAndALocalLink(t *testing.T) {
	db := openTest(t)
	for name, n := range map[string]Note{
		"no reader":        {Kind: "storage.shared"},
		"no kind":          {To: "lena"},
		"another host":     {To: "lena", Kind: "storage.shared", Link: "https://evil.test/"},
		"another host too": {To: "lena", Kind: "storage.shared", Link: "//evil.test/"},
		"a backslash":      {To: "lena", Kind: "storage.shared", Link: `/\evil.test/`},
		"a script":         {To: "lena", Kind: "storage.shared", Link: "javascript:alert(1)"},
	} {
		if err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { return Send(ctx, tx, n) }); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	wantUnread(t, db, "lena", 0)
}

func TestPeopleSeeAndMarkTheirOwnOnly(t *testing.T) {
	db := openTest(t)
	for i := range 3 {
		send(t, t.Context(), db, Note{To: "lena", Kind: fmt.Sprint("test.", i)})
	}
	send(t, t.Context(), db, Note{To: "amir", Kind: "test.other"})
	amirs := items(t, db, "amir", false, "", 10)
	if len(amirs) != 1 || amirs[0].Kind != "test.other" {
		t.Fatalf("got %+v", amirs)
	}
	markRead(t, t.Context(), db, "lena", amirs[0].ID)
	wantUnread(t, db, "amir", 1)
	if found := items(t, db, "lena", false, amirs[0].ID, 10); len(found) != 0 {
		t.Errorf("continued after another person's note: %+v", found)
	}
	markRead(t, t.Context(), db, "lena", "")
	wantUnread(t, db, "lena", 0)
	wantUnread(t, db, "amir", 1)
}

func TestALongListComesInPagesNewestFirst(t *testing.T) {
	db := openTest(t)
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 7 {
		// Some at the same moment: no page repeats one or leaves one out.
		ctx := clock.With(t.Context(), func() time.Time { return start.Add(time.Duration(i/3) * time.Second) })
		send(t, ctx, db, Note{To: "lena", Kind: fmt.Sprint("test.", i)})
	}
	next := 7
	for before := ""; ; {
		page := items(t, db, "lena", false, before, 2)
		if len(page) == 0 {
			break
		}
		for _, i := range page {
			next--
			if want := fmt.Sprint("test.", next); i.Kind != want {
				t.Errorf("got %s, want %s", i.Kind, want)
			}
			before = i.ID
		}
	}
	if next != 0 {
		t.Errorf("%d are left out", next)
	}
}

// open is a page that somebody has open in a tenant.
func open(t *testing.T, hub *live.Hub, tenant, person string) *live.Page {
	t.Helper()
	p := hub.Open(tenant, person, "session", 10)
	t.Cleanup(p.Close)
	return p
}

func wantBell(t *testing.T, p *live.Page, want string) {
	t.Helper()
	got := ""
	select {
	case m := <-p.C:
		got = fmt.Sprint(m.Name, m.Data)
	default: // the bell rings before Write returns
	}
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTheBellRingsInOpenPagesAfterTheCommit(t *testing.T) {
	db, hub := openTest(t), live.NewHub()
	ctx := tenant.With(WithHub(t.Context(), hub), &tenant.Tenant{ID: "t1", DB: db})
	lena, amir, elsewhere := open(t, hub, "t1", "lena"), open(t, hub, "t1", "amir"), open(t, hub, "t2", "lena")
	send(t, ctx, db, Note{To: "lena", Kind: "test.a"})
	wantBell(t, lena, "bellmap[unread:1]")
	send(t, ctx, db, Note{To: "lena", Kind: "test.b"})
	wantBell(t, lena, "bellmap[unread:2]")
	markRead(t, ctx, db, "lena", "")
	wantBell(t, lena, "bellmap[unread:0]")
	refusal := errors.New("no")
	err := db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := Send(ctx, tx, Note{To: "lena", Kind: "test.c"}); err != nil {
			return err
		}
		return refusal
	})
	if !errors.Is(err, refusal) {
		t.Fatal(err)
	}
	wantBell(t, lena, "")
	wantBell(t, amir, "")
	wantBell(t, elsewhere, "")
	send(t, WithHub(t.Context(), hub), db, Note{To: "lena", Kind: "test.d"}) // no tenant, no pages
	wantBell(t, lena, "")
}

// Writes that share a commit ring in any order; whichever bell comes last must tell the number of all.
func TestTheLastBellTellsTheWholeNumber(t *testing.T) {
	db, hub := openTest(t), live.NewHub()
	ctx := tenant.With(WithHub(t.Context(), hub), &tenant.Tenant{ID: "t1", DB: db})
	page := open(t, hub, "t1", "lena")
	const n = 12
	// Holding the writer makes all of them wait for one commit.
	hold, held := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		_ = db.Write(ctx, func(context.Context, *store.Tx) error { close(held); <-hold; return nil })
	})
	<-held
	for range n {
		all.Go(func() { send(t, ctx, db, Note{To: "lena", Kind: "test.a"}) })
	}
	close(hold)
	all.Wait()
	last := ""
	for len(page.C) > 0 {
		last = fmt.Sprint((<-page.C).Data)
	}
	if want := fmt.Sprintf("map[unread:%d]", n); last != want {
		t.Errorf("got %s, want %s", last, want)
	}
}

func TestOldNotesGoAfter180Days(t *testing.T) {
	db := openTest(t)
	now := time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)
	on := func(days int) context.Context {
		return clock.With(t.Context(), func() time.Time { return now.AddDate(0, 0, days) })
	}
	for range trimBatch + 1 {
		send(t, on(-181), db, Note{To: "lena", Kind: "test.old"})
	}
	send(t, on(-179), db, Note{To: "lena", Kind: "test.young"})
	kind := Jobs()[0]
	if err := kind.Run(tenant.With(on(0), &tenant.Tenant{DB: db}), nil); err != nil {
		t.Fatal(err)
	}
	if found := items(t, db, "lena", false, "", 10); len(found) != 1 || found[0].Kind != "test.young" {
		t.Errorf("%s: got %+v, want the young one", kind.Name, found)
	}
}
