package shell

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/entitlement"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/web"
)

// ownTokens is where people keep the tokens of programs that act for them.
const ownTokens = "/account/tokens"

// tokenRoutes are the pages for programs: people's own tokens, and the accounts that administrators make.
func (s *Shell) tokenRoutes(r *web.Router) {
	riskRoutes(r)
	r.Get(ownTokens, web.SignedIn, s.showTokens)
	r.Get(ownTokens+"/new", web.SignedIn, s.showNewToken)
	r.Post(ownTokens+"/new", web.SignedIn, s.makeToken)
	r.Post(ownTokens+"/{id}/revoke", web.SignedIn, s.revokeToken)
	r.Get(services, "manage_users", s.showServices)
	r.Get(services+"/new", "manage_users", s.showNewService)
	r.Post(services+"/new", "manage_users", s.makeService)
	r.Get(services+"/{service}", "manage_users", s.showService)
	r.Post(services+"/{service}/switch", "manage_users", s.switchService)
	r.Post(services+"/{service}/remove", "manage_users", s.removeService)
	r.Get(services+"/{service}/new", "manage_users", s.showServiceToken)
	r.Post(services+"/{service}/new", "manage_users", s.makeServiceToken)
	r.Post(services+"/{service}/{id}/revoke", "manage_users", s.revokeServiceToken)
}

// tokensPage lists the tokens of one owner.
type tokensPage struct {
	Home        string // address of the list
	Tokens      []tokenRow
	HasServices bool // whether this person looks after service accounts
}

type tokenRow struct {
	ID, Name, Rights, Meta, Used string
	IsOver                       bool
}

// tokenPage asks what a new token is for; once made, its secret is shown.
type tokenPage struct {
	web.Problems
	Home, Owner string // Owner: name of the service account; empty: one's own
	Name        string `form:"name"`
	Days        string `form:"days"`
	Networks    string `form:"networks"`
	Spans       []option
	Groups      []rightGroup
	Secret, API string
}

// rightGroup are the permissions of one rune to choose from.
type rightGroup struct {
	Title  string
	Rights []rightChoice
}

type rightChoice struct {
	Key, Text string
	IsChosen  bool
}

func (s *Shell) showTokens(v *web.Visit) error {
	p := &tokensPage{Home: ownTokens, HasServices: v.Can("manage_users")}
	var err error
	if p.Tokens, err = s.tokenRows(v, v.Person.ID); err != nil {
		return err
	}
	v.Title(v.T("shell.tokens"))
	v.Crumb(v.T("shell.preferences"), "/preferences")
	v.Crumb(v.T("shell.tokens"), "")
	return v.Page("tokens", p)
}

