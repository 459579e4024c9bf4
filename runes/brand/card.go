package brand

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"html/template"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/identity"
	"runes.im/platform/slot"
	"runes.im/platform/store"
)

// card is somebody's business card. The name is that of the account; the rest is what they typed here.
type card struct {
	Member string
	Token  string // its public address; 128 random bits
	On     bool
	Values map[string]string // by field
	Shown  map[string]bool   // fields on the public page
}

// cardFields are the fields of a card, in their order.
var cardFields = []string{"job_title", "department", "email", "phone", "mobile", "website", "address", "profile"}

// cardLines and their kind: how a field is checked and where it leads.
var cardKinds = map[string]string{"email": "email", "phone": "tel", "mobile": "tel", "website": "url", "profile": "url"}

// cardIcons stand beside the lines of the public page.
var cardIcons = map[string]string{
	"email": "mail", "phone": "phone", "mobile": "smartphone", "website": "globe", "address": "map-pin", "profile": "link",
}

const maxCardValue = 200

// cardOf is the card of a person. Who never had one gets an empty one that is off.
func cardOf(ctx context.Context, r store.Reader, p *identity.Person) (*card, error) {
	c, err := readCard(ctx, r, "member = ?", p.ID)
	if err != nil || c != nil {
		return c, err
	}
	return &card{
		Member: p.ID, Values: map[string]string{"email": p.Email},
		Shown: map[string]bool{"job_title": true, "department": true, "email": true, "phone": true, "website": true},
	}, nil
}

// readCard is the card that the condition finds, or nil.
func readCard(ctx context.Context, r store.Reader, where, arg string) (*card, error) {
	c := new(card)
	var values, shown string
	err := r.QueryRow(ctx, `SELECT member, token, is_on, fields, shown FROM brand_cards WHERE `+where, arg).Scan(&c.Member, &c.Token, &c.On, &values, &shown)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err == nil {
		err = errors.Join(json.Unmarshal([]byte(values), &c.Values), json.Unmarshal([]byte(shown), &c.Shown))
	}
	return c, err
}

// check holds a card against what the organisation asks of every card.
func (c *card) check(needed []string) error {
	f := fault.Form{}
	for _, field := range cardFields {
		value := c.Values[field]
		f.Need(utf8.RuneCountInString(value) <= maxCardValue, field, "brand.card.too_long", "max", maxCardValue)
		f.Need(!strings.ContainsFunc(value, func(r rune) bool { return r < ' ' }), field, "brand.card.too_long", "max", maxCardValue)
		if slices.Contains(needed, field) {
			f.Need(value != "", field, "brand.card.needed")
			c.Shown[field] = true
		}
		switch {
		case value == "":
		case cardKinds[field] == "email":
			address, err := mail.ParseAddress(value)
			f.Need(err == nil && address.Address == value, field, "brand.card.email_form")
		case cardKinds[field] == "tel":
			f.Need(strings.Trim(value, "+0123456789 ()/.-") == "" && strings.ContainsAny(value, "0123456789"), field, "brand.card.phone_form")
		case cardKinds[field] == "url":
			f.Need(isSecureWeb(value), field, "brand.card.url_form")
		}
	}
	return f.Err()
}

func isSecureWeb(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil
}

