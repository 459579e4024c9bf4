package storage

import (
	"bytes"
	"context"
	"strings"

	"runes.im/data"
	"runes.im/platform/clock"
	"runes.im/platform/identity"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// fillDemo gives the people of the demo workspace their files, and all of them a team folder.
func fillDemo(ctx context.Context, t *tenant.Tenant, people []*identity.Person) error {
	files, err := data.DemoFiles()
	if err != nil {
		return err
	}
	drives := map[string]*drive{}
	for _, p := range people {
		name, _, _ := strings.Cut(p.Email, "@")
		if drives[name], err = openDrive(ctx, t, p); err != nil {
			return err
		}
	}
	err = t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := makeTeamFolder(ctx, tx, "Halden & Fjord")
		return err
	})
	if err != nil {
		return err
	}
	now := clock.Now(ctx)
	for _, f := range files {
		d := drives[f.Person]
		if d == nil {
			continue
		}
		p, err := parsePath(f.Path)
		if err != nil {
			return err
		}
		_, _, err = d.put(ctx, p, bytes.NewReader(f.Content), upload{
			Length: int64(len(f.Content)), MTime: now.Add(-f.Age).Unix(), MakeFolders: true,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
