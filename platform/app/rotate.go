package app

import (
	"context"

	"runes.im/platform/store"
)

// Rotated says which key is new and how many tenants use it.
type Rotated struct {
	File    string `json:"file"`
	Tenants int    `json:"tenants"`
}

// rotateKey replaces the master key. Every tenant must open: one left out could never be opened again.
func rotateKey(ctx context.Context, a *App, _ struct{}) (any, error) {
	a.building.Lock()
	defer a.building.Unlock()
	infos, err := a.Tenants.List(ctx)
	if err != nil {
		return nil, err
	}
	dbs := []*store.DB{a.System} // the secrets of second factors lie there
	for _, i := range infos {
		t, err := a.Tenants.Enter(ctx, i.Slug)
		if err != nil {
			return nil, err
		}
		defer t.Leave()
		dbs = append(dbs, t.DB)
	}
	if err := a.master.Rotate(ctx, dbs...); err != nil {
		return nil, err
	}
	return Rotated{File: a.keyFile, Tenants: len(infos)}, nil
}
