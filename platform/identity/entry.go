package identity

import (
	"context"
	"slices"

	"runes.im/platform/audit"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// SidebarEntry is a line that a rune brings to the sidebar, for those who hold the permission.
type SidebarEntry struct{ Key, Icon, Permission string }

// Hides reports whether the person's sidebar leaves the entry out. The page behind it opens all the same: what somebody
// may do is decided by their permissions alone.
func (p *Person) Hides(entry string) bool { return p.hidden[entry] }

// HideEntries says which entries of the sidebar a member does not see, whatever was said before.
func (h *House) HideEntries(ctx context.Context, t *tenant.Tenant, by *Person, memberID string, entries []string) error {
	known := map[string]bool{}
	for _, s := range h.Catalogue() {
		for _, e := range s.Entries {
			known[s.Rune+"."+e.Key] = true
		}
	}
	form := fault.Form{}
	for _, entry := range entries {
		form.Need(known[entry], "entry", "identity.entry_unknown", "entry", entry)
	}
	if err := form.Err(); err != nil {
		return err
	}
	entries = slices.Compact(slices.Sorted(slices.Values(entries)))
	return h.manage(ctx, t, by, memberID, func(ctx context.Context, tx *store.Tx, p *Person) error {
		if _, err := tx.Exec(ctx, `DELETE FROM identity_hidden_entries WHERE member_id = ?`, p.ID); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO identity_hidden_entries (member_id, entry) SELECT ?, value FROM json_each(?) WHERE value IS NOT NULL`, p.ID, list(entries))
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "identity.entries_hidden", Object: "member:" + p.ID, Title: p.Name, After: map[string]any{"hidden": entries},
		})
	})
}

func hiddenEntries(ctx context.Context, r store.Reader, ids string) (map[string]map[string]bool, error) {
	rows, err := r.Query(ctx, `SELECT member_id, entry FROM identity_hidden_entries
		WHERE member_id IN (SELECT value FROM json_each(?)) ORDER BY member_id, entry`, ids)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	hidden := map[string]map[string]bool{}
	for rows.Next() {
		var member, entry string
		if err := rows.Scan(&member, &entry); err != nil {
			return nil, err
		}
		if hidden[member] == nil {
			hidden[member] = map[string]bool{}
		}
		hidden[member][entry] = true
	}
	return hidden, rows.Err()
}
