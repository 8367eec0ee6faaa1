package artifact_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/types"
)

const (
	imageManifest = "application/vnd.oci.image.manifest.v1+json"
	imageIndex    = "application/vnd.oci.image.index.v1+json"
	imageConfig   = "application/vnd.oci.image.config.v1+json"
	imageLayer    = "application/vnd.oci.image.layer.v1.tar+gzip"
	empty         = "application/vnd.oci.empty.v1+json"
	someDigest    = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
)

// manifest writes an image manifest.
func manifest(artifactType, config string, annotations map[string]string, layers ...string) []byte {
	ls := []map[string]any{}
	for _, l := range layers {
		ls = append(ls, map[string]any{"mediaType": l, "digest": someDigest, "size": 2})
	}
	m := map[string]any{"schemaVersion": 2, "config": map[string]any{"mediaType": config, "digest": someDigest, "size": 2}, "layers": ls}
	return document(m, artifactType, annotations)
}

// document writes a manifest with what all forms have.
func document(m map[string]any, artifactType string, annotations map[string]string) []byte {
	if artifactType != "" {
		m["artifactType"] = artifactType
	}
	if annotations != nil {
		m["annotations"] = annotations
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return b
}

func TestHardCases(t *testing.T) {
	c := builtin(t)
	for _, x := range []struct {
		name     string
		manifest []byte
		want     string
		variant  string
	}{
		{"a plain image", manifest("", imageConfig, nil, imageLayer), "oci-image", ""},
		{"letter case and parameters", manifest("", "Application/Vnd.OCI.image.config.v1+JSON; charset=utf-8", nil, "application/vnd.OCI.image.layer.v1.tar+gzip; x=y"), "oci-image", ""},
		{"a signature with the image config", manifest("", imageConfig, nil, "application/vnd.dev.cosign.simplesigning.v1+json"), "cosign-signature", ""},
		{"an attestation with the image config", manifest("", imageConfig, nil, "application/vnd.dsse.envelope.v1+json"), "cosign-attestation", ""},
		{"a build attestation with the image config", manifest("", imageConfig, nil, "application/vnd.in-toto+json"), "buildkit-attestation", ""},
		{"an image with one foreign layer is no plain image", manifest("", imageConfig, nil, imageLayer, "application/vnd.example.thing"), "unknown", ""},
		{"a compat wasm image", manifest("", imageConfig, map[string]string{"module.wasm.image/variant": "compat"}, imageLayer), "wasm-image-compat", ""},
		{"a cache with image layers", manifest("", "application/vnd.buildkit.cacheconfig.v0", nil, imageLayer), "buildkit-cache", ""},
		{"an artifactType that nobody knows", manifest("application/vnd.example.thing", imageConfig, nil, imageLayer), "unknown", ""},
		{"an artifactType that is a layer type says nothing", manifest(imageLayer, "application/vnd.cncf.helm.config.v1+json", nil, "application/vnd.cncf.helm.chart.content.v1.tar+gzip"), "helm-chart", ""},
		{"a config type that nobody knows", manifest("", "application/vnd.example.config", nil, imageLayer), "unknown", ""},
		{"an unknown config over a known layer", manifest("", "application/vnd.example.config", nil, "application/vnd.aws.ecs.task.v1+json"), "unknown", ""},
		{"empty config without artifactType", manifest("", empty, nil, "text/plain; charset=utf-8"), "oras-files", ""},
		{"the empty artifact", manifest("", empty, nil, empty), "oci-empty-artifact", ""},
		{"a bundle that is a signature by its content", manifest("application/vnd.dev.sigstore.bundle.v0.3+json", empty, map[string]string{"dev.sigstore.bundle.content": "message-signature"}, "application/vnd.dev.sigstore.bundle.v0.3+json"), "sigstore-bundle", "signature"},
		{"a bundle that is an SBOM", manifest("application/vnd.dev.sigstore.bundle.v0.3+json", empty, map[string]string{"dev.sigstore.bundle.predicateType": "https://spdx.dev/Document/v2.3"}, "application/vnd.dev.sigstore.bundle.v0.3+json"), "sigstore-bundle", "sbom-spdx"},
		{"a bundle with a predicate that nobody knows", manifest("application/vnd.dev.sigstore.bundle.v0.3+json", empty, map[string]string{"dev.sigstore.bundle.predicateType": "https://example.com/p"}, "application/vnd.dev.sigstore.bundle.v0.3+json"), "sigstore-bundle", ""},
		{"a bundle with the parameter of old versions", manifest("application/vnd.dev.sigstore.bundle+json;version=0.2", empty, nil, "application/vnd.dev.sigstore.bundle+json;version=0.2"), "sigstore-bundle", ""},
		{"the proposal's bundle names ARM and ECS and stays a bundle", manifest("", "application/vnd.deislabs.cnab.config.v1+json", nil, "application/vnd.microsoft.arm.template.v1+json", "application/vnd.aws.ecs.task.v1+json"), "cnab-bundle", "proposal-2019"},
		{"no JSON", []byte("hello"), "invalid", ""},
		{"no object", []byte("[]"), "invalid", ""},
		{"an image without a config", []byte(`{"layers":[]}`), "invalid", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			in := artifact.Input{MediaType: imageManifest, Manifest: x.manifest}
			if id := c.Identify(in); id.Type != x.want || id.Variant != x.variant {
				t.Errorf("is %s %q, want %s %q\n%s", id.Type, id.Variant, x.want, x.variant, c.Explain(in))
			}
		})
	}
}

