// Package place says where an internet address is, by a database file that the administrator brings. Nothing is asked of
// anybody, and without a file nothing is known.
package place

import (
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"

	"runes.im/data"
)

// Atlas is a database in the MaxMind format, of cities or of countries. It follows its file: a new one put in its place (by
// renaming, as the programs that fetch such files do) holds within a minute, without a restart. The nil Atlas knows no place.
type Atlas struct {
	file   string
	every  time.Duration // how often the file is looked at, at most
	looked atomic.Int64  // when it was, Unix nanoseconds

	mu    sync.RWMutex // held for reading while an address is looked up: what is replaced is closed after
	db    *maxminddb.Reader
	stamp os.FileInfo
}

// Open reads the file; an empty name is the nil Atlas. With an error it answers an Atlas all the same, which knows nothing until
// there is a file that can be read.
func Open(file string) (*Atlas, error) {
	if file == "" {
		return nil, nil
	}
	a := &Atlas{file: file, every: time.Minute}
	a.looked.Store(time.Now().UnixNano())
	return a, a.read()
}

// read opens the file unless it is the one that is open. A damaged one changes nothing.
func (a *Atlas) read() error {
	stamp, err := os.Stat(a.file)
	if err != nil {
		return err
	}
	a.mu.RLock()
	same := a.stamp != nil && os.SameFile(a.stamp, stamp) && a.stamp.ModTime().Equal(stamp.ModTime()) && a.stamp.Size() == stamp.Size()
	a.mu.RUnlock()
	if same {
		return nil
	}
	db, err := maxminddb.Open(a.file)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	old := a.db
	a.db, a.stamp = db, stamp
	if old == nil {
		return nil
	}
	return old.Close()
}

// follow looks at the file once in a while.
func (a *Atlas) follow() {
	now, looked := time.Now().UnixNano(), a.looked.Load()
	if now-looked < int64(a.every) || !a.looked.CompareAndSwap(looked, now) {
		return
	}
	if err := a.read(); err != nil {
		slog.Warn("the file of places cannot be read anew", "file", a.file, "error", err)
	}
}

// Close lets the file go.
func (a *Atlas) Close() error {
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.db == nil {
		return nil
	}
	db := a.db
	a.db = nil
	return db.Close()
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
	a.follow()
	a.mu.RLock()
	defer a.mu.RUnlock()
	if a.db == nil {
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
