package record

import (
	"context"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/job"
	"runes.im/platform/sheet"
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
	get := func(rest, permission string, do func(*kind, *web.Visit) error) {
		r.Get(at(rest), permission, k.page(do))
	}
	post := func(rest, permission string, do func(*kind, *web.Visit) error) {
		r.Post(at(rest), permission, k.page(do))
	}
	get("", k.view, (*kind).showList)
	get("/export", k.view, (*kind).export)
	post("/columns", k.view, (*kind).saveColumns)
	if k.importable() {
		k.importPages(get, post, func(rest string, do func(*kind, *web.Visit) error) {
			r.PostFile(at(rest), k.manage, sheet.MaxBytes, k.page(do), k.page((*kind).refuseUpload))
		})
	}
	get("/new", k.manage, (*kind).showNew)
	post("/new", k.manage, (*kind).add)
	get("/{id}/edit", k.manage, (*kind).showEdit)
	post("/{id}/edit", k.manage, (*kind).edit)
	get("/{id}/remove", k.manage, (*kind).showRemove)
	post("/{id}/remove", k.manage, (*kind).removeOne)
	get("/remove", k.manage, (*kind).showRemoveChosen)
	post("/remove", k.manage, (*kind).removeChosen)
	get("/bin", k.manage, (*kind).showBin)
	post("/restore", k.manage, (*kind).restoreChosen)
	get("/purge", k.manage, (*kind).showPurge)
	post("/purge", k.manage, (*kind).purgeChosen)
	if k.notes {
		k.notePages(get, post)
	}
	if k.archived != "" {
		k.filePages(r, at)
	}
	if k.custom >= 0 {
		get("/fields", shapes, (*kind).showFields)
		get("/fields/new", shapes, (*kind).showNewField)
		post("/fields/new", shapes, (*kind).addField)
		get("/fields/{field}", shapes, (*kind).showField)
		post("/fields/{field}", shapes, (*kind).saveField)
		post("/fields/{field}/move", shapes, (*kind).moveField)
		get("/fields/{field}/remove", shapes, (*kind).showDropField)
		post("/fields/{field}/remove", shapes, (*kind).dropField)
		post("/fields/{field}/restore", shapes, (*kind).restoreField)
	}
	if k.reach != nil {
		get("/scope", grants, (*kind).showReaches)
		get("/scope/{holder}", grants, (*kind).showReach)
		post("/scope/{holder}", grants, (*kind).saveReach)
	}
	if hasOwner := k.ownerField(); hasOwner != nil {
		get("/give", k.manage, (*kind).showGive)
		post("/give", k.manage, (*kind).give)
	}
	if k.traits != nil {
		get("/duplicates", k.manage, (*kind).showTwins)
		post("/duplicates/apart", k.manage, (*kind).keepApart)
		get("/merge", k.manage, (*kind).showMerge)
		post("/merge", k.manage, (*kind).mergeTwo)
		post("/merges/{merge}/undo", k.manage, (*kind).takeApart)
	}
}

const (
	shapes = "manage_organization" // who adds fields to nouns
	grants = "manage_roles"        // who says what people see
)

// page is a handler of the noun with all fields that the person sees.
func (k *kind) page(do func(*kind, *web.Visit) error) web.Handler {
	return func(v *web.Visit) error {
		w, err := k.whole(v.Context(), v.DB, v.Person)
		if err != nil {
			return err
		}
		return do(w, v)
	}
}

// keepDays is how long the bin keeps what was removed.
const keepDays = 30

// bite is how many records a job ends in one write, so that people's writes get in between.
const bite = 200

// Jobs are the chores of a noun.
func Jobs(of Kind) []job.Kind {
	k := of.kindOf()
	all := append(k.importJobs(), job.Kind{Name: k.rune + ".empty_bin_" + k.plural, Every: 6 * time.Hour, Run: k.emptyBin})
	if k.archived != "" {
		all = append(all, job.Kind{Name: k.renaming(), Run: k.renameFolder})
	}
	if k.custom >= 0 {
		all = append(all, job.Kind{Name: k.reindexing(), Run: k.reindex},
			job.Kind{Name: k.rune + ".end_fields_" + k.plural, Every: 6 * time.Hour, Run: k.endFields})
	}
	return all
}

func (k *kind) emptyBin(ctx context.Context, _ []byte) error {
	t := tenant.From(ctx)
	before := clock.Text(clock.Now(ctx).Add(-keepDays * 24 * time.Hour))
	for {
		old, err := k.list(ctx, t.DB, nil, Query{Bin: true, Where: "deleted_at < ? AND (deleted_with = '' OR deleted_with GLOB 'merge:*')", Args: []any{before}, Sort: "deleted_at", Limit: bite})
		if err != nil || len(old) == 0 {
			return err
		}
		err = t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			for _, rec := range old {
				if err := k.purge(ctx, tx, rec); err != nil {
					return err
				}
			}
			return k.endMerges(ctx, tx, before)
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
	for _, make := range of.kindOf().oneNews {
		if make != nil {
			all = append(all, make(Merging{}))
		}
	}
	return all
}
