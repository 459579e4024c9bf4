package storage

import (
	"context"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/slot"
	"runes.im/platform/store"
)

// homes are handed over when somebody leaves: all files of the leaver lie in one folder of the heir's then. Each keeps its
// number, its older versions and whomever it was shown to, so that clients see that it moved and fetch nothing again.
var homes = slot.Owned{
	Kind: "storage.home", Title: "storage.own_files", Icon: "hard-drive", Permission: "view_storage", Count: countHome, HandOver: handOverHome,
}

func countHome(ctx context.Context, r store.Reader, person string) (int, error) {
	home, err := homeOf(ctx, r, person)
	if err != nil || home == 0 {
		return 0, err
	}
	var n int
	err = r.QueryRow(ctx, below+`SELECT count(*) FROM below JOIN storage_nodes n ON n.id = below.id WHERE n.kind = 'file'`, home).Scan(&n)
	return n, err
}

func handOverHome(ctx context.Context, tx *store.Tx, from, to string) error {
	home, err := homeOf(ctx, tx, from)
	if err != nil || home == 0 || from == to {
		return err
	}
	heir, err := makeHome(ctx, tx, to)
	if err != nil {
		return err
	}
	left, err := spaceOf(ctx, tx, home)
	if err != nil {
		return err
	}
	if err := roomFor(ctx, tx, heir, to, left); err != nil {
		return err
	}
	folder, err := leaverFolder(ctx, tx, heir, from)
	if err != nil {
		return err
	}
	if err := freeOf(ctx, tx, home, from, to); err != nil {
		return err
	}
	return moveHome(ctx, tx, home, heir, folder)
}

// roomFor refuses what does not fit into the heir's quota, or would lie too deep there.
func roomFor(ctx context.Context, tx *store.Tx, heir int64, to string, left *space) error {
	books, err := spaceOf(ctx, tx, heir)
	if err != nil {
		return err
	}
	if books.Quota >= 0 && books.Used+left.Used > books.Quota {
		name, err := memberName(ctx, tx, to)
		if err != nil {
			return err
		}
		return fault.New(fault.Invalid, "storage.heir_full", "name", name)
	}
	var height int
	if err := tx.QueryRow(ctx, below+`SELECT max(step) FROM below`, left.Node).Scan(&height); err != nil {
		return err
	}
	if height+1 > maxDepth {
		return fault.New(fault.Invalid, "storage.path_too_deep", "n", maxDepth)
	}
	return books.warn(ctx, tx, left.Used)
}

func memberName(ctx context.Context, r store.Reader, id string) (string, error) {
	found, err := identity.MembersNamed(ctx, r, []string{id})
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0].Name, nil
}

// leaverFolder makes an empty folder at the top of the heir's home, called like the leaver.
func leaverFolder(ctx context.Context, tx *store.Tx, heir int64, from string) (*node, error) {
	wanted, err := memberName(ctx, tx, from)
	if err != nil {
		return nil, err
	}
	wanted = fitting(wanted)
	name := wanted
	for n := 2; ; n++ {
		var taken bool
		err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM storage_nodes WHERE parent = ?1 AND name = ?2)
			OR EXISTS (SELECT 1 FROM storage_mounts WHERE name = ?2)`, heir, name).Scan(&taken)
		if err != nil {
			return nil, err
		}
		if !taken {
			break
		}
		name = numbered(wanted, n, true)
	}
	now := clock.Now(ctx)
	made := &node{
		Parent: heir, Name: name, Folder: true, MTime: now.Unix(), ETag: newETag(),
		StoredAt: clock.Text(now), StoredBy: store.ActorOf(ctx).ID,
	}
	return made, insertNode(ctx, tx, made)
}

// freeOf ends what held the files: the leaver's own locks. What was shown to the heir out of this home is the heir's own now.
func freeOf(ctx context.Context, tx *store.Tx, home int64, from, to string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM storage_locks WHERE member = ?`, from); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, below+`DELETE FROM storage_mounts WHERE who = 'member' AND whom = ? AND node IN (SELECT id FROM below)`, home, to)
	tx.AfterCommit(memoryOf(tx.Memo()).forgetMounts)
	return err
}

// moveHome hangs everything under the folder and moves the books: what lies there, what lies in the trash, older versions.
func moveHome(ctx context.Context, tx *store.Tx, home, heir int64, folder *node) error {
	var size, kept int64
	err := tx.QueryRow(ctx, `SELECT n.size, s.kept FROM storage_nodes n JOIN storage_spaces s ON s.node = n.id WHERE n.id = ?`, home).Scan(&size, &kept)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE storage_nodes SET parent = ? WHERE parent = ?`, folder.ID, home); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE storage_trash SET space = ?, parent = iif(parent = ?, ?, parent), path = ? || rtrim(path, '/') WHERE space = ?`,
		heir, home, folder.ID, "/"+folder.Name, home)
	if err != nil {
		return err
	}
	if err := keep(ctx, tx, home, -kept); err != nil {
		return err
	}
	if err := keep(ctx, tx, heir, kept); err != nil {
		return err
	}
	if err := touch(ctx, tx, []int64{home}, -size); err != nil {
		return err
	}
	if err := touch(ctx, tx, []int64{heir, folder.ID}, size); err != nil {
		return err
	}
	return tx.Emit(ctx, FileMoved{ID: folder.ID, From: "/", Path: "/" + folder.Name, Folder: true})
}
