package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// bundleCore makes what every page loads.
func bundleCore(root string, made files) error {
	if err := bundle(root, filepath.Join("ui", "core", "index.ts"), "core.js", nil, made); err != nil {
		return err
	}
	return bundle(root, filepath.Join("ui", "core.css"), "core.css", nil, made)
}

// bundlePages makes what only some pages of the house load: ui/lazy/home.ts and home.css become home.js and home.css.
func bundlePages(root string, made files) error {
	found, err := filepath.Glob(filepath.Join(root, "ui", "lazy", "*.*s*"))
	if err != nil {
		return err
	}
	for _, path := range found {
		source, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		name := strings.Replace(filepath.Base(path), ".ts", ".js", 1)
		if err := bundle(root, source, name, []api.Plugin{coreIsLoaded}, made); err != nil {
			return err
		}
	}
	return nil
}

// bundleRunes makes one script and one style sheet for every rune that has them.
func bundleRunes(root string, made files) error {
	for _, file := range []struct{ source, kind string }{{"index.ts", ".js"}, {"index.css", ".css"}} {
		found, err := filepath.Glob(filepath.Join(root, "runes", "*", "browser", file.source))
		if err != nil {
			return err
		}
		for _, path := range found {
			source, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			id := filepath.Base(filepath.Dir(filepath.Dir(path)))
			if err := bundle(root, source, id+file.kind, []api.Plugin{coreIsLoaded}, made); err != nil {
				return err
			}
		}
	}
	return nil
}

// coreIsLoaded leaves the import of "runes" to the browser: all files have one folder as their address, so a rune's
// script meets the very core.js that the page has loaded already.
var coreIsLoaded = api.Plugin{Name: "core", Setup: func(b api.PluginBuild) {
	b.OnResolve(api.OnResolveOptions{Filter: "^runes$"}, func(api.OnResolveArgs) (api.OnResolveResult, error) {
		return api.OnResolveResult{Path: "./core.js", External: true}, nil
	})
}}

func bundle(root, source, name string, plugins []api.Plugin, made files) error {
	content, err := build(root, source, name, plugins)
	made["assets/"+name] = content
	return err
}

// build is source and all it imports as one file.
func build(root, source, name string, plugins []api.Plugin) ([]byte, error) {
	folder, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	built := api.Build(api.BuildOptions{
		AbsWorkingDir: folder,
		EntryPoints:   []string{source},
		Outfile:       filepath.Join(folder, "assets", name),
		Bundle:        true, MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
		Format: api.FormatESModule, Target: api.ES2022, Charset: api.CharsetUTF8, LegalComments: api.LegalCommentsNone,
		External: []string{"*.woff2", "node:*"}, Plugins: plugins, LogLevel: api.LogLevelSilent,
	})
	var all []error
	for _, m := range built.Errors {
		where := ""
		if m.Location != nil {
			where = fmt.Sprintf("%s:%d: ", m.Location.File, m.Location.Line)
		}
		all = append(all, errors.New(where+m.Text))
	}
	if len(all) > 0 {
		return nil, errors.Join(all...)
	}
	return built.OutputFiles[0].Contents, nil
}

// copyStill takes over what is not built: the fonts and the icon of the browser tab.
func copyStill(root string, made files) error {
	still, err := filepath.Glob(filepath.Join(root, "ui", "still", "*"))
	if err != nil {
		return err
	}
	for _, path := range still {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		made["assets/"+filepath.Base(path)] = content
	}
	return nil
}
