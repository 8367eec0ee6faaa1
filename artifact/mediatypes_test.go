package artifact_test

import (
	"encoding/json"
	"testing"

	"github.com/argosy-registry/argosy/artifact"
)

const unknownConfig = "application/vnd.unknown.config.v1+json"

// index writes an index of entries.
func index(artifactType string, annotations map[string]string, entries ...map[string]any) []byte {
	return document(map[string]any{"schemaVersion": 2, "manifests": entries}, artifactType, annotations)
}

// on is an entry of an index for a platform; of no platform when os is empty.
func on(os, artifactType string, annotations map[string]string) map[string]any {
	e := map[string]any{"mediaType": imageManifest, "digest": someDigest, "size": 2}
	if os != "" {
		e["platform"] = map[string]string{"os": os, "architecture": "amd64"}
	}
	if artifactType != "" {
		e["artifactType"] = artifactType
	}
	if annotations != nil {
		e["annotations"] = annotations
	}
	return e
}

// titled is a manifest whose one layer has a file name and other annotations.
func titled(config, layer, title string, annotations map[string]string) []byte {
	a := map[string]string{"org.opencontainers.image.title": title}
	for key, value := range annotations {
		a[key] = value
	}
	b, err := json.Marshal(map[string]any{
		"config": map[string]any{"mediaType": config, "digest": someDigest, "size": 2},
		"layers": []any{map[string]any{"mediaType": layer, "digest": someDigest, "size": 2, "annotations": a}},
	})
	if err != nil {
		panic(err)
	}
	return b
}

type note = map[string]string

// Every media type and mark that tools, historical ones too, and the proposal of
// 2019 are known to write leads to its type. Where what is known of them
// contradicts itself, the entry's notes say what was decided.
func TestMediaTypesLeadToTheirType(t *testing.T) {
	for want, manifests := range mediaTypeCases {
		for i, m := range manifests {
			mediaType := imageManifest
			var shape struct{ Manifests, Blobs []any }
			if err := json.Unmarshal(m, &shape); err != nil {
				t.Fatal(err)
			}
			if shape.Manifests != nil {
				mediaType = imageIndex
			} else if shape.Blobs != nil {
				mediaType = "" // its body says so
			}
			in := artifact.Input{MediaType: mediaType, Manifest: m}
			if id := builtin(t).Identify(in); id.Type != want {
				t.Errorf("number %d of %s is %s: %s\n%s", i+1, want, id.Type, m, builtin(t).Explain(in))
			}
		}
	}
}

// withdrawn is a manifest of the withdrawn form.
func withdrawn(mediaType, artifactType string) []byte {
	return []byte(`{"mediaType":"` + mediaType + `","artifactType":"` + artifactType + `","blobs":[{"mediaType":"application/octet-stream","digest":"` + someDigest + `","size":2}]}`)
}

