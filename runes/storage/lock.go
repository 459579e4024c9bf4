package storage

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"slices"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// The limits of locks.
const (
	maxLocks    = 1_000 // of one person
	maxLockTime = time.Hour
	tokenPrefix = "opaquelocktoken:"
)

// lock keeps everybody but its owner from changing a node.
type lock struct {
	Token   string
	Node    int64
	Member  string
	Deep    bool   // everything below as well
	Shared  bool   // others may hold a shared lock beside it
	Owner   string // XML, as the client gave it
	Seconds int64
}

// hasToken compares in constant time: who knows a token may write.
func (l *lock) hasToken(given string) bool {
	return subtle.ConstantTimeCompare([]byte(l.Token), []byte(given)) == 1
}

// newToken is 128 random bits.
func newToken() string {
	var b [16]byte
	rand.Read(b[:])
	return tokenPrefix + hex.EncodeToString(b[:])
}

func locked(name string) error { return fault.New(fault.Locked, "storage.locked", "name", name) }

const lockColumns = `token, node, member, deep, shared, owner, seconds`

func scanLocks(ctx context.Context, r store.Reader, query string, args ...any) ([]*lock, error) {
	rows, err := r.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []*lock
	for rows.Next() {
		l := new(lock)
		if err := rows.Scan(&l.Token, &l.Node, &l.Member, &l.Deep, &l.Shared, &l.Owner, &l.Seconds); err != nil {
			return nil, err
		}
		found = append(found, l)
	}
	return found, rows.Err()
}

// locksOn are the living locks that cover the last node of the chain: its own, and deep ones above it.
func locksOn(ctx context.Context, r store.Reader, chain []int64) ([]*lock, error) {
	args := []any{clock.Text(clock.Now(ctx)), chain[len(chain)-1]}
	for _, id := range chain {
		args = append(args, id)
	}
	return scanLocks(ctx, r, `SELECT `+lockColumns+` FROM storage_locks
		WHERE ends_at > ? AND (node = ? OR deep) AND node IN (`+marks(len(chain))+`) ORDER BY token`, args...)
}

// locksIn are the living locks on what lies directly in a folder.
func locksIn(ctx context.Context, r store.Reader, folder int64) ([]*lock, error) {
	return scanLocks(ctx, r, `SELECT `+lockColumns+` FROM storage_locks WHERE ends_at > ?
		AND (SELECT parent FROM storage_nodes WHERE id = node) = ? ORDER BY token`, clock.Text(clock.Now(ctx)), folder)
}

// checkLocks refuses a change of the last node of the chain unless its locks are held: the client named their tokens
// and the person made them.
func (d *drive) checkLocks(ctx context.Context, r store.Reader, chain []int64, held []string) error {
	found, err := locksOn(ctx, r, chain)
	if err != nil || d.holds(found, held) {
		return err
	}
	return locked("")
}

// holds reports whether every exclusive lock is held, and one of the shared ones if there are any.
func (d *drive) holds(locks []*lock, held []string) bool {
	shared, holdsShared := false, false
	for _, l := range locks {
		mine := l.Member == d.person.ID && slices.ContainsFunc(held, l.hasToken)
		if l.Shared {
			shared, holdsShared = true, holdsShared || mine
		} else if !mine {
			return false
		}
	}
	return !shared || holdsShared
}

// checkTreeLocks refuses to take a node away while it, its folder or anything below it is locked by others.
func (d *drive) checkTreeLocks(ctx context.Context, r store.Reader, at *place, held []string) error {
	if err := d.checkLocks(ctx, r, at.chain, held); err != nil {
		return err
	}
	if len(at.chain) > 1 {
		if err := d.checkLocks(ctx, r, at.up(), held); err != nil {
			return err
		}
	}
	if !at.Folder {
		return nil
	}
	found, err := locksBelow(ctx, r, at.ID)
	if err != nil || d.holds(found, held) {
		return err
	}
	return locked(at.Name)
}

// locksBelow walks up from each of the few living locks, not down through the tree.
func locksBelow(ctx context.Context, r store.Reader, top int64) ([]*lock, error) {
	return scanLocks(ctx, r, `WITH RECURSIVE up (token, id) AS (
			SELECT token, node FROM storage_locks WHERE ends_at > ?
			UNION ALL
			SELECT up.token, n.parent FROM up JOIN storage_nodes n ON n.id = up.id WHERE n.parent IS NOT NULL)
		SELECT `+lockColumns+` FROM storage_locks WHERE token IN (SELECT token FROM up WHERE id = ?) ORDER BY token`,
		clock.Text(clock.Now(ctx)), top)
}

