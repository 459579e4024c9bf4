package record

import (
	"context"
	"net/url"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// maxChosen is how many records one deed may take at once: a whole page.
const maxChosen = 100

// RemovePage is what the part record_remove draws.
type RemovePage struct {
	web.Problems
	Heading, Text, Action, Back, Verb string
	IDs                               []string
	Losses                            []Loss
	Type                              string // what must be typed
}

func (k *kind) showRemove(v *web.Visit) error {
	rec, err := k.one(v.Context(), v.DB, v.Person, v.Param("id"), false)
	if err != nil {
		return err
	}
	p, err := k.removal(v, rec)
	if err != nil {
		return err
	}
	return v.Page("record_remove", p)
}

func (k *kind) removal(v *web.Visit, rec any) (*RemovePage, error) {
	name := k.title(rec)
	p := &RemovePage{
		Heading: v.T("record.remove_one", "name", name), Text: v.T(k.words + "remove_text"), Verb: v.T(k.words + "delete"),
		Action: k.at("/" + k.of(rec).ID + "/remove"), Back: k.href(rec),
	}
	if k.typed {
		p.Type = name
	}
	if k.losses != nil {
		var err error
		if p.Losses, err = k.losses(v, rec); err != nil {
			return nil, err
		}
	}
	v.Title(p.Heading)
	v.Crumb(v.T(k.rune+".name"), "/"+k.rune)
	v.Crumb(name, p.Back)
	v.Crumb(v.T(k.words+"remove"), "")
	return p, nil
}

func (k *kind) removeOne(v *web.Visit) error {
	rec, err := k.one(v.Context(), v.DB, v.Person, v.Param("id"), false)
	if err != nil {
		return err
	}
	if k.typed && tidy(v.Form("typed"), false) != k.title(rec) {
		p, err := k.removal(v, rec)
		if err != nil {
			return err
		}
		form := fault.Form{}
		form.Need(false, "typed", "record.type_name", "name", k.title(rec))
		return v.Again("record_remove", p, form.Err())
	}
	back := k.at("")
	if href := k.href(rec); !strings.HasSuffix(href, k.of(rec).ID) {
		back = href // it was shown on another record's page
	}
	if err := k.removeAll(v, []any{rec}); err != nil {
		return err
	}
	return v.Go(back)
}

// chosenRecords are those that the address or the form names, as far as the person may see them.
func (k *kind) chosenRecords(v *web.Visit, bin bool) ([]any, error) {
	ids := v.Values()["id"]
	if len(ids) == 0 || len(ids) > maxChosen {
		return nil, fault.New(fault.Invalid, "record.choose", "max", maxChosen)
	}
	q := Query{IDs: ids, Bin: bin, Limit: maxChosen}
	if bin {
		q.Where = "deleted_with = ''" // what went along with another record comes back with it
	}
	return k.list(v.Context(), v.DB, v.Person, q)
}

// chooseFirst leads whoever chose too little or too much back to the list, and says there what to choose.
func (k *kind) chooseFirst(v *web.Visit, rest string, err error) error {
	if !fault.Is(err, fault.Invalid) {
		return err
	}
	f := fault.Of(err)
	v.Flash(v.T(f.Key, f.Args...), "")
	return v.Go(k.at(rest))
}

func (k *kind) showRemoveChosen(v *web.Visit) error {
	found, err := k.chosenRecords(v, false)
	if err != nil {
		return k.chooseFirst(v, "", err)
	}
	p := &RemovePage{
		Heading: v.T("record.remove_some", "what", v.T(k.words+"count", "n", len(found))), Text: v.T(k.words + "remove_text"),
		Verb: v.T("record.remove_verb"), Action: k.at("/remove"), Back: k.at(""),
	}
	for _, rec := range found {
		p.IDs = append(p.IDs, k.of(rec).ID)
		row := k.row(rec)
		p.Losses = append(p.Losses, Loss{Icon: k.icon, Text: row.Name, Note: row.Sub})
	}
	v.Title(p.Heading)
	return v.Page("record_remove", p)
}

func (k *kind) removeChosen(v *web.Visit) error {
	found, err := k.chosenRecords(v, false)
	if err != nil {
		return k.chooseFirst(v, "", err)
	}
	if err := k.removeAll(v, found); err != nil {
		return err
	}
	return v.Go(k.at(""))
}

// removeAll puts records into the bin and offers to take them out again.
func (k *kind) removeAll(v *web.Visit, all []any) error {
	err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		for _, rec := range all {
			if err := k.remove(ctx, tx, rec, ""); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || len(all) == 0 {
		return err
	}
	ids := url.Values{}
	for _, rec := range all {
		ids.Add("id", k.of(rec).ID)
	}
	undo := k.at("/restore?" + ids.Encode())
	if len(undo) > 2500 {
		undo = "" // a cookie would not hold it; the bin does
	}
	text := v.T("record.removed", "name", k.title(all[0]))
	if len(all) > 1 {
		text = v.T("record.removed_some", "what", v.T(k.words+"count", "n", len(all)))
	}
	v.Flash(text, undo)
	return nil
}

// BinPage is what the part record_bin draws.
type BinPage struct {
	Heading, Lead, Action, Back, Kind string
	Rows                              []BinRow
	Shown, Prev, Next                 string
}

// BinRow is a record in the bin.
type BinRow struct {
	Row
	When string
}

func (k *kind) showBin(v *web.Visit) error {
	s, err := k.asked(v)
	if err != nil {
		return err
	}
	s.Bin, s.Sort, s.Down, s.Where = true, "deleted_at", true, "deleted_with = ''"
	total, err := k.count(v.Context(), v.DB, v.Person, s.Query)
	if err != nil {
		return err
	}
	found, err := k.list(v.Context(), v.DB, v.Person, s.Query)
	if err != nil {
		return err
	}
	p := &BinPage{Heading: v.T("record.bin"), Lead: v.T("record.bin_lead", "n", keepDays), Action: k.at("/bin"), Back: k.at(""), Kind: k.key}
	for _, rec := range found {
		p.Rows = append(p.Rows, BinRow{Row: k.row(rec), When: v.When(k.of(rec).DeletedAt)})
	}
	pager := &ListPage{}
	k.fillPager(v, pager, s, total, len(found))
	p.Shown = pager.Shown
	p.Prev, p.Next = strings.Replace(pager.Prev, k.at(""), k.at("/bin"), 1), strings.Replace(pager.Next, k.at(""), k.at("/bin"), 1)
	v.Title(p.Heading)
	v.Crumb(v.T(k.rune+".name"), "/"+k.rune)
	v.Crumb(v.T(k.words+"list"), k.at(""))
	v.Crumb(p.Heading, "")
	return v.Page("record_bin", p)
}

func (k *kind) restoreChosen(v *web.Visit) error {
	if err := k.eachChosen(v, k.restore); err != nil {
		return err
	}
	return v.Go(k.at(""))
}

func (k *kind) showPurge(v *web.Visit) error {
	found, err := k.chosenRecords(v, true)
	if err != nil {
		return k.chooseFirst(v, "/bin", err)
	}
	p := &RemovePage{
		Heading: v.T("record.purge_some", "what", v.T(k.words+"count", "n", len(found))), Text: v.T("record.purge_text"),
		Verb: v.T("record.purge_verb"), Action: k.at("/purge"), Back: k.at("/bin"),
	}
	for _, rec := range found {
		p.IDs = append(p.IDs, k.of(rec).ID)
		p.Losses = append(p.Losses, Loss{Icon: k.icon, Text: k.title(rec)})
	}
	v.Title(p.Heading)
	return v.Page("record_remove", p)
}

func (k *kind) purgeChosen(v *web.Visit) error {
	if err := k.eachChosen(v, k.purge); err != nil {
		return err
	}
	return v.Go(k.at("/bin"))
}

// eachChosen does a deed to records of the bin, all of them or none.
func (k *kind) eachChosen(v *web.Visit, do func(context.Context, *store.Tx, any) error) error {
	if ids := v.Request.URL.Query()["id"]; len(v.Values()["id"]) == 0 {
		v.Values()["id"] = ids // the Undo of a toast is an address
	}
	found, err := k.chosenRecords(v, true)
	if err != nil {
		return err
	}
	return v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		for _, rec := range found {
			if err := do(ctx, tx, rec); err != nil {
				return err
			}
		}
		return nil
	})
}
