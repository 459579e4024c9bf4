package shell

import (
	"context"
	"hash/fnv"
	"io"
	"strings"
	"sync"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/search"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
)

// kindMember is a member of the organisation in search, recents and favourites.
const kindMember = "member"

// colleagues lets members find each other. A guest finds nobody: who works here is nothing a guest was let in for.
func (s *Shell) colleagues() slot.Search {
	return slot.Search{
		Kind: kindMember, Title: "shell.people", Icon: "user-round",
		Allowed: s.mayKnow, CatchUp: s.indexMembers,
	}
}

// mayKnow leaves out who has left since.
func (s *Shell) mayKnow(ctx context.Context, a slot.Asker, ids []string) (map[string]slot.Sight, error) {
	seen := map[string]slot.Sight{}
	if a.Person.IsGuest() {
		return seen, nil
	}
	names, err := identity.Names(ctx, a.Tenant.DB)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if n, ok := names[id]; ok && n.Active {
			seen[id] = slot.Sight{}
		}
	}
	return seen, nil
}

type indexedKey struct{}

// indexed is which members the index knows of a tenant.
type indexed struct {
	mu   sync.Mutex
	mark uint64
}

// indexMembers brings the index up to date when the members are not those of last time. The rest of the work is one
// short query, however often somebody types.
func (s *Shell) indexMembers(ctx context.Context, a slot.Asker) error {
	names, err := identity.Names(ctx, a.Tenant.DB)
	if err != nil {
		return err
	}
	last := a.Tenant.Held(indexedKey{}, func() any { return new(indexed) }).(*indexed)
	last.mu.Lock()
	defer last.mu.Unlock()
	now := markOf(names)
	if last.mark == now {
		return nil
	}
	err = a.Tenant.DB.Write(tenant.With(ctx, a.Tenant), func(ctx context.Context, tx *store.Tx) error {
		for id, n := range names {
			if !n.Active {
				if err := search.Remove(ctx, tx, kindMember, id); err != nil {
					return err
				}
				continue
			}
			if err := search.Put(ctx, tx, search.Doc{Kind: kindMember, ID: id, Title: n.Name, Subtitle: n.Email, Href: "/people/" + id, ChangedAt: n.MadeAt}); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		last.mark = now
	}
	return err
}

// markOf is one number for all that the index says of the members. Their order does not matter.
func markOf(names map[string]identity.Name) uint64 {
	mark := uint64(len(names)) + 1
	for id, n := range names {
		h := fnv.New64a()
		for _, part := range []string{id, n.Name, n.Email} {
			io.WriteString(h, part+"\x00") // a hash takes everything
		}
		if n.Active {
			mark += h.Sum64()
		} else {
			mark += 3 * h.Sum64()
		}
	}
	return mark
}

type colleaguePage struct {
	Name, Email, Role string
	Title, Phone      string // of the profile
	Face              web.Face
	Clock, Zone       string // of where the person lives
	IsActive, IsMe    bool
}

// showColleague is what everybody in the organisation may know of a member.
func showColleague(v *web.Visit) error {
	id := v.Param("id")
	if v.Person.IsGuest() && id != v.Person.ID {
		return fault.New(fault.NotFound, "web.not_found")
	}
	p, err := v.People.Member(v.Context(), v.Tenant, id)
	if err != nil {
		return err
	}
	said, err := v.People.ProfileOf(v.Context(), v.Tenant, id)
	if err != nil {
		return err
	}
	page := &colleaguePage{
		Name: p.Name, Email: p.Email, Role: roleOf(v, p), Title: said.JobTitle, Phone: said.Phone, Face: face(p), IsActive: p.State() == "active", IsMe: id == v.Person.ID,
	}
	if place, err := time.LoadLocation(p.Zone); err == nil {
		page.Clock, page.Zone = clock.Now(v.Context()).In(place).Format("15:04"), strings.ReplaceAll(p.Zone, "_", " ")
	}
	v.Title(p.Name)
	v.Crumb(v.T("shell.people"), "/search?kind="+kindMember)
	v.Crumb(p.Name, "")
	return v.Page("colleague", page)
}
