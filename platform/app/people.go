package app

import (
	"context"
	"time"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/tenant"
)

// UserArgs name a person of a tenant and what is to be done with them.
type UserArgs struct {
	Tenant, Email, Name, Role, Password, Label string
	Scopes                                     []string
	Days                                       int `json:",omitempty"`
}

// UserInfo is a person as the command line shows them.
type UserInfo struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Name  string `json:"name"`
	State string `json:"state"`
	Owner bool   `json:"owner"`
}

// AppPasswordInfo is a new app password; its secret is shown this once.
type AppPasswordInfo struct {
	ID     string    `json:"id"`
	Label  string    `json:"label"`
	Scopes []string  `json:"scopes"`
	MadeAt time.Time `json:"made_at"`
	Secret string    `json:"secret"`
}

func userInfo(p *identity.Person) UserInfo {
	return UserInfo{ID: p.ID, Email: p.Email, Name: p.Name, State: p.State(), Owner: p.Owner}
}

func addUser(ctx context.Context, a *App, args UserArgs) (any, error) {
	ctx, t, err := a.enter(ctx, args.Tenant)
	if err != nil {
		return nil, err
	}
	defer t.Leave()
	p, err := a.People.AddMember(ctx, t, identity.NewMember{
		Email: args.Email, Name: args.Name, Role: args.Role, Password: args.Password, Locale: t.Locale,
	})
	if err != nil {
		return nil, err
	}
	return userInfo(p), nil
}

func listUsers(ctx context.Context, a *App, args UserArgs) (any, error) {
	ctx, t, err := a.enter(ctx, args.Tenant)
	if err != nil {
		return nil, err
	}
	defer t.Leave()
	people, err := a.People.Members(ctx, t)
	if err != nil {
		return nil, err
	}
	list := []UserInfo{}
	for _, p := range people {
		list = append(list, userInfo(p))
	}
	return list, nil
}

// withUser finds the person, does the deed and answers with how the person is afterwards.
func withUser(ctx context.Context, a *App, args UserArgs, do func(context.Context, *tenant.Tenant, *identity.Person) error) (any, error) {
	ctx, t, err := a.enter(ctx, args.Tenant)
	if err != nil {
		return nil, err
	}
	defer t.Leave()
	p, err := a.People.MemberByEmail(ctx, t, args.Email)
	if err != nil {
		return nil, err
	}
	if err := do(ctx, t, p); err != nil {
		return nil, err
	}
	if p, err = a.People.Member(ctx, t, p.ID); err != nil {
		return nil, err
	}
	return userInfo(p), nil
}

func setPassword(ctx context.Context, a *App, args UserArgs) (any, error) {
	return withUser(ctx, a, args, func(ctx context.Context, t *tenant.Tenant, p *identity.Person) error {
		return a.People.SetPassword(ctx, t, p.ID, args.Password)
	})
}

func suspendUser(ctx context.Context, a *App, args UserArgs) (any, error) {
	return withUser(ctx, a, args, func(ctx context.Context, t *tenant.Tenant, p *identity.Person) error {
		return a.People.Suspend(ctx, t, nil, p.ID)
	})
}

func resumeUser(ctx context.Context, a *App, args UserArgs) (any, error) {
	return withUser(ctx, a, args, func(ctx context.Context, t *tenant.Tenant, p *identity.Person) error {
		return a.People.Resume(ctx, t, nil, p.ID)
	})
}

func makeAppPassword(ctx context.Context, a *App, args UserArgs) (any, error) {
	ctx, t, err := a.enter(ctx, args.Tenant)
	if err != nil {
		return nil, err
	}
	defer t.Leave()
	p, err := a.People.MemberByEmail(ctx, t, args.Email)
	if err != nil {
		return nil, err
	}
	if p.State() != "active" {
		return nil, fault.New(fault.Conflict, "app.user_suspended", "email", p.Email)
	}
	made, plain, err := a.People.MakeAppPassword(ctx, t, p.ID, args.Label, args.Scopes)
	if err != nil {
		return nil, err
	}
	return AppPasswordInfo{ID: made.ID, Label: made.Label, Scopes: made.Scopes, MadeAt: made.MadeAt, Secret: plain}, nil
}
