package data

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"sync"
)

//go:embed countries.csv
var countries []byte

// Country is a country of ISO 3166-1 with its name in each language of the house.
type Country struct {
	Code  string            // two capital letters
	Names map[string]string // by language
}

// Countries are all of them, in the order of their codes.
var Countries = sync.OnceValue(func() []Country {
	rows, err := csv.NewReader(bytes.NewReader(countries)).ReadAll()
	if err != nil {
		panic(err) // the file is embedded: a typing mistake, found by the first test
	}
	var all []Country
	for _, row := range rows[1:] {
		c := Country{Code: row[0], Names: map[string]string{}}
		for n, lang := range rows[0][1:] {
			c.Names[lang] = row[n+1]
		}
		all = append(all, c)
	}
	return all
})

// DemoContacts are the companies and people of the demo workspace, as CSV.
//
//go:embed demo/contacts.csv
var DemoContacts string

// DemoLogo and DemoMark are the logo of the demo workspace and its sign, as SVG.
//
//go:embed demo/logo.svg
var DemoLogo string

//go:embed demo/mark.svg
var DemoMark string
