package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"sync"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/internal/blob"
)

func roundtrip(b *bench) {
	s := b.open()
	content := Bytes(70_000, 1)
	for _, size := range []int64{-1, 0, 10, 70_000, 1 << 20} { // the hint may be wrong
		w := b.create(s, blob.Hint{Name: "sha256-ab", Size: size})
		b.write(w, content[:1])
		b.write(w, content[1:])
		b.commit(w)
		b.holds(s, w.Key(), content)
		b.holds(b.open(), w.Key(), content)
	}
}

func emptyObject(b *bench) {
	s := b.open()
	b.holds(s, b.put(s, nil).Key, nil)

	w := b.create(s, blob.Hint{Size: -1, Resumable: true})
	w = b.resume(b.open(), w.Key(), b.suspend(w))
	b.commit(w)
	b.holds(s, w.Key(), nil)
}

// largeObject is larger than all buffers and windows, and comes in odd pieces.
func largeObject(b *bench) {
	const size = 17<<20 + 11
	s := b.open()
	content := Bytes(size, 2)
	w := b.create(s, blob.Hint{Size: size})
	n, err := w.ReadFrom(iotest.HalfReader(bytes.NewReader(content)))
	if n != size || err != nil || w.Size() != size {
		b.Fatalf("ReadFrom = %d, %v, Size %d; want %d", n, err, w.Size(), size)
	}
	b.commit(w)
	object, _, err := b.open().Open(b.Context(), w.Key())
	if err != nil {
		b.Fatal(err)
	}
	defer object.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, object); err != nil {
		b.Fatal(err)
	}
	if want := sha256.Sum256(content); !bytes.Equal(hash.Sum(nil), want[:]) {
		b.Errorf("the %d bytes read are not those written", size)
	}
}

func keys(b *bench) {
	s := b.open()
	seen := map[string]bool{}
	for _, name := range []string{"", "", "sha256-00", "sha256-00", "../../etc/passwd", "A\x00é", strings.Repeat("x", 5000)} {
		w := b.create(s, blob.Hint{Name: name})
		b.write(w, []byte(name))
		b.commit(w)
		if !blob.ValidKey(w.Key()) || seen[w.Key()] || blob.KeyName(w.Key()) != blob.CleanName(name) {
			b.Errorf("name %q: key %q is not valid, not new or not of that name", name, w.Key())
		}
		seen[w.Key()] = true
		b.holds(s, w.Key(), []byte(name))
	}
}

func unknownKeys(b *bench) {
	s := b.open()
	b.put(s, []byte("x"))
	for _, key := range []string{"", ".", "..", "/", "../x", "a\x00b", blob.NewKey(""), blob.NewKey("sha256-00")} {
		b.lacks(s, key)
		if err := s.Delete(b.Context(), key); err != nil {
			b.Errorf("Delete(%q) of nothing: %v", key, err)
		}
	}
	if n := len(b.list(s)); n != 1 {
		b.Errorf("%d objects are left, want 1", n)
	}
}

func invisibleBeforeCommit(b *bench) {
	s := b.open()
	for _, resumable := range []bool{false, true} {
		w := b.create(s, blob.Hint{Size: -1, Resumable: resumable})
		b.lacks(s, w.Key())
		b.write(w, Bytes(100, 3))
		b.lacks(s, w.Key())
		w = b.resume(s, w.Key(), b.suspend(w))
		b.lacks(s, w.Key())
		b.lacks(b.open(), w.Key())
		b.write(w, []byte("!"))
		b.lacks(s, w.Key())
		b.commit(w)
		b.holds(s, w.Key(), append(Bytes(100, 3), '!'))
	}
}

