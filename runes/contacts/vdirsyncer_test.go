package contacts

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"runes.im/platform/record"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/platform/store"
)

// syncer is vdirsyncer with a folder of cards of its own.
type syncer struct {
	t    *testing.T
	home string
}

func newSyncer(t *testing.T, site string, p *runetest.Person) *syncer {
	t.Helper()
	if _, err := exec.LookPath("vdirsyncer"); err != nil {
		if os.Getenv("RUNES_REQUIRE_CLIENTS") != "" {
			t.Fatal("vdirsyncer is not installed")
		}
		t.Skip("vdirsyncer is not installed")
	}
	s := &syncer{t: t, home: t.TempDir()}
	config := fmt.Sprintf(`[general]
status_path = "%[1]s/status/"
[pair contacts]
a = "here"
b = "there"
collections = ["from a", "from b"]
conflict_resolution = "b wins"
metadata = ["displayname"]
[storage here]
type = "filesystem"
path = "%[1]s/cards/"
fileext = ".vcf"
[storage there]
type = "carddav"
url = "%[2]s/"
username = "%[3]s"
password = "%[4]s"
`, s.home, site, p.Email, p.Device("contacts").Secret())
	if err := os.WriteFile(filepath.Join(s.home, "config"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := s.run("discover"); err != nil {
		t.Fatalf("discover: %v\n%s", err, out)
	}
	return s
}

func (s *syncer) run(args ...string) (string, error) {
	cmd := exec.CommandContext(s.t.Context(), "vdirsyncer", append([]string{"-c", filepath.Join(s.home, "config")}, args...)...)
	var out bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(strings.Repeat("y\n", 10)), &out, &out
	cmd.Env = append(os.Environ(), "HOME="+s.home, "LC_ALL=C.UTF-8")
	cmd.WaitDelay = 10 * time.Second
	err := cmd.Run()
	return out.String(), err
}

// sync wants it to succeed and answers what it did.
func (s *syncer) sync() string {
	s.t.Helper()
	out, err := s.run("sync")
	if err != nil {
		s.t.Fatalf("sync: %v\n%s", err, out)
	}
	return out
}

func (s *syncer) write(book, name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.home, "cards", book, name+".vcf"), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// edit writes another text into every card that holds it.
func (s *syncer) edit(book, was, is string) {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(s.home, "cards", book, "*.vcf"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			s.t.Fatal(err)
		}
		if strings.Contains(string(text), was) {
			s.write(book, strings.TrimSuffix(filepath.Base(f), ".vcf"), strings.ReplaceAll(string(text), was, is))
		}
	}
}

// cards are the texts in the folder of a book, sorted.
func (s *syncer) cards(book string) []string {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(s.home, "cards", book, "*.vcf"))
	if err != nil {
		s.t.Fatal(err)
	}
	var all []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, string(text))
	}
	slices.Sort(all)
	return all
}

// TestVdirsyncerKeepsBothSidesInStep goes both ways with a program of others: first sync, nothing to do, edits on both
// sides, a conflict, what only the program knows, and removals.
func TestVdirsyncerKeepsBothSidesInStep(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	db := h.Tenant("acme").DB
	write := func(do func(tx *store.Tx) error) {
		t.Helper()
		if err := db.Write(h.Context(), func(_ context.Context, tx *store.Tx) error { return do(tx) }); err != nil {
			t.Fatal(err)
		}
	}
	var anna *Person
	write(func(tx *store.Tx) error {
		c := &Company{LegalName: "Bäckerei Zürcher", Address: "Marktgasse 1", City: "Bern", PostalCode: "3011", Country: "CH"}
		if err := companies.Create(h.Context(), tx, c); err != nil {
			return err
		}
		l := &List{Name: "Gäste", Holds: "people"}
		if err := lists.Create(h.Context(), tx, l); err != nil {
			return err
		}
		anna = &Person{Company: c.ID, FirstName: "Anna", LastName: "Größe", Email: "anna@zuercher.example", Phone: "+41 31 000 11 22"}
		return people.Create(h.Context(), tx, anna)
	})
	s := newSyncer(t, strings.Replace(h.URL("acme", ""), "acme.localhost", "127.0.0.1", 1), h.Person("manage_contacts"))
	s.sync()
	got := s.cards("all")
	if len(got) != 1 || !strings.Contains(got[0], "Größe;Anna") || !strings.Contains(got[0], "Marktgasse 1;Bern;;3011;Switzerland") {
		t.Fatalf("the first sync brought %q", got)
	}
	if out := s.sync(); strings.Contains(out, "Copying") || strings.Contains(out, "Deleting") {
		t.Errorf("nothing changed, but it did: %s", out)
	}
	// New on the device, with what only the device knows.
	sent := cardText("dev-1", "日本", "太郎", "ORG:Tokyo Works\r\nTEL;TYPE=CELL:+81 3 1234\r\n"+strange)
	s.write("all", "dev-1", sent)
	s.sync()
	found, err := people.List(h.Context(), db, nil, record.Query{Search: "太郎", Limit: 2})
	if err != nil || len(found) != 1 || found[0].Phone != "+81 3 1234" {
		t.Fatalf("the house has %+v, %v", found, err)
	}
	if out := s.sync(); strings.Contains(out, "Copying") {
		t.Errorf("it goes back and forth: %s", out)
	}
	// Changed here, changed there, changed on both sides.
	write(func(tx *store.Tx) error {
		changed := *found[0]
		changed.JobRole = "Sales"
		return people.Change(h.Context(), tx, found[0], &changed)
	})
	s.sync()
	if all := strings.Join(s.cards("all"), ""); !strings.Contains(all, "TITLE:Sales") || !strings.Contains(all, strange) {
		t.Errorf("the device has %s", all)
	}
	s.edit("all", "+41 31 000 11 22", "+41 31 000 99 99")
	s.sync()
	if anna, err = people.One(h.Context(), db, nil, anna.ID); err != nil || anna.Phone != "+41 31 000 99 99" {
		t.Fatalf("the house has %+v, %v", anna, err)
	}
	write(func(tx *store.Tx) error {
		changed := *anna
		changed.FirstName = "Annabelle"
		return people.Change(h.Context(), tx, anna, &changed)
	})
	s.edit("all", "Anna", "Antonia")
	s.sync()
	if all := strings.Join(s.cards("all"), ""); !strings.Contains(all, "Annabelle") || strings.Contains(all, "Antonia") {
		t.Errorf("after a conflict that the house wins the device has %s", all)
	}
	// Removed on the device: in the bin here.
	if err := os.Remove(filepath.Join(s.home, "cards", "all", "dev-1.vcf")); err != nil {
		t.Fatal(err)
	}
	s.sync()
	if bin, err := people.List(h.Context(), db, nil, binned); err != nil || len(bin) != 1 || bin[0].LastName != "太郎" {
		t.Errorf("the bin holds %v, %v", bin, err)
	}
	// Removed here: gone from the device.
	write(func(tx *store.Tx) error {
		p, err := people.One(h.Context(), tx, nil, anna.ID)
		if err != nil {
			return err
		}
		return people.Remove(h.Context(), tx, p, "")
	})
	if out, err := s.run("sync", "--force-delete"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got := s.cards("all"); len(got) != 0 {
		t.Errorf("the device still has %q", got)
	}
}
