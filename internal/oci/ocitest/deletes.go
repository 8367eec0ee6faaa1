package ocitest

import (
	"slices"

	"github.com/argosy-registry/argosy/internal/oci"
)

var deleteCases = []Case{
	{"delete/manifest-and-its-tags", deleteManifest},
	{"delete/unknown", deleteUnknown},
	{"delete/blob", deleteBlob},
	{"delete/an-index-and-its-children", deleteIndex},
	{"delete/then-push-again", deleteThenPush},
	{"delete/at-once", deleteAtOnce},
}

func deleteManifest(f *Fixture) {
	a, b := f.image(repo, "a"), f.image(repo, "b")
	d := f.push(repo, a, "v1", "v2").Digest
	f.push(repo, a, "latest")
	kept := f.push(repo, b, "kept").Digest
	f.no(f.R.DeleteManifest(f.ctx, repo, d, oci.Everything))
	for _, ref := range []string{"v1", "v2", "latest", string(d)} {
		f.gone(repo, ref)
	}
	f.holds(repo, "kept", kept, b.bytes())
	if got := f.tagNames(repo); !slices.Equal(got, []string{"kept"}) {
		f.Errorf("tags are %q", got)
	}
	f.fails(f.R.DeleteManifest(f.ctx, repo, d, oci.Everything), oci.ManifestUnknown)
}

func deleteUnknown(f *Fixture) {
	d := oci.SHA256.Sum([]byte("none"))
	for _, name := range []oci.Name{"not/there", repo} {
		f.fails(f.R.DeleteManifest(f.ctx, name, d, oci.Everything), oci.NameUnknown, oci.ManifestUnknown)
		f.fails(f.R.DeleteTag(f.ctx, name, "none", oci.Everything), oci.NameUnknown, oci.ManifestUnknown)
		f.fails(f.R.DeleteBlob(f.ctx, name, d, oci.Everything), oci.NameUnknown, oci.BlobUnknown)
		f.blob(repo, "the repository is there the second time")
	}
}

func deleteBlob(f *Fixture) {
	for _, content := range []string{"small", pattern(40_000), ""} {
		d := f.blob(repo, content).Digest
		f.no(f.R.DeleteBlob(f.ctx, repo, d, oci.Everything))
		f.noBlob(repo, d)
		f.fails(f.R.DeleteBlob(f.ctx, repo, d, oci.Everything), oci.BlobUnknown)
	}
}

func deleteIndex(f *Fixture) {
	a, b := f.push(repo, f.image(repo, "a")), f.push(repo, f.image(repo, "b"))
	d := f.push(repo, index(a, b), "v1").Digest
	f.no(f.R.DeleteManifest(f.ctx, repo, d, oci.Everything))
	f.gone(repo, "v1")
	f.get(repo, string(a.Digest))
	f.no(f.R.DeleteManifest(f.ctx, repo, a.Digest, oci.Everything))
	f.no(f.R.DeleteManifest(f.ctx, repo, b.Digest, oci.Everything))
}

func deleteThenPush(f *Fixture) {
	m := f.image(repo, "again")
	layers := m["layers"].([]oci.Descriptor)
	for range 3 {
		d := f.push(repo, m, "v1").Digest
		f.holds(repo, "v1", d, m.bytes())
		f.no(f.R.DeleteManifest(f.ctx, repo, d, oci.Everything))
		f.no(f.R.DeleteBlob(f.ctx, repo, layers[0].Digest, oci.Everything))
		_, err := f.tryPush(repo, m, "v1")
		f.fails(err, oci.ManifestBlobUnknown)
		f.image(repo, "again")
	}
	f.push(repo, m, "v1")
	f.read(repo, layers[0].Digest, "layer of again")
}

// Many deletes of one manifest: one succeeds, the others find nothing.
func deleteAtOnce(f *Fixture) {
	d := f.push(repo, f.image(repo, "contended"), "v1").Digest
	deleted := 0
	for _, err := range each(12, func(int) error { return f.R.DeleteManifest(f.ctx, repo, d, oci.Everything) }) {
		if err == nil {
			deleted++
			continue
		}
		f.fails(err, oci.ManifestUnknown)
	}
	if deleted != 1 {
		f.Errorf("%d of 12 deletes succeeded, want one", deleted)
	}
	f.gone(repo, "v1")
}
