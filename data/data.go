// Package data holds reference data as text and the contents of the demo workspace; nothing in it changes at run time.
package data

import (
	"embed"
	"encoding/csv"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"
)

//go:embed all:demo
var files embed.FS

// DemoFile is one file of the demo workspace.
type DemoFile struct {
	Person  string        // whose it is: the part of the address before the @
	Path    string        // "Contracts/2026/Quote.pdf", in the person's files
	Age     time.Duration // how long ago it was changed, as seen from the day the demo is made
	Content []byte
}

// DemoFiles lists the files of the demo workspace, folders before what lies below them, by name.
func DemoFiles() ([]DemoFile, error) {
	ages, err := demoAges()
	if err != nil {
		return nil, err
	}
	root, err := fs.Sub(files, "demo/files")
	if err != nil {
		return nil, err
	}
	var found []DemoFile
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		person, rest, _ := strings.Cut(name, "/")
		found = append(found, DemoFile{Person: person, Path: rest, Age: ageOf(ages, name), Content: content})
		return nil
	})
	return found, err
}

func demoAges() (map[string]time.Duration, error) {
	f, err := files.Open("demo/ages.csv")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	ages := map[string]time.Duration{}
	for _, row := range rows[1:] {
		if ages[row[0]], err = time.ParseDuration(row[1]); err != nil {
			return nil, fmt.Errorf("age of %s: %w", row[0], err)
		}
	}
	return ages, nil
}

// ageOf is the age of the file, or of the nearest folder above it that has one. Files of one folder differ by some
// minutes, so that sorting by time shows an order.
func ageOf(ages map[string]time.Duration, name string) time.Duration {
	if age, ok := ages[name]; ok {
		return age
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if age, ok := ages[dir]; ok {
			return age + time.Duration(len(name)*7)*time.Minute
		}
	}
	return 0
}

// Prices is the price list where the operator has none: everything is included.
//
//go:embed prices.json
var Prices string
