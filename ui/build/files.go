package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// files are the results: path below the repository → content.
type files map[string][]byte

// Limits of the design language, section 14, in bytes after compression.
const (
	pageStyles = 24 << 10
	coreScript = 45 << 10
	runeScript = 40 << 10
	latinFonts = 75 << 10
	monoFonts  = 40 << 10
)

// report prints every size and says which limits are broken. Of the style sheets counts what one page can load at most: the
// core, the compatibility classes and the largest sheet of a rune or page.
func (f files) report(w io.Writer) error {
	var over []error
	styles, largest := 0, 0
	for _, name := range slices.Sorted(maps.Keys(f)) {
		size := packed(name, f[name])
		switch {
		case name == "assets/core.css" || name == "assets/compat.css":
			styles += size
		case strings.HasSuffix(name, ".css"):
			largest = max(largest, size)
		}
		limit := limitOf(name)
		fmt.Fprintf(w, "%-36s %8d B %8d B packed\n", name, len(f[name]), size)
		if limit > 0 && size > limit {
			over = append(over, fmt.Errorf("%s is %d B packed, the limit is %d B", name, size, limit))
		}
	}
	styles += largest
	fmt.Fprintf(w, "%-36s %19d B packed, limit %d B\n", "style sheets of one page", styles, pageStyles)
	if styles > pageStyles {
		over = append(over, fmt.Errorf("the style sheets of one page are %d B packed, the limit is %d B", styles, pageStyles))
	}
	return errors.Join(over...)
}

func limitOf(name string) int {
	switch {
	case name == "assets/core.js":
		return coreScript
	case strings.HasSuffix(name, ".js"):
		return runeScript
	case strings.HasPrefix(name, "assets/jetbrains"):
		return monoFonts
	case strings.HasSuffix(name, ".woff2"):
		return latinFonts
	}
	return 0
}

// packed is the size on the wire; fonts are compressed already.
func packed(name string, content []byte) int {
	if strings.HasSuffix(name, ".woff2") {
		return len(content)
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant that exists
	}
	w.Write(content)
	w.Close()
	return b.Len()
}

// compare fails when a committed file differs, is missing, or has no source any more.
func (f files) compare(root string) error {
	var wrong []error
	for _, name := range slices.Sorted(maps.Keys(f)) {
		committed, err := os.ReadFile(filepath.Join(root, name))
		if err != nil || !bytes.Equal(committed, f[name]) {
			wrong = append(wrong, fmt.Errorf("%s differs from its sources: run `go run .` in ui/build and commit", name))
		}
	}
	built, err := filepath.Glob(filepath.Join(root, "assets", "*"))
	if err != nil {
		return err
	}
	for _, path := range built {
		name := "assets/" + filepath.Base(path)
		if _, known := f[name]; !known && name != "assets/assets.go" {
			wrong = append(wrong, fmt.Errorf("%s has no source any more: remove it", name))
		}
	}
	return errors.Join(wrong...)
}

func (f files) write(root string) error {
	for name, content := range f {
		if err := os.WriteFile(filepath.Join(root, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