func ranges(b *bench) {
	s := b.open()
	content := Bytes(10_000, 4)
	object, _, err := s.Open(b.Context(), b.put(s, content).Key)
	if err != nil {
		b.Fatal(err)
	}
	defer object.Close()
	for _, r := range [][2]int{{0, 1}, {0, 10_000}, {9_999, 1}, {5_000, 4_096}, {10_000, 0}} {
		want := content[r[0] : r[0]+r[1]]
		got := make([]byte, r[1])
		if _, err := object.ReadAt(got, int64(r[0])); err != nil && err != io.EOF || !bytes.Equal(got, want) {
			b.Errorf("ReadAt(%d bytes, %d): %v or wrong bytes", r[1], r[0], err)
		}
		if _, err := object.Seek(int64(r[0]), io.SeekStart); err != nil {
			b.Errorf("Seek(%d): %v", r[0], err)
		}
		if _, err := io.ReadFull(object, got); err != nil || !bytes.Equal(got, want) {
			b.Errorf("Seek(%d), Read(%d bytes): %v or wrong bytes", r[0], r[1], err)
		}
	}
	if size, err := object.Seek(0, io.SeekEnd); size != 10_000 || err != nil {
		b.Errorf("Seek to the end = %d, %v", size, err)
	}
	if n, err := object.ReadAt(make([]byte, 2), 9_999); n != 1 || err != io.EOF {
		b.Errorf("ReadAt past the end = %d, %v, want 1, EOF", n, err)
	}
}

func abort(b *bench) {
	s := b.open()
	for _, resumable := range []bool{false, true} {
		w := b.create(s, blob.Hint{Size: 1 << 20, Resumable: resumable})
		b.write(w, Bytes(300_000, 5))
		for range 2 {
			if err := w.Abort(); err != nil {
				b.Errorf("Abort: %v", err)
			}
		}
		b.lacks(s, w.Key())
	}
	if left := b.list(s); len(left) != 0 {
		b.Errorf("Abort left %v", left)
	}
}

func endedWriter(b *bench) {
	s := b.open()
	ends := map[string]func(blob.Writer){
		"Commit":  func(w blob.Writer) { b.commit(w) },
		"Suspend": func(w blob.Writer) { b.suspend(w) },
		"Abort":   func(w blob.Writer) { w.Abort() },
	}
	for name, end := range ends {
		w := b.create(s, blob.Hint{})
		b.write(w, []byte("x"))
		end(w)
		_, werr := w.Write([]byte("y"))
		_, serr := w.Suspend()
		_, cerr := w.Commit()
		for _, err := range []error{werr, serr, cerr} {
			if !errors.Is(err, blob.ErrClosed) {
				b.Errorf("after %s: %v, want ErrClosed", name, err)
			}
		}
		if err := w.Abort(); err != nil {
			b.Errorf("Abort after %s: %v", name, err)
		}
	}
	if left := b.list(s); len(left) != 2 {
		b.Errorf("after Commit, Suspend and Abort there is %v, want two", left)
	}
}

// readerBreaksOff: a body that ends too soon is told from one that is whole,
// and what came of it counts.
func readerBreaksOff(b *bench) {
	s := b.open()
	content := Bytes(600_000, 6)
	for _, want := range []error{io.ErrUnexpectedEOF, errors.New("connection reset")} {
		w := b.create(s, blob.Hint{Size: 1 << 20})
		n, err := w.ReadFrom(io.MultiReader(bytes.NewReader(content), iotest.ErrReader(want)))
		if n != 600_000 || w.Size() != n || !errors.Is(err, want) {
			b.Errorf("ReadFrom = %d, %v, Size %d; want 600000, %v", n, err, w.Size(), want)
		}
		w = b.resume(s, w.Key(), b.suspend(w))
		b.commit(w)
		b.holds(s, w.Key(), content)
	}
}

func deleteObject(b *bench) {
	s := b.open()
	info, other := b.put(s, []byte("x")), b.put(s, []byte("y"))
	for range 2 {
		if err := s.Delete(b.Context(), info.Key); err != nil {
			b.Errorf("Delete: %v", err)
		}
		b.lacks(s, info.Key)
		b.lacks(b.open(), info.Key)
	}
	b.holds(s, other.Key, []byte("y"))
}

