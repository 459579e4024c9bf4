package audit

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"

	"runes.im/platform/store"
)

// Verify walks the whole chain and returns the number of the first line that does not fit, 0 when sound. A line that
// was changed does not fit; where one was removed or moved, the number that should stand there does not fit.
func Verify(ctx context.Context, r store.Reader) (broken int64, err error) {
	rows, err := r.Query(ctx, "SELECT "+columns+" FROM audit_lines ORDER BY number")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	want, hash := int64(1), ""
	for rows.Next() {
		s, err := scan(rows)
		if err != nil {
			return 0, err
		}
		if s.hash != s.chained(hash) {
			return want, nil
		}
		want, hash = want+1, s.hash
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	issued, err := lastIssued(ctx, r)
	if err != nil || issued < want {
		return 0, err
	}
	return want, nil // the tail was cut off
}

// Holds reports whether the line of that number still has that hash: what a head written down earlier is compared with.
func Holds(ctx context.Context, r store.Reader, number int64, hash string) (bool, error) {
	var stands string
	err := r.QueryRow(ctx, "SELECT hash FROM audit_lines WHERE number = ?", number).Scan(&stands)
	if errors.Is(err, sql.ErrNoRows) {
		return number == 0 && hash == "", nil
	}
	return subtle.ConstantTimeCompare([]byte(stands), []byte(hash)) == 1, err
}

// lastIssued is the highest number SQLite ever gave out here.
func lastIssued(ctx context.Context, r store.Reader) (number int64, err error) {
	err = r.QueryRow(ctx, "SELECT seq FROM sqlite_sequence WHERE name = 'audit_lines'").Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return number, err
}

// chained is the hash of the line after a line with hash before. It covers the line's place too. The parts are JSON
// strings, so that no two lines have the same text.
func (s stored) chained(before string) string {
	text, err := json.Marshal([]any{
		before, s.number, s.at, s.actorID, s.actor, s.address, s.action, s.object, s.title, s.before, s.after,
	})
	if err != nil {
		panic(err) // strings and a number always encode
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
