package blobtest

import (
	"errors"

	"github.com/argosy-registry/argosy/internal/blob"
)

// resumeElsewhere leaves a writer as a dead process would, beyond what was
// suspended, and goes on in another process.
func resumeElsewhere(b *bench) {
	s := b.open()
	content := Bytes(900_000, 10)
	w := b.create(s, blob.Hint{Name: "up", Size: -1, Resumable: true})
	key := w.Key()
	b.write(w, content[:400_000])
	state := b.suspend(w)

	other := b.open()
	w = b.resume(other, key, state)
	if w.Key() != key || w.Size() != 400_000 {
		b.Fatalf("resumed key %q, size %d; want %q, 400000", w.Key(), w.Size(), key)
	}
	b.write(w, content[400_000:])
	b.commit(w)
	b.holds(s, key, content)
	b.holds(other, key, content)
}

func resumeManyTimes(b *bench) {
	content := Bytes(100_000, 11)
	s := b.open()
	w := b.create(s, blob.Hint{Size: -1, Resumable: true})
	for i := 0; i < len(content); i += 10_000 {
		w = b.resume(b.open(), w.Key(), b.suspend(w))
		b.write(w, content[i:i+10_000])
	}
	b.commit(w)
	b.holds(s, w.Key(), content)
	if left := b.list(s); len(left) != 1 {
		b.Errorf("All yields %v, want the object alone", left)
	}
}

// resumeOlderState goes back to a suspension before the last one: its caller
// did not come to keep the last state.
func resumeOlderState(b *bench) {
	s := b.open()
	w := b.create(s, blob.Hint{Size: -1, Resumable: true})
	b.write(w, []byte("kept "))
	first := b.suspend(w)
	w = b.resume(s, w.Key(), first)
	b.write(w, Bytes(500_000, 12))
	b.suspend(w)

	w = b.resume(s, w.Key(), first)
	if w.Size() != 5 {
		b.Errorf("Size() = %d after going back, want 5", w.Size())
	}
	b.write(w, []byte("and new"))
	b.commit(w)
	b.holds(s, w.Key(), []byte("kept and new"))
}

// resumeNothing: an upload may be suspended before its first byte.
func resumeNothing(b *bench) {
	s := b.open()
	w := b.create(s, blob.Hint{Size: -1, Resumable: true})
	w = b.resume(b.open(), w.Key(), b.suspend(w))
	b.write(w, []byte("x"))
	b.commit(w)
	b.holds(s, w.Key(), []byte("x"))
}

func resumeRefused(b *bench) {
	s := b.open()
	w := b.create(s, blob.Hint{Size: -1, Resumable: true})
	b.write(w, []byte("12345"))
	state := b.suspend(w)

	for _, bad := range []string{"", "null", "{}", "\xff", "[1]"} {
		if _, err := s.Resume(b.Context(), w.Key(), []byte(bad)); !errors.Is(err, blob.ErrState) {
			b.Errorf("Resume with state %q: %v, want ErrState", bad, err)
		}
	}
	w = b.resume(s, w.Key(), state) // and none of them did harm
	b.commit(w)
	b.holds(s, w.Key(), []byte("12345"))
}

func resumeBusy(b *bench) {
	s := b.open()
	w := b.create(s, blob.Hint{Size: -1, Resumable: true})
	b.write(w, []byte("one "))
	key, state := w.Key(), b.suspend(w)
	w = b.resume(s, key, state)
	b.write(w, []byte("two"))
	for _, store := range []blob.Store{s, b.open()} {
		if _, err := store.Resume(b.Context(), key, state); !errors.Is(err, blob.ErrBusy) {
			b.Fatalf("Resume while another writes: %v, want ErrBusy", err)
		}
	}
	b.commit(w)
	b.holds(s, key, []byte("one two"))
}

// resumeCommitted: a committed object never changes, whoever comes late. The
// one who comes because the commit was not recorded goes on under a new key.
func resumeCommitted(b *bench) {
	s := b.open()
	w := b.create(s, blob.Hint{Name: "sha256-ab", Size: -1, Resumable: true})
	b.write(w, []byte("one "))
	key, state := w.Key(), b.suspend(w)
	w = b.resume(s, key, state)
	b.write(w, []byte("two"))
	b.commit(w)

	w = b.resume(b.open(), key, state)
	if w.Key() == key || w.Size() != 4 {
		b.Fatalf("Resume after the commit: key %q, size %d; want a new key and 4", w.Key(), w.Size())
	}
	b.write(w, []byte("2"))
	state = b.suspend(w)
	w = b.resume(s, key, state) // the caller may not have noticed the new key
	b.write(w, []byte("!"))
	b.commit(w)
	b.holds(s, w.Key(), []byte("one 2!"))
	b.holds(s, key, []byte("one two"))
}

func resumeAndAbort(b *bench) {
	s := b.open()
	w := b.create(s, blob.Hint{Size: -1, Resumable: true})
	b.write(w, []byte("x"))
	key, state := w.Key(), b.suspend(w)
	w = b.resume(b.open(), key, state)
	b.write(w, []byte("y"))
	if err := w.Abort(); err != nil {
		b.Errorf("Abort: %v", err)
	}
	if left := b.list(s); len(left) != 0 {
		b.Errorf("Abort left %v", left)
	}
	if _, err := s.Resume(b.Context(), key, state); !errors.Is(err, blob.ErrNotFound) {
		b.Errorf("Resume after Abort: %v, want ErrNotFound", err)
	}
}

// deleteUpload: a sweep may delete an upload, suspended or in use. Its writer
// learns of it and leaves nothing.
func deleteUpload(b *bench) {
	s := b.open()
	ends := map[string]func(blob.Writer) error{
		"Commit":  func(w blob.Writer) error { _, err := w.Commit(); return err },
		"Suspend": func(w blob.Writer) error { _, err := w.Suspend(); return err },
	}
	for name, end := range ends {
		w := b.create(s, blob.Hint{Size: -1, Resumable: true})
		b.write(w, []byte("x"))
		key, state := w.Key(), b.suspend(w)
		w = b.resume(s, key, state)
		if err := s.Delete(b.Context(), key); err != nil {
			b.Fatalf("Delete: %v", err)
		}
		b.write(w, []byte("y"))
		if err := end(w); !errors.Is(err, blob.ErrNotFound) {
			b.Errorf("%s of a deleted upload: %v, want ErrNotFound", name, err)
		}
		if _, err := s.Resume(b.Context(), key, state); !errors.Is(err, blob.ErrNotFound) {
			b.Errorf("Resume of a deleted upload: %v, want ErrNotFound", err)
		}
	}
	if left := b.list(s); len(left) != 0 {
		b.Errorf("deleted uploads left %v", left)
	}
}
