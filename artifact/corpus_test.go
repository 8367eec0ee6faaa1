package artifact_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/artifact"
)

// golden is a manifest as a tool writes it, with what it is.
type golden struct {
	By        string          `json:"by"` // who writes it so
	MediaType string          `json:"mediaType"`
	Manifest  json.RawMessage `json:"manifest"`
	Config    json.RawMessage `json:"config"` // a text stands for bytes that are no JSON
	Want      answer          `json:"want"`
}

// answer is what identification must not change its mind about.
type answer struct {
	Type    string   `json:"type"`
	Variant string   `json:"variant,omitempty"`
	Traits  []string `json:"traits,omitempty"`
}

// goldens are the files of testdata/corpus by name, without their ending.
func goldens(t *testing.T) map[string]golden {
	t.Helper()
	files, err := filepath.Glob("testdata/corpus/*.json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]golden{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(strings.NewReader(string(text)))
		d.DisallowUnknownFields()
		var g golden
		if err := d.Decode(&g); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all[strings.TrimSuffix(filepath.Base(name), ".json")] = g
	}
	return all
}

func (g *golden) input() artifact.Input {
	in := artifact.Input{MediaType: g.MediaType, Manifest: g.Manifest, Config: g.Config}
	var text string
	if json.Unmarshal(g.Config, &text) == nil {
		in.Config = []byte(text)
	}
	return in
}

func identified(t *testing.T, in artifact.Input) answer {
	id := builtin(t).Identify(in)
	return answer{id.Type, id.Variant, id.Traits}
}

// Manifests as real tools write them are what they are.
func TestCorpus(t *testing.T) {
	all := goldens(t)
	if len(all) < 200 {
		t.Errorf("the corpus has %d manifests", len(all))
	}
	for name, g := range all {
		t.Run(name, func(t *testing.T) {
			in := g.input()
			if diff := cmp.Diff(g.Want, identified(t, in)); diff != "" {
				t.Errorf("of %s: %s\n%s", g.By, diff, builtin(t).Explain(in))
			}
			if !strings.HasPrefix(name, g.Want.Type) {
				t.Errorf("the file of a %s is called %s", g.Want.Type, name)
			}
		})
	}
}

// The corpus has something of every type, variant and trait of the catalog.
func TestCorpusIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, g := range goldens(t) {
		seen[g.Want.Type], seen[g.Want.Type+" "+g.Want.Variant] = true, true
		for _, trait := range g.Want.Traits {
			seen[trait] = true
		}
	}
	for _, typ := range builtin(t).Types() {
		if !seen[typ.ID] {
			t.Errorf("nothing is of the type %s", typ.ID)
		}
		for _, v := range typ.Variants {
			if !seen[typ.ID+" "+v.ID] {
				t.Errorf("nothing is of the variant %s of %s", v.ID, typ.ID)
			}
		}
	}
}

func TestCorpusSurvivesMutation(t *testing.T) {
	for name, g := range goldens(t) {
		in := g.input()
		for how, change := range mutations {
			changed := in
			changed.Manifest = mutated(t, in.Manifest, change)
			if how == "capitals and parameters" {
				changed.MediaType = strings.ToUpper(in.MediaType) + " ; charset=utf-8"
			}
			if diff := cmp.Diff(g.Want, identified(t, changed)); diff != "" {
				t.Errorf("%s, %s: %s\n%s", name, how, diff, builtin(t).Explain(changed))
			}
		}
	}
}
