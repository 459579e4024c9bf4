package brand

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"runes.im/platform/blob"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/picture"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
)

// designs are the designs of one kind: what somebody works on, what everybody sees, and what could be seen before.
type designs[D any] struct {
	table string
	house func() *D // how it comes
}

var (
	themes = designs[design]{"brand_themes", houseDesign}
	logins = designs[loginDesign]{"brand_logins", houseLogin}
)

// The states of a design. Of drafts and of published ones there is one at most.
const (
	draft     = "draft"
	published = "published"
	past      = "past"
)

// keepPast is how many designs can be brought back.
const keepPast = 10

// kept is a design as its table has it; contents are the pictures that were cut for it when it was published.
type kept[D any] struct {
	ID, State, At string
	Design        *D
	contents      map[string]string // place → of the blob room
}

// one is the first that the ending of the query chooses; nil when there is none.
func (of designs[D]) one(ctx context.Context, r store.Reader, where string, args ...any) (*kept[D], error) {
	k := &kept[D]{Design: of.house()}
	var raw, contents string
	err := r.QueryRow(ctx, `SELECT id, state, design, pictures, changed_at FROM `+of.table+` WHERE `+where, args...).
		Scan(&k.ID, &k.State, &raw, &contents, &k.At)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err == nil {
		err = errors.Join(json.Unmarshal([]byte(raw), k.Design), json.Unmarshal([]byte(contents), &k.contents))
	}
	return k, err
}

// published is what everybody sees; nil when nobody has published any.
func (of designs[D]) published(ctx context.Context, r store.Reader) (*kept[D], error) {
	return of.one(ctx, r, "state = ?", published)
}

// latest is the draft, else what everybody sees; nil when nobody has chosen any.
func (of designs[D]) latest(ctx context.Context, r store.Reader) (*kept[D], error) {
	k, err := of.one(ctx, r, "state = ?", draft)
	if err != nil || k != nil {
		return k, err
	}
	return of.published(ctx, r)
}

// edited is what whoever opens the designer goes on with.
func (of designs[D]) edited(ctx context.Context, r store.Reader) (*D, error) {
	k, err := of.latest(ctx, r)
	if err != nil || k == nil {
		return of.house(), err
	}
	return k.Design, nil
}

// pastOne is one that can be brought back.
func (of designs[D]) pastOne(ctx context.Context, r store.Reader, id string) (*D, error) {
	k, err := of.one(ctx, r, "id = ? AND state = ?", id, past)
	if err != nil {
		return nil, err
	}
	if k == nil {
		return nil, fault.New(fault.NotFound, "brand.login.gone")
	}
	return k.Design, nil
}

// save keeps what somebody is designing. Nobody else sees it.
func (of designs[D]) save(ctx context.Context, tx *store.Tx, d *D) error {
	if err := of.drop(ctx, tx); err != nil {
		return err
	}
	_, err := of.insert(ctx, tx, d, draft, map[string]string{})
	return err
}

// drop forgets what somebody was designing.
func (of designs[D]) drop(ctx context.Context, tx *store.Tx) error {
	_, err := tx.Exec(ctx, `DELETE FROM `+of.table+` WHERE state = ?`, draft)
	return err
}

func (of designs[D]) insert(ctx context.Context, tx *store.Tx, d *D, state string, contents map[string]string) (string, error) {
	raw, err := json.Marshal(d)
	if err != nil {
		return "", err
	}
	pictures, err := json.Marshal(contents)
	if err != nil {
		return "", err
	}
	row := id.New()
	_, err = tx.Exec(ctx, `INSERT INTO `+of.table+` (id, state, design, pictures, changed_at, changed_by) VALUES (?, ?, ?, ?, ?, ?)`,
		row, state, string(raw), string(pictures), clock.Text(clock.Now(ctx)), store.ActorOf(ctx).ID)
	return row, err
}

