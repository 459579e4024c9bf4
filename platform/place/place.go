// Package place says where an internet address is, by a database file that the administrator brings. Nothing is asked of
// anybody, and without a file nothing is known.
package place

import (
	"net/netip"
	"strings"

	"github.com/oschwald/maxminddb-golang/v2"

	"runes.im/data"
)

// Atlas is an open database in the MaxMind format, of cities or of countries. The nil Atlas knows no place.
type Atlas struct{ db *maxminddb.Reader }

// Open reads the file; an empty name is the nil Atlas.
func Open(file string) (*Atlas, error) {
	if file == "" {
		return nil, nil
	}
	db, err := maxminddb.Open(file)
	if err != nil {
		return nil, err
	}
	return &Atlas{db}, nil
}

// Close lets the file go.
func (a *Atlas) Close() error {
	if a == nil {
		return nil
	}
	return a.db.Close()
}

// entry is what the databases for cities and countries have in common.
type entry struct {
	City struct {
		Names map[string]string `maxminddb:"names"`
	} `maxminddb:"city"`
	Country struct {
		Code string `maxminddb:"iso_code"`
	} `maxminddb:"country"`
}

// Of is the city and the country of an address, in the language where the file knows it: "Zürich, Switzerland". It is
// empty where nothing is known.
func (a *Atlas) Of(address, lang string) string {
	at, err := netip.ParseAddr(address)
	if a == nil || err != nil {
		return ""
	}
	var e entry
	if err := a.db.Lookup(at.Unmap().WithZone("")).Decode(&e); err != nil {
		return "" // a damaged entry is as good as none
	}
	city := e.City.Names[lang]
	if city == "" {
		city = e.City.Names["en"]
	}
	var parts []string
	for _, part := range []string{city, country(e.Country.Code, lang)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

func country(code, lang string) string {
	for _, c := range data.Countries() {
		if c.Code == code {
			return c.Names[lang]
		}
	}
	return code
}
