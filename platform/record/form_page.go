package record

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"runes.im/data"
	"runes.im/platform/audit"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// FormPage is what the part record_form draws.
type FormPage struct {
	web.Problems
	Heading, Action, Back, Verb string
	Version                     int64
	Inputs                      []Input
	Question                    string // to be answered by saving again
	Conflicts                   int
}

// Input is one field of a form.
type Input struct {
	Name, Label, Type, Value, Help  string
	Sort                            string
	Rows, Max                       int
	Required, Checked, Half, Hidden bool
	Tokens                          bool   // the text may hold [[ tokens ]]
	Kind                            string // of the record that is chosen
	Options                         []Option
	Section                         string // begins with this field
	Currency                        string // of money
	Mine, Theirs                    string // of a conflict, as people read them
}

// Option is a choice of a list.
type Option struct{ Value, Text string }

func (k *kind) showNew(v *web.Visit) error {
	rec := k.fresh()
	for _, f := range k.given() { // an address may fill fields: ?company=…
		if given := v.Query(f.Name); given != "" {
			f.put(rec, f.clean(given, new(fault.Form)))
		}
	}
	page, err := k.form(v, nil, rec)
	if err != nil {
		return err
	}
	return v.Page("record_form", page)
}

func (k *kind) add(v *web.Visit) error {
	rec := k.fresh()
	err := k.fill(v, rec, true)
	page, broken := k.form(v, nil, rec)
	if broken != nil {
		return broken
	}
	if err != nil {
		page.asTyped(v)
	}
	if err == nil {
		err = k.agreed(v, page, nil, rec)
	}
	if err == nil {
		err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return k.create(ctx, tx, rec) })
	}
	if err != nil {
		return v.Again("record_form", page, err)
	}
	v.Flash(v.T("record.added", "name", k.title(rec)), "")
	return k.goTo(v, rec)
}

func (k *kind) showEdit(v *web.Visit) error {
	rec, err := k.one(v.Context(), v.DB, v.Person, v.Param("id"), false)
	if err != nil {
		return err
	}
	page, err := k.form(v, rec, rec)
	if err != nil {
		return err
	}
	return v.Page("record_form", page)
}

func (k *kind) edit(v *web.Visit) error {
	before, err := k.one(v.Context(), v.DB, v.Person, v.Param("id"), false)
	if err != nil {
		return err
	}
	rec := k.copyOf(before)
	err = k.fill(v, rec, false)
	page, broken := k.form(v, before, rec)
	if broken != nil {
		return broken
	}
	if err != nil {
		page.asTyped(v)
	}
	if err == nil {
		err = k.merge(v, page, before, rec)
	}
	if err == nil {
		err = k.agreed(v, page, before, rec)
	}
	if err == nil {
		err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return k.change(ctx, tx, before, rec) })
	}
	if err != nil {
		return v.Again("record_form", page, err)
	}
	v.Flash(v.T("record.saved", "name", k.title(rec)), "")
	return k.goTo(v, rec)
}

// goTo shows the record; who gave it away and does not see it any more is led to the list.
func (k *kind) goTo(v *web.Visit, rec any) error {
	if k.scope != nil {
		in, err := k.inScope(v.Context(), v.DB, v.Person, k.of(rec).ID)
		if err != nil {
			return err
		}
		if !in {
			return v.Go(k.at(""))
		}
	}
	return v.Go(k.href(rec))
}

// asTyped keeps what was typed, also where it is no number, no amount and no day.
func (p *FormPage) asTyped(v *web.Visit) {
	for i := range p.Inputs {
		in := &p.Inputs[i]
		posted := v.Values()[in.Name]
		if len(posted) == 0 || in.Sort == "bool" {
			continue
		}
		in.Value = posted[len(posted)-1]
		if code, given := v.Values()[in.Name+"_currency"]; given && in.Sort == "money" {
			in.Currency = code[len(code)-1]
		}
	}
}

