package registry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/argosy-registry/argosy/internal/blob"
	"github.com/argosy-registry/argosy/internal/blob/mem"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/registry"
	"github.com/argosy-registry/argosy/internal/registry/registrytest"
	"github.com/argosy-registry/argosy/internal/store"
	"github.com/argosy-registry/argosy/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var ctx = context.Background()

const repo = oci.Name("team/app")

// bytesOf are n bytes that depend on seed.
func bytesOf(n int, seed uint64) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	_, _ = r.Read(b)
	return b
}

func pushBlob(r oci.Registry, name oci.Name, content []byte) (oci.Digest, error) {
	u, err := r.StartUpload(ctx, name, oci.UploadOptions{Size: int64(len(content)), Grant: oci.Everything})
	if err != nil {
		return "", err
	}
	if _, err := u.Write(content); err != nil {
		return "", errors.Join(err, u.Discard())
	}
	d := oci.SHA256.Sum(content)
	return d, u.Commit(d)
}

func mustPushBlob(t *testing.T, r oci.Registry, name oci.Name, content []byte) oci.Digest {
	t.Helper()
	d, err := pushBlob(r, name, content)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// image is an image manifest of a config and layers.
func image(config []byte, layers ...[]byte) []byte {
	descriptor := func(mediaType string, content []byte) map[string]any {
		return map[string]any{"mediaType": mediaType, "digest": oci.SHA256.Sum(content), "size": len(content)}
	}
	ls := []any{}
	for _, l := range layers {
		ls = append(ls, descriptor("application/vnd.oci.image.layer.v1.tar", l))
	}
	b, err := json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": oci.MediaTypeImageManifest,
		"config": descriptor("application/vnd.oci.image.config.v1+json", config), "layers": ls,
	})
	if err != nil {
		panic(err)
	}
	return b
}

func pushImage(r oci.Registry, name oci.Name, tag oci.Tag, config []byte, layers ...[]byte) (oci.Digest, error) {
	for _, b := range append(layers, config) {
		if _, err := pushBlob(r, name, b); err != nil {
			return "", err
		}
	}
	p, err := r.Push(ctx, name, oci.Push{Content: image(config, layers...), Tags: []oci.Tag{tag}, Grant: oci.Everything})
	return p.Descriptor.Digest, err
}

func read(r oci.Registry, name oci.Name, d oci.Digest) ([]byte, error) {
	b, err := r.OpenBlob(ctx, name, d)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	return io.ReadAll(b.Content)
}

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// rig is a registry whose parts a test can reach.
type rig struct {
	*registry.Registry
	options registry.Options
	clock   *clock
	heap    *mem.Store
}

func newRig(t *testing.T, db *store.DB) *rig {
	heap := mem.New(0)
	o := registrytest.Options(t, db, heap)
	c := &clock{now: time.Now()}
	o.Now = c.Now
	return &rig{registrytest.New(t, o), o, c, heap}
}

// each runs a test on every engine of the store.
func each(t *testing.T, test func(t *testing.T, r *rig)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		test(t, r)
	})
}

func TestImageRoundTrip(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		small, large := bytesOf(100, 1), bytesOf(100_000, 2)
		d, err := pushImage(r, repo, "v1", []byte(`{}`), small, large)
		if err != nil {
			t.Fatal(err)
		}
		m, err := r.Manifest(ctx, repo, oci.Reference{Tag: "v1"})
		if err != nil || m.Descriptor.Digest != d || !bytes.Equal(m.Content, image([]byte(`{}`), small, large)) {
			t.Fatalf("manifest = %+v, %v", m, err)
		}
		for _, b := range [][]byte{small, large} {
			if got, err := read(r, repo, oci.SHA256.Sum(b)); err != nil || !bytes.Equal(got, b) {
				t.Errorf("blob of %d bytes: got %d, %v", len(b), len(got), err)
			}
		}
	})
}

// Bytes that rot are never handed out whole, and good bytes pushed again heal them.
func TestRottenBytesAreRefusedAndHealed(t *testing.T) {
	for _, size := range []int{20_000, 64 << 10, 300_000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			r := newRig(t, storetest.SQLite(t))
			content := bytesOf(size, 3)
			d := mustPushBlob(t, r, repo, content)
			rot(t, r, content)
			if got, err := read(r, repo, d); err == nil || len(got) == size {
				t.Fatalf("read %d rotten bytes, %v", len(got), err)
			} else if !errors.Is(err, oci.ContentCorrupt) {
				t.Errorf("error = %v, want ContentCorrupt", err)
			}
			if err := r.Scrub(ctx); err != nil {
				t.Fatal(err)
			}
			report, err := r.Fsck(ctx)
			if err != nil || len(report.Problems) != 1 {
				t.Errorf("fsck = %+v, %v; want one problem", report, err)
			}
			mustPushBlob(t, r, repo, content)
			if got, err := read(r, repo, d); err != nil || !bytes.Equal(got, content) {
				t.Errorf("after pushing again: %d bytes, %v", len(got), err)
			}
			if report, err := r.Fsck(ctx); err != nil || len(report.Problems) != 0 {
				t.Errorf("fsck after healing = %+v, %v", report, err)
			}
		})
	}
}

