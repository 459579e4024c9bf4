package team

import (
	"html/template"
	"net/url"
	"slices"
	"strings"

	"runes.im/platform/audit"
	"runes.im/platform/entitlement"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/record"
	"runes.im/platform/web"
)

// memberPage is one person with everything that can be decided about them.
type memberPage struct {
	*identity.Person
	Face                  record.Face
	Lead                  string
	State                 badge
	Active, You, CanRoles bool
	Mail                  template.URL
	Roles                 []roleChoice
	Shelves               []shelf
	Menu                  []menuRow
	Licences              []licenceRow
	Scopes                []scopeRow
	MayOwner              bool // the person who looks decides who is an owner
	Sessions              []sessionRow
	Past                  []past
	Profile               identity.Profile
	Programs, Factors     int
	Guest                 *guestRow // shadows that of the person
	CanGuest              bool      // a regular member who could become one
	Shared                bool      // the account is a member elsewhere, too
	NoPassword            bool      // they sign in with a passkey alone
	Terms                 string    // the day on which they accepted them
	Area                  string    // the roles whose people alone they manage
	History               []record.Happened
	Change                *identity.EmailChange // of their address, waiting
}

type sessionRow struct{ Device, Method, Address, Place, Seen, Since string }

// shelf is the permissions of one rune.
type shelf struct {
	Name   string
	Rights []right
}

// right is one permission of one person.
type right struct {
	Key, Text, Way string
	Held           bool
	Ways           []wayChoice
}

type wayChoice struct {
	Value, Text string
	On          bool
}

func showMember(v *web.Visit) error {
	p, err := memberOf(v)
	if err != nil {
		return err
	}
	page := &memberPage{
		Person: p, Face: record.FaceOf(p.Name, p.ID), State: badge{v.T("team.state_" + p.State()), kinds[p.State()]},
		Active: p.State() == "active", You: p.ID == v.Person.ID, CanRoles: v.Can("manage_roles"), Mail: template.URL("mailto:" + url.PathEscape(p.Email)),
	}
	if page.Roles, err = rolesOf(v, p); err != nil {
		return err
	}
	if page.Shelves, err = shelvesOf(v, p); err != nil {
		return err
	}
	if page.Menu, err = menuOf(v, p); err != nil {
		return err
	}
	if page.Scopes, err = scopesOf(v, p); err != nil {
		return err
	}
	page.MayOwner = v.Person.Owner && page.Active
	if page.Shared, err = v.People.IsShared(v.Context(), p); err != nil {
		return err
	}
	if page.Licences, err = licencesOf(v, p, page.Shelves); err != nil {
		return err
	}
	sessions, err := v.People.Sessions(v.Context(), v.Tenant, p.ID)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		page.Sessions = append(page.Sessions, sessionRow{Device: s.Device, Method: methodOf(v, s.Method), Address: s.Address, Place: v.Place(s.Address), Seen: v.When(s.SeenAt), Since: v.When(s.MadeAt)})
	}
	if page.Past, err = pastOf(v, p); err != nil {
		return err
	}
	if page.Profile, err = v.People.ProfileOf(v.Context(), v.Tenant, p.ID); err != nil {
		return err
	}
	has, err := v.People.HasPassword(v.Context(), p)
	if err != nil {
		return err
	}
	page.NoPassword = !has
	programs, err := v.People.AppPasswords(v.Context(), v.Tenant, p.ID)
	if err != nil {
		return err
	}
	factors, err := v.People.Factors(v.Context(), p)
	if err != nil {
		return err
	}
	page.Programs, page.Factors = len(programs), len(factors)
	if page.History, err = historyOf(v, p); err != nil {
		return err
	}
	if page.Change, err = changing(v, p); err != nil {
		return err
	}
	terms, err := identity.TermsOf(v.Context(), v.DB, p.ID)
	if err != nil {
		return err
	}
	if terms.ID != 0 {
		page.Terms = v.Date(terms.At)
	}
	page.Lead = p.Email
	if err := page.fillGuest(v, p); err != nil {
		return err
	}
	headed(v, p.Name, v.T("team.nav.members"), "/team")
	return v.Page("member", page)
}

