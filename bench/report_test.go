package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/argosy-registry/argosy/bench/data"
	"github.com/argosy-registry/argosy/bench/load"
)

func TestRows(t *testing.T) {
	of := func(ops int, cpu time.Duration) turns {
		return turns{{Ops: ops, Seconds: 1, CPU: cpu}, {Ops: ops / 2, Seconds: 1, CPU: cpu}, {Ops: ops, Seconds: 1, CPU: cpu}}
	}
	c := contest{"x", 4, []rival{{"a", 2, 0}, {"b", .9, 1.15}, {"c", 0, 0}}, 500}
	got := c.rows(map[string]turns{"argosy": of(1000, 20), "a": of(500, 40), "b": of(1000, 10), "c": of(4000, 20)})
	want := []string{
		"| x | 4 | argosy | 1000 | 0 | 0.00 | 0.00 | 0.02 |  |  | ≥ 500/s | reached |",
		"| x | 4 | a | 500 | 0 | 0.00 | 0.00 | 0.04 | 2.00 (2.00–2.00) | 0.50 | ≥ 2 | reached |",
		"| x | 4 | b | 1000 | 0 | 0.00 | 0.00 | 0.01 | 1.00 (1.00–1.00) | 2.00 | ≥ 0.9, CPU ≤ 1.15 | missed |",
		"| x | 4 | c | 4000 | 0 | 0.00 | 0.00 | 0.02 | 0.25 (0.25–0.25) | 1.00 |  |  |",
	}
	if got != strings.Join(want, "\n")+"\n" {
		t.Errorf("%s", got)
	}
}

// TestContests holds that each has a workload and that lists are measured
// before anything adds to them.
func TestContests(t *testing.T) {
	known := map[string]bool{}
	writes := ""
	for _, c := range contests {
		wl, ok := load.Workloads[c.workload]
		if !ok {
			t.Errorf("there is no workload %s", c.workload)
		}
		known[c.workload] = true
		if wl.Writes {
			writes = c.workload
		} else if writes != "" {
			t.Errorf("%s comes after %s, which adds to what it reads", c.workload, writes)
		}
	}
	for name := range load.Workloads {
		if !known[name] {
			t.Errorf("nothing measures %s", name)
		}
	}
}

func TestInsert(t *testing.T) {
	file := filepath.Join(t.TempDir(), "p.md")
	for _, old := range []string{"", "old\n"} {
		if err := os.WriteFile(file, []byte("before\n"+marker+old+endMarker+"after\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := insert(file, "new\n"); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(file); string(got) != "before\n"+marker+"\nnew\n\n"+endMarker+"after\n" {
			t.Errorf("%q", got)
		}
	}
	if err := os.WriteFile(file, []byte("no markers\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := insert(file, "new\n"); err == nil {
		t.Error("a file without markers was written")
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{89290: "89290", 123.4: "123", 99.94: "99.9", 9.62: "9.62", .014: "0.01"} {
		if got := number(v); got != want {
			t.Errorf("number(%v) = %s, want %s", v, got, want)
		}
	}
}

// TestDiskHandler pushes to the write limit as the workloads do.
func TestDiskHandler(t *testing.T) {
	folder := t.TempDir()
	target := serve(t, &diskHandler{folder: folder})
	wl := load.Workloads["blob-put-medium"]
	wl.Each = 2
	r, err := load.Measure(target, wl, nil, 2, 0)
	if err != nil || r.Errors > 0 || r.Ops != 4 {
		t.Fatalf("%+v %v", r, err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) != 4 {
		t.Errorf("%d files, want 4; %v", len(files), err)
	}
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || info.Size() != data.Medium {
			t.Errorf("%s: %v, %v", f, info, err)
		}
	}
}

// TestMemoryHandler reads manifests from the read limit as the workloads do.
func TestMemoryHandler(t *testing.T) {
	target := serve(t, memoryHandler())
	sets := load.NewSets(data.Scale{Large: 16, Larges: 1})
	for _, name := range []string{"manifest-get-tag", "manifest-get-digest", "manifest-head", "manifest-head-digest"} {
		wl := load.Workloads[name]
		wl.Each = 70
		if r, err := load.Measure(target, wl, sets, 2, 0); err != nil || r.Errors > 0 || r.Ops != 140 {
			t.Errorf("%s: %+v %v", name, r, err)
		}
	}
}
