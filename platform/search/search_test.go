package search_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"runes.im/platform/runetest"
	"runes.im/platform/search"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// desk is a tenant with one person who searches it.
type desk struct {
	*testing.T
	house *runetest.House
	asker slot.Asker
	kinds []slot.Search
}

func newDesk(t *testing.T) *desk {
	h := runetest.Start(t, nil)
	return &desk{T: t, house: h, asker: slot.Asker{Tenant: h.Tenant("acme"), Person: h.Person().Person}, kinds: []slot.Search{
		{Kind: "company", Title: "test.companies", Icon: "building-2"},
		{Kind: "note", Title: "test.notes", Icon: "file-text"},
	}}
}

func (d *desk) ctx() context.Context { return tenant.With(d.house.Context(), d.asker.Tenant) }

func (d *desk) write(fn func(ctx context.Context, tx *store.Tx) error) {
	d.Helper()
	if err := d.asker.Tenant.DB.Write(d.ctx(), fn); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) put(docs ...search.Doc) {
	d.Helper()
	d.write(func(ctx context.Context, tx *store.Tx) error {
		for n, doc := range docs {
			if doc.Kind == "" {
				doc.Kind = "company"
			}
			if doc.ID == "" {
				doc.ID = fmt.Sprintf("%s-%d", strings.ToLower(doc.Title), n)
			}
			if doc.Href == "" {
				doc.Href = "/x"
			}
			if err := search.Put(ctx, tx, doc); err != nil {
				return err
			}
		}
		return nil
	})
}

func (d *desk) find(text string) []string {
	d.Helper()
	titles, _ := d.ask(search.Query{Text: text})
	return titles
}

func (d *desk) ask(q search.Query) (titles []string, meant string) {
	d.Helper()
	hits, meant, err := search.Find(d.ctx(), d.asker, d.kinds, q)
	if err != nil {
		d.Fatal(err)
	}
	for _, h := range hits {
		titles = append(titles, h.Title)
	}
	return titles, meant
}

func (d *desk) want(text string, want ...string) {
	d.Helper()
	if got := d.find(text); !reflect.DeepEqual(got, want) {
		d.Errorf("%q finds %q, want %q", text, got, want)
	}
}

func TestLettersFindTitles(t *testing.T) {
	d := newDesk(t)
	d.put(search.Doc{Title: "Müller Straßenbau AG", Subtitle: "Zürich", Body: "CHE-105.805.649 Tiefbau"},
		search.Doc{Title: "Łódź Øresund Æther"}, search.Doc{Title: "東京都庁"}, search.Doc{Title: "O'Neill & Sons"},
		search.Doc{Kind: "note", Title: "Minutes of the board", Body: "the Müller contract"})
	d.want("mull", "Müller Straßenbau AG", "Minutes of the board")
	d.want("MÜLLER strassen", "Müller Straßenbau AG")
	d.want("bau")
	d.want("strassenb mu", "Müller Straßenbau AG")
	d.want("zuri", "Müller Straßenbau AG")
	d.want("805 tief", "Müller Straßenbau AG")
	d.want("lodz oresund aeth", "Łódź Øresund Æther")
	d.want("東京", "東京都庁")
	d.want("都", "東京都庁")
	d.want("oneill", "O'Neill & Sons")
	d.want("müller zug")
	d.want("  ")
	d.want("%%% '\" -")
}

func TestTheBestMatchComesFirst(t *testing.T) {
	d := newDesk(t)
	old := d.house.Clock.Now().AddDate(-1, 0, 0)
	d.put(search.Doc{Title: "Albert North and the others"}, search.Doc{Title: "North"}, search.Doc{Title: "Northern Lights"},
		search.Doc{Title: "Snow", Subtitle: "North"}, search.Doc{Title: "North Sea", ID: "old", ChangedAt: old}, search.Doc{Title: "North Cap"})
	d.want("north", "North", "North Cap", "North Sea", "Albert North and the others", "Northern Lights", "Snow")
}

