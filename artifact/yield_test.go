package artifact_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/argosy-registry/argosy/artifact"
)

const smallIcon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24"/></svg>`

// sourceOf is a catalog that is followed.
func sourceOf(from string, yields bool, entries ...string) artifact.Source {
	files := fstest.MapFS{}
	for _, text := range entries {
		id, _, _ := strings.Cut(strings.TrimPrefix(text, "id: "), "\n")
		files[id+".yaml"] = &fstest.MapFile{Data: []byte(text)}
		files[id+".svg"] = &fstest.MapFile{Data: []byte(smallIcon)}
	}
	return artifact.Source{FS: files, Origin: artifact.OriginFollowed, From: from, Yields: yields}
}

const thief = "id: thief\ntitle: Thief\nshort: thief\npriority: 1000000\nmatch:\n"

// Whatever an entry says that yields, nothing that is known becomes another type, and
// no entry of an index belongs elsewhere.
func TestWhatYieldsTakesNothing(t *testing.T) {
	for name, text := range map[string]string{
		"config":      thief + "  - config: [application/vnd.cncf.helm.config.v1+json, application/vnd.docker.plugin.v1+json]\n",
		"globs":       thief + "  - artifactType: application/vnd.*\n  - config: application/vnd.c*\n  - mediaType: application/vnd.oci.artifact.*\n",
		"layers":      thief + "  - layers: {any: application/vnd.*}\n  - layers: {all: 'application/vnd.oci.image.layer.v1.tar+gzi*'}\n",
		"annotations": thief + "  - annotations: {'io.*': '*'}\n  - annotations: {'org.*': '*'}\n  - annotations: {org.opencontainers.image.title: [nginx, alpine]}\n",
		"labels":      thief + "  - configJSON: {/os: linux}\n  - configJSON: {/architecture: '*'}\n",
		"all":         thief + "place: hidden\n  - {artifactType: application/*vnd.*, annotations: {'io.*': '*'}, layers: {any: 'application/vnd.*', none: x/y}}\n",
	} {
		text = strings.Replace(text, "match:\nplace: hidden\n", "place: hidden\nmatch:\n", 1)
		t.Run(name, func(t *testing.T) {
			c, err := artifact.Load(artifact.BuiltinSource(), sourceOf("evil.example/a:1", true, text))
			if err != nil {
				t.Skipf("it is refused: %v", err)
			}
			known := 0
			for golden, g := range goldens(t) {
				was, now := builtin(t).Identify(g.input()), c.Identify(g.input())
				if !was.Known || builtin(t).IsFallback(was.Type) && (name != "annotations" && name != "labels") {
					continue
				}
				if known++; now.Type != was.Type || now.Variant != was.Variant {
					t.Errorf("%s was %s %s, and is %s\n%s", golden, was.Type, was.Variant, now.Type, c.Explain(g.input()))
				}
				for i := range was.Entries {
					if was.Entries[i].Type != "" && now.Entries[i] != was.Entries[i] && now.Entries[i].Type != was.Entries[i].Type {
						t.Errorf("%s: entry %d was %+v, and is %+v", golden, i, was.Entries[i], now.Entries[i])
					}
				}
			}
			if known < 150 {
				t.Errorf("only %d manifests were tried", known)
			}
		})
	}
}

