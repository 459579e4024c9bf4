// Package storage is the drive of the house: everybody's files in one tree per person, in the browser and in step with
// the Nextcloud clients on their devices.
package storage

import (
	"embed"

	"runes.im/platform/runekit"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

//go:embed all:manifest.json all:migrations all:templates all:words
var files embed.FS

// Rune is Cloud Storage.
var Rune = runekit.Rune{
	Files:  files,
	Routes: routes,
	Doors:  doors,
	Jobs:   jobs,
	Emits:  []store.Event{FileCreated{}, FileUpdated{}, FileMoved{}, FileDeleted{}, FileRestored{}, QuotaWarning{}},
	Offers: offers,
	Demo:   fillDemo,
}

func routes(r *web.Router) {
	r.Get("/connect/{token}", "desktop_sync", showConnect)
	r.Post("/connect/{token}", "desktop_sync", letConnect)
}

// doors are the addresses that sync clients know. None of them redirects, and an address beside them is a plain 404:
// a client that asks whether to wipe its disk must hear nothing else.
func doors(d *web.Doors) {
	d.Open("/status.php", web.Door{Scope: web.Public, Handle: showStatus, Fail: failOCS})
	d.Open("/index.php/204", web.Door{Scope: web.Public, Handle: showNothing, Fail: failOCS})
	d.Open("/index.php/login/v2", web.Door{Scope: web.Public, Handle: beginFlow, Fail: failOCS})
	d.Open("/index.php/login/v2/poll", web.Door{Scope: web.Public, Handle: pollFlow, Fail: failOCS})
	d.Open("/index.php/core/wipe/check", web.Door{Scope: web.Public, Handle: refuseWipe, Fail: failOCS})
	ocs := web.Door{Scope: syncScope, Realm: realm, Permission: "view_storage", Optional: true, Handle: answerOCS, Fail: failOCS}
	d.Open("/ocs/v1.php/*", ocs)
	d.Open("/ocs/v2.php/*", ocs)
	dav := web.Door{Scope: syncScope, Realm: realm, Permission: "view_storage", Handle: answerDAV, Fail: failDAV}
	d.Open("/dav", dav)
	d.Open("/dav/*", dav)
	d.Open("/remote.php/webdav", dav)
	d.Open("/remote.php/webdav/*", dav)
	d.Open("/remote.php/dav/files/*", dav)
	uploads := dav
	uploads.Handle = answerUploads
	d.Open("/remote.php/dav/uploads/*", uploads)
}

// syncScope is the scope of app passwords that opens the doors; realm is what clients show beside the password field.
const (
	syncScope = "sync"
	realm     = "RUNES"
)

var offers = []slot.Offer{
	slot.Actions.Offer(slot.Action{ID: "storage.upload", Title: "storage.upload", Icon: "upload", Permission: "view_storage", Link: "/storage?upload"}),
	slot.Actions.Offer(slot.Action{ID: "storage.new_folder", Title: "storage.new_folder", Icon: "folder-plus", Permission: "view_storage", Link: "/storage?new-folder"}),
	slot.FileArchives.Offer(slot.FileArchive{Save: saveForRune}),
	slot.RefTitles.Offer(slot.Titles{Kind: "file", Resolve: titles}),
}