// publish shows the design to everybody, with its pictures, and says as which row.
func (of designs[D]) publish(ctx context.Context, tx *store.Tx, t *tenant.Tenant, d *D, staged map[string]*blob.Staged) (string, error) {
	contents := map[string]string{}
	for which, s := range staged {
		if err := t.Blobs.Keep(ctx, tx, s); err != nil {
			return "", err
		}
		contents[which] = s.ID
	}
	if err := of.drop(ctx, tx); err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, `UPDATE `+of.table+` SET state = ? WHERE state = ?`, past, published); err != nil {
		return "", err
	}
	row, err := of.insert(ctx, tx, d, published, contents)
	if err != nil {
		return "", err
	}
	return row, of.forget(ctx, tx, t)
}

// forget ends all but the last ones that nobody sees any more.
func (of designs[D]) forget(ctx context.Context, tx *store.Tx, t *tenant.Tenant) error {
	for {
		old, err := of.one(ctx, tx, `state = ? ORDER BY changed_at DESC, id DESC LIMIT 1 OFFSET ?`, past, keepPast)
		if err != nil || old == nil {
			return err
		}
		for _, content := range old.contents {
			if err := t.Blobs.Drop(ctx, tx, content); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `DELETE FROM `+of.table+` WHERE id = ?`, old.ID); err != nil {
			return err
		}
	}
}

// exchange puts other pictures into the places of one that is kept.
func (of designs[D]) exchange(ctx context.Context, tx *store.Tx, t *tenant.Tenant, k *kept[D], staged map[string]*blob.Staged) error {
	for which, s := range staged {
		if err := t.Blobs.Keep(ctx, tx, s); err != nil {
			return err
		}
		if had := k.contents[which]; had != "" {
			if err := t.Blobs.Drop(ctx, tx, had); err != nil {
				return err
			}
		}
		k.contents[which] = s.ID
	}
	pictures, err := json.Marshal(k.contents)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE `+of.table+` SET pictures = ? WHERE id = ?`, string(pictures), k.ID)
	return err
}

// spot is a place for a picture: the asset that stands there, and how it is cut.
type spot struct {
	asset string
	shape picture.Shape
}

// stageSpots copies the pictures, each as large as its place needs it: an asset that is removed leaves no hole. What was
// staged is to be discarded, also after an error.
func stageSpots(ctx context.Context, t *tenant.Tenant, spots map[string]spot) (map[string]*blob.Staged, error) {
	staged := map[string]*blob.Staged{}
	for which, at := range spots {
		a, err := assets.One(ctx, t.DB, nil, at.asset)
		if err != nil {
			return staged, err
		}
		p, err := a.picture(ctx, t, 0)
		if err != nil {
			return staged, err
		}
		if staged[which], err = stageCut(ctx, t, p, at.shape); err != nil {
			delete(staged, which)
			return staged, err
		}
	}
	return staged, nil
}

// states is what a designer's page says about drafts and earlier designs.
type states struct {
	IsDraft, IsLive bool
	Saved           string
	Past            []pastDesign
}

// pastDesign is a design that can be brought back.
type pastDesign struct{ ID, Text string }

func (of designs[D]) states(v *web.Visit) (s states, err error) {
	rows, err := v.DB.Query(v.Context(), `SELECT id, state, changed_at FROM `+of.table+` ORDER BY changed_at DESC, id DESC LIMIT 20`)
	if err != nil {
		return s, err
	}
	defer rows.Close()
	for rows.Next() {
		var row, state, changed string
		if err := rows.Scan(&row, &state, &changed); err != nil {
			return s, err
		}
		at, err := time.Parse(time.RFC3339Nano, changed)
		if err != nil {
			return s, err
		}
		switch state {
		case draft:
			s.IsDraft, s.Saved = true, v.T("brand.login.draft_saved", "when", v.When(at))
		case published:
			s.IsLive = true
			if !s.IsDraft {
				s.Saved = v.T("brand.login.published_at", "when", v.When(at))
			}
		case past:
			s.Past = append(s.Past, pastDesign{row, v.Date(at) + " " + v.Time(at)})
		}
	}
	return s, rows.Err()
}
