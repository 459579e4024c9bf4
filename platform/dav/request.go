package dav

import (
	"io"
	"strconv"
	"strings"
	"time"

	"runes.im/platform/fault"
)

// PropFind is what a PROPFIND asks for.
type PropFind struct {
	All   bool   // everything that is usual, and Names besides
	Only  bool   // the names alone, no values
	Names []Name // asked for by name
}

// ReadPropFind parses the body of a PROPFIND. An empty one asks for all.
func ReadPropFind(body io.Reader) (PropFind, error) {
	root, err := Read(body, MaxBody)
	if err != nil || root == nil {
		return PropFind{All: true}, err
	}
	if root.Name != (Name{DAV, "propfind"}) {
		return PropFind{}, malformed()
	}
	all, only, prop := root.Child("allprop"), root.Child("propname"), root.Child("prop")
	switch {
	case all != nil && only == nil && prop == nil:
		find := PropFind{All: true}
		if include := root.Child("include"); include != nil {
			find.Names = names(include)
		}
		return find, nil
	case only != nil && all == nil && prop == nil:
		return PropFind{Only: true}, nil
	case prop != nil && all == nil && only == nil:
		return PropFind{Names: names(prop)}, nil
	}
	return PropFind{}, malformed()
}

func names(e *Element) []Name {
	var found []Name
	for _, c := range e.Children {
		if c.Local != "" {
			found = append(found, c.Name)
		}
	}
	return found
}

// Change is one step of a PROPPATCH: a property gets a value, or goes away when Remove is set.
type Change struct {
	Name
	Remove bool
	Value  *Element // the whole element
}

// ReadPropPatch parses the body of a PROPPATCH; the steps keep their order.
func ReadPropPatch(body io.Reader) ([]Change, error) {
	root, err := Read(body, MaxPropPatch)
	if err != nil {
		return nil, err
	}
	if root == nil || root.Name != (Name{DAV, "propertyupdate"}) {
		return nil, malformed()
	}
	var changes []Change
	for _, step := range root.Children {
		remove := step.Name == Name{DAV, "remove"}
		if !remove && step.Name != (Name{DAV, "set"}) {
			continue
		}
		prop := step.Child("prop")
		if prop == nil {
			return nil, malformed()
		}
		for _, c := range prop.Children {
			if c.Local != "" {
				changes = append(changes, Change{Name: c.Name, Remove: remove, Value: c})
			}
		}
	}
	if len(changes) == 0 {
		return nil, malformed()
	}
	return changes, nil
}

// LockInfo is what a LOCK asks for.
type LockInfo struct {
	Shared bool
	Owner  string // XML of the owner element, "" when none
}

// ReadLock parses the body of a LOCK; nil for an empty one, which asks to refresh.
func ReadLock(body io.Reader) (*LockInfo, error) {
	root, err := Read(body, MaxBody)
	if err != nil || root == nil {
		return nil, err
	}
	scope, kind := root.Child("lockscope"), root.Child("locktype")
	if root.Name != (Name{DAV, "lockinfo"}) || scope == nil || kind == nil || kind.Child("write") == nil {
		return nil, malformed()
	}
	info := &LockInfo{Shared: scope.Child("shared") != nil}
	if !info.Shared && scope.Child("exclusive") == nil {
		return nil, malformed()
	}
	if owner := root.Child("owner"); owner != nil {
		info.Owner = string(owner.Append(nil))
	}
	return info, nil
}

// Infinity is the depth of a whole tree.
const Infinity = -1

// ReadDepth parses a Depth header; missing is what holds without one.
func ReadDepth(header string, missing int) (int, error) {
	switch strings.ToLower(strings.TrimSpace(header)) {
	case "":
		return missing, nil
	case "0":
		return 0, nil
	case "1":
		return 1, nil
	case "infinity":
		return Infinity, nil
	}
	return 0, fault.New(fault.Malformed, "dav.header_malformed", "name", "Depth")
}

// ReadTimeout parses a Timeout header into seconds; 0 stands for as long as possible.
func ReadTimeout(header string) int64 {
	for _, part := range strings.Split(header, ",") {
		part = strings.TrimSpace(part)
		if strings.EqualFold(part, "Infinite") {
			return 0
		}
		if len(part) > 7 && strings.EqualFold(part[:7], "Second-") {
			if seconds, err := strconv.ParseInt(part[7:], 10, 64); err == nil && seconds > 0 {
				return min(seconds, int64(365*24*time.Hour/time.Second))
			}
		}
	}
	return 0
}
