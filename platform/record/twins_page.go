package record

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// TwinsPage is what the part record_twins draws: pairs that may be one, and merges that can be taken back.
type TwinsPage struct {
	Heading, Lead, Kind, Action, Back string
	Beside                            []Segment
	Pairs                             []Pairing
	Merges                            []Merged
}

// Pairing is two records that look alike.
type Pairing struct {
	One, Other  Row
	Score       int
	Reasons     []string
	Href, Apart string // where they are merged, and how the pair is named
}

// Merged is a line about a merge, with the address that takes it back.
type Merged struct{ Text, When, Undo, Name string }

func (k *kind) showTwins(v *web.Visit) error {
	found, err := k.twins(v.Context(), v.Tenant, v.Person)
	if err != nil {
		return err
	}
	p := &TwinsPage{
		Heading: v.T("record.twins"), Lead: v.T("record.twins_lead", "n", len(found)), Kind: k.key,
		Action: k.at("/duplicates/apart"), Back: k.at(""),
	}
	for _, t := range found {
		one, other := k.row(t.One), k.row(t.Other)
		one.Small, other.Small = k.glance(v, t.One), k.glance(v, t.Other)
		pair := Pairing{One: one, Other: other, Score: t.Score, Href: k.mergeHref(one.ID, other.ID), Apart: one.ID + " " + other.ID}
		for _, key := range t.Reasons {
			pair.Reasons = append(pair.Reasons, v.T(key))
		}
		p.Pairs = append(p.Pairs, pair)
	}
	for _, b := range k.beside {
		to := &Segment{Text: v.T(b.Text), Href: "/" + k.rune + b.Path + "/duplicates", Current: b.Path == k.path}
		p.Beside = append(p.Beside, *to)
	}
	if p.Merges, err = k.mergedLately(v, "1"); err != nil {
		return err
	}
	v.Title(p.Heading)
	v.Crumb(v.T(k.rune+".name"), "/"+k.rune)
	v.Crumb(v.T(k.words+"list"), k.at(""))
	v.Crumb(p.Heading, "")
	return v.Page("record_twins", p)
}

// glance is what tells two records of one name apart: what their list shows of them.
func (k *kind) glance(v *web.Visit, rec any) string {
	var text string
	for _, c := range k.available() {
		if !c.usual {
			continue
		}
		cells, err := c.cells(v, []any{rec})
		if err != nil {
			continue // a cell more or less
		}
		if cell := cells[k.of(rec).ID]; cell.Text != "" && len(cell.Faces) == 0 {
			if text != "" {
				text += ", "
			}
			text += cell.Text
		}
	}
	return text
}

func (k *kind) mergeHref(one, other string) string {
	return k.at("/merge") + "?" + url.Values{"id": {one, other}}.Encode()
}

// mergedLately are the merges that can still be taken back, of records that the person sees.
func (k *kind) mergedLately(v *web.Visit, where string, args ...any) ([]Merged, error) {
	since := clock.Text(clock.Now(v.Context()).AddDate(0, 0, -keepDays))
	merges, err := k.merges(v.Context(), v.DB, "merged_at >= ? AND ("+where+")", append([]any{since}, args...)...)
	if err != nil || len(merges) == 0 {
		return nil, err
	}
	var ids []string
	for _, m := range merges {
		ids = append(ids, m.Kept)
	}
	kept, err := k.list(v.Context(), v.DB, v.Person, Query{IDs: ids, Limit: len(ids)})
	if err != nil {
		return nil, err
	}
	var all []Merged
	for _, m := range merges {
		at := slices.IndexFunc(kept, func(rec any) bool { return k.of(rec).ID == m.Kept })
		if at < 0 {
			continue
		}
		who := v.T("record.the_house")
		if m.By != "" {
			who = memberName(v, m.By)
		}
		all = append(all, Merged{
			Text: v.T("record.merged_into", "gone", m.GoneTitle, "kept", k.title(kept[at])), Name: m.GoneTitle,
			When: v.T("record.merged_when", "who", who, "when", v.When(m.At)), Undo: k.at("/merges/" + m.ID + "/undo"),
		})
	}
	return all, nil
}

// Merges are those of a record that can still be taken back, for the part record_merges; none for who may not.
func (n *Noun[T]) Merges(v *web.Visit, id string) ([]Merged, error) {
	if !v.Can(n.manage) {
		return nil, nil
	}
	return n.mergedLately(v, "kept = ?", id)
}

// keepApart remembers that two are two.
func (k *kind) keepApart(v *web.Visit) error {
	one, other, err := k.two(v)
	if err != nil {
		return k.chooseFirst(v, "/duplicates", err)
	}
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		return k.noteApart(ctx, tx, k.of(one).ID, k.of(other).ID)
	})
	if err != nil {
		return err
	}
	v.Flash(v.T("record.kept_apart", "one", k.title(one), "other", k.title(other)), "")
	return v.Go(k.at("/duplicates"))
}

