package fault

import (
	"context"
	"iter"

	"github.com/argosy-registry/argosy/internal/blob"
)

// Create is an operation.
func (s *Store) Create(ctx context.Context, h blob.Hint) (blob.Writer, error) {
	w := &writer{store: s}
	err := s.do("create", true, func() (err error) {
		w.inner, err = s.inner.Create(ctx, h)
		return err
	})
	return s.keep(w, err)
}

// Resume is an operation.
func (s *Store) Resume(ctx context.Context, key string, state []byte) (blob.Writer, error) {
	w := &writer{store: s, suspended: true}
	err := s.do("resume", false, func() (err error) {
		w.inner, err = s.inner.Resume(ctx, key, state)
		return err
	})
	return s.keep(w, err)
}

// keep hands a writer out. One that the caller does not get is abandoned.
func (s *Store) keep(w *writer, err error) (blob.Writer, error) {
	s.mu.Lock()
	if err == nil && s.dead { // it died while the writer was made
		err = ErrDead
	}
	if err == nil {
		s.live[w] = true
	}
	s.mu.Unlock()
	if err == nil {
		return w, nil
	}
	if w.inner != nil {
		w.abandon()
	}
	return nil, err
}

// Open is an operation.
func (s *Store) Open(ctx context.Context, key string) (object blob.Object, info blob.Info, err error) {
	err = s.do("open", false, func() (err error) {
		object, info, err = s.inner.Open(ctx, key)
		return err
	})
	if err == nil {
		return object, info, nil
	}
	if object != nil {
		object.Close()
	}
	return nil, blob.Info{}, err
}

// Stat is an operation.
func (s *Store) Stat(ctx context.Context, key string) (info blob.Info, err error) {
	err = s.do("stat", false, func() (err error) {
		info, err = s.inner.Stat(ctx, key)
		return err
	})
	if err != nil {
		return blob.Info{}, err
	}
	return info, nil
}

// Delete is an operation.
func (s *Store) Delete(ctx context.Context, key string) error {
	return s.do("delete", false, func() error { return s.inner.Delete(ctx, key) })
}

// All is passed on: it changes nothing.
func (s *Store) All(ctx context.Context) iter.Seq2[blob.Info, error] { return s.inner.All(ctx) }
