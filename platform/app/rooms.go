package app

import (
	"slices"

	"runes.im/platform/attach"
	"runes.im/platform/audit"
	"runes.im/platform/blob"
	"runes.im/platform/desk"
	"runes.im/platform/entitlement"
	"runes.im/platform/event"
	"runes.im/platform/identity"
	"runes.im/platform/isolation"
	"runes.im/platform/job"
	"runes.im/platform/note"
	"runes.im/platform/notify"
	"runes.im/platform/record"
	"runes.im/platform/search"
	"runes.im/platform/secret"
	"runes.im/platform/store"
)

// schemas is what a tenant's database holds: the rooms' tables always, a rune's while it is active.
func (a *App) schemas(active map[string]bool) []store.Schema {
	all := []store.Schema{
		audit.Schema, blob.Schema, secret.Schema, entitlement.Schema, event.Schema, job.Schema, identity.Schema, notify.Schema, search.Schema,
		record.Schema, note.Schema, attach.Schema, desk.Schema, isolation.Schema,
	}
	for _, in := range a.Runes {
		if s, keeps := in.Schema(); keeps && active[in.ID] {
			all = append(all, s)
		}
	}
	return all
}

// roomJobs is the work that the platform itself plans.
func (a *App) roomJobs() []job.Kind {
	return slices.Concat(a.People.Jobs(), notify.Jobs(), a.Prover().Jobs())
}

// Events is the news that the platform itself sends.
func Events() []store.Event { return append(entitlement.Events(), identity.Events()...) }
