package runekit

import (
	"errors"
	"fmt"
	"reflect"
	"sort"
	"strings"

	"runes.im/platform/identity"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// Permission is one key of the catalogue.
type Permission struct {
	Key, Rune, Sentence string
}

// Permissions is every permission of the runes, in the order of runes and keys.
func Permissions(runes []*Installed) []Permission {
	var all []Permission
	for _, in := range runes {
		keys := make([]string, 0, len(in.Manifest.ProvidedPermissions))
		for key := range in.Manifest.ProvidedPermissions {
			keys = append(keys, key)
		}
		sort.Strings(keys)
		for _, key := range keys {
			all = append(all, Permission{Key: key, Rune: in.ID, Sentence: in.Manifest.ProvidedPermissions[key]})
		}
	}
	return all
}

// Shelves are the permissions of the runes with the entries of the sidebar that they open and the roles that are suggested, as the house of people wants
// them.
func Shelves(runes []*Installed) []identity.Shelf {
	var all []identity.Shelf
	for _, p := range Permissions(runes) {
		if n := len(all); n == 0 || all[n-1].Rune != p.Rune {
			all = append(all, identity.Shelf{Rune: p.Rune})
		}
		last := &all[len(all)-1]
		last.Permissions = append(last.Permissions, p.Key)
	}
	for n := range all {
		for _, in := range runes {
			if in.ID != all[n].Rune {
				continue
			}
			for _, e := range in.Manifest.UIHooks.Sidebar {
				all[n].Entries = append(all[n].Entries, identity.SidebarEntry{Key: e.Key, Icon: e.Icon, Permission: e.Permission})
			}
			for _, p := range in.Manifest.RolePresets {
				all[n].Presets = append(all[n].Presets, identity.RolePreset{Key: p.Key, Permissions: p.Permissions})
			}
		}
	}
	return all
}

// Check finds what no single rune can see: names given twice, dependencies that are missing, and listeners that wait
// for news nobody sends or for fields the news does not have.
func Check(runes []*Installed, known []store.Event) error {
	var wrong []error
	note := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	ids := map[string]bool{}
	for _, in := range runes {
		if ids[in.ID] {
			note("two runes are named %s", in.ID)
		}
		ids[in.ID] = true
	}
	checkPermissions(runes, note)
	topics := emitted(runes, known, note)
	for _, in := range runes {
		for _, need := range in.Manifest.Dependencies {
			if !ids[need] {
				note("%s depends on %s, which is not installed", in.ID, need)
			}
		}
		if dependsOn(runes, in, in.ID, map[string]bool{}) {
			note("%s depends on itself, so that it can never be activated", in.ID)
		}
		for _, k := range in.Jobs {
			if !strings.HasPrefix(k.Name, in.ID+".") {
				note("job %s of %s does not begin with the rune's name", k.Name, in.ID)
			}
		}
		checkListeners(in, topics, note)
	}
	return errors.Join(wrong...)
}

// dependsOn follows the dependencies of in, each once.
func dependsOn(runes []*Installed, in *Installed, id string, seen map[string]bool) bool {
	for _, need := range in.Manifest.Dependencies {
		if need == id {
			return true
		}
		if seen[need] {
			continue
		}
		seen[need] = true
		for _, other := range runes {
			if other.ID == need && dependsOn(runes, other, id, seen) {
				return true
			}
		}
	}
	return false
}

func checkPermissions(runes []*Installed, note func(string, ...any)) {
	owner := map[string]string{web.Public: "the house", web.SignedIn: "the house"}
	for _, p := range Permissions(runes) {
		if other := owner[p.Key]; other != "" {
			note("permission %s of %s is already provided by %s", p.Key, p.Rune, other)
		}
		owner[p.Key] = p.Rune
	}
}

// emitted is the Go type behind every topic somebody sends.
func emitted(runes []*Installed, known []store.Event, note func(string, ...any)) map[string]reflect.Type {
	topics := map[string]reflect.Type{}
	add := func(e store.Event) {
		if topics[e.Topic()] != nil {
			note("two events are named %s", e.Topic())
		}
		topics[e.Topic()] = reflect.TypeOf(e)
	}
	for _, e := range known {
		add(e)
	}
	for _, in := range runes {
		for _, e := range in.Emits {
			if !strings.HasPrefix(e.Topic(), in.ID+".") {
				note("event %s of %s does not begin with the rune's name", e.Topic(), in.ID)
			}
			add(e)
		}
	}
	return topics
}

func checkListeners(in *Installed, topics map[string]reflect.Type, note func(string, ...any)) {
	names := map[string]bool{}
	for _, l := range in.Listens {
		if names[l.Name] {
			note("%s has two listeners named %s", in.ID, l.Name)
		}
		names[l.Name] = true
		sent := topics[l.Topic]
		if sent == nil {
			note("%s listens to %s, which nobody emits", in.ID, l.Topic)
			continue
		}
		have := fields(sent)
		for name, want := range fields(reflect.TypeOf(l.Zero)) {
			got, ok := have[name]
			switch {
			case !ok:
				note("%s reads field %q of %s, which the event does not have", in.ID, name, l.Topic)
			case !fits(got, want):
				note("%s reads field %q of %s as %s, but it is %s", in.ID, name, l.Topic, want, got)
			}
		}
	}
}

// fields is the JSON fields of a struct by name.
func fields(t reflect.Type) map[string]reflect.Type {
	found := map[string]reflect.Type{}
	if t == nil || t.Kind() != reflect.Struct {
		return found
	}
	for _, f := range reflect.VisibleFields(t) {
		if !f.IsExported() || f.Anonymous {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		found[name] = f.Type
	}
	return found
}

// fits compares by kind, so that a listener may name its own types.
func fits(got, want reflect.Type) bool {
	if got.Kind() != want.Kind() {
		return false
	}
	switch got.Kind() {
	case reflect.Slice, reflect.Pointer, reflect.Map:
		return fits(got.Elem(), want.Elem())
	case reflect.Struct:
		have := fields(got)
		for name, w := range fields(want) {
			if g, ok := have[name]; !ok || !fits(g, w) {
				return false
			}
		}
	}
	return true
}
