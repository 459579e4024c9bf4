package contacts

import (
	"testing"

	"runes.im/platform/record"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
)

func TestStories(t *testing.T) { runetest.Stories(t, []runekit.Rune{Rune}) }

var (
	everyone = record.Query{Limit: 100}
	binned   = record.Query{Bin: true, Limit: 100}
)
