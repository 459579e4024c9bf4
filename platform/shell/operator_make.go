package shell

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
)

// makePage is the form of a new organisation.
type makePage struct {
	operatorPage
	Company, Slug, Owner, Email, Locale, Zone string // as typed
	Locales, Zones                            []option
	Base                                      string
}

func (s *Shell) makeForm(v *web.Visit) *makePage {
	p := &makePage{operatorPage: operatorFrame(v, v.T("operator.make"), ""), Locale: v.Lang(), Zone: "UTC", Base: s.Tenants.BaseDomain()}
	for _, l := range spoken {
		p.Locales = append(p.Locales, option{l.Code, l.Name})
	}
	for _, name := range zones {
		p.Zones = append(p.Zones, option{name, strings.ReplaceAll(name, "_", " ")})
	}
	return p
}

func (s *Shell) showMakeFor(v *web.Visit) error {
	return v.Bare(http.StatusOK, "operator_make", s.makeForm(v))
}

func (s *Shell) makeFor(v *web.Visit) error {
	p := s.makeForm(v)
	p.Company, p.Slug = strings.TrimSpace(v.Form("company")), strings.TrimSpace(v.Form("slug"))
	p.Owner, p.Email = strings.TrimSpace(v.Form("name")), strings.TrimSpace(v.Form("email"))
	p.Locale, p.Zone = v.Form("locale"), v.Form("zone")
	slug := p.Slug
	if slug == "" {
		slug = slugOf(p.Company)
	}
	slug, token, err := s.Operation.MakeFor(v.Context(), tenant.New{Slug: slug, Name: p.Company, Locale: p.Locale, Zone: p.Zone}, p.Email, p.Owner)
	if err != nil {
		return v.Again("operator_make", p, err)
	}
	u, err := s.Operation.UseOf(v.Context(), slug)
	if err != nil {
		return err
	}
	made := &usePage{operatorPage: operatorFrame(v, u.Name, ""), useRow: useRowOf(v, u), Slug: u.Slug, Awaits: u.Awaits}
	made.Link = v.SiteOf(u.Host) + "/join/" + token
	return v.Bare(http.StatusOK, "operator_made", made)
}

// logPage is the log of the appliance.
type logPage struct {
	operatorPage
	Lines []logLine
	Older string
}

type logLine struct{ When, Who, What, Title, Address string }

const logLines = 50

func (s *Shell) showOperatorLog(v *web.Visit) error {
	before, err := strconv.ParseInt(v.Query("before"), 10, 64)
	if err != nil {
		before = 0
	}
	lines, err := s.Operation.Log(v.Context(), before, logLines+1)
	if err != nil {
		return err
	}
	p := &logPage{operatorPage: operatorFrame(v, v.T("operator.log"), operatorPath+"/log")}
	if len(lines) > logLines {
		lines = lines[:logLines]
		p.Older = operatorPath + "/log?before=" + strconv.FormatInt(lines[logLines-1].Number, 10)
	}
	now := clock.Now(v.Context())
	for _, l := range lines {
		p.Lines = append(p.Lines, logLine{
			When: exactly(v, l.At, now), Who: l.Actor, Title: l.Title, Address: l.Address, What: deedOf(v, l.Action),
		})
	}
	return v.Bare(http.StatusOK, "operator_log", p)
}

// exactly is the day and the time, as a log needs it.
func exactly(v *web.Visit, t, now time.Time) string {
	if v.Date(t) == v.Date(now) {
		return v.Time(t)
	}
	return v.Date(t) + " " + v.Time(t)
}

// deeds are the words for what stands in the log.
var deeds = map[string]string{
	"tenant.created": "operator.did_created", "tenant.suspended": "operator.did_suspended", "tenant.resumed": "operator.did_resumed",
	"tenant.deletion_planned": "operator.did_deletion", "tenant.deletion_taken_back": "operator.did_kept", "tenant.deleted": "operator.did_deleted",
	"tenant.host_added": "operator.did_host_added", "tenant.host_removed": "operator.did_host_removed",
	"tenant.limits_set": "operator.did_limits", "appliance.operator_added": "operator.did_operator_added",
	"appliance.operator_removed": "operator.did_operator_removed",
	"appliance.cert_set":         "cert.did_set", "appliance.cert_removed": "cert.did_remove",
	"appliance.quote_asked": "shell.did_quote_asked", "appliance.quote_answered": "shell.did_quote_answered",
}

func deedOf(v *web.Visit, action string) string {
	if key, known := deeds[action]; known {
		return v.T(key)
	}
	return action
}
