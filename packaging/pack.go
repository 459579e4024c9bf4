package main

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb" // each format names itself to nfpm
	"github.com/goreleaser/nfpm/v2/files"
	_ "github.com/goreleaser/nfpm/v2/rpm"
)

// pack writes one deb or rpm.
func pack(root, out, version, arch, format string) (file string, err error) {
	info := describe(root, version, arch)
	if err := nfpm.PrepareForPackager(info, format); err != nil {
		return "", err
	}
	packager, err := nfpm.Get(format)
	if err != nil {
		return "", err
	}
	file = filepath.Join(out, packager.ConventionalFileName(info))
	f, err := os.Create(file)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return file, packager.Package(info, f)
}

func describe(root, version, arch string) *nfpm.Info {
	info := nfpm.WithDefaults(&nfpm.Info{
		Name: "runes", Version: version, Arch: arch, Platform: "linux", Section: "web", Priority: "optional",
		Maintainer: "RUNES <packages@runes.im>", Homepage: "https://runes.im/", Vendor: "RUNES",
		Description: "A company's workspace on its own machine\n Files, people and a sync server for Nextcloud clients, in one program.",
		MTime:       buildTime(),
	})
	info.Contents = files.Contents{
		content(binary(root, arch), "/usr/bin/runes", 0o755),
		content(root+"/systemd/runes.service", "/usr/lib/systemd/system/runes.service", 0o644),
		content(root+"/systemd/runes.sysusers", "/usr/lib/sysusers.d/runes.conf", 0o644),
		content(root+"/systemd/runes.tmpfiles", "/usr/lib/tmpfiles.d/runes.conf", 0o644),
		{Source: root + "/packaging/runes.toml", Destination: "/etc/runes/runes.toml", Type: files.TypeConfigNoReplace, FileInfo: &files.ContentFileInfo{Mode: 0o644, MTime: buildTime()}},
		content(root+"/README.md", "/usr/share/doc/runes/README.md", 0o644),
	}
	info.Scripts = nfpm.Scripts{PostInstall: root + "/packaging/postinst.sh", PreRemove: root + "/packaging/prerm.sh"}
	return info
}

func content(from, to string, mode os.FileMode) *files.Content {
	return &files.Content{Source: from, Destination: to, FileInfo: &files.ContentFileInfo{Mode: mode, MTime: buildTime()}}
}

// buildTime is fixed, so that the same sources make the same packages.
func buildTime() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }
