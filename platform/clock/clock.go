// Package clock tells the time, and lets a test hold it still.
package clock

import (
	"context"
	"time"
)

type key struct{}

// Now is the current time in UTC, or the held time of ctx.
func Now(ctx context.Context) time.Time {
	if now, ok := ctx.Value(key{}).(func() time.Time); ok {
		return now().UTC()
	}
	return time.Now().UTC()
}

// Steady is Now for pauses and limits: a jump of the machine's clock does not move it while the program runs.
func Steady(ctx context.Context) time.Time {
	if now, ok := ctx.Value(key{}).(func() time.Time); ok {
		return now().UTC()
	}
	return started.Add(time.Since(started)).UTC()
}

var started = time.Now()

// With makes now the clock of everything done under ctx.
func With(ctx context.Context, now func() time.Time) context.Context {
	return context.WithValue(ctx, key{}, now)
}

// Layout is how timestamps stand in the database: UTC, fixed width, so that text order is time order.
const Layout = "2006-01-02T15:04:05.000Z"

// Text writes a time for the database.
func Text(t time.Time) string { return t.UTC().Format(Layout) }

// Parse reads what Text wrote.
func Parse(s string) (time.Time, error) { return time.Parse(Layout, s) }
