package datafolder_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/argosy-registry/argosy/internal/datafolder"
)

func open(t *testing.T, path string) *datafolder.Folder {
	t.Helper()
	f, err := datafolder.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func refused(t *testing.T, path string, want ...string) {
	t.Helper()
	f, err := datafolder.Open(path)
	if err == nil {
		f.Close()
		t.Fatalf("%s was opened", path)
	}
	for _, w := range append(want, path) {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not say %q", err, w)
		}
	}
}

func TestSecondHolderIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	f := open(t, path)
	refused(t, path, "in use by process", "--data")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, path)
}

func TestNewerFormatIsRefused(t *testing.T) {
	path := t.TempDir()
	open(t, path).Close()
	if err := os.WriteFile(filepath.Join(path, "format"), []byte(`{"app":"argosy","format":99}`), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, path, "99", "newer")
}

func TestStrangeFolderIsRefused(t *testing.T) {
	path := t.TempDir()
	if err := os.WriteFile(filepath.Join(path, "thesis.tex"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, path, "thesis.tex")
	if _, err := os.Stat(filepath.Join(path, "lock")); err == nil {
		t.Error("a refused folder was written to")
	}
}

func TestReserveIsSetAsideAndGivenBack(t *testing.T) {
	f := open(t, t.TempDir())
	r, err := f.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	if !r.Held() {
		t.Fatal("not held on a disk with room")
	}
	if info, err := os.Stat(f.Path("reserve")); err != nil || info.Size() != datafolder.ReserveSize {
		t.Fatalf("reserve = %v, %v", info, err)
	}
	if err := r.Release(); err != nil || r.Held() {
		t.Fatalf("release: %v", err)
	}
	if _, err := os.Stat(f.Path("reserve")); err == nil {
		t.Error("a released reserve takes space")
	}
	if err := r.Restore(); err != nil || !r.Held() {
		t.Errorf("restore: %v", err)
	}
}

func TestReserveOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("mounting a small disk needs root: %v %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", dir).Run() })
	f := open(t, filepath.Join(dir, "data"))
	r, err := f.Reserve()
	if err != nil || !r.Held() {
		t.Fatalf("reserve held: %v, %v", r.Held(), err)
	}
	filler := filepath.Join(dir, "filler")
	_ = os.WriteFile(filler, make([]byte, 12<<20), 0o600) // fails half-way: the disk is full
	if again, err := f.Reserve(); err != nil || again.Held() {
		t.Fatalf("on a full disk the reserve is not given back at start (%v)", err)
	}
	if err := r.Release(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(f.Path("small"), make([]byte, 1<<20), 0o600); err != nil {
		t.Errorf("the reserve gave no space: %v", err)
	}
	if err := r.Restore(); err == nil {
		t.Error("restored without room")
	}
}

// TestFoldersThatAreAsGoodAsEmpty: what the root of a disk has, and what a first
// start that was killed leaves.
func TestFoldersThatAreAsGoodAsEmpty(t *testing.T) {
	path := t.TempDir()
	if err := os.Mkdir(filepath.Join(path, "lost+found"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"lock", "lock.format"} {
		if err := os.WriteFile(filepath.Join(path, name), []byte("4711"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open(t, path).Close()
	open(t, path)
}

func TestForeignMarkerIsRefused(t *testing.T) {
	for _, text := range []string{"", "{", `{"app":"postgres","format":1}`, "17\n"} {
		path := t.TempDir()
		if err := os.WriteFile(filepath.Join(path, "format"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		refused(t, path, "not argosy's", "--data")
	}
}

func TestFolderIsForItsOwnerAlone(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "a", "b"))
	if info, err := os.Stat(f.Path()); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v, %v", info.Mode(), err)
	}
	if info, err := os.Stat(f.Path("format")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("marker: %v, %v", info.Mode(), err)
	}
}

// TestReserveWithoutBlocks: a reserve that was cut short, or copied as a file
// full of holes, is no reserve; it is made anew.
func TestReserveWithoutBlocks(t *testing.T) {
	f := open(t, t.TempDir())
	if err := os.WriteFile(f.Path("reserve"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(f.Path("reserve"), datafolder.ReserveSize); err != nil {
		t.Fatal(err)
	}
	r, err := f.Reserve()
	if err != nil || !r.Held() {
		t.Fatalf("reserve: held %v, %v", r.Held(), err)
	}
	var st syscall.Stat_t
	if err := syscall.Stat(f.Path("reserve"), &st); err != nil || st.Blocks*512 < datafolder.ReserveSize {
		t.Errorf("the reserve takes %d bytes of the disk, %v", st.Blocks*512, err)
	}
}
