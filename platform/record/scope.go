package record

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/slot"
	"runes.im/platform/store"
)

// Reach says that people may be limited to a part of a noun's records: their own, or those of lists given to them. Who
// is limited, an administrator chooses on the page /scope; whatever reads the noun for a person keeps to it.
type Reach struct {
	Owner string // the member field that says whose a record is
	// Lists are what may be given; an id of them is what Narrow knows. nil: there are none.
	Lists func(ctx context.Context, r store.Reader) ([]Option, error)
}

// How far a person's reach goes.
const (
	reachAll   = "all"
	reachOwn   = "own"   // whose owner they are
	reachLists = "lists" // those of some lists, and their own
)

// extent is a person's reach.
type extent struct {
	reach string
	lists []string
}

func (k *kind) declareScope(hasScope bool) {
	if k.reach == nil {
		return
	}
	if hasScope || k.ownerField() == nil || k.reach.Lists != nil && k.narrow == nil {
		k.wrong("a reach needs an owner field, what narrows to its lists, and no other scope")
	}
	k.scope = k.within
}

// ownerField is the field that says whose a record is; nil without a reach.
func (k *kind) ownerField() *Field {
	if k.reach == nil {
		return nil
	}
	return k.field(k.reach.Owner)
}

// extentOf is how far the person sees. Their own line decides; else the widest of their roles that says anything; and
// where nobody has said anything they see everything.
func (k *kind) extentOf(ctx context.Context, r store.Reader, p *identity.Person) (extent, error) {
	if p == nil || p.Owner || k.reach == nil {
		return extent{reach: reachAll}, nil
	}
	holders := []string{"member:" + p.ID}
	for _, role := range p.Roles {
		holders = append(holders, "role:"+role)
	}
	said, err := k.reaches(ctx, r, holders)
	if err != nil {
		return extent{}, err
	}
	if own, ok := said[holders[0]]; ok {
		return own, nil
	}
	if len(said) == 0 {
		return extent{reach: reachAll}, nil
	}
	sum := extent{reach: reachOwn}
	for _, e := range said {
		if e.reach == reachAll {
			return e, nil
		}
		if e.reach == reachLists {
			sum.reach = reachLists
			sum.lists = append(sum.lists, e.lists...)
		}
	}
	return sum, nil
}

// reaches are what was said about those holders; nil means about anybody.
func (k *kind) reaches(ctx context.Context, r store.Reader, holders []string) (map[string]extent, error) {
	where, args := "", []any{k.key}
	if holders != nil {
		where = " AND " + In("holder", len(holders))
		for _, h := range holders {
			args = append(args, h)
		}
	}
	rows, err := r.Query(ctx, "SELECT holder, reach, lists FROM record_reaches WHERE kind = ?"+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	said := map[string]extent{}
	for rows.Next() {
		var holder, lists string
		var e extent
		if err := rows.Scan(&holder, &e.reach, &lists); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(lists), &e.lists); err != nil {
			return nil, err
		}
		said[holder] = e
	}
	return said, rows.Err()
}

// within is the condition on the noun's table that the person's reach comes to; empty for all.
func (k *kind) within(ctx context.Context, r store.Reader, p *identity.Person) (string, []any, error) {
	e, err := k.extentOf(ctx, r, p)
	if err != nil || e.reach == reachAll {
		return "", nil, err
	}
	parts, args := []string{k.ownerField().column + " = ?"}, []any{p.ID}
	for _, list := range e.lists {
		where, more, _, err := k.narrow(ctx, r, list)
		if fault.Is(err, fault.NotFound) {
			continue // the list is gone
		}
		if err != nil {
			return "", nil, err
		}
		parts, args = append(parts, "("+where+")"), append(args, more...)
	}
	return strings.Join(parts, " OR "), args, nil
}

// Within is the condition on the noun's table that the person's scope comes to, empty for all: for a noun that follows
// this one.
func (n *Noun[T]) Within(ctx context.Context, r store.Reader, p *identity.Person) (where string, args []any, err error) {
	if n.scope == nil || p == nil {
		return "", nil, nil
	}
	return n.scope(ctx, r, p)
}

// Given are the lists that the person's reach names; limited is false for whoever sees everything.
func (n *Noun[T]) Given(ctx context.Context, r store.Reader, p *identity.Person) (lists []string, limited bool, err error) {
	e, err := n.extentOf(ctx, r, p)
	return e.lists, e.reach != reachAll, err
}

// inScope reports whether the person may see the record, be it in the bin or not.
func (k *kind) inScope(ctx context.Context, r store.Reader, p *identity.Person, id string) (bool, error) {
	if p == nil {
		return false, nil
	}
	where, args, err := k.scope(ctx, r, p)
	if err != nil || where == "" {
		return err == nil, err
	}
	var one int
	err = r.QueryRow(ctx, "SELECT 1 FROM "+k.table+" WHERE id = ? AND ("+where+")", append([]any{id}, args...)...).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// nobody is the label of a record that belongs to no one.
const nobody = "nobody"

// labels are the owners whose people find the record in a search; none: a noun without reach is for everybody.
func (k *kind) labels(ctx context.Context, r store.Reader, rec any) ([]string, error) {
	if k.follows != nil {
		return k.follows(ctx, r, rec)
	}
	f := k.ownerField()
	if f == nil {
		return nil, nil
	}
	return OwnerLabels(f.text(rec)), nil
}

// OwnerLabels are the search labels of a record with that owner.
func OwnerLabels(owner string) []string {
	if owner == "" {
		owner = nobody
	}
	return []string{owner}
}

// searched narrows a search to the person's own records where their reach does. Lists are left to Allowed.
func (k *kind) searched(ctx context.Context, a slot.Asker) (labels []string, all bool, err error) {
	if k.reach != nil {
		e, err := k.extentOf(ctx, a.Tenant.DB, a.Person)
		return []string{a.Person.ID}, e.reach != reachOwn, err
	}
	where, args, err := k.scope(ctx, a.Tenant.DB, a.Person)
	onlyOwn := slices.ContainsFunc(args, func(arg any) bool { return arg == a.Person.ID }) && len(args) == 1
	return []string{a.Person.ID}, where == "" || !onlyOwn, err
}
