package main

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Turbo adds one style element, for its progress bar. The page policy allows it by its hash, which is computed here
// from Turbo's own source, with the two durations it fills in.
var (
	barStyle    = regexp.MustCompile("(?s)static get defaultCSS\\(\\) \\{\\s*return unindent`(.*?)`")
	barDuration = regexp.MustCompile(`static animationDuration = (\d+)`)
)

func writePolicy(root string, made files) error {
	source, err := os.ReadFile(filepath.Join(root, "ui", "node_modules", "@hotwired", "turbo", "dist", "turbo.es2017-esm.js"))
	if err != nil {
		return err
	}
	style, err := progressStyle(string(source))
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(style))
	made["assets/style-hash.txt"] = []byte("'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'\n")
	return nil
}

func progressStyle(source string) (string, error) {
	style := barStyle.FindStringSubmatch(source)
	duration := barDuration.FindStringSubmatch(source)
	if style == nil || duration == nil {
		return "", errors.New("the progress bar's style is no longer where it was in Turbo: adapt policy.go")
	}
	var whole int
	if _, err := fmt.Sscan(duration[1], &whole); err != nil {
		return "", err
	}
	text := strings.NewReplacer(
		"${ProgressBar.animationDuration}", fmt.Sprint(whole),
		"${ProgressBar.animationDuration / 2}", fmt.Sprint(float64(whole)/2),
	).Replace(style[1])
	return unindent(text), nil
}

// unindent does what Turbo's function of that name does.
func unindent(text string) string {
	lines := strings.Split(strings.TrimPrefix(text, "\n"), "\n")
	indent := len(lines[0]) - len(strings.TrimLeft(lines[0], " \t"))
	for n, line := range lines {
		lines[n] = line[min(indent, len(line)):]
	}
	return strings.Join(lines, "\n")
}
