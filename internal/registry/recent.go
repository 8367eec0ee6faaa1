package registry

import "sync"

// mostRecent is how many ids a recent remembers.
const mostRecent = 4096

// recent remembers the last ids of uploads that it was told. What it has forgotten
// is looked up in the store.
type recent struct {
	mu   sync.Mutex
	ids  map[string]struct{}
	ring []string // in order of coming; next is the oldest once it is full
	next int
}

func (r *recent) add(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ids == nil {
		r.ids = map[string]struct{}{}
	}
	r.ids[id] = struct{}{}
	if len(r.ring) < mostRecent {
		r.ring = append(r.ring, id)
		return
	}
	delete(r.ids, r.ring[r.next])
	r.ring[r.next] = id
	r.next = (r.next + 1) % mostRecent
}

// remove forgets an id; its place in the ring stays until its turn.
func (r *recent) remove(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.ids, id)
}

func (r *recent) has(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.ids[id]
	return ok
}
