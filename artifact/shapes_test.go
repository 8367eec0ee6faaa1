package artifact_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/artifact"
)

const (
	manifestList = "application/vnd.docker.distribution.manifest.list.v2+json"
	dockerConfig = "application/vnd.docker.container.image.v1+json"
	dockerV2     = "application/vnd.docker.distribution.manifest.v2+json"
	cacheConfig  = "application/vnd.buildkit.cacheconfig.v0"
	gzipLayer    = `{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:aa","size":3}`
)

// config is the config member of a manifest.
func config(mediaType string) string {
	return fmt.Sprintf(`"config":{"mediaType":%q,"digest":"sha256:bb","size":2}`, mediaType)
}

// Documents as real tools write them, faults included.
func TestShapesInTheWild(t *testing.T) {
	linux := `{"mediaType":"` + imageManifest + `","digest":"sha256:cc","size":1,"platform":{"os":"linux","architecture":"amd64"}}`
	for name, x := range map[string]struct {
		mediaType, body, want string
	}{
		"a docker list":                        {manifestList, `{"schemaVersion":2,"manifests":[` + linux + `]}`, "docker-manifest-list"},
		"a list whose body alone says so":      {"", `{"mediaType":"` + manifestList + `","manifests":[` + linux + `]}`, "docker-manifest-list"},
		"an index of which nothing says so":    {"", `{"schemaVersion":2,"manifests":[` + linux + `]}`, "oci-image-index"},
		"an image of which nothing says so":    {"", `{` + config(imageConfig) + `,"layers":[` + gzipLayer + `]}`, "oci-image"},
		"a docker image in an OCI manifest":    {imageManifest, `{` + config(dockerConfig) + `,"layers":[` + gzipLayer + `]}`, "docker-image"},
		"an OCI image in a docker manifest":    {dockerV2, `{` + config(imageConfig) + `,"layers":[` + gzipLayer + `]}`, "oci-image"},
		"an image without layers":              {imageManifest, `{` + config(imageConfig) + `,"layers":[]}`, "oci-image"},
		"an image whose layers are null":       {imageManifest, `{` + config(imageConfig) + `,"layers":null}`, "oci-image"},
		"an image with a subject":              {imageManifest, `{` + config(imageConfig) + `,"layers":[` + gzipLayer + `],"subject":{"digest":"sha256:dd"}}`, "oci-image"},
		"layers of CNAB that are null":         {imageManifest, `{` + config("application/vnd.cnab.config.v1+json") + `,"layers":null}`, "cnab-config"},
		"a config of size 0":                   {imageManifest, `{"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"sha256:e3","size":0},"layers":[]}`, "helm-chart"},
		"a config without a digest":            {imageManifest, `{"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json"},"layers":[]}`, "invalid"},
		"the proposal's config of manifests":   {imageManifest, `{"config":{"manifests":[{"mediaType":"application/vnd.deislabs.cnab.config.v1+json"}]},"layers":[]}`, "invalid"},
		"an attached SBOM of cosign":           {imageManifest, `{` + config(imageConfig) + `,"layers":[{"mediaType":"text/spdx+json","digest":"sha256:aa","size":1}]}`, "cosign-sbom"},
		"a build attestation of docker types":  {dockerV2, `{` + config(dockerConfig) + `,"layers":[{"mediaType":"application/vnd.in-toto+json","digest":"sha256:aa","size":1}]}`, "buildkit-attestation"},
		"a cache that is an index of blobs":    {imageIndex, `{"manifests":[` + gzipLayer + `,{"mediaType":"` + cacheConfig + `","digest":"sha256:bb","size":2}]}`, "buildkit-cache"},
		"a cache that is a docker list":        {manifestList, `{"manifests":[` + gzipLayer + `,{"mediaType":"` + cacheConfig + `","digest":"sha256:bb","size":2}]}`, "buildkit-cache"},
		"the index of a bundle":                {imageIndex, `{"manifests":[` + linux + `],"annotations":{"org.opencontainers.artifactType":"application/vnd.cnab.manifest.v1"}}`, "cnab-bundle"},
		"a bundle told by its entries":         {imageIndex, `{"manifests":[` + strings.Replace(linux, `"size"`, `"annotations":{"io.cnab.manifest.type":"invocation"},"size"`, 1) + `]}`, "cnab-bundle"},
		"an annotation of CNAB on a chart":     {imageManifest, `{` + config("application/vnd.cncf.helm.config.v1+json") + `,"layers":[],"annotations":{"io.cnab.runtime_version":"v1"}}`, "helm-chart"},
		"that key with another value":          {imageIndex, `{"manifests":[` + linux + `],"annotations":{"org.opencontainers.artifactType":"application/vnd.example"}}`, "oci-image-index"},
		"files for a platform":                 {imageManifest, `{"artifactType":"application/vnd.example",` + config(imageConfig) + `,"layers":[` + gzipLayer + `]}`, "unknown"},
		"an artifactType that is a layer type": {imageManifest, `{"artifactType":"application/vnd.oci.image.layer.v1.tar",` + config(empty) + `,"layers":[` + gzipLayer + `]}`, "oras-files"},
		"an artifactType that is empty":        {imageManifest, `{"artifactType":"",` + config(empty) + `,"layers":[` + gzipLayer + `]}`, "oras-files"},
		"an unknown config over a statement":   {imageManifest, `{` + config("application/vnd.example") + `,"layers":[{"mediaType":"application/vnd.dsse.envelope.v1+json","digest":"sha256:aa","size":1}]}`, "unknown"},
		"an unknown artifactType over a chart": {imageManifest, `{"artifactType":"application/vnd.example",` + config("application/vnd.cncf.helm.config.v1+json") + `,"layers":[]}`, "unknown"},
		"entries that agree":                   {imageIndex, `{"manifests":[{"digest":"sha256:aa","artifactType":"application/wasm"},{"digest":"sha256:bb","artifactType":"Application/Wasm"}]}`, "wasm"},
		"entries that agree, and a document":   {imageIndex, `{"manifests":[{"digest":"sha256:aa","artifactType":"application/wasm"},{"digest":"sha256:bb","artifactType":"application/vnd.oci.doc.config.v1+json"}]}`, "wasm"},
		"entries that do not agree":            {imageIndex, `{"manifests":[{"digest":"sha256:aa","artifactType":"application/wasm"},` + linux + `]}`, "oci-image-index"},
		"entries that agree on the unknown":    {imageIndex, `{"manifests":[{"digest":"sha256:aa","artifactType":"application/vnd.example"}]}`, "unknown"},
		"entries that say the image config":    {imageIndex, `{"manifests":[{"digest":"sha256:aa","artifactType":"` + imageConfig + `","platform":{"os":"linux"}}]}`, "oci-image-index"},
		"an index that says more than them":    {imageIndex, `{"artifactType":"application/vnd.example.set","manifests":[{"digest":"sha256:aa","artifactType":"application/wasm"}]}`, "unknown"},
		"the withdrawn form":                   {"application/vnd.oci.artifact.manifest.v1+json", `{"blobs":[` + gzipLayer + `]}`, "oci-artifact-manifest"},
		"the withdrawn form with a type":       {"application/vnd.oci.artifact.manifest.v1+json", `{"artifactType":"application/vnd.cncf.notary.signature","blobs":[` + gzipLayer + `]}`, "notation-signature"},
		"no form at all":                       {"application/json", `{"hello":"world"}`, "unknown"},
		"members of the wrong kind":            {imageManifest, `{"artifactType":7,"config":{"mediaType":"` + imageConfig + `","digest":"sha256:bb","size":"2"},"layers":{"a":1},"annotations":[1],"subject":3}`, "oci-image"},
		"entries of the wrong kind":            {imageIndex, `{"manifests":[1,null,{"platform":"linux","digest":2}]}`, "oci-image-index"},
		"nothing":                              {imageManifest, ``, "invalid"},
		"JSON and more":                        {imageManifest, `{"manifests":[]} {}`, "invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			in := artifact.Input{MediaType: x.mediaType, Manifest: []byte(x.body)}
			if id := builtin(t).Identify(in); id.Type != x.want {
				t.Errorf("is %s, want %s\n%s", id.Type, x.want, builtin(t).Explain(in))
			}
		})
	}
}

