package search

import (
	"context"
	"slices"
	"strings"

	"runes.im/platform/slot"
)

// scope is which documents of a kind are for somebody.
type scope struct {
	all    bool
	labels []string
}

func scopeFor(ctx context.Context, a slot.Asker, k slot.Search) (scope, error) {
	if k.Scope == nil {
		return scope{labels: []string{a.Person.ID}}, nil
	}
	labels, all, err := k.Scope(ctx, a)
	return scope{all: all, labels: labels}, err
}

// holds compares with the labels of a document as they lie in the table.
func (s scope) holds(kept string) bool {
	return s.all || kept == "" || slices.ContainsFunc(strings.Fields(kept), func(l string) bool { return slices.Contains(s.labels, l) })
}
