package ui

import (
	"strings"
	"testing"
)

func TestIconsAreFoundByTheirOwnAndByTheSolidSetsNames(t *testing.T) {
	puzzle := Icon("puzzle")
	for _, c := range []struct{ name, same string }{
		{"house", "house"}, {"home", "house"}, {"comment-dots", "message-circle-more"}, {"fa-cloud", "cloud"}, {"no-such-thing", "puzzle"}, {"", "puzzle"},
	} {
		if got, want := Icon(c.name), Icon(c.same); got != want {
			t.Errorf("icon %q = %s, want the icon %q", c.name, got, c.same)
		}
		if c.same != "puzzle" && Icon(c.name) == puzzle {
			t.Errorf("icon %q shows the puzzle piece", c.name)
		}
	}
}

func TestEveryAliasLeadsToAnIconOfTheSet(t *testing.T) {
	for alias, target := range aliases {
		if icons[target] == "" {
			t.Errorf("alias %q leads to %q, which is not in the set", alias, target)
		}
	}
	for name, shape := range icons {
		if !strings.HasPrefix(shape, "<") || strings.Contains(shape, "<script") || strings.Contains(shape, "style=") {
			t.Errorf("icon %q is drawn with %s", name, shape)
		}
	}
}
