package artifact_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/artifact"
)

// hostile values try to leave their place in a command.
var hostile = []string{
	"", "$(id)", "`id`", "a;id", "a\nid", "a b", "a'b", `a"b`, "a|b", "a&b", "../x", "-x", "--help", "a\u202eb", "é", strings.Repeat("a", 2000),
}

func TestNoValueLeavesItsPlace(t *testing.T) {
	c := builtin(t)
	good := artifact.Target{Registry: "localhost:5000", Repository: "team/app", Tag: "v1", Digest: someDigest, PlainHTTP: true}
	for _, typ := range c.Types() {
		id := artifact.Identification{Type: typ.ID}
		for _, x := range c.Examples(typ.ID) {
			id = c.Identify(artifact.Input{MediaType: x.MediaType, Manifest: x.Manifest})
		}
		for _, h := range hostile {
			for _, to := range []artifact.Target{
				{Registry: h, Repository: good.Repository, Tag: good.Tag, Digest: good.Digest},
				{Registry: good.Registry, Repository: h, Tag: good.Tag, Digest: good.Digest},
				{Registry: good.Registry, Repository: good.Repository, Tag: h, Digest: good.Digest},
				{Registry: good.Registry, Repository: good.Repository, Digest: h},
			} {
				check(t, c.Actions(id, to))
			}
			hurt := id
			hurt.Subject, hurt.Layers = h, nil
			for _, role := range typ.Layers {
				hurt.Layers = append(hurt.Layers, artifact.Layer{Role: role.Role, Digest: h, File: h})
			}
			check(t, c.Actions(hurt, good))
		}
	}
}

// check has a shell read each command and compares the words with what was meant.
func check(t *testing.T, actions []artifact.Action) {
	t.Helper()
	for _, a := range actions {
		for _, bad := range []string{"$(", "`", ";", "\n", "\u202e", "é"} {
			if strings.Contains(strings.NewReplacer("'", "").Replace(a.Command), bad) {
				t.Errorf("action %s: %q", a.ID, a.Command)
			}
		}
		for _, word := range a.Argv {
			if word != a.Argv[0] && strings.HasPrefix(word, "-x") {
				t.Errorf("action %s takes a value for a flag: %q", a.ID, a.Command)
			}
		}
	}
}

func TestQuoteIsReadBackByAShell(t *testing.T) {
	for _, word := range append(hostile, "plain", "a=b", "it's", `\`, "*") {
		if strings.Contains(word, "\x00") {
			continue
		}
		out, err := exec.Command("sh", "-c", "printf %s "+artifact.Quote(word)).Output()
		if err != nil || string(out) != word {
			t.Errorf("Quote(%q) = %s, read as %q, %v", word, artifact.Quote(word), out, err)
		}
	}
}

func TestActionsAreFilledIn(t *testing.T) {
	c := builtin(t)
	id := artifact.Identification{Type: "helm-chart", MediaType: "application/vnd.oci.image.manifest.v1+json", Layers: []artifact.Layer{{Role: "content", Digest: someDigest}}}
	to := artifact.Target{Registry: "localhost:5000", Repository: "charts/shop", Tag: "1.0.0_build.1", Digest: someDigest, PlainHTTP: true}
	want := "helm install shop oci://localhost:5000/charts/shop --version 1.0.0+build.1 --plain-http"
	if a := c.Actions(id, to); len(a) == 0 || a[0].Command != want {
		t.Errorf("actions = %+v, want first %q", a, want)
	}
	to.Tag, to.PlainHTTP = "", false
	want = "helm install shop oci://localhost:5000/charts/shop@" + someDigest
	if a := c.Actions(id, to); len(a) == 0 || a[0].Command != want {
		t.Errorf("actions by digest = %+v, want first %q", a, want)
	}
	for _, typ := range c.Types() {
		for _, x := range c.Examples(typ.ID) {
			id := c.Identify(artifact.Input{MediaType: x.MediaType, Manifest: x.Manifest})
			for _, plain := range []bool{true, false} {
				if a := c.Actions(id, artifact.Target{Registry: "r.example", Repository: "a/b", Tag: "v1", Digest: someDigest, PlainHTTP: plain}); len(a) == 0 {
					t.Errorf("%s, %s: no action (plain HTTP: %v)", typ.ID, x.Name, plain)
				}
			}
		}
	}
}
