package contacts

import (
	"testing"

	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
)

func TestStories(t *testing.T) { runetest.Stories(t, []runekit.Rune{Rune}) }
