package lint_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/lint"
)

func builtin(t testing.TB) *artifact.Catalog {
	t.Helper()
	c, err := artifact.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// good are manifests as real tools write them, by name: the corpus, and the examples of
// all entries.
func good(t testing.TB) map[string]artifact.Input {
	t.Helper()
	all := map[string]artifact.Input{}
	files, err := filepath.Glob("../../artifact/testdata/corpus/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var g struct {
			MediaType        string
			Manifest, Config json.RawMessage
		}
		if err := json.Unmarshal(text, &g); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		in := artifact.Input{MediaType: g.MediaType, Manifest: g.Manifest, Config: g.Config}
		var bytes string // stands for a config that is no JSON
		if json.Unmarshal(g.Config, &bytes) == nil {
			in.Config = []byte(bytes)
		}
		all[strings.TrimSuffix(filepath.Base(name), ".json")] = in
	}
	if len(all) < 200 {
		t.Fatalf("the corpus has %d manifests", len(all))
	}
	c := builtin(t)
	for _, typ := range c.Types() {
		for _, x := range c.Examples(typ.ID) {
			all["types/"+typ.ID+", "+x.Name] = artifact.Input{MediaType: x.MediaType, Manifest: x.Manifest, Config: x.Config}
		}
	}
	return all
}

// real are the findings of one rule in manifests of real tools, each "NAME: PLACE".
type real struct {
	Rule   string   `json:"rule"`
	Reason string   `json:"reason"` // why the finding is right although a tool writes it so
	In     []string `json:"in"`
}

// Manifests of real tools have no findings, but for those that are listed with the
// reason. UPDATE=1 writes the list; a reason that is lacking fails the test until
// somebody has written it.
func TestGoodManifests(t *testing.T) {
	const file = "testdata/real.json"
	found := map[string][]string{}
	all := good(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, f := range lint.Check(builtin(t), all[name]) {
			place := f.Place
			if f.In == lint.InConfig {
				place = "config" + place
			}
			found[f.Rule] = append(found[f.Rule], strings.TrimSpace(fmt.Sprintf("%s: %s", name, place)))
		}
	}
	var want []real
	text, err := os.ReadFile(file)
	update := os.Getenv("UPDATE") != ""
	if err != nil && !update {
		t.Fatal(err)
	}
	if err == nil {
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
	}
	reasons := map[string]string{}
	for _, r := range want {
		reasons[r.Rule] = r.Reason
	}
	var got []real
	for _, rule := range slices.Sorted(maps.Keys(found)) {
		reason := reasons[rule]
		if reason == "" {
			reason = "TODO"
		}
		if reason == "TODO" {
			t.Errorf("%s has findings in manifests of real tools, and no reason: %q", rule, found[rule])
		}
		got = append(got, real{rule, reason, found[rule]})
	}
	if update {
		text, err := json.MarshalIndent(got, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings in manifests of real tools (-known +now):\n%s", diff)
	}
}
