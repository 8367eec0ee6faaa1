// Package blobtest is the suite that every [blob.Store] passes. It holds what
// an object store can give and nothing more: opaque keys, no renaming, uploads
// that go on in another process.
package blobtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/argosy-registry/argosy/internal/blob"
)

// Run tests a kind of store. For each case, fresh is called once for an empty
// medium; it returns a function that opens a store on that medium, as one more
// process would.
func Run(t *testing.T, fresh func(t *testing.T) (open func() blob.Store)) {
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(&bench{T: t, open: fresh(t)})
		})
	}
}

var cases = map[string]func(*bench){
	"roundtrip":         roundtrip,
	"empty object":      emptyObject,
	"large object":      largeObject,
	"keys":              keys,
	"unknown keys":      unknownKeys,
	"invisible":         invisibleBeforeCommit,
	"ranges":            ranges,
	"abort":             abort,
	"ended writer":      endedWriter,
	"reader breaks off": readerBreaksOff,
	"resume elsewhere":  resumeElsewhere,
	"resume many times": resumeManyTimes,
	"resume older":      resumeOlderState,
	"resume nothing":    resumeNothing,
	"resume refused":    resumeRefused,
	"resume busy":       resumeBusy,
	"resume committed":  resumeCommitted,
	"resume and abort":  resumeAndAbort,
	"delete":            deleteObject,
	"delete upload":     deleteUpload,
	"delete while read": deleteWhileRead,
	"all":               all,
	"concurrent":        concurrent,
	"stamp":             stamp,
	"canceled":          canceled,
}

// bench is a test with a medium.
type bench struct {
	*testing.T
	open func() blob.Store
}

// Bytes returns n bytes that look random and depend on n and seed only.
func Bytes(n int, seed uint64) []byte {
	p := make([]byte, n)
	var key [32]byte
	key[0], key[1] = byte(seed), byte(seed>>8)
	rand.NewChaCha8(key).Read(p)
	return p
}

func (b *bench) create(s blob.Store, h blob.Hint) blob.Writer {
	b.Helper()
	w, err := s.Create(b.Context(), h)
	if err != nil {
		b.Fatalf("Create(%+v): %v", h, err)
	}
	return w
}

func (b *bench) write(w blob.Writer, p []byte) {
	b.Helper()
	before := w.Size()
	if n, err := w.Write(p); n != len(p) || err != nil {
		b.Fatalf("Write(%d bytes) = %d, %v", len(p), n, err)
	}
	if got, want := w.Size(), before+int64(len(p)); got != want {
		b.Fatalf("Size() = %d after the write, want %d", got, want)
	}
}

func (b *bench) suspend(w blob.Writer) []byte {
	b.Helper()
	state, err := w.Suspend()
	if err != nil {
		b.Fatalf("Suspend: %v", err)
	}
	if len(state) > 1024 {
		b.Errorf("Suspend returned %d bytes of state; want a small one", len(state))
	}
	return state
}

func (b *bench) resume(s blob.Store, key string, state []byte) blob.Writer {
	b.Helper()
	w, err := s.Resume(b.Context(), key, state)
	if err != nil {
		b.Fatalf("Resume(%q, %q): %v", key, state, err)
	}
	return w
}

func (b *bench) commit(w blob.Writer) blob.Info {
	b.Helper()
	info, err := w.Commit()
	if err != nil {
		b.Fatalf("Commit: %v", err)
	}
	if info.Key != w.Key() || info.Size != w.Size() || info.Stamp == "" || info.Modified.IsZero() || info.Pending {
		b.Fatalf("Commit of %q with %d bytes = %+v", w.Key(), w.Size(), info)
	}
	return info
}

// put stores an object.
func (b *bench) put(s blob.Store, p []byte) blob.Info {
	b.Helper()
	w := b.create(s, blob.Hint{Size: int64(len(p))})
	b.write(w, p)
	return b.commit(w)
}

// holds checks that the object is readable and has these bytes.
func (b *bench) holds(s blob.Store, key string, want []byte) {
	b.Helper()
	object, info, err := s.Open(b.Context(), key)
	if err != nil {
		b.Fatalf("Open(%q): %v", key, err)
	}
	defer object.Close()
	got, err := io.ReadAll(object)
	if err != nil || !bytes.Equal(got, want) {
		b.Fatalf("object %q: %d bytes, %v; want the %d bytes written", key, len(got), err, len(want))
	}
	if info.Key != key || info.Size != int64(len(want)) {
		b.Fatalf("Open(%q) = %+v, want %d bytes", key, info, len(want))
	}
	if again, err := s.Stat(b.Context(), key); err != nil || again != info {
		b.Fatalf("Stat(%q) = %+v, %v; Open said %+v", key, again, err, info)
	}
}

// lacks checks that nothing is readable under the key.
func (b *bench) lacks(s blob.Store, key string) {
	b.Helper()
	if object, _, err := s.Open(b.Context(), key); !errors.Is(err, blob.ErrNotFound) {
		if err == nil {
			object.Close()
		}
		b.Fatalf("Open(%q): %v, want ErrNotFound", key, err)
	}
	if _, err := s.Stat(b.Context(), key); !errors.Is(err, blob.ErrNotFound) {
		b.Fatalf("Stat(%q): %v, want ErrNotFound", key, err)
	}
}

// list returns what All yields, by key.
func (b *bench) list(s blob.Store) map[string]blob.Info {
	b.Helper()
	return List(b.T, s)
}

// List returns what All yields, by key. It fails the test when a key comes
// twice.
func List(t testing.TB, s blob.Store) map[string]blob.Info {
	t.Helper()
	all := map[string]blob.Info{}
	for info, err := range s.All(context.WithoutCancel(t.Context())) {
		if err != nil {
			t.Fatalf("All: %v", err)
		}
		if _, twice := all[info.Key]; twice {
			t.Fatalf("All yields %q twice", info.Key)
		}
		all[info.Key] = info
	}
	return all
}
