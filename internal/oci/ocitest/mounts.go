package ocitest

import "github.com/argosy-registry/argosy/internal/oci"

var mountCases = []Case{
	{"mount/from-a-repository", mountFrom},
	{"mount/from-anywhere", mountAnywhere},
	{"mount/missing", mountMissing},
	{"mount/outlives-the-source", mountOutlives},
}

const two = oci.Name("library/two")

func mountFrom(f *Fixture) {
	for _, a := range []oci.Algorithm{oci.SHA256, oci.SHA512} {
		for _, content := range []string{"small", pattern(60_000), ""} {
			d := f.blobAs(repo, a, content).Digest
			f.noBlob(two, d)
			got, err := f.R.Mount(f.ctx, two, d, repo, oci.Everything)
			f.no(err)
			if got.Digest != d || got.Size != int64(len(content)) {
				f.Errorf("mounted %+v, want %s of %d bytes", got, d, len(content))
			}
			f.read(two, d, content)
		}
	}
}

func mountAnywhere(f *Fixture) {
	d := f.blob(repo, "somewhere").Digest
	_, err := f.R.Mount(f.ctx, two, d, "", oci.Everything)
	f.no(err)
	f.read(two, d, "somewhere")
	f.no(f.R.DeleteBlob(f.ctx, repo, d, oci.Everything))
	f.no(f.R.DeleteBlob(f.ctx, two, d, oci.Everything))
	_, err = f.R.Mount(f.ctx, "library/three", d, "", oci.Everything)
	f.fails(err, oci.BlobUnknown)
}

func mountMissing(f *Fixture) {
	d := f.blob(repo, "only in one").Digest
	f.blob("library/other", "something")
	for _, from := range []oci.Name{"library/other", "not/there", two} {
		_, err := f.R.Mount(f.ctx, two, d, from, oci.Everything)
		f.fails(err, oci.BlobUnknown, oci.NameUnknown)
		f.noBlob(two, d)
	}
	_, err := f.R.Mount(f.ctx, two, oci.SHA256.Sum([]byte("nowhere")), "", oci.Everything)
	f.fails(err, oci.BlobUnknown)
}

func mountOutlives(f *Fixture) {
	d := f.blob(repo, pattern(30_000)).Digest
	_, err := f.R.Mount(f.ctx, two, d, repo, oci.Everything)
	f.no(err)
	f.no(f.R.DeleteBlob(f.ctx, repo, d, oci.Everything))
	f.noBlob(repo, d)
	f.read(two, d, pattern(30_000))
}
