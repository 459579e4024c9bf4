// Package entitlement says which runes are active in a tenant.
package entitlement

import (
	"context"
	"embed"
	"sync"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/store"
)

//go:embed migrations
var migrations embed.FS

// Schema holds one row per rune that was ever activated.
var Schema = store.Embedded("entitlement", migrations, "migrations")

// Changed is the signal of the database when a rune became active or was suspended: whoever works for runes looks again.
const Changed = "entitlement.changed"

// RuneActivated says that a rune came within reach.
type RuneActivated struct {
	Rune string `json:"rune"`
}

// Topic is the event's name.
func (RuneActivated) Topic() string { return "center.rune_activated" }

// RuneSuspended says that a rune went out of reach. Its data stays.
type RuneSuspended struct {
	Rune string `json:"rune"`
}

// Topic is the event's name.
func (RuneSuspended) Topic() string { return "center.rune_suspended" }

// Events are zero values of what this package emits.
func Events() []store.Event { return []store.Event{RuneActivated{}, RuneSuspended{}} }

// Active is the set of active runes of the tenant, from memory after the first call. The set is shared: only read it.
func Active(ctx context.Context, db *store.DB) (map[string]bool, error) {
	known := knownOf(db.Memo())
	active, turn := known.get()
	if active != nil {
		return active, nil
	}
	states, err := States(ctx, db)
	if err != nil {
		return nil, err
	}
	active = map[string]bool{}
	for rune, isActive := range states {
		if isActive {
			active[rune] = true
		}
	}
	known.put(active, turn)
	return active, nil
}

// States tells of each rune that was ever activated whether it is active now, as r sees it: within a write, that write.
func States(ctx context.Context, r store.Reader) (map[string]bool, error) {
	rows, err := r.Query(ctx, `SELECT rune, is_active FROM entitlement_runes WHERE rune <> '' ORDER BY rune`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	states := map[string]bool{}
	for rows.Next() {
		var rune string
		var active bool
		if err := rows.Scan(&rune, &active); err != nil {
			return nil, err
		}
		states[rune] = active
	}
	return states, rows.Err()
}

// Activate makes a rune active; its migrations have run before. For one that is active it does nothing.
func Activate(ctx context.Context, tx *store.Tx, rune string) error {
	changed, err := set(ctx, tx, `INSERT INTO entitlement_runes (rune, is_active, changed_at) VALUES (?, 1, ?)
		ON CONFLICT (rune) DO UPDATE SET is_active = 1, changed_at = excluded.changed_at WHERE is_active = 0`,
		rune, clock.Text(clock.Now(ctx)))
	if err != nil || !changed {
		return err
	}
	return tell(ctx, tx, "entitlement.rune_activated", rune, RuneActivated{Rune: rune})
}

// Suspend takes a rune out of reach and keeps its data. For one that is not active it does nothing.
func Suspend(ctx context.Context, tx *store.Tx, rune string) error {
	changed, err := set(ctx, tx, `UPDATE entitlement_runes SET is_active = 0, changed_at = ? WHERE rune = ? AND is_active = 1`,
		clock.Text(clock.Now(ctx)), rune)
	if err != nil || !changed {
		return err
	}
	return tell(ctx, tx, "entitlement.rune_suspended", rune, RuneSuspended{Rune: rune})
}

func set(ctx context.Context, tx *store.Tx, statement string, args ...any) (changed bool, err error) {
	result, err := tx.Exec(ctx, statement, args...)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

func tell(ctx context.Context, tx *store.Tx, action, rune string, e store.Event) error {
	k := knownOf(tx.Memo())
	tx.AfterCommit(k.forget)
	if _, isEnd := e.(RuneSuspended); isEnd {
		tx.AfterCommit(func() { k.end(rune) })
	}
	tx.Signal(Changed)
	if err := audit.Record(ctx, tx, audit.Entry{Action: action, Object: "rune:" + rune, Title: rune}); err != nil {
		return err
	}
	return tx.Emit(ctx, e)
}

// known is what one open database remembers.
type known struct {
	mu     sync.Mutex
	active map[string]bool
	turn   int // counts the changes: what was read before one must not be remembered after it

	guests   sync.Mutex
	watching map[string]map[*func()]struct{} // by rune
}

type knownKey struct{}

func knownOf(memo *sync.Map) *known {
	k, _ := memo.LoadOrStore(knownKey{}, &known{})
	return k.(*known)
}

// Watch has end called when the rune is suspended, until stop is called; never after stop has returned. end must not
// block. Whoever watches before asking Active misses no suspension.
func Watch(db *store.DB, rune string, end func()) (stop func()) {
	k := knownOf(db.Memo())
	k.guests.Lock()
	defer k.guests.Unlock()
	if k.watching[rune] == nil {
		if k.watching == nil {
			k.watching = map[string]map[*func()]struct{}{}
		}
		k.watching[rune] = map[*func()]struct{}{}
	}
	k.watching[rune][&end] = struct{}{}
	return func() {
		k.guests.Lock()
		defer k.guests.Unlock()
		delete(k.watching[rune], &end)
	}
}

func (k *known) end(rune string) {
	k.guests.Lock()
	defer k.guests.Unlock()
	for end := range k.watching[rune] {
		(*end)()
	}
}

func (k *known) get() (map[string]bool, int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.active, k.turn
}

func (k *known) put(active map[string]bool, turn int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.turn == turn {
		k.active = active
	}
}

func (k *known) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.active = nil
	k.turn++
}
