// Command build makes the files under assets/ from ui/ and runes/*/browser, and the icons that Go draws into pages.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	check := flag.Bool("check", false, "write nothing: fail when the committed files differ from their sources")
	root := flag.String("root", filepath.Join("..", ".."), "folder of the repository")
	unit := flag.String("unit", "", "make only the unit tests, as scripts in this `folder`")
	flag.Parse()
	err := error(nil)
	if *unit != "" {
		err = bundleTests(*root, *unit)
	} else {
		err = run(*root, *check)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

// run makes everything in memory, so that a failing build leaves the old files alone.
func run(root string, check bool) error {
	made := files{}
	steps := []func(root string, made files) error{bundleCore, bundlePages, bundleRunes, copyStill, drawIcons, writePolicy}
	for _, step := range steps {
		if err := step(root, made); err != nil {
			return err
		}
	}
	over := made.report(os.Stdout)
	if check {
		return errors.Join(over, made.compare(root))
	}
	if over != nil {
		return over
	}
	return made.write(root)
}
