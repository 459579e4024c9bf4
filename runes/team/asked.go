package team

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"runes.im/platform/identity"
	"runes.im/platform/search"
)

// choose filters and sorts. An organisation has few enough people to do it here, in the order of their language.
func (a asked) choose(all []identity.Entry, roles map[string]string) []identity.Entry {
	found := a.matching(all)
	key := a.key(all, roles)
	type keyed struct {
		identity.Entry
		key string
	}
	rows := make([]keyed, len(found))
	for n, e := range found {
		rows[n] = keyed{e, key(e)}
	}
	slices.SortStableFunc(rows, func(x, y keyed) int {
		if a.down {
			x, y = y, x
		}
		return strings.Compare(x.key, y.key)
	})
	for n, r := range rows {
		found[n] = r.Entry
	}
	return found
}

// matching are those that the filters leave.
func (a asked) matching(all []identity.Entry) []identity.Entry {
	words := strings.Fields(search.Fold(a.text))
	return slices.DeleteFunc(slices.Clone(all), func(e identity.Entry) bool {
		if a.guests != (e.Guest != nil) || a.state != "" && e.State != a.state || a.role != "" && !slices.Contains(e.Roles, a.role) {
			return true
		}
		if a.factor != "" && (e.IsInvitation() || e.Secured != (a.factor == "on")) {
			return true
		}
		if len(words) == 0 {
			return false
		}
		text := search.Fold(e.Name + " " + e.Email)
		return slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) })
	})
}

// key is what the list is sorted by.
func (a asked) key(all []identity.Entry, roles map[string]string) func(e identity.Entry) string {
	switch a.sort {
	case "sponsor":
		names := map[string]string{}
		for _, e := range all {
			names[e.ID] = search.Fold(e.Name)
		}
		return func(e identity.Entry) string {
			if e.Guest == nil {
				return ""
			}
			return names[e.Guest.Sponsor]
		}
	case "ends":
		return func(e identity.Entry) string {
			if e.Guest == nil {
				return ""
			}
			return e.Guest.Ends.Format(time.RFC3339)
		}
	case "email":
		return func(e identity.Entry) string { return search.Fold(e.Email) }
	case "roles":
		return func(e identity.Entry) string { return namesOf(e.Roles, roles) }
	case "state":
		return func(e identity.Entry) string { return strconv.Itoa(slices.Index(states, e.State)) }
	case "seen":
		return func(e identity.Entry) string { return e.SeenAt.Format(time.RFC3339) }
	case "factor":
		return func(e identity.Entry) string { return strconv.FormatBool(e.Secured) }
	}
	return func(e identity.Entry) string { return search.Fold(e.Name) }
}
