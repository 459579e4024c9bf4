package identity

import (
	"context"

	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// OpenLink runs open, which looks a link's token up. Tokens that open nothing (fault.NotFound) count for the address they
// came from: after addressLimit of them within the window nobody there is heard for a while, with any link.
func (h *House) OpenLink(ctx context.Context, t *tenant.Tenant, from Source, open func() error) error {
	a := &attempt{door: linkGuess, tallies: []*tally{{kind: "address", key: network(from.Address), limit: addressLimit}}}
	if err := a.judge(ctx, t.DB); err != nil {
		return err
	}
	wrong := open()
	if !fault.Is(wrong, fault.NotFound) {
		return wrong
	}
	err := t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.judge(ctx, tx); err != nil {
			return err
		}
		return a.tallies[0].add(ctx, tx, a.door)
	})
	if err != nil {
		return err
	}
	return wrong
}