func TestUnknownIsShownByItsRawType(t *testing.T) {
	for name, x := range map[string]struct{ body, want string }{
		"artifactType":    {`{"artifactType":"Application/Vnd.Example;v=1",` + config("application/vnd.acme.config") + `}`, "Application/Vnd.Example;v=1"},
		"config type":     {`{` + config("application/vnd.acme.config") + `,"layers":[]}`, "application/vnd.acme.config"},
		"agreed":          {`{"manifests":[{"digest":"sha256:aa","artifactType":"application/vnd.acme"}]}`, "application/vnd.acme"},
		"form of its own": {`{"mediaType":"application/vnd.acme.manifest"}`, "application/vnd.acme.manifest"},
	} {
		id := builtin(t).Identify(artifact.Input{Manifest: []byte(x.body)})
		if id.Type != artifact.Unknown || id.Known || id.Raw() != x.want {
			t.Errorf("%s: is %s (known: %v), shown as %q, want %q", name, id.Type, id.Known, id.Raw(), x.want)
		}
	}
}

// An index that a builder attested: its platforms are those that run, each
// attestation is about one of them.
func TestEntriesOfAnIndex(t *testing.T) {
	entry := func(digest, platform, more string) string {
		return fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":7,"platform":%s%s}`, imageManifest, digest, platform, more)
	}
	about := func(digest string) string {
		return `,"annotations":{"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":"` + digest + `"}`
	}
	nowhere := `{"os":"unknown","architecture":"unknown"}`
	id := builtin(t).Identify(artifact.Input{MediaType: imageIndex, Manifest: []byte(`{"manifests":[` + strings.Join([]string{
		entry("sha256:aa", `{"os":"linux","architecture":"arm64","variant":"v8"}`, ""),
		entry("sha256:bb", `{"os":"windows","architecture":"amd64","os.version":"10.0.1"}`, ""),
		entry("sha256:cc", nowhere, about("sha256:aa")),
		entry("sha256:dd", nowhere, about("sha256:bb")),
		entry("sha256:ee", nowhere, ""),
		`{"digest":"sha256:ff","artifactType":"application/vnd.cncf.notary.signature"}`,
		`{"digest":"sha256:00","artifactType":"application/vnd.oci.doc.config.v1+json","platform":{"os":"linux","architecture":"arm64"}}`,
	}, ",") + `]}`)})
	var platforms, entries []string
	for _, p := range id.Platforms {
		platforms = append(platforms, p.String()+" "+p.OSVersion+" "+p.Digest)
	}
	for _, e := range id.Entries {
		entries = append(entries, strings.TrimSpace(string(e.Place)+" "+e.Type+" "+e.About))
	}
	if diff := cmp.Diff([]string{"linux/arm64/v8  sha256:aa", "windows/amd64 10.0.1 sha256:bb"}, platforms); diff != "" {
		t.Error("platforms:", diff)
	}
	if diff := cmp.Diff([]string{
		"platform", "platform", "companion buildkit-attestation sha256:aa", "companion buildkit-attestation sha256:bb", "part",
		"companion notation-signature", "document oci-doc",
	}, entries); diff != "" {
		t.Error("entries:", diff)
	}
	if diff := cmp.Diff(map[string]int{"buildkit-attestation": 2, "notation-signature": 1}, id.Companions); diff != "" {
		t.Error("companions:", diff)
	}
	if id.Type != "oci-image-index" || id.TotalSize < 35 {
		t.Errorf("is %s of %d bytes", id.Type, id.TotalSize)
	}
}