func rolesOf(v *web.Visit, p *identity.Person) ([]roleChoice, error) {
	roles, err := v.People.Roles(v.Context(), v.Tenant)
	var all []roleChoice
	for _, o := range roles {
		if slices.Contains(p.Roles, o.ID) {
			all = append(all, roleChoice{ID: o.ID, Name: roleName(v, o), Text: roleText(v, o)})
		}
	}
	return all, err
}

// shelvesOf are the permissions of the active runes, with how each is decided for the person.
func shelvesOf(v *web.Visit, p *identity.Person) ([]shelf, error) {
	catalogue, err := catalogue(v)
	if err != nil {
		return nil, err
	}
	var all []shelf
	for _, c := range catalogue {
		s := shelf{Name: v.T(c.Rune + ".name")}
		for _, key := range c.Permissions {
			r := right{Key: key, Text: v.T(c.Rune + ".permission." + key), Way: p.Way(key), Held: p.Holds(key)}
			for _, way := range []string{identity.Follow, identity.Grant, identity.Deny} {
				name := way
				if way == identity.Follow {
					name = "follow"
				}
				r.Ways = append(r.Ways, wayChoice{Value: way, Text: v.T("team.way_" + name), On: r.Way == way})
			}
			s.Rights = append(s.Rights, r)
		}
		all = append(all, s)
	}
	return all, nil
}

// catalogue is the permissions of the active runes. Those of suspended ones rest in the roles.
func catalogue(v *web.Visit) ([]identity.Shelf, error) {
	active, err := entitlement.Active(v.Context(), v.DB)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(v.People.Catalogue()), func(s identity.Shelf) bool { return !active[s.Rune] }), nil
}

// historyOf is what was done to the person, as far as this room has a sentence for it.
func historyOf(v *web.Visit, p *identity.Person) ([]record.Happened, error) {
	lines, err := audit.About(v.Context(), v.DB, "member:"+p.ID, 20)
	var all []record.Happened
	for _, l := range lines {
		_, action, _ := strings.Cut(l.Action, ".")
		if !slices.Contains(deeds, action) {
			continue
		}
		who := l.Actor
		if who == "" {
			who = v.T("record.the_house")
		}
		all = append(all, record.Happened{Who: who, When: v.When(l.At), What: v.T("team.done_" + action), Face: record.FaceOf(who, l.ActorID)})
	}
	return all, err
}

// deeds are the lines of the log that the page has a sentence for.
var deeds = []string{
	"licence_given", "licence_taken", "guest_changed", "guest_ended", "guest_longer_asked", "area_changed", "member_added", "owner_changed", "handed_over", "entries_hidden", "profile_saved", "picture_changed", "picture_removed", "member_left", "email_asked", "email_links_made", "email_changed", "member_suspended", "member_deactivated", "member_resumed", "roles_changed", "permission_decided", "signed_in",
	"sessions_ended", "factor_added", "factor_removed", "factors_reset", "reset_made", "signed_out_by_other", "password_changed", "app_password_made", "app_password_revoked",
}

func memberHref(v *web.Visit) string { return "/team/members/" + url.PathEscape(v.Param("id")) }

// switchMember is the quick toggle of the list and the page: off suspends, on lets in again.
func switchMember(v *web.Visit) error {
	do, said := v.People.Suspend, "team.suspended"
	if v.Form("active") != "" {
		do, said = v.People.Resume, "team.resumed"
	}
	if v.Param("id") == v.Person.ID {
		return fault.New(fault.Conflict, "team.not_yourself")
	}
	if left, err := v.People.LeftAlone(v.Context(), v.Tenant, v.Param("id")); err != nil {
		return err
	} else if left && v.Form("active") != "" {
		return v.Go(memberHref(v) + "/return")
	}
	if err := do(v.Context(), v.Tenant, v.Person, v.Param("id")); err != nil {
		return err
	}
	p, err := memberOf(v)
	if err != nil {
		return err
	}
	v.Flash(v.T(said, "name", p.Name), "")
	return v.Back()
}

func showSignOut(v *web.Visit) error {
	p, err := memberOf(v)
	if err != nil {
		return err
	}
	return ask(v, question{
		Heading: v.T("team.signout_title", "name", p.Name), Text: v.T("team.signout_text"), Verb: v.T("team.signout"),
		Action: memberHref(v) + "/signout", Back: memberHref(v), Tick: v.T("team.signout_programs"),
	})
}

