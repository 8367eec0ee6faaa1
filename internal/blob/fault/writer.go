package fault

import (
	"io"
	"sync"

	"github.com/argosy-registry/argosy/internal/blob"
)

// writer fails on its store's behalf.
type writer struct {
	store     *Store
	suspended bool // an earlier suspension stays when this writer fails

	mu    sync.Mutex // another goroutine's operation may be the death of this writer
	inner blob.Writer
	dead  bool
}

func (w *writer) Key() string { return w.inner.Key() }

func (w *writer) Size() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.inner.Size()
}

// Write is an operation.
func (w *writer) Write(p []byte) (int, error) {
	n := -1
	err := w.do("write", func() (err error) {
		n, err = w.inner.Write(p)
		return err
	})
	if n < 0 {
		return w.half(p), err
	}
	return n, err
}

// half writes the first half of what failed to be written.
func (w *writer) half(p []byte) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dead {
		return 0
	}
	n, _ := w.inner.Write(p[:len(p)/2])
	return n
}

// ReadFrom writes what src has, an operation for every piece.
func (w *writer) ReadFrom(src io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{w}, src)
}

// Suspend is an operation.
func (w *writer) Suspend() (state []byte, err error) {
	err = w.do("suspend", func() (err error) {
		state, err = w.inner.Suspend()
		return err
	})
	if w.end(err); err != nil {
		return nil, err
	}
	return state, nil
}

// Commit is an operation.
func (w *writer) Commit() (info blob.Info, err error) {
	err = w.do("commit", func() (err error) {
		info, err = w.inner.Commit()
		return err
	})
	if w.end(err); err != nil {
		return blob.Info{}, err
	}
	return info, nil
}

// Abort is passed on, but the dead drop nothing.
func (w *writer) Abort() error {
	w.store.forget(w)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dead {
		return nil
	}
	return w.inner.Abort()
}

// do runs an operation of a writer that lives.
func (w *writer) do(name string, act func() error) error {
	return w.store.do(name, true, func() error {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.dead {
			return ErrDead
		}
		return act()
	})
}

// end ends the writer. What failed leaves what an earlier suspension kept.
func (w *writer) end(err error) {
	w.store.forget(w)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil && !w.dead {
		w.rollBack()
	}
}

// abandon ends the writer as the end of its process would.
func (w *writer) abandon() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dead = true
	w.rollBack()
}

// rollBack drops what was written since the last suspension. What is left of it
// after the suspended size is dropped when the upload is resumed. Errors are
// those of a writer that has ended.
func (w *writer) rollBack() {
	if w.suspended {
		_, _ = w.inner.Suspend()
	} else {
		_ = w.inner.Abort()
	}
}

func (s *Store) forget(w *writer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.live, w)
}
