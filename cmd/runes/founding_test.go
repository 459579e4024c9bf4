package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Wherever the machine stops while the first organisation is made, there is none afterwards or a whole one: with its
// owner, who can sign in, and with every rune. A second attempt ends well.
func TestAKilledSetupLeavesNothingHalf(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts many processes")
	}
	program, err := exec.LookPath("runes")
	if err != nil {
		t.Fatal(err)
	}
	const rounds = 16
	var takes time.Duration
	whole, none := 0, 0
	for round := range rounds {
		dir := t.TempDir()
		runes := func(args ...string) *exec.Cmd {
			cmd := exec.Command(program, args...)
			cmd.Env = append(os.Environ(), "RUNES_DATA="+filepath.Join(dir, "data"), "RUNES_KEY="+filepath.Join(dir, "key"))
			cmd.Stdin = strings.NewReader("a long enough password")
			return cmd
		}
		founding := func() *exec.Cmd {
			return runes("setup", "--company", "Acme", "--slug", "acme", "--email", "ada@acme.example", "--name", "Ada", "--password-file", "-")
		}
		first, begun := founding(), time.Now()
		if err := first.Start(); err != nil {
			t.Fatal(err)
		}
		if round > 0 { // the first one shows how long it takes
			time.Sleep(takes * 5 / 4 * time.Duration(round) / rounds)
			first.Process.Kill()
		}
		first.Wait() // killed or not, the directory tells
		if round == 0 {
			takes = time.Since(begun)
		}
		ask := func(into any, args ...string) {
			t.Helper()
			out, err := runes(append(args, "--json")...).CombinedOutput()
			if err != nil {
				t.Fatalf("killed after %d of %d: runes %v: %v\n%s", round, rounds, args, err, out)
			}
			if err := json.Unmarshal(out, into); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
		}
		var tenants, people, modules []map[string]any
		ask(&tenants, "tenant", "list")
		if len(tenants) == 0 {
			none++
			if out, err := founding().CombinedOutput(); err != nil {
				t.Errorf("killed after %d of %d: the second attempt: %v\n%s", round, rounds, err, out)
			}
		} else {
			whole++
		}
		ask(&people, "user", "list", "--tenant", "acme")
		if len(people) != 1 || people[0]["owner"] != true || people[0]["state"] != "active" {
			t.Errorf("killed after %d of %d: the people are %v, want the owner", round, rounds, people)
		}
		ask(&modules, "rune", "list", "--tenant", "acme")
		for _, m := range modules {
			if m["state"] != "active" {
				t.Errorf("killed after %d of %d: %v", round, rounds, m)
			}
		}
		if out, err := runes("verify").CombinedOutput(); err != nil {
			t.Errorf("killed after %d of %d: %v\n%s", round, rounds, err, out)
		}
	}
	t.Logf("%d whole, %d not there, in %s each", whole, none, takes)
	if whole == 0 || none == 0 {
		t.Errorf("%d whole, %d not there: too few of one to prove anything", whole, none)
	}
}
