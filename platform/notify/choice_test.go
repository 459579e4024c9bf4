package notify

import (
	"context"
	"testing"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/live"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

func write(t *testing.T, db *store.DB, do func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), do); err != nil {
		t.Fatal(err)
	}
}

func choose(t *testing.T, db *store.DB, person, kind, channel string, c *Choice) {
	t.Helper()
	write(t, db, func(ctx context.Context, tx *store.Tx) error { return Choose(ctx, tx, person, kind, channel, c) })
}

func TestPeopleChooseWhatRingsAndTheOrganisationMayLockIt(t *testing.T) {
	db := openTest(t)
	ring := func(security bool) { send(t, t.Context(), db, Note{To: "lena", Kind: "test.a", Security: security}) }
	ring(false)
	wantUnread(t, db, "lena", 1)
	choose(t, db, "lena", "test.a", Bell, &Choice{On: false})
	ring(false)
	wantUnread(t, db, "lena", 1)
	ring(true) // the safety of an account is no matter of taste
	wantUnread(t, db, "lena", 2)
	choose(t, db, "", "test.a", Bell, &Choice{On: true})
	ring(false)
	wantUnread(t, db, "lena", 2)
	choose(t, db, "", "test.a", Bell, &Choice{On: true, Locked: true})
	ring(false)
	wantUnread(t, db, "lena", 3)
	choose(t, db, "", "test.a", Bell, &Choice{On: false})
	choose(t, db, "lena", "test.a", Bell, nil)
	ring(false)
	wantUnread(t, db, "lena", 3)
	choose(t, db, "lena", "test.a", Bell, &Choice{On: true, Locked: true}) // a lock is nobody's own
	all, err := Choices(t.Context(), db, "lena")
	if c := all["test.a bell"]; err != nil || !c.On || c.Locked || !c.Own {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestMailIsAChannelOnlyWhenThereIsOne(t *testing.T) {
	db := openTest(t)
	ctx := WithHouse(t.Context(), House{Mailed: map[string]bool{"test.mailed": true}})
	send(t, ctx, db, Note{To: "lena", Kind: "test.mailed"})
	send(t, ctx, db, Note{To: "lena", Kind: "test.other"})
	if n, err := NotMailed(ctx, db, clock.Now(ctx).Add(-time.Hour)); n != 1 || err != nil {
		t.Errorf("%d notes were not mailed, %v, want 1", n, err)
	}
	var got []string
	ctx = WithHouse(ctx, House{Mailed: map[string]bool{"test.mailed": true}, Channels: []Channel{{Name: Mail, Deliver: func(_ context.Context, _ *store.Tx, i Item, _ time.Time) error {
		got = append(got, i.Kind)
		return nil
	}}}})
	send(t, ctx, db, Note{To: "lena", Kind: "test.mailed"})
	send(t, ctx, db, Note{To: "lena", Kind: "test.other"})
	choose(t, db, "lena", "test.mailed", Mail, &Choice{On: false})
	choose(t, db, "lena", "test.other", Mail, &Choice{On: true})
	choose(t, db, "lena", "test.other", Bell, &Choice{On: false})
	send(t, ctx, db, Note{To: "lena", Kind: "test.mailed"})
	send(t, ctx, db, Note{To: "lena", Kind: "test.other"})
	if len(got) != 2 || got[0] != "test.mailed" || got[1] != "test.other" {
		t.Errorf("mailed %q", got)
	}
	wantUnread(t, db, "lena", 5)
	mine := store.WithActor(ctx, store.Actor{ID: "lena"})
	send(t, mine, db, Note{To: "lena", Kind: "test.other"})
	if len(got) != 2 {
		t.Error("somebody got a mail about their own deed")
	}
}

func TestOneThingIsMutedWithoutTheRest(t *testing.T) {
	db := openTest(t)
	about := func(object string) {
		send(t, t.Context(), db, Note{To: "lena", Kind: "test.a", Object: object})
	}
	about("test.thing:1")
	first := items(t, db, "lena", true, "", 1)[0]
	write(t, db, func(ctx context.Context, tx *store.Tx) error { return Mute(ctx, tx, "amir", first.ID, "stolen") })
	about("test.thing:1")
	wantUnread(t, db, "lena", 2)
	write(t, db, func(ctx context.Context, tx *store.Tx) error { return Mute(ctx, tx, "lena", first.ID, "A thing") })
	about("test.thing:1")
	about("test.thing:2")
	wantUnread(t, db, "lena", 3)
	all, err := Mutes(t.Context(), db, "lena")
	if err != nil || len(all) != 1 || all[0] != (Muted{"test.thing:1", "A thing"}) {
		t.Errorf("got %+v, %v", all, err)
	}
	write(t, db, func(ctx context.Context, tx *store.Tx) error { return Unmute(ctx, tx, "lena", "test.thing:1") })
	about("test.thing:1")
	wantUnread(t, db, "lena", 4)
}

func TestNothingRingsInTheQuietHoursAndNothingIsLost(t *testing.T) {
	db, hub := openTest(t), live.NewHub()
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		return KeepQuiet(ctx, tx, "lena", Quiet{Begins: "22:00", Ends: "07:00", Zone: "Europe/Zurich"})
	})
	var after time.Time
	house := House{Mailed: map[string]bool{"test.a": true}, Channels: []Channel{{Name: Mail, Deliver: func(_ context.Context, _ *store.Tx, _ Item, at time.Time) error {
		after = at
		return nil
	}}}}
	page := open(t, hub, "t1", "lena")
	at := func(now string) {
		moment, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		ctx := clock.With(tenant.With(WithHouse(WithHub(t.Context(), hub), house), &tenant.Tenant{ID: "t1", DB: db}), func() time.Time { return moment })
		send(t, ctx, db, Note{To: "lena", Kind: "test.a"})
	}
	at("2026-03-04T20:59:00Z") // 21:59
	wantBell(t, page, "bellmap[unread:1]")
	at("2026-03-04T21:00:00Z")
	wantBell(t, page, "")
	if want := "2026-03-05T06:00:00Z"; after.UTC().Format(time.RFC3339) != want {
		t.Errorf("the mail waits until %v, want %s", after, want)
	}
	at("2026-03-05T05:59:00Z")
	wantBell(t, page, "")
	at("2026-03-05T06:00:00Z")
	wantBell(t, page, "bellmap[unread:4]")
}

func TestNotesAreFoundByTheirRuneAndBecomeNewAgain(t *testing.T) {
	db := openTest(t)
	for _, kind := range []string{"storage.a", "storage.b", "storages.c", "contacts.d"} {
		send(t, t.Context(), db, Note{To: "lena", Kind: kind})
	}
	found, err := Items(t.Context(), db, "lena", Which{Rune: "storage", Limit: 10})
	if err != nil || len(found) != 2 {
		t.Errorf("got %+v, %v", found, err)
	}
	if all, err := Runes(t.Context(), db, "lena"); err != nil || len(all) != 3 || all[0] != "contacts" {
		t.Errorf("got %q, %v", all, err)
	}
	markRead(t, t.Context(), db, "lena", "")
	write(t, db, func(ctx context.Context, tx *store.Tx) error { return MarkUnread(ctx, tx, "amir", found[0].ID) })
	wantUnread(t, db, "lena", 0)
	write(t, db, func(ctx context.Context, tx *store.Tx) error { return MarkUnread(ctx, tx, "lena", found[0].ID) })
	wantUnread(t, db, "lena", 1)
}
