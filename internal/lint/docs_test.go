package lint_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/internal/lint"
)

// docs/lint.md holds the rules as the program has them, those of the built-in entries
// too. UPDATE=1 writes them.
func TestDocsHoldTheRules(t *testing.T) {
	const path, begin, end = "../../docs/lint.md", "<!-- rules: written from internal/lint by its test -->\n", "<!-- /rules -->"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the rules", path)
	}
	var b strings.Builder
	b.WriteString("| rule | severity | what a finding means | how to mend it |\n| --- | --- | --- | --- |\n")
	for _, r := range lint.Rules {
		fmt.Fprintf(&b, "| [%s](%s) | %s | %s | %s |\n", r.ID, r.Link, r.Severity, r.About, r.Mend)
	}
	entries := map[string]string{}
	for _, typ := range builtin(t).Types() {
		for _, r := range typ.Lint {
			id := typ.ID + "/" + r.ID
			entries[id] = fmt.Sprintf("| %s | %s | %s | %s |\n", id, r.Severity, r.Message, r.Mend)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(entries)) {
		b.WriteString(entries[id])
	}
	want := before + begin + b.String() + end + after
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Errorf("%s is not what the program has: run UPDATE=1 go test ./internal/lint", path)
	}
}
