package app

import (
	"context"
	"time"

	"runes.im/platform/identity"
)

// APITokenInfo is a new API token; its secret is shown this once.
type APITokenInfo struct {
	ID     string    `json:"id"`
	Name   string    `json:"name"`
	Scopes []string  `json:"scopes"`
	EndsAt time.Time `json:"ends_at"`
	Secret string    `json:"secret"`
}

func makeAPIToken(ctx context.Context, a *App, args UserArgs) (any, error) {
	ctx, t, err := a.enter(ctx, args.Tenant)
	if err != nil {
		return nil, err
	}
	defer t.Leave()
	p, err := a.People.MemberByEmail(ctx, t, args.Email)
	if err != nil {
		return nil, err
	}
	made, plain, err := a.People.MakeAPIToken(ctx, t, p.ID, identity.NewToken{
		Name: args.Label, Scopes: args.Scopes, Lasts: time.Duration(args.Days) * 24 * time.Hour,
	})
	if err != nil {
		return nil, err
	}
	return APITokenInfo{ID: made.ID, Name: made.Name, Scopes: made.Scopes, EndsAt: made.EndsAt, Secret: plain}, nil
}
