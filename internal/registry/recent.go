package registry

import "sync"

// mostRecent is how many ids a recent remembers.
const mostRecent = 4096

// recent remembers the last ids that it was told. An upload that came and went in
// one request leaves no row: this tells the client that asks for it that it has
// ended. Once forgotten it is an upload of no bytes again, which does no harm.
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

func (r *recent) has(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.ids[id]
	return ok
}
