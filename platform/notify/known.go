package notify

import (
	"context"

	"runes.im/platform/store"
)

// KnownAbout is what a member was told, for the copy of their data they may ask for; nil when nothing.
func KnownAbout(ctx context.Context, r store.Reader, person string) (any, error) {
	items, err := Items(ctx, r, person, Which{Limit: 10_000})
	if err != nil || len(items) == 0 {
		return nil, err
	}
	all := make([]map[string]any, len(items))
	for i, one := range items {
		all[i] = map[string]any{"at": one.At, "kind": one.Kind, "values": one.Args, "by": one.Actor, "read": one.Read}
	}
	return all, nil
}

// Forget ends what a member was told and chose.
func Forget(ctx context.Context, tx *store.Tx, person string) error {
	if person == "" {
		return nil // the choices of nobody are the organisation's
	}
	for _, table := range []string{"notify_notes", "notify_choices", "notify_mutes", "notify_quiet"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE person = ?`, person); err != nil {
			return err
		}
	}
	return nil
}
