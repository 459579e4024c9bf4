package record

import (
	"html/template"

	"runes.im/platform/slot"
	"runes.im/platform/web"
)

// OwnTab is a tab that the page of a record fills itself.
type OwnTab struct {
	ID, Title, Icon string // Title is a words key
	Count           int
}

// Promise is a tab that a rune would bring which may not be installed here.
type Promise struct{ Rune, ID, Title, Icon, Headline, Benefit string } // Title, Headline and Benefit are words keys

// Tabs are what stands beside a record, for the part record_tabs: the page's own tabs, those of other runes, and those
// that a missing rune would bring.
type Tabs struct {
	Items []Segment
	Open  string        // id of the open tab
	Body  template.HTML // what another rune shows; empty when the page fills the tab itself
	More  *GetMore      // when nobody fills it
}

// GetMore says what a rune that is not active would show.
type GetMore struct{ Title, Text, Icon, Get string } // Get is where to get it, for those who may

// Tabs puts the tabs of a record together: the page's first one, those of other runes, the rest of its own. here is its address; ?tab= says which one is open. A tab whose rune is active
// and that the person may not see does not exist.
func (n *Noun[T]) Tabs(v *web.Visit, id, here string, own []OwnTab, promised []Promise) (*Tabs, error) {
	t := &Tabs{Open: own[0].ID}
	asked := v.Query("tab")
	add := func(id, title, icon string, count int) bool {
		href := here
		if id != own[0].ID {
			href += "?tab=" + id
		}
		current := id == asked || len(t.Items) == 0 && asked == ""
		t.Items = append(t.Items, Segment{Text: v.T(title), Icon: icon, Href: href, Count: count, Current: current})
		if current {
			t.Open = id
		}
		return current
	}
	add(own[0].ID, own[0].Title, own[0].Icon, own[0].Count)
	present, err := slot.Tabs.Ask(v.Context(), v.Asker())
	if err != nil {
		return nil, err
	}
	there := map[string]bool{}
	for _, a := range present {
		if a.What.Kind != n.key {
			continue
		}
		there[a.What.ID] = true
		if !v.Can(a.What.Permission) {
			continue
		}
		if err := t.guest(v, a, id, add); err != nil {
			return nil, err
		}
	}
	sleeping, err := slot.Tabs.Sleeping(v.Context(), v.Asker())
	if err != nil {
		return nil, err
	}
	for _, a := range sleeping {
		if s := a.What; s.Kind == n.key && !there[s.ID] {
			there[s.ID] = true
			t.promise(v, Promise{Rune: a.Rune, ID: s.ID, Title: s.Title, Icon: s.Icon, Headline: "record.tab_sleeps", Benefit: s.Benefit}, add)
		}
	}
	for _, p := range promised {
		if !there[p.ID] {
			t.promise(v, p, add)
		}
	}
	for _, o := range own[1:] {
		add(o.ID, o.Title, o.Icon, o.Count)
	}
	if !t.has(asked) {
		t.Items[0].Current = true
	}
	return t, nil
}

// guest adds the tab of another rune, and draws it when it is the open one.
func (t *Tabs) guest(v *web.Visit, a slot.Answer[slot.Tab], id string, add func(id, title, icon string, count int) bool) error {
	count := 0
	if a.What.Count != nil {
		var err error
		if count, err = a.What.Count(v.Context(), v.Asker(), id); err != nil {
			return err
		}
	}
	if !add(a.What.ID, a.What.Title, a.What.Icon, count) {
		return nil
	}
	data, err := a.What.Data(v.Context(), v.Asker(), id)
	if err != nil {
		return err
	}
	t.Body, err = v.Draw(a.Rune, a.What.Template, data)
	return err
}

func (t *Tabs) promise(v *web.Visit, p Promise, add func(id, title, icon string, count int) bool) {
	if !add(p.ID, p.Title, p.Icon, 0) {
		return
	}
	t.More = &GetMore{Title: v.T(p.Headline, "rune", v.T(p.Rune+".name")), Text: v.T(p.Benefit), Icon: p.Icon}
	if v.Can("manage_runes") {
		t.More.Get = "/get/" + p.Rune
	}
}

func (t *Tabs) has(id string) bool { return id == "" || t.Open == id }
