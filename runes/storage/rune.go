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

//go:embed all:manifest.json all:migrations all:templates all:words all:guide
var files embed.FS

// Rune is Cloud Storage.
var Rune = runekit.Rune{
	Files:  files,
	Routes: routes,
	Guide:  runekit.Basic,
	Doors:  doors,
	Jobs:   jobs,
	Emits:  []store.Event{FileCreated{}, FileUpdated{}, FileMoved{}, FileDeleted{}, FileRestored{}, QuotaWarning{}},
	Offers: offers,
	Demo:   fillDemo,
}

func routes(r *web.Router) {
	r.Get("/", "view_storage", showTop)
	r.Get("/f/{id}", "view_storage", showPlace)
	r.Get("/rows/{id}", "view_storage", showRows)
	r.Get("/ids/{id}", "view_storage", showIDs)
	r.Get("/details/{id}", "view_storage", showDetails)
	r.Get("/download/{id}", "view_storage", showFile)
	r.Post("/download", "view_storage", download)
	r.Get("/version/{id}/{version}", "view_storage", showVersion)
	r.Post("/version/{id}/{version}/restore", "view_storage", bringBackVersion)

	r.Get("/new/{id}", "view_storage", showNewFolder)
	r.Post("/new/{id}", "view_storage", makeNewFolder)
	r.Get("/rename/{id}", "view_storage", showRename)
	r.Post("/rename/{id}", "view_storage", rename)
	r.Get("/move", "view_storage", showMove)
	r.Post("/move", "view_storage", moveChosen)
	r.Get("/copy", "view_storage", showCopy)
	r.Post("/copy", "view_storage", copyChosen)
	r.Post("/delete", "view_storage", removeChosen)

	r.Post("/taken/{id}", "view_storage", askTaken)
	r.Post("/folder/{id}", "view_storage", makeDropped)
	r.Put("/upload/{id}", "view_storage", uploadWhole)
	r.Post("/transfer", "view_storage", beginUpload)
	r.Get("/transfer/{name}", "view_storage", showTransfer)
	r.Put("/transfer/{name}/{number}", "view_storage", uploadPiece)
	r.Post("/transfer/{name}/finish", "view_storage", finishUpload)
	r.Post("/transfer/{name}/drop", "view_storage", dropUpload)

	r.Get("/trash", "view_storage", showTrash)
	r.Post("/trash/restore", "view_storage", restoreChosen)
	r.Post("/trash/undo", "view_storage", undoRemove)
	r.Get("/trash/destroy", "view_storage", showDestroy)
	r.Post("/trash/destroy", "view_storage", destroy)
	r.Get("/trash/empty", "view_storage", showEmptyTrash)
	r.Post("/trash/empty", "view_storage", emptyWholeTrash)

	r.Get("/sync", "desktop_sync", showSync)
	r.Get("/sync/new", "desktop_sync", showNewDevice)
	r.Post("/sync/new", "desktop_sync", makeDevice)
	r.Get("/sync/revoke/{id}", "desktop_sync", showRevoke)
	r.Post("/sync/revoke/{id}", "desktop_sync", revoke)
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
	d.Open("/index.php/core/wipe/*", web.Door{Scope: web.Public, Handle: refuseWipe, Fail: failOCS})
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
	avatars := web.Door{Scope: syncScope, Realm: realm, Permission: "view_storage", Handle: showAvatar, Fail: failDAV}
	d.Open(avatarPath+"*", avatars)
	d.Open(davAvatarPath+"*", avatars)
	for _, rest := range []string{"/index.php/*", "/ocs/*", "/remote.php/*", "/public.php/*"} {
		d.Open(rest, web.Door{Scope: web.Public, Handle: nothingHere, Fail: failDAV})
	}
}

// syncScope is the scope of app passwords that opens the doors; realm is what clients show beside the password field.
const (
	syncScope = "sync"
	realm     = "RUNES"
)

var offers = []slot.Offer{
	slot.Actions.Offer(slot.Action{ID: "storage.upload", Title: "storage.upload", Icon: "upload", Permission: "view_storage", Link: "/storage?upload"}),
	slot.Actions.Offer(slot.Action{ID: "storage.new_folder", Title: "storage.new_folder", Icon: "folder-plus", Permission: "view_storage", Link: "/storage?new-folder"}),
	slot.Widgets.Offer(recentFiles),
	slot.FileArchives.Offer(archive),
	slot.Notices.Offer(slot.Notice{Kind: "storage.quota_warning", Title: "storage.notice_quota", Permission: "view_storage", Mail: true, Always: true}),
	slot.RefTitles.Offer(slot.Titles{Kind: "file", Resolve: titles}),
	slot.OwnedThings.Offer(homes),
	slot.PersonalData.Offer(personalFiles),
	slot.Searches.Offer(fileSearch),
	slot.Searches.Offer(folderSearch),
}
