// Command packaging builds the deb and rpm packages and the container image from the binaries of `make package`.
package main

import (
	"flag"
	"fmt"
	"os"
)

var architectures = []string{"amd64", "arm64"}

func main() {
	version := flag.String("version", "", "version of the packages")
	out := flag.String("out", "../dist", "where they go")
	root := flag.String("root", "..", "the repository")
	flag.Parse()
	if err := build(*root, *out, *version); err != nil {
		fmt.Fprintln(os.Stderr, "packaging:", err)
		os.Exit(1)
	}
}

func build(root, out, version string) error {
	if version == "" {
		return fmt.Errorf("-version is missing")
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	for _, arch := range architectures {
		for _, format := range []string{"deb", "rpm"} {
			file, err := pack(root, out, version, arch, format)
			if err != nil {
				return fmt.Errorf("%s for %s: %w", format, arch, err)
			}
			fmt.Println(file)
		}
		file, digest, err := image(root, out, version, arch)
		if err != nil {
			return fmt.Errorf("image for %s: %w", arch, err)
		}
		fmt.Println(file, digest)
	}
	return nil
}

// binary is the program that `make package` built for the architecture.
func binary(root, arch string) string { return root + "/bin/runes-linux-" + arch }
