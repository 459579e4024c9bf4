package record

import (
	"context"
	"database/sql"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/store"
)

// Query chooses records. Columns come from the declaration alone, values travel beside the SQL.
type Query struct {
	Search  string              // every word must occur
	Filters map[string][]string // by field: one of the values
	IDs     []string            // only these, when not nil
	Bin     bool                // those that were removed
	Where   string              // a further condition of the rune's own code
	Args    []any

	Sort   string // a field that sorts, updated_at, created_at; empty: by title
	Down   bool
	Limit  int
	Offset int
	after  *cursor
}

// maxWords is how many different words a search may have.
const maxWords = 100

// cursor is the last record of the page before.
type cursor struct{ value, id string }

// condition is the WHERE of the query for that person; nil is the house itself.
func (k *kind) condition(ctx context.Context, r store.Reader, p *identity.Person, q Query) (string, []any, error) {
	parts, args := []string{"deleted_at IS NULL"}, []any(nil)
	if q.Bin {
		parts[0] = "deleted_at IS NOT NULL"
	}
	if k.scope != nil && p != nil {
		where, more, err := k.scope(ctx, r, p)
		if err != nil {
			return "", nil, err
		}
		if where != "" {
			parts, args = append(parts, "("+where+")"), append(args, more...)
		}
	}
	if q.Where != "" {
		parts, args = append(parts, "("+q.Where+")"), append(args, q.Args...)
	}
	words := slices.Compact(slices.Sorted(slices.Values(strings.Fields(fold(q.Search)))))
	if len(words) > maxWords {
		parts, words = append(parts, "0"), nil // nothing says all of that, and SQL has its limits
	}
	for _, word := range words {
		parts, args = append(parts, "instr(search_key, ?)"), append(args, word)
	}
	for _, f := range k.fields {
		if values, ok := q.Filters[f.Name]; ok {
			column := f.column
			if f.added && !f.numeric() {
				column += " COLLATE NOCASE" // as its index has it
			}
			parts = append(parts, column+" IN ("+places(len(values))+")")
			for _, value := range values {
				args = append(args, f.bound(value))
			}
		}
	}
	if q.IDs != nil {
		parts = append(parts, "id IN ("+places(len(q.IDs))+")")
		for _, id := range q.IDs {
			args = append(args, id)
		}
	}
	return strings.Join(parts, " AND "), args, nil
}

func places(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// In is the condition that a column holds one of n values.
func In(column string, n int) string { return column + " IN (" + places(n) + ")" }

// bound is a value as the column holds it.
func (f *Field) bound(text string) any {
	switch f.Sort {
	case "bool":
		return text == "1"
	case "number", "money":
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return n
		}
		if !f.added {
			return 0
		}
	}
	return text
}

// numeric reports whether the column holds numbers: they sort without regard to letters.
func (f *Field) numeric() bool { return f.Sort == "bool" || f.Sort == "number" || f.Sort == "money" }

// order is the column that sorts, always followed by the id.
func (k *kind) order(name string) string {
	switch name {
	case "updated_at", "created_at", "deleted_at":
		return name
	}
	f := k.field(name)
	if f == nil || !f.sort || f.title {
		return "title_key"
	}
	if f.numeric() {
		return f.column
	}
	return f.column + " COLLATE NOCASE"
}

func (k *kind) list(ctx context.Context, r store.Reader, p *identity.Person, q Query) ([]any, error) {
	where, args, err := k.condition(ctx, r, p, q)
	if err != nil {
		return nil, err
	}
	order, way, than := k.order(q.Sort), "ASC", ">"
	if q.Down {
		way, than = "DESC", "<"
	}
	if q.after != nil {
		where += " AND (" + order + ", id) " + than + " (?, ?)"
		args = append(args, k.boundCursor(q), q.after.id)
	}
	if q.Limit == 0 {
		q.Limit = 100
	}
	return k.read(ctx, r, "WHERE "+where+" ORDER BY "+order+" "+way+", id "+way+" LIMIT ? OFFSET ?", append(args, q.Limit, q.Offset)...)
}

