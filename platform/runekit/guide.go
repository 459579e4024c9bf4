package runekit

import (
	"fmt"
	"io/fs"
	"strings"
)

// The groups of the help centre, in its order.
const (
	StartHere      = "start"
	Integrations   = "integrations"
	Basic          = "basic"
	Advanced       = "advanced"
	Additional     = "additional"
	Administration = "administration"
)

// Groups are the groups of the help centre, in its order.
var Groups = []string{StartHere, Integrations, Basic, Advanced, Additional, Administration}

// GuideSections are the sections of a guide file in its order; the fifth, Permissions Reference, is made from the manifest.
var GuideSections = []string{"overview", "setup", "steps", "advanced"}

// Guide reads guide/<lang>.md below files: one text for each of GuideSections, divided by headings of the second level.
// Nil when there is none.
func Guide(files fs.FS, lang string) ([]string, error) {
	raw, err := fs.ReadFile(files, "guide/"+lang+".md")
	if err != nil {
		return nil, nil
	}
	var parts []string
	for line := range strings.Lines(string(raw)) {
		switch {
		case strings.HasPrefix(line, "## "):
			parts = append(parts, "")
		case len(parts) > 0:
			parts[len(parts)-1] += line
		}
	}
	if len(parts) != len(GuideSections) {
		return nil, fmt.Errorf("guide/%s.md has %d sections, want %d", lang, len(parts), len(GuideSections))
	}
	return parts, nil
}
