package note

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"runes.im/platform/identity"
	"runes.im/platform/store"
)

var members = []*identity.Person{{ID: "1", Name: "Ann"}, {ID: "2", Name: "Ann Lee"}, {ID: "3", Name: "Zoë O’Hara-Müller"}, {ID: "4", Name: "Ann Lee"}, {ID: "5", Name: "*x*"}}

func TestANameAfterAnAtIsAMention(t *testing.T) {
	for text, want := range map[string]string{
		"@Ann, look": "1", "@Ann Lee": "24", "@Anna": "", "@Ann Leeward": "1", "mail to x@Ann": "", "(@Zoë O’Hara-Müller)": "3", "@ Ann": "",
		"@Ann @Ann and @Zoë O’Hara-Müller.": "13", "@@Ann": "1", "": "", "@": "", "@nobody": "",
	} {
		got := ""
		for _, p := range Mentioned(text, members) {
			got += p.ID
		}
		if got != want {
			t.Errorf("%q mentions %q, want %q", text, got, want)
		}
	}
}

func TestAMentionIsBoldAndNothingActs(t *testing.T) {
	for text, want := range map[string]string{
		"hi @Ann Lee\n\n- one\n- two":              "<p>hi <strong>@Ann Lee</strong></p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n",
		"@*x*":                                     "<p><strong>@*x*</strong></p>\n",
		"<img src=x onerror=alert(1)> @Ann":        " <strong>@Ann</strong>",
		"[click](javascript:alert(1)) <b onclick>": "click",
	} {
		got := string(HTML(text, members))
		if !strings.Contains(got, want) || strings.Contains(got, "<img") || strings.Contains(got, "href=\"javascript") || strings.Contains(got, "<b onclick") {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestNotesMoveAndEndWithTheirRecord(t *testing.T) {
	db, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "tenant.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Migrate(t.Context(), Schema); err != nil {
		t.Fatal(err)
	}
	write := func(do func(ctx context.Context, tx *store.Tx) error) {
		t.Helper()
		if err := db.Write(t.Context(), do); err != nil {
			t.Fatal(err)
		}
	}
	count := func(record string) int {
		t.Helper()
		all, err := Of(t.Context(), db, "k", record)
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	pinned, plain := &Note{Kind: "k", Record: "a", Text: " first\r\nline\x07 "}, &Note{Kind: "k", Record: "a", Text: "second"}
	other := &Note{Kind: "k", Record: "b", Text: "other"}
	var moved []string
	write(func(ctx context.Context, tx *store.Tx) error {
		for _, n := range []*Note{pinned, plain, other} {
			if err := Add(ctx, tx, n); err != nil {
				return err
			}
		}
		return Pin(ctx, tx, pinned, true)
	})
	if all, err := Of(t.Context(), db, "k", "a"); err != nil || len(all) != 2 || all[0].ID != pinned.ID || all[0].Text != "first\nline" {
		t.Errorf("got %+v, %v", all, err)
	}
	write(func(ctx context.Context, tx *store.Tx) (err error) {
		moved, err = Move(ctx, tx, "k", "a", "b", nil)
		return err
	})
	if len(moved) != 2 || count("a") != 0 || count("b") != 3 {
		t.Errorf("moved %v", moved)
	}
	write(func(ctx context.Context, tx *store.Tx) error {
		_, err := Move(ctx, tx, "k", "b", "a", moved)
		return err
	})
	if count("a") != 2 || count("b") != 1 {
		t.Error("what moved did not come back alone")
	}
	write(func(ctx context.Context, tx *store.Tx) error { return Purge(ctx, tx, "k", "a") })
	if count("a") != 0 || count("b") != 1 {
		t.Error("a record's end took other notes along, or not its own")
	}
	err = db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return Add(ctx, tx, &Note{Kind: "k", Record: "a", Text: strings.Repeat("ä", Longest+1)})
	})
	if err == nil {
		t.Error("a text without end was taken")
	}
}
