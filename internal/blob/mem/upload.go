package mem

import (
	"context"
	"fmt"

	"github.com/argosy-registry/argosy/internal/blob"
)

// Create starts an object.
func (s *Store) Create(ctx context.Context, h blob.Hint) (blob.Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if h.Size > 0 { // taken for a moment: what Create says of the room holds now
		if err := s.take(h.Size); err != nil {
			return nil, fmt.Errorf("create blob: %w", err)
		}
		s.give(h.Size)
	}
	return s.newWriter(blob.NewKey(h.Name)), nil
}

// Resume goes on with a suspended upload.
func (s *Store) Resume(ctx context.Context, key string, text []byte) (blob.Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	state, err := blob.ParseState(text)
	if err != nil {
		return nil, fmt.Errorf("resume blob %s: %w", key, err)
	}
	w, err := s.reopen(state)
	if err != nil {
		return nil, fmt.Errorf("resume blob %s: %w", key, err)
	}
	return w, nil
}

// reopen starts a writer with the suspended bytes: under the same key, or under
// a new one when they were committed meanwhile.
func (s *Store) reopen(state blob.State) (*writer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, pending := s.uploads[state.Key]
	w := s.newWriter(state.Key)
	if !pending {
		var committed bool
		if e, committed = s.objects[state.Key]; !committed {
			return nil, fmt.Errorf("%w: %q", blob.ErrNotFound, state.Key)
		}
		w.key = blob.NewKey(blob.KeyName(state.Key))
	}
	if s.writing[w.key] {
		return nil, blob.ErrBusy
	}
	if int64(len(e.bytes)) < state.Size {
		return nil, fmt.Errorf("%w: %d bytes are stored, %d were acknowledged", blob.ErrState, len(e.bytes), state.Size)
	}
	w.bytes = e.bytes[:state.Size:state.Size] // shared: appending copies
	w.suspended = pending
	if pending {
		s.writing[w.key] = true
	}
	return w, nil
}

func (s *Store) newWriter(key string) *writer { return &writer{store: s, key: key} }

// give returns bytes that take accounted for.
func (s *Store) give(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used -= n
}
