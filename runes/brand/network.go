package brand

import (
	"context"
	"database/sql"
	"errors"
	"net/netip"
	"strings"

	"runes.im/platform/audit"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// network is what the world may see of the organisation, and from where its administrators may work.
type network struct {
	IsIndexed bool   `form:"is_indexed"` // search engines may list the public pages
	IsPublic  bool   `form:"is_public"`  // there are public pages: business cards, share links
	Networks  string `form:"networks"`   // CIDR, one a line; empty: from everywhere
	prefixes  []netip.Prefix
}

func networkOf(ctx context.Context, r store.Reader) (*network, error) {
	n := &network{IsPublic: true}
	var isClosed bool
	err := r.QueryRow(ctx, `SELECT is_indexed, is_closed, networks FROM brand_network WHERE one = 1`).
		Scan(&n.IsIndexed, &isClosed, &n.Networks)
	if errors.Is(err, sql.ErrNoRows) {
		return n, nil
	}
	if err != nil {
		return nil, err
	}
	n.IsPublic = !isClosed
	n.prefixes, _ = readNetworks(n.Networks) // checked when it was saved
	return n, nil
}

// maxNetworks is far over what an office has.
const maxNetworks = 50

// readNetworks understands addresses and networks, one a line; wrong is the first line that is neither.
func readNetworks(text string) (prefixes []netip.Prefix, wrong string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		p, err := netip.ParsePrefix(line)
		if a, isOne := netip.ParseAddr(line); isOne == nil && a.Zone() == "" {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil || p != p.Masked() {
			return nil, line
		}
		prefixes = append(prefixes, p)
	}
	return prefixes, ""
}

// admits reports whether the address lies in one of the networks; without networks every one does.
func (n *network) admits(address string) bool {
	if len(n.prefixes) == 0 {
		return true
	}
	a, err := netip.ParseAddr(address)
	for _, p := range n.prefixes {
		if err == nil && p.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}

// check refuses what would lock out the person who saves it.
func (n *network) check(address string) error {
	f := fault.Form{}
	var wrong string
	n.prefixes, wrong = readNetworks(n.Networks)
	f.Need(wrong == "", "networks", "brand.network.form", "line", wrong)
	f.Need(len(n.prefixes) <= maxNetworks, "networks", "brand.network.too_many", "max", maxNetworks)
	f.Need(wrong != "" || n.admits(address), "networks", "brand.network.locked_out", "address", address)
	return f.Err()
}

func (n *network) save(ctx context.Context, tx *store.Tx, t *tenant.Tenant) error {
	old, err := networkOf(ctx, tx)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT OR REPLACE INTO brand_network (one, is_indexed, is_closed, networks) VALUES (1, ?, ?, ?)`,
		n.IsIndexed, !n.IsPublic, n.Networks)
	if err != nil {
		return err
	}
	tellPages(ctx, tx, t)
	return audit.Record(ctx, tx, audit.Entry{Action: "brand.network_saved", Object: "brand.network", Before: old.told(), After: n.told()})
}

func (n *network) told() map[string]any {
	return map[string]any{"indexed": n.IsIndexed, "public_pages": n.IsPublic, "networks": n.Networks}
}

// usableFrom is asked by the house for everybody who comes in, by whatever door.
func usableFrom(ctx context.Context, t *tenant.Tenant, address string) (func(permission string) bool, error) {
	w, err := wornBy(ctx, t)
	if err != nil || w.network.admits(address) {
		return nil, err
	}
	return func(permission string) bool { return !identity.Administrative(permission) }, nil
}