// boundCursor is the last value of the page before as the column that sorts holds it.
func (k *kind) boundCursor(q Query) any {
	if f := k.field(q.Sort); f != nil && f.numeric() && f.sort {
		return f.bound(q.after.value)
	}
	return q.after.value
}

func (k *kind) count(ctx context.Context, r store.Reader, p *identity.Person, q Query) (n int, err error) {
	where, args, err := k.condition(ctx, r, p, q)
	if err != nil {
		return 0, err
	}
	err = r.QueryRow(ctx, "SELECT count(*) FROM "+k.table+" WHERE "+where, args...).Scan(&n)
	return n, err
}

// read runs a query on the noun's table.
func (k *kind) read(ctx context.Context, r store.Reader, rest string, args ...any) ([]any, error) {
	rows, err := r.Query(ctx, "SELECT "+k.columns+" FROM "+k.table+" "+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []any
	for rows.Next() {
		rec := k.fresh()
		if err := rows.Scan(k.places(rec)...); err != nil {
			return nil, err
		}
		all = append(all, rec)
	}
	return all, rows.Err()
}

// places are where a row's columns go.
func (k *kind) places(rec any) []any {
	b := k.of(rec)
	to := []any{&b.ID, &b.Version}
	for _, f := range k.fields {
		if !f.added {
			to = append(to, f.into(rec)...)
		}
	}
	if k.custom >= 0 {
		to = append(to, reflect.ValueOf(rec).Elem().Field(k.custom).Addr().Interface())
	}
	return append(to, stamp{&b.CreatedAt}, &b.CreatedBy, stamp{&b.UpdatedAt}, &b.UpdatedBy, stamp{&b.DeletedAt}, &b.DeletedWith)
}

// stamp reads a time as the database has it; NULL is the zero time.
type stamp struct{ to *time.Time }

// Scan is what database/sql calls.
func (s stamp) Scan(value any) (err error) {
	var text sql.NullString
	if err := text.Scan(value); err != nil || !text.Valid {
		return err
	}
	*s.to, err = clock.Parse(text.String)
	return err
}

// one is the record with that id as the person may see it; in the bin when bin is set.
func (k *kind) one(ctx context.Context, r store.Reader, p *identity.Person, id string, bin bool) (any, error) {
	found, err := k.list(ctx, r, p, Query{IDs: []string{id}, Bin: bin, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, missing()
	}
	return found[0], nil
}

func missing() error { return fault.New(fault.NotFound, "web.not_found") }

// One is the record with that id as the person may see it; nil is the house itself.
func (n *Noun[T]) One(ctx context.Context, r store.Reader, p *identity.Person, id string) (*T, error) {
	rec, err := n.one(ctx, r, p, id, false)
	if err != nil {
		return nil, err
	}
	return rec.(*T), nil
}

// List is the records that the query chooses among those the person may see.
func (n *Noun[T]) List(ctx context.Context, r store.Reader, p *identity.Person, q Query) ([]*T, error) {
	found, err := n.list(ctx, r, p, q)
	all := make([]*T, len(found))
	for i, rec := range found {
		all[i] = rec.(*T)
	}
	return all, err
}

// Count is how many records the query chooses.
func (n *Noun[T]) Count(ctx context.Context, r store.Reader, p *identity.Person, q Query) (int, error) {
	return n.count(ctx, r, p, q)
}

// Plan is how the database would answer the query: for tests that prove an index.
func (n *Noun[T]) Plan(ctx context.Context, r store.Reader, q Query) ([]string, error) {
	k, err := n.whole(ctx, r, nil)
	if err != nil {
		return nil, err
	}
	where, args, err := k.condition(ctx, r, nil, q)
	if err != nil {
		return nil, err
	}
	order := k.order(q.Sort)
	rows, err := r.Query(ctx, "EXPLAIN QUERY PLAN SELECT "+n.columns+" FROM "+n.table+" WHERE "+where+" ORDER BY "+order+", id LIMIT ?", append(args, q.Limit)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			return nil, err
		}
		plan = append(plan, detail)
	}
	return plan, rows.Err()
}
