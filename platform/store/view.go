package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"log/slog"

	"github.com/uptrace/bun"
)

const sqlView = "BEGIN"

// Read runs fn with a reader that shows the data as of one moment, whatever is written meanwhile, on one connection.
// Where a request asks three questions or more it is also the cheaper way. fn does not keep the reader, and does no
// slow work: as long as it runs, the write-ahead log cannot start over.
func (db *DB) Read(ctx context.Context, fn func(ctx context.Context, r Reader) error) error {
	brief := db.brief(ctx)
	c, err := db.pool.Conn(brief)
	if err != nil {
		return err
	}
	v := &view{db: db, conn: c}
	if _, err := c.ExecContext(brief, sqlView); err != nil {
		c.Close() //nolint:errcheck // the failure is told already
		return err
	}
	defer v.end(ctx)
	return fn(ctx, v)
}

// view is a Reader on one connection.
type view struct {
	db    *DB
	conn  *sql.Conn
	open  []*sql.Rows
	ended bool
}

// end gives the connection back. Rows that were not closed would hold it for ever.
func (v *view) end(ctx context.Context) {
	v.ended = true
	for _, r := range v.open {
		r.Close() //nolint:errcheck // nobody reads them
	}
	stuck := false
	v.conn.Raw(func(c any) error { //nolint:errcheck // an error only has the connection thrown away
		raw := c.(*conn)
		if stuck = len(raw.open) > 0; stuck {
			raw.closeRows()
		}
		if _, err := raw.ExecContext(context.Background(), sqlRollback, nil); err != nil {
			return driver.ErrBadConn
		}
		return nil
	})
	if stuck { // Close would wait for that row for ever
		slog.ErrorContext(ctx, "a connection is lost: a row was asked for and not scanned", "database", v.db.path)
		return
	}
	v.conn.Close() //nolint:errcheck // it only goes back to the pool
}

// NewSelect builds a query that sees the moment of the view.
func (v *view) NewSelect() *bun.SelectQuery { return v.db.readers.NewSelect().Conn(glance{v}) }

// NewRaw builds a query from SQL text that sees the moment of the view.
func (v *view) NewRaw(query string, args ...any) *bun.RawQuery {
	return v.db.readers.NewRaw(query, args...).Conn(glance{v})
}

// Query runs a query that sees the moment of the view.
func (v *view) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return v.query(v.db.brief(ctx), query, args...)
}

// QueryRow runs a query for one row that sees the moment of the view.
func (v *view) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return v.queryRow(v.db.brief(ctx), query, args...)
}

func (v *view) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if v.ended {
		return nil, errEnded
	}
	found, err := v.conn.QueryContext(ctx, query, args...)
	if err == nil {
		v.open = append(v.open, found)
	}
	return found, err
}

func (v *view) queryRow(ctx context.Context, query string, args ...any) *sql.Row {
	if v.ended {
		return failedRow(ctx, errEnded)
	}
	return v.conn.QueryRowContext(ctx, query, args...)
}

// glance lets bun's queries run in the view, with a ctx that may interrupt them.
type glance struct{ v *view }

func (g glance) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return g.v.query(ctx, query, args...)
}

func (g glance) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if g.v.ended {
		return nil, errEnded
	}
	return g.v.conn.ExecContext(ctx, query, args...)
}

func (g glance) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return g.v.queryRow(ctx, query, args...)
}