func TestTyposAreForgivenWhereLittleIsFound(t *testing.T) {
	d := newDesk(t)
	d.put(search.Doc{Title: "Schmidt Transporte"}, search.Doc{Title: "Maier"}, search.Doc{Title: "Müller"}, search.Doc{Title: "Invoice 2026-104"})
	for _, typed := range []string{"schmitd", "schmit trasnporte", "Shcmidt", "transprote"} {
		d.want(typed, "Schmidt Transporte")
	}
	d.want("meier", "Maier")
	d.want("mueller", "Müller")
	d.want("2027")
	if _, meant := d.ask(search.Query{Text: "schmitd tran"}); meant != "schmidt transporte" {
		t.Errorf("meant %q, want the words as they are spelled", meant)
	}
	if _, meant := d.ask(search.Query{Text: "schmidt"}); meant != "" {
		t.Errorf("meant %q of what was found as typed, want nothing", meant)
	}
}

func TestWhatChangedIsFoundByItsNewWordsAlone(t *testing.T) {
	d := newDesk(t)
	d.put(search.Doc{ID: "1", Title: "Harbour Office"})
	d.put(search.Doc{ID: "1", Title: "Airport Office"})
	d.want("harbour")
	d.want("harbuor")
	d.want("office", "Airport Office")
	d.write(func(ctx context.Context, tx *store.Tx) error { return search.Remove(ctx, tx, "company", "1") })
	d.want("airport")
	d.want("ariport")
	d.write(func(ctx context.Context, tx *store.Tx) error { return search.Remove(ctx, tx, "company", "1") })
}

func TestAKindIsRemovedBitByBit(t *testing.T) {
	d := newDesk(t)
	d.put(search.Doc{Title: "Alder"}, search.Doc{Title: "Aspen"}, search.Doc{Title: "Ash"}, search.Doc{Kind: "note", Title: "Acorn"})
	var more bool
	remove := func(ctx context.Context, tx *store.Tx) (err error) {
		more, err = search.RemoveKind(ctx, tx, "company", 2)
		return err
	}
	d.write(remove)
	if !more {
		t.Error("nothing more to remove after 2 of 3")
	}
	d.write(remove)
	if more {
		t.Error("something is left after all 3")
	}
	d.want("a", "Acorn")
}

func TestSinceAndKindNarrow(t *testing.T) {
	d := newDesk(t)
	now := d.house.Clock.Now()
	d.put(search.Doc{Title: "Alder", ChangedAt: now.AddDate(0, -2, 0)}, search.Doc{Title: "Aspen"}, search.Doc{Kind: "note", Title: "Acorn"})
	if got, _ := d.ask(search.Query{Text: "a", Since: now.Add(-time.Hour)}); len(got) != 2 {
		t.Errorf("found %q since an hour ago, want Aspen and Acorn", got)
	}
	if got, _ := d.ask(search.Query{Text: "a", Kinds: []string{"note"}}); !reflect.DeepEqual(got, []string{"Acorn"}) {
		t.Errorf("found %q among notes, want Acorn", got)
	}
	if got, _ := d.ask(search.Query{Text: "a", Limit: 1}); len(got) != 2 {
		t.Errorf("found %q, want one of each kind", got)
	}
}

func TestADocumentWithoutAPlaceIsRefused(t *testing.T) {
	d := newDesk(t)
	for _, doc := range []search.Doc{
		{ID: "1", Href: "/x"},
		{Kind: "note", Href: "/x"},
		{Kind: "note", ID: "1"},
		{Kind: "note", ID: "1", Href: "//evil.example"},
		{Kind: "note", ID: "1", Href: "/x", Scope: []string{"a b"}},
	} {
		err := d.asker.Tenant.DB.Write(d.ctx(), func(ctx context.Context, tx *store.Tx) error { return search.Put(ctx, tx, doc) })
		if err == nil {
			t.Errorf("%+v was taken", doc)
		}
	}
}

func TestQuestionsInTheLanguageOfTheIndexAreWords(t *testing.T) {
	d := newDesk(t)
	d.put(search.Doc{Title: "Harmless near and or not"}, search.Doc{Title: `Quote " star * (bracket)`})
	for _, text := range []string{
		`"`, `""`, `'`, `*`, `a*`, `(`, `harmless)`, `title : x`, `{who} : a`, `NEAR("a" "b", 3)`, `^a`, `a AND`, `NOT`, `-a`, `a + b`,
		"\ue000company\ue001*\ue001", "a\x00b", "\xff\xfe", strings.Repeat("a ", 500), strings.Repeat("x", 5000), "%", "_", `\`, ";DROP TABLE search_docs",
	} {
		d.find(text)
	}
	d.want("near AND", "Harmless near and or not")
	d.want(`"star" * (brack`, `Quote " star * (bracket)`)
	d.want("\ue000company")
}
