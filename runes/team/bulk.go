package team

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/record"
	"runes.im/platform/search"
	"runes.im/platform/sheet"
	"runes.im/platform/web"
	"runes.im/platform/words"
)

// Many people are invited from a file: it is read, shown row by row, and nobody is invited before somebody says so. The
// rows travel in the form itself; whatever comes back is checked like an invitation made by hand.

const (
	maxPeopleFile = 4 << 20
	maxPeople     = 500
)

// bulkPage is one step of the way: upload, review, report.
type bulkPage struct {
	web.Problems
	Steps           []bulkStep
	Step, Note      string
	Rows            []bulkRow
	Good            int
	Payload, Accept string
}

type bulkStep struct{ Text, State, Href string }

// bulkRow is one line of the file, or one invitation that was made.
type bulkRow struct {
	Number                   int
	Email, Name, Roles, What string
	Kind                     string // of the badge
	Link                     string
	Invitee                  identity.Invitee
}

func bulkPageOf(v *web.Visit, step string) *bulkPage {
	p := &bulkPage{Step: step, Accept: strings.Join(sheet.Kinds, ",")}
	at := slices.Index([]string{"upload", "review", "report"}, step)
	for n, text := range []string{v.T("record.import_step_upload"), v.T("record.import_step_review"), v.T("record.import_step_report")} {
		s := bulkStep{Text: text}
		switch {
		case n < at || step == "report":
			s.State = "done"
		case n == at:
			s.State = "now"
		}
		p.Steps = append(p.Steps, s)
	}
	headed(v, v.T("team.bulk"), v.T("team.nav.members"), "/team")
	return p
}

func showBulk(v *web.Visit) error { return v.Page("bulk", bulkPageOf(v, "upload")) }

// refuseBulk shows the form again to somebody whose file is too large.
func refuseBulk(v *web.Visit) error {
	return v.Again("bulk", bulkPageOf(v, "upload"), fault.New(fault.Invalid, "sheet.too_large", "max", v.Size(maxPeopleFile)))
}

// readBulk shows what the file would do.
func readBulk(v *web.Visit) error {
	posted := v.Files("file")
	if len(posted) != 1 {
		return v.Again("bulk", bulkPageOf(v, "upload"), fault.New(fault.Invalid, "record.import_no_file"))
	}
	head := posted[0]
	file, err := head.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	var rows []sheet.Row
	err = sheet.Read(v.Context(), head.Filename, file, head.Size, func(r sheet.Row) error {
		if len(rows) > maxPeople {
			return fault.New(fault.Invalid, "team.bulk_many", "max", v.Number(maxPeople))
		}
		rows = append(rows, r)
		return nil
	})
	if err == nil && len(rows) == 0 {
		err = fault.New(fault.Invalid, "team.bulk_empty")
	}
	if f := fault.Of(err); f != nil {
		return v.Again("bulk", bulkPageOf(v, "upload"), &fault.Fault{Kind: fault.Invalid, Key: f.Key, Args: f.Args})
	}
	if err != nil {
		return err
	}
	p := bulkPageOf(v, "review")
	if err := p.review(v, rows); err != nil {
		return err
	}
	return v.Page("bulk", p)
}

// bulkHeads are what people call the columns.
var bulkHeads = map[string][]string{
	"email":   {"email", "e-mail", "mail", "e-mail address", "email address", "adresse e-mail", "courriel", "indirizzo e-mail", "e-mail-adresse"},
	"name":    {"name", "full name", "display name", "nom", "nome", "vollständiger name"},
	"roles":   {"role", "roles", "rolle", "rollen", "groups", "ruolo", "ruoli"},
	"sponsor": {"sponsor", "host", "gastgeber", "verantwortlich", "parrain", "referente"},
	"ends":    {"guest until", "until", "end", "last day", "gast bis", "bis", "ende", "invité jusqu’au", "jusqu’au", "ospite fino al", "fino al"},
}

// columnsOf are the places of the columns, and whether the first row names them. Without names the order is e-mail, name,
// roles.
func columnsOf(first sheet.Row) (at map[string]int, named bool) {
	at = map[string]int{}
	for n, cell := range first.Cells {
		text := search.Fold(strings.TrimSpace(cell))
		for column, heads := range bulkHeads {
			if _, known := at[column]; !known && slices.ContainsFunc(heads, func(head string) bool { return search.Fold(head) == text }) {
				at[column] = n
			}
		}
	}
	if _, named = at["email"]; named {
		return at, true
	}
	return map[string]int{"email": 0, "name": 1, "roles": 2}, false
}

