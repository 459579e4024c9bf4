// Command bench measures the figures the product promises, against real programs beside it, and prints one table.
// It needs Debian's apache2 and nextcloud-desktop-cmd; `make bench` runs it.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"text/tabwriter"
)

// figure is one line of the table.
type figure struct {
	what, measured, beside, limit string
	holds                         bool
}

func main() {
	binary := flag.String("runes", "bin/runes", "the built program")
	serve := flag.String("fileserver", "", "internal: serve this folder as the bare file server")
	flag.Parse()
	if *serve != "" {
		bareFileServer(*serve)
		return
	}
	figures, err := measure(*binary)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "figure\tmeasured\tbeside it\tlimit\tholds")
	for _, f := range figures {
		holds := "yes"
		if !f.holds {
			holds = "NO"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", f.what, f.measured, f.beside, f.limit, holds)
	}
	table.Flush()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// measure runs every part in its own scratch folder; what was measured before an error is still shown.
func measure(binary string) ([]figure, error) {
	binary, err := filepath.Abs(binary)
	if err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "runes-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	ours, err := startRunes(binary, filepath.Join(scratch, "runes-data"))
	if err != nil {
		return nil, err
	}
	defer ours.stop()
	figures := ours.atRest(binary)
	for _, part := range []func(*runes, string) ([]figure, error){crowd, putBesideApache, listings, largeDownload, realClient} {
		more, err := part(ours, scratch)
		figures = append(figures, more...)
		if err != nil {
			return figures, err
		}
	}
	return figures, nil
}

func bareFileServer(dir string) {
	fmt.Fprintln(os.Stderr, http.ListenAndServe(os.Getenv("BENCH_ADDR"), http.FileServer(http.Dir(dir))))
	os.Exit(1)
}
