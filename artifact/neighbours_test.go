package artifact_test

import (
	"slices"
	"testing"

	"github.com/argosy-registry/argosy/artifact"
)

// Types that share media types, and what tells them apart.
func TestNeighbours(t *testing.T) {
	const (
		wasmConfig = "application/vnd.wasm.config.v1+json"
		wasmLayer  = "application/vnd.wasm.content.layer.v1+wasm"
		dev        = "application/vnd.devcontainers"
		rego       = "application/vnd.cncf.openpolicyagent.policy.layer.v1+rego"
		opaConfig  = "application/vnd.cncf.openpolicyagent.config.v1+json"
		tofu       = "application/vnd.opentofu.provider-target"
		wasi       = `{"os":"wasip1","architecture":"wasm","config":{}}`
		labelled   = `{"os":"linux","architecture":"amd64","config":{"Labels":{"org.flatpak.ref":"app/a/b/c","a":"b"}}}`
	)
	for name, x := range map[string]struct {
		manifest     []byte
		config, want string
	}{
		"a Spin application is no Wasm container":    {manifest("", imageConfig, nil, wasmLayer, "application/vnd.fermyon.spin.application.v1+config"), wasi, "spin-app"},
		"a Wasm container":                           {manifest("", imageConfig, nil, imageLayer), wasi, "wasm-container"},
		"the same without its config is an image":    {manifest("", imageConfig, nil, imageLayer), "", "oci-image"},
		"an image with other labels":                 {manifest("", imageConfig, nil, imageLayer), `{"config":{"Labels":{"a":"b"}}}`, "oci-image"},
		"labels that are no object":                  {manifest("", imageConfig, nil, imageLayer), `{"config":{"Labels":[1]}}`, "oci-image"},
		"a label":                                    {manifest("", imageConfig, nil, imageLayer), labelled, "flatpak-image"},
		"a label under an unknown artifactType":      {manifest("application/vnd.example", imageConfig, nil, imageLayer), labelled, "unknown"},
		"a module of WebAssembly":                    {manifest("", wasmConfig, nil, wasmLayer), "", "wasm-legacy"},
		"one that is a policy":                       {manifest("", wasmConfig, map[string]string{"io.kubewarden.policy.title": "x"}, wasmLayer), "", "kubewarden-policy"},
		"one that is a gadget":                       {manifest("application/vnd.gadget.v1+binary", empty, nil, "application/vnd.gadget.wasm.program.v1+binary"), "", "inspektor-gadget"},
		"a model under a docker image's config":      {manifest("", dockerConfig, nil, "application/vnd.ollama.image.model", "application/vnd.ollama.image.license"), "", "ollama-model"},
		"a KCL package with a layer's type":          {manifest(imageLayer, empty, map[string]string{"org.kcllang.package.name": "k"}, imageLayer), "", "kcl-package"},
		"a provider under an image's config":         {manifest(tofu, imageConfig, nil, "archive/zip"), `{"os":"linux","architecture":"amd64"}`, "opentofu-provider-target"},
		"Rego files under the config of archives":    {manifest("", opaConfig, nil, rego), "", "opa-conftest"},
		"an archive under that config":               {manifest("", opaConfig, nil, "application/vnd.cncf.openpolicyagent.layer.v1.tar+gzip"), "", "opa-tar-bundle"},
		"a collection of Features":                   {manifest("", dev, nil, "application/vnd.devcontainers.collection.layer.v1+json"), "", "devcontainer-collection"},
		"a Feature of which nothing tells":           {manifest("", dev, nil, "application/vnd.devcontainers.layer.v1+tar"), "", "unknown"},
		"a bottle":                                   {manifest("", imageConfig, map[string]string{"com.github.package.type": "homebrew_bottle", "sh.brew.bottle.digest": "aa"}, imageLayer), "", "homebrew-bottle"},
		"a package of that annotation's other value": {manifest("", imageConfig, map[string]string{"com.github.package.type": "container"}, imageLayer), "", "oci-image"},
		"a policy that looks like an image":          {manifest("", imageConfig, map[string]string{"org.openpolicyregistry.type": "policy"}, imageLayer), "", "opa-bundle"},
		"Syft's form under an image's config":        {manifest("", imageConfig, nil, "application/vnd.syft+json"), "", "cosign-sbom"},
		"Syft's form by itself":                      {manifest("", empty, nil, "application/vnd.syft+json"), "", "sbom-syft"},
		"a Nydus layer":                              {manifest("", imageConfig, nil, "application/vnd.oci.image.layer.nydus.blob.v1", imageLayer), "", "nydus-image"},
		"a chart and a plugin of Helm":               {manifest("application/vnd.helm.plugin.v1+json", empty, nil, imageLayer), "", "helm-plugin"},
	} {
		t.Run(name, func(t *testing.T) {
			in := artifact.Input{MediaType: imageManifest, Manifest: x.manifest, Config: []byte(x.config)}
			if id := builtin(t).Identify(in); id.Type != x.want {
				t.Errorf("is %s, want %s\n%s", id.Type, x.want, builtin(t).Explain(in))
			}
		})
	}
}

// Accelerators stand in an image's index and leave it an image.
func TestAcceleratedIndexStaysAnImage(t *testing.T) {
	linux := `{"mediaType":"` + imageManifest + `","digest":"sha256:aa","size":1,"platform":{"os":"linux","architecture":"amd64"}`
	for name, x := range map[string]struct {
		entry string
		place artifact.Place
		about string
	}{
		"SOCI":  {linux + `,"artifactType":"application/vnd.amazon.soci.index.v2+json","annotations":{"com.amazon.soci.image-manifest-digest":"sha256:aa"}}`, artifact.PlaceCompanion, "sha256:aa"},
		"Nydus": {linux + `,"artifactType":"application/vnd.nydus.image.manifest.v1+json"}`, artifact.PlacePart, ""},
	} {
		id := builtin(t).Identify(artifact.Input{MediaType: imageIndex, Manifest: []byte(`{"manifests":[` + linux + `},` + x.entry + `]}`)})
		if id.Type != "oci-image-index" || len(id.Platforms) != 1 || id.Entries[1].Place != x.place || id.Entries[1].About != x.about {
			t.Errorf("%s: is %s with platforms %v, entries %+v", name, id.Type, id.Platforms, id.Entries)
		}
	}
}

func TestTraitsStandBesideTheType(t *testing.T) {
	m := []byte(`{` + config(imageConfig) + `,"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+zstd","digest":"sha256:aa","size":1,"annotations":{
		"containerd.io/snapshot/stargz/toc.digest":"sha256:bb","io.containers.zstd-chunked.manifest-checksum":"sha256:cc"}}]}`)
	id := builtin(t).Identify(artifact.Input{MediaType: imageManifest, Manifest: m})
	if id.Type != "oci-image" || !slices.Equal(id.Traits, []string{"estargz-image", "zstd-chunked-image"}) {
		t.Errorf("is %s with traits %q", id.Type, id.Traits)
	}
}
