// Package fault is a blob.Store that fails on purpose: a test runs what it tests
// once for every operation and has that one fail. It does not know what a
// failure should lead to.
package fault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"

	"github.com/argosy-registry/argosy/internal/blob"
)

// ErrDead is the error of every operation after the store has died.
var ErrDead = errors.New("fault: the process is dead")

// Store passes operations on to another store, counts them, and fails one.
// Create, Resume, Open, Stat, Delete, and a writer's Write, Suspend and Commit
// are operations.
type Store struct {
	blob.Store

	mu    sync.Mutex
	count int
	at    int   // the operation that fails; 0 for none
	err   error // its error
	dies  bool  // all later ones fail too
	dead  bool
}

// Wrap is a Store over inner that fails nothing yet.
func Wrap(inner blob.Store) *Store { return &Store{Store: inner} }

// Fail has the nth operation from now fail with err, once.
func (s *Store) Fail(n int, err error) { s.arm(n, err, false) }

// Die has the nth operation from now, and all after it, fail as if the process
// had been killed: bytes that were neither suspended nor committed are gone.
func (s *Store) Die(n int) { s.arm(n, ErrDead, true) }

// Heal lets operations through again and counts from zero.
func (s *Store) Heal() { s.arm(0, nil, false) }

func (s *Store) arm(n int, err error, dies bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count, s.at, s.err, s.dies, s.dead = 0, n, err, dies, false
}

// Count is how many operations there were since the last Fail, Die or Heal.
func (s *Store) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// op counts an operation and says how it fails.
func (s *Store) op(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	if s.dead {
		return ErrDead
	}
	if s.count != s.at {
		return nil
	}
	s.dead = s.dies
	return fmt.Errorf("%s, operation %d: %w", name, s.count, s.err)
}

// Create is an operation.
func (s *Store) Create(ctx context.Context, h blob.Hint) (blob.Writer, error) {
	if err := s.op("create"); err != nil {
		return nil, err
	}
	return s.writer(s.Store.Create(ctx, h))
}

// Resume is an operation.
func (s *Store) Resume(ctx context.Context, key string, state []byte) (blob.Writer, error) {
	if err := s.op("resume"); err != nil {
		return nil, err
	}
	return s.writer(s.Store.Resume(ctx, key, state))
}

// Open is an operation.
func (s *Store) Open(ctx context.Context, key string) (blob.Object, blob.Info, error) {
	if err := s.op("open"); err != nil {
		return nil, blob.Info{}, err
	}
	return s.Store.Open(ctx, key)
}

// Stat is an operation.
func (s *Store) Stat(ctx context.Context, key string) (blob.Info, error) {
	if err := s.op("stat"); err != nil {
		return blob.Info{}, err
	}
	return s.Store.Stat(ctx, key)
}

// Delete is an operation.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := s.op("delete"); err != nil {
		return err
	}
	return s.Store.Delete(ctx, key)
}

// All is passed on: it changes nothing.
func (s *Store) All(ctx context.Context) iter.Seq2[blob.Info, error] { return s.Store.All(ctx) }

func (s *Store) writer(w blob.Writer, err error) (blob.Writer, error) {
	if err != nil {
		return nil, err
	}
	return &writer{w, s}, nil
}

// writer fails on its store's behalf. A write that fails has written half.
type writer struct {
	blob.Writer
	s *Store
}

func (w *writer) Write(p []byte) (int, error) {
	if err := w.s.op("write"); err != nil {
		n, writeErr := w.Writer.Write(p[:len(p)/2])
		return n, errors.Join(err, writeErr)
	}
	return w.Writer.Write(p)
}

// ReadFrom writes what src has, an operation for every piece.
func (w *writer) ReadFrom(src io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{w}, src)
}

func (w *writer) Suspend() ([]byte, error) {
	if err := w.s.op("suspend"); err != nil {
		return nil, errors.Join(err, w.Writer.Abort())
	}
	return w.Writer.Suspend()
}

func (w *writer) Commit() (blob.Info, error) {
	if err := w.s.op("commit"); err != nil {
		return blob.Info{}, errors.Join(err, w.Writer.Abort())
	}
	return w.Writer.Commit()
}