// rot flips a byte of the heap object that holds content.
func rot(t *testing.T, r *rig, content []byte) {
	t.Helper()
	for info, err := range r.heap.All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if info.Size == int64(len(content)) {
			bad := bytes.Clone(content)
			bad[len(bad)/2] ^= 1
			r.heap.Replace(info.Key, bad)
			return
		}
	}
	t.Fatal("no such object")
}

func TestUploadResumesInAnotherProcess(t *testing.T) {
	for _, parts := range [][]int{{10, 20}, {10, 30_000}, {30_000, 10, 5}, {20_000, 50_000}} {
		t.Run(fmt.Sprint(parts), func(t *testing.T) {
			r := newRig(t, storetest.SQLite(t))
			r.options.Exclusive = false
			r.Registry = registrytest.New(t, r.options)
			u, err := r.StartUpload(ctx, repo, oci.UploadOptions{Size: -1, Grant: oci.Everything})
			if err != nil {
				t.Fatal(err)
			}
			id, whole := u.ID(), []byte{}
			if err := u.Close(); err != nil {
				t.Fatal(err)
			}
			for i, n := range parts {
				other := registrytest.New(t, r.options)
				u, err := other.ResumeUpload(ctx, repo, id)
				if err != nil {
					t.Fatal(err)
				}
				if u.Size() != int64(len(whole)) {
					t.Fatalf("resumed at %d, want %d", u.Size(), len(whole))
				}
				part := bytesOf(n, uint64(i))
				if _, err := u.Write(part); err != nil {
					t.Fatal(err)
				}
				whole = append(whole, part...)
				if err := u.Close(); err != nil {
					t.Fatal(err)
				}
			}
			last, err := registrytest.New(t, r.options).ResumeUpload(ctx, repo, id)
			if err != nil {
				t.Fatal(err)
			}
			d := oci.SHA256.Sum(whole)
			if err := last.Commit(d); err != nil {
				t.Fatal(err)
			}
			if got, err := read(r, repo, d); err != nil || !bytes.Equal(got, whole) {
				t.Errorf("read %d bytes, %v", len(got), err)
			}
			if _, err := r.ResumeUpload(ctx, repo, id); !errors.Is(err, oci.BlobUploadUnknown) {
				t.Errorf("a committed upload can be resumed: %v", err)
			}
		})
	}
}

// What is kept of a push dies with a delete that shares its commit.
func TestKeptBlobsFollowTheStore(t *testing.T) {
	r := newRig(t, storetest.SQLite(t))
	content := bytesOf(100, 1)
	d := oci.SHA256.Sum(content)
	for range 200 {
		var both sync.WaitGroup
		both.Go(func() {
			if _, err := pushBlob(r, repo, content); err != nil {
				t.Error(err)
			}
		})
		both.Go(func() {
			if err := r.DeleteBlob(ctx, repo, d, oci.Everything); err != nil && !errors.Is(err, oci.BlobUnknown) && !errors.Is(err, oci.NameUnknown) {
				t.Error(err)
			}
		})
		both.Wait()
		_, kept := r.StatBlob(ctx, repo, d)
		_, stored := registrytest.New(t, r.options).StatBlob(ctx, repo, d)
		if (kept == nil) != (stored == nil) {
			t.Fatalf("after a push and a delete: %v, and the store says %v", kept, stored)
		}
	}
}

func TestDiscardGoesBackToTheLastDurableByte(t *testing.T) {
	r := newRig(t, storetest.SQLite(t))
	u, _ := r.StartUpload(ctx, repo, oci.UploadOptions{Size: -1, Grant: oci.Everything})
	first, lost, second := bytesOf(30_000, 1), bytesOf(40_000, 2), bytesOf(50, 3)
	step := func(part []byte, end func(oci.Upload) error) {
		t.Helper()
		if _, err := u.Write(part); err != nil {
			t.Fatal(err)
		}
		if err := end(u); err != nil {
			t.Fatal(err)
		}
		var err error
		if u, err = r.ResumeUpload(ctx, repo, u.ID()); err != nil {
			t.Fatal(err)
		}
	}
	step(first, oci.Upload.Close)
	step(lost, oci.Upload.Discard)
	if u.Size() != int64(len(first)) {
		t.Fatalf("size = %d after a discard, want %d", u.Size(), len(first))
	}
	step(second, oci.Upload.Close)
	whole := append(bytes.Clone(first), second...)
	if err := u.Commit(oci.SHA256.Sum(whole)); err != nil {
		t.Fatal(err)
	}
}

