package shell

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"runes.im/platform/config"
	"runes.im/platform/fault"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
)

const operatorPath = "/operator"

// operatorRoutes are the pages of whoever runs the appliance, on its own host. They see what organisations take, never what is in them.
func (s *Shell) operatorRoutes(r *web.Router) {
	r.Get(operatorPath, web.Operator, s.showUses)
	s.waitingRoutes(r)
	r.Get(operatorPath+"/log", web.Operator, s.showOperatorLog)
	r.Get(operatorPath+"/new", web.Operator, s.showMakeFor)
	r.Post(operatorPath+"/new", web.Operator, s.makeFor)
	r.Get(operatorPath+"/tenants/{slug}", web.Operator, s.showUse)
	r.Post(operatorPath+"/tenants/{slug}/limits", web.Operator, s.saveLimits)
	r.Post(operatorPath+"/tenants/{slug}/suspend", web.Operator, s.turnTenant(func(v *web.Visit, slug string) error { return s.Tenants.Suspend(v.Context(), slug) }, "suspended"))
	r.Post(operatorPath+"/tenants/{slug}/resume", web.Operator, s.turnTenant(func(v *web.Visit, slug string) error { return s.Tenants.Resume(v.Context(), slug) }, "resumed"))
	r.Post(operatorPath+"/tenants/{slug}/keep", web.Operator, s.turnTenant(func(v *web.Visit, slug string) error { return s.Tenants.Keep(v.Context(), slug) }, "kept"))
	r.Post(operatorPath+"/tenants/{slug}/delete", web.Operator, s.deleteTenant)
	r.Post(operatorPath+"/tenants/{slug}/owner", web.Operator, s.askOwner)
}

// operatorPage is what every one of these pages has.
type operatorPage struct {
	web.Problems
	Me    string // the operator
	Tabs  []operatorTab
	Said  string // about the deed that led here
	Warns string // 422: what is wrong as a whole
}

type operatorTab struct {
	Text, Href string
	Current    bool
}

// operatorSaid are the deeds that a page tells about after they are done.
var operatorSaid = []string{"suspended", "resumed", "kept", "limits", "deleted", "confirmed", "answered"}

func operatorFrame(v *web.Visit, title, here string) operatorPage {
	v.Load("operator")
	v.Title(title)
	p := operatorPage{Me: v.Caller.Name}
	for _, tab := range []struct{ key, href string }{
		{"operator.organisations", operatorPath},
		{"operator.domains", operatorPath + "/domains"},
		{"operator.requests", operatorPath + "/requests"},
		{"operator.log", operatorPath + "/log"},
	} {
		p.Tabs = append(p.Tabs, operatorTab{Text: v.T(tab.key), Href: tab.href, Current: tab.href == here})
	}
	if said := v.Query("done"); slices.Contains(operatorSaid, said) {
		p.Said = v.T("operator.said_" + said)
	}
	return p
}

// useRow is an organisation in the list.
type useRow struct {
	Name, Initials, Host, Href                string
	Hue                                       int
	State, StateKind                          string
	People, Modules, Storage, LastUse, Backup string
	Percent                                   int64 // of the storage that is allowed; 0: no limit
}

type usesPage struct {
	operatorPage
	Rows    []useRow
	Summary string
}

func (s *Shell) showUses(v *web.Visit) error {
	uses, err := s.Operation.Uses(v.Context())
	if err != nil {
		return err
	}
	p := &usesPage{operatorPage: operatorFrame(v, v.T("operator.title"), operatorPath)}
	var people int
	var bytes int64
	for _, u := range uses {
		p.Rows = append(p.Rows, useRowOf(v, u))
		people += u.Members
		bytes += u.Bytes
	}
	p.Summary = v.T("operator.summary", "n", len(uses), "people", v.Number(int64(people)), "size", v.Size(bytes))
	return v.Bare(http.StatusOK, "operator_list", p)
}

