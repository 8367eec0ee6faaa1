package fs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/internal/blob"
	"github.com/argosy-registry/argosy/internal/blob/blobtest"
)

func TestPermissions(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "blobs"), Options{})
	w := create(t, s, -1)
	info, err := w.Commit()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{
		s.root: 0o700, s.uploadDir(): 0o700, s.objectDir(info.Key): 0o700, s.objectPath(info.Key): 0o600,
	} {
		if stat, err := os.Stat(path); err != nil || stat.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want %v", path, stat.Mode().Perm(), err, want)
		}
	}
}

// TestDeadWritersLeaveNoFile: an upload that was never suspended has no name.
func TestDeadWritersLeaveNoFile(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	if !s.unnamed {
		t.Skip("this file system has no unnamed files")
	}
	w := create(t, s, mib)
	if _, err := w.Write(blobtest.Bytes(mib, 1)); err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	filepath.WalkDir(s.root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.Type().IsRegular() {
			t.Errorf("there is %s, %v", path, err)
		}
		return nil
	})
}

// TestLostBytes: a writer whose sync failed neither commits nor suspends, ends,
// and leaves nothing, or what it had suspended before. The file descriptor is
// closed behind its back, so that every later call on it fails.
func TestLostBytes(t *testing.T) {
	ends := map[string]func(blob.Writer) error{
		"commit":  func(w blob.Writer) error { _, err := w.Commit(); return err },
		"suspend": func(w blob.Writer) error { _, err := w.Suspend(); return err },
	}
	for name, end := range ends {
		for _, resumed := range []bool{false, true} {
			s := open(t, t.TempDir(), Options{})
			w := create(t, s, -1)
			w.Write([]byte("kept"))
			var state []byte
			if resumed {
				var err error
				if state, err = w.Suspend(); err != nil {
					t.Fatal(err)
				}
				if w, err = s.Resume(t.Context(), w.Key(), state); err != nil {
					t.Fatal(err)
				}
			}
			w.(*writer).file.Close()
			if err := end(w); !errors.Is(err, os.ErrClosed) && !strings.Contains(err.Error(), "bad file descriptor") {
				t.Errorf("%s after lost bytes: %v", name, err)
			}
			if err := end(w); !errors.Is(err, blob.ErrClosed) {
				t.Errorf("second %s after lost bytes: %v, want ErrClosed", name, err)
			}
			if _, err := s.Stat(t.Context(), w.Key()); !errors.Is(err, blob.ErrNotFound) {
				t.Errorf("after a failed %s: %v, want ErrNotFound", name, err)
			}
			if left := len(blobtest.List(t, s)); resumed != (left == 1) {
				t.Errorf("after a failed %s (resumed: %v) there are %d files", name, resumed, left)
			}
			if resumed {
				w, err := s.Resume(t.Context(), w.Key(), state)
				if err != nil || w.Size() != 4 {
					t.Errorf("resume after a failed %s: %v", name, err)
				}
			}
		}
	}
}

// TestShortFile: bytes that were acknowledged and are gone are not made up.
func TestShortFile(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	w := create(t, s, -1)
	w.Write([]byte("12345"))
	state, err := w.Suspend()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(s.uploadPath(w.Key()), 4); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Resume(t.Context(), w.Key(), state); !errors.Is(err, blob.ErrState) {
		t.Errorf("Resume of a file that is too short: %v, want ErrState", err)
	}
}

// TestForeignFiles are neither listed nor touched nor in the way.
func TestForeignFiles(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	for _, dir := range []string{s.uploadDir(), filepath.Join(s.root, "objects", "00"), s.root} {
		if err := os.WriteFile(filepath.Join(dir, ".note.swp"), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if all := blobtest.List(t, open(t, s.root, Options{})); len(all) != 0 {
		t.Errorf("All yields %v", all)
	}
}

// TestStampTells what happened to a file behind the store's back.
func TestStampTells(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	w := create(t, s, -1)
	w.Write([]byte("good bytes"))
	info, err := w.Commit()
	if err != nil {
		t.Fatal(err)
	}
	path := s.objectPath(info.Key)
	if err := os.WriteFile(path, []byte("evil bytes"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, info.Modified, info.Modified); err != nil {
		t.Fatal(err)
	}
	now, err := s.Stat(t.Context(), info.Key)
	if err != nil {
		t.Fatal(err)
	}
	if !now.Modified.Equal(info.Modified) || now.Size != info.Size {
		t.Fatalf("the forgery shows in time or size: %+v, was %+v", now, info)
	}
	if now.Stamp == info.Stamp {
		t.Errorf("stamp %q did not change", now.Stamp)
	}
}
