package app

import (
	"context"
	"time"

	"runes.im/platform/tenant"
)

// QuoteInfo is a question for a price as the command line shows it.
type QuoteInfo struct {
	ID       string    `json:"id"`
	State    string    `json:"state"` // open, answered
	Company  string    `json:"company"`
	Tenant   string    `json:"tenant,omitempty"` // once the organisation exists
	Name     string    `json:"name"`
	Email    string    `json:"email"`
	Message  string    `json:"message"`
	Package  string    `json:"package,omitempty"`
	Runes    []string  `json:"runes"`
	People   int       `json:"people"`
	Answer   string    `json:"answer,omitempty"`
	MadeAt   time.Time `json:"made_at"`
	Answered time.Time `json:"answered_at,omitzero"`
}

// QuoteArgs say what the one who asked was told.
type QuoteArgs struct{ ID, Answer string }

func listQuotes(ctx context.Context, a *App, _ struct{}) (any, error) {
	quotes, err := a.Tenants.Quotes(ctx)
	if err != nil {
		return nil, err
	}
	all := []QuoteInfo{}
	for _, q := range quotes {
		all = append(all, quoteInfo(q))
	}
	return all, nil
}

func quoteInfo(q tenant.Quote) QuoteInfo {
	i := QuoteInfo{
		ID: q.ID, State: "open", Company: q.Company, Tenant: q.Tenant, Name: q.Name, Email: q.Email, Message: q.Message, Package: q.Choice.Package,
		Runes: q.Choice.Runes, People: q.Choice.Seats, Answer: q.Answer, MadeAt: q.MadeAt, Answered: q.AnsweredAt,
	}
	if q.Answered {
		i.State = "answered"
	}
	return i
}

func answerQuote(ctx context.Context, a *App, args QuoteArgs) (any, error) {
	if err := a.Tenants.AnswerQuote(ctx, args.ID, args.Answer); err != nil {
		return nil, err
	}
	return listQuotes(ctx, a, struct{}{})
}
