package contacts

import (
	"context"

	"runes.im/platform/record"
	"runes.im/platform/slot"
)

// changed is the card on Home: the companies somebody worked on last.
var changed = slot.Widget{
	ID: "contacts.changed", Title: "contacts.changed", Icon: "building-2", Link: "/contacts",
	LinkText: "contacts.nav.directory", Permission: "view_contacts", Template: "contacts_changed", Data: changedRows,
}

type changedRow struct {
	*Company
	Face record.Face
}

func changedRows(ctx context.Context, a slot.Asker) (any, error) {
	found, err := companies.List(ctx, a.Tenant.DB, a.Person, record.Query{Sort: "updated_at", Down: true, Limit: 4})
	if err != nil {
		return nil, err
	}
	rows := make([]changedRow, len(found))
	for i, c := range found {
		rows[i] = changedRow{Company: c, Face: record.FaceOf(c.LegalName, c.ID)}
	}
	return rows, nil
}
