package storage

import (
	"bytes"
	"context"
	"html/template"
	"strconv"

	"runes.im/platform/fault"
	"runes.im/platform/slot"
	"runes.im/platform/store"
)

// saveForRune keeps a file that another rune made below the system folder, whoever asked for it. A taken name gets a
// number: nothing that was generated is ever replaced.
func saveForRune(ctx context.Context, a slot.Asker, folder, name string, content []byte) (slot.Ref, error) {
	var top int64
	err := a.Tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		top, err = systemFolder(ctx, tx)
		return err
	})
	if err != nil {
		return slot.Ref{}, err
	}
	to, err := parsePath(folder)
	if err != nil {
		return slot.Ref{}, err
	}
	if name, err = cleanName(name); err != nil {
		return slot.Ref{}, err
	}
	// The rune's own tree: the system folder is its home.
	d := &drive{tenant: a.Tenant, person: a.Person, home: top, alone: true}
	at, _, err := d.put(ctx, to.join(name), bytes.NewReader(content), upload{
		Length: int64(len(content)), MakeFolders: true, KeepBoth: true,
	})
	if err != nil {
		return slot.Ref{}, err
	}
	return slot.Ref{Kind: "file", ID: strconv.FormatInt(at.ID, 10)}, nil
}

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
