package app

import (
	"fmt"
	"io/fs"

	"runes.im/platform/web"
	"runes.im/ui"
)

// Site is the web server with every page and door of the house and its runes.
func (a *App) Site() (*web.Server, error) {
	site, err := web.New(web.Options{
		Registry: a.Tenants, People: a.People, Book: a.Words, Log: a.log,
		Templates: ui.Templates, Assets: a.assets(),
		Proxies: a.Config.TrustedProxies, MaxConnections: a.Config.MaxConnections, Dev: a.Config.Dev,
	})
	if err != nil {
		return nil, err
	}
	for _, in := range a.Runes {
		if err := site.Mount(in.ID, in.Templates(), in.Routes); err != nil {
			return nil, fmt.Errorf("%s: %w", in.ID, err)
		}
		if in.Doors != nil {
			site.OpenDoors(in.ID, in.Doors)
		}
	}
	return site, nil
}

func (a *App) assets() fs.FS { return nil }