// lockPlace makes a lock. The place must exist, and the person must be able to change it.
func (d *drive) lockPlace(ctx context.Context, tx *store.Tx, at *place, l *lock) error {
	want := mayWrite
	if at.Folder {
		want = mayAddFile
	}
	if err := at.need(want); err != nil {
		return err // who only reads would keep the others from writing
	}
	others, err := locksOn(ctx, tx, at.chain)
	if err == nil && l.Deep && at.Folder {
		var inside []*lock
		inside, err = locksBelow(ctx, tx, at.ID)
		others = append(others, inside...)
	}
	if err != nil {
		return err
	}
	for _, other := range others {
		if !l.Shared || !other.Shared {
			return locked(at.Name)
		}
	}
	now := clock.Now(ctx)
	var mine int
	err = tx.QueryRow(ctx, `SELECT count(*) FROM storage_locks WHERE member = ? AND ends_at > ?`, d.person.ID, clock.Text(now)).Scan(&mine)
	if err != nil {
		return err
	}
	if mine >= maxLocks {
		return fault.New(fault.TooMany, "storage.too_many_locks", "n", maxLocks)
	}
	l.Token, l.Node, l.Member = newToken(), at.ID, d.person.ID
	l.Seconds = lockSeconds(l.Seconds)
	_, err = tx.Exec(ctx, `INSERT INTO storage_locks (token, node, member, deep, shared, owner, seconds, ends_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		l.Token, l.Node, l.Member, l.Deep, l.Shared, l.Owner, l.Seconds, ends(ctx, l.Seconds))
	if err != nil {
		return err
	}
	return touchQuietly(ctx, tx, at.chain)
}

// refresh starts the time of a lock again. Only its owner can, with one of its tokens.
func (d *drive) refresh(ctx context.Context, tx *store.Tx, at *place, tokens []string, seconds int64) (*lock, error) {
	found, err := locksOn(ctx, tx, at.chain)
	if err != nil {
		return nil, err
	}
	for _, l := range found {
		if l.Member != d.person.ID || !slices.ContainsFunc(tokens, l.hasToken) {
			continue
		}
		l.Seconds = lockSeconds(seconds)
		_, err := tx.Exec(ctx, `UPDATE storage_locks SET seconds = ?, ends_at = ? WHERE token = ?`, l.Seconds, ends(ctx, l.Seconds), l.Token)
		return l, err
	}
	return nil, fault.New(fault.Precondition, "storage.no_such_lock")
}

// unlock ends a lock that covers the place.
func (d *drive) unlock(ctx context.Context, tx *store.Tx, at *place, token string) error {
	found, err := locksOn(ctx, tx, at.chain)
	if err != nil {
		return err
	}
	for _, l := range found {
		if !l.hasToken(token) {
			continue
		}
		if l.Member != d.person.ID {
			return fault.New(fault.Forbidden, "storage.lock_of_another")
		}
		if _, err := tx.Exec(ctx, `DELETE FROM storage_locks WHERE token = ?`, token); err != nil {
			return err
		}
		return touchQuietly(ctx, tx, at.chain)
	}
	return fault.New(fault.Conflict, "storage.no_such_lock")
}

// unlockTree ends the locks of a node that leaves its place, and of all below it.
func unlockTree(ctx context.Context, tx *store.Tx, top int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM storage_locks WHERE token IN (
		WITH RECURSIVE up (token, id) AS (
			SELECT token, node FROM storage_locks
			UNION ALL
			SELECT up.token, n.parent FROM up JOIN storage_nodes n ON n.id = up.id WHERE n.parent IS NOT NULL)
		SELECT token FROM up WHERE id = ?)`, top)
	return err
}

func ends(ctx context.Context, seconds int64) string {
	return clock.Text(clock.Now(ctx).Add(time.Duration(seconds) * time.Second))
}

// lockSeconds is what the client asked for within the limit; 0 and less mean as long as possible.
func lockSeconds(asked int64) int64 {
	limit := int64(maxLockTime / time.Second)
	if asked <= 0 || asked > limit {
		return limit
	}
	return asked
}
