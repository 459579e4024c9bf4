package search_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"runes.im/platform/runetest"
	"runes.im/platform/search"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

var (
	firsts  = []string{"Anna", "Bernd", "Chloé", "Dario", "Elif", "Fabio", "Greta", "Hanspeter", "Ines", "Jürg", "Karin", "Luca", "Maria", "Noor", "Ömer", "Petra", "Rosa", "Stéphane", "Tomás", "Ursula"}
	starts  = []string{"Al", "Ber", "Cas", "Dor", "Eg", "Fal", "Gri", "Hol", "Im", "Jen", "Kel", "Lan", "Mar", "Nor", "Ost", "Pel", "Ros", "Stein", "Tan", "Wal"}
	middles = []string{"a", "be", "chi", "den", "er", "fin", "gel", "ha", "in", "ko", "li", "man", "ne", "o", "ri", "sa", "ter", "u", "ven", "zi"}
	ends    = []string{"bach", "berg", "dal", "egg", "feld", "gren", "hof", "inger", "kamp", "ler", "mann", "ner", "otti", "quist", "ron", "sen", "stad", "veld", "wyler", "zoni"}
	trades  = []string{"AG", "GmbH", "Holding", "Transport", "Company", "Engineering", "Consulting", "Services", "International", "Handel"}
	files   = []string{"Invoice", "Report", "Contract", "Offer", "Minutes", "Photo", "Drawing", "Budget", "Presentation", "Agreement"}
)

// made is the n-th of a million records: companies, contacts and files with names as people have them.
func made(n int) search.Doc {
	pick := func(from []string, by int) string { return from[n/by%len(from)] }
	name := pick(starts, 1) + pick(middles, 20) + pick(ends, 400)
	d := search.Doc{ID: strconv.Itoa(n), Href: "/x/" + strconv.Itoa(n), Scope: nil}
	switch n % 4 {
	case 0:
		d.Kind, d.Title, d.Subtitle, d.Body = "company", name+" "+pick(trades, 7)+" "+pick(trades, 31), pick(starts, 3)+pick(ends, 11), "info@"+name+".example"
	case 1, 2:
		d.Kind, d.Title, d.Subtitle = "contact", pick(firsts, 13)+" "+name, pick(middles, 17)+pick(ends, 5)+" "+pick(trades, 7)
	default:
		d.Kind, d.Title, d.Body = "file", fmt.Sprintf("%s %s %d.pdf", pick(files, 29), name, n), "customer files"
		d.Scope = []string{"member-" + strconv.Itoa(n%97)}
	}
	return d
}

// fill writes the records, many in one transaction.
func fill(tb testing.TB, ctx context.Context, db *store.DB, count int) {
	tb.Helper()
	const bite = 5000
	for from := 0; from < count; from += bite {
		err := db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			for n := from; n < min(count, from+bite); n++ {
				if err := search.Put(ctx, tx, made(n)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
}

func benchDesk(tb testing.TB, count int) (context.Context, slot.Asker, []slot.Search) {
	h := runetest.Start(tb, nil)
	a := slot.Asker{Tenant: h.Tenant("acme"), Person: h.Person().Person}
	ctx := tenant.With(h.Context(), a.Tenant)
	begun := time.Now()
	fill(tb, ctx, a.Tenant.DB, count)
	spent := time.Since(begun)
	tb.Logf("%d records in %s, %s each; the file has %d MB", count, spent.Round(time.Millisecond), (spent / time.Duration(count)).Round(time.Microsecond), size(tb, a.Tenant.DB.Path())>>20)
	member := func(context.Context, slot.Asker) ([]string, bool, error) { return []string{"member-5"}, false, nil }
	return ctx, a, []slot.Search{{Kind: "company"}, {Kind: "contact"}, {Kind: "file", Scope: member}}
}

func size(tb testing.TB, path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		tb.Fatal(err)
	}
	return info.Size()
}

func TestEachOfTenThousandRecordsIsFound(t *testing.T) {
	ctx, a, kinds := benchDesk(t, 10_000)
	for n := 0; n < 10_000; n += 499 {
		d := made(n)
		if d.Scope != nil && d.Scope[0] != "member-5" {
			continue
		}
		hits, _, err := search.Find(ctx, a, kinds, search.Query{Text: d.Title, Limit: 5})
		if err != nil || len(hits) == 0 || hits[0].Title != d.Title {
			t.Errorf("%q finds %v, %v", d.Title, hits, err)
		}
	}
	hits, _, err := search.Find(ctx, a, kinds, search.Query{Text: "pdf", Kinds: []string{"file"}, Limit: search.Most})
	if want := 10_000 / 4 / 97; err != nil || len(hits) < want-1 || len(hits) > want+1 {
		t.Errorf("found %d files of one person, %v, want about %d", len(hits), err, want)
	}
}

// asked are searches as they are typed, the rare and the worst.
var asked = []string{
	"a", "m", "an", "co", "int", "invo", "invoice", "company", "international", "files", "anna", "anna marbesen",
	"hanspeter kel", "marbesen comp", "steinachibach", "marbessen", "hanspetre", "internatoinal", "report 2026", "zzzz", "invoice 123455",
}

// BenchmarkFind measures the first hits and all hits among RUNES_RECORDS records (100,000 unless told).
func BenchmarkFind(b *testing.B) {
	count := 100_000
	if n, err := strconv.Atoi(os.Getenv("RUNES_RECORDS")); err == nil {
		count = n
	}
	ctx, a, kinds := benchDesk(b, count)
	for _, text := range asked {
		b.Run(text, func(b *testing.B) {
			var first, hits time.Duration
			for b.Loop() {
				begun, found := time.Now(), 0
				_, err := search.Each(ctx, a, kinds, search.Query{Text: text, Limit: 5}, func(_ slot.Search, some []search.Hit) error {
					if found == 0 {
						first += time.Since(begun)
					}
					found += len(some)
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
				hits += time.Duration(found)
			}
			b.ReportMetric(float64(first.Microseconds())/float64(b.N)/1000, "ms-to-first")
			b.ReportMetric(float64(hits)/float64(b.N), "hits")
		})
	}
}
