package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

const assetsPath = "/assets/"

// assetTypes is fixed: the machine's own table differs from one system to the next.
var assetTypes = map[string]string{
	".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
	".woff2": "font/woff2", ".png": "image/png", ".webp": "image/webp", ".ico": "image/x-icon", ".jpg": "image/jpeg",
	".json": "application/json", ".webmanifest": "application/manifest+json", ".txt": "text/plain; charset=utf-8", ".mp3": "audio/mpeg",
}

// static serves the built files below one address that changes with any of them, so that browsers keep them for ever
// and files may name each other.
type static struct {
	files  map[string]*asset
	prefix string // "/assets/<hash>/"
}

type asset struct {
	content []byte
	kind    string
	once    sync.Once
	packed  []byte // nil when packing gains nothing
}

func newStatic(folder fs.FS) (*static, error) {
	s := &static{files: map[string]*asset{}}
	hash := sha256.New()
	if folder != nil {
		err := fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
			kind := assetTypes[path.Ext(name)]
			if err != nil || entry.IsDir() || kind == "" {
				return err
			}
			content, err := fs.ReadFile(folder, name)
			s.files[name] = &asset{content: content, kind: kind}
			hash.Write([]byte(name + "\x00"))
			hash.Write(content)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	s.prefix = assetsPath + hex.EncodeToString(hash.Sum(nil)[:6]) + "/"
	return s, nil
}

// address is where browsers fetch the file.
func (s *static) address(name string) string { return s.prefix + name }

// present is the file as a list of one, or of none when there is no such file.
func (s *static) present(name string) []string {
	if s.files[name] == nil {
		return nil
	}
	return []string{name}
}

func (s *static) serve(v *Visit) {
	r, h := v.Request, v.Writer.Header()
	if !isRead(r.Method) {
		h.Set("Allow", "GET, HEAD")
		http.Error(v.Writer, "GET only", http.StatusMethodNotAllowed)
		return
	}
	_, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, assetsPath), "/")
	a := s.files[name]
	if a == nil {
		h["Cache-Control"] = noStore
		http.Error(v.Writer, "not found", http.StatusNotFound)
		return
	}
	// An address of another version shows today's file, but nobody may keep it under that name.
	h.Set("Cache-Control", "no-cache")
	if strings.HasPrefix(r.URL.Path, s.prefix) {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("Content-Type", a.kind)
	h.Set("Vary", "Accept-Encoding")
	content := a.content
	if packed := a.pack(); packed != nil && accepts(r, "gzip") {
		h.Set("Content-Encoding", "gzip")
		content = packed
	}
	http.ServeContent(v.Writer, r, "", time.Time{}, bytes.NewReader(content))
}

// pack compresses a file once, when somebody first asks for it.
func (a *asset) pack() []byte {
	a.once.Do(func() {
		if len(a.content) < 1000 || !strings.HasPrefix(a.kind, "text/") && !strings.HasPrefix(a.kind, "image/svg") && a.kind != "application/json" {
			return
		}
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Write(a.content) // a buffer takes everything
		w.Close()
		if b.Len() < len(a.content) {
			a.packed = b.Bytes()
		}
	})
	return a.packed
}

// accepts reports whether the browser takes the encoding; one that names it with q=0 does not.
func accepts(r *http.Request, encoding string) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, params, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err == nil && name == encoding {
			return strings.Trim(params["q"], "0.") != "" || params["q"] == ""
		}
	}
	return false
}
