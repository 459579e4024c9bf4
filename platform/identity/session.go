package identity

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"strings"
	"time"
	"unicode"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/live"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// How long a session lives: without a visit, and altogether.
const (
	maxIdle = 12 * time.Hour
	maxAge  = 30 * 24 * time.Hour
)

// How a session began.
const (
	byPassword = "password"
	bySecond   = "second" // password and a second factor
	byPasskey  = "passkey"
	byLink     = "link"     // of an invitation or a new address
	byHandOver = "handover" // from another organisation, or the appliance's own host
)

// Session is one sign-in of a person, as lists show it.
type Session struct {
	ID        string
	Address   string
	UserAgent string
	Device    string // browser and system in short
	Method    string // password, second, passkey, link, handover; empty: nobody noted it
	Kept      bool   // outlives the browser window
	MadeAt    time.Time
	SeenAt    time.Time
}

// BySession is the person whose session the token opens; fault.SignedOut when it opens none any more.
func (h *House) BySession(ctx context.Context, t *tenant.Tenant, token string) (*Person, error) {
	return h.byKey(ctx, t, fingerprintOf(token))
}

func (h *House) byKey(ctx context.Context, t *tenant.Tenant, key fingerprint) (*Person, error) {
	v, err := h.visitor(ctx, t, sessionDoor, key, h.readSession)
	if err != nil {
		return nil, err
	}
	if v == nil || !v.ends.IsZero() && !clock.Now(ctx).Before(v.ends) {
		return nil, sessionOver()
	}
	now := clock.Now(ctx)
	if now.Sub(time.UnixMilli(v.seen.Load())) > maxIdle || now.Sub(v.madeAt) > maxAge || v.person.over(now) {
		if err := h.expire(ctx, t, v.person); err != nil {
			return nil, err
		}
		return nil, sessionOver()
	}
	v.note(ctx, t, func(ctx context.Context, at time.Time) error {
		return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			// Two notes may pass each other: the later time wins.
			_, err := tx.Exec(ctx, `UPDATE identity_sessions SET seen_at = max(seen_at, ?) WHERE id = ? AND ended_at IS NULL`,
				clock.Text(at), v.person.Session)
			return err
		})
	})
	return v.person, nil
}

func (h *House) readSession(ctx context.Context, t *tenant.Tenant, key fingerprint) (*visitor, error) {
	s, err := findSession(ctx, t, key)
	if s == nil || err != nil {
		return nil, err
	}
	p, err := h.Member(ctx, t, s.memberID)
	if err != nil {
		return nil, err
	}
	if p.state != active || p.credential != s.credential {
		return nil, nil
	}
	if s.isNext {
		if err := h.promote(ctx, t, s, key); err != nil {
			return nil, err
		}
	}
	standing := p.standing()
	p.Session, p.key, p.kept, p.renews = s.id, key, s.kept, !s.isOld && !bytes.Equal(s.standing, standing[:])
	v := &visitor{person: p}
	if v.madeAt, err = clock.Parse(s.madeAt); err != nil {
		return nil, err
	}
	if s.isOld {
		if v.ends, err = clock.Parse(s.oldEnds); err != nil {
			return nil, err
		}
	}
	seen, err := clock.Parse(s.seenAt)
	if err != nil {
		return nil, err
	}
	return v.at(seen), nil
}

// Sessions are the living sessions of a member, the newest first.
func (h *House) Sessions(ctx context.Context, t *tenant.Tenant, memberID string) ([]Session, error) {
	p, err := h.Member(ctx, t, memberID)
	if err != nil {
		return nil, err
	}
	now := clock.Now(ctx)
	rows, err := t.DB.Query(ctx, `SELECT `+sessionColumns+` FROM identity_sessions
		WHERE member_id = ? AND credential = ? AND ended_at IS NULL AND seen_at > ? AND made_at > ?
		ORDER BY made_at DESC, id DESC LIMIT 100`,
		memberID, p.credential, clock.Text(now.Add(-maxIdle)), clock.Text(now.Add(-maxAge)))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var sessions []Session
	for rows.Next() {
		var s Session
		if err := s.read(rows); err != nil {
			return nil, err
		}
		sessions = append(sessions, s)
	}
	return sessions, rows.Err()
}

const sessionColumns = "id, address, user_agent, method, kept, made_at, seen_at"