var mediaTypeCases = map[string][][]byte{
	"oci-image": {
		manifest("", imageConfig, nil, "application/vnd.oci.image.layer.v1.tar", imageLayer, "application/vnd.oci.image.layer.v1.tar+zstd"),
		manifest("", imageConfig, nil, "application/vnd.oci.image.layer.nondistributable.v1.tar", "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"),
		manifest("", imageConfig, nil, "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd"),
	},
	"docker-image": {
		manifest("", dockerConfig, nil, "application/vnd.docker.image.rootfs.diff.tar.gzip", "application/vnd.docker.image.rootfs.diff.tar"),
		manifest("", dockerConfig, nil, "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"),
	},
	"helm-chart": {
		manifest("", "application/vnd.cncf.helm.config.v1+json", nil, "application/vnd.cncf.helm.chart.content.v1.tar+gzip", "application/vnd.cncf.helm.chart.provenance.v1.prov"),
		manifest("", "application/vnd.cncf.helm.config.v1+json", nil, "application/tar+gzip"),
		manifest("", "application/vnd.cncf.helm.config.v3+json", nil, "application/vnd.cncf.helm.chart.layer.v3.tar+gzip", "application/vnd.cncf.helm.values.layer.v3+tar"),
		manifest("", "application/vnd.cncf.helm.chart.config.v1+json", nil, "application/vnd.cncf.helm.chart.layer.v1.tar+gzip", "application/vnd.cncf.helm.chart.meta.layer.v1+json"),
	},
	"helm-plugin": {
		manifest("application/vnd.helm.plugin.v1+json", empty, nil, "application/vnd.oci.image.layer.v1.tar"),
		manifest("", "application/vnd.helm.plugin.v1+json", nil, imageLayer),
	},
	"cnab-bundle": {
		index("", note{"org.opencontainers.artifactType": "application/vnd.cnab.manifest.v1"}, on("linux", "", nil)),
		index("", note{"io.cnab.runtime_version": "v1.0.0"}, on("linux", "", nil)),
		index("", nil, on("linux", "", note{"io.cnab.manifest.type": "invocation"})),
		index("", nil, on("", "", note{"io.cnab.manifest.type": "config"}), on("linux", "", note{"io.cnab.manifest.type": "component"})),
		manifest("", "application/vnd.deislabs.cnab.config.v1+json", nil, "application/vnd.deislabs.cnab.component.v1.tar+gzip", imageIndex, imageManifest),
	},
	"cnab-config": {
		manifest("", "application/vnd.cnab.config.v1+json", nil),
		manifest("", "application/vnd.cnab.bundle.config.v1+json", nil),
	},
	"cnab-component": {
		manifest("", unknownConfig, nil, "application/vnd.deislabs.cnab.component.v1"),
		manifest("", unknownConfig, nil, "application/vnd.deislabs.cnab.component.v1.tar+gzip"),
	},
	"arm-template": {
		manifest("", "application/vnd.microsoft.arm.template.v1+json", nil),
		manifest("", unknownConfig, nil, "application/vnd.microsoft.arm.template.v1+json"),
	},
	"aws-ecs-task": {
		manifest("", "application/vnd.aws.ecs.task.v1+json", nil),
		manifest("", unknownConfig, nil, "application/vnd.aws.ecs.task.v1+json"),
	},
	"oci-doc": {
		manifest("", "application/vnd.oci.doc.config.v1+json", nil, "application/vnd.oci.doc.layer.v1.tar"),
	},
	"bicep-module": {
		manifest("application/vnd.ms.bicep.module.artifact", "application/vnd.ms.bicep.module.config.v1+json", nil, "application/vnd.ms.bicep.module.layer.v1+json", "application/vnd.ms.bicep.module.source.v1.tar+gzip"),
		manifest("application/vnd.MS.Bicep.module.artifact", empty, nil),
		manifest("", "application/vnd.ms.bicep.module.config.v1+json", nil, "application/vnd.ms.bicep.module.layer.v1+json"),
	},
	"bicep-extension": {
		manifest("application/vnd.ms.bicep.provider.artifact", "application/vnd.ms.bicep.provider.config.v1+json", nil, "application/vnd.ms.bicep.provider.layer.v1.tar+gzip"),
		manifest("", "application/vnd.ms.bicep.provider.config.v1+json", nil, "application/vnd.ms.bicep.provider.layer.v1.linux-x64.binary"),
	},
	"oras-files": {
		manifest("application/vnd.unknown.artifact.v1", empty, nil, "text/plain"),
		manifest("", unknownConfig, nil, "text/plain"),
		manifest("", empty, nil, "text/plain; charset=utf-8"),
		manifest("", unknownConfig, nil, imageLayer), // a bundle of OPA cannot be told from it
	},
	"oci-empty-artifact": {manifest("", empty, nil, empty)},
	"oci-artifact-manifest": {
		withdrawn("application/vnd.oci.artifact.manifest.v1+json", ""),
		withdrawn("application/vnd.cncf.oras.artifact.manifest.v1+json", "application/vnd.unknown.artifact.v1"),
	},
	"unknown": {
		manifest("application/vnd.example", empty, nil, empty),
		manifest("application/vnd.example", imageConfig, nil, imageLayer),
		manifest("", dockerConfig, nil, dockerConfig),
		withdrawn("application/vnd.oci.artifact.manifest.v1+json", "application/vnd.example"),
	},
	"cosign-signature": {
		manifest("", imageConfig, nil, "application/vnd.dev.cosign.simplesigning.v1+json"),
		manifest("", "application/vnd.dev.cosign.artifact.sig.v1+json", nil, "application/vnd.dev.cosign.simplesigning.v1+json"),
	},
	"cosign-attestation": {
		manifest("", imageConfig, nil, "application/vnd.dsse.envelope.v1+json"),
		titled(imageConfig, "application/vnd.dsse.envelope.v1+json", "", note{"predicateType": "https://slsa.dev/provenance/v1"}),
		titled(imageConfig, "application/vnd.dsse.envelope.v1+json", "", note{"predicateType": "https://cosign.sigstore.dev/attestation/vuln/v1"}),
	},
	"cosign-sbom": {
		manifest("", imageConfig, nil, "text/spdx"), manifest("", imageConfig, nil, "text/spdx+xml"), manifest("", imageConfig, nil, "text/spdx+json"),
		manifest("", imageConfig, nil, "application/vnd.cyclonedx"), manifest("", imageConfig, nil, "application/vnd.cyclonedx+xml"),
		manifest("", imageConfig, nil, "application/vnd.cyclonedx+json"), manifest("", imageConfig, nil, "application/vnd.syft+json"),
		manifest("", "application/vnd.dev.cosign.artifact.sbom.v1+json", nil, "text/spdx"),
	},
	"sigstore-bundle": {
		manifest("application/vnd.dev.sigstore.bundle.v0.3+json", empty, nil, "application/vnd.dev.sigstore.bundle.v0.3+json"),
		manifest("application/vnd.dev.sigstore.bundle+json;version=0.1", empty, nil),
		manifest("application/vnd.dev.sigstore.bundle+json;version=0.3", empty, nil),
	},
	"notation-signature": {
		manifest("application/vnd.cncf.notary.signature", empty, nil, "application/jose+json"),
		manifest("", "application/vnd.cncf.notary.signature", nil, "application/cose"),
		withdrawn("application/vnd.oci.artifact.manifest.v1+json", "application/vnd.cncf.notary.signature"),
		manifest("application/vnd.cncf.notary.v2.signature", empty, nil, "application/jose+json"),
	},
	"sbom-spdx": {manifest("application/spdx+json", empty, nil, "application/spdx+json"), manifest("", empty, nil, "application/spdx+json")},
	"sbom-cyclonedx": {
		manifest("application/vnd.cyclonedx+json", empty, nil, "application/vnd.cyclonedx+json"),
		manifest("application/vnd.cyclonedx+xml", empty, nil, "application/vnd.cyclonedx+xml"),
	},
	"sbom-syft":   {manifest("application/vnd.syft+json", empty, nil, "application/vnd.syft+json")},
	"harbor-sbom": {manifest("", "application/vnd.goharbor.harbor.sbom.v1", nil, "application/vnd.oci.image.layer.v1.tar")},
	"in-toto-attestation": {
		manifest("application/vnd.in-toto+json", empty, nil, "application/vnd.in-toto+json"),
		manifest("application/vnd.in-toto+json", empty, nil, "application/vnd.dsse.envelope.v1+json"),
		manifest("application/vnd.dsse.envelope.v1+json", empty, nil, "application/vnd.dsse.envelope.v1+json"),
	},
	"openvex": {
		manifest("application/vnd.openvex+json", empty, nil, "application/vnd.openvex+json"),
		manifest("application/vnd.openvex", empty, nil, "text/plain"),
		manifest("application/vnd.openvex.vex+json", empty, nil, "text/plain"),
	},
	"sarif-report": {manifest("application/sarif+json", empty, nil, "application/sarif+json")},
	"buildkit-attestation": {
		manifest("application/vnd.docker.attestation.manifest.v1+json", empty, nil, "application/vnd.in-toto+json"),
		manifest("", imageConfig, nil, "application/vnd.in-toto+json"),
		manifest("", dockerConfig, nil, "application/vnd.in-toto+json"),
	},
	"buildkit-cache": {
		manifest("", "application/vnd.buildkit.cacheconfig.v0", nil, imageLayer),
		[]byte(`{"manifests":[` + gzipLayer + `,{"mediaType":"application/vnd.buildkit.cacheconfig.v0","digest":"sha256:aa","size":1}]}`),
	},
	"referrers-index": {
		index("", nil, on("", "application/vnd.cncf.notary.signature", nil), on("", "application/spdx+json", nil)),
		index("", nil, on("", "application/vnd.example.one", nil), on("", "application/vnd.example.two", nil)),
	},
	"wasm": {
		manifest("", "application/vnd.wasm.config.v0+json", nil, "application/wasm"),
	},
	"wasm-legacy": {
		manifest("", "application/vnd.wasm.config.v1+json", nil, "application/vnd.wasm.content.layer.v1+wasm"),
		manifest("", "application/vnd.module.wasm.config.v1+json", nil, "application/vnd.module.wasm.content.layer.v1+wasm"),
		manifest("", unknownConfig, nil, "application/vnd.module.wasm.content.layer.v1+wasm"),
		manifest("", unknownConfig, nil, "application/vnd.module.wasm.config.v1+json", "application/vnd.module.wasm.content.layer.v1+wasm"),
	},
	"wasm-image-compat": {
		manifest("", imageConfig, note{"module.wasm.image/variant": "compat"}, imageLayer),
		manifest("", imageConfig, note{"run.oci.handler": "wasm"}, imageLayer),
	},
	"spin-app": {
		manifest("", imageConfig, nil, "application/vnd.wasm.content.layer.v1+wasm", "application/vnd.wasm.content.layer.v1+data", "application/vnd.fermyon.spin.application.v1+config"),
		manifest("", imageConfig, nil, "application/vnd.wasm.content.bundle.v1.tar+gzip", "application/vnd.fermyon.spin.application.v1+config"),
	},
	"docker-plugin": {manifest("", "application/vnd.docker.plugin.v1+json", nil, "application/vnd.docker.image.rootfs.diff.tar.gzip")},
	"compose-project": {
		manifest("application/vnd.docker.compose.project", empty, nil, "application/vnd.docker.compose.file+yaml", "application/vnd.docker.compose.envfile"),
		manifest("", "application/vnd.docker.compose.config.empty.v1+json", nil, "application/vnd.docker.compose.file+yaml"),
	},
	"compose-app-images":    {[]byte(`{"manifests":[],"subject":{"digest":"` + someDigest + `"},"annotations":{"com.docker.compose.version":"2.40.0"}}`)},
	"homebrew-bottle-index": {index("", note{"com.github.package.type": "homebrew_bottle"}, on("darwin", "", nil))},
	"homebrew-bottle":       {manifest("", imageConfig, note{"com.github.package.type": "homebrew_bottle", "sh.brew.bottle.digest": "aa"}, imageLayer)},
	"devcontainer-feature": {
		titled("application/vnd.devcontainers", "application/vnd.devcontainers.layer.v1+tar", "devcontainer-feature-go.tgz", nil),
		manifest("", "application/vnd.devcontainers", note{"com.github.package.type": "devcontainer_feature"}, "application/vnd.devcontainers.layer.v1+tar"),
	},
	"devcontainer-template": {
		titled("application/vnd.devcontainers", "application/vnd.devcontainers.layer.v1+tar", "devcontainer-template-go.tgz", nil),
		manifest("", "application/vnd.devcontainers", note{"com.github.package.type": "devcontainer_template"}, "application/vnd.devcontainers.layer.v1+tar"),
	},
	"devcontainer-collection": {manifest("", "application/vnd.devcontainers", nil, "application/vnd.devcontainers.collection.layer.v1+json")},
	"sif": {
		manifest("", "application/vnd.sylabs.sif.config.v1+json", nil, "application/vnd.sylabs.sif.layer.v1.sif"),
		manifest("", "application/vnd.sylabs.sif.config.v1+json", nil, "appliciation/vnd.sylabs.sif.layer.tar"),
		manifest("", unknownConfig, nil, "appliciation/vnd.sylabs.sif.layer.tar"),
	},
	"bootc-image": {manifest("", imageConfig, note{"containers.bootc": "1"}, imageLayer)},
	"podman-machine-index": {
		index("", nil, on("linux", "", nil), on("linux", "", note{"disktype": "applehv"})),
		index("", nil, on("linux", "", note{"disktype": "wsl"})),
	},
	"podman-machine-disk": {titled(empty, "application/zstd", "podman-machine.aarch64.applehv.raw.zst", nil)},
	"source-image":        {manifest("", "application/vnd.oci.source.image.config.v1+json", nil, imageLayer)},
	"opa-conftest": {
		manifest("", unknownConfig, nil, "application/vnd.cncf.openpolicyagent.policy.layer.v1+rego"),
		manifest("", unknownConfig, nil, "application/vnd.cncf.openpolicyagent.data.layer.v1+json"),
		manifest("", "application/vnd.cncf.openpolicyagent.config.v1+json", nil, "application/vnd.cncf.openpolicyagent.policy.layer.v1+rego", "application/vnd.cncf.openpolicyagent.manifest.layer.v1+json"),
	},
	"opa-tar-bundle": {
		manifest("application/vnd.cncf.openpolicyagent.config.v1+json", empty, nil, "application/vnd.cncf.openpolicyagent.layer.v1.tar+gzip"),
		manifest("", "application/vnd.cncf.openpolicyagent.config.v1+json", nil, "application/vnd.cncf.openpolicyagent.layer.v1.tar+gzip"),
	},
	"opa-bundle": {
		manifest("", imageConfig, note{"org.openpolicyregistry.type": "policy"}, imageLayer),
		manifest("", empty, note{"org.openpolicyregistry.type": "policy"}, imageLayer),
	},
	"kyverno-policy":    {manifest("", "application/vnd.cncf.kyverno.config.v1+json", nil, "application/vnd.cncf.kyverno.policy.layer.v1+yaml")},
	"kubewarden-policy": {manifest("", "application/vnd.wasm.config.v1+json", note{"io.kubewarden.kwctl": "1"}, "application/vnd.wasm.content.layer.v1+wasm")},
	"flux-artifact": {
		manifest("", "application/vnd.cncf.flux.config.v1+json", nil, "application/vnd.cncf.flux.content.v1.tar+gzip"),
		manifest("", "application/vnd.cncf.flux.config.v1+json", nil, "application/vnd.cncf.flux.content.v1"),
		manifest("", dockerConfig, note{"source.toolkit.fluxcd.io/url": "https://x"}, "application/vnd.docker.image.rootfs.diff.tar.gzip"),
		manifest("", imageConfig, note{"source.toolkit.fluxcd.io/url": "https://x"}, imageLayer),
	},
	"timoni-module": {
		titled("application/vnd.timoni.config.v1+json", "application/vnd.timoni.content.v1.tar+gzip", "", note{"sh.timoni.content.type": "module"}),
		titled("application/vnd.timoni.config.v1+json", "application/vnd.timoni.content.v1.tar+gzip", "", note{"sh.timoni.content.type": "module/vendor"}),
	},
	"timoni-artifact": {
		titled("application/vnd.timoni.config.v1+json", "application/vnd.timoni.content.v1.tar+gzip", "", note{"sh.timoni.content.type": "cue.mod/pkg"}),
	},
	"cue-module":               {manifest("", "application/vnd.cue.module.v1+json", nil, "application/zip", "application/vnd.cue.modulefile.v1")},
	"kcl-package":              {manifest(imageLayer, empty, note{"org.kcllang.package.name": "k"}, "application/vnd.oci.image.layer.v1.tar")},
	"opentofu-module":          {manifest("application/vnd.opentofu.modulepkg", empty, nil, "archive/zip")},
	"opentofu-provider":        {index("application/vnd.opentofu.provider", nil, on("linux", "application/vnd.opentofu.provider-target", nil))},
	"opentofu-provider-target": {manifest("application/vnd.opentofu.provider-target", imageConfig, nil, "archive/zip")},
	"crossplane-xpkg":          {titled(imageConfig, imageLayer, "", note{"io.crossplane.xpkg": "base"}), titled(dockerConfig, imageLayer, "", note{"io.crossplane.xpkg": "upbound"})},
	"zarf-package":             {manifest("", "application/vnd.zarf.config.v1+json", nil, "application/vnd.zarf.layer.v1.blob")},
	"uds-bundle": {
		index("application/vnd.defenseunicorns.uds.bundle.v1", nil, on("", "", nil)),
		index("", nil, on("linux", "application/vnd.defenseunicorns.uds.bundle.v1", nil)),
		manifest("", "application/vnd.zarf.layer.v1.blob", nil, "application/vnd.zarf.layer.v1.blob"),
	},
	"uds-bundle-definition": {manifest("application/vnd.defenseunicorns.uds.bundle.definition.v1", empty, nil, "application/vnd.defenseunicorns.uds.bundle.hcl.v1")},
	"tekton-bundle":         {titled(dockerConfig, imageLayer, "", note{"dev.tekton.image.kind": "task"})},
	"ollama-model": {
		manifest("", dockerConfig, nil, "application/vnd.ollama.image.model"),
		manifest("", dockerConfig, nil, "application/vnd.ollama.image.tensor"),
		manifest("", dockerConfig, nil, "application/vnd.ollama.image.adapter"),
	},
	"kitops-modelkit": {
		manifest("", "application/vnd.kitops.modelkit.config.v1+json", nil, "application/vnd.kitops.modelkit.model.v1.tar"),
		manifest("", "application/vnd.jozu.model.config.v1+json", nil, "application/vnd.jozu.model.content.v1.tar+gzip"),
	},
	"cncf-modelpack": {
		manifest("application/vnd.cncf.model.manifest.v1+json", "application/vnd.cncf.model.config.v1+json", nil, "application/vnd.cncf.model.weight.v1.tar"),
		manifest("application/vnd.cnai.model.manifest.v1+json", "application/vnd.cnai.model.config.v1+json", nil, "application/vnd.cnai.model.weight.v1.tar"),
		manifest("", "application/vnd.cncf.model.config.v1+json", nil, "application/vnd.cncf.model.weight.v1.gguf"),
		manifest("", "application/vnd.cnai.model.config.v1+json", nil),
	},
	"docker-model": {
		manifest("", "application/vnd.docker.ai.model.config.v0.1+json", nil, "application/vnd.docker.ai.gguf.v3"),
		manifest("", "application/vnd.docker.ai.model.config.v0.2+json", nil, "application/vnd.docker.ai.mmproj"),
	},
	"docker-agent": {
		manifest("application/vnd.docker.agent.config.v1+json", empty, nil, "application/yaml"),
		manifest("", "application/vnd.docker.agent.config.v1+json", nil, "application/yaml"),
		manifest("", dockerConfig, note{"io.docker.cagent.version": "1"}, "application/yaml"),
	},
	"falco-rulesfile": {manifest("", "application/vnd.cncf.falco.rulesfile.config.v1+json", nil, "application/vnd.cncf.falco.rulesfile.layer.v1+tar.gz")},
	"falco-asset":     {manifest("", "application/vnd.cncf.falco.asset.config.v1+json", nil, "application/vnd.cncf.falco.asset.layer.v1+tar.gz")},
	"falco-plugin": {
		manifest("", "application/vnd.cncf.falco.plugin.config.v1+json", nil, "application/vnd.cncf.falco.plugin.layer.v1+tar.gz"),
		index("", nil, on("linux", "application/vnd.cncf.falco.plugin.config.v1+json", nil)),
	},
	"inspektor-gadget": {
		manifest("application/vnd.gadget.v1+binary", empty, nil, "application/vnd.gadget.ebpf.program.v1+binary"),
		manifest("", "application/vnd.gadget.config.v1+yaml", nil),
		index("", note{"io.inspektor-gadget.builder.version": "1"}, on("linux", "", nil)),
	},
	"soci-index-v1": {
		manifest("", "application/vnd.amazon.soci.index.v1+json", nil, "application/octet-stream"),
		withdrawn("application/vnd.oci.artifact.manifest.v1+json", "application/vnd.amazon.soci.index.v1+json"),
	},
	"soci-index-v2": {manifest("", "application/vnd.amazon.soci.index.v2+json", nil, "application/octet-stream")},
	"nydus-image": {
		manifest("application/vnd.nydus.image.manifest.v1+json", imageConfig, nil, imageLayer),
		manifest("", imageConfig, nil, "application/vnd.oci.image.layer.nydus.blob.v1", imageLayer),
		manifest("", "application/vnd.nydus.image.config.v1+json", nil, "application/vnd.oci.image.layer.nydus.blob.v1"),
		titled(dockerConfig, imageLayer, "", note{"containerd.io/snapshot/nydus-bootstrap": "true"}),
	},
	"estargz-toc-image": {titled(imageConfig, imageLayer, "", note{"containerd.io/snapshot/stargz/layer.digest": someDigest})},
	"artifacthub-metadata": {
		manifest("", "application/vnd.cncf.artifacthub.config.v1+yaml", nil, "application/vnd.cncf.artifacthub.repository-metadata.layer.v1.yaml"),
		manifest("application/vnd.cncf.artifacthub.config.v1+yaml", empty, nil, "application/vnd.cncf.artifacthub.repository-metadata.layer.v1.yaml"),
	},
	"ocm-component-version": {
		manifest("application/vnd.ocm.software.component-descriptor.v2", "application/vnd.ocm.software.component.config.v1+json", nil, "application/vnd.ocm.software.component-descriptor.v2+yaml"),
		manifest("", "application/vnd.ocm.software.component.config.v1+json", nil, "application/vnd.ocm.software.component-descriptor.v2+json"),
		manifest("", "application/vnd.gardener.cloud.cnudie.component.config.v1+json", nil, "application/vnd.gardener.cloud.cnudie.component-descriptor.v2+yaml+tar"),
		manifest("", "application/vnd.oci.gardener.cloud.cnudie.component-descriptor-metadata.config.v2+json", nil),
		index("", note{"software.ocm.componentversion": "a.example/b:1"}, on("", "application/vnd.ocm.software.component-descriptor.v2", nil), on("linux", "", nil)),
	},
	"ocm-component-index":   {manifest("application/vnd.ocm.software.component-index.v1+json", empty, nil, empty)},
	"ocm-ownership":         {manifest("application/vnd.ocm.software.ownership.v1+json", empty, nil, empty)},
	"ocm-repository-config": {manifest("", "application/vnd.ocm.software.repository.config.v1+json", nil, "application/vnd.ocm.software.repository.config.pubsub.v1+json")},
	"gardener-blueprint": {
		manifest("", "application/vnd.gardener.landscaper.blueprint.config.v1", nil, "application/vnd.gardener.landscaper.blueprint.v1+tar+gzip"),
		manifest("", empty, nil, "application/vnd.gardener.landscaper.blueprint.v1+tar"),
		manifest("", unknownConfig, nil, "application/vnd.gardener.landscaper.blueprint.layer.v1.tar"),
		manifest("", unknownConfig, nil, "application/vnd.gardener.landscaper.blueprint.layer.v1.tar+gzip"),
	},
	"pyoci-package": {
		index("application/pyoci.package.v1", nil, on("any", "", nil)),
		manifest("application/pyoci.package.v1", empty, nil, "application/pyoci.package.v1"),
	},
	"conda-package": {
		manifest("", unknownConfig, nil, "application/vnd.conda.package.v1"),
		manifest("", empty, nil, "application/vnd.conda.package.v2", "application/vnd.conda.info.v1.tar+gzip"),
		manifest("", empty, nil, "application/vnd.conda.info.index.v1+json"),
	},
	"conda-repodata": {
		manifest("", unknownConfig, nil, "application/vnd.conda.repodata.v1+json"),
		manifest("", unknownConfig, nil, "application/vnd.conda.repodata.v1+json+zst"),
	},
	"kairos-sysext": {manifest("application/vnd.kairos.sysext.raw", empty, nil, "application/vnd.kairos.sysext.raw")},
}
