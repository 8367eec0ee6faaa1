package registry_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/argosy-registry/argosy/internal/blob"
	"github.com/argosy-registry/argosy/internal/blob/fault"
	"github.com/argosy-registry/argosy/internal/blob/fs"
	"github.com/argosy-registry/argosy/internal/blob/mem"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/registry"
	"github.com/argosy-registry/argosy/internal/registry/registrytest"
	"github.com/argosy-registry/argosy/internal/store"
	"github.com/argosy-registry/argosy/internal/store/storetest"
)

// TestFaultLoop fails every statement of a push in turn, once and for good. Old
// or new, never half, and the retry succeeds.
func TestFaultLoop(t *testing.T) {
	for _, dies := range []bool{false, true} {
		t.Run(fmt.Sprintf("dies=%v", dies), func(t *testing.T) {
			steps := 0
			for n := 1; faultRound(t, n, dies); n++ {
				steps = n
			}
			if steps < 20 {
				t.Errorf("the loop ended after %d statements: nothing was tested", steps)
			}
		})
	}
}

// faultRound moves a tag while the nth statement fails; false when the move has
// fewer statements.
func faultRound(t *testing.T, n int, dies bool) bool {
	t.Helper()
	path := storetest.Dir(t) + "/argosy.db"
	var mu sync.Mutex
	armed, count := false, 0
	fault := func(string) error {
		mu.Lock()
		defer mu.Unlock()
		if !armed {
			return nil
		}
		count++
		if count == n || dies && count > n {
			return fmt.Errorf("statement %d fails", count)
		}
		return nil
	}
	db, err := store.OpenSQLite(path, store.Options{Fault: fault})
	if err != nil {
		t.Fatal(err)
	}
	heap := mem.New(0)
	r, err := registry.New(registrytest.Options(t, db, heap))
	if err != nil {
		t.Fatal(err)
	}
	old, err := pushImage(r, repo, "v1", []byte(`{"old":1}`), bytesOf(20_000, 1))
	if err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	armed = true
	mu.Unlock()
	moved, pushErr := pushImage(r, repo, "v1", []byte(`{"new":1}`), bytesOf(20_000, 2))
	mu.Lock()
	armed = false
	reached := count >= n
	mu.Unlock()
	if dies {
		r.Close()
		_ = db.Close()
		if db, err = store.OpenSQLite(path, store.Options{}); err != nil {
			t.Fatal(err)
		}
		if r, err = registry.New(registrytest.Options(t, db, heap)); err != nil {
			t.Fatal(err)
		}
	}
	defer db.Close()
	whole(t, r, n, old, moved, pushErr)
	if d, err := pushImage(r, repo, "v1", []byte(`{"new":1}`), bytesOf(20_000, 2)); err != nil {
		t.Errorf("statement %d: the retry failed: %v", n, err)
	} else {
		whole(t, r, n, d, d, nil)
	}
	return reached
}

// whole holds that v1 is the old or the new image, the new one if it was
// acknowledged, and all of it is there.
func whole(t *testing.T, r *registry.Registry, n int, old, moved oci.Digest, pushErr error) {
	t.Helper()
	m, err := r.Manifest(ctx, repo, oci.Reference{Tag: "v1"})
	if err != nil {
		t.Fatalf("statement %d: the tag is gone: %v", n, err)
	}
	if d := m.Descriptor.Digest; pushErr == nil && d != moved || pushErr != nil && d != old && d != oci.SHA256.Sum(image([]byte(`{"new":1}`), bytesOf(20_000, 2))) {
		t.Errorf("statement %d: tag names %s (push: %v)", n, d, pushErr)
	}
	report, err := r.Fsck(ctx)
	if err != nil || len(report.Problems) > 0 {
		t.Errorf("statement %d: fsck = %+v, %v", n, report, err)
	}
}

// TestHeapFaultLoop fails every operation on the heap of a push in turn: with an
// I/O error, with a full disk, and by death. Old or new, never half, nothing
// left behind that the next start does not clear, and the retry succeeds.
func TestHeapFaultLoop(t *testing.T) {
	heaps := map[string]func(t *testing.T) blob.Store{
		"mem": func(*testing.T) blob.Store { return mem.New(0) },
		"fs": func(t *testing.T) blob.Store {
			s, err := fs.Open(storetest.Dir(t), fs.Options{})
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
	}
	arms := map[string]func(s *fault.Store, n int){
		"error": func(s *fault.Store, n int) { s.Fail(n, errors.New("input/output error")) },
		"full":  func(s *fault.Store, n int) { s.Fail(n, blob.ErrNoSpace) },
		"death": func(s *fault.Store, n int) { s.Die(n) },
	}
	for heap, open := range heaps {
		for name, arm := range arms {
			t.Run(heap+"/"+name, func(t *testing.T) {
				steps := 0
				for n := 1; heapFaultRound(t, fault.Wrap(open(t)), arm, n); n++ {
					steps = n
				}
				if steps < 6 {
					t.Errorf("the loop ended after %d operations: nothing was tested", steps)
				}
			})
		}
	}
}

// heapFaultRound moves a tag, in part by a chunked upload, while the nth
// operation on the heap fails; false when the move has fewer.
func heapFaultRound(t *testing.T, heap *fault.Store, arm func(*fault.Store, int), n int) bool {
	t.Helper()
	db := storetest.SQLite(t)
	r := registrytest.New(t, registrytest.Options(t, db, heap))
	old, err := pushImage(r, repo, "v1", []byte(`{"old":1}`), bytesOf(20_000, 1))
	if err != nil {
		t.Fatal(err)
	}
	arm(heap, n)
	chunkErr := pushChunked(r, bytesOf(50_000, 3))
	moved, pushErr := pushImage(r, repo, "v1", []byte(`{"new":1}`), bytesOf(20_000, 2))
	reached := heap.Count() >= n
	heap.Heal()
	whole(t, r, n, old, moved, pushErr)
	if d := oci.SHA256.Sum(bytesOf(50_000, 3)); chunkErr == nil {
		if got, err := read(r, repo, d); err != nil || len(got) != 50_000 {
			t.Errorf("operation %d: the acknowledged upload reads as %d bytes, %v", n, len(got), err)
		}
	}
	if err := pushChunked(r, bytesOf(50_000, 3)); err != nil {
		t.Errorf("operation %d: the retry failed: %v", n, err)
	}
	if d, err := pushImage(r, repo, "v1", []byte(`{"new":1}`), bytesOf(20_000, 2)); err != nil {
		t.Errorf("operation %d: the retry failed: %v", n, err)
	} else {
		whole(t, r, n, d, d, nil)
	}
	return reached
}

// pushChunked uploads content in three requests. A request that fails gives its
// upload up, as a client that starts anew does.
func pushChunked(r oci.Registry, content []byte) error {
	u, err := r.StartUpload(ctx, repo, oci.UploadOptions{Size: -1, Grant: oci.Everything})
	if err != nil {
		return err
	}
	id := u.ID()
	for _, part := range [][]byte{content[:20_000], content[20_000:40_000], content[40_000:]} {
		if _, err := u.Write(part); err != nil {
			return errors.Join(err, u.Discard())
		}
		if err := u.Close(); err != nil {
			return err
		}
		if u, err = r.ResumeUpload(ctx, repo, id); err != nil {
			return err
		}
	}
	return u.Commit(oci.SHA256.Sum(content))
}
