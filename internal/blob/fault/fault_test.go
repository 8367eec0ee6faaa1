package fault_test

import (
	"context"
	"errors"
	"io"
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

// TestLate: what fails late has happened.
func TestLate(t *testing.T) {
	s := fault.Wrap(mem.New(0))
	s.FailLate(3, io.ErrClosedPipe)
	key, err := put(s)
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Fatalf("put: %v", err)
	}
	if _, err := s.Stat(t.Context(), key); err != nil {
		t.Errorf("the commit failed late, yet: %v", err)
	}
	s.FailLate(1, io.ErrClosedPipe)
	if err := s.Delete(t.Context(), key); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("delete: %v", err)
	}
	if left := blobtest.List(t, s); len(left) != 0 {
		t.Errorf("the delete failed late, yet there is %v", left)
	}
}

// TestFull: nothing more goes in until the disk is healed; all else works.
func TestFull(t *testing.T) {
	s := fault.Wrap(mem.New(0))
	key, err := put(s)
	if err != nil {
		t.Fatal(err)
	}
	s.Full(3)
	for range 3 {
		if _, err := put(s); !errors.Is(err, blob.ErrNoSpace) {
			t.Errorf("put on a full disk: %v", err)
		}
		if _, err := s.Stat(t.Context(), key); err != nil {
			t.Errorf("stat on a full disk: %v", err)
		}
	}
	if err := s.Delete(t.Context(), key); err != nil {
		t.Errorf("delete on a full disk: %v", err)
	}
	s.Heal()
	if _, err := put(s); err != nil {
		t.Errorf("put on a healed disk: %v", err)
	}
}

// TestSuspendedBytesOutliveFailure fails and kills every operation of a resumed
// upload, early and late: the state of the last suspension stays valid.
func TestSuspendedBytesOutliveFailure(t *testing.T) {
	arms := map[string]func(*fault.Store, int){
		"fail":      func(s *fault.Store, n int) { s.Fail(n, io.ErrClosedPipe) },
		"fail late": func(s *fault.Store, n int) { s.FailLate(n, io.ErrClosedPipe) },
		"full":      (*fault.Store).Full,
		"die":       (*fault.Store).Die,
		"die late":  (*fault.Store).DieLate,
	}
	for name, arm := range arms {
		t.Run(name, func(t *testing.T) {
			n := 1
			for ; outlives(t, arm, n); n++ {
			}
			if n != 4 { // resume, write, commit
				t.Errorf("the loop ended at operation %d, want 4", n)
			}
		})
	}
}

func outlives(t *testing.T, arm func(*fault.Store, int), n int) bool {
	s := fault.Wrap(mem.New(0))
	w, err := s.Create(t.Context(), blob.Hint{Size: -1, Resumable: true})
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, "kept")
	key := w.Key()
	state, err := w.Suspend()
	if err != nil {
		t.Fatal(err)
	}
	arm(s, n)
	goOn(s, key, state)
	reached := s.Count() >= n
	s.Heal()
	if !reached {
		return false
	}
	if key, err = goOn(s, key, state); err != nil {
		t.Fatalf("operation %d: the upload does not go on: %v", n, err)
	}
	object, _, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer object.Close()
	if got, _ := io.ReadAll(object); string(got) != "kept and more" {
		t.Errorf("operation %d: the object is %q", n, got)
	}
	return true
}

// goOn finishes a suspended upload. What fails is aborted only by the dead:
// others would lose the upload.
func goOn(s *fault.Store, key string, state []byte) (string, error) {
	w, err := s.Resume(context.Background(), key, state)
	if err != nil {
		return "", err
	}
	if _, err := io.WriteString(w, " and more"); err != nil {
		if errors.Is(err, fault.ErrDead) {
			return "", errors.Join(err, w.Abort())
		}
		_, suspendErr := w.Suspend()
		return "", errors.Join(err, suspendErr)
	}
	_, err = w.Commit()
	return w.Key(), err
}
