package live

import "testing"

func TestAWatchHearsOfItsOwnPersonAlone(t *testing.T) {
	hub := NewHub()
	ended := map[string]int{}
	watch := func(name, person, session string) *Watch {
		w := hub.Watch("acme", func() { ended[name]++ })
		w.Settle(person, session)
		return w
	}
	watch("one", "ada", "1")
	watch("two", "ada", "2")
	watch("other", "bob", "3")
	stopped := watch("stopped", "ada", "1")
	stopped.Stop()
	stopped.Stop()
	hub.Watch("globex", func() { ended["elsewhere"]++ }).Settle("ada", "1")

	hub.End("acme", "ada", "1")
	if ended["one"] != 1 || len(ended) != 1 {
		t.Errorf("the end of one session: %v", ended)
	}
	hub.End("acme", "ada", "")
	if ended["one"] != 2 || ended["two"] != 1 || len(ended) != 2 {
		t.Errorf("the end of a person: %v", ended)
	}
}

// Somebody is shut out while we look who they are.
func TestAWatchMissesNobody(t *testing.T) {
	hub := NewHub()
	ended := 0
	w := hub.Watch("acme", func() { ended++ })
	hub.End("acme", "bob", "")
	hub.End("acme", "ada", "1")
	w.Settle("ada", "1")
	if ended != 1 {
		t.Errorf("ended %d times", ended)
	}
	w = hub.Watch("acme", func() { ended++ })
	hub.End("acme", "ada", "2")
	w.Settle("ada", "1")
	if ended != 1 {
		t.Error("another session's end ends this one")
	}
}
