package team

import (
	"encoding/csv"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/identity"
	"runes.im/platform/record"
	"runes.im/platform/web"
)

// membersPage is everybody who belongs to the organisation or is invited.
type membersPage struct {
	Lead, Search string
	Tabs         []record.Segment
	Guests       bool
	Licences     bool // a module charges by the seat
	Kept         []record.Pair
	Filters      record.Filters
	Heads        []record.Head
	Rows         []memberRow
	Shown        string
	Pages        []record.Link
	Prev, Next   string
	Export       string
	CanLetter    bool
	Here         string
	IsFiltered   bool
}

type memberRow struct {
	identity.Entry
	Face                 record.Face
	Href, Roles, Seen    string
	State                badge
	Invited, Active, You bool
	Sponsor, Ends        string // of a guest
	Licences             string // modules with a seat of theirs
	Gone, Near           bool   // the sponsor left; the end is near
}

type badge struct{ Text, Kind string }

// pageSize is how many people stand on one page.
const pageSize = 50

var states = []string{"active", "invited", "expired", "suspended", "ended", "deactivated"}

// kinds are the colours of the states.
var kinds = map[string]string{"active": "ok", "invited": "info", "expired": "warn", "suspended": "warn", "ended": "warn", "deactivated": "bad"}

// asked is what the address of the list says.
type asked struct {
	text, state, role, factor, sort string
	guests, down                    bool
	page                            int
}

func askedOf(v *web.Visit) asked {
	a := asked{text: strings.TrimSpace(v.Query("q")), state: v.Query("state"), role: v.Query("role"), factor: v.Query("factor"), guests: v.Query("who") == "guests", page: 1}
	a.sort, a.down = strings.CutPrefix(v.Query("sort"), "-")
	if n, err := strconv.Atoi(v.Query("page")); err == nil && n > 1 && n < 100_000 {
		a.page = n
	}
	return a
}

