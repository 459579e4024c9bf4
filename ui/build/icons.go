package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// drawIcons picks the icons named in ui/icons/names.txt (and the targets of aliases.txt) out of the set and keeps what
// stands inside their svg element, one icon a line.
func drawIcons(root string, made files) error {
	names, err := iconNames(root)
	if err != nil {
		return err
	}
	var lines strings.Builder
	var missing []error
	for _, name := range names {
		svg, err := os.ReadFile(filepath.Join(root, "ui", "node_modules", "lucide-static", "icons", name+".svg"))
		if errors.Is(err, os.ErrNotExist) {
			missing = append(missing, fmt.Errorf("the set has no icon %q", name))
			continue
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(&lines, "%s\t%s\n", name, inside(string(svg)))
	}
	made["ui/icons/icons.txt"] = []byte(lines.String())
	return errors.Join(missing...)
}

func iconNames(root string) ([]string, error) {
	raw, err := os.ReadFile(filepath.Join(root, "ui", "icons", "names.txt"))
	if err != nil {
		return nil, err
	}
	aliases, err := os.ReadFile(filepath.Join(root, "ui", "icons", "aliases.txt"))
	if err != nil {
		return nil, err
	}
	names := strings.Fields(string(raw))
	for line := range strings.Lines(string(aliases)) {
		if _, target, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			names = append(names, strings.TrimSpace(target))
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

var (
	frame  = regexp.MustCompile(`(?s)^.*?<svg[^>]*>(.*)</svg>\s*$`)
	spaces = regexp.MustCompile(`\s+`)
)

func inside(svg string) string {
	body := spaces.ReplaceAllString(frame.ReplaceAllString(svg, "$1"), " ")
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(body, " />", "/>"), "> <", "><"))
}
