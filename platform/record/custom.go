package record

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"runes.im/platform/identity"
	"runes.im/platform/store"
)

// Custom is embedded by nouns to which people may add fields of their own: its values stand in the column custom of
// the noun's table, a JSON object. Nobody changes the map of a record, so that a copied record shares it.
type Custom struct{ values map[string]any }

// Scan is what database/sql calls.
func (c *Custom) Scan(value any) error {
	var text sql.NullString
	if err := text.Scan(value); err != nil || !text.Valid || text.String == "{}" {
		return err
	}
	d := json.NewDecoder(strings.NewReader(text.String))
	d.UseNumber()
	return d.Decode(&c.values)
}

func (c *Custom) text(name string) string {
	switch value := c.values[name].(type) {
	case string:
		return value
	case bool:
		if value {
			return "1"
		}
	case json.Number:
		return value.String()
	case Money:
		return value.String()
	case map[string]any:
		return moneyOf(value).String()
	}
	return ""
}

func moneyOf(value map[string]any) Money {
	m := Money{Currency: fmt.Sprint(value["currency"])}
	if n, ok := value["amount"].(json.Number); ok {
		m.Amount, _ = n.Int64() // we have written it
	}
	return m
}

// put gives the record a map of its own.
func (c *Custom) put(name string, value any) {
	c.values = maps.Clone(c.values)
	if value == nil {
		delete(c.values, name)
		return
	}
	if c.values == nil {
		c.values = map[string]any{}
	}
	c.values[name] = value
}

func (c *Custom) stored() (string, error) {
	if len(c.values) == 0 {
		return "{}", nil
	}
	raw, err := json.Marshal(c.values)
	return string(raw), err
}

// addition is a field as people declare it.
type addition struct {
	Name, Label, Sort, Section, Help, Currency string
	Place, Version                             int64
	Need, Listed, Filters, Searched, Editors   bool
	Choices, Roles                             []string
	RemovedAt                                  string
	Translations                               map[string]Translation // by language
}

// What people may add to a noun: so many fields, and so many characters in their texts.
const (
	maxAdded  = 100
	maxLabel  = 80
	maxHelp   = 300
	maxChoice = 100
)

// addable are the kinds of those fields.
var addable = []string{"text", "long", "number", "date", "choice", "bool", "email", "phone", "url", "money"}

// sortable and filterable are the kinds that a list orders and filters by.
func (a *addition) sortable() bool { return a.Sort != "long" }

func (a *addition) filterable() bool { return a.Sort != "long" && a.Sort != "money" }

// forAll reports whether everybody who sees a record sees the field: only then is it searched, else a search would
// tell what the page does not.
func (a *addition) forAll() bool { return !a.Editors && len(a.Roles) == 0 }

// field is the addition as the engine knows fields, in the words of a language.
func (a *addition) field(k *kind, lang string) *Field {
	t := a.in(lang)
	f := &Field{
		Name: a.Name, Sort: a.Sort, Need: a.Need, Choices: a.Choices, Label: t.Label, index: k.custom, added: true, from: a,
		section: t.Section, hint: t.Help, choices: t.Choices, currency: a.Currency, roles: a.Roles, editors: a.Editors,
		list: a.Listed, sort: a.sortable(), filter: a.Filters && a.filterable(), search: a.Searched && a.forAll(), help: a.Help != "",
	}
	f.limit()
	f.column = a.column()
	return f
}

// column is the SQL of the value. Its name has nothing but small letters, digits and underscores.
func (a *addition) column() string {
	path, none := "$."+a.Name, "''"
	switch a.Sort {
	case "money":
		path += ".amount"
	case "bool":
		none = "0"
	}
	return "coalesce(json_extract(custom, '" + path + "'), " + none + ")"
}

// sees reports whether the person sees the field; nil is the house itself.
func (f *Field) sees(k *kind, p *identity.Person) bool {
	if p == nil || p.Owner || !f.editors && len(f.roles) == 0 {
		return true
	}
	return f.editors && p.Can(k.manage) || slices.ContainsFunc(p.Roles, func(role string) bool { return slices.Contains(f.roles, role) })
}

// whole is the noun with the fields that people added to it, as far as p sees them and in the words of p's language; nil
// is the house itself. Whatever works with the fields of a noun asks for this first, and all of them flow everywhere.
func (k *kind) whole(ctx context.Context, r store.Reader, p *identity.Person) (*kind, error) {
	if k.custom < 0 || k.isWhole {
		return k, nil
	}
	added, err := k.additions(ctx, r, "removed_at IS NULL")
	if err != nil {
		return nil, err
	}
	lang := ""
	if p != nil {
		lang = p.Locale
	}
	w := *k
	w.isWhole, w.bare, w.fields = true, k, slices.Clone(k.fields)
	for _, a := range added {
		if f := a.field(k, lang); f.sees(k, p) {
			w.fields = append(w.fields, f)
		}
	}
	return &w, nil
}

// entire is the noun with all fields, whoever asked for it.
func (k *kind) entire(ctx context.Context, r store.Reader) (*kind, error) {
	if k.bare != nil {
		k = k.bare
	}
	return k.whole(ctx, r, nil)
}

const additionColumns = "name, label, sort, section, place, help, need, listed, filters, searched, choices, currency, editors, roles, version, coalesce(removed_at, ''), translations"

// additions are the fields that people added, in their order. where is a condition of ours.
func (k *kind) additions(ctx context.Context, r store.Reader, where string, args ...any) ([]*addition, error) {
	rows, err := r.Query(ctx, "SELECT "+additionColumns+" FROM record_fields WHERE kind = ? AND "+where+" ORDER BY place, name", append([]any{k.key}, args...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []*addition
	for rows.Next() {
		a, choices, roles, translations := new(addition), "", "", ""
		err := rows.Scan(&a.Name, &a.Label, &a.Sort, &a.Section, &a.Place, &a.Help, &a.Need, &a.Listed, &a.Filters, &a.Searched, &choices,
			&a.Currency, &a.Editors, &roles, &a.Version, &a.RemovedAt, &translations)
		if err != nil {
			return nil, err
		}
		err = errors.Join(json.Unmarshal([]byte(choices), &a.Choices), json.Unmarshal([]byte(roles), &a.Roles), json.Unmarshal([]byte(translations), &a.Translations))
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return bySection(all), rows.Err()
}

// bySection brings the fields of a section together, where its first one stands.
func bySection(all []*addition) []*addition {
	first := map[string]int{}
	for i, a := range all {
		if _, known := first[a.Section]; !known {
			first[a.Section] = i
		}
	}
	slices.SortStableFunc(all, func(a, b *addition) int { return first[a.Section] - first[b.Section] })
	return all
}
