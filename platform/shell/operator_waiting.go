package shell

import (
	"html/template"
	"net/http"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
)

// waitingRoutes are what waits for the operator's word: domains and questions for a price.
func (s *Shell) waitingRoutes(r *web.Router) {
	r.Get(operatorPath+"/domains", web.Operator, s.showClaims)
	r.Post(operatorPath+"/domains", web.Operator, s.confirmHost)
	r.Get(operatorPath+"/requests", web.Operator, s.showRequests)
	r.Post(operatorPath+"/requests/{id}", web.Operator, s.answerRequest)
}

type claimsPage struct {
	operatorPage
	Rows []claimRow
}

// claimRow is a domain that an organisation says is its own.
type claimRow struct{ Host, Slug, Name, Since, Problem string }

func (s *Shell) claims(v *web.Visit) (*claimsPage, error) {
	p := &claimsPage{operatorPage: operatorFrame(v, v.T("operator.domains"), operatorPath+"/domains")}
	claims, err := s.Tenants.Claims(v.Context())
	for _, c := range claims {
		row := claimRow{Host: c.Host, Slug: c.Slug, Name: c.Name, Since: v.Date(c.MadeAt)}
		if c.Problem != "" {
			row.Problem = v.T(c.Problem, "host", c.Host)
		}
		p.Rows = append(p.Rows, row)
	}
	return p, err
}

func (s *Shell) showClaims(v *web.Visit) error {
	p, err := s.claims(v)
	if err != nil {
		return err
	}
	return v.Bare(http.StatusOK, "operator_domains", p)
}

// confirmHost gives the operator's word that a domain belongs to the organisation that asked for it.
func (s *Shell) confirmHost(v *web.Visit) error {
	p, err := s.claims(v)
	if err != nil {
		return err
	}
	host, slug := v.Form("host"), v.Form("slug")
	for _, c := range p.Rows {
		if c.Host != host || c.Slug != slug {
			continue
		}
		err := s.Tenants.AddHost(v.Context(), slug, host)
		if f := fault.Of(err); f != nil && f.Kind == fault.Conflict {
			p.Warns = v.T(f.Key, f.Args...)
			return v.Bare(http.StatusConflict, "operator_domains", p)
		}
		if err != nil {
			return err
		}
		return v.Go(operatorPath + "/domains?done=confirmed")
	}
	return fault.New(fault.NotFound, "web.not_found")
}

type requestsPage struct {
	operatorPage
	Rows []requestRow
}

// requestRow is a question for a price.
type requestRow struct {
	ID, Company, Who, Email, Message, Chosen, Since, Answer, Answered string
	Tenant                                                            string // short name, once the organisation exists
	Mail                                                              template.URL
	Problem                                                           string
}

func (s *Shell) requests(v *web.Visit) (*requestsPage, error) {
	p := &requestsPage{operatorPage: operatorFrame(v, v.T("operator.requests"), operatorPath+"/requests")}
	quotes, err := s.Tenants.Quotes(v.Context())
	for _, q := range quotes {
		row := requestRow{
			ID: q.ID, Company: q.Company, Who: q.Name, Email: q.Email, Message: q.Message, Chosen: chosenOf(v, q), Since: v.Date(q.MadeAt),
			Answer: q.Answer, Tenant: q.Tenant, Mail: web.MailTo(q.Email, v.T("operator.request_subject", "company", q.Company), ""),
		}
		if q.Answered {
			row.Answered = v.Date(q.AnsweredAt)
		}
		p.Rows = append(p.Rows, row)
	}
	return p, err
}

// chosenOf names what somebody wants to know the price of.
func chosenOf(v *web.Visit, q tenant.Quote) string {
	var names []string
	for _, rune := range q.Choice.Runes {
		names = append(names, v.T(rune+".name"))
	}
	return v.T("operator.request_for", "n", q.Choice.Seats, "modules", strings.Join(names, ", "))
}

func (s *Shell) showRequests(v *web.Visit) error {
	p, err := s.requests(v)
	if err != nil {
		return err
	}
	return v.Bare(http.StatusOK, "operator_requests", p)
}

// longestAnswer is plenty for a note about what was agreed.
const longestAnswer = 2000

// answerRequest notes what was agreed, and lets the organisation wait no longer.
func (s *Shell) answerRequest(v *web.Visit) error {
	answer := strings.TrimSpace(v.Form("answer"))
	form := fault.Form{}
	form.Need(answer != "" && len(answer) <= longestAnswer, "answer", "operator.answer_needed", "max", longestAnswer)
	if err := form.Err(); err != nil {
		p, reading := s.requests(v)
		if reading != nil {
			return reading
		}
		for n := range p.Rows {
			if r := &p.Rows[n]; r.ID == v.Param("id") {
				r.Answer, r.Problem = answer, v.T("operator.answer_needed", "max", longestAnswer)
			}
		}
		return v.Bare(http.StatusUnprocessableEntity, "operator_requests", p)
	}
	if err := s.Tenants.AnswerQuote(v.Context(), v.Param("id"), answer); err != nil {
		return err
	}
	return v.Go(operatorPath + "/requests?done=answered")
}
