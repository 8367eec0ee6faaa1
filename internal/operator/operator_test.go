package operator_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/operator"
)

var ctx = context.Background()

// shelf is a catalog that only remembers.
type shelf struct {
	files map[string][]byte
	done  int64
}

func (s *shelf) Status(context.Context) (operator.Status, error) {
	return operator.Status{Fingerprint: "f", Types: []*artifact.Type{{ID: "rocket", Origin: artifact.OriginLocal}}, Done: s.done, Total: 7, Refused: "a.yaml:1:1: no"}, nil
}

func (s *shelf) Source(_ context.Context, id string) (artifact.File, error) {
	if id != "rocket" {
		return artifact.File{}, fmt.Errorf("there is no type %q", id)
	}
	return artifact.File{ID: id, Origin: artifact.OriginLocal, Entry: []byte("id: rocket\n"), Icon: []byte("<svg/>")}, nil
}

func (s *shelf) Files(ctx context.Context) ([]artifact.File, error) {
	one, err := s.Source(ctx, "rocket")
	return []artifact.File{one, {ID: "more", Extends: "rocket", Entry: []byte("\xff"), Over: true}}, err
}

func (s *shelf) Add(_ context.Context, files map[string][]byte) error {
	if len(files) == 0 {
		return errors.New("nothing to add")
	}
	s.files = files
	return nil
}

func (s *shelf) Preview(_ context.Context, p operator.Proposal) (operator.Preview, error) {
	if p.Ref == "" {
		return operator.Preview{}, errors.New("a.yaml:1:1: refused")
	}
	return operator.Preview{Added: p.Only, Types: []operator.TypeChange{{From: "a", To: string(p.Files["b"]), Count: int64(p.Examples), Examples: []string{p.Ref}}}}, nil
}

func (s *shelf) Remove(_ context.Context, id string) error { return fmt.Errorf("%s stays", id) }

// serve runs a server on a folder until the test ends.
func serve(t *testing.T, folder string, types operator.Types) *operator.Client {
	t.Helper()
	run, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- operator.Serve(run, folder, operator.Owner{Types: types, Admission: &ward{}}) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if _, err := operator.Dial(ctx, folder); !errors.Is(err, operator.ErrNotRunning) {
			t.Errorf("after the end: %v", err)
		}
	})
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		c, err := operator.Dial(ctx, folder)
		if err == nil {
			return c
		}
		if !errors.Is(err, operator.ErrNotRunning) || time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

func TestThroughTheSocket(t *testing.T) {
	for name, folder := range map[string]string{
		"short": t.TempDir(),
		"deep":  filepath.Join(t.TempDir(), strings.Repeat("deep-folder/", 20)), // longer than a socket's name may be
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.MkdirAll(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			if _, err := operator.Dial(ctx, folder); !errors.Is(err, operator.ErrNotRunning) {
				t.Fatalf("without a server: %v", err)
			}
			s := &shelf{}
			c := serve(t, folder, s)
			info, err := os.Stat(filepath.Join(folder, "operator.sock"))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the socket is %v, %v: others can open it", info, err)
			}
			want, _ := s.Status(ctx)
			if got, err := c.Status(ctx); err != nil || cmp.Diff(want, got) != "" {
				t.Errorf("status %v, %v", cmp.Diff(want, got), err)
			}
			source, err := c.Source(ctx, "rocket")
			if err != nil || string(source.Entry) != "id: rocket\n" || string(source.Icon) != "<svg/>" || source.Origin != artifact.OriginLocal {
				t.Errorf("source %+v, %v", source, err)
			}
			if _, err := c.Source(ctx, "a/b?c"); err == nil || err.Error() != `there is no type "a/b?c"` {
				t.Errorf("source of an odd id: %v", err)
			}
			all, _ := s.Files(ctx)
			if got, err := c.Files(ctx); err != nil || cmp.Diff(all, got) != "" {
				t.Errorf("files %v, %v", cmp.Diff(all, got), err)
			}
			files := map[string][]byte{"a.yaml": []byte("id: a\n\xff"), "a.svg": []byte("<svg/>")}
			if err := c.Add(ctx, files); err != nil || cmp.Diff(files, s.files) != "" {
				t.Errorf("added %v, %v", s.files, err)
			}
			if err := c.Add(ctx, nil); err == nil || err.Error() != "nothing to add" {
				t.Errorf("nothing added: %v", err)
			}
			v, err := c.Preview(ctx, operator.Proposal{Ref: "r", Only: []string{"o"}, Files: map[string][]byte{"b": []byte("c")}, Examples: 7})
			if want := (operator.Preview{Added: []string{"o"}, Types: []operator.TypeChange{{From: "a", To: "c", Count: 7, Examples: []string{"r"}}}}); err != nil || cmp.Diff(want, v) != "" {
				t.Errorf("preview %+v, %v", v, err)
			}
			if _, err := c.Preview(ctx, operator.Proposal{}); err == nil || err.Error() != "a.yaml:1:1: refused" {
				t.Errorf("a refused preview: %v", err)
			}
			if err := c.Remove(ctx, "rocket"); err == nil || err.Error() != "rocket stays" {
				t.Errorf("removed: %v", err)
			}
		})
	}
}

// A socket that a killed server left is no server, and no hindrance.
func TestASocketThatWasLeft(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "operator.sock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := operator.Dial(ctx, folder); !errors.Is(err, operator.ErrNotRunning) {
		t.Errorf("error %v", err)
	}
	serve(t, folder, &shelf{})
}