func useRowOf(v *web.Visit, u TenantUse) useRow {
	r := useRow{
		Name: u.Name, Initials: initials(u.Name), Hue: hue(u.ID), Host: u.Host, Href: operatorPath + "/tenants/" + u.Slug,
		People: ofLimit(v, v.Number(int64(u.Members)), u.Limits.Members > 0, strconv.Itoa(u.Limits.Members)), Modules: v.Number(int64(len(u.Runes))),
		Storage: ofLimit(v, v.Size(u.Contents), u.Limits.Storage > 0, v.Size(u.Limits.Storage)),
		LastUse: v.T("operator.never"), Backup: backupOf(v, u),
	}
	if !u.LastUse.IsZero() {
		r.LastUse = v.When(u.LastUse)
	}
	if u.Limits.Storage > 0 {
		r.Percent = min(100, u.Contents*100/u.Limits.Storage)
	}
	r.State, r.StateKind = stateOf(v, u)
	return r
}

func ofLimit(v *web.Visit, used string, isLimited bool, all string) string {
	if !isLimited {
		return used
	}
	return v.T("operator.of", "used", used, "all", all)
}

// backupOf is the age of what could bring the organisation back: until there are backups, its last export.
func backupOf(v *web.Visit, u TenantUse) string {
	if u.Exported.IsZero() {
		return v.T("operator.backup_none")
	}
	return v.T("operator.exported", "when", v.When(u.Exported))
}

func stateOf(v *web.Visit, u TenantUse) (text, kind string) {
	switch {
	case u.Trouble != "":
		return v.T("operator.state_broken"), "bad"
	case !u.DeleteAt.IsZero():
		return v.T("operator.state_deleted", "date", v.Date(u.DeleteAt)), "bad"
	case u.State != "active":
		return v.T("operator.state_suspended"), "warn"
	case u.NoOwner:
		return v.T("operator.state_waits"), "info"
	}
	return v.T("operator.state_active"), "ok"
}

// usePage is one organisation.
type usePage struct {
	operatorPage
	useRow
	Slug, Made, Bytes, Awaits, Trouble, Link, Until string
	Hosts                                           []string
	IsOpen, IsGoing, NoOwner                        bool
	StorageLimit, MemberLimit                       string // as typed
	Runes                                           []runeChoice
	Days, Typed                                     string // as typed
	OwnerName, OwnerEmail                           string
}

// runeChoice is a module that may be allowed.
type runeChoice struct {
	ID, Text, State     string
	Allowed, Fixed, Now bool
}

// graceDays is how long a deletion can be taken back where nobody chooses otherwise.
const graceDays = "30"

func (s *Shell) useOf(v *web.Visit) (*usePage, error) {
	u, err := s.Operation.UseOf(v.Context(), v.Param("slug"))
	if err != nil {
		return nil, err
	}
	p := &usePage{
		operatorPage: operatorFrame(v, u.Name, operatorPath), useRow: useRowOf(v, u), Slug: u.Slug, Made: v.Date(u.MadeAt),
		Bytes: v.Size(u.Bytes), Hosts: u.Hosts, Awaits: u.Awaits, NoOwner: u.NoOwner, Trouble: u.Trouble, OwnerEmail: u.Awaits, Days: graceDays,
		IsOpen: u.State == "active", IsGoing: !u.DeleteAt.IsZero(), StorageLimit: gigabytes(u.Limits.Storage), MemberLimit: "0",
	}
	if p.IsGoing {
		p.Until = v.Date(u.DeleteAt)
	}
	if u.Limits.Members > 0 {
		p.MemberLimit = strconv.Itoa(u.Limits.Members)
	}
	for _, in := range s.Options.Runes {
		c := runeChoice{
			ID: in.ID, Text: v.T(in.ID + ".name"), Fixed: in.Core, Now: slices.Contains(u.Runes, in.ID), Allowed: in.Core || u.Limits.Allows(in.ID),
		}
		switch {
		case c.Fixed:
			c.State = v.T("operator.rune_core")
		case c.Now:
			c.State = v.T("operator.rune_active")
		}
		p.Runes = append(p.Runes, c)
	}
	return p, nil
}

// gigabytes is the number of a form; 0 is no limit.
func gigabytes(bytes int64) string {
	return strconv.FormatFloat(float64(bytes)/1e9, 'f', -1, 64)
}

func (s *Shell) showUse(v *web.Visit) error {
	p, err := s.useOf(v)
	if err != nil {
		return err
	}
	return v.Bare(http.StatusOK, "operator_tenant", p)
}

