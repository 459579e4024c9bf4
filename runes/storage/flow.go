package storage

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/store"
)

// The limits of sign-in flows. Anybody can begin one, so their number is bounded.
const (
	flowFor  = 20 * time.Minute
	maxFlows = 1_000
	maxCalls = 100 // begun from one network within that time
)

// flow is a client program that waits for a person to let it in.
type flow struct {
	Poll   string // hash of the secret that the program asks with
	Page   string // hash of the one in the address of the page
	Client string // the program, as it names itself
	Server string // the address it came by
	Member string // who let it in, empty while nobody did
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// newFlow notes a waiting program and returns its two secrets.
func newFlow(ctx context.Context, db *store.DB, client, server string) (poll, page string, err error) {
	const bytes = 96 // 128 letters
	poll, page = id.Secret(bytes), id.Secret(bytes)
	err = db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		now := clock.Now(ctx)
		if _, err := tx.Exec(ctx, `DELETE FROM storage_flows WHERE made_at < ?`, clock.Text(now.Add(-flowFor))); err != nil {
			return err
		}
		var waiting int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM storage_flows`).Scan(&waiting); err != nil {
			return err
		}
		if waiting >= maxFlows {
			return fault.New(fault.TooMany, "storage.too_many_flows")
		}
		_, err := tx.Exec(ctx, `INSERT INTO storage_flows (poll, page, client, server, made_at) VALUES (?, ?, ?, ?, ?)`,
			hashOf(poll), hashOf(page), client, server, clock.Text(now))
		return err
	})
	return poll, page, err
}

// waitingFlow is the flow of a page's address while it waits; nil when it is over or never was.
func waitingFlow(ctx context.Context, r store.Reader, page string) (*flow, error) {
	f := new(flow)
	err := r.QueryRow(ctx, `SELECT poll, page, client, server, member FROM storage_flows WHERE page = ? AND member = '' AND made_at >= ?`,
		hashOf(page), clock.Text(clock.Now(ctx).Add(-flowFor))).Scan(&f.Poll, &f.Page, &f.Client, &f.Server, &f.Member)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return f, err
}

// grant lets the waiting program in as this member; false when it no longer waits.
func grant(ctx context.Context, tx *store.Tx, page, member string) (bool, error) {
	result, err := tx.Exec(ctx, `UPDATE storage_flows SET member = ? WHERE page = ? AND member = '' AND made_at >= ?`,
		member, hashOf(page), clock.Text(clock.Now(ctx).Add(-flowFor)))
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// refuseFlow sends the waiting program away.
func refuseFlow(ctx context.Context, tx *store.Tx, page string) error {
	_, err := tx.Exec(ctx, `DELETE FROM storage_flows WHERE page = ? AND member = ''`, hashOf(page))
	return err
}

// takeFlow is the flow of a polling program once somebody let it in, and ends it: it is answered exactly once.
func takeFlow(ctx context.Context, db *store.DB, poll string) (*flow, error) {
	f := new(flow)
	err := db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, `DELETE FROM storage_flows WHERE poll = ? AND member <> '' AND made_at >= ?
			RETURNING poll, page, client, server, member`, hashOf(poll), clock.Text(clock.Now(ctx).Add(-flowFor))).
			Scan(&f.Poll, &f.Page, &f.Client, &f.Server, &f.Member)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return f, err
}
