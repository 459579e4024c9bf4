package record

import (
	"context"
	"maps"
	"slices"
	"strings"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// FieldsPage is what the part record_fields draws: the fields that people added to a noun.
type FieldsPage struct {
	Heading, Lead, NewHref, Back string
	Sections                     []FieldSection
	Removed                      []FieldRow
	Full                         bool
}

// FieldSection is fields that stand together.
type FieldSection struct {
	Name string
	Rows []FieldRow
}

// FieldRow is one of them.
type FieldRow struct {
	Name, Label, Kind, Marks, Href, Until string
	First, Last                           bool
}

func (k *kind) showFields(v *web.Visit) error {
	if !v.Can(k.view) {
		return missing()
	}
	all, err := k.additions(v.Context(), v.DB, "removed_at IS NULL")
	if err != nil {
		return err
	}
	gone, err := k.additions(v.Context(), v.DB, "removed_at IS NOT NULL")
	if err != nil {
		return err
	}
	p := &FieldsPage{Heading: v.T("record.fields"), NewHref: k.at("/fields/new"), Back: k.at(""), Full: len(all)+len(gone) >= maxAdded}
	p.Lead = v.T("record.fields_lead", "what", v.T(k.words+"list_short"), "n", len(all), "max", maxAdded)
	for i, a := range all {
		row := k.fieldRow(v, a)
		row.First = i == 0 || all[i-1].Section != a.Section
		row.Last = i == len(all)-1 || all[i+1].Section != a.Section
		if row.First {
			p.Sections = append(p.Sections, FieldSection{Name: a.in(v.Lang()).Section})
		}
		last := &p.Sections[len(p.Sections)-1]
		last.Rows = append(last.Rows, row)
	}
	for _, a := range gone {
		row := k.fieldRow(v, a)
		if at, err := clock.Parse(a.RemovedAt); err == nil {
			row.Until = v.T("record.field_until", "date", v.Date(at.AddDate(0, 0, keepDays)))
		}
		p.Removed = append(p.Removed, row)
	}
	k.fieldCrumbs(v, "")
	return v.Page("record_fields", p)
}

func (k *kind) fieldRow(v *web.Visit, a *addition) FieldRow {
	var marks []string
	for _, m := range []struct {
		on  bool
		key string
	}{{a.Need, "need"}, {a.Listed, "listed"}, {a.Filters, "filters"}, {a.Searched, "searched"}, {!a.forAll(), "limited"}} {
		if m.on {
			marks = append(marks, v.T("record.field_"+m.key+"_mark"))
		}
	}
	return FieldRow{Name: a.Name, Label: a.in(v.Lang()).Label, Kind: v.T("record.kind_" + a.Sort), Marks: strings.Join(marks, ", "), Href: k.at("/fields/" + a.Name)}
}

func (k *kind) fieldCrumbs(v *web.Visit, name string) {
	v.Title(v.T("record.fields"))
	v.Crumb(v.T(k.rune+".name"), "/"+k.rune)
	v.Crumb(v.T(k.words+"list"), k.at(""))
	if name == "" {
		v.Crumb(v.T("record.fields"), "")
		return
	}
	v.Crumb(v.T("record.fields"), k.at("/fields"))
	v.Crumb(name, "")
	v.Title(name)
}

// FieldPage is what the part record_field draws: one field that somebody adds or changes.
type FieldPage struct {
	web.Problems
	Heading, Action, Back, Verb, RemoveHref string
	IsNew                                   bool
	*addition
	Kinds, Currencies, Sees []Option
	Seen                    string // all, editors, roles
	ChoiceLines             string
	Roles                   []ListChoice
	Sections                []string
	Languages               []Translated
	Translated              string // the languages that say something
	IsOpen                  bool   // something in a language is wrong
}

func (k *kind) fieldPage(v *web.Visit, a *addition) (*FieldPage, error) {
	p := &FieldPage{
		Heading: v.T("record.field_new"), Action: k.at("/fields/new"), Back: k.at("/fields"), Verb: v.T("record.field_add"),
		IsNew: a.Name == "", addition: a, Seen: reachAll, ChoiceLines: strings.Join(a.Choices, "\n"),
	}
	if !p.IsNew {
		p.Heading, p.Verb = v.T("record.field_edit", "name", a.in(v.Lang()).Label), v.T("record.field_save")
		p.Action = k.at("/fields/" + a.Name)
		p.RemoveHref = p.Action + "/remove"
	}
	for _, sort := range addable {
		p.Kinds = append(p.Kinds, Option{sort, v.T("record.kind_" + sort)})
	}
	p.Currencies = []Option{{Text: v.T("record.field_any_currency")}}
	for _, code := range currencies {
		p.Currencies = append(p.Currencies, Option{code, code})
	}
	for _, who := range []string{"all", "editors", "roles"} {
		p.Sees = append(p.Sees, Option{who, v.T("record.field_seen_" + who)})
	}
	if a.Editors {
		p.Seen = "editors"
	} else if len(a.Roles) > 0 {
		p.Seen = "roles"
	}
	roles, err := identity.RolesNamed(v.Context(), v.DB)
	if err != nil {
		return nil, err
	}
	for _, r := range roles {
		p.Roles = append(p.Roles, ListChoice{Option{r.ID, r.Name}, slices.Contains(a.Roles, r.ID)})
	}
	others, err := k.additions(v.Context(), v.DB, "removed_at IS NULL")
	for _, other := range others {
		if other.Section != "" && !slices.Contains(p.Sections, other.Section) {
			p.Sections = append(p.Sections, other.Section)
		}
	}
	p.Languages = a.inLanguages(v)
	var translated []string
	for _, l := range p.Languages {
		if !l.isEmpty() {
			translated = append(translated, l.Name)
		}
	}
	p.Translated = strings.Join(translated, ", ")
	k.fieldCrumbs(v, p.Heading)
	return p, err
}

func (k *kind) showNewField(v *web.Visit) error {
	if !v.Can(k.view) {
		return missing()
	}
	p, err := k.fieldPage(v, &addition{Sort: "text", Section: v.Query("section")})
	if err != nil {
		return err
	}
	return v.Page("record_field", p)
}

func (k *kind) showField(v *web.Visit) error {
	a, err := k.addition(v, "removed_at IS NULL")
	if err != nil {
		return err
	}
	p, err := k.fieldPage(v, a)
	if err != nil {
		return err
	}
	return v.Page("record_field", p)
}

// addition is the one of the address.
func (k *kind) addition(v *web.Visit, where string) (*addition, error) {
	if !v.Can(k.view) {
		return nil, missing()
	}
	all, err := k.additions(v.Context(), v.DB, "name = ? AND "+where, v.Param("field"))
	if err == nil && len(all) == 0 {
		err = missing()
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// read takes over what was written in the form, which showed the field as it was before, and says what is wrong with it.
func (a *addition) read(v *web.Visit, before *addition) error {
	form := fault.Form{}
	a.Label, a.Section, a.Help = tidy(v.Form("label"), false), tidy(v.Form("section"), false), tidy(v.Form("help"), false)
	if a.Name == "" {
		a.Sort = v.Form("sort")
	}
	a.Need, a.Listed, a.Filters, a.Searched = v.Form("need") != "", v.Form("listed") != "", v.Form("filters") != "", v.Form("searched") != ""
	form.Need(a.Label != "", "label", "record.need")
	for name, text := range map[string]string{"label": a.Label, "section": a.Section, "help": a.Help} {
		most := maxLabel
		if name == "help" {
			most = maxHelp
		}
		form.Need(len([]rune(text)) <= most, name, "record.long", "n", most)
	}
	form.Need(slices.Contains(addable, a.Sort), "sort", "record.choice")
	a.Choices = nil
	for line := range strings.Lines(v.Form("choices")) {
		if text := tidy(line, false); text != "" && !slices.Contains(a.Choices, text) && a.Sort == "choice" {
			a.Choices = append(a.Choices, text)
			form.Need(len([]rune(text)) <= maxChoice, "choices", "record.long", "n", maxChoice)
			form.Need(!strings.Contains(text, ","), "choices", "record.field_comma")
		}
	}
	form.Need(a.Sort != "choice" || len(a.Choices) > 0, "choices", "record.field_no_choice")
	form.Need(len(a.Choices) <= 200, "choices", "record.field_choices", "max", 200)
	a.readTranslations(v, before, &form)
	a.Currency = ""
	if a.Sort == "money" {
		a.Currency = v.Form("currency")
		form.Need(a.Currency == "" || isCurrency(a.Currency), "currency", "record.choice")
	}
	a.Editors, a.Roles = v.Form("seen") == "editors", nil
	if v.Form("seen") == "roles" {
		a.Roles = v.Values()["role"]
		form.Need(len(a.Roles) > 0, "seen", "record.field_no_role")
	}
	return form.Err()
}

func (k *kind) addField(v *web.Visit) error {
	if !v.Can(k.view) {
		return missing()
	}
	a := new(addition)
	return k.putField(v, a)
}

func (k *kind) saveField(v *web.Visit) error {
	a, err := k.addition(v, "removed_at IS NULL")
	if err != nil {
		return err
	}
	return k.putField(v, a)
}

func (k *kind) putField(v *web.Visit, a *addition) error {
	before := *a
	err := a.read(v, &before)
	if err == nil {
		err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return k.saveAddition(ctx, tx, &before, a) })
	}
	if err != nil {
		a.Name = before.Name
		p, broken := k.fieldPage(v, a)
		if broken != nil {
			return broken
		}
		p.Seen = v.Form("seen")
		if f := fault.Of(err); f != nil {
			p.IsOpen = slices.ContainsFunc(slices.Collect(maps.Keys(f.Problems)), func(input string) bool { return strings.Contains(input, "_") }) // label_de
		}
		return v.Again("record_field", p, err)
	}
	v.Flash(v.T("record.field_saved", "name", a.in(v.Lang()).Label), "")
	return v.Go(k.at("/fields"))
}

// moveField puts a field before or behind its neighbour.
func (k *kind) moveField(v *web.Visit) error {
	a, err := k.addition(v, "removed_at IS NULL")
	if err != nil {
		return err
	}
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return k.swapAddition(ctx, tx, a, v.Form("to") == "up") })
	if err != nil {
		return err
	}
	return v.Go(k.at("/fields"))
}

