package notify

import (
	"context"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/store"
)

// Channel carries copies of notes out of the house. Deliver only queues, in the write of the note itself: a note that is
// not committed is never sent. after is when the person may be disturbed.
type Channel struct {
	Name    string // Mail
	Deliver func(ctx context.Context, tx *store.Tx, i Item, after time.Time) error
}

// House is what sending needs to know of the modules: which notes go out by mail unless somebody chose otherwise, and
// the channels there are.
type House struct {
	Mailed   map[string]bool // by kind
	Channels []Channel
}

type houseKey struct{}

// WithHouse lets everything sent under ctx know the house. The program sets it once.
func WithHouse(ctx context.Context, h House) context.Context {
	return context.WithValue(ctx, houseKey{}, h)
}

func houseOf(ctx context.Context) House {
	h, _ := ctx.Value(houseKey{}).(House)
	return h
}

// Has reports whether there is a channel of that name. The bell is always there.
func Has(ctx context.Context, channel string) bool {
	return channel == Bell || channelOf(ctx, channel) != nil
}

func channelOf(ctx context.Context, name string) *Channel {
	for _, c := range houseOf(ctx).Channels {
		if c.Name == name {
			return &c
		}
	}
	return nil
}

// NotMailed is how many notes since then should have gone out by mail, and did not because there is no mail here.
func NotMailed(ctx context.Context, r store.Reader, since time.Time) (n int, err error) {
	err = r.QueryRow(ctx, `SELECT count(*) FROM notify_notes WHERE mail = 'skipped' AND at >= ?`, clock.Text(since)).Scan(&n)
	return n, err
}