func deleteWhileRead(b *bench) {
	s := b.open()
	content := Bytes(100_000, 7)
	info := b.put(s, content)
	object, _, err := s.Open(b.Context(), info.Key)
	if err != nil {
		b.Fatal(err)
	}
	defer object.Close()
	if err := s.Delete(b.Context(), info.Key); err != nil {
		b.Fatal(err)
	}
	if got, err := io.ReadAll(object); err != nil || !bytes.Equal(got, content) {
		b.Errorf("an open object must stay readable: %d bytes, %v", len(got), err)
	}
}

func all(b *bench) {
	s := b.open()
	if found := b.list(s); len(found) != 0 {
		b.Fatalf("a fresh store has %v", found)
	}
	want := map[string]blob.Info{}
	for i := range 40 {
		info := b.put(s, Bytes(i, uint64(i)))
		want[info.Key] = info
	}
	w := b.create(s, blob.Hint{Size: -1, Resumable: true})
	b.write(w, []byte("halfway"))
	b.suspend(w)

	got := b.list(b.open())
	if half := got[w.Key()]; !half.Pending || half.Size != 7 {
		b.Errorf("the suspended upload is listed as %+v", half)
	}
	delete(got, w.Key())
	if diff := cmp.Diff(want, got); diff != "" {
		b.Errorf("All (-want +got):\n%s", diff)
	}
	for range s.All(b.Context()) {
		break // must not panic or go on
	}
	for info, err := range s.All(b.Context()) { // deleting on the way is what a sweep does
		if err != nil || s.Delete(b.Context(), info.Key) != nil {
			b.Fatalf("sweep: %v", err)
		}
	}
	if left := b.list(s); len(left) != 0 {
		b.Errorf("the sweep left %v", left)
	}
}

func concurrent(b *bench) {
	s := b.open()
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			content := Bytes(50_000+i, uint64(i))
			for range 5 {
				w, err := s.Create(b.Context(), blob.Hint{Name: "same", Size: int64(len(content))})
				if err != nil {
					b.Errorf("Create: %v", err)
					return
				}
				w.Write(content)
				if _, err := w.Commit(); err != nil {
					b.Errorf("Commit: %v", err)
					return
				}
				object, _, err := s.Open(b.Context(), w.Key())
				if err != nil {
					b.Errorf("Open: %v", err)
					return
				}
				if got, err := io.ReadAll(object); err != nil || !bytes.Equal(got, content) {
					b.Errorf("read %d bytes, %v, or other ones", len(got), err)
				}
				object.Close()
			}
		})
	}
	group.Wait()
	if n := len(b.list(s)); n != 80 {
		b.Errorf("All yields %d objects, want 80", n)
	}
}

// stamp: the same object keeps its stamp, another one has another.
func stamp(b *bench) {
	s := b.open()
	one, two := b.put(s, []byte("same")), b.put(s, []byte("same"))
	if one.Stamp == two.Stamp {
		b.Errorf("two objects share the stamp %q", one.Stamp)
	}
	b.holds(s, one.Key, []byte("same"))
	if now, err := b.open().Stat(b.Context(), one.Key); err != nil || now.Stamp != one.Stamp {
		b.Errorf("stamp %q became %q (%v) by reading", one.Stamp, now.Stamp, err)
	}
}

func canceled(b *bench) {
	s := b.open()
	info := b.put(s, []byte("x"))
	w := b.create(s, blob.Hint{})
	state := b.suspend(w)
	ctx, cancel := context.WithCancel(b.Context())
	cancel()
	_, create := s.Create(ctx, blob.Hint{})
	_, resume := s.Resume(ctx, w.Key(), state)
	_, _, open := s.Open(ctx, info.Key)
	_, stat := s.Stat(ctx, info.Key)
	var listed error
	for _, listed = range s.All(ctx) {
	}
	for name, err := range map[string]error{
		"Create": create, "Resume": resume, "Open": open, "Stat": stat, "Delete": s.Delete(ctx, info.Key), "All": listed,
	} {
		if !errors.Is(err, context.Canceled) {
			b.Errorf("%s with a canceled context: %v", name, err)
		}
	}
	b.holds(s, info.Key, []byte("x"))
}
