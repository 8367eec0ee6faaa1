package fs

import (
	"bytes"
	"errors"
	"os/exec"
	"syscall"
	"testing"

	"github.com/argosy-registry/argosy/internal/blob"
	"github.com/argosy-registry/argosy/internal/blob/blobtest"
)

const mib = 1 << 20

// smallDisk mounts a file system of 16 MiB.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("mounting a small disk needs root: %v %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", dir).Run() })
	return dir
}

func free(t *testing.T, s *Store) int64 {
	t.Helper()
	n, err := freeSpace(s.root)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func create(t *testing.T, s *Store, size int64) blob.Writer {
	t.Helper()
	w, err := s.Create(t.Context(), blob.Hint{Size: size})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestTooLargeForTheDisk is refused before a byte was sent, and takes nothing.
func TestTooLargeForTheDisk(t *testing.T) {
	s := open(t, smallDisk(t), Options{})
	before := free(t, s)
	for _, size := range []int64{before + 1, 1 << 40, 1<<63 - 1} {
		if _, err := s.Create(t.Context(), blob.Hint{Size: size}); !errors.Is(err, blob.ErrNoSpace) {
			t.Errorf("Create of %d bytes with %d free: %v, want ErrNoSpace", size, before, err)
		}
	}
	if after := free(t, s); after != before {
		t.Errorf("the refusals took %d bytes", before-after)
	}
}

// TestReservedSpace is there for the upload that reserved it, and what it does
// not use returns.
func TestReservedSpace(t *testing.T) {
	s := open(t, smallDisk(t), Options{})
	before := free(t, s)
	w := create(t, s, 10*mib)
	if _, err := s.Create(t.Context(), blob.Hint{Size: 10 * mib}); !errors.Is(err, blob.ErrNoSpace) {
		t.Errorf("two uploads reserved the same space: %v", err)
	}
	if _, err := w.Write(make([]byte, mib)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	if used := before - free(t, s); used < mib || used > 2*mib {
		t.Errorf("an object of 1 MiB takes %d bytes after its commit", used)
	}
}

// TestFullDisk: an upload of unknown size fills the disk. What it wrote can be
// kept or given back, and reads and deletes work.
func TestFullDisk(t *testing.T) {
	s := open(t, smallDisk(t), Options{})
	content := blobtest.Bytes(mib, 1)
	old := create(t, s, -1)
	old.Write(content)
	if _, err := old.Commit(); err != nil {
		t.Fatal(err)
	}
	before := free(t, s)
	w := create(t, s, -1)
	n, err := w.ReadFrom(endless{})
	if !errors.Is(err, blob.ErrNoSpace) || !errors.Is(err, syscall.ENOSPC) || n != w.Size() || n < before/2 {
		t.Fatalf("ReadFrom on a disk with %d bytes free = %d, %v, Size %d; want ErrNoSpace", before, n, err, w.Size())
	}
	object, _, err := s.Open(t.Context(), old.Key())
	if err != nil {
		t.Fatalf("reading on a full disk: %v", err)
	}
	got := make([]byte, mib)
	if _, err := object.ReadAt(got, 0); err != nil || !bytes.Equal(got, content) {
		t.Errorf("reading on a full disk: %v or wrong bytes", err)
	}
	object.Close()
	if err := s.Delete(t.Context(), old.Key()); err != nil {
		t.Errorf("deleting on a full disk: %v", err)
	}
	if _, err := Open(s.root, Options{}); err != nil {
		t.Errorf("opening on a full disk: %v", err)
	}
	if err := w.Abort(); err != nil {
		t.Error(err)
	}
	if after := free(t, s); after < before {
		t.Errorf("%d bytes free after the abort, %d before the upload", after, before)
	}
}

// TestMinFree keeps its distance from the end of the disk.
func TestMinFree(t *testing.T) {
	dir := smallDisk(t)
	s := open(t, dir, Options{MinFree: 6 * mib})
	if _, err := s.Create(t.Context(), blob.Hint{Size: 11 * mib}); !errors.Is(err, blob.ErrNoSpace) {
		t.Errorf("Create of 11 MiB of 16 with 6 to stay: %v, want ErrNoSpace", err)
	}
	w := create(t, s, -1)
	if _, err := w.ReadFrom(endless{}); !errors.Is(err, blob.ErrNoSpace) || errors.Is(err, syscall.ENOSPC) {
		t.Errorf("endless upload: %v, want ErrNoSpace before the disk is full", err)
	}
	if left := free(t, s); left < 6*mib-checkEvery {
		t.Errorf("%d bytes left, want 6 MiB less one look at the most", left)
	}
	state, err := w.Suspend() // what is there may be kept
	if err != nil {
		t.Fatal(err)
	}
	if w, err = open(t, dir, Options{}).Resume(t.Context(), w.Key(), state); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(); err != nil {
		t.Error(err)
	}
	big := open(t, dir, Options{MinFree: 1 << 50})
	if _, err := big.Create(t.Context(), blob.Hint{Size: -1}); !errors.Is(err, blob.ErrNoSpace) {
		t.Errorf("Create below MinFree: %v, want ErrNoSpace", err)
	}
}

// endless is a body without end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