// read takes a row of sessionColumns, and what stands behind them.
func (s *Session) read(rows *sql.Rows, behind ...any) error {
	var madeAt, seenAt string
	err := rows.Scan(append([]any{&s.ID, &s.Address, &s.UserAgent, &s.Method, &s.Kept, &madeAt, &seenAt}, behind...)...)
	if err != nil {
		return err
	}
	s.Device = family(s.UserAgent)
	if s.MadeAt, err = clock.Parse(madeAt); err != nil {
		return err
	}
	s.SeenAt, err = clock.Parse(seenAt)
	return err
}

// EndSession ends one session of a member.
func (h *House) EndSession(ctx context.Context, t *tenant.Tenant, memberID, sessionID string) error {
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := h.endSessions(ctx, tx, t, "ended", memberID, `id = ?`, sessionID)
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "identity.session_missing")
		}
		if err != nil {
			return err
		}
		return recordEnd(ctx, tx, memberID)
	})
}

// EndOtherSessions ends all sessions of the person but this one, and those on the appliance's own host.
func (h *House) EndOtherSessions(ctx context.Context, t *tenant.Tenant, p *Person) error {
	err := h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return dropWays(ctx, tx, p.AccountID, t.ID) })
	if err != nil {
		return err
	}
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := h.endSessions(ctx, tx, t, "ended", p.ID, `id <> ?`, p.Session)
		if err != nil || n == 0 {
			return err
		}
		return recordEnd(ctx, tx, p.ID)
	})
}

// expire ends a session for good once it was too old: a clock that goes back does not revive it.
func (h *House) expire(ctx context.Context, t *tenant.Tenant, p *Person) error {
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := h.endSessions(ctx, tx, t, "expired", p.ID, `id = ?`, p.Session)
		return err
	})
}

// endAll ends everything the member has open.
func (h *House) endAll(ctx context.Context, tx *store.Tx, t *tenant.Tenant, memberID, reason string) error {
	h.letGo(tx, t, memberID, "")
	n, err := h.endSessions(ctx, tx, t, reason, memberID, `id <> ?`, "")
	if err != nil || n == 0 {
		return err
	}
	return tx.Emit(ctx, sessionsEnded{ID: memberID})
}

// Watch calls end when somebody is shut out to whom an answer is under way; see live.Watch.
func (h *House) Watch(t *tenant.Tenant, end func()) *live.Watch { return h.hub.Watch(t.ID, end) }

// letGo makes memory forget the member and closes the pages of one session, or of all when sessionID is empty.
func (h *House) letGo(tx *store.Tx, t *tenant.Tenant, memberID, sessionID string) {
	c := h.cache(t)
	tx.AfterCommit(func() {
		c.empty()
		h.hub.End(t.ID, memberID, sessionID)
	})
}

// endSessions ends the member's living sessions that which (a text of this room with one place) chooses.
func (h *House) endSessions(ctx context.Context, tx *store.Tx, t *tenant.Tenant, reason, memberID, which, sessionID string) (int, error) {
	rows, err := tx.Query(ctx, `UPDATE identity_sessions SET ended_at = ?, end_reason = ?
		WHERE ended_at IS NULL AND member_id = ? AND `+which+` RETURNING id`,
		clock.Text(clock.Now(ctx)), reason, memberID, sessionID)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var ended string
		if err := rows.Scan(&ended); err != nil {
			return 0, err
		}
		h.letGo(tx, t, memberID, ended)
	}
	return n, rows.Err()
}

func recordEnd(ctx context.Context, tx *store.Tx, memberID string) error {
	if err := tx.Emit(ctx, sessionsEnded{ID: memberID}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "identity.sessions_ended", Object: "member:" + memberID})
}

// FormToken is what forms of this person's session carry to prove that they are ours.
func (h *House) FormToken(t *tenant.Tenant, p *Person) string {
	return seal(t.Secrets.Key("identity.form"), p.Session)
}

// DeviceToken is the value of a long-lived cookie (ten years, HttpOnly, Path=/login) for the browser that just got the
// session token. Guessing by others never locks such a browser out. A changed password makes it a stranger again.
func (h *House) DeviceToken(t *tenant.Tenant, token string) string {
	return seal(t.Secrets.Key("identity.device"), token)
}

func seal(key []byte, text string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// agent is a User-Agent fit to be kept.
func agent(header string) string {
	clean := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(header, ""))
	if len(clean) > 300 {
		clean = strings.ToValidUTF8(clean[:300], "")
	}
	return clean
}
