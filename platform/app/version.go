package app

import (
	"runtime"
	"runtime/debug"
)

// Version and Commit are written by the build.
var Version, Commit string

// BuildInfo says which program this is.
type BuildInfo struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Go      string `json:"go"`
}

// Build is this program. Without the Makefile the version control stamp of the Go tool has to do.
func Build() BuildInfo {
	b := BuildInfo{Version: Version, Commit: Commit, Go: runtime.Version()}
	if b.Version == "" {
		b.Version = "development"
	}
	info, ok := debug.ReadBuildInfo()
	for n := 0; ok && b.Commit == "" && n < len(info.Settings); n++ {
		if s := info.Settings[n]; s.Key == "vcs.revision" {
			b.Commit = s.Value
		}
	}
	if b.Commit == "" {
		b.Commit = "unknown"
	}
	return b
}
