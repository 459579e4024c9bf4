package record

import (
	"context"
	"database/sql"
	"errors"
	"hash/fnv"
	"html/template"
	"slices"
	"strings"
	"time"
	"unicode"

	"runes.im/platform/audit"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// shown is a value as a person reads it.
func (k *kind) shown(v *web.Visit, f *Field, text string) string {
	switch {
	case text == "":
		return ""
	case f.Sort == "country":
		return countryName(v.Lang(), text)
	case f.Sort == "choice" && !f.added:
		return v.T(f.Label + "_" + text)
	case f.choices[text] != "":
		return f.choices[text]
	case f.Sort == "member":
		return memberName(v, text)
	case f.Sort == "money":
		m, _ := readMoney(text, f.currency) // we have written it
		return m.Shown(v.Lang())
	case f.Sort == "bool":
		return v.T("record.yes")
	case f.Sort == "url":
		return strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(text, "https://"), "http://"), "/")
	case f.Sort == "date":
		if day, err := time.Parse(time.DateOnly, text); err == nil {
			return v.Date(day.Add(12 * time.Hour)) // noon: the same day in almost every zone
		}
	}
	return text
}

// CountryName is the country's name in the person's language.
func CountryName(v *web.Visit, code string) string { return countryName(v.Lang(), code) }

// Detail is a line of a record's card. A section begins with its first line.
type Detail struct {
	Label, Section string
	Cell
}

// Details are the fields of a record that say something, for the part record_details.
func (n *Noun[T]) Details(v *web.Visit, rec *T) ([]Detail, error) {
	k, err := n.whole(v.Context(), v.DB, v.Person)
	if err != nil {
		return nil, err
	}
	var all []Detail
	section := ""
	for _, f := range k.fields {
		if f.text(rec) == "" || f.hidden {
			continue
		}
		d := Detail{Label: v.T(f.Label), Cell: k.cell(v, f, rec)}
		if f.section != section {
			section, d.Section = f.section, f.section
		}
		all = append(all, d)
	}
	return all, nil
}

// Stamps say who made the record and who changed it last, for the part record_details.
func (n *Noun[T]) Stamps(v *web.Visit, rec *T) []Detail {
	b := n.of(rec)
	line := func(key string, at time.Time, who string) Detail {
		name := v.T("record.the_house")
		if who != "" {
			name = memberName(v, who)
		}
		return Detail{Label: v.T(key), Cell: Cell{Text: v.T("record.stamp", "who", name, "when", v.When(at))}}
	}
	all := []Detail{line("record.created", b.CreatedAt, b.CreatedBy)}
	if b.UpdatedAt.After(b.CreatedAt) {
		all = append(all, line("record.changed", b.UpdatedAt, b.UpdatedBy))
	}
	return all
}

// Happened is a line of a record's history.
type Happened struct {
	Who, When, What string
	Face            Face
}

// History is what was done to a record, the newest first.
func (n *Noun[T]) History(v *web.Visit, id string, limit int) ([]Happened, error) {
	k, err := n.whole(v.Context(), v.DB, v.Person)
	if err != nil {
		return nil, err
	}
	lines, err := audit.About(v.Context(), v.DB, k.object(id), limit)
	if err != nil {
		return nil, err
	}
	var all []Happened
	for _, l := range lines {
		h := Happened{Who: l.Actor, When: v.When(l.At), Face: FaceOf(l.Actor, l.ActorID)}
		if h.Who == "" {
			h.Who = v.T("record.the_house")
		}
		if h.What = k.said(v, l); h.What != "" {
			all = append(all, h)
		}
	}
	return all, nil
}

// said is a line of the log as a sentence's end.
func (k *kind) said(v *web.Visit, l audit.Line) string {
	deed := strings.TrimPrefix(l.Action, k.key+"_")
	if deed != "updated" {
		return v.T("record.did_"+deed, "name", written(l.After["file"]))
	}
	var parts []string
	for _, f := range k.fields {
		is, ok := l.After[f.Name]
		if !ok {
			continue
		}
		parts = append(parts, k.saidField(v, f, l.Before[f.Name], is))
	}
	return strings.Join(parts, "; ")
}

func (k *kind) saidField(v *web.Visit, f *Field, was, is any) string {
	from, to := k.shown(v, f, written(was)), k.shown(v, f, written(is))
	label := v.T(f.Label)
	switch {
	case from == "":
		return v.T("record.did_set", "field", label, "to", to)
	case to == "":
		return v.T("record.did_clear", "field", label, "from", from)
	}
	return v.T("record.did_change", "field", label, "from", from, "to", to)
}

// written is a value of the log as text.
func written(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case bool:
		if value {
			return "1"
		}
		return ""
	case interface{ String() string }: // a number
		return value.String()
	}
	return ""
}

// FaceOf draws whoever has that name; the key gives the colour, always the same one.
func FaceOf(name, key string) Face {
	h := fnv.New32a()
	h.Write([]byte(key))
	f := Face{ID: key, Name: name, Hue: int(h.Sum32() % 12)}
	var letters []rune
	for _, word := range strings.Fields(name) {
		first := []rune(word)[0]
		if unicode.IsLetter(first) || unicode.IsDigit(first) {
			letters = append(letters, unicode.ToUpper(first))
		}
	}
	if len(letters) > 2 {
		letters = letters[:2]
	}
	f.Initials = string(letters)
	return f
}

// chosen are the columns that the person wants to see.
func (k *kind) chosen(v *web.Visit) ([]string, error) {
	var names string
	err := v.DB.QueryRow(v.Context(), `SELECT columns FROM record_lists WHERE member_id = ? AND kind = ?`, v.Person.ID, k.key).Scan(&names)
	if err == nil {
		return strings.Split(names, ","), nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	var usual []string
	for _, c := range k.available() {
		if c.usual {
			usual = append(usual, c.name)
		}
	}
	return usual, nil
}

// saveColumns remembers which columns the person wants; none of ours means the usual ones.
func (k *kind) saveColumns(v *web.Visit) error {
	var names []string
	for _, c := range k.available() {
		if slices.Contains(v.Values()["column"], c.name) {
			names = append(names, c.name)
		}
	}
	err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM record_lists WHERE member_id = ? AND kind = ?`, v.Person.ID, k.key); err != nil || v.Form("usual") != "" {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO record_lists (member_id, kind, columns) VALUES (?, ?, ?)`, v.Person.ID, k.key, strings.Join(names, ","))
		return err
	})
	if err != nil {
		return err
	}
	return v.Back()
}

// Call is the address that dials a number, empty for none.
func Call(phone string) template.URL {
	number := digits(phone)
	if number == "" {
		return ""
	}
	if strings.HasPrefix(phone, "+") {
		number = "+" + number
	}
	return template.URL("tel:" + number) // nothing but digits and a plus
}
