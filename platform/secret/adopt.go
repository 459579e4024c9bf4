package secret

import (
	"context"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// Adopt makes the data key of a database that came from another appliance open under this master key. other is the text
// of the other one's key file; it is needed only when the database is not under this key already.
func (m *Master) Adopt(ctx context.Context, db *store.DB, other string) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	_, err := m.key.dataKey(ctx, db)
	if !fault.Is(err, fault.Unavailable) || strings.TrimSpace(other) == "" {
		return err
	}
	from, err := parseKey(other, "--source-key")
	if err != nil {
		return err
	}
	if err := from.rewrap(ctx, db, m.key); err != nil {
		return err
	}
	return m.key.dropOthers(ctx, db)
}
