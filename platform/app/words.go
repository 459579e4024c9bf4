package app

import (
	"embed"
	"errors"
	"io/fs"

	"runes.im/platform/blob"
	"runes.im/platform/cert"
	"runes.im/platform/dav"
	"runes.im/platform/desk"
	"runes.im/platform/device"
	"runes.im/platform/event"
	"runes.im/platform/identity"
	"runes.im/platform/job"
	"runes.im/platform/picture"
	"runes.im/platform/record"
	"runes.im/platform/runekit"
	"runes.im/platform/secret"
	"runes.im/platform/sheet"
	"runes.im/platform/shell"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/platform/token"
	"runes.im/platform/web"
	"runes.im/platform/words"
	"runes.im/ui"
)

//go:embed words
var texts embed.FS

// book is every text of the house and of its runes.
func book(runes []*runekit.Installed) (*words.Book, error) {
	return words.Load(WordFolders(runes)...)
}

// WordFolders are the folders with the texts of the platform, the look and the runes.
func WordFolders(runes []*runekit.Installed) []fs.FS {
	folders := []fs.FS{ui.Words}
	for _, room := range []embed.FS{texts, blob.Words, cert.Words, dav.Words, desk.Words, device.Words, event.Words, identity.Words, job.Words, picture.Words, record.Words, secret.Words, sheet.Words, shell.Words, store.Words, tenant.Words, token.Words, web.Words} {
		sub, err := fs.Sub(room, "words")
		if err != nil {
			panic(err) // the folder is embedded: a typing mistake, found by every test
		}
		folders = append(folders, sub)
	}
	for _, in := range runes {
		if sub := in.Words(); sub != nil {
			folders = append(folders, sub)
		}
	}
	return folders
}

// Sentence is what the command line says about an error that ended a command.
func Sentence(err error) string {
	var refused *Refusal
	if errors.As(err, &refused) {
		return refused.Sentence
	}
	texts, loading := book(nil)
	if loading != nil {
		return err.Error()
	}
	return say(texts, err).Sentence
}
