package record

import (
	"strconv"
	"strings"

	"runes.im/platform/audit"
	"runes.im/platform/web"
)

const pageOfTrail = 25

// Traced are records of one kind whose changes belong to a trail. Named ones are told apart by their names.
type Traced struct {
	Kind  Kind
	IDs   []string
	Named bool
}

// Trail is a page of all that was done to a record and to those that belong to it, the newest first, for the part
// record_trail.
type Trail struct {
	Lines []Deed
	Older string // address of the next page
	Newer string // of the first one, when this is another
}

// Deed is one deed with every field that it changed.
type Deed struct {
	Happened
	Name string // of the record, when it is not the one the page is about
}

// TrailOf reads the trail from ?before= on; here is the address of its page.
func TrailOf(v *web.Visit, here string, of ...Traced) (*Trail, error) {
	kinds, named, objects := map[string]*kind{}, map[string]bool{}, []string(nil)
	for _, one := range of {
		k, err := one.Kind.kindOf().whole(v.Context(), v.DB, v.Person)
		if err != nil {
			return nil, err
		}
		kinds[k.key], named[k.key] = k, one.Named
		for _, id := range one.IDs {
			objects = append(objects, k.object(id))
		}
	}
	before, err := strconv.ParseInt(v.Query("before"), 10, 64)
	if err != nil || before < 0 {
		before = 0 // from the newest on
	}
	lines, err := audit.AboutAny(v.Context(), v.DB, objects, before, pageOfTrail+1)
	if err != nil {
		return nil, err
	}
	t := &Trail{}
	if before > 0 {
		t.Newer = here
	}
	if len(lines) > pageOfTrail {
		lines = lines[:pageOfTrail]
		mark := "?"
		if strings.Contains(here, "?") {
			mark = "&"
		}
		t.Older = here + mark + "before=" + strconv.FormatInt(lines[pageOfTrail-1].Number, 10)
	}
	for _, l := range lines {
		name, _, _ := strings.Cut(l.Object, ":")
		k := kinds[name]
		s := Deed{Happened: Happened{Who: l.Actor, When: v.Date(l.At) + " " + v.Time(l.At), What: k.said(v, l), Face: FaceOf(l.Actor, l.ActorID)}}
		if s.Who == "" {
			s.Who = v.T("record.the_house")
		}
		if named[name] {
			s.Name = l.Title
		}
		if s.What != "" {
			t.Lines = append(t.Lines, s)
		}
	}
	return t, nil
}
