package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var (
	root   string // the repository
	binary string // the argosy under test
)

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

// run builds the binary once for all tests, with the race detector when
// ARGOSY_E2E_RACE=1 asks for it.
func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "argosy-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if root, err = filepath.Abs(".."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	binary = filepath.Join(dir, "argosy")
	args := []string{"build", "-o", binary}
	if os.Getenv("ARGOSY_E2E_RACE") == "1" {
		args = append(args, "-race")
	}
	build := exec.Command("go", append(args, "./cmd/argosy")...)
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build ./cmd/argosy: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// whole skips a test that needs clients or time, unless the whole suite is asked for.
func whole(t *testing.T) {
	t.Helper()
	if os.Getenv("ARGOSY_E2E") != "1" {
		t.Skip("part of the whole suite: run 'make test', or set ARGOSY_E2E=1")
	}
}

// program finds a client: one pinned in tools/, or one of the system.
func program(t *testing.T, name string) string {
	t.Helper()
	pinned := filepath.Join(root, ".cache", "bin", name)
	if _, err := os.Stat(pinned); err == nil {
		return pinned
	}
	found, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not here: run 'make clients' and tools/debian", name)
	}
	return found
}

// bench is a folder and an environment of its own to run clients in, so that no
// setting or login of the person who runs the tests takes part.
type bench struct {
	t   *testing.T
	dir string
	env []string
}

func newBench(t *testing.T, env ...string) *bench {
	dir := t.TempDir()
	path := filepath.Join(root, ".cache", "bin") + ":" + filepath.Dir(binary) + ":" + os.Getenv("PATH")
	return &bench{t, dir, append([]string{
		"PATH=" + path, "HOME=" + dir, "TMPDIR=" + dir, "XDG_CONFIG_HOME=" + dir, "XDG_RUNTIME_DIR=" + dir,
		"DOCKER_CONFIG=" + dir, "REGISTRY_AUTH_FILE=" + filepath.Join(dir, "auth.json"),
	}, env...)}
}

// in is the bench as used by a subtest, which then fails in its parent's place.
func (b *bench) in(t *testing.T) *bench {
	c := *b
	c.t = t
	return &c
}

// path of a file in the bench's folder.
func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

// write makes a file in the bench's folder.
func (b *bench) write(name string, content []byte) {
	b.t.Helper()
	if err := os.MkdirAll(filepath.Dir(b.path(name)), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(b.path(name), content, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// read returns a file of the bench's folder.
func (b *bench) read(name string) []byte {
	b.t.Helper()
	content, err := os.ReadFile(b.path(name))
	if err != nil {
		b.t.Fatal(err)
	}
	return content
}

// run runs a program to its end and returns its standard output; the test ends
// when the program fails.
func (b *bench) run(name string, args ...string) string {
	b.t.Helper()
	out, errout, err := b.try(name, args...)
	if err != nil {
		b.t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, errout)
	}
	return out
}

// try runs a program to its end, two minutes at most.
func (b *bench) try(name string, args ...string) (stdout, stderr string, err error) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	path := binary
	if name != "argosy" {
		path = program(b.t, name)
	}
	var out, errout strings.Builder
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir, cmd.Env = b.dir, b.env
	cmd.Stdout, cmd.Stderr = &out, &errout
	err = cmd.Run()
	return out.String(), errout.String(), err
}
