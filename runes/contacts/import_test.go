package contacts

import (
	"context"
	"testing"

	"runes.im/platform/fault"
	"runes.im/platform/record"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/platform/store"
)

// run plans and applies rows as an import would, and answers what each did.
func run(t *testing.T, h *runetest.House, of record.Kind, rows []map[string]string) (deeds []string, done []record.Step) {
	t.Helper()
	target, db := record.TargetOf(of), h.Tenant("acme").DB
	for _, row := range rows {
		step, err := target.Plan(h.Context(), db, row)
		if err != nil {
			t.Fatal(err)
		}
		deeds = append(deeds, step.Deed)
		if step.Deed == record.Faulty {
			continue
		}
		err = db.Write(h.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
			step, err = target.Apply(ctx, tx, step)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		done = append(done, step)
	}
	return deeds, done
}

func TestTheSameRowsTwiceChangeNothing(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	rows := []map[string]string{
		{"legal_name": "Acme AG", "vat_id": "CHE-1", "country": "Schweiz", "website": "acme.example"},
		{"legal_name": "Bäckerei Zürcher", "city": "Bern"},
		{"legal_name": "X"},
		{"legal_name": "Acme Holding AG", "vat_id": "che-1"},
	}
	deeds, done := run(t, h, companies, rows)
	want(t, deeds, "create create error update")
	deeds, _ = run(t, h, companies, rows[1:])
	want(t, deeds, "unchanged error unchanged")
	persons := []map[string]string{
		{"company": "acme holding ag", "first_name": "Ida", "last_name": "Frey", "email": "ida@acme.example", "billing": "ja"},
		{"company": "Nobody AG", "first_name": "Ida", "last_name": "Frey"},
	}
	deeds, _ = run(t, h, people, persons)
	want(t, deeds, "create error")
	deeds, _ = run(t, h, people, persons)
	want(t, deeds, "unchanged error")

	// What nobody touched since can be undone; the other stays.
	db, target := h.Tenant("acme").DB, record.TargetOf(companies)
	undo := func(step record.Step) error {
		return db.Write(h.Context(), func(ctx context.Context, tx *store.Tx) error { return target.Undo(ctx, tx, step) })
	}
	if err := undo(done[1]); err != nil {
		t.Error(err)
	}
	if err := undo(done[0]); !fault.Is(err, fault.Conflict) {
		t.Errorf("got %v, want a conflict: the company was changed since", err)
	}
	if n, err := companies.Count(h.Context(), db, nil, record.Query{}); n != 1 || err != nil {
		t.Errorf("%d companies and %v, want 1", n, err)
	}
}

func want(t *testing.T, deeds []string, text string) {
	t.Helper()
	got := ""
	for _, d := range deeds {
		got += " " + d
	}
	if got != " "+text {
		t.Errorf("got%s, want %s", got, text)
	}
}
