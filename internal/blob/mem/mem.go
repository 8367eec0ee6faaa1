// Package mem is a [blob.Store] in memory, for tests and throw-away servers. It
// keeps all promises of a store except the one that memory cannot keep: it ends
// with its process.
package mem

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"sync"
	"time"

	"github.com/argosy-registry/argosy/internal/blob"
)

// Store keeps objects in memory. Make it with [New].
type Store struct {
	limit int64

	mu      sync.Mutex
	used    int64 // bytes of all entries and those added by writers
	stamp   int64 // counts stored entries
	objects map[string]entry
	uploads map[string]entry
	writing map[string]bool // uploads that a Writer holds
}

// entry is a byte string that does not change any more.
type entry struct {
	bytes    []byte
	modified time.Time
	stamp    int64
}

var _ blob.Store = (*Store)(nil)

// New returns an empty store that holds at most limit bytes; 0 is no limit.
func New(limit int64) *Store {
	return &Store{
		limit:   limit,
		objects: map[string]entry{},
		uploads: map[string]entry{},
		writing: map[string]bool{},
	}
}

// Stat describes a committed object.
func (s *Store) Stat(ctx context.Context, key string) (blob.Info, error) {
	_, info, err := s.get(ctx, key)
	return info, err
}

// Open opens a committed object.
func (s *Store) Open(ctx context.Context, key string) (blob.Object, blob.Info, error) {
	e, info, err := s.get(ctx, key)
	if err != nil {
		return nil, blob.Info{}, err
	}
	return newObject(e.bytes), info, nil
}

func (s *Store) get(ctx context.Context, key string) (entry, blob.Info, error) {
	if err := ctx.Err(); err != nil {
		return entry{}, blob.Info{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.objects[key]
	if !ok {
		return entry{}, blob.Info{}, fmt.Errorf("%w: %q", blob.ErrNotFound, key)
	}
	return e, e.info(key, false), nil
}

// Delete removes an object or a suspended upload.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, entries := range []map[string]entry{s.objects, s.uploads} {
		s.used -= int64(len(entries[key].bytes))
		delete(entries, key)
	}
	return nil
}

// All yields what was stored when it was called.
func (s *Store) All(ctx context.Context) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		for _, info := range s.snapshot() {
			if err := ctx.Err(); err != nil {
				yield(blob.Info{}, err)
				return
			}
			if !yield(info, nil) {
				return
			}
		}
	}
}

func (s *Store) snapshot() []blob.Info {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]blob.Info, 0, len(s.objects)+len(s.uploads))
	for key, e := range s.uploads {
		all = append(all, e.info(key, true))
	}
	for key, e := range s.objects {
		all = append(all, e.info(key, false))
	}
	return all
}

func (e entry) info(key string, pending bool) blob.Info {
	return blob.Info{
		Key: key, Size: int64(len(e.bytes)), Modified: e.modified,
		Stamp: strconv.FormatInt(e.stamp, 10), Pending: pending,
	}
}

// take accounts for n more bytes, or fails when there is no room for them.
func (s *Store) take(n int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.limit > 0 && n > s.limit-s.used {
		return fmt.Errorf("%w: %d of %d bytes used, %d wanted", blob.ErrNoSpace, s.used, s.limit, n)
	}
	s.used += n
	return nil
}