// fill takes the posted values over. A fixed field is set once.
func (k *kind) fill(v *web.Visit, rec any, isNew bool) error {
	form := fault.Form{}
	for _, f := range k.given() {
		posted, given := v.Values()[f.Name]
		missed := !given && f.Sort != "bool" && !(isNew && f.Need)
		if f.fixed && !isNew || missed {
			continue
		}
		text := ""
		if given {
			text = posted[len(posted)-1]
		}
		if code := v.Form(f.Name + "_currency"); f.Sort == "money" && text != "" && code != "" {
			text = code + " " + text
		}
		if f.added && text != "" && text == f.text(rec) {
			continue // a choice that is none any more may stay
		}
		f.put(rec, f.clean(text, &form))
	}
	return form.Err()
}

// agreed asks the noun's question unless the person has just answered it by saving again.
func (k *kind) agreed(v *web.Visit, page *FormPage, before, rec any) error {
	q, err := k.ask(v.Context(), v.DB, before, rec)
	if err != nil || q == nil {
		return err
	}
	page.Question = v.T(q.Key, q.Args...)
	if v.Form("sure") == page.Question {
		return nil
	}
	return fault.New(fault.Invalid, q.Key, q.Args...)
}

// merge settles what somebody else changed while this form was open. A field that only one of the two touched is no
// question; one that both touched is: both values are shown, and the person chooses.
func (k *kind) merge(v *web.Visit, page *FormPage, before, rec any) error {
	now := k.of(before).Version
	seen, err := strconv.ParseInt(v.Form("version"), 10, 64)
	if err != nil {
		return fault.New(fault.Malformed, "web.malformed")
	}
	for _, f := range k.given() {
		if v.Form("take_"+f.Name) == "theirs" {
			f.put(rec, f.text(before))
			k.retype(v, page.Inputs, f, rec)
		}
	}
	if seen >= now {
		return nil
	}
	lines, err := k.since(v, k.of(before).ID, seen)
	if err != nil {
		return err
	}
	form := fault.Form{}
	for _, f := range k.given() {
		base, last := changedSince(lines, f.Name)
		mine, theirs := f.text(rec), f.text(before)
		switch {
		case last == nil || mine == theirs:
		case mine == base:
			f.put(rec, theirs)
			k.retype(v, page.Inputs, f, rec)
		default:
			page.Conflicts++
			for i := range page.Inputs {
				if page.Inputs[i].Name == f.Name {
					page.Inputs[i].Mine, page.Inputs[i].Theirs = k.orNothing(v, f, mine), k.orNothing(v, f, theirs)
				}
			}
			form.Need(false, f.Name, "record.conflict", "who", last.Actor, "from", k.orNothing(v, f, base),
				"to", k.orNothing(v, f, theirs), "time", v.Time(last.At))
		}
	}
	if err := form.Err(); err != nil {
		f := fault.Of(err)
		f.Key = "record.conflicts"
		return f
	}
	return nil
}

func (k *kind) retype(v *web.Visit, typed []Input, f *Field, rec any) {
	for i := range typed {
		if typed[i].Name == f.Name {
			options := typed[i].Options
			typed[i] = k.input(v, f, rec)
			typed[i].Options = options
		}
	}
}

func (k *kind) orNothing(v *web.Visit, f *Field, text string) string {
	if shown := k.shown(v, f, text); shown != "" {
		return shown
	}
	return v.T("record.nothing")
}

// since are the log's lines about changes after a version, the oldest first.
func (k *kind) since(v *web.Visit, id string, version int64) ([]audit.Line, error) {
	lines, err := audit.About(v.Context(), v.DB, k.object(id), 200)
	if err != nil {
		return nil, err
	}
	lines = slices.DeleteFunc(lines, func(l audit.Line) bool {
		n, err := strconv.ParseInt(fmt.Sprint(l.After["version"]), 10, 64)
		return err != nil || n <= version
	})
	slices.Reverse(lines)
	return lines, nil
}

// changedSince is a field's value before the lines, and the last line that changed it; nil when none did.
func changedSince(lines []audit.Line, name string) (base string, last *audit.Line) {
	for i := range lines {
		was, ok := lines[i].Before[name]
		if !ok {
			continue
		}
		if last == nil {
			base = written(was)
		}
		last = &lines[i]
	}
	return base, last
}