// again shows the page of an organisation with what is wrong at its field.
func (p *usePage) again(v *web.Visit, err error) error {
	f := fault.Of(err)
	if f == nil || f.Kind != fault.Invalid && f.Kind != fault.Conflict {
		return err
	}
	if len(f.Problems) == 0 {
		p.Warns = v.T(f.Key, f.Args...)
		err = &fault.Fault{Kind: fault.Invalid, Key: f.Key, Args: f.Args, Problems: map[string]fault.Problem{}}
	}
	return v.Again("operator_tenant", p, err)
}

func (s *Shell) turnTenant(do func(v *web.Visit, slug string) error, said string) web.Handler {
	return func(v *web.Visit) error {
		slug := v.Param("slug")
		if err := do(v, slug); err != nil {
			p, reading := s.useOf(v)
			if reading != nil {
				return reading
			}
			return p.again(v, err)
		}
		return v.Go(operatorPath + "/tenants/" + slug + "?done=" + said)
	}
}

func (s *Shell) saveLimits(v *web.Visit) error {
	p, err := s.useOf(v)
	if err != nil {
		return err
	}
	p.StorageLimit, p.MemberLimit = strings.TrimSpace(v.Form("storage")), strings.TrimSpace(v.Form("members"))
	chosen, all := v.Values()["runes"], true
	for n := range p.Runes {
		c := &p.Runes[n]
		c.Allowed = c.Fixed || slices.Contains(chosen, c.ID)
		all = all && c.Allowed
	}
	l, err := limitsOf(p)
	if all {
		l.Runes = nil // also those that are installed later
	}
	if err == nil {
		err = s.Operation.Allow(v.Context(), p.Slug, l)
	}
	if err != nil {
		return p.again(v, err)
	}
	return v.Go(operatorPath + "/tenants/" + p.Slug + "?done=limits")
}

func limitsOf(p *usePage) (tenant.Limits, error) {
	var l tenant.Limits
	var wrong error
	form := fault.Form{}
	if p.StorageLimit != "" {
		l.Storage, wrong = config.Size(strings.ReplaceAll(p.StorageLimit, ",", ".") + "GB")
		form.Need(wrong == nil, "storage", "operator.limit_form")
	}
	if p.MemberLimit != "" {
		l.Members, wrong = strconv.Atoi(p.MemberLimit)
		form.Need(wrong == nil && l.Members >= 0, "members", "operator.limit_form")
	}
	for _, c := range p.Runes {
		if c.Allowed && !c.Fixed {
			l.Runes = append(l.Runes, c.ID)
		}
	}
	// An empty list would allow everything; a core module is always there and stands for nothing else.
	for _, c := range p.Runes {
		if c.Fixed && len(l.Runes) == 0 {
			l.Runes = []string{c.ID}
		}
	}
	return l, form.Err()
}

// deleteTenant closes an organisation and lets it go after the days of grace. Its name is typed, so that nobody slips.
func (s *Shell) deleteTenant(v *web.Visit) error {
	p, err := s.useOf(v)
	if err != nil {
		return err
	}
	p.Typed, p.Days = strings.TrimSpace(v.Form("typed")), strings.TrimSpace(v.Form("days"))
	days, wrong := strconv.Atoi(p.Days)
	form := fault.Form{}
	form.Need(p.Typed == p.useRow.Name, "typed", "operator.typed_wrong", "name", p.useRow.Name)
	form.Need(wrong == nil && days >= 1 && days <= tenant.MostGrace, "days", "tenant.grace_days", "max", tenant.MostGrace)
	if err = form.Err(); err == nil {
		err = s.Tenants.DeleteLater(v.Context(), p.Slug, days)
	}
	if err != nil {
		return p.again(v, err)
	}
	return v.Go(operatorPath + "/tenants/" + p.Slug + "?done=deleted")
}

// askOwner answers with a new link for the owner, this once.
func (s *Shell) askOwner(v *web.Visit) error {
	p, err := s.useOf(v)
	if err != nil {
		return err
	}
	p.OwnerEmail, p.OwnerName = strings.TrimSpace(v.Form("email")), strings.TrimSpace(v.Form("owner"))
	token, err := s.Operation.AskOwner(v.Context(), p.Slug, p.OwnerEmail, p.OwnerName)
	if err != nil {
		return p.again(v, err)
	}
	p.Link = v.SiteOf(p.Host) + "/join/" + token
	return v.Bare(http.StatusOK, "operator_tenant", p)
}
