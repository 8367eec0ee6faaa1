package ocitest

import (
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
)

var referenceCases = []Case{
	{"reference/missing-blobs-are-listed", referenceMissing},
	{"reference/missing-subject", referenceMissingSubject},
	{"reference/non-distributable", referenceNonDistributable},
	{"reference/blob-of-another-repository", referenceElsewhere},
	{"reference/sparse-index", referenceSparse},
	{"reference/nested-index", referenceNested},
	{"reference/blobs-in-an-index", referenceBlobsInIndex},
	{"reference/manifest-as-layer", referenceManifestAsLayer},
	{"reference/same-blob-twice", referenceTwice},
	{"reference/blob-in-use", referenceBlobInUse},
	{"reference/child-in-use", referenceChildInUse},
	{"reference/false-size", referenceFalseSize},
	{"reference/inline-data", referenceInlineData},
}

func missingDescriptor(what string) oci.Descriptor {
	return oci.Descriptor{MediaType: "application/vnd.example.layer", Digest: oci.SHA256.Sum([]byte(what)), Size: int64(len(what))}
}

func referenceMissing(f *Fixture) {
	a, b, config := missingDescriptor("missing a"), missingDescriptor("missing b"), missingDescriptor("missing config")
	m := manifest{"schemaVersion": 2, "mediaType": oci.MediaTypeImageManifest, "config": config, "layers": []oci.Descriptor{a, f.blob(repo, "here"), b}}
	_, err := f.tryPush(repo, m, "v1")
	f.names(f.fails(err, oci.ManifestBlobUnknown), string(a.Digest), string(b.Digest), string(config.Digest))
	f.gone(repo, "v1")
	f.gone(repo, string(oci.SHA256.Sum(m.bytes())))
	f.blob(repo, "missing a")
	f.blob(repo, "missing b")
	_, err = f.tryPush(repo, m, "v1")
	f.names(f.fails(err, oci.ManifestBlobUnknown), string(config.Digest))
	f.blob(repo, "missing config")
	f.push(repo, m, "v1")
}

func referenceMissingSubject(f *Fixture) {
	subject := oci.Descriptor{MediaType: oci.MediaTypeImageManifest, Digest: oci.SHA256.Sum([]byte("no such subject")), Size: 100}
	image, list := f.image(repo, "attached"), index()
	image["subject"], list["subject"] = subject, subject
	for _, m := range []manifest{image, list} {
		p, err := f.tryPush(repo, m)
		f.no(err)
		if p.Subject != subject.Digest {
			f.Errorf("subject is %q, want %s", p.Subject, subject.Digest)
		}
		f.holds(repo, string(p.Descriptor.Digest), p.Descriptor.Digest, m.bytes())
	}
	p, err := f.tryPush(repo, f.image(repo, "free"))
	f.no(err)
	if p.Subject != "" {
		f.Errorf("subject is %q, want none", p.Subject)
	}
}

func referenceNonDistributable(f *Fixture) {
	with := missingDescriptor("elsewhere")
	with.URLs = []string{"https://example.com/layer"}
	layers := []oci.Descriptor{with}
	for _, t := range []string{"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"} {
		d := missingDescriptor(t)
		d.MediaType = t
		layers = append(layers, d)
	}
	m := manifest{"schemaVersion": 2, "mediaType": oci.MediaTypeImageManifest, "config": f.empty(repo), "layers": layers}
	f.holds(repo, "v1", f.push(repo, m, "v1").Digest, m.bytes())
}

func referenceElsewhere(f *Fixture) {
	m := f.image(repo, "only in one")
	_, err := f.tryPush(two, m, "v1")
	f.fails(err, oci.ManifestBlobUnknown)
	f.gone(two, "v1")
}

func referenceSparse(f *Fixture) {
	child := f.image(repo, "child")
	d := oci.SHA256.Sum(child.bytes())
	here := f.push(repo, f.image(repo, "here"))
	m := index(here, oci.Descriptor{MediaType: oci.MediaTypeImageManifest, Digest: d, Size: int64(len(child.bytes()))})
	f.holds(repo, "v1", f.push(repo, m, "v1").Digest, m.bytes())
	f.gone(repo, string(d))
	f.push(repo, child)
	f.holds(repo, string(d), d, child.bytes())
	// From its arrival on the child is in use.
	f.fails(f.R.DeleteManifest(f.ctx, repo, d, oci.Everything), oci.Unsupported)
	f.holds(repo, "v1", oci.SHA256.Sum(m.bytes()), m.bytes())
}

func referenceNested(f *Fixture) {
	inner := index(f.push(repo, f.image(repo, "leaf")))
	inner["artifactType"] = "application/vnd.example.set"
	d := f.push(repo, inner)
	d.MediaType = oci.MediaTypeImageIndex
	outer := index(d)
	f.holds(repo, "v1", f.push(repo, outer, "v1").Digest, outer.bytes())
	empty := index()
	f.holds(repo, "v2", f.push(repo, empty, "v2").Digest, empty.bytes())
}

