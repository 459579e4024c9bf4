package shell

import (
	"encoding/hex"
	"hash/fnv"

	"runes.im/platform/entitlement"
	"runes.im/platform/live"
	"runes.im/platform/runekit"
	"runes.im/platform/web"
)

// stamp is what the frame around this person's pages is made from: their rights, their roles and the active runes. An
// open page whose stamp is another one reads its frame anew.
func (s *Shell) stamp(v *web.Visit, active map[string]bool) string {
	h := fnv.New64a()
	note := func(text string) { h.Write([]byte(text + "\n")) }
	note(v.Lang())
	look := v.Look()
	for _, part := range []string{look.Sheet, look.Name, look.Icon, look.Banner, look.Header} {
		note(part)
	}
	if v.Person.Owner {
		note("owner")
	}
	for _, role := range v.Person.Roles {
		note(role)
	}
	for _, in := range s.Runes {
		if active[in.ID] {
			note(in.ID)
		}
	}
	for _, in := range s.Runes {
		for _, page := range in.Manifest.UIHooks.Sidebar {
			if entry := in.ID + "." + page.Key; v.Person.Hides(entry) {
				note("without " + entry)
			}
		}
	}
	for _, p := range s.permissions {
		if active[p.Rune] && v.Can(p.Key) {
			note(p.Key)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// follower tells one open page when its frame is out of date.
type follower struct {
	shell  *Shell
	visit  *web.Visit
	stream *web.Stream
	told   string // the stamp that the page has
}

// look compares the page's stamp with the one of this moment.
func (f *follower) look() error {
	f.visit.Forget()
	active, err := entitlement.Active(f.visit.Context(), f.visit.DB)
	if err != nil {
		return err
	}
	now := f.shell.stamp(f.visit, active)
	if f.told == "" {
		f.told = now
	}
	if now == f.told {
		return nil
	}
	f.told = now
	return f.stream.Send("frame", map[string]string{"stamp": now})
}

// pass hands a message on to the page, unless it is not for this person any more or comes from a suspended rune.
func (f *follower) pass(m live.Message) error {
	if m.Name == live.Frame {
		return f.look()
	}
	if m.Permission != "" {
		active, err := entitlement.Active(f.visit.Context(), f.visit.DB)
		if err != nil || !f.visit.Can(m.Permission) || !active[ownerOf(f.shell.permissions, m.Permission)] {
			return err
		}
	}
	if m.For != nil {
		if m.Data = m.For(f.visit.Context(), f.visit.Person); m.Data == nil {
			return nil
		}
	}
	return f.stream.Send(m.Name, m.Data)
}

// ownerOf is the rune that provides the permission.
func ownerOf(all []runekit.Permission, key string) string {
	for _, p := range all {
		if p.Key == key {
			return p.Rune
		}
	}
	return ""
}
