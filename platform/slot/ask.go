package slot

import (
	"context"

	"runes.im/platform/entitlement"
)

type offersKey struct{}

// With lets everything done under ctx ask the slots. The house sets it once, on the context from which requests,
// listeners and jobs get theirs.
func With(ctx context.Context, offers []Offer) context.Context {
	return context.WithValue(ctx, offersKey{}, offers)
}

// Offered is everything that was offered, of suspended runes, too.
func Offered(ctx context.Context) []Offer {
	offers, _ := ctx.Value(offersKey{}).([]Offer)
	return offers
}

// Ask is what the active runes of the asker's organisation answer.
func (s Slot[T]) Ask(ctx context.Context, a Asker) ([]Answer[T], error) {
	active, err := entitlement.Active(ctx, a.Tenant.DB)
	if err != nil {
		return nil, err
	}
	return s.Answers(Offered(ctx), active), nil
}

// Sleeping is what the installed runes would answer that are not active.
func (s Slot[T]) Sleeping(ctx context.Context, a Asker) ([]Answer[T], error) {
	active, err := entitlement.Active(ctx, a.Tenant.DB)
	if err != nil {
		return nil, err
	}
	all := map[string]bool{}
	for _, o := range Offered(ctx) {
		all[o.Rune] = !active[o.Rune]
	}
	all[House] = false
	var found []Answer[T]
	for _, answer := range s.Answers(Offered(ctx), all) {
		if answer.Rune != House {
			found = append(found, answer)
		}
	}
	return found, nil
}

// Only drops which rune answered, for whoever does not care.
func Only[T any](answers []Answer[T]) []T {
	all := make([]T, len(answers))
	for i, a := range answers {
		all[i] = a.What
	}
	return all
}

// Lang is the language the asker reads.
func (a Asker) Lang() string {
	if a.Person != nil && a.Person.Locale != "" {
		return a.Person.Locale
	}
	return a.Tenant.Locale
}
