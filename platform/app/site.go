package app

import (
	"fmt"

	"runes.im/assets"
	"runes.im/platform/place"
	"runes.im/platform/record"
	"runes.im/platform/shell"
	"runes.im/platform/web"
	"runes.im/ui"
)

// Site is the web server with every page and door of the house and its runes, and the house's own pages.
func (a *App) Site() (*web.Server, *shell.Shell, error) {
	var err error
	if a.places, err = place.Open(a.Config.Places); err != nil {
		// The house does without: nobody is kept out because a file of places is missing or damaged.
		a.log.Warn("the file of places cannot be read: where addresses are is unknown", "file", a.Config.Places, "reason", reason(err))
	}
	site, err := web.New(web.Options{
		Registry: a.Tenants, People: a.People, Book: a.Words, Log: a.log,
		Templates: ui.Templates, Assets: assets.FS, Icon: ui.Icon, StyleHashes: assets.StyleHashes(),
		Places: a.places, Proxies: a.Config.TrustedProxies, PublicPort: a.Config.PublicPort, MaxConnections: a.Config.MaxConnections,
	})
	if err != nil {
		return nil, nil, err
	}
	prices, err := a.prices()
	if err != nil {
		return nil, nil, err
	}
	a.chargeSeats(prices)
	house := shell.New(shell.Options{
		Server: site, Runes: a.Runes, Hub: a.Hub, Tenants: a.Tenants, Dev: a.Config.Dev, Found: a.found, Operation: a, Prover: a.Prover(),
		Prices: prices, Entrance: a.entrance(), Establish: a.establish,
	})
	if err := house.Mount(); err != nil {
		return nil, nil, err
	}
	for _, in := range a.Runes {
		if err := site.Mount(in.ID, in.Templates(), in.Routes); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", in.ID, err)
		}
		if in.Doors != nil {
			site.OpenDoors(in.ID, in.Doors)
		}
	}
	var nouns []record.Kind
	for _, in := range a.Runes {
		nouns = append(nouns, in.Nouns...)
	}
	site.OpenDoors("", func(d *web.Doors) { record.Description(nouns, Version, d) })
	return site, house, nil
}
