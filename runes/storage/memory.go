package storage

import (
	"context"
	"sync"

	"runes.im/platform/store"
)

// memory is what hardly ever changes and every request asks for, kept with the open database.
type memory struct {
	homes sync.Map // member → number of the home; it stays for life
	flows callers  // who began sign-in flows

	mu     sync.Mutex
	turn   int             // counts changes of the mounts, so that an answer from before one is not kept after it
	mounts map[string]bool // names of all mounts, nil when not known
}

type memoryKey struct{}

func memoryOf(memo *sync.Map) *memory {
	kept, found := memo.Load(memoryKey{})
	if !found {
		kept, _ = memo.LoadOrStore(memoryKey{}, new(memory))
	}
	return kept.(*memory)
}

// forgetMounts is called when a write that changed them is on stable storage.
func (m *memory) forgetMounts() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turn++
	m.mounts = nil
}

// isMount reports whether some tree is mounted under that name, for whomever.
func (m *memory) isMount(ctx context.Context, r store.Reader, name string) (bool, error) {
	m.mu.Lock()
	names, turn := m.mounts, m.turn
	m.mu.Unlock()
	if names != nil {
		return names[name], nil
	}
	all, err := store.Texts(r.Query(ctx, `SELECT DISTINCT name FROM storage_mounts`))
	if err != nil {
		return false, err
	}
	names = map[string]bool{}
	for _, one := range all {
		names[one] = true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.turn == turn {
		m.mounts = names
	}
	return names[name], nil
}