func referenceBlobsInIndex(f *Fixture) {
	layer, config := f.blob(repo, "cache layer"), f.blob(repo, "cache config")
	config.MediaType = "application/vnd.buildkit.cacheconfig.v0"
	m := index(layer, config)
	d := f.push(repo, m, "cache").Digest
	f.holds(repo, "cache", d, m.bytes())
	f.names(f.fails(f.R.DeleteBlob(f.ctx, repo, layer.Digest, oci.Everything), oci.Unsupported), string(d))
	// One that arrives later is in use from then on.
	late := missingDescriptor("late layer")
	f.push(repo, index(late), "late")
	f.blob(repo, "late layer")
	f.fails(f.R.DeleteBlob(f.ctx, repo, late.Digest, oci.Everything), oci.Unsupported)
}

func referenceManifestAsLayer(f *Fixture) {
	inner := f.push(repo, f.image(repo, "inner"))
	inner.MediaType = oci.MediaTypeImageManifest
	m := manifest{"schemaVersion": 2, "mediaType": oci.MediaTypeImageManifest, "config": f.empty(repo), "layers": []oci.Descriptor{inner}}
	d := f.push(repo, m, "v1").Digest
	f.holds(repo, "v1", d, m.bytes())
	f.names(f.fails(f.R.DeleteManifest(f.ctx, repo, inner.Digest, oci.Everything), oci.Unsupported), string(d))
}

func referenceTwice(f *Fixture) {
	layer := f.blob(repo, "twice")
	m := manifest{"schemaVersion": 2, "mediaType": oci.MediaTypeImageManifest, "config": layer, "layers": []oci.Descriptor{layer, layer}}
	d := f.push(repo, m, "v1").Digest
	f.holds(repo, "v1", d, m.bytes())
	f.no(f.R.DeleteManifest(f.ctx, repo, d, oci.Everything))
	f.no(f.R.DeleteBlob(f.ctx, repo, layer.Digest, oci.Everything))
}

func referenceBlobInUse(f *Fixture) {
	layer := f.blob(repo, "shared layer")
	var holders []string
	for _, label := range []string{"a", "b"} {
		m := f.image(repo, label)
		m["layers"] = []oci.Descriptor{layer}
		holders = append(holders, string(f.push(repo, m).Digest))
	}
	f.names(f.fails(f.R.DeleteBlob(f.ctx, repo, layer.Digest, oci.Everything), oci.Unsupported), holders...)
	f.read(repo, layer.Digest, "shared layer")
	// In another repository nothing names it.
	f.blob(two, "shared layer")
	f.no(f.R.DeleteBlob(f.ctx, two, layer.Digest, oci.Everything))
	for _, d := range holders {
		f.no(f.R.DeleteManifest(f.ctx, repo, oci.Digest(d), oci.Everything))
	}
	f.no(f.R.DeleteBlob(f.ctx, repo, layer.Digest, oci.Everything))
	f.noBlob(repo, layer.Digest)
}

func referenceChildInUse(f *Fixture) {
	child := f.push(repo, f.image(repo, "child"), "child")
	parent := f.push(repo, index(child), "parent")
	f.names(f.fails(f.R.DeleteManifest(f.ctx, repo, child.Digest, oci.Everything), oci.Unsupported), string(parent.Digest))
	f.get(repo, "child")
	f.get(repo, string(child.Digest))
	f.no(f.R.DeleteTag(f.ctx, repo, "child", oci.Everything))
	f.no(f.R.DeleteManifest(f.ctx, repo, parent.Digest, oci.Everything))
	f.no(f.R.DeleteManifest(f.ctx, repo, child.Digest, oci.Everything))
	f.gone(repo, string(child.Digest))
}

func referenceFalseSize(f *Fixture) {
	layer := f.blob(repo, "true size")
	for _, size := range []int64{layer.Size + 1, layer.Size - 1, 1 << 40} {
		layer.Size = size
		m := manifest{"schemaVersion": 2, "mediaType": oci.MediaTypeImageManifest, "config": f.empty(repo), "layers": []oci.Descriptor{layer}}
		_, err := f.tryPush(repo, m, "v1")
		f.names(f.fails(err, oci.ManifestInvalid, oci.SizeInvalid), "size")
	}
	child := f.push(repo, f.image(repo, "child"))
	child.Size++
	_, err := f.tryPush(repo, index(child), "v1")
	f.names(f.fails(err, oci.ManifestInvalid, oci.SizeInvalid), "size")
	f.gone(repo, "v1")
}

func referenceInlineData(f *Fixture) {
	config := f.empty(repo)
	config.Data = []byte("{}")
	m := manifest{"schemaVersion": 2, "mediaType": oci.MediaTypeImageManifest, "artifactType": "application/vnd.example", "config": config, "layers": []oci.Descriptor{}}
	f.holds(repo, "v1", f.push(repo, m, "v1").Digest, m.bytes())
	if !strings.Contains(string(f.get(repo, "v1").Content), `"data":"e30="`) {
		f.Error("inline data was not kept")
	}
	for _, data := range []string{"{} ", "[]", ""} {
		config.Data = []byte(data)
		m["config"] = map[string]any{"mediaType": config.MediaType, "digest": config.Digest, "size": 2, "data": config.Data}
		_, err := f.tryPush(repo, m, "v2")
		f.names(f.fails(err, oci.ManifestInvalid), "data")
	}
}
