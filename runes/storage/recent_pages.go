package storage

import (
	"context"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/slot"
)

// recentFiles is the card on Home.
var recentFiles = slot.Widget{
	ID: "storage.recent", Title: "storage.recent", Icon: "clock", Link: "/storage",
	LinkText: "storage.files", Permission: "view_storage", Template: "storage_recent", Data: recentRows,
}

type recentRow struct {
	Name, Icon, Href string
	Hue              int
	When             recentTime
	Folder           string // empty: at the top of the drive
}

func recentRows(ctx context.Context, a slot.Asker) (any, error) {
	const shown = 4
	d, err := openDrive(ctx, a.Tenant, a.Person)
	if err != nil {
		return nil, err
	}
	places, err := d.recent(ctx, a.Tenant.DB, shown)
	if err != nil {
		return nil, err
	}
	rows := make([]recentRow, len(places))
	for i, at := range places {
		l := lookOf(at.Name, false)
		rows[i] = recentRow{
			Name: at.Path.name(), Icon: l.icon, Hue: l.hue, Href: folderHref(at.ID), Folder: at.Path.folder().name(),
			When: recently(clock.Now(ctx).Sub(storedAt(at.StoredAt))),
		}
	}
	return rows, nil
}

// recentTime is when something came, for a template that has no visit: a words key and its number.
type recentTime struct {
	Key string
	N   int
}

func recently(ago time.Duration) recentTime {
	switch {
	case ago < time.Minute:
		return recentTime{Key: "web.just_now"}
	case ago < time.Hour:
		return recentTime{"web.minutes_ago", int(ago / time.Minute)}
	case ago < 24*time.Hour:
		return recentTime{"web.hours_ago", int(ago / time.Hour)}
	}
	return recentTime{"web.days_ago", int(ago / (24 * time.Hour))}
}
