package storage

import (
	"context"
	"html/template"
	"strconv"

	"runes.im/platform/fault"
	"runes.im/platform/slot"
)

// titles says what files are called, for those who may see them.
func titles(ctx context.Context, a slot.Asker, ids []string) (map[string]slot.Title, error) {
	d, err := openDrive(ctx, a.Tenant, a.Person)
	if err != nil {
		return nil, err
	}
	found := map[string]slot.Title{}
	for _, text := range ids {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			continue
		}
		at, err := d.byID(ctx, a.Tenant.DB, id)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		icon := "file"
		if at.Folder {
			icon = "folder"
		}
		found[text] = slot.Title{Text: at.Path.name(), Icon: icon, Href: template.URL(folderHref(id))}
	}
	return found, nil
}
