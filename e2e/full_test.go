package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

const mib = 1 << 20

// tmpfs mounts a file system of the given size in memory for the test.
func tmpfs(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "argosy-e2e", dir).CombinedOutput()
	if err != nil {
		if os.Getuid() != 0 && os.Getenv("CI") != "true" {
			t.Skip("mounting a file system needs root")
		}
		t.Fatalf("mount: %v\n%s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v\n%s", err, out)
		}
	})
	return dir
}

// free is the space left in the file system of dir, in bytes.
func free(t *testing.T, dir string) int64 {
	t.Helper()
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		t.Fatal(err)
	}
	return int64(st.Bavail) * st.Bsize
}

// refused fails unless the answer is one of a full server: 500 to 599.
func refused(t *testing.T, what string, a answer, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: no answer, %v", what, err)
	} else if a.status < 500 || a.status > 599 {
		t.Errorf("%s answered %d, want 507 or another 5xx:\n%.300s", what, a.status, a.body)
	}
}

// back waits for the space of a failed upload, ten seconds as promised.
func back(t *testing.T, dir string, want int64) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); free(t, dir) < want; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("10 s after the failed upload %d KiB are free, before it %d KiB were", free(t, dir)>>10, want>>10)
			return
		}
	}
}

// A full disk refuses writes, while reads, deletes and a restart work; the space of
// what failed comes back, and then pushes are taken again.
func TestFullDisk(t *testing.T) {
	whole(t)
	dir := tmpfs(t, "24m")
	s := prepare(t)
	s.data = filepath.Join(dir, "data")
	t.Cleanup(s.cleanup) // before the file system goes: cleanups run last first
	s.start()

	kept := noise(1, 8*mib)
	if status, err := s.pushBlob("full/disk", kept); err != nil || status != http.StatusCreated {
		t.Fatalf("a blob of 8 MiB on an empty disk of 24 MiB: status %d (%v)", status, err)
	}
	before := free(t, dir) - 256<<10 // the database's own log may have grown meanwhile

	large := noise(2, 30*mib)
	post := s.must(202, "POST", "/v2/full/disk/blobs/uploads/", nil)
	at, err := s.location(post, "digest", digestOf(large))
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.do("PUT", at, bytes.NewReader(large), "Content-Type", "application/octet-stream")
	refused(t, "PUT of 30 MiB with its length", a, err)
	back(t, dir, before)

	post = s.must(202, "POST", "/v2/full/disk/blobs/uploads/", nil)
	if at, err = s.location(post); err != nil {
		t.Fatal(err)
	}
	a, err = s.do("PATCH", at, io.MultiReader(bytes.NewReader(large)), "Content-Type", "application/octet-stream")
	refused(t, "PATCH of 30 MiB without a length", a, err)
	s.readsAndDeletes(t, kept)
	back(t, dir, before)

	s.stop()
	s.start()
	s.readsAndDeletes(t, kept)
	if _, err := s.pushArtifact("full/small", "after", "application/vnd.example.small", noise(3, 1000)); err != nil {
		t.Errorf("a small push after the failed ones: %v", err)
	}

	s.fill(t)
	s.readsAndDeletes(t, kept)
	s.must(202, "DELETE", "/v2/full/small/manifests/after", nil)
	s.stop()
	s.start()
	s.readsAndDeletes(t, kept)
	s.must(404, "GET", "/v2/full/small/manifests/after", nil)
}

// fill pushes blobs of 1 MiB until the server is full; it has to say so while
// there is still something to push.
func (s *server) fill(t *testing.T) {
	t.Helper()
	for i := range uint64(24) {
		status, err := s.pushBlob("full/fill", noise(100+i, mib))
		if err != nil {
			t.Fatalf("blob %d: no answer, %v", i, err)
		}
		if status >= 500 {
			return
		}
		if status != http.StatusCreated {
			t.Fatalf("blob %d answered %d", i, status)
		}
	}
	t.Fatal("24 blobs of 1 MiB went onto a disk of 24 MiB that held 8 MiB")
}

// readsAndDeletes holds what a full disk must not stop.
func (s *server) readsAndDeletes(t *testing.T, kept []byte) {
	t.Helper()
	a := s.must(200, "GET", "/v2/full/disk/blobs/"+digestOf(kept), nil)
	if !bytes.Equal(a.body, kept) {
		t.Error("the blob read back differs")
	}
	s.must(200, "GET", "/", nil)
	s.must(200, "GET", "/v2/_catalog", nil)
	name := fmt.Sprintf("/v2/full/disk/blobs/%s", digestOf([]byte("never pushed")))
	s.must(404, "DELETE", name, nil)
}
