package artifact_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/artifact"
)

// conditional has an action for each condition, called by its id.
const conditional = `id: conditional
title: Conditional
short: conditional
match:
  - artifactType: application/vnd.acme.conditional
layers:
  - {role: content, title: "*.tgz"}
actions:
  - {id: label, label: L, command: "tool {label}"}
  - {id: version, label: V, when: version, command: "tool {version}"}
  - {id: titled, label: T, when: titled, command: "tool"}
  - {id: standard, label: S, when: standard, command: "tool"}
  - {id: secure, label: S, when: secure, command: "tool"}
  - {id: named, label: N, when: "named:content", command: "tool"}
  - {id: always, label: A, verified: true, command: "tool"}
`

func TestActionsAreOfferedWhenTheyCanSucceed(t *testing.T) {
	c, err := load(map[string]string{"conditional.yaml": conditional, "conditional.svg": goodIcon})
	if err != nil {
		t.Fatal(err)
	}
	titled := func(titles ...string) artifact.Identification {
		var layers []string
		for _, title := range titles {
			layers = append(layers, `{"mediaType":"text/plain","annotations":{"org.opencontainers.image.title":"`+title+`"}}`)
		}
		return c.Identify(artifact.Input{MediaType: "application/vnd.oci.image.manifest.v1+json", Manifest: []byte(
			`{"artifactType":"application/vnd.acme.conditional","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"` + someDigest + `"},
			"layers":[` + strings.Join(layers, ",") + `]}`)})
	}
	plain := titled("a.tgz")
	odd := plain
	odd.MediaType = "application/vnd.acme.form"
	long := strings.Repeat("a", 54)
	for _, x := range []struct {
		id      artifact.Identification
		to      artifact.Target
		action  string
		offered bool
	}{
		{plain, artifact.Target{Repository: "x/ship-1"}, "label", true},
		{plain, artifact.Target{Repository: "x/" + long[:53]}, "label", true},
		{plain, artifact.Target{Repository: "x/" + long}, "label", false},
		{plain, artifact.Target{Repository: "ship_1"}, "label", false},
		{plain, artifact.Target{Repository: "ship.1"}, "label", false},

		{plain, artifact.Target{Tag: "1"}, "version", true},
		{plain, artifact.Target{Tag: "v1.2"}, "version", true},
		{plain, artifact.Target{Tag: "1.2.3-rc.1_build.05"}, "version", true},
		{plain, artifact.Target{Tag: "1.2.3.4"}, "version", false},
		{plain, artifact.Target{Tag: "1.2.3-01"}, "version", false},
		{plain, artifact.Target{Tag: "1.2.3-"}, "version", false},
		{plain, artifact.Target{Tag: "1_a_b"}, "version", false},
		{plain, artifact.Target{Tag: "12345678901234567890"}, "version", false},
		{plain, artifact.Target{Tag: "latest"}, "version", false},
		{plain, artifact.Target{}, "version", false},

		{titled("a", "d/b"), artifact.Target{}, "titled", true},
		{titled("a", "a"), artifact.Target{}, "titled", false},
		{titled("a", "./a"), artifact.Target{}, "titled", false},
		{titled("a", ""), artifact.Target{}, "titled", false},
		{titled("a", "a/b"), artifact.Target{}, "titled", false},
		{titled("../a"), artifact.Target{}, "titled", false},
		{titled("/a"), artifact.Target{}, "titled", false},
		{titled("."), artifact.Target{}, "titled", false},
		{titled(`a\u0000`), artifact.Target{}, "titled", false},
		{titled(strings.Repeat("a", 256)), artifact.Target{}, "titled", false},
		{titled(), artifact.Target{}, "titled", false},
		{odd, artifact.Target{}, "titled", false},
		{odd, artifact.Target{}, "standard", false},
		{plain, artifact.Target{}, "standard", true},

		{plain, artifact.Target{Registry: "r.example"}, "secure", true},
		{plain, artifact.Target{Registry: "r.example", PlainHTTP: true}, "secure", false},
		{plain, artifact.Target{Registry: "localhost:5000", PlainHTTP: true}, "secure", true},
		{plain, artifact.Target{Registry: "127.0.0.2:5000", PlainHTTP: true}, "secure", true},
		{plain, artifact.Target{Registry: "[::1]:5000", PlainHTTP: true}, "secure", true},
		{plain, artifact.Target{Registry: "192.0.2.1", PlainHTTP: true}, "secure", false},

		{titled("ship-1.tgz"), artifact.Target{Repository: "x/ship"}, "named", true},
		{titled("ship-1.tgz"), artifact.Target{Repository: "x/shi"}, "named", false},
		{titled("ship-1.txt"), artifact.Target{Repository: "x/ship"}, "named", false},
	} {
		got := slices.ContainsFunc(c.Actions(x.id, x.to), func(a artifact.Action) bool { return a.ID == x.action })
		if got != x.offered {
			t.Errorf("%+v, titled %v: %s is offered: %v, want %v", x.to, x.id.Titled, x.action, got, x.offered)
		}
	}
	for _, a := range c.Actions(plain, artifact.Target{}) {
		if a.Verified != (a.ID == "always") {
			t.Errorf("%s is verified: %v", a.ID, a.Verified)
		}
	}
}
