package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
)

// The writer's own statements, prepared once like those with arguments.
const (
	sqlBegin    = "BEGIN IMMEDIATE"
	sqlCommit   = "COMMIT"
	sqlRollback = "ROLLBACK"
	sqlMark     = "SAVEPOINT turn"
	sqlKeep     = "RELEASE turn"
	sqlUndo     = "ROLLBACK TO turn"
)

// A tenant has several connections and a statement takes some kilobytes, so each connection keeps few.
const keptStatements = 64

// inner is what the driver's connection can do.
type inner interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.SessionResetter
	driver.Validator
	driver.Pinger
}

// connector opens connections that remember their prepared statements: for small statements preparing costs more
// than running them.
type connector struct {
	driver.Connector
	opened  func(*conn)   // the writer's: told of each new connection; nil for readers
	reading *atomic.Int32 // the readers': how many are at work
}

// Connect opens one connection.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, explain(err)
	}
	k := &conn{inner: opened.(inner), writes: c.opened != nil, reading: c.reading, statements: map[string]*statement{}}
	if k.writes {
		c.opened(k)
	}
	return k, nil
}

// conn is one connection. database/sql calls it from one goroutine at a time.
type conn struct {
	inner
	writes     bool
	reading    *atomic.Int32
	statements map[string]*statement
	turn       uint64
	open       []*rows
	lost       error // the failure that may have rolled back the open transaction; nothing runs until it is cleared
}

type statement struct {
	driver.Stmt
	used       uint64
	busy, kept bool
}

// Close gives the remembered statements back before the connection goes.
func (c *conn) Close() error {
	if c.statements == nil {
		return nil
	}
	c.closeRows()
	for _, s := range c.statements {
		s.Stmt.Close() //nolint:errcheck // repeats the error of its last run
	}
	c.statements = nil
	return c.inner.Close()
}

// CheckNamedValue settles what may be bound: no NUL in text, because SQLite's text functions stop at it, and times
// in the one form that sorts.
func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	switch x := v.Value.(type) {
	case nil, int64, []byte, float64, bool:
		return nil
	case int:
		v.Value = int64(x)
		return nil
	case time.Time:
		v.Value = clock.Text(x)
		return nil
	case string:
		return checkText(x)
	}
	value, err := driver.DefaultParameterConverter.ConvertValue(v.Value)
	if err != nil {
		return err
	}
	if t, ok := value.(time.Time); ok {
		value = clock.Text(t)
	}
	v.Value = value
	if text, ok := value.(string); ok {
		return checkText(text)
	}
	return nil
}

func checkText(s string) error {
	if strings.IndexByte(s, 0) >= 0 {
		return fault.New(fault.Invalid, "store.nul")
	}
	return nil
}

// ExecContext runs a statement that returns no rows.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.statement(ctx, query, len(args) > 0)
	if err != nil {
		return nil, err
	}
	result, err := s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
	c.release(s)
	if err != nil {
		return nil, c.note(err)
	}
	return result, nil
}

// QueryContext runs a statement that returns rows.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.statement(ctx, query, len(args) > 0)
	if err != nil {
		return nil, err
	}
	result, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		c.release(s)
		return nil, c.note(err)
	}
	r := &rows{driverRows: result.(driverRows), ctx: ctx, c: c, s: s}
	c.count(1)
	c.open = append(c.open, r)
	return r, nil
}

// statement finds or prepares query. keep is false for texts that carry their values and hardly ever come again.
func (c *conn) statement(ctx context.Context, query string, keep bool) (*statement, error) {
	if c.lost != nil {
		return nil, fmt.Errorf("%w: %w", errLost, c.lost)
	}
	c.turn++
	known := c.statements[query]
	if known != nil && !known.busy {
		known.busy, known.used = true, c.turn
		return known, nil
	}
	if err := checkQuery(query); err != nil {
		return nil, err
	}
	prepared, err := c.inner.PrepareContext(ctx, query)
	if err != nil {
		return nil, c.note(err)
	}
	s := &statement{Stmt: prepared, used: c.turn, busy: true}
	if known == nil && (keep || isControl(query)) {
		c.forgetOldest()
		s.kept = true
		c.statements[query] = s
	}
	return s, nil
}

// checkQuery refuses the two ways in which a NUL byte reaches the text of a query instead of an argument: as itself,
// where the C side would stop reading, and as the mark bun leaves in its place.
func checkQuery(query string) error {
	if strings.IndexByte(query, 0) >= 0 || strings.Contains(query, "?!(bun: string contains a NUL byte") {
		return fault.New(fault.Invalid, "store.nul")
	}
	return nil
}

func isControl(query string) bool {
	switch query {
	case sqlBegin, sqlView, sqlCommit, sqlRollback, sqlMark, sqlKeep, sqlUndo:
		return true
	}
	return false
}

func (c *conn) forgetOldest() {
	if len(c.statements) < keptStatements {
		return
	}
	var oldest string
	used := c.turn
	for query, s := range c.statements {
		if !s.busy && s.used < used {
			oldest, used = query, s.used
		}
	}
	if s := c.statements[oldest]; s != nil {
		delete(c.statements, oldest)
		s.Stmt.Close() //nolint:errcheck // repeats the error of its last run
	}
}

func (c *conn) release(s *statement) {
	s.busy = false
	if !s.kept {
		s.Stmt.Close() //nolint:errcheck // repeats the error of its last run
	}
}

// note remembers a failure that may have cost the transaction: what follows would otherwise commit by itself.
func (c *conn) note(err error) error {
	if c.writes && losesTransaction(err) {
		c.lost = err
	}
	return explain(err)
}

// closeRows ends the rows that a write left open, which would keep its statements and an old view of the data.
func (c *conn) closeRows() {
	for len(c.open) > 0 {
		c.open[len(c.open)-1].Close() //nolint:errcheck // the write is over, nobody reads them
	}
}

func (c *conn) count(n int32) {
	if c.reading != nil {
		c.reading.Add(n)
	}
}

// driverRows is what the driver's rows can do.
type driverRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

// rows gives its statement back when it is closed.
type rows struct {
	driverRows
	ctx    context.Context // of this one query: looked at between rows
	c      *conn
	s      *statement
	closed bool
}

// Next reads one row.
func (r *rows) Next(dest []driver.Value) error {
	if r.closed {
		return errEnded
	}
	if err := r.ctx.Err(); err != nil {
		return err
	}
	return r.c.noteRow(r.driverRows.Next(dest))
}

// noteRow is note with a short way for the answer of nearly every row.
func (c *conn) noteRow(err error) error {
	if err == nil {
		return nil
	}
	return c.note(err)
}

// Close resets the statement for its next use.
func (r *rows) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	r.c.count(-1)
	for i, o := range r.c.open {
		if o == r {
			r.c.open = append(r.c.open[:i], r.c.open[i+1:]...)
			break
		}
	}
	err := r.driverRows.Close()
	r.c.release(r.s)
	return r.c.noteRow(err)
}