func (s *Shell) tokenRows(v *web.Visit, ownerID string) ([]tokenRow, error) {
	found, err := v.People.APITokens(v.Context(), v.Tenant, ownerID)
	if err != nil {
		return nil, err
	}
	var rows []tokenRow
	for _, a := range found {
		r := tokenRow{ID: a.ID, Name: a.Name, Rights: s.rightsNamed(v, a.Scopes), IsOver: !clock.Now(v.Context()).Before(a.EndsAt)}
		meta := []string{v.T("shell.token_until", "day", v.Date(a.EndsAt))}
		if len(a.Networks) > 0 {
			meta = append(meta, v.T("shell.token_from", "networks", strings.Join(a.Networks, ", ")))
		}
		r.Meta, r.Used = strings.Join(meta, " · "), v.T("shell.token_unused")
		if !a.LastUsed.IsZero() {
			r.Used = v.T("shell.token_used", "when", v.When(a.LastUsed), "address", a.LastFrom)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// rightsNamed is permissions as people read them. One whose rune is not installed any more keeps its key.
func (s *Shell) rightsNamed(v *web.Visit, keys []string) string {
	var all []string
	for _, key := range keys {
		text := key
		if rune := ownerOf(s.permissions, key); rune != "" {
			text = strings.TrimSuffix(v.T(rune+".permission."+key), ".")
		}
		all = append(all, text)
	}
	return strings.Join(all, " · ")
}

// rightGroups are the permissions that this person may pass on, by rune; among, when not nil, narrows them.
func (s *Shell) rightGroups(v *web.Visit, among, chosen []string) ([]rightGroup, error) {
	active, err := entitlement.Active(v.Context(), v.DB)
	if err != nil {
		return nil, err
	}
	var groups []rightGroup
	for _, p := range s.permissions {
		if !active[p.Rune] || !v.Can(p.Key) || among != nil && !slices.Contains(among, p.Key) {
			continue
		}
		title := v.T(p.Rune + ".name")
		if len(groups) == 0 || groups[len(groups)-1].Title != title {
			groups = append(groups, rightGroup{Title: title})
		}
		g := &groups[len(groups)-1]
		g.Rights = append(g.Rights, rightChoice{Key: p.Key, Text: v.T(p.Rune + ".permission." + p.Key), IsChosen: slices.Contains(chosen, p.Key)})
	}
	return groups, nil
}

// newToken is the form for a token of the owner, with the crumbs of where it belongs.
func (s *Shell) newToken(v *web.Visit, home, owner string, among []string) (*tokenPage, error) {
	p := &tokenPage{Home: home, Owner: owner, Days: "90", API: v.Site() + "/api/openapi.json"}
	for _, days := range []int{7, 30, 90, 180, 365} {
		p.Spans = append(p.Spans, option{strconv.Itoa(days), v.T("shell.days", "n", days)})
	}
	var err error
	p.Groups, err = s.rightGroups(v, among, v.Values()["scope"])
	v.Title(v.T("shell.new_token"))
	v.Crumb(v.T("shell.preferences"), "/preferences")
	if owner != "" {
		v.Crumb(v.T("shell.services"), services)
		v.Crumb(owner, home)
	} else {
		v.Crumb(v.T("shell.tokens"), ownTokens)
	}
	v.Crumb(v.T("shell.new_token"), "")
	return p, err
}

func (s *Shell) showNewToken(v *web.Visit) error {
	p, err := s.newToken(v, ownTokens, "", nil)
	if err != nil {
		return err
	}
	return v.Page("token_form", p)
}

func (s *Shell) makeToken(v *web.Visit) error {
	p, err := s.newToken(v, ownTokens, "", nil)
	if err != nil {
		return err
	}
	return p.make(v, v.Person.ID)
}

// make answers with the secret at once, not after a redirect: it is shown this one time and never kept.
func (p *tokenPage) make(v *web.Visit, ownerID string) error {
	v.Fill(p)
	days, err := strconv.Atoi(p.Days)
	if err != nil {
		days = 0 // refused with the sentence about days
	}
	_, p.Secret, err = v.People.MakeAPIToken(v.Context(), v.Tenant, ownerID, identity.NewToken{
		Name: p.Name, Scopes: v.Values()["scope"], Networks: strings.FieldsFunc(p.Networks, func(r rune) bool { return strings.ContainsRune(" ,;\r\n\t", r) }),
		Lasts: time.Duration(min(days, 1000)) * 24 * time.Hour, By: v.Person,
	})
	if err != nil {
		return v.Again("token_form", p, err)
	}
	v.Title(v.T("shell.token_made", "name", p.Name))
	return v.Page("token_secret", p)
}

func (s *Shell) revokeToken(v *web.Visit) error { return revoke(v, v.Person.ID, ownTokens) }

func revoke(v *web.Visit, ownerID, home string) error {
	err := v.People.RevokeAPIToken(v.Context(), v.Tenant, ownerID, v.Param("id"))
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	v.Flash(v.T("shell.token_revoked"), "") // twice pressed is revoked as well
	return v.Go(home)
}
