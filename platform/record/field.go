package record

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
)

// Field is one value of a noun, as its tag declares it: record:"city,max=80,list,search,sort,filter". The first word is
// its column and its name in forms and in the API, the others say what it is and where it shows up.
type Field struct {
	Name     string
	Sort     string // text, long, email, phone, url, country, choice, bool, date, number, money, member, ref
	Need     bool
	Min, Max int // characters; 0: no limit below, and 500 above (long: 10,000)
	Choices  []string
	Ref      string // kind of the record it points at
	Match    bool   // an import recognises a record by it
	Label    string // words key; of a field that people added its name in the reader's language, which reads as itself

	title, sub, list, hidden, search, sort, filter, half, fixed, help, derived, tokens bool
	maker                                                                              bool // empty means: whoever made the record

	index  int    // in the struct: of the field, or of Custom for one that people added
	column string // what SQL calls it

	added                   bool              // by people, in this organisation
	from                    *addition         // as they declared it
	choices                 map[string]string // choices in the reader's language, where it has them
	section, hint, currency string
	roles                   []string // who sees it; none: whoever sees the record
	editors                 bool     // whoever may change the record sees it
}

func (k *kind) readTags() {
	names := []string{"id", "version"}
	k.custom = -1
	for i := range k.typ.NumField() {
		part := k.typ.Field(i)
		if part.Type == reflect.TypeFor[Base]() {
			k.base = i
			continue
		}
		if part.Type == reflect.TypeFor[Custom]() {
			k.custom = i
			continue
		}
		tag, ok := part.Tag.Lookup("record")
		if !ok {
			continue
		}
		f := &Field{index: i, Sort: "text"}
		for n, word := range strings.Split(tag, ",") {
			if n == 0 {
				f.Name = word
				continue
			}
			if !f.read(word) {
				k.wrong("field %s: %q means nothing", f.Name, word)
			}
		}
		f.finish(k, part.Type)
		k.fields = append(k.fields, f)
		names = append(names, f.columns()...)
	}
	if k.typ.NumField() == 0 || k.typ.Field(k.base).Type != reflect.TypeFor[Base]() {
		k.wrong("the struct does not embed record.Base")
	}
	if k.custom >= 0 {
		names = append(names, "custom")
	}
	k.columns = strings.Join(append(names, "created_at", "created_by", "updated_at", "updated_by", "deleted_at", "deleted_with"), ", ")
}

func (f *Field) read(word string) bool {
	key, value, _ := strings.Cut(word, "=")
	switch key {
	case "long", "email", "phone", "url", "country", "bool", "date", "number", "member":
		f.Sort = key
	case "money":
		f.Sort, f.currency = key, value
	case "choice":
		f.Sort, f.Choices = key, strings.Split(value, "|")
	case "ref":
		f.Sort, f.Ref = key, value
	case "min":
		f.Min, _ = strconv.Atoi(value)
	case "max":
		f.Max, _ = strconv.Atoi(value)
	default:
		flags := map[string]*bool{
			"need": &f.Need, "title": &f.title, "sub": &f.sub, "list": &f.list, "hidden": &f.hidden, "search": &f.search,
			"sort": &f.sort, "filter": &f.filter, "half": &f.half, "fixed": &f.fixed, "match": &f.Match, "help": &f.help, "tokens": &f.tokens, "derived": &f.derived, "maker": &f.maker,
		}
		if flags[key] == nil {
			return false
		}
		*flags[key] = true
	}
	return true
}

func (f *Field) finish(k *kind, is reflect.Type) {
	want := map[string]reflect.Type{"bool": reflect.TypeFor[bool](), "number": reflect.TypeFor[int64](), "money": reflect.TypeFor[Money]()}[f.Sort]
	if want == nil {
		want = reflect.TypeFor[string]()
	}
	if is != want {
		k.wrong("field %s is a Go %s, want %s", f.Name, is, want)
	}
	f.limit()
	f.Label, f.column = k.words+f.Name, f.Name
	f.hidden = f.hidden || f.derived
	if f.Sort == "member" {
		k.refs[f.Name] = memberRef
	}
}

func (f *Field) limit() {
	if f.Max == 0 {
		f.Max = 500
		if f.Sort == "long" {
			f.Max = 10_000
		}
	}
}

// columns are those of the table: an amount of money has its currency beside it.
func (f *Field) columns() []string {
	if f.Sort == "money" {
		return []string{f.Name, f.Name + "_currency"}
	}
	return []string{f.Name}
}

// stored are the values of those columns.
func (f *Field) stored(rec any) []any {
	if f.Sort == "money" {
		m := f.in(rec).Interface().(Money)
		return []any{m.Amount, m.Currency}
	}
	return []any{f.bound(f.text(rec))}
}

// into are the places that a row's columns are read into.
func (f *Field) into(rec any) []any {
	if f.Sort == "money" {
		m := f.in(rec).Addr().Interface().(*Money)
		return []any{&m.Amount, &m.Currency}
	}
	return []any{f.in(rec).Addr().Interface()}
}

// in is the value of the field in a record.
func (f *Field) in(rec any) reflect.Value { return reflect.ValueOf(rec).Elem().Field(f.index) }

// more are the values of a record for the fields that people added.
func (f *Field) more(rec any) *Custom { return f.in(rec).Addr().Interface().(*Custom) }

// text is the value as text: what forms, exports and comparisons use. A bool is "1" or nothing.
func (f *Field) text(rec any) string {
	if f.added {
		return f.more(rec).text(f.Name)
	}
	switch v := f.in(rec).Interface().(type) {
	case bool:
		if v {
			return "1"
		}
		return ""
	case int64:
		return strconv.FormatInt(v, 10)
	case Money:
		return v.String()
	case string:
		return v
	}
	return ""
}

// plain is the value as JSON has it.
func (f *Field) plain(rec any) any {
	if !f.added {
		return f.in(rec).Interface()
	}
	value, there := f.more(rec).values[f.Name]
	switch {
	case there:
		return value
	case f.Sort == "bool":
		return false
	case f.Sort == "number":
		return nil
	case f.Sort == "money":
		return Money{}
	}
	return ""
}

// logged is the value as the log keeps it.
func (f *Field) logged(rec any) any {
	if f.Sort == "money" {
		return f.text(rec)
	}
	return f.plain(rec)
}

// put sets a value that clean has accepted.
func (f *Field) put(rec any, text string) {
	if f.added {
		f.more(rec).put(f.Name, f.typed(text))
		return
	}
	switch to := f.in(rec).Addr().Interface().(type) {
	case *bool:
		*to = text == "1"
	case *int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			n = 0 // an empty number
		}
		*to = n
	case *Money:
		*to, _ = readMoney(text, f.currency) // clean has read it before
	case *string:
		*to = text
	}
}

// amount is money as its column sorts it; nothing for no money.
func (f *Field) amount(rec any) string {
	if f.text(rec) == "" && f.added {
		return ""
	}
	m, _ := readMoney(f.text(rec), f.currency)
	return strconv.FormatInt(m.Amount, 10)
}

// typed is the text as a value of JSON; nil for nothing.
func (f *Field) typed(text string) any {
	switch {
	case text == "":
		return nil
	case f.Sort == "bool":
		return true
	case f.Sort == "number":
		return json.Number(text)
	case f.Sort == "money":
		m, _ := readMoney(text, f.currency)
		return m
	}
	return text
}