func TestCancelledAndExpiredUploadsFreeTheirSpace(t *testing.T) {
	r := newRig(t, storetest.SQLite(t))
	for i := range 2 {
		u, _ := r.StartUpload(ctx, repo, oci.UploadOptions{Size: -1, Grant: oci.Everything})
		if _, err := u.Write(bytesOf(100_000, uint64(i))); err != nil {
			t.Fatal(err)
		}
		if err := u.Close(); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			u, _ = r.ResumeUpload(ctx, repo, u.ID())
			if err := u.Cancel(); err != nil {
				t.Fatal(err)
			}
			if n := r.objects(t); n != 0 {
				t.Errorf("%d objects after a cancel", n)
			}
			if _, err := r.ResumeUpload(ctx, repo, u.ID()); !errors.Is(err, oci.BlobUploadUnknown) {
				t.Errorf("a cancelled upload can be resumed: %v", err)
			}
		}
	}
	r.clock.add(25 * time.Hour)
	if err := r.Expire(ctx); err != nil {
		t.Fatal(err)
	}
	if n := r.objects(t); n != 0 {
		t.Errorf("%d objects after expiry", n)
	}
}

func (r *rig) objects(t *testing.T) (n int) {
	t.Helper()
	for _, err := range r.heap.All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func TestCollectionWaitsForTheGraceSinceTheLastTouch(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		kept, loose := bytesOf(30_000, 1), bytesOf(30_000, 2)
		if _, err := pushImage(r, repo, "v1", []byte(`{}`), kept); err != nil {
			t.Fatal(err)
		}
		d := mustPushBlob(t, r, repo, loose)
		r.clock.add(20 * time.Hour)
		if _, err := r.StatBlob(ctx, repo, d); err != nil { // touches
			t.Fatal(err)
		}
		r.settle(t)
		r.clock.add(20 * time.Hour)
		r.collect(t)
		if _, err := r.StatBlob(ctx, repo, d); err != nil {
			t.Fatalf("collected within its grace: %v", err)
		}
		r.settle(t)
		r.clock.add(10 * time.Minute)
		if _, err := r.StatBlob(ctx, repo, d); err != nil { // too soon to be written
			t.Fatal(err)
		}
		r.clock.add(23*time.Hour + 55*time.Minute)
		r.collect(t)
		if !r.has(t, d) {
			t.Fatal("collected within the grace of a touch that was not written")
		}
		r.clock.add(25 * time.Hour)
		r.collect(t)
		if _, err := r.StatBlob(ctx, repo, d); !errors.Is(err, oci.BlobUnknown) {
			t.Errorf("not collected after its grace: %v", err)
		}
		if got, err := read(r, repo, oci.SHA256.Sum(kept)); err != nil || !bytes.Equal(got, kept) {
			t.Errorf("a named blob was collected: %v", err)
		}
		if n := r.objects(t); n != 1 {
			t.Errorf("%d objects in the heap, want 1", n)
		}
	})
}

// has says whether a blob is in repo, without touching it.
func (r *rig) has(t *testing.T, d oci.Digest) bool {
	t.Helper()
	b, err := r.options.Store.Blob(repo, d)
	if err != nil {
		t.Fatal(err)
	}
	return b != nil
}

