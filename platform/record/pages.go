package record

import (
	"context"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/job"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
)

// Pages brings the noun's list, form, removal, bin and export below its path. The page of one record is the rune's own.
func (k *kind) Pages(r *web.Router) {
	at := func(rest string) string {
		if k.path+rest == "" {
			return "/"
		}
		return k.path + rest
	}
	r.Get(at(""), k.view, k.showList)
	r.Get(at("/export"), k.view, k.export)
	r.Post(at("/columns"), k.view, k.saveColumns)
	r.Get(at("/new"), k.manage, k.showNew)
	r.Post(at("/new"), k.manage, k.add)
	r.Get(at("/{id}/edit"), k.manage, k.showEdit)
	r.Post(at("/{id}/edit"), k.manage, k.edit)
	r.Get(at("/{id}/remove"), k.manage, k.showRemove)
	r.Post(at("/{id}/remove"), k.manage, k.removeOne)
	r.Get(at("/remove"), k.manage, k.showRemoveChosen)
	r.Post(at("/remove"), k.manage, k.removeChosen)
	r.Get(at("/bin"), k.manage, k.showBin)
	r.Post(at("/restore"), k.manage, k.restoreChosen)
	r.Get(at("/purge"), k.manage, k.showPurge)
	r.Post(at("/purge"), k.manage, k.purgeChosen)
}

// keepDays is how long the bin keeps what was removed.
const keepDays = 30

// bite is how many records a job ends in one write, so that people's writes get in between.
const bite = 200

// Jobs are the chores of a noun.
func Jobs(of Kind) []job.Kind {
	k := of.kindOf()
	return []job.Kind{{Name: k.rune + ".empty_bin_" + k.plural, Every: 6 * time.Hour, Run: k.emptyBin}}
}

func (k *kind) emptyBin(ctx context.Context, _ []byte) error {
	t := tenant.From(ctx)
	before := clock.Text(clock.Now(ctx).Add(-keepDays * 24 * time.Hour))
	for {
		old, err := k.list(ctx, t.DB, nil, Query{Bin: true, Where: "deleted_at < ? AND deleted_with = ''", Args: []any{before}, Sort: "deleted_at", Limit: bite})
		if err != nil || len(old) == 0 {
			return err
		}
		err = t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			for _, rec := range old {
				if err := k.purge(ctx, tx, rec); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// Emits is the news that a noun sends, for the wiring of the house.
func Emits(of Kind) []store.Event {
	var all []store.Event
	for _, make := range of.kindOf().news {
		if make != nil {
			all = append(all, make(Change{}))
		}
	}
	return all
}