// two are the records that the address or the form names, as far as the person may see them.
func (k *kind) two(v *web.Visit) (one, other any, err error) {
	ids := v.Values()["id"]
	if len(ids) != 2 || ids[0] == ids[1] {
		return nil, nil, fault.New(fault.Invalid, "record.merge_two")
	}
	if one, err = k.one(v.Context(), v.DB, v.Person, ids[0], false); err != nil {
		return nil, nil, err
	}
	other, err = k.one(v.Context(), v.DB, v.Person, ids[1], false)
	return one, other, err
}

// MergePage is what the part record_merge draws: two records side by side, and of each field the one that stays.
type MergePage struct {
	web.Problems
	Heading, Lead, Action, Back, Verb, Swap string
	Kept, Gone                              Row
	KeptVersion, GoneVersion                int64
	Choices                                 []MergeChoice
	Same                                    []Detail // what the two have in common
}

// MergeChoice is a field that the two have differently.
type MergeChoice struct {
	Name, Label, Kept, Gone string
	TakesGone               bool
}

func (k *kind) showMerge(v *web.Visit) error {
	kept, gone, err := k.two(v)
	if err != nil {
		return k.chooseFirst(v, "", err)
	}
	return v.Page("record_merge", k.merging(v, kept, gone))
}

func (k *kind) merging(v *web.Visit, kept, gone any) *MergePage {
	one, other := k.of(kept), k.of(gone)
	p := &MergePage{
		Heading: v.T("record.merge_heading"), Lead: v.T("record.merge_lead", "n", keepDays), Action: k.at("/merge"), Back: k.at("/duplicates"),
		Verb: v.T(k.words + "merge"), Swap: k.mergeHref(other.ID, one.ID), Kept: k.row(kept), Gone: k.row(gone),
		KeptVersion: one.Version, GoneVersion: other.Version,
	}
	p.Kept.Small, p.Gone.Small = v.T("record.since", "date", v.Date(one.CreatedAt)), v.T("record.since", "date", v.Date(other.CreatedAt))
	for _, f := range k.mergeable() {
		mine, theirs := f.text(kept), f.text(gone)
		if mine == theirs {
			if mine != "" && !f.hidden {
				p.Same = append(p.Same, Detail{Label: v.T(f.Label), Cell: k.cell(v, f, kept)})
			}
			continue
		}
		takes := mine == "" || mine == "0"
		if asked := v.Form("take_" + f.Name); asked != "" {
			takes = asked == "gone"
		}
		p.Choices = append(p.Choices, MergeChoice{Name: f.Name, Label: v.T(f.Label), Kept: k.orNothing(v, f, mine), Gone: k.orNothing(v, f, theirs), TakesGone: takes})
	}
	v.Title(p.Heading)
	v.Crumb(v.T(k.rune+".name"), "/"+k.rune)
	v.Crumb(v.T("record.twins"), k.at("/duplicates"))
	v.Crumb(p.Heading, "")
	return p
}

func (k *kind) mergeTwo(v *web.Visit) error {
	kept, gone, err := k.two(v)
	if err != nil {
		return err
	}
	// What this person does not see is merged, too.
	all, err := k.entire(v.Context(), v.DB)
	if err != nil {
		return err
	}
	rec := all.preferred(kept, gone)
	for _, f := range k.mergeable() {
		switch v.Form("take_" + f.Name) {
		case "gone":
			f.put(rec, f.text(gone))
		case "kept":
			f.put(rec, f.text(kept))
		}
	}
	err = seen(v, "kept_version", k.of(kept).Version)
	if err == nil {
		err = seen(v, "gone_version", k.of(gone).Version)
	}
	if err == nil {
		err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return all.mergeInto(ctx, tx, kept, gone, rec) })
	}
	if err != nil {
		return v.Again("record_merge", k.merging(v, kept, gone), err)
	}
	v.Flash(v.T("record.merged", "gone", k.title(gone), "kept", k.title(rec)), "")
	return k.goTo(v, rec)
}

// seen refuses who chose among values that are others now.
func seen(v *web.Visit, name string, now int64) error {
	if v.Form(name) != strconv.FormatInt(now, 10) {
		return fault.New(fault.Invalid, "record.changed_meanwhile")
	}
	return nil
}

// takeApart makes two of a merge again.
func (k *kind) takeApart(v *web.Visit) error {
	since := clock.Text(clock.Now(v.Context()).AddDate(0, 0, -keepDays))
	merges, err := k.merges(v.Context(), v.DB, "id = ? AND merged_at >= ?", v.Param("merge"), since)
	if err != nil {
		return err
	}
	if len(merges) == 0 {
		return missing()
	}
	if _, err := k.one(v.Context(), v.DB, v.Person, merges[0].Kept, false); err != nil {
		return err
	}
	all, err := k.entire(v.Context(), v.DB)
	if err != nil {
		return err
	}
	var gone any
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		gone, err = all.split(ctx, tx, merges[0])
		return err
	})
	if err != nil {
		return err
	}
	v.Flash(v.T("record.unmerged", "name", k.title(gone)), "")
	return k.goTo(v, gone)
}
