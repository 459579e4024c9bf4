package record

import (
	"reflect"
	"strconv"
	"strings"
)

// Field is one value of a noun, as its tag declares it: record:"city,max=80,list,search,sort,filter". The first word is
// its column and its name in forms and in the API, the others say what it is and where it shows up.
type Field struct {
	Name     string
	Sort     string // text, long, email, phone, url, country, choice, bool, date, number, ref
	Need     bool
	Min, Max int // characters; 0: no limit below, and 500 above (long: 10,000)
	Choices  []string
	Ref      string // kind of the record it points at
	Match    bool   // an import recognises a record by it
	Label    string // words key

	title, sub, list, hidden, search, sort, filter, half, fixed, help, derived bool

	index int
}

func (k *kind) readTags() {
	names := []string{"id", "version"}
	for i := range k.typ.NumField() {
		part := k.typ.Field(i)
		if part.Type == reflect.TypeFor[Base]() {
			k.base = i
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
		f.finish(k, part.Type.Kind())
		k.fields = append(k.fields, f)
		names = append(names, f.Name)
	}
	if k.typ.NumField() == 0 || k.typ.Field(k.base).Type != reflect.TypeFor[Base]() {
		k.wrong("the struct does not embed record.Base")
	}
	k.columns = strings.Join(append(names, "created_at", "created_by", "updated_at", "updated_by", "deleted_at", "deleted_with"), ", ")
}

func (f *Field) read(word string) bool {
	key, value, _ := strings.Cut(word, "=")
	switch key {
	case "long", "email", "phone", "url", "country", "bool", "date", "number":
		f.Sort = key
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
			"sort": &f.sort, "filter": &f.filter, "half": &f.half, "fixed": &f.fixed, "match": &f.Match, "help": &f.help, "derived": &f.derived,
		}
		if flags[key] == nil {
			return false
		}
		*flags[key] = true
	}
	return true
}

func (f *Field) finish(k *kind, is reflect.Kind) {
	want := map[string]reflect.Kind{"bool": reflect.Bool, "number": reflect.Int64}[f.Sort]
	if want == 0 {
		want = reflect.String
	}
	if is != want {
		k.wrong("field %s is a Go %s, want %s", f.Name, is, want)
	}
	if f.Max == 0 {
		f.Max = 500
		if f.Sort == "long" {
			f.Max = 10_000
		}
	}
	f.Label = k.words + f.Name
	f.hidden = f.hidden || f.derived
}

// in is the value of the field in a record.
func (f *Field) in(rec any) reflect.Value { return reflect.ValueOf(rec).Elem().Field(f.index) }

// text is the value as text: what forms, exports and comparisons use. A bool is "1" or nothing.
func (f *Field) text(rec any) string {
	switch v := f.in(rec); v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			return "1"
		}
		return ""
	case reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	default:
		return v.String()
	}
}

// plain is the value as JSON has it.
func (f *Field) plain(rec any) any { return f.in(rec).Interface() }

// put sets a value that clean has accepted.
func (f *Field) put(rec any, text string) {
	switch v := f.in(rec); v.Kind() {
	case reflect.Bool:
		v.SetBool(text == "1")
	case reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			n = 0 // an empty number
		}
		v.SetInt(n)
	default:
		v.SetString(text)
	}
}