// It holds for what nobody knows.
func TestWhatYieldsHoldsForTheRest(t *testing.T) {
	c, err := artifact.Load(artifact.BuiltinSource(), sourceOf("good.example/a:1@sha256:0", true,
		"id: rocket\ntitle: Rocket\nshort: rocket\nmatch: [{artifactType: application/vnd.acme.rocket}, {layers: {any: application/vnd.acme.stage}}, {annotations: {com.acme.rocket: 'yes'}}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	const empty = `{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2}`
	const image = `{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2}`
	for text, want := range map[string]string{
		`{"schemaVersion":2,"artifactType":"application/vnd.acme.rocket","config":` + empty + `,"layers":[]}`:                                                                                          "rocket",
		`{"schemaVersion":2,"config":` + empty + `,"layers":[{"mediaType":"application/vnd.acme.stage","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2}]}`: "rocket",
		`{"schemaVersion":2,"config":` + image + `,"layers":[],"annotations":{"com.acme.rocket":"yes"}}`:                                                                                               "oci-image",
	} {
		if got := c.Identify(artifact.Input{Manifest: []byte(text)}); got.Type != want {
			t.Errorf("%s is %s, want %s", text, got.Type, want)
		}
	}
	if typ, _ := c.Type("rocket"); typ.From != "good.example/a:1@sha256:0" || typ.Origin != artifact.OriginFollowed {
		t.Errorf("it comes from %q, %s", typ.From, typ.Origin)
	}
	if c.Fingerprint() == builtin(t).Fingerprint() {
		t.Error("the fingerprint is the same")
	}
}

// What would take the place of what is known, or change it, is refused, unless the
// catalog is trusted with that.
func TestTakeoversAreRefused(t *testing.T) {
	const match = "match: [{artifactType: application/vnd.acme.a}]\n"
	for name, c := range map[string]struct{ text, says string }{
		"an id":           {"id: helm-chart\ntitle: A\nshort: a\n" + match, `helm-chart.yaml:1:5: "helm-chart" takes over an entry that is built-in`},
		"actions":         {"id: more\nextends: helm-chart\nactions: [{id: run, label: Run, command: evil}]\n", `more.yaml:2:10: "more" changes "helm-chart", which is built-in`},
		"of what unknown": {"id: more\nextends: unknown\nactions: [{id: run, label: Run, command: evil}]\n", `changes "unknown"`},
		"a face":          {"id: more\nextends: helm-chart\ntitle: A\nshort: a\nmatch: [{annotations: {a.b: c}}]\n", `changes "helm-chart"`},
		"a trait":         {"id: badge\ntitle: A\nshort: a\ntrait: true\nmatch: [{annotations: {a.b: c}}]\n", "shown beside types"},
		"entries":         {"id: hide\ntitle: A\nshort: a\nplace: hidden\n" + match + "entry: [{annotations: {a.b: c}}]\n", "where entries of any index belong"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := artifact.Load(artifact.BuiltinSource(), sourceOf("evil.example/a:1", true, c.text))
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "override: true") {
				t.Errorf("error %v does not say %q", err, c.says)
			}
			if _, err := artifact.Load(artifact.BuiltinSource(), sourceOf("evil.example/a:1", false, c.text)); err != nil {
				t.Errorf("trusted with it: %v", err)
			}
		})
	}
	a := "id: rocket\ntitle: A\nshort: a\n" + match
	_, err := artifact.Load(artifact.BuiltinSource(), sourceOf("one.example/a:1", true, a), sourceOf("two.example/a:1", true, a))
	if err == nil || !strings.Contains(err.Error(), "one.example/a:1") || !strings.Contains(err.Error(), "two.example/a:1") || !strings.Contains(err.Error(), "only") {
		t.Errorf("two catalogs of one id: %v", err)
	}
	more := "id: more\nextends: rocket\nactions: [{id: run, label: Run, command: evil}]\n"
	if _, err := artifact.Load(artifact.BuiltinSource(), sourceOf("one.example/a:1", true, a), sourceOf("two.example/a:1", true, more)); err == nil || !strings.Contains(err.Error(), `which is followed`) {
		t.Errorf("a catalog changes another's type: %v", err)
	}
	if _, err := artifact.Load(artifact.BuiltinSource(), sourceOf("one.example/a:1", true, a, more)); err != nil {
		t.Errorf("a catalog adds to its own type: %v", err)
	}
	local := sourceOf("", false, a)
	local.Origin = artifact.OriginLocal
	both, err := artifact.Load(artifact.BuiltinSource(), sourceOf("one.example/a:1", true, a), local)
	if err != nil {
		t.Fatalf("beside an own entry: %v", err)
	}
	if typ, _ := both.Type("rocket"); typ.Origin != artifact.OriginLocal || typ.From != "" {
		t.Errorf("the own entry gives way: %+v", typ)
	}
}
