package notify

import (
	"context"

	"runes.im/platform/store"
)

// The channels that people choose among.
const (
	Bell = "bell"
	Mail = "mail"
)

// Choice says whether a sort of notification comes by a channel.
type Choice struct {
	On     bool
	Locked bool // by the organisation: nobody chooses otherwise
	Own    bool // the person chose it
}

// Choices are those of a person for all kinds by "kind channel"; an empty person is the organisation itself. What nobody
// chose is not among them.
func Choices(ctx context.Context, r store.Reader, person string) (map[string]Choice, error) {
	rows, err := r.Query(ctx, `SELECT person, kind, channel, is_on, is_locked FROM notify_choices WHERE person IN ('', ?) ORDER BY person, kind, channel`, person)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[string]Choice{}
	for rows.Next() {
		var whose, kind, channel string
		var c Choice
		if err := rows.Scan(&whose, &kind, &channel, &c.On, &c.Locked); err != nil {
			return nil, err
		}
		key := kind + " " + channel
		if c.Own = whose != ""; c.Own && found[key].Locked {
			continue
		}
		found[key] = c
	}
	return found, rows.Err()
}

// Choose keeps what a person wants; nil takes the choice back. An empty person is the organisation, which may lock.
func Choose(ctx context.Context, tx *store.Tx, person, kind, channel string, c *Choice) error {
	if c == nil {
		_, err := tx.Exec(ctx, `DELETE FROM notify_choices WHERE person = ? AND kind = ? AND channel = ?`, person, kind, channel)
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO notify_choices (person, kind, channel, is_on, is_locked) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (person, kind, channel) DO UPDATE SET is_on = excluded.is_on, is_locked = excluded.is_locked`,
		person, kind, channel, c.On, c.Locked && person == "")
	return err
}

// wants reports whether the note goes to its reader by the channel.
func wants(ctx context.Context, chosen map[string]Choice, n Note, channel string) bool {
	if n.Security && channel == Bell {
		return true
	}
	if c, ok := chosen[n.Kind+" "+channel]; ok {
		return c.On
	}
	return channel == Bell || houseOf(ctx).Mailed[n.Kind]
}

// Muted is something that a person wants to hear nothing more about.
type Muted struct{ Object, Title string }

// Mutes are those of a person, the newest first.
func Mutes(ctx context.Context, r store.Reader, person string) ([]Muted, error) {
	rows, err := r.Query(ctx, `SELECT object, title FROM notify_mutes WHERE person = ? ORDER BY at DESC, object LIMIT 500`, person)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Muted
	for rows.Next() {
		var m Muted
		if err := rows.Scan(&m.Object, &m.Title); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, rows.Err()
}

func isMuted(ctx context.Context, r store.Reader, n Note) (bool, error) {
	if n.Object == "" || n.Security {
		return false, nil
	}
	var found int
	err := r.QueryRow(ctx, `SELECT count(*) FROM notify_mutes WHERE person = ? AND object = ?`, n.To, n.Object).Scan(&found)
	return found > 0, err
}