func TestIndexes(t *testing.T) {
	c := builtin(t)
	attested := `{"schemaVersion":2,"manifests":[
		{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:aa","size":1,"platform":{"os":"linux","architecture":"amd64"}},
		{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:bb","size":1,"platform":{"os":"unknown","architecture":"unknown"},
		 "annotations":{"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":"sha256:aa"}}]}`
	id := c.Identify(artifact.Input{MediaType: imageIndex, Manifest: []byte(attested)})
	if id.Type != "oci-image-index" || len(id.Platforms) != 1 || id.Platforms[0].String() != "linux/amd64" {
		t.Errorf("an attested index is %s with platforms %v", id.Type, id.Platforms)
	}
	if id.Companions["buildkit-attestation"] != 1 || len(id.Entries) != 2 || id.Entries[1].About != "sha256:aa" || id.Entries[1].Place != artifact.PlaceCompanion {
		t.Errorf("companions %v, entries %+v", id.Companions, id.Entries)
	}
	withDoc := `{"schemaVersion":2,"manifests":[
		{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:aa","size":1,"platform":{"os":"windows","architecture":"amd64"}},
		{"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.oci.doc.config.v1+json","digest":"sha256:bb","size":1}]}`
	id = c.Identify(artifact.Input{MediaType: imageIndex, Manifest: []byte(withDoc)})
	if id.Type != "oci-image-index" || len(id.Platforms) != 1 || id.Entries[1].Place != artifact.PlaceDocument {
		t.Errorf("an index with documentation is %s, %+v", id.Type, id.Entries)
	}
	unknown := `{"schemaVersion":2,"artifactType":"application/vnd.example.set","manifests":[]}`
	if id := c.Identify(artifact.Input{MediaType: imageIndex, Manifest: []byte(unknown)}); id.Type != "unknown" || id.Raw() != "application/vnd.example.set" {
		t.Errorf("an index of unknown artifactType is %s, shown as %q", id.Type, id.Raw())
	}
}

func TestFactsComeFromConfigAndAnnotations(t *testing.T) {
	c := builtin(t)
	in := artifact.Input{MediaType: imageManifest, Manifest: manifest("", "application/vnd.cncf.helm.config.v1+json",
		map[string]string{"org.opencontainers.image.title": "other", "org.opencontainers.image.licenses": "MIT"}, "application/vnd.cncf.helm.chart.content.v1.tar+gzip")}
	if id := c.Identify(in); !id.ConfigWanted {
		t.Error("a chart's config is not asked for")
	}
	in.Config = []byte(`{"name":"shop","version":"1.2.3","description":"two\nlines\u202e!"}`)
	id := c.Identify(in)
	for fact, want := range map[string]string{"title": "shop", "version": "1.2.3", "licence": "MIT", "description": "two lines!"} {
		if id.Facts[fact] != want {
			t.Errorf("%s = %q, want %q", fact, id.Facts[fact], want)
		}
	}
	if id.ConfigWanted {
		t.Error("the config is still asked for")
	}
}

func TestAttachedTo(t *testing.T) {
	c := builtin(t)
	hex := someDigest[len("sha256:"):]
	for tag, want := range map[string]string{
		"sha256-" + hex + ".sig": someDigest, "sha256-" + hex: someDigest, "sha256-" + hex + ".anything": someDigest,
		"v1": "", "sha256-abc.sig": "", "sha256-" + hex + "0.sig": "", "x-sha256-" + hex: "",
	} {
		for _, id := range []string{"cosign-signature", "unknown", "oci-image-index", "no-such-type"} {
			if got, ok := c.AttachedTo(id, tag); got != want || ok != (want != "") {
				t.Errorf("AttachedTo(%s, %s) = %q, %v", id, tag, got, ok)
			}
		}
	}
}

// FuzzIdentify holds that there is always one answer, whatever the bytes.
func FuzzIdentify(f *testing.F) {
	c := builtin(f)
	for _, typ := range c.Types() {
		for _, x := range c.Examples(typ.ID) {
			f.Add(x.MediaType, x.Manifest, x.Config)
		}
	}
	f.Add("", []byte(`{"manifests":[{"platform":null}],"layers":null}`), []byte(`{"a":{"b":[1]}}`))
	f.Fuzz(func(t *testing.T, mediaType string, m, config []byte) {
		in := artifact.Input{MediaType: mediaType, Manifest: m, Config: config}
		id := c.Identify(in)
		if _, ok := c.Type(id.Type); !ok {
			t.Fatalf("type %q is not in the catalog", id.Type)
		}
		if again := c.Identify(in); fmt.Sprint(again) != fmt.Sprint(id) {
			t.Fatalf("two answers: %v and %v", id, again)
		}
		fit(t, id)
		for _, plain := range []bool{true, false} {
			c.Actions(id, artifact.Target{Registry: "localhost:5000", Repository: "a/b", Tag: "v1", Digest: someDigest, PlainHTTP: plain})
		}
		_ = c.Explain(in).String()
	})
}

func BenchmarkIdentify(b *testing.B) {
	c := builtin(b)
	for _, id := range []string{"oci-image", "helm-chart", "oci-image-index"} {
		x := c.Examples(id)[0]
		b.Run(id, func(b *testing.B) {
			for b.Loop() {
				c.Identify(artifact.Input{MediaType: x.MediaType, Manifest: x.Manifest})
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := artifact.Load(artifact.Source{FS: types.FS}); err != nil {
			b.Fatal(err)
		}
	}
}
