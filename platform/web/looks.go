package web

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strings"
	"sync"
)

// looks is the templates of the house and of every rune: one set a rune, one copy a language.
type looks struct {
	server *Server
	base   *template.Template            // layouts, parts and pages of the house; never executed, only copied
	sets   map[string]*template.Template // by rune; never executed either
	mu     sync.Mutex
	ready  map[look]*template.Template
	paper  sync.Pool // buffers that pages are drawn on
	press  sync.Pool // writers that make them small
}

// look is one rune's templates in one language.
type look struct{ rune, lang string }

func newLooks(s *Server, house fs.FS) (*looks, error) {
	l := &looks{server: s, sets: map[string]*template.Template{}, ready: map[look]*template.Template{}}
	l.paper.New = func() any { return new(bytes.Buffer) }
	l.press.New = func() any { return newPress() }
	l.base = template.New("").Funcs(l.funcs("en"))
	if house == nil {
		return l, nil
	}
	if err := l.parse(l.base, house); err != nil {
		return nil, fmt.Errorf("templates of the house: %w", err)
	}
	return l, nil
}

// add parses the templates of a rune now, so that a mistake is found at start and not by a visitor.
func (l *looks) add(id string, folder fs.FS) error {
	set, err := l.base.Clone()
	if err != nil {
		return err
	}
	l.sets[id] = set
	if folder == nil {
		return nil
	}
	return l.parse(set, folder)
}

// parse reads every .html below the folder. A name defined twice is refused: it would quietly replace the first.
func (l *looks) parse(set *template.Template, folder fs.FS) error {
	return fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".html" {
			return err
		}
		raw, err := fs.ReadFile(folder, name)
		if err != nil {
			return err
		}
		file, err := template.New(name).Funcs(l.funcs("en")).Parse(string(raw))
		if err != nil {
			return err
		}
		for _, t := range file.Templates() {
			if t.Name() == name {
				continue // what stands outside of any define
			}
			if set.Lookup(t.Name()) != nil {
				return fmt.Errorf("%s: template %q exists already", name, t.Name())
			}
			if _, err := set.AddParseTree(t.Name(), t.Tree); err != nil {
				return err
			}
		}
		return nil
	})
}

// set is the rune's templates in the language.
func (l *looks) set(rune, lang string) (*template.Template, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := look{rune, lang}
	if t := l.ready[key]; t != nil {
		return t, nil
	}
	t, err := l.sets[rune].Clone()
	if err != nil {
		return nil, err
	}
	l.ready[key] = t.Funcs(l.funcs(lang))
	return l.ready[key], nil
}

// funcs is what every template may call.
func (l *looks) funcs(lang string) template.FuncMap {
	s := l.server
	return template.FuncMap{
		"t":     func(key string, args ...any) string { return s.Book.Text(lang, key, args...) },
		"icon":  func(name string) template.HTML { return s.Icon(name) },
		"asset": s.static.address,
		"csrf": func() template.HTML {
			return template.HTML(`<input type="hidden" name="csrf" value="` + s.mark + `">`)
		},
		"portrait": s.portrait,
		"inc":      func(n int) int { return n + 1 },
		"asks":     func(title string) bool { return strings.HasSuffix(title, "?") },
		"dict":     dict,
		"list":     func(all ...any) []any { return all },
		"field": func(label, name, value string, problems map[string]string) (map[string]any, error) {
			return dict("label", label, "name", name, "value", value, "problem", problems[name])
		},
	}
}

// dict makes the argument of a part out of pairs.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict needs pairs, got %d values", len(pairs))
	}
	made := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		key, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict key %v is no text", pairs[i])
		}
		made[key] = pairs[i+1]
	}
	return made, nil
}

// onePacket is about what reaches a browser at once however large it is.
const onePacket = 1300

func newPress() *gzip.Writer {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant that exists
	}
	return w
}

// pack compresses a page; done gives its buffer back.
func (l *looks) pack(page []byte) (small []byte, done func()) {
	b := l.paper.Get().(*bytes.Buffer)
	b.Reset()
	w := l.press.Get().(*gzip.Writer)
	defer l.press.Put(w)
	w.Reset(b)
	w.Write(page) // a buffer takes everything
	w.Close()
	return b.Bytes(), func() { l.paper.Put(b) }
}
