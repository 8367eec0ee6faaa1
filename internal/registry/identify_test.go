package registry

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/artifact"
)

// What is kept of a manifest is bounded, whatever it says, and can be read back.
func TestFactsAreBounded(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	platforms := make([]artifact.Platform, 1000)
	for i := range platforms {
		platforms[i] = artifact.Platform{OS: "linux", OSVersion: strings.Repeat("9", 120), Digest: strings.Repeat("a", 71)}
	}
	for name, id := range map[string]artifact.Identification{
		"small":      {Type: "helm-chart", Facts: artifact.Facts{"title": "a chart"}},
		"platforms":  {Type: "image-index", Platforms: platforms, Facts: artifact.Facts{"title": "many"}},
		"media type": {Type: artifact.Unknown, MediaType: long, ConfigMediaType: long},
		"facts":      {Type: "x", Facts: artifact.Facts{"a": long}},
		"entries":    {Type: "image-index", Entries: make([]artifact.Entry, 1000), Facts: artifact.Facts{"title": "an index"}},
	} {
		facts := factsOf(id)
		if len(facts) > maxFacts {
			t.Errorf("%s: %d bytes are kept", name, len(facts))
		}
		var back artifact.Identification
		if err := json.Unmarshal([]byte(facts), &back); err != nil || back.Type != id.Type {
			t.Errorf("%s: read back as %q: %v", name, back.Type, err)
		}
		if len(back.Entries) > 0 {
			t.Errorf("%s: entries are kept", name)
		}
		if want := id.Facts["title"]; back.Facts["title"] != want {
			t.Errorf("%s: title %q, want %q", name, back.Facts["title"], want)
		}
	}
}