// save keeps a card; its address stays the same for life, printed codes lead there.
func (c *card) save(ctx context.Context, tx *store.Tx) error {
	if c.Token == "" {
		c.Token = id.Secret(16)
	}
	values, err := json.Marshal(c.Values)
	if err != nil {
		return err
	}
	shown, err := json.Marshal(c.Shown)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO brand_cards (member, token, is_on, fields, shown, changed_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (member) DO UPDATE SET is_on = excluded.is_on, fields = excluded.fields, shown = excluded.shown, changed_at = excluded.changed_at`,
		c.Member, c.Token, c.On, string(values), string(shown), clock.Text(clock.Now(ctx)))
	return err
}

// line is one line of a card for people.
type line struct {
	Field, Icon, Text string
	Href              template.URL // mailto, tel or https, built from a checked value
}

// lines are the fields that are shown, without the job and the department, which stand under the name.
func (c *card) lines() []line {
	var all []line
	for _, field := range cardFields {
		value := c.Values[field]
		if value == "" || !c.Shown[field] || cardIcons[field] == "" {
			continue
		}
		l := line{Field: field, Icon: cardIcons[field], Text: value}
		switch cardKinds[field] {
		case "email":
			l.Href = template.URL("mailto:" + value)
		case "tel":
			l.Href = template.URL("tel:" + strings.Map(func(r rune) rune {
				if strings.ContainsRune("+0123456789", r) {
					return r
				}
				return -1
			}, value))
		case "url":
			l.Text = strings.TrimSuffix(strings.TrimPrefix(value, "https://"), "/")
			if isSecureWeb(value) { // a refused form comes back with a preview of what was typed
				l.Href = template.URL(value)
			}
		}
		all = append(all, l)
	}
	return all
}

// shown is a value that the public page shows, else nothing.
func (c *card) shown(field string) string {
	if !c.Shown[field] {
		return ""
	}
	return c.Values[field]
}

// job is what somebody is, under their name.
func (c *card) job() string {
	return strings.Join(slices.DeleteFunc([]string{c.shown("job_title"), c.shown("department")}, func(s string) bool { return s == "" }), ", ")
}

// vcard is the card as vCard 4.0 (RFC 6350): what a phone's address book takes.
func (c *card) vcard(name, company, page string) string {
	var b strings.Builder
	first, last := name, ""
	if at := strings.LastIndexByte(name, ' '); at > 0 {
		first, last = name[:at], name[at+1:]
	}
	line := func(property string, parts ...string) {
		if strings.Join(parts, "") == "" {
			return
		}
		for i := range parts {
			parts[i] = vcardText.Replace(parts[i])
		}
		foldLine(&b, property+":"+strings.Join(parts, ";"))
	}
	b.WriteString("BEGIN:VCARD\r\nVERSION:4.0\r\n")
	line("FN", name)
	line("N", last, first, "", "", "")
	line("ORG", company, c.shown("department"))
	line("TITLE", c.shown("job_title"))
	line("EMAIL;TYPE=work", c.shown("email"))
	line("TEL;TYPE=work,voice", c.shown("phone"))
	line("TEL;TYPE=work,cell", c.shown("mobile"))
	line("ADR;TYPE=work", "", "", c.shown("address"), "", "", "", "")
	line("URL", c.shown("website"))
	line("URL", c.shown("profile"))
	line("SOURCE", page)
	b.WriteString("END:VCARD\r\n")
	return b.String()
}

var vcardText = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`)

// foldLine breaks a line after 75 bytes at most, never inside a letter.
func foldLine(b *strings.Builder, line string) {
	for limit := 75; len(line) > limit; limit = 74 {
		at := limit
		for !utf8.RuneStart(line[at]) {
			at--
		}
		b.WriteString(line[:at] + "\r\n ")
		line = line[at:]
	}
	b.WriteString(line + "\r\n")
}

// cardData is what a card says about somebody: they get a copy of it, and it ends with them.
var cardData = slot.Personal{
	Title: "brand.card.template",
	Export: func(ctx context.Context, r store.Reader, s slot.Subject) (any, error) {
		c, err := readCard(ctx, r, "member = ?", s.Member)
		if err != nil || c == nil {
			return nil, err
		}
		return map[string]any{"fields": c.Values, "shown": c.Shown, "online": c.On, "address": "/c/" + c.Token}, nil
	},
	Erase: func(ctx context.Context, tx *store.Tx, s slot.Subject) error {
		_, err := tx.Exec(ctx, `DELETE FROM brand_cards WHERE member = ?`, s.Member)
		return err
	},
}

// neededFields are those that the organisation asks of every card.
func neededFields(ctx context.Context, r store.Reader) ([]string, error) {
	var raw string
	err := r.QueryRow(ctx, `SELECT needed FROM brand_card_template`).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	var needed []string
	if err == nil {
		err = json.Unmarshal([]byte(raw), &needed)
	}
	return needed, err
}

func saveNeeded(ctx context.Context, tx *store.Tx, needed []string) error {
	raw, err := json.Marshal(needed)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO brand_card_template (one, needed) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET needed = excluded.needed`, string(raw))
	return err
}
