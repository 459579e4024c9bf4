package shell

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"runes.im/platform/audit"
	"runes.im/platform/blob"
	"runes.im/platform/fault"
	"runes.im/platform/isolation"
	"runes.im/platform/web"
)

const isolationPath = settingsPath + "/isolation"

// isolationPage proves to the owners that nobody else reaches their data. Nothing on it is a promise: each line was looked at.
type isolationPage struct {
	File, Database, Contents, Files, Modes string
	Connections                            string
	Backup                                 string
	Test, Integrity                        *checked // nil: not yet
}

// checked is the last run of one sort of checks.
type checked struct {
	When, Took string
	Passed     bool
	Rows       []checkRow
}

type checkRow struct {
	Text, Tried, Detail string
	Passed              bool
}

// checkWords are the sentences for what is looked at.
var checkWords = map[string]string{
	isolation.Hosts: "isolation.hosts", isolation.OwnFiles: "isolation.files", isolation.Sessions: "isolation.sessions",
	isolation.AppPasswords: "isolation.app_passwords", isolation.APITokens: "isolation.api_tokens", isolation.Invitations: "isolation.invitations",
	isolation.Identifiers: "isolation.identifiers", isolation.Contents: "isolation.contents", isolation.Secrets: "isolation.secrets",
	isolation.Streams: "isolation.streams", isolation.DatabaseSound: "isolation.database", isolation.ContentsThere: "isolation.contents_there",
	isolation.LogUnbroken: "isolation.log",
}

func checkedOf(v *web.Visit, kind string) (*checked, error) {
	r, err := isolation.Last(v.Context(), v.DB, kind)
	if r == nil || err != nil {
		return nil, err
	}
	c := &checked{When: v.When(r.At), Took: v.T("isolation.took", "n", v.Number(r.Took.Milliseconds())), Passed: r.Passed()}
	for _, one := range r.Checks {
		c.Rows = append(c.Rows, checkRow{
			Text: v.T(checkWords[one.Key]), Tried: v.T("isolation.tried", "n", one.Tried), Detail: one.Detail, Passed: one.Failed == 0,
		})
	}
	return c, nil
}

func (s *Shell) showIsolation(v *web.Visit) error {
	if !v.Person.Owner {
		return fault.New(fault.NotFound, "web.not_found")
	}
	p := &isolationPage{File: filepath.Join("tenants", v.Tenant.Slug, "tenant.db"), Connections: v.Number(int64(v.DB.Connections()))}
	err := p.measure(v)
	if err == nil {
		p.Test, err = checkedOf(v, isolation.Test)
	}
	if err == nil {
		p.Integrity, err = checkedOf(v, isolation.Integrity)
	}
	if err != nil {
		return err
	}
	v.Title(v.T("isolation.title"))
	v.Crumb(v.T("shell.settings"), settingsPath)
	v.Crumb(v.T("isolation.title"), "")
	return v.Page("isolation", p)
}

// measure looks at the file and the folder as they are now.
func (p *isolationPage) measure(v *web.Visit) error {
	var bytes int64
	for _, suffix := range []string{"", "-wal"} {
		info, err := os.Lstat(v.DB.Path() + suffix)
		if err != nil && (suffix == "" || !os.IsNotExist(err)) {
			return err
		}
		if err == nil {
			bytes += info.Size()
		}
		if suffix == "" {
			p.Modes = fmt.Sprintf("%04o", info.Mode().Perm())
		}
	}
	p.Database = v.Size(bytes)
	total, err := blob.Total(v.Context(), v.DB)
	if err != nil {
		return err
	}
	var files int
	err = v.DB.QueryRow(v.Context(), `SELECT COUNT(*) FROM blob_contents WHERE uses > 0`).Scan(&files)
	p.Contents, p.Files = v.Size(total), v.T("isolation.file_count", "n", files)
	if err != nil {
		return err
	}
	lines, err := audit.About(v.Context(), v.DB, "tenant:"+v.Tenant.ID, 50)
	if err != nil {
		return err
	}
	p.Backup = v.T("isolation.backup_none")
	for _, l := range lines {
		if l.Action == "tenant.exported" {
			p.Backup = v.T("isolation.backup_exported", "when", v.When(l.At))
			break
		}
	}
	return nil
}

// runIsolation runs the checks now, one after the other, and shows what they found. They go on when the browser leaves.
func (s *Shell) runIsolation(v *web.Visit) error {
	if !v.Person.Owner {
		return fault.New(fault.NotFound, "web.not_found")
	}
	ctx := context.WithoutCancel(v.Context())
	if _, err := s.Prover.RunTest(ctx, v.Tenant); err != nil {
		return err
	}
	if _, err := s.Prover.RunIntegrity(ctx, v.Tenant); err != nil {
		return err
	}
	v.Flash(v.T("isolation.done"), "")
	return v.Go(isolationPath)
}
