package ocitest

import (
	"errors"
	"io"
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
)

var blobCases = []Case{
	{"blob/push-and-read", blobPushAndRead},
	{"blob/unknown", blobUnknown},
	{"blob/empty", func(f *Fixture) { f.read(repo, f.blob(repo, "").Digest, "") }},
	{"blob/empty-json", func(f *Fixture) { f.read(repo, f.blob(repo, "{}").Digest, "{}") }},
	{"blob/sha512", func(f *Fixture) {
		f.read(repo, f.blobAs(repo, oci.SHA512, "under sha512").Digest, "under sha512")
		f.read(repo, f.blobAs(repo, oci.SHA512, pattern(100_000)).Digest, pattern(100_000))
		f.read(repo, f.blobAs(repo, oci.SHA512, "").Digest, "")
	}},
	{"blob/same-bytes-two-algorithms", blobTwoAlgorithms},
	{"blob/pushed-again", blobPushedAgain},
	{"blob/per-repository", blobPerRepository},
	{"blob/seek", blobSeek},
	{"blob/digest-mismatch", blobDigestMismatch},
	{"blob/truncated-with-right-prefix", blobTruncated},
	{"blob/unsupported-algorithm", blobUnsupportedAlgorithm},
	{"blob/invisible-before-commit", blobInvisible},
}

// Sizes around every threshold that an implementation may have.
func blobPushAndRead(f *Fixture) {
	for _, n := range []int{1, 2, 511, 512, 513, 16<<10 - 1, 16 << 10, 16<<10 + 1, 64 << 10, 200_000, 1 << 20} {
		f.read(repo, f.blob(repo, pattern(n)).Digest, pattern(n))
	}
}

func blobUnknown(f *Fixture) {
	d := oci.SHA256.Sum([]byte("nowhere"))
	f.noBlob("not/there", d)
	f.blob(repo, "something else")
	_, err := f.R.StatBlob(f.ctx, repo, d)
	f.fails(err, oci.BlobUnknown)
	f.noBlob(repo, oci.Digest("blake3:"+strings.Repeat("a", 64)))
}

func blobTwoAlgorithms(f *Fixture) {
	a := f.blobAs(repo, oci.SHA256, "both")
	f.noBlob(repo, oci.SHA512.Sum([]byte("both")))
	b := f.blobAs(repo, oci.SHA512, "both")
	f.read(repo, a.Digest, "both")
	f.read(repo, b.Digest, "both")
	f.no(f.R.DeleteBlob(f.ctx, repo, a.Digest, oci.Everything))
	f.noBlob(repo, a.Digest)
	f.read(repo, b.Digest, "both")
}

func blobPushedAgain(f *Fixture) {
	for range 3 {
		f.read(repo, f.blob(repo, pattern(40_000)).Digest, pattern(40_000))
	}
}

func blobPerRepository(f *Fixture) {
	for _, content := range []string{"small", pattern(50_000)} {
		d := f.blob(repo, content).Digest
		f.noBlob("library/two", d)
		f.blob("library/two", content)
		f.no(f.R.DeleteBlob(f.ctx, repo, d, oci.Everything))
		f.noBlob(repo, d)
		f.read("library/two", d, content)
		f.blob("library/three", content)
		f.noBlob(repo, d)
		f.blob(repo, content)
		f.read(repo, d, content)
	}
}

func blobSeek(f *Fixture) {
	for _, content := range []string{pattern(3000), pattern(150_000)} {
		b, err := f.R.OpenBlob(f.ctx, repo, f.blob(repo, content).Digest)
		f.no(err)
		for _, at := range []int64{1000, 0, int64(len(content)) - 7} {
			if _, err := b.Content.Seek(at, io.SeekStart); err != nil {
				f.Fatal(err)
			}
			part := make([]byte, 7)
			_, err := io.ReadFull(b.Content, part)
			f.no(err)
			if string(part) != content[at:at+7] {
				f.Errorf("at %d is %q, want %q", at, part, content[at:at+7])
			}
		}
		end, err := b.Content.Seek(0, io.SeekEnd)
		f.no(errors.Join(err, b.Close()))
		if end != int64(len(content)) {
			f.Errorf("the end is at %d, want %d", end, len(content))
		}
	}
}

func blobDigestMismatch(f *Fixture) {
	for _, content := range []string{"what was sent", pattern(70_000), ""} {
		for _, a := range []oci.Algorithm{oci.SHA256, oci.SHA512} {
			up := f.upload(repo)
			f.write(up, content)
			wrong := a.Sum([]byte("what was promised"))
			f.fails(up.Commit(wrong), oci.DigestInvalid)
			f.noBlob(repo, wrong)
			f.noBlob(repo, a.Sum([]byte(content)))
		}
	}
}

func blobTruncated(f *Fixture) {
	whole := pattern(80_000)
	d := oci.SHA256.Sum([]byte(whole))
	up := f.upload(repo)
	f.write(up, whole[:79_999])
	f.fails(up.Commit(d), oci.DigestInvalid)
	f.noBlob(repo, d)
}

func blobUnsupportedAlgorithm(f *Fixture) {
	_, err := f.R.StartUpload(f.ctx, repo, oci.UploadOptions{Algorithm: "md5", Size: -1, Grant: oci.Everything})
	f.fails(err, oci.DigestInvalid)
	for _, d := range []string{"blake3:" + strings.Repeat("a", 64), "example+unknown:abc"} {
		up := f.upload(repo)
		f.write(up, "content")
		f.fails(up.Commit(oci.Digest(d)), oci.DigestInvalid)
		f.noBlob(repo, oci.Digest(d))
	}
}

func blobInvisible(f *Fixture) {
	for _, content := range []string{"not yet", pattern(90_000)} {
		d := oci.SHA256.Sum([]byte(content))
		up := f.upload(repo)
		f.write(up, content)
		f.noBlob(repo, d)
		f.no(up.Close())
		f.noBlob(repo, d)
		up = f.resume(repo, up.ID())
		f.no(up.Commit(d))
		f.read(repo, d, content)
	}
}
