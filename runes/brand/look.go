package brand

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"time"

	"runes.im/platform/fault"
	"runes.im/platform/live"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
)

func lookRoutes(r *web.Router) {
	r.Get("/theme/{name}", web.Public, serveSheet)
	r.Get("/look/{which}", web.Public, serveLook)
	r.Get("/app.webmanifest", web.Public, serveApp)
}

// worn is the published theme with everything that follows from it, kept in memory until it changes.
type worn struct {
	theme    *design
	network  *network
	contents map[string]string
	look     *slot.Appearance
	sheet    string
}

// wardrobe remembers what an open organisation wears.
type wardrobe struct {
	mu   sync.Mutex
	now  *worn
	turn int // counts the changes: what was read before one must not be remembered after it
}

type wardrobeKey struct{}

func wardrobeOf(t *tenant.Tenant) *wardrobe {
	return t.Held(wardrobeKey{}, func() any { return &wardrobe{} }).(*wardrobe)
}

func (w *wardrobe) get() (*worn, int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now, w.turn
}

func (w *wardrobe) put(now *worn, turn int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.turn == turn {
		w.now = now
	}
}

func (w *wardrobe) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = nil
	w.turn++
}

// tellPages lets every open page look anew once the write is done.
func tellPages(ctx context.Context, tx *store.Tx, t *tenant.Tenant) {
	tx.AfterCommit(func() {
		wardrobeOf(t).forget()
		if hub := live.From(ctx); hub != nil {
			hub.Send(t.ID, "", live.Message{Name: live.Frame})
		}
	})
}

func wornBy(ctx context.Context, t *tenant.Tenant) (*worn, error) {
	kept := wardrobeOf(t)
	w, turn := kept.get()
	if w != nil {
		return w, nil
	}
	s, err := themes.published(ctx, t.DB)
	if err != nil {
		return nil, err
	}
	w = &worn{theme: houseDesign(), look: &slot.Appearance{Manifest: "/brand/app.webmanifest"}}
	if w.network, err = networkOf(ctx, t.DB); err != nil {
		return nil, err
	}
	w.look.IsIndexed = w.network.IsIndexed
	if s != nil {
		w.theme, w.contents = s.Design, s.contents
		w.look.Name = s.Design.Name
		if s.Design.Header != "glass" {
			w.look.Header = s.Design.Header
		}
		for which, to := range map[string]*string{
			"logo": &w.look.Logo, "logo_dark": &w.look.LogoDark, "icon": &w.look.Icon, "banner": &w.look.Banner,
		} {
			if content := s.contents[which]; content != "" {
				*to = "/brand/look/" + which + "?v=" + content[:12]
			}
		}
		w.sheet = s.Design.palette().Sheet()
		if w.look.Banner != "" {
			w.sheet += ":root{--header:url(" + w.look.Banner + ")}\n" // an address of our own making
		}
		sum := sha256.Sum256([]byte(w.sheet))
		w.look.Sheet = "/brand/theme/" + hex.EncodeToString(sum[:8]) + ".css"
	}
	kept.put(w, turn)
	return w, nil
}

// lookOf answers the house.
func lookOf(ctx context.Context, t *tenant.Tenant) (*slot.Appearance, error) {
	w, err := wornBy(ctx, t)
	if err != nil {
		return nil, err
	}
	return w.look, nil
}

// serveSheet answers with the colours. An address of other colours gets today's, but nobody may keep them under that name.
func serveSheet(v *web.Visit) error {
	w, err := wornBy(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	if w.sheet == "" || !strings.HasSuffix(v.Param("name"), ".css") {
		return fault.New(fault.NotFound, "web.not_found")
	}
	h := v.Writer.Header()
	h.Set("Content-Type", "text/css; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	if "/brand/theme/"+v.Param("name") == w.look.Sheet {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(v.Writer, v.Request, "", time.Time{}, bytes.NewReader([]byte(w.sheet)))
	return nil
}

// serveLook serves the pictures that everybody sees: those of the published theme and no others.
func serveLook(v *web.Visit) error {
	w, err := wornBy(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	content := w.contents[v.Param("which")]
	if content == "" {
		return fault.New(fault.NotFound, "web.not_found")
	}
	p, err := keptPicture(v.Context(), v.Tenant, content)
	if err != nil {
		return err
	}
	servePicture(v, p, `"`+content[:24]+`"`, "public, max-age=86400")
	return nil
}