// link is the address of the list with one value changed; another choice begins at the first page.
func (a asked) link(path, name, value string) string {
	values := url.Values{}
	sort := a.sort
	if a.down {
		sort = "-" + sort
	}
	for key, old := range map[string]string{"q": a.text, "state": a.state, "role": a.role, "factor": a.factor, "sort": sort, "who": a.who()} {
		values.Set(key, old)
	}
	values.Set(name, value)
	for key := range values {
		if values.Get(key) == "" {
			values.Del(key)
		}
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// who is which of the two lists it is: guests stand by themselves.
func (a asked) who() string {
	if a.guests {
		return "guests"
	}
	return ""
}

func showMembers(v *web.Visit) error {
	a := askedOf(v)
	all, roles, err := people(v)
	if err != nil {
		return err
	}
	found := a.choose(all, roles)
	p := &membersPage{
		Search: a.text, Here: v.Here(), Export: a.link("/team/export", "page", ""), CanLetter: v.Can("manage_invite_settings"),
		IsFiltered: a.text != "" || a.state != "" || a.role != "" || a.factor != "", Guests: a.guests,
	}
	working := slices.DeleteFunc(slices.Clone(all), func(e identity.Entry) bool { return e.State != "active" })
	p.Lead = v.T("team.members_lead", "n", len(working), "all", v.Number(int64(len(all))))
	for _, kept := range []record.Pair{
		{Name: "state", Value: a.state},
		{Name: "role", Value: a.role},
		{Name: "factor", Value: a.factor},
		{Name: "sort", Value: v.Query("sort")},
		{Name: "who", Value: a.who()},
	} {
		if kept.Value != "" {
			p.Kept = append(p.Kept, kept)
		}
	}
	p.Tabs = a.tabs(v, all)
	p.Filters = a.filters(v, roles)
	seats, err := seatsOf(v)
	if err != nil {
		return err
	}
	p.Licences = seats != nil
	p.Heads = a.heads(v, p.Licences)
	from := min((a.page-1)*pageSize, len(found))
	here := found[from:min(from+pageSize, len(found))]
	for _, e := range here {
		r := rowOf(v, e, roles)
		r.host(v, all)
		r.Licences = strings.Join(seats[e.ID], ", ")
		p.Rows = append(p.Rows, r)
	}
	a.fillPager(v, p, from, len(here), len(found))
	headed(v, v.T("team.nav.members"))
	return v.Page("members", p)
}

func people(v *web.Visit) ([]identity.Entry, map[string]string, error) {
	all, err := v.People.Directory(v.Context(), v.Tenant)
	if err != nil {
		return nil, nil, err
	}
	all = slices.DeleteFunc(all, func(e identity.Entry) bool { return !within(v, e.ID, e.Roles, e.Owner) })
	roles, err := v.People.Roles(v.Context(), v.Tenant)
	names := make(map[string]string, len(roles))
	for _, o := range roles {
		names[o.ID] = roleName(v, o)
	}
	return all, names, err
}

func namesOf(roles []string, names map[string]string) string {
	var all []string
	for _, o := range roles {
		if names[o] != "" {
			all = append(all, names[o])
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func rowOf(v *web.Visit, e identity.Entry, roles map[string]string) memberRow {
	r := memberRow{
		Entry: e, Face: record.FaceOf(e.Name, e.ID), Roles: namesOf(e.Roles, roles), Invited: e.IsInvitation(),
		Active: e.State == "active", You: e.ID == v.Person.ID, State: badge{v.T("team.state_" + e.State), kinds[e.State]},
	}
	if !r.Invited {
		r.Href = "/team/members/" + e.ID
	}
	if e.Owner {
		r.Roles = strings.Trim(v.T("team.owner")+", "+r.Roles, ", ")
	}
	if !e.SeenAt.IsZero() {
		r.Seen = v.When(e.SeenAt)
	}
	return r
}

// host fills in what a guest's row says besides.
func (r *memberRow) host(v *web.Visit, all []identity.Entry) {
	if r.Guest == nil {
		return
	}
	r.Ends, r.Near, r.Gone = lastDay(v, r.Guest), r.Guest.Ends.Before(clock.Now(v.Context()).Add(soon)), true
	for _, e := range all {
		if e.ID == r.Guest.Sponsor {
			r.Sponsor, r.Gone = e.Name, e.State != "active"
		}
	}
}

// tabs are the two lists, each with how many the search finds there.
func (a asked) tabs(v *web.Visit, all []identity.Entry) []record.Segment {
	var tabs []record.Segment
	for _, guests := range []bool{false, true} {
		other := asked{text: a.text, guests: guests}
		s := record.Segment{Text: v.T("team.nav.members"), Icon: "users", Href: other.link("/team", "page", ""), Count: len(other.matching(all)), Current: guests == a.guests}
		if guests {
			s.Text, s.Icon = v.T("team.guests"), "user-round-check"
		}
		tabs = append(tabs, s)
	}
	return tabs
}

func (a asked) filters(v *web.Visit, roles map[string]string) []record.Filter {
	state := record.Filter{Name: "state", Text: v.T("team.state")}
	for _, s := range states {
		state.Choices = append(state.Choices, record.Link{Text: v.T("team.state_" + s), Href: a.link("/team", "state", s), Current: s == a.state})
	}
	if a.state != "" {
		state.Text, state.Clear = v.T("team.state_"+a.state), a.link("/team", "state", "")
	}
	role := record.Filter{Name: "role", Text: v.T("team.role")}
	for id, name := range roles {
		role.Choices = append(role.Choices, record.Link{Text: name, Href: a.link("/team", "role", id), Current: id == a.role})
	}
	slices.SortFunc(role.Choices, func(x, y record.Link) int { return strings.Compare(x.Text, y.Text) })
	if a.role != "" {
		role.Text, role.Clear = roles[a.role], a.link("/team", "role", "")
	}
	factor := record.Filter{Name: "factor", Text: v.T("team.factor")}
	for _, value := range []string{"on", "off"} {
		factor.Choices = append(factor.Choices, record.Link{Text: v.T("team.factor_" + value), Href: a.link("/team", "factor", value), Current: value == a.factor})
		if value == a.factor {
			factor.Text, factor.Clear = v.T("team.factor_"+value), a.link("/team", "factor", "")
		}
	}
	return []record.Filter{state, role, factor}
}

func (a asked) heads(v *web.Visit, licences bool) []record.Head {
	var all []record.Head
	columns := []string{"name", "roles", "state", "factor", "seen"}
	if a.guests {
		columns = []string{"name", "sponsor", "ends", "state", "factor", "seen"}
	}
	if licences {
		columns = slices.Insert(columns, len(columns)-1, "licences")
	}
	for _, column := range columns {
		h := record.Head{Text: v.T("team.column_" + column), Sorted: "none"}
		sort := column
		if a.sort == column || a.sort == "" && column == "name" {
			h.Sorted = "ascending"
			if a.down {
				h.Sorted = "descending"
			} else {
				sort = "-" + column
			}
		}
		if h.Href = a.link("/team", "sort", sort); column == "licences" {
			h.Href = "" // several stand in one cell
		}
		all = append(all, h)
	}
	return all
}

func (a asked) fillPager(v *web.Visit, p *membersPage, from, here, total int) {
	if total == 0 {
		return
	}
	p.Shown = v.T("record.shown", "from", v.Number(int64(from+1)), "to", v.Number(int64(from+here)), "n", total)
	last := (total + pageSize - 1) / pageSize
	for page := 1; page <= last && last > 1; page++ {
		p.Pages = append(p.Pages, record.Link{Text: strconv.Itoa(page), Href: a.link("/team", "page", strconv.Itoa(page)), Current: page == a.page})
	}
	if a.page > 1 {
		p.Prev = a.link("/team", "page", strconv.Itoa(a.page-1))
	}
	if a.page < last {
		p.Next = a.link("/team", "page", strconv.Itoa(a.page+1))
	}
}

// exportMembers answers with the list as it is filtered, as CSV that no spreadsheet runs.
func exportMembers(v *web.Visit) error {
	all, roles, err := people(v)
	if err != nil {
		return err
	}
	seats, err := seatsOf(v)
	if err != nil {
		return err
	}
	h := v.Writer.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="team.csv"`)
	out := csv.NewWriter(v.Writer)
	out.Write([]string{v.T("team.column_name"), v.T("team.email"), v.T("team.column_roles"), v.T("team.column_state"), v.T("team.column_factor"), v.T("team.column_seen"), v.T("team.column_sponsor"), v.T("team.column_ends"), v.T("team.column_licences")})
	for _, e := range askedOf(v).choose(all, roles) {
		seen := ""
		if !e.SeenAt.IsZero() {
			seen = e.SeenAt.Format(time.RFC3339)
		}
		factor := v.T("team.factor_off")
		if e.Secured {
			factor = v.T("team.factor_on")
		}
		r := rowOf(v, e, roles)
		r.host(v, all)
		ends := ""
		if e.Guest != nil {
			ends = dayOf(v, lastMoment(e.Guest))
		}
		cells := []string{e.Name, e.Email, namesOf(e.Roles, roles), v.T("team.state_" + e.State), factor, seen, r.Sponsor, ends, strings.Join(seats[e.ID], ", ")}
		for n := range cells {
			cells[n] = record.Harmless(cells[n])
		}
		out.Write(cells)
	}
	out.Flush()
	return out.Error()
}

// roleName is what the role is called on the screen: the default ones in the person's language.
func roleName(v *web.Visit, o identity.Role) string {
	if o.Fixed && o.Name == defaultNames[o.ID] {
		return v.T("team.role_" + o.ID)
	}
	return o.Name
}

// defaultNames are those the default roles are made with; somebody may give them another.
var defaultNames = map[string]string{"admin": "Admin", "employee": "Employee", "guest": "Guest"}

// headed gives a page of the rune its title and its place: below those of way, which are pairs of a name and an address.
func headed(v *web.Visit, title string, way ...string) {
	v.Title(title)
	v.Crumb(v.T("team.name"), "/team")
	for i := 0; i < len(way); i += 2 {
		v.Crumb(way[i], way[i+1])
	}
	v.Crumb(title, "")
}
