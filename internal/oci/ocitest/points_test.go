package ocitest_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/internal/oci/ocitest"
)

var update = flag.Bool("update", false, "write docs/protocol.md")

const lastPoint = 195

// Every point is there, once, with a case that exists or the reason for none,
// and every case of the suite is for some point or named below.
func TestPoints(t *testing.T) {
	var cases []string
	for _, c := range ocitest.Cases() {
		if slices.Contains(cases, c.Name) {
			t.Errorf("case %s twice", c.Name)
		}
		cases = append(cases, c.Name)
	}
	used := map[string]bool{}
	for i, p := range ocitest.Points {
		if p.Number != i+1 {
			t.Fatalf("point %d stands where %d should", p.Number, i+1)
		}
		if p.Words == "" || len(p.Suite)+len(p.Wire) == 0 && p.Why == "" {
			t.Errorf("point %d has neither a case nor a reason", p.Number)
		}
		for _, name := range p.Suite {
			if used[name] = true; !slices.Contains(cases, name) {
				t.Errorf("point %d names the case %s, which does not exist", p.Number, name)
			}
		}
	}
	if len(ocitest.Points) != lastPoint {
		t.Errorf("there are %d points, want %d", len(ocitest.Points), lastPoint)
	}
	// Guarantees of this registry beyond the points.
	beyond := []string{
		"blob/same-bytes-two-algorithms", "blob/pushed-again", "blob/invisible-before-commit",
		"manifest/per-repository", "manifest/type", "strict/depth", "reference/manifest-as-layer", "reference/same-blob-twice",
		"referrers/per-repository", "delete/then-push-again", "delete/at-once", "list/repositories", "list/repositories-none",
	}
	for _, name := range cases {
		if used[name] == slices.Contains(beyond, name) {
			t.Errorf("case %s is to be named by a point or listed as beyond them", name)
		}
	}
}

// docs/protocol.md is the table of the points.
func TestProtocolTable(t *testing.T) {
	const name = "../../../docs/protocol.md"
	want := table()
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the points say: run go test ./internal/oci/ocitest -update", name)
	}
}

func table() string {
	var b strings.Builder
	b.WriteString(`# The protocol, point by point

What the OCI distribution specification asks of a registry, what it allows, and what its clients rely on, with the tests
that hold it. Cases of the *suite* run against the core and, over HTTP, against the whole server (internal/oci/ocitest);
cases of the *wire* are about status codes, headers and bodies (internal/server/v2).

Made from internal/oci/ocitest/points.go by ` + "`go test ./internal/oci/ocitest -update`" + `; a test fails on gaps.
`)
	for _, p := range ocitest.Points {
		if p.Area != "" {
			fmt.Fprintf(&b, "\n## %s\n\n| | Point | Suite | Wire | Remark |\n|---|---|---|---|---|\n", p.Area)
		}
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s |\n", p.Number, p.Words, strings.Join(p.Suite, "<br>"), strings.Join(p.Wire, "<br>"), p.Why)
	}
	return b.String()
}
