package ocitest

import (
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
)

var uploadCases = []Case{
	{"upload/chunks", uploadChunks},
	{"upload/read-from", uploadReadFrom},
	{"upload/without-bytes", uploadWithoutBytes},
	{"upload/chunks-sha512", uploadChunksSHA512},
	{"upload/other-algorithm-than-announced", uploadOtherAlgorithm},
	{"upload/discard", uploadDiscard},
	{"upload/cancel", uploadCancel},
	{"upload/ended-by-commit", uploadEnded},
	{"upload/unknown", uploadUnknown},
	{"upload/of-one-repository", uploadOfOneRepository},
	{"upload/ids-differ", uploadIDsDiffer},
	{"upload/two-of-the-same-blob", uploadTwoOfOne},
	{"upload/many-at-once", uploadMany},
}

// sizes that a chunk may have beside the thresholds of an implementation; the
// first is more than one byte, since "0-0" on the wire means none.
var chunkSizes = [][]int{{2}, {10, 1, 1}, {20_000, 5}, {5, 20_000, 5}, {40_000, 40_000, 40_000}, {1 << 20, 3, 1 << 20}}

func uploadChunks(f *Fixture) {
	for _, sizes := range chunkSizes {
		up := f.upload(repo)
		sent := ""
		for _, n := range sizes {
			chunk := pattern(n)
			f.write(up, chunk)
			sent += chunk
			if up.Size() != int64(len(sent)) {
				f.Fatalf("size is %d after %d bytes", up.Size(), len(sent))
			}
			f.no(up.Close())
			if up = f.resume(repo, up.ID()); up.Size() != int64(len(sent)) {
				f.Fatalf("resumed at %d after %d bytes", up.Size(), len(sent))
			}
		}
		d := oci.SHA256.Sum([]byte(sent))
		f.no(up.Commit(d))
		f.read(repo, d, sent)
	}
}

func uploadReadFrom(f *Fixture) {
	content := pattern(300_000)
	up := f.upload(repo)
	n, err := up.ReadFrom(strings.NewReader(content[:100_000]))
	f.no(err)
	if n != 100_000 || up.Size() != n {
		f.Fatalf("read %d bytes, size %d, want 100000", n, up.Size())
	}
	f.no(up.Close())
	up = f.resume(repo, up.ID())
	_, err = up.ReadFrom(strings.NewReader(content[100_000:]))
	f.no(err)
	d := oci.SHA256.Sum([]byte(content))
	f.no(up.Commit(d))
	f.read(repo, d, content)
}

func uploadWithoutBytes(f *Fixture) {
	up := f.upload(repo)
	f.no(up.Close())
	up = f.resume(repo, up.ID())
	if up.Size() != 0 {
		f.Fatalf("an upload without bytes has size %d", up.Size())
	}
	f.write(up, "later")
	f.no(up.Commit(oci.SHA256.Sum([]byte("later"))))
	f.read(repo, oci.SHA256.Sum([]byte("later")), "later")
}

func uploadChunksSHA512(f *Fixture) {
	for _, announced := range []oci.Algorithm{"", oci.SHA512} {
		up, err := f.R.StartUpload(f.ctx, repo, oci.UploadOptions{Algorithm: announced, Size: -1, Grant: oci.Everything})
		f.no(err)
		content := pattern(60_000) + string(announced)
		f.write(up, content[:30_000])
		f.no(up.Close())
		up = f.resume(repo, up.ID())
		f.write(up, content[30_000:])
		d := oci.SHA512.Sum([]byte(content))
		f.no(up.Commit(d))
		f.read(repo, d, content)
	}
}

func uploadOtherAlgorithm(f *Fixture) {
	for _, content := range []string{"announced as sha512", pattern(33_000)} {
		up, err := f.R.StartUpload(f.ctx, repo, oci.UploadOptions{Algorithm: oci.SHA512, Size: -1, Grant: oci.Everything})
		f.no(err)
		f.write(up, content)
		d := oci.SHA256.Sum([]byte(content))
		f.no(up.Commit(d))
		f.read(repo, d, content)
	}
}

