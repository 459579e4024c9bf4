package search_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"runes.im/platform/search"
	"runes.im/platform/slot"
)

func TestWhoMayNotSeeFindsNothing(t *testing.T) {
	d := newDesk(t)
	me := d.asker.Person.ID
	d.put(search.Doc{Title: "Budget open"}, search.Doc{Title: "Budget closed", Permission: "view_budget"},
		search.Doc{Title: "Budget mine", Scope: []string{"list-1", me}}, search.Doc{Title: "Budget hers", Scope: []string{"somebody-else"}},
		search.Doc{Kind: "note", Title: "Budget note"})
	d.want("budget", "Budget mine", "Budget open", "Budget note")

	d.kinds[1].Permission = "view_notes"
	d.want("budget", "Budget mine", "Budget open")

	d.kinds[0].Scope = func(context.Context, slot.Asker) ([]string, bool, error) { return nil, false, nil }
	d.want("budget", "Budget open")
	d.kinds[0].Scope = func(context.Context, slot.Asker) ([]string, bool, error) { return []string{"list-1"}, false, nil }
	d.want("budget", "Budget mine", "Budget open")
	d.kinds[0].Scope = func(context.Context, slot.Asker) ([]string, bool, error) { return nil, true, nil }
	d.want("budget", "Budget hers", "Budget mine", "Budget open")
}

// The rune has the last word, also where the first hits are not for this person.
func TestTheRuneDecidesAtEachReading(t *testing.T) {
	d := newDesk(t)
	for n := range 60 {
		title := "Plan"
		if n == 0 {
			title = "Plan of the town hall"
		}
		d.put(search.Doc{ID: string(rune('A' + n)), Title: title})
	}
	d.kinds[0].Allowed = func(_ context.Context, _ slot.Asker, ids []string) (map[string]slot.Sight, error) {
		sights := map[string]slot.Sight{}
		for _, id := range ids {
			if id == "A" {
				sights[id] = slot.Sight{Subtitle: "Archive"}
			}
		}
		return sights, nil
	}
	hits, _, err := search.Find(d.ctx(), d.asker, d.kinds, search.Query{Text: "plan", Limit: 5})
	if err != nil || len(hits) != 1 || hits[0].ID != "A" || hits[0].Subtitle != "Archive" {
		t.Errorf("found %+v, %v, want the one that is allowed with its own subtitle", hits, err)
	}
}

func TestAKindThatFailsIsLeftOut(t *testing.T) {
	d := newDesk(t)
	d.put(search.Doc{Title: "Lamp"}, search.Doc{Kind: "note", Title: "Lamp shop"})
	d.kinds[0].Allowed = func(context.Context, slot.Asker, []string) (map[string]slot.Sight, error) {
		return nil, errors.New("no")
	}
	d.kinds[1].CatchUp = func(context.Context, slot.Asker) error { return errors.New("no") }
	d.want("lamp", "Lamp shop")
}

// What somebody else may read must not show in what is offered instead of a typo.
func TestAGuessTellsNothingOfHiddenTitles(t *testing.T) {
	d := newDesk(t)
	d.put(search.Doc{Title: "Dismissal Vogel", Scope: []string{"somebody-else"}})
	if got, meant := d.ask(search.Query{Text: "dismisal vogle"}); got != nil || meant != "" {
		t.Errorf("found %q, meant %q, want nothing", got, meant)
	}
}

func TestRecordsOpenedBeforeAreCheckedAgain(t *testing.T) {
	d := newDesk(t)
	d.put(search.Doc{ID: "1", Title: "Open"}, search.Doc{ID: "2", Title: "Closed", Permission: "view_budget"},
		search.Doc{ID: "3", Title: "Hers", Scope: []string{"somebody-else"}}, search.Doc{Kind: "note", ID: "4", Title: "Note"})
	refs := []slot.Ref{{Kind: "note", ID: "4"}, {Kind: "company", ID: "3"}, {Kind: "company", ID: "2"}, {Kind: "company", ID: "1"}, {Kind: "no", ID: "1"}, {Kind: "note", ID: "9"}}
	hits, err := search.Known(d.ctx(), d.asker, d.kinds, refs)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, h := range hits {
		got = append(got, h.Title)
	}
	if want := []string{"Note", "Open"}; !reflect.DeepEqual(got, want) {
		t.Errorf("known %q, want %q", got, want)
	}
}
