// Package fault is a blob.Store that fails on purpose: a test runs what it tests
// once for every operation and has that one fail.
//
//	for n := 1; ; n++ {
//		s := fault.Wrap(inner)
//		s.Die(n)
//		... what is tested ...
//		if s.Count() < n {
//			break // it has fewer operations: every one has failed once
//		}
//		s.Heal()
//		... old or new, never half ...
//	}
//
// It does not know what a failure should lead to.
package fault

import (
	"errors"
	"fmt"
	"sync"
	"syscall"

	"github.com/argosy-registry/argosy/internal/blob"
)

// ErrDead is the error of every operation after the store has died.
var ErrDead = errors.New("fault: the process is dead")

// errFull is what Full fails with: what a store makes of a full disk.
var errFull = fmt.Errorf("%w: %w", blob.ErrNoSpace, syscall.ENOSPC)

// Store passes operations on to another store, counts them, and fails one.
// Create, Resume, Open, Stat, Delete, and a writer's Write, Suspend and Commit
// are operations; All and Abort are not.
type Store struct {
	inner blob.Store

	mu    sync.Mutex
	plan  plan
	count int
	dead  bool
	live  map[*writer]bool // not suspended, committed or aborted
}

var _ blob.Store = (*Store)(nil)

// plan is what fails and how.
type plan struct {
	at   int // the operation that fails; 0 for none
	err  error
	late bool // it takes effect and fails all the same
	dies bool // everything after it fails
	full bool // everything after it that needs space fails
}

// Wrap is a Store over inner that fails nothing yet.
func Wrap(inner blob.Store) *Store { return &Store{inner: inner, live: map[*writer]bool{}} }

// Fail has the nth operation from now fail with err, once. A Write that fails
// has written half.
func (s *Store) Fail(n int, err error) { s.arm(plan{at: n, err: err}) }

// FailLate has the nth operation from now take effect and fail with err all the
// same, as when an answer is lost on its way.
func (s *Store) FailLate(n int, err error) { s.arm(plan{at: n, err: err, late: true}) }

// Full has the nth operation from now, and all after it that need space, fail
// with blob.ErrNoSpace. Open, Stat and Delete work.
func (s *Store) Full(n int) { s.arm(plan{at: n, err: errFull, full: true}) }

// Die has the nth operation from now, and all after it, fail as if the process
// had been killed: bytes that were neither suspended nor committed are gone,
// and suspended ones stay, whatever the dead process does about them.
func (s *Store) Die(n int) { s.arm(plan{at: n, err: ErrDead, dies: true}) }

// DieLate is Die right after the nth operation took effect.
func (s *Store) DieLate(n int) { s.arm(plan{at: n, err: ErrDead, dies: true, late: true}) }

// Heal lets operations through again, as a new process, and counts from zero.
func (s *Store) Heal() { s.arm(plan{}) }

func (s *Store) arm(p plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plan, s.count, s.dead = p, 0, false
}

// Count is how many operations there were since the store was last armed or
// healed.
func (s *Store) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// do counts an operation and runs it, or fails it, or both.
func (s *Store) do(name string, grows bool, act func() error) error {
	p, err := s.next(name, grows)
	if err == nil || p.late {
		err = errors.Join(err, act())
	}
	if p.dies {
		s.die()
	}
	return err
}

// next counts an operation. If it is to fail it returns how.
func (s *Store) next(name string, grows bool) (plan, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	p := s.plan
	switch {
	case s.dead:
		return plan{}, ErrDead
	case p.at != 0 && s.count == p.at && (grows || !p.full):
	case p.at != 0 && s.count > p.at && grows && p.full:
	default:
		return plan{}, nil
	}
	return p, fmt.Errorf("%s, operation %d: %w", name, s.count, p.err)
}

// die ends all writers as the end of their process would.
func (s *Store) die() {
	s.mu.Lock()
	s.dead = true
	live := s.live
	s.live = map[*writer]bool{}
	s.mu.Unlock()
	for w := range live {
		w.abandon()
	}
}
