package event

import (
	"context"
	"encoding/json"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// pauses stand between the attempts of a delivery; after the last it is dead.
var pauses = []time.Duration{
	time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour, 3 * time.Hour,
}

// How long things are kept: events that were heard by all, so that a person can look back; deliveries that rest
// because their rune is suspended; letters that nobody retried.
const (
	keepHeard   = 3 * 24 * time.Hour
	keepResting = 30 * 24 * time.Hour
	keepDead    = 90 * 24 * time.Hour
)

// One write takes away so many rows at most, because others wait behind it.
const trimStep = 1000

// Letter is a delivery that failed eight times.
type Letter struct {
	ID       int64
	Topic    string
	Listener string
	Payload  string // JSON
	Error    string // of the last attempt
	At       time.Time
	GivenUp  time.Time
}

// Dead lists the newest undelivered letters, at most limit.
func Dead(ctx context.Context, r store.Reader, limit int) ([]Letter, error) {
	found, err := r.Query(ctx, `SELECT d.id, o.topic, d.listener, o.payload, d.error, o.emitted_at, d.due_at
		FROM event_deliveries d JOIN store_outbox o ON o.number = d.event
		WHERE d.state = 'dead' ORDER BY d.due_at DESC, d.id DESC LIMIT ?`, limit)
	if err != nil {
		return nil, err
	}
	defer found.Close() //nolint:errcheck // Err tells
	var letters []Letter
	for found.Next() {
		var l Letter
		var at, givenUp string
		if err := found.Scan(&l.ID, &l.Topic, &l.Listener, &l.Payload, &l.Error, &at, &givenUp); err != nil {
			return nil, err
		}
		if l.At, err = clock.Parse(at); err != nil {
			return nil, err
		}
		if l.GivenUp, err = clock.Parse(givenUp); err != nil {
			return nil, err
		}
		letters = append(letters, l)
	}
	return letters, found.Err()
}

// Retry gives a dead letter its eight attempts again.
func Retry(ctx context.Context, tx *store.Tx, letter int64) error {
	changed, err := tx.Exec(ctx, "UPDATE event_deliveries SET state = 'waiting', attempts = 0, due_at = ? WHERE id = ? AND state = 'dead'",
		clock.Now(ctx), letter)
	if err != nil {
		return err
	}
	if n, err := changed.RowsAffected(); err != nil || n == 0 {
		return firstError(err, fault.New(fault.NotFound, "event.no_letter"))
	}
	tx.Signal(store.Emitted)
	return nil
}

// parcel is one event with the deliveries that are due.
type parcel struct {
	event    int64
	topic    string
	payload  []byte
	news     News
	due      map[string]delivery // by listener
	failures []failure
}

type delivery struct {
	id       int64
	attempts int
}

type failure struct {
	delivery
	listener string
	err      error
}

// due finds the parcels whose time has come for these listeners, oldest event first.
func due(ctx context.Context, r store.Reader, listeners []string) ([]*parcel, error) {
	names, err := json.Marshal(listeners)
	if err != nil {
		return nil, err
	}
	found, err := r.Query(ctx, `SELECT d.id, d.listener, d.attempts,
			o.number, o.id, o.topic, o.payload, o.actor_id, o.actor_name, o.actor_address, o.emitted_at
		FROM event_deliveries d JOIN store_outbox o ON o.number = d.event
		WHERE d.state = 'waiting' AND d.due_at <= ? AND d.listener IN (SELECT value FROM json_each(?))
		ORDER BY d.event, d.id LIMIT 200`, clock.Now(ctx), string(names))
	if err != nil {
		return nil, err
	}
	defer found.Close() //nolint:errcheck // Err tells
	var parcels []*parcel
	for found.Next() {
		p := &parcel{due: map[string]delivery{}}
		var d delivery
		var listener, at string
		err := found.Scan(&d.id, &listener, &d.attempts, &p.event, &p.news.ID, &p.topic, &p.payload,
			&p.news.Actor.ID, &p.news.Actor.Name, &p.news.Actor.Address, &at)
		if err != nil {
			return nil, err
		}
		if p.news.At, err = clock.Parse(at); err != nil {
			return nil, err
		}
		if n := len(parcels); n > 0 && parcels[n-1].event == p.event {
			p = parcels[n-1]
		} else {
			parcels = append(parcels, p)
		}
		p.due[listener] = d
	}
	return parcels, found.Err()
}

// nextDue is when the next of these listeners' deliveries comes due, the zero time when none waits.
func nextDue(ctx context.Context, r store.Reader, listeners []string) (time.Time, error) {
	names, err := json.Marshal(listeners)
	if err != nil {
		return time.Time{}, err
	}
	var at *string
	err = r.QueryRow(ctx, `SELECT min(due_at) FROM event_deliveries
		WHERE state = 'waiting' AND listener IN (SELECT value FROM json_each(?))`, string(names)).Scan(&at)
	if err != nil || at == nil {
		return time.Time{}, err
	}
	return clock.Parse(*at)
}

// take removes the delivery; false means that it was delivered before.
func (d delivery) take(ctx context.Context, tx *store.Tx) (bool, error) {
	gone, err := tx.Exec(ctx, "DELETE FROM event_deliveries WHERE id = ? AND state = 'waiting'", d.id)
	if err != nil {
		return false, err
	}
	n, err := gone.RowsAffected()
	return n > 0, err
}

// note writes down a failed attempt.
func (f failure) note(ctx context.Context, tx *store.Tx) error {
	now := clock.Now(ctx)
	if f.attempts >= len(pauses) {
		_, err := tx.Exec(ctx, "UPDATE event_deliveries SET state = 'dead', attempts = ?, due_at = ?, error = ? WHERE id = ?",
			f.attempts+1, now, cut(f.err), f.id)
		return err
	}
	_, err := tx.Exec(ctx, "UPDATE event_deliveries SET attempts = ?, due_at = ?, error = ? WHERE id = ?",
		f.attempts+1, now.Add(pauses[f.attempts]), cut(f.err), f.id)
	return err
}

// post notes one delivery.
func post(ctx context.Context, tx *store.Tx, event int64, listener string) error {
	_, err := tx.Exec(ctx, "INSERT INTO event_deliveries (event, listener, due_at) VALUES (?, ?, ?)", event, listener, clock.Now(ctx))
	return err
}

// unposted finds events that were emitted while no dispatcher was attached.
func unposted(ctx context.Context, r store.Reader) (map[int64]string, error) {
	found, err := r.Query(ctx, "SELECT number, topic FROM store_outbox WHERE posted = 0 ORDER BY number LIMIT ?", trimStep)
	if err != nil {
		return nil, err
	}
	defer found.Close() //nolint:errcheck // Err tells
	topics := map[int64]string{}
	for found.Next() {
		var number int64
		var topic string
		if err := found.Scan(&number, &topic); err != nil {
			return nil, err
		}
		topics[number] = topic
	}
	return topics, found.Err()
}

// trim takes away what is no longer needed, step by step, and returns how many deliveries to suspended runes went.
func trim(ctx context.Context, db *store.DB) (rested int64, err error) {
	now := clock.Now(ctx)
	const deliveries = `DELETE FROM event_deliveries WHERE id IN
		(SELECT id FROM event_deliveries WHERE state = ? AND due_at < ? ORDER BY due_at LIMIT ?)`
	if rested, err = sweep(ctx, db, deliveries, "waiting", now.Add(-keepResting), trimStep); err != nil {
		return rested, err
	}
	if _, err = sweep(ctx, db, deliveries, "dead", now.Add(-keepDead), trimStep); err != nil {
		return rested, err
	}
	_, err = sweep(ctx, db, `DELETE FROM store_outbox WHERE number IN
		(SELECT number FROM store_outbox o WHERE posted = 1 AND emitted_at < ?
			AND NOT EXISTS (SELECT 1 FROM event_deliveries WHERE event = o.number) ORDER BY number LIMIT ?)`,
		now.Add(-keepHeard), trimStep)
	return rested, err
}

func sweep(ctx context.Context, db *store.DB, query string, args ...any) (all int64, err error) {
	for {
		var n int64
		err := db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			gone, err := tx.Exec(ctx, query, args...)
			if err != nil {
				return err
			}
			n, err = gone.RowsAffected()
			return err
		})
		all += n
		if err != nil || n < trimStep {
			return all, err
		}
	}
}

// cut is the error as it is kept: the start of it, without the bytes a database does not take.
func cut(err error) string {
	text := []rune(err.Error())
	if len(text) > 2000 {
		text = text[:2000]
	}
	for i, r := range text {
		if r == 0 {
			text[i] = ' '
		}
	}
	return string(text)
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