func signOut(v *web.Visit) error {
	if err := v.People.SignOutMember(v.Context(), v.Tenant, v.Person, v.Param("id"), v.Form("tick") != ""); err != nil {
		return err
	}
	v.Flash(v.T("team.signed_out"), "")
	return v.Go(memberHref(v))
}

func showAddRoles(v *web.Visit) error {
	p, err := memberOf(v)
	if err != nil {
		return err
	}
	all, err := givable(v, nil)
	if err != nil {
		return err
	}
	page := &choicePage{
		Heading: v.T("team.add_role"), Text: v.T("team.add_roles_text", "name", p.Name), Verb: v.T("team.add_roles"),
		Action: memberHref(v) + "/roles", Back: memberHref(v), Empty: v.T("team.no_more_roles"),
		Choices: slices.DeleteFunc(all, func(o roleChoice) bool { return slices.Contains(p.Roles, o.ID) }),
	}
	headed(v, page.Heading, p.Name, memberHref(v))
	return v.Page("choose", page)
}

func addRoles(v *web.Visit) error {
	if err := v.People.GiveRoles(v.Context(), v.Tenant, v.Person, v.Param("id"), v.Values()["choice"]); err != nil {
		return err
	}
	return v.Go(memberHref(v))
}

func takeRole(v *web.Visit) error {
	if err := v.People.TakeRole(v.Context(), v.Tenant, v.Person, v.Param("id"), v.Param("role")); err != nil {
		return err
	}
	return v.Back()
}

func decide(v *web.Visit) error {
	if err := v.People.Decide(v.Context(), v.Tenant, v.Person, v.Param("id"), v.Form("permission"), v.Form("way")); err != nil {
		return err
	}
	return v.Go(memberHref(v) + "#rights")
}

// whyPage names everything that leads to one right of one person.
type whyPage struct {
	Heading, Verdict, Back string
	May                    bool
	Reasons                []reason
}

type reason struct {
	Icon, Text, Href string
	For              bool
}

func showWhy(v *web.Visit) error {
	p, err := memberOf(v)
	if err != nil {
		return err
	}
	key := v.Param("permission")
	may, reasons, err := v.People.Why(v.Context(), v.Tenant, p.ID, key)
	if err != nil {
		return err
	}
	page := &whyPage{Heading: v.T("team.why_title", "name", p.Name), May: may, Back: memberHref(v)}
	sentence := sentenceOf(v, key)
	page.Verdict = v.T("team.why_no", "name", p.Name, "right", sentence)
	if may {
		page.Verdict = v.T("team.why_yes", "name", p.Name, "right", sentence)
	}
	for _, r := range reasons {
		line, err := told(v, p, r)
		if err != nil {
			return err
		}
		page.Reasons = append(page.Reasons, line)
	}
	headed(v, page.Heading, p.Name, memberHref(v))
	return v.Page("why", page)
}

var icons = map[string]string{"owner": "badge-check", "role": "shield-check", identity.Grant: "circle-check", identity.Deny: "ban", "state": "pause", "licence": "layout-grid"}

func told(v *web.Visit, p *identity.Person, r identity.Reason) (reason, error) {
	line := reason{Icon: icons[r.Kind], For: r.For}
	args := []any{"name", p.Name, "role", r.Role, "right", sentenceOf(v, r.Via)}
	key := "team.because_" + r.Kind
	if r.Kind == "role" {
		line.Href = "/team/roles/" + r.RoleID
		if r.RoleID == "admin" || r.RoleID == "employee" || r.RoleID == "guest" {
			args[3] = roleName(v, identity.Role{ID: r.RoleID, Name: r.Role, Fixed: true})
		}
	}
	if r.Via != "" {
		key += "_via"
	}
	line.Text = v.T(key, args...)
	if r.Area != nil {
		names, err := areaNames(v, r.Area)
		if err != nil {
			return line, err
		}
		line.Text += " " + v.T("team.because_area", "roles", names)
	}
	return line, nil
}

// sentenceOf is what a permission says to administrators.
func sentenceOf(v *web.Visit, key string) string {
	for _, s := range v.People.Catalogue() {
		if slices.Contains(s.Permissions, key) {
			return v.T(s.Rune + ".permission." + key)
		}
	}
	return key
}