func (k *kind) showDropField(v *web.Visit) error {
	a, err := k.addition(v, "removed_at IS NULL")
	if err != nil {
		return err
	}
	n, err := k.count(v.Context(), v.DB, nil, Query{Where: a.field(k, "").column + " <> ''"})
	if err != nil {
		return err
	}
	p := &RemovePage{
		Heading: v.T("record.field_remove_one", "name", a.in(v.Lang()).Label), Text: v.T("record.field_remove_text", "what", v.T(k.words+"count", "n", n), "n", keepDays),
		Action: k.at("/fields/" + a.Name + "/remove"), Back: k.at("/fields"), Verb: v.T("record.field_remove"),
	}
	k.fieldCrumbs(v, p.Heading)
	return v.Page("record_remove", p)
}

func (k *kind) dropField(v *web.Visit) error {
	a, err := k.addition(v, "removed_at IS NULL")
	if err != nil {
		return err
	}
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return k.dropAddition(ctx, tx, a) })
	if err != nil {
		return err
	}
	v.Flash(v.T("record.field_removed", "name", a.in(v.Lang()).Label), k.at("/fields/"+a.Name+"/restore"))
	return v.Go(k.at("/fields"))
}

func (k *kind) restoreField(v *web.Visit) error {
	a, err := k.addition(v, "removed_at IS NOT NULL")
	if err != nil {
		return err
	}
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return k.reviveAddition(ctx, tx, a) })
	if err != nil {
		return err
	}
	v.Flash(v.T("record.field_restored", "name", a.in(v.Lang()).Label), "")
	return v.Go(k.at("/fields"))
}
