package runekit

import (
	"fmt"
	"io/fs"
	"slices"

	"runes.im/platform/record"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// Installed is a rune whose manifest was read and found sound.
type Installed struct {
	Rune
	ID       string // the manifest's name: folder, address, table prefix, topic prefix
	Manifest *Manifest
}

// Load reads the rune's manifest and writes its id into everything it brings.
func Load(r Rune) (*Installed, error) {
	m, err := readManifest(r.Files)
	if err != nil {
		return nil, err
	}
	in := &Installed{Rune: r, ID: m.Name, Manifest: m}
	// The rune's own lists stay as they are: several houses may stand on them in one test.
	in.Listens, in.Offers, in.Jobs = slices.Clone(r.Listens), slices.Clone(r.Offers), slices.Clone(r.Jobs)
	record.Introduce(r.Nouns)
	for _, noun := range r.Nouns {
		in.Jobs, in.Emits = append(in.Jobs, record.Jobs(noun)...), append(slices.Clone(in.Emits), record.Emits(noun)...)
		in.Offers = append(in.Offers, record.Offers(noun)...)
	}
	if len(r.Nouns) > 0 {
		in.Doors = func(d *web.Doors) {
			if r.Doors != nil {
				r.Doors(d)
			}
			for _, noun := range r.Nouns {
				record.API(noun, d)
			}
		}
	}
	for n := range in.Listens {
		in.Listens[n].Rune = in.ID
	}
	for n := range in.Offers {
		in.Offers[n].Rune = in.ID
	}
	for n := range in.Jobs {
		in.Jobs[n].Rune = in.ID
	}
	return in, nil
}

// LoadAll loads the runes and checks that they fit together. known are the events of the platform itself.
func LoadAll(runes []Rune, known []store.Event) ([]*Installed, error) {
	var all []*Installed
	for _, r := range runes {
		in, err := Load(r)
		if err != nil {
			return nil, err
		}
		all = append(all, in)
	}
	if err := Check(all, known); err != nil {
		return nil, fmt.Errorf("the installed runes do not fit together: %w", err)
	}
	return all, nil
}

// Words, Templates and Migrations are the rune's folders; nil when it has none.
func (in *Installed) Words() fs.FS      { return in.folder("words") }
func (in *Installed) Templates() fs.FS  { return in.folder("templates") }
func (in *Installed) Migrations() fs.FS { return in.folder("migrations") }

func (in *Installed) folder(name string) fs.FS {
	if info, err := fs.Stat(in.Files, name); err != nil || !info.IsDir() {
		return nil
	}
	sub, err := fs.Sub(in.Files, name)
	if err != nil {
		return nil // a fixed name is always valid
	}
	return sub
}

// Schema is the rune's migrations; false when it keeps nothing in the database.
func (in *Installed) Schema() (store.Schema, bool) {
	sub := in.Migrations()
	return store.Schema{Name: in.ID, FS: sub}, sub != nil
}