// What a bundle or statement is, its predicate says.
func TestPredicates(t *testing.T) {
	for predicate, want := range map[string]string{
		"https://sigstore.dev/cosign/sign/v1":             "signature",
		"https://slsa.dev/provenance/v1":                  "slsa-provenance",
		"https://slsa.dev/provenance/v0.2":                "slsa-provenance",
		"https://spdx.dev/Document":                       "sbom-spdx",
		"https://cyclonedx.org/bom/v1.6":                  "sbom-cyclonedx",
		"https://openvex.dev/ns/v0.2.0":                   "openvex",
		"https://cosign.sigstore.dev/attestation/vuln/v1": "vuln-report",
		"https://example.com/other":                       "",
		"":                                                "",
	} {
		for typ, x := range map[string]struct{ artifactType, key string }{
			"sigstore-bundle":     {"application/vnd.dev.sigstore.bundle.v0.3+json", "dev.sigstore.bundle.predicateType"},
			"in-toto-attestation": {"application/vnd.in-toto+json", "in-toto.io/predicate-type"},
		} {
			annotations := map[string]string{x.key: predicate, "dev.sigstore.bundle.content": "dsse-envelope"}
			id := builtin(t).Identify(artifact.Input{MediaType: imageManifest, Manifest: manifest(x.artifactType, empty, annotations, x.artifactType)})
			if id.Type != typ || id.Variant != want || !id.Companion {
				t.Errorf("%s: is %s %q (companion: %v), want %s %q", predicate, id.Type, id.Variant, id.Companion, typ, want)
			}
		}
	}
}
