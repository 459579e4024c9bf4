package identity

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"io"
	"sync"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/live"
	"runes.im/platform/picture"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// PictureSides are the sizes that pictures of people are kept in, in pixels a side. All are squares.
var PictureSides = [3]int{96, 192, 512}

// FaceMessage is the name of the message to open pages that somebody looks different now.
const FaceMessage = "face"

// faceNews is what it tells. An empty Picture means initials again.
type faceNews struct {
	ID      string `json:"id"`
	Picture string `json:"picture"` // the address without the size
}

// PictureCut is which square of an upload is kept.
type PictureCut struct {
	X, Y float64 // its middle, in hundredths from the left and from the top
	Zoom float64 // 1 is the largest square
}

// SavePicture gives the person's account a picture, in every organisation, and answers when open pages show it.
func (h *House) SavePicture(ctx context.Context, t *tenant.Tenant, p *Person, r io.Reader, cut PictureCut) error {
	var squares [len(PictureSides)][]byte
	for n := len(squares) - 1; n >= 0; n-- {
		shape := picture.Shape{Width: PictureSides[n], Height: PictureSides[n], Flat: true}
		if n == len(squares)-1 {
			shape.Fill, shape.FocusX, shape.FocusY, shape.Zoom = true, cut.X, cut.Y, cut.Zoom
		}
		drawn, err := picture.Read(ctx, r, shape)
		if err != nil {
			return err
		}
		squares[n], r = drawn.Content, bytes.NewReader(drawn.Content)
	}
	sum := sha256.Sum256(squares[len(squares)-1])
	version := hex.EncodeToString(sum[:8])
	err := h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO identity_pictures (account_id, version, small, middle, large, made_at) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (account_id) DO UPDATE SET version = excluded.version, small = excluded.small, middle = excluded.middle, large = excluded.large, made_at = excluded.made_at`,
			p.AccountID, version, squares[0], squares[1], squares[2], clock.Text(clock.Now(ctx)))
		return err
	})
	if err != nil {
		return err
	}
	return h.showFace(ctx, t, p, version, "identity.picture_changed")
}

// DropPicture leaves the person's account with its initials.
func (h *House) DropPicture(ctx context.Context, t *tenant.Tenant, p *Person) error {
	err := h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM identity_pictures WHERE account_id = ?`, p.AccountID)
		return err
	})
	if err != nil {
		return err
	}
	return h.showFace(ctx, t, p, "", "identity.picture_removed")
}

// showFace lets open pages of every organisation of the account follow, and records the change where it was made.
func (h *House) showFace(ctx context.Context, t *tenant.Tenant, p *Person, version, action string) error {
	h.faces.Add(1)
	everywhere, err := h.Memberships(ctx, p.AccountID)
	if err != nil {
		return err
	}
	for tenantID, memberID := range everywhere {
		news := faceNews{ID: memberID}
		if version != "" {
			news.Picture = PicturePath(memberID, version)
		}
		h.hub.Send(tenantID, "", live.Message{Name: FaceMessage, For: func(_ context.Context, to live.Viewer) any {
			if viewer, ok := to.(*Person); !ok || !viewer.Knows(memberID) {
				return nil
			}
			return news
		}})
	}
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "member:" + p.ID, Title: p.Name})
	})
}

// PicturePath is the address of a member's picture without the size at its end. It changes with the picture.
func PicturePath(memberID, version string) string {
	return "/people/" + memberID + "/picture/" + version + "/"
}

// Knows reports whether the person may see who the member is. Guests know nobody but themselves.
func (p *Person) Knows(memberID string) bool { return p.ID == memberID || !p.IsGuest() }

// gallery is the versions of the pictures of one tenant's members, read anew after any picture changed.
type gallery struct {
	mu       sync.Mutex
	changes  uint64
	versions map[string]string
}

type galleryKey struct{}

// Pictures are the versions of the members' pictures, by member. Who has none is not among them. The map is shared: only
// read it.
func (h *House) Pictures(ctx context.Context, t *tenant.Tenant) (map[string]string, error) {
	g := t.Held(galleryKey{}, func() any { return new(gallery) }).(*gallery)
	g.mu.Lock()
	defer g.mu.Unlock()
	changes := h.faces.Load()
	if g.versions != nil && g.changes == changes {
		return g.versions, nil
	}
	rows, err := h.system.Query(ctx, `SELECT m.member_id, p.version FROM identity_memberships m JOIN identity_pictures p ON p.account_id = m.account_id
		WHERE m.tenant_id = ? ORDER BY m.member_id`, t.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[string]string{}
	for rows.Next() {
		var member, version string
		if err := rows.Scan(&member, &version); err != nil {
			return nil, err
		}
		found[member] = version
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	g.versions, g.changes = found, changes
	return found, nil
}

// Picture is that of a member as a JPEG, in one of PictureSides, with its version.
func (h *House) Picture(ctx context.Context, t *tenant.Tenant, memberID string, side int) (content []byte, version string, err error) {
	none := fault.New(fault.NotFound, "identity.picture_missing")
	column := ""
	for n, name := range []string{"small", "middle", "large"} {
		if PictureSides[n] == side {
			column = name
		}
	}
	if column == "" {
		return nil, "", none
	}
	var accountID string
	err = t.DB.QueryRow(ctx, `SELECT account_id FROM identity_members WHERE id = ?`, memberID).Scan(&accountID)
	if err == nil {
		err = h.system.QueryRow(ctx, `SELECT version, `+column+` FROM identity_pictures WHERE account_id = ?`, accountID).Scan(&version, &content)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return nil, "", none
	}
	return content, version, err
}