func (p *bulkPage) review(v *web.Visit, rows []sheet.Row) error {
	at, named := columnsOf(rows[0])
	if named {
		rows = rows[1:]
	}
	all, _, err := people(v)
	if err != nil {
		return err
	}
	there := map[string]string{}
	for _, e := range all {
		there[search.Fold(e.Email)] = e.State
	}
	roles, err := v.People.Roles(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	cell := func(r sheet.Row, column string) string {
		if n, known := at[column]; known && n < len(r.Cells) {
			return strings.TrimSpace(r.Cells[n])
		}
		return ""
	}
	var good []identity.Invitee
	for _, r := range rows {
		row := bulkRow{Number: r.Number, Email: cell(r, "email"), Name: cell(r, "name")}
		row.judge(v, cell(r, "roles"), roles, there)
		if err := row.judgeGuest(v, cell(r, "sponsor"), cell(r, "ends")); err != nil {
			return err
		}
		if row.Kind == "ok" {
			good = append(good, row.Invitee)
			there[search.Fold(row.Email)] = "twice"
		}
		p.Rows = append(p.Rows, row)
	}
	p.Good = len(good)
	payload, err := json.Marshal(good)
	p.Payload = string(payload)
	p.Note = rolesFirst(v, p.Good, roles)
	return err
}

// judge says what becomes of the row.
func (r *bulkRow) judge(v *web.Visit, wanted string, roles []identity.Role, there map[string]string) {
	var ids, names []string
	for _, name := range strings.FieldsFunc(wanted, func(c rune) bool { return strings.ContainsRune(",;|", c) }) {
		name = strings.TrimSpace(name)
		at := slices.IndexFunc(roles, func(o identity.Role) bool {
			return search.Fold(o.Name) == search.Fold(name) || o.Fixed && slices.ContainsFunc(words.Languages, func(lang string) bool {
				return search.Fold(v.In(lang, "team.role_"+o.ID)) == search.Fold(name)
			})
		})
		if at < 0 {
			r.What, r.Kind = v.T("team.bulk_role_unknown", "role", name), "bad"
			return
		}
		ids, names = append(ids, roles[at].ID), append(names, roleName(v, roles[at]))
	}
	if len(ids) == 0 {
		ids, names = []string{"employee"}, []string{roleName(v, identity.Role{ID: "employee", Name: defaultNames["employee"], Fixed: true})}
	}
	r.Roles, r.Invitee = strings.Join(names, ", "), identity.Invitee{Email: r.Email, Name: r.Name, Roles: ids}
	may := func(id string) bool {
		at := slices.IndexFunc(roles, func(o identity.Role) bool { return o.ID == id })
		return at >= 0 && v.People.Gives(v.Person, roles[at])
	}
	switch state := there[search.Fold(r.Email)]; {
	case !identity.IsEmail(r.Email):
		r.What, r.Kind = v.T("identity.email_form"), "bad"
	case len(r.Name) > 200:
		r.What, r.Kind = v.T("identity.name_long"), "bad"
	case slices.ContainsFunc(ids, func(id string) bool { return !may(id) }):
		r.What, r.Kind = v.T("team.bulk_role_beyond"), "bad"
	case state == "twice":
		r.What, r.Kind = v.T("team.bulk_twice"), "warn"
	case state == "invited":
		r.What, r.Kind = v.T("team.bulk_invited"), "info"
	case state != "" && state != "expired":
		r.What, r.Kind = v.T("team.bulk_member"), "info"
	default:
		r.What, r.Kind = v.T("team.bulk_create"), "ok"
	}
}

// judgeGuest reads who answers for a guest, and until when. Rows without a word about it invite regular members.
func (r *bulkRow) judgeGuest(v *web.Visit, sponsor, ends string) error {
	if r.Kind != "ok" || sponsor == "" && ends == "" {
		return nil
	}
	g := &identity.Guest{Sponsor: v.Person.ID, Ends: clock.Now(v.Context()).Add(identity.GuestLasts)}
	if sponsor != "" {
		id, err := identity.ActiveMember(v.Context(), v.DB, sponsor)
		if err != nil {
			return err
		}
		if g.Sponsor = id; id == "" {
			r.What, r.Kind = v.T("team.bulk_sponsor_unknown", "name", sponsor), "bad"
			return nil
		}
	}
	if ends != "" {
		at, err := endOf(v, ends)
		if g.Ends = at; err != nil || !at.After(clock.Now(v.Context())) {
			r.What, r.Kind = v.T("team.guest_day"), "bad"
			return nil
		}
	}
	r.Invitee.Guest = g
	r.Roles = v.T("team.bulk_guest", "roles", r.Roles, "date", lastDay(v, g))
	return nil
}

// inviteBulk makes the invitations, all or none, and shows their links this once.
func inviteBulk(v *web.Visit) error {
	var whom []identity.Invitee
	if err := json.Unmarshal([]byte(v.Form("people")), &whom); err != nil || len(whom) == 0 || len(whom) > maxPeople {
		return v.Again("bulk", bulkPageOf(v, "upload"), fault.New(fault.Invalid, "team.bulk_empty"))
	}
	made, tokens, err := v.People.InviteAll(v.Context(), v.Tenant, v.Person, whom)
	if f := fault.Of(err); f != nil && (f.Kind == fault.Conflict || f.Kind == fault.Forbidden) {
		return v.Again("bulk", bulkPageOf(v, "upload"), &fault.Fault{Kind: fault.Invalid, Key: f.Key, Args: f.Args})
	}
	if err != nil {
		return err
	}
	p := bulkPageOf(v, "report")
	p.Good = len(made)
	if p.Rows, p.Payload, err = linksOf(v, made, tokens); err != nil {
		return err
	}
	return v.Page("bulk", p)
}

// linksOf are the links of fresh invitations, as rows and as a file.
func linksOf(v *web.Visit, made []identity.Invitation, tokens []string) (rows []bulkRow, list string, err error) {
	var out strings.Builder
	file := csv.NewWriter(&out)
	err = file.Write([]string{v.T("team.email"), v.T("team.column_name"), v.T("team.link")})
	for n, i := range made {
		row := bulkRow{Number: n + 1, Email: i.Email, Name: i.Name, Link: v.Site() + "/join/" + tokens[n]}
		rows = append(rows, row)
		err = errors.Join(err, file.Write([]string{record.Harmless(row.Email), record.Harmless(row.Name), row.Link}))
	}
	file.Flush()
	return rows, out.String(), err
}

// sendLinks gives the list of links that the page shows as a file: the server has kept none of them.
func sendLinks(v *web.Visit) error {
	h := v.Writer.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="invitations.csv"`)
	_, err := v.Writer.Write([]byte(v.Form("list")))
	return err
}
