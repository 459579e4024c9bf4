package main

import (
	"os"
	"path/filepath"
	"strings"
)

// bundleTests makes one script of every unit test (ui/tests/unit and those beside the scripts of runes) for Node's own runner,
// which reads no TypeScript.
func bundleTests(root, folder string) error {
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, pattern := range []string{"ui/tests/unit/*.test.ts", "runes/*/browser/*.test.ts", "runes/*/browser/*/*.test.ts"} {
		found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil {
			return err
		}
		for _, path := range found {
			source, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			name := strings.NewReplacer(string(filepath.Separator), "-", ".ts", ".mjs").Replace(source)
			script, err := build(root, source, name, nil)
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(folder, name), script, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}