// form is the page of a new record (before is nil) or of a change.
func (k *kind) form(v *web.Visit, before, rec any) (*FormPage, error) {
	p := &FormPage{Heading: v.T(k.words + "new"), Action: k.at("/new"), Back: k.at(""), Verb: v.T(k.words + "add")}
	v.Crumb(v.T(k.rune+".name"), "/"+k.rune)
	if before != nil {
		b := k.of(before)
		p.Heading, p.Verb, p.Version = v.T(k.words+"edit"), v.T(k.words+"update"), b.Version
		p.Action, p.Back = k.at("/"+b.ID+"/edit"), k.href(before)
		v.Crumb(k.title(before), p.Back)
	}
	v.Crumb(p.Heading, "")
	v.Title(p.Heading)
	var err error
	p.Inputs, err = k.inputs(v, rec, before == nil)
	return p, err
}

func (k *kind) inputs(v *web.Visit, rec any, isNew bool) ([]Input, error) {
	var all []Input
	section := ""
	for _, f := range k.given() {
		if f.fixed && !isNew {
			continue
		}
		in := k.input(v, f, rec)
		if offer := k.options[f.Name]; offer != nil {
			choices, err := offer(v)
			if err != nil {
				return nil, err
			}
			in.Options = []Option{{}}
			if in.Value != "" && !slices.Contains(choices, in.Value) {
				choices = append(choices, in.Value)
			}
			for _, choice := range choices {
				in.Options = append(in.Options, Option{choice, choice})
			}
		}
		if f.Sort == "ref" && !in.Hidden {
			var err error
			if in.Kind = f.Ref; in.Options == nil {
				in.Options, err = newest(v, f.Ref, in.Value)
			}
			if err != nil {
				return nil, err
			}
		}
		if f.Sort == "member" {
			var err error
			if in.Options, err = memberOptions(v, in.Value); err != nil {
				return nil, err
			}
		}
		if f.section != section {
			section, in.Section = f.section, f.section
		}
		all = append(all, in)
	}
	return all, nil
}

var inputTypes = map[string]string{"email": "email", "phone": "tel", "date": "date", "number": "number"}

func (k *kind) input(v *web.Visit, f *Field, rec any) Input {
	in := Input{Name: f.Name, Label: v.T(f.Label), Value: f.text(rec), Sort: f.Sort, Max: f.Max, Required: f.Need, Half: f.half, Tokens: f.tokens, Type: "text"}
	if t := inputTypes[f.Sort]; t != "" {
		in.Type = t
	}
	if f.help {
		in.Help = v.T(f.Label + "_help")
	}
	if f.added {
		in.Help = f.hint
	}
	switch {
	case f.fixed && (in.Value != "" || f.Sort != "choice" && f.Sort != "ref"):
		in.Hidden = true
	case f.Sort == "long":
		in.Rows = 4
	case f.Sort == "bool":
		in.Checked = in.Value == "1"
	case f.Sort == "country":
		in.Options = countryOptions(v)
	case f.Sort == "choice":
		in.Options = []Option{{}}
		for _, value := range f.Choices {
			in.Options = append(in.Options, Option{value, k.shown(v, f, value)})
		}
		if in.Value != "" && !slices.Contains(f.Choices, in.Value) {
			in.Options = append(in.Options, Option{in.Value, k.shown(v, f, in.Value)})
		}
	case f.Sort == "money":
		if m, ok := readMoney(in.Value, f.currency); ok {
			in.Value, in.Currency = m.decimal(), m.Currency
		}
		if in.Currency == "" {
			in.Currency = f.currency
		}
		in.Options = []Option{{}}
		for _, code := range currencies {
			in.Options = append(in.Options, Option{code, code})
		}
	case f.Sort == "number" && f.added:
		in.Type = "text" // a browser's number field knows whole numbers alone
	}
	return in
}

func countryOptions(v *web.Visit) []Option {
	options := make([]Option, 0, 250)
	for _, c := range data.Countries() {
		options = append(options, Option{c.Code, c.Names[v.Lang()]})
	}
	slices.SortFunc(options, func(a, b Option) int { return strings.Compare(fold(a.Text), fold(b.Text)) })
	return append([]Option{{}}, options...)
}
