package fault_test

import (
	"context"
	"errors"
	"testing"

	"github.com/argosy-registry/argosy/internal/blob"
	"github.com/argosy-registry/argosy/internal/blob/blobtest"
	"github.com/argosy-registry/argosy/internal/blob/fault"
	"github.com/argosy-registry/argosy/internal/blob/mem"
)

// put stores bytes and returns the key.
func put(s blob.Store) (string, error) {
	w, err := s.Create(context.Background(), blob.Hint{Size: -1})
	if err != nil {
		return "", err
	}
	if _, err := w.Write([]byte("bytes")); err != nil {
		return "", errors.Join(err, w.Abort())
	}
	_, err = w.Commit()
	return w.Key(), err
}

func TestEachOperationFailsOnce(t *testing.T) {
	s := fault.Wrap(mem.New(0))
	for n := 1; n <= 3; n++ { // create, write, commit
		s.Fail(n, blob.ErrNoSpace)
		if _, err := put(s); !errors.Is(err, blob.ErrNoSpace) {
			t.Errorf("operation %d: %v", n, err)
		}
		if _, err := put(s); err != nil {
			t.Errorf("after operation %d failed once: %v", n, err)
		}
	}
	s.Fail(4, blob.ErrNoSpace)
	if _, err := put(s); err != nil {
		t.Errorf("a put has three operations, yet: %v", err)
	}
	if s.Count() != 3 {
		t.Errorf("counted %d operations, want 3", s.Count())
	}
}

func TestDeathIsForGoodUntilHealed(t *testing.T) {
	s := fault.Wrap(mem.New(0))
	key, err := put(s)
	if err != nil {
		t.Fatal(err)
	}
	s.Die(3)
	for range 2 {
		if _, err := put(s); !errors.Is(err, fault.ErrDead) {
			t.Errorf("put on a dead store: %v", err)
		}
	}
	s.Heal()
	if _, err := s.Stat(context.Background(), key); err != nil {
		t.Errorf("what was committed before is gone: %v", err)
	}
	n := 0
	for range s.All(context.Background()) {
		n++
	}
	if n != 1 {
		t.Errorf("%d objects, want the one that was committed", n)
	}
}

func TestSuite(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) func() blob.Store {
		s := fault.Wrap(mem.New(0))
		return func() blob.Store { return s }
	})
}
