package runekit

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestAGuideHasItsFourSections(t *testing.T) {
	whole := "Before all.\n## Overview\nOne.\n### Within\nMore.\n## Setup & Configuration\nTwo.\n## Step-by-Step Usage Guide\nThree.\n## Advanced Features & Integrations\nFour.\n"
	files := fstest.MapFS{
		"guide/en.md": {Data: []byte(whole)},
		"guide/de.md": {Data: []byte(strings.Replace(whole, "## Setup", "### Setup", 1))},
	}
	parts, err := Guide(files, "en")
	if err != nil || len(parts) != 4 || parts[0] != "One.\n### Within\nMore.\n" || parts[3] != "Four.\n" {
		t.Errorf("read %q, %v", parts, err)
	}
	if _, err := Guide(files, "de"); err == nil {
		t.Error("a guide without its second section was taken")
	}
	if parts, err := Guide(files, "fr"); parts != nil || err != nil {
		t.Errorf("a guide that is not there read %q, %v", parts, err)
	}
}
