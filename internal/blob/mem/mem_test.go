package mem_test

import (
	"errors"
	"testing"

	"github.com/argosy-registry/argosy/internal/blob"
	"github.com/argosy-registry/argosy/internal/blob/blobtest"
	"github.com/argosy-registry/argosy/internal/blob/mem"
)

func TestSuite(t *testing.T) {
	blobtest.Run(t, func(*testing.T) func() blob.Store {
		s := mem.New(0)
		return func() blob.Store { return s }
	})
}

// TestLimit fills a small store in every way, empties it, and finds all of the
// room again.
func TestLimit(t *testing.T) {
	s, ctx := mem.New(100), t.Context()
	if _, err := s.Create(ctx, blob.Hint{Size: 101}); !errors.Is(err, blob.ErrNoSpace) {
		t.Errorf("Create of 101 bytes: %v, want ErrNoSpace", err)
	}
	for range 3 {
		w, err := s.Create(ctx, blob.Hint{Size: -1})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := w.Write(make([]byte, 90)); n != 90 || err != nil {
			t.Fatalf("Write of 90 bytes = %d, %v", n, err)
		}
		if n, err := w.Write(make([]byte, 11)); n != 0 || !errors.Is(err, blob.ErrNoSpace) {
			t.Fatalf("Write of 11 more = %d, %v, want ErrNoSpace", n, err)
		}
		state, err := w.Suspend()
		if err != nil {
			t.Fatal(err)
		}
		if w, err = s.Resume(ctx, w.Key(), state); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(make([]byte, 10)); err != nil {
			t.Fatalf("Write of 10 more: %v", err)
		}
		if _, err := w.Commit(); err != nil {
			t.Fatal(err)
		}
		if w, err = s.Resume(ctx, w.Key(), state); err != nil {
			t.Fatal(err)
		}
		if err := w.Abort(); err != nil {
			t.Fatal(err)
		}
		for info := range s.All(ctx) {
			s.Delete(ctx, info.Key)
		}
	}
}
