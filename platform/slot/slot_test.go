package slot

import "testing"

func TestOffersOfASuspendedRuneAreNotAnswered(t *testing.T) {
	offers := []Offer{
		Actions.Offer(Action{ID: "storage.upload"}),
		Widgets.Offer(Widget{ID: "storage.recent"}),
		Actions.Offer(Action{ID: "contacts.new"}),
		Actions.Offer(Action{ID: "nobody.claims_it"}),
	}
	offers[0].Rune, offers[1].Rune, offers[2].Rune = "storage", "storage", "contacts"

	got := Actions.Answers(offers, map[string]bool{"storage": true})
	if len(got) != 1 || got[0].What.ID != "storage.upload" || got[0].Rune != "storage" {
		t.Errorf("answers = %+v, want the action of storage alone", got)
	}
	if all := Actions.Among(offers, map[string]bool{"storage": true, "contacts": true}); len(all) != 2 || all[1].ID != "contacts.new" {
		t.Errorf("among = %+v, want both actions in the order of the runes", all)
	}
	if none := Actions.Among(offers, nil); none != nil {
		t.Errorf("among = %+v for no active rune, want none", none)
	}
}