func uploadDiscard(f *Fixture) {
	up := f.upload(repo)
	f.write(up, "kept")
	f.no(up.Close())
	up = f.resume(repo, up.ID())
	f.write(up, pattern(50_000))
	f.no(up.Discard())
	if up = f.resume(repo, up.ID()); up.Size() != 4 {
		f.Fatalf("after a discard the upload holds %d bytes, want 4", up.Size())
	}
	f.write(up, " and right")
	d := oci.SHA256.Sum([]byte("kept and right"))
	f.no(up.Commit(d))
	f.read(repo, d, "kept and right")
}

func uploadCancel(f *Fixture) {
	for _, content := range []string{"", "some", pattern(50_000)} {
		up := f.upload(repo)
		f.write(up, content)
		f.no(up.Close())
		up = f.resume(repo, up.ID())
		f.no(up.Cancel())
		_, err := f.R.ResumeUpload(f.ctx, repo, up.ID())
		f.fails(err, oci.BlobUploadUnknown)
		f.noBlob(repo, oci.SHA256.Sum([]byte(content)))
	}
}

func uploadEnded(f *Fixture) {
	up := f.upload(repo)
	f.write(up, "whole")
	f.no(up.Close())
	up = f.resume(repo, up.ID())
	f.no(up.Commit(oci.SHA256.Sum([]byte("whole"))))
	_, err := f.R.ResumeUpload(f.ctx, repo, up.ID())
	f.fails(err, oci.BlobUploadUnknown)
}

func uploadUnknown(f *Fixture) {
	forged := f.upload(repo)
	f.no(forged.Close())
	ids := []string{"x", "0198c0de-0000-7000-8000-000000000000", "..", ".", "_", "a b", "\x00", strings.Repeat("a", 3000), forged.ID() + "a", "a" + forged.ID()}
	for _, id := range ids {
		_, err := f.R.ResumeUpload(f.ctx, repo, id)
		f.fails(err, oci.BlobUploadUnknown)
	}
}

func uploadOfOneRepository(f *Fixture) {
	up := f.upload(repo)
	f.write(up, "mine")
	f.no(up.Close())
	_, err := f.R.ResumeUpload(f.ctx, "library/two", up.ID())
	f.fails(err, oci.BlobUploadUnknown)
	f.no(f.resume(repo, up.ID()).Commit(oci.SHA256.Sum([]byte("mine"))))
	f.noBlob("library/two", oci.SHA256.Sum([]byte("mine")))
}

func uploadIDsDiffer(f *Fixture) {
	seen := map[string]bool{}
	for range 100 {
		up := f.upload(repo)
		if seen[up.ID()] || up.ID() == "" {
			f.Fatalf("upload id %q twice", up.ID())
		}
		seen[up.ID()] = true
		f.no(up.Close())
	}
}

func uploadTwoOfOne(f *Fixture) {
	for _, content := range []string{"twice", pattern(70_000)} {
		a, b := f.upload(repo), f.upload(repo)
		f.write(a, content)
		f.write(b, content)
		d := oci.SHA256.Sum([]byte(content))
		f.no(a.Commit(d))
		f.no(b.Commit(d))
		f.read(repo, d, content)
	}
}

func uploadMany(f *Fixture) {
	contents := make([]string, 24)
	for i := range contents { // pairs of the same blob
		contents[i] = pattern(15_000 + i/2*400)
	}
	for _, err := range each(len(contents), func(i int) error {
		up, err := f.R.StartUpload(f.ctx, repo, oci.UploadOptions{Size: -1, Grant: oci.Everything})
		if err != nil {
			return err
		}
		if _, err := up.ReadFrom(strings.NewReader(contents[i])); err != nil {
			return err
		}
		return up.Commit(oci.SHA256.Sum([]byte(contents[i])))
	}) {
		f.no(err)
	}
	for _, content := range contents {
		f.read(repo, oci.SHA256.Sum([]byte(content)), content)
	}
}
