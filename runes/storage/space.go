package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"runes.im/platform/clock"
	"runes.im/platform/identity"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// space is a tree of its own with its own quota.
type space struct {
	Node  int64
	Kind  string // home, team, system
	Owner string // member whose home it is
	Quota int64  // bytes, -1 = none
	Used  int64  // files, older versions and trash
	locks bool   // there are locks, somewhere in the tenant
	left  int64  // what the organisation as a whole may still store, -1 = any; only drive.books looks
}

// mount shows a folder of another tree at the top of a person's drive.
type mount struct {
	node
	inside rights // what the person may do with things in it
	top    rights // and with the folder itself
}

// homeOf is the number of the person's home, 0 when it was never made.
func homeOf(ctx context.Context, r store.Reader, member string) (int64, error) {
	var id int64
	err := r.QueryRow(ctx, `SELECT node FROM storage_spaces WHERE owner = ?`, member).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, err
}

// makeSpace makes an empty tree. owner is empty unless it is a home.
func makeSpace(ctx context.Context, tx *store.Tx, kind, owner, name string) (int64, error) {
	now := clock.Now(ctx)
	result, err := tx.Exec(ctx, `INSERT INTO storage_nodes (name, kind, mtime, etag, stored_at, stored_by)
		VALUES (?, 'folder', ?, ?, ?, ?)`, name, now.Unix(), newETag(), clock.Text(now), owner)
	if err != nil {
		return 0, err
	}
	id, err := result.LastInsertId()
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO storage_spaces (node, kind, owner) VALUES (?, ?, nullif(?, ''))`, id, kind, owner)
	return id, err
}

// makeHome makes the person's home unless it is there.
func makeHome(ctx context.Context, tx *store.Tx, member string) (int64, error) {
	id, err := homeOf(ctx, tx, member)
	if err != nil || id != 0 {
		return id, err
	}
	return makeSpace(ctx, tx, "home", member, "home")
}

// makeTeamFolder makes a folder that everybody of the organisation finds at the top of the drive. A name that
// somebody already uses at the top gets a number, so that nobody's own folder disappears behind it.
func makeTeamFolder(ctx context.Context, tx *store.Tx, name string) (int64, error) {
	return makeMounted(ctx, tx, "team", name, "everyone", "", allInside)
}

// systemFolder is the tree where runes keep generated files. Those who manage the storage see it, and nobody can
// rename or delete its top.
func systemFolder(ctx context.Context, tx *store.Tx) (int64, error) {
	var id int64
	err := tx.QueryRow(ctx, `SELECT node FROM storage_spaces WHERE kind = 'system'`).Scan(&id)
	if !errors.Is(err, sql.ErrNoRows) {
		return id, err
	}
	return makeMounted(ctx, tx, "system", "System", "permission", "manage_storage_settings", allInside)
}

func makeMounted(ctx context.Context, tx *store.Tx, kind, name, who, whom string, inside rights) (int64, error) {
	name, err := freeTopName(ctx, tx, name)
	if err != nil {
		return 0, err
	}
	id, err := makeSpace(ctx, tx, kind, "", name)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO storage_mounts (node, name, who, whom, rights, made_at) VALUES (?, ?, ?, ?, ?, ?)`,
		id, name, who, whom, inside.String(), clock.Text(clock.Now(ctx)))
	tx.AfterCommit(memoryOf(tx.Memo()).forgetMounts)
	return id, err
}

func freeTopName(ctx context.Context, tx *store.Tx, name string) (string, error) {
	for n := 1; ; n++ {
		try := name
		if n > 1 {
			try = numbered(name, n, true)
		}
		var taken bool
		err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM storage_mounts WHERE name = ?1) OR EXISTS (
			SELECT 1 FROM storage_nodes n JOIN storage_spaces s ON s.node = n.parent WHERE s.kind = 'home' AND n.name = ?1)`,
			try).Scan(&taken)
		if err != nil || !taken {
			return try, err
		}
	}
}

// mounts are the foreign trees at the top of this person's drive, by name; only the one called name unless it is empty.
func mounts(ctx context.Context, r store.Reader, p *identity.Person, name string) ([]*mount, error) {
	query, args := `SELECT m.name, m.who, m.whom, m.rights, m.shared, `+nodeColumns+`
		FROM storage_mounts m JOIN storage_nodes n ON n.id = m.node`, []any(nil)
	if name != "" {
		query, args = query+` WHERE m.name = ?`, []any{name}
	}
	rows, err := r.Query(ctx, query+` ORDER BY m.name, m.id`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []*mount
	for rows.Next() {
		var shownAs, who, whom, text string
		var shared bool
		m := new(mount)
		if err := rows.Scan(append([]any{&shownAs, &who, &whom, &text, &shared}, m.fields()...)...); err != nil {
			return nil, err
		}
		if who == "member" && whom != p.ID || who == "permission" && !p.Can(whom) {
			continue
		}
		m.Name = shownAs
		m.allow(rightsOf(text), shared)
		if last := len(found) - 1; last >= 0 && found[last].ID == m.ID {
			found[last].inside |= m.inside // one folder by two ways: the rights add up
			found[last].top |= m.top
			continue
		}
		found = append(found, m)
	}
	return found, rows.Err()
}

// allow sets the rights of a mount; its top stays where it is.
func (m *mount) allow(inside rights, shared bool) {
	m.inside = inside | isMounted
	if shared {
		m.inside = inside | isShared
	}
	m.top = m.inside &^ (fixed | fileOnly)
}

// spaceOf reads the space whose top is the node. Without a quota of its own it has the tenant's.
func spaceOf(ctx context.Context, r store.Reader, top int64) (*space, error) {
	s := &space{left: -1}
	// What somebody decided for this space goes before what the organisation decided, and that before the operator's limit.
	limit := int64(-1)
	if t := tenant.From(ctx); t != nil && t.PersonQuota > 0 {
		limit = t.PersonQuota
	}
	err := r.QueryRow(ctx, `SELECT s.node, s.kind, coalesce(s.owner, ''),
			coalesce(s.quota, (SELECT nullif(default_quota, -1) FROM storage_settings), iif(s.kind = 'home', ?2, -1)), n.size + s.kept,
			EXISTS (SELECT 1 FROM storage_locks)
		FROM storage_spaces s JOIN storage_nodes n ON n.id = s.node WHERE s.node = ?1`, top, limit).
		Scan(&s.Node, &s.Kind, &s.Owner, &s.Quota, &s.Used, &s.locks)
	if err != nil {
		return nil, fmt.Errorf("space of node %d: %w", top, err)
	}
	return s, nil
}

// room is how many more bytes fit; -1 means any.
func (s *space) room() int64 {
	if s.Quota < 0 {
		return s.left
	}
	room := max(0, s.Quota-s.Used)
	if s.left >= 0 {
		room = min(room, s.left)
	}
	return room
}

// whole is how much fits altogether, with what is there; -1 means any.
func (s *space) whole() int64 {
	if s.left < 0 || s.Quota >= 0 && s.Quota-s.Used <= s.left {
		return s.Quota
	}
	return s.Used + s.left
}