// settle waits until queued touches are written.
func (r *rig) settle(t *testing.T) {
	t.Helper()
	time.Sleep(20 * time.Millisecond)
	if err := r.options.Store.Write(ctx, func(*store.Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
}

func (r *rig) collect(t *testing.T) {
	t.Helper()
	if err := r.Collect(ctx); err != nil {
		t.Fatal(err)
	}
}

// With the collector running all the time and a short grace, a manifest that
// was acknowledged never misses a blob.
func TestCollectionNeverTakesWhatAPushNames(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		o := r.options
		o.Grace, o.Now = time.Millisecond, time.Now
		core := registrytest.New(t, o)
		done, collected := make(chan struct{}), make(chan error, 1)
		go func() {
			for {
				select {
				case <-done:
					collected <- nil
					return
				default:
				}
				if err := core.Collect(ctx); err != nil {
					collected <- err
					return
				}
			}
		}()
		var wg sync.WaitGroup
		for w := range 3 {
			wg.Go(func() {
				for i := range 40 {
					tag := oci.Tag(fmt.Sprintf("t%d-%d", w, i))
					layer := bytesOf(17_000, uint64(i%5))
					_, err := pushImage(core, repo, tag, []byte(`{}`), layer)
					if errors.Is(err, oci.ManifestBlobUnknown) {
						continue // refused, and said so
					}
					if err != nil {
						t.Error(err)
						continue
					}
					if got, err := read(core, repo, oci.SHA256.Sum(layer)); err != nil || !bytes.Equal(got, layer) {
						t.Errorf("acknowledged %s misses its layer: %v", tag, err)
					}
				}
			})
		}
		wg.Wait()
		close(done)
		if err := <-collected; err != nil {
			t.Fatal(err)
		}
		if report, err := core.Fsck(ctx); err != nil || len(report.Problems) > 0 {
			t.Errorf("fsck = %+v, %v", report, err)
		}
	})
}

// A reader of a cached answer sees a change as soon as it is acknowledged.
func TestNoStaleAnswers(t *testing.T) {
	r := newRig(t, storetest.SQLite(t))
	ref := oci.Reference{Tag: "v1"}
	for i := range 20 {
		d, err := pushImage(r, repo, "v1", fmt.Appendf(nil, `{"n":%d}`, i))
		if err != nil {
			t.Fatal(err)
		}
		m, err := r.Manifest(ctx, repo, ref)
		if err != nil || m.Descriptor.Digest != d {
			t.Fatalf("round %d: tag answers %v, %v; want %s", i, m, err, d)
		}
		if err := r.DeleteTag(ctx, repo, "v1", oci.Everything); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Manifest(ctx, repo, ref); !errors.Is(err, oci.ManifestUnknown) {
			t.Fatalf("round %d: a deleted tag answers %v", i, err)
		}
		if err := r.DeleteManifest(ctx, repo, d, oci.Everything); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Manifest(ctx, repo, oci.Reference{Digest: d}); !errors.Is(err, oci.ManifestUnknown) {
			t.Fatalf("round %d: a deleted manifest answers %v", i, err)
		}
		l, err := r.Tags(ctx, repo, oci.Page{N: -1})
		if err != nil || len(l.Names) != 0 {
			t.Fatalf("round %d: tags = %v, %v", i, l, err)
		}
	}
}

func TestDeletedBlobIsNotResurrectedByAnotherRepository(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		content := bytesOf(20_000, 1)
		d := mustPushBlob(t, r, "a", content)
		mustPushBlob(t, r, "b", content)
		if err := r.DeleteBlob(ctx, "a", d, oci.Everything); err != nil {
			t.Fatal(err)
		}
		if _, err := read(r, "b", d); err != nil {
			t.Fatalf("deleting in a took it from b: %v", err)
		}
		if _, err := r.OpenBlob(ctx, "a", d); !errors.Is(err, oci.BlobUnknown) {
			t.Errorf("deleted blob is back: %v", err)
		}
	})
}

func TestWithoutReserveWritesAreRefusedAndDeletesWork(t *testing.T) {
	db := storetest.SQLite(t)
	o := registrytest.Options(t, db, mem.New(0))
	reserve := &fakeReserve{held: true}
	o.Reserve = reserve
	r := registrytest.New(t, o)
	d := mustPushBlob(t, r, repo, bytesOf(20_000, 1))
	reserve.held = false
	if _, err := pushBlob(r, repo, bytesOf(10, 2)); !errors.Is(err, oci.StorageFull) {
		t.Errorf("push = %v, want StorageFull", err)
	}
	if err := r.Ready(ctx); err != nil {
		t.Errorf("not ready (%v), although reads and deletes work", err)
	}
	if _, err := read(r, repo, d); err != nil {
		t.Errorf("read = %v", err)
	}
	if err := r.DeleteBlob(ctx, repo, d, oci.Everything); err != nil {
		t.Errorf("delete = %v", err)
	}
	// The delete made room, and the reserve was set aside again.
	if _, err := pushBlob(r, repo, bytesOf(10, 2)); err != nil {
		t.Errorf("push after the delete = %v", err)
	}
}

type fakeReserve struct{ held bool }

func (f *fakeReserve) Held() bool     { return f.held }
func (f *fakeReserve) Restore() error { f.held = true; return nil }

var _ blob.Store = (*mem.Store)(nil)
