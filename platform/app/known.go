package app

import (
	"context"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/slot"
	"runes.im/platform/store"
)

// Copy is everything that an organisation knows about one person, inside or outside, by their address.
type Copy struct {
	Organisation string       `json:"organisation"`
	Email        string       `json:"email"`
	At           time.Time    `json:"at"`
	Known        []slot.Known `json:"known"`
}

// exportUser gathers what every active module knows about the person with that address. The log says that it was asked.
func exportUser(ctx context.Context, a *App, args UserArgs) (any, error) {
	ctx, t, err := a.enter(ctx, args.Tenant)
	if err != nil {
		return nil, err
	}
	defer t.Leave()
	about := slot.Subject{Email: args.Email}
	p, err := a.People.MemberByEmail(ctx, t, args.Email)
	switch f := fault.Of(err); {
	case err == nil:
		about.Member = p.ID
	case f == nil || f.Kind != fault.NotFound:
		return nil, err
	}
	offers, err := slot.PersonalData.Ask(ctx, slot.Asker{Tenant: t})
	if err != nil {
		return nil, err
	}
	known, err := slot.KnownAbout(ctx, t.DB, offers, about)
	if err != nil {
		return nil, err
	}
	for i := range known {
		known[i].Title = a.Words.Text("en", known[i].Title)
	}
	err = t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{Action: "identity.data_exported", Object: "person:" + args.Email, Title: args.Email})
	})
	return Copy{Organisation: t.Name, Email: args.Email, At: clock.Now(ctx), Known: known}, err
}
