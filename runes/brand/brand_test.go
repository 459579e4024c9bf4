package brand_test

import (
	"testing"

	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/runes/brand"
)

func TestStories(t *testing.T) { runetest.Stories(t, []runekit.Rune{brand.Rune}) }
