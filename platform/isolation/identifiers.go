package isolation

import (
	"context"
	"encoding/json"
	"strings"

	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// perTable is how many identifiers are taken from each table, the newest ones.
const perTable = 5

// identifiers takes real ones from every table of either tenant and asks the other for them in the same table.
func identifiers(ctx context.Context, r *Result, t, o *tenant.Tenant) error {
	tried, wrong := 0, []string(nil)
	for _, pair := range [][2]*tenant.Tenant{{t, o}, {o, t}} {
		tables, err := store.Texts(pair[0].DB.Query(ctx, `SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
			WHERE m.type = 'table' AND c.name = 'id' AND m.sql NOT LIKE '%VIRTUAL%' ORDER BY m.name`))
		if err != nil {
			return err
		}
		for _, table := range tables {
			n, found, err := ask(ctx, pair[0].DB, pair[1].DB, table)
			if err != nil {
				return err
			}
			tried += n
			for range found {
				wrong = append(wrong, "an identifier of "+table+" exists in another organisation")
			}
		}
	}
	if tried == 0 {
		wrong = append(wrong, "the test itself does not work: there is no identifier to try")
	}
	r.add(Identifiers, tried, wrong)
	return nil
}

// ask takes identifiers that the program made (fixed ones like that of the role Guest are the same everywhere) from one database
// to the other.
func ask(ctx context.Context, from, to *store.DB, table string) (tried, found int, err error) {
	name := `"` + strings.ReplaceAll(table, `"`, `""`) + `"` // from the schema, not from a request
	ids, err := store.Texts(from.Query(ctx, `SELECT id FROM `+name+` WHERE typeof(id) = 'text' AND id GLOB '????????-????-7???-????-????????????' ORDER BY id DESC LIMIT ?`, perTable))
	if err != nil || len(ids) == 0 {
		return 0, 0, err
	}
	var exists bool
	if err := to.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?)`, table).Scan(&exists); err != nil || !exists {
		return len(ids), 0, err
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return 0, 0, err
	}
	err = to.QueryRow(ctx, `SELECT COUNT(*) FROM `+name+` WHERE id IN (SELECT value FROM json_each(?))`, string(list)).Scan(&found)
	return len(ids), found, err
}
