// Command newrune writes the folder of a new rune that compiles, passes the house's rules and its own tests, and adds it
// to the installed ones. `make rune NAME=tickets NOUN=ticket` runs it from the top of the repository.
package main

import (
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/format"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

//go:embed all:rune
var texts embed.FS

func main() {
	noun := flag.String("noun", "", "what the rune keeps, in the singular (default: from the rune's name)")
	flag.Parse()
	err := errors.New("give the rune one name: make rune NAME=tickets NOUN=ticket")
	if flag.NArg() == 1 {
		err = write(".", flag.Arg(0), *noun)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "newrune:", err)
		os.Exit(1)
	}
	fmt.Printf("runes/%s is there. Read its README.md first.\n", flag.Arg(0))
}

// write makes the rune in the repository at top: all of it or, when something is in the way, nothing.
func write(top, name, noun string) error {
	noun = cmp.Or(noun, singular(name))
	if err := check(top, name, noun); err != nil {
		return err
	}
	list, err := withRune(top, name)
	if err != nil {
		return err
	}
	last, err := lastOrder(top)
	if err != nil {
		return err
	}
	words := strings.NewReplacer(
		"__rune__", name, "__Rune__", title(name), "__noun__", noun, "__Noun__", title(noun), "__nouns__", plural(noun),
		"__Nouns__", title(plural(noun)), "__order__", fmt.Sprint(last+10),
	)
	folder := filepath.Join(top, "runes", name)
	err = fs.WalkDir(texts, "rune", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := texts.ReadFile(file)
		if err != nil {
			return err
		}
		to := filepath.Join(folder, filepath.FromSlash(words.Replace(strings.TrimSuffix(strings.TrimPrefix(file, "rune/"), ".txt"))))
		return put(to, []byte(words.Replace(string(raw))))
	})
	if err == nil {
		err = os.WriteFile(filepath.Join(top, installedFile), list, 0o644)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(folder))
	}
	return nil
}

// put writes a file with its folder; Go sources come out formatted.
func put(file string, text []byte) error {
	if path.Ext(file) == ".go" {
		formatted, err := format.Source(text)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		text = formatted
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

var (
	nameForm = regexp.MustCompile(`^[a-z][a-z0-9]{2,39}$`)
	// The rune's own files and names: a noun called so would be there twice.
	taken = []string{"rune", "demo", "files", "routes", "offers", "event", "events", "record", "store", "web", "error"}
)

func check(top, name, noun string) error {
	for what, text := range map[string]string{"name of a rune": name, "noun": noun} {
		if !nameForm.MatchString(text) || token.IsKeyword(text) {
			return fmt.Errorf("%q cannot be the %s: 3 to 40 small letters and digits, no word of Go", text, what)
		}
	}
	if slices.Contains(taken, noun) || slices.Contains(taken, plural(noun)) {
		return fmt.Errorf("%q is a name that every rune has already: choose another noun", noun)
	}
	for _, folder := range []string{"runes", "platform"} {
		if _, err := os.Stat(filepath.Join(top, folder, name)); err == nil {
			return fmt.Errorf("%s/%s is there already: tables and words of the two would have the same names", folder, name)
		}
	}
	routes, err := os.ReadFile(filepath.Join(top, "cmd/runes/testdata/routes.golden"))
	if err != nil {
		return fmt.Errorf("this is not the top of the repository: %w", err)
	}
	if regexp.MustCompile(`(?m)^\S+ +/` + name + `[/ ]`).Match(routes) {
		return fmt.Errorf("the house has pages at /%s already: choose another name", name)
	}
	return nil
}

const installedFile = "cmd/runes/installed.go"

var (
	listedRunes = regexp.MustCompile(`return \[\]runekit\.Rune\{([^}]*)\}`)
	runeImports = regexp.MustCompile(`(?m)(^\t"runes\.im/runes/[^"]+"\n)+`)
)

// withRune is installed.go with one more.
func withRune(top, name string) ([]byte, error) {
	raw, err := os.ReadFile(filepath.Join(top, installedFile))
	if err != nil {
		return nil, err
	}
	text := string(raw)
	if !listedRunes.MatchString(text) || !runeImports.MatchString(text) {
		return nil, fmt.Errorf("%s does not list the runes in one literal", installedFile)
	}
	text = listedRunes.ReplaceAllStringFunc(text, func(list string) string {
		return strings.TrimRight(strings.TrimSuffix(list, "}"), ", \n\t") + ", " + name + ".Rune}"
	})
	text = runeImports.ReplaceAllStringFunc(text, func(lines string) string {
		all := append(strings.SplitAfter(strings.TrimSuffix(lines, "\n"), "\n"), "")
		all[len(all)-2] += "\n"
		all[len(all)-1] = "\t\"runes.im/runes/" + name + "\"\n"
		slices.Sort(all)
		return strings.Join(all, "")
	})
	return format.Source([]byte(text))
}

// lastOrder is the place of the lowest rune in the sidebar.
func lastOrder(top string) (last int, err error) {
	files, err := filepath.Glob(filepath.Join(top, "runes/*/manifest.json"))
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		var m struct {
			Hooks struct {
				Block string
				Order int
			} `json:"ui_hooks"`
		}
		if err := json.Unmarshal(raw, &m); err != nil {
			return 0, fmt.Errorf("%s: %w", file, err)
		}
		if m.Hooks.Block == "runes" {
			last = max(last, m.Hooks.Order)
		}
	}
	return last, nil
}

func title(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

// singular is a guess from the rune's name; whoever knows better names the noun.
func singular(name string) string {
	if one, ok := strings.CutSuffix(name, "ies"); ok {
		return one + "y"
	}
	if one, ok := strings.CutSuffix(name, "s"); ok && len(one) >= 3 {
		return one
	}
	return "entry"
}

func plural(noun string) string {
	switch {
	case strings.HasSuffix(noun, "y") && !strings.ContainsAny(noun[len(noun)-2:len(noun)-1], "aeiou"):
		return noun[:len(noun)-1] + "ies"
	case strings.HasSuffix(noun, "s"), strings.HasSuffix(noun, "x"), strings.HasSuffix(noun, "ch"), strings.HasSuffix(noun, "sh"):
		return noun + "es"
	}
	return noun + "s"
}
