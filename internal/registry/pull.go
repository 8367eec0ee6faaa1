package registry

import (
	"context"
	"errors"
	"time"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
)

// Resolve finds what ref names. It is Manifest: the bytes are one row away. Only of
// what is in quarantine it says that it is not here: clients ask so before they push,
// and go on when it is not, while any other refusal ends their push.
func (r *Registry) Resolve(ctx context.Context, repo oci.Name, ref oci.Reference) (*oci.Manifest, error) {
	m, err := r.Manifest(ctx, repo, ref)
	if errors.Is(err, errApart) {
		return nil, manifestUnknown(repo, ref)
	}
	return m, err
}

// errApart is the refusal to read what is in quarantine.
var errApart = errors.New("in quarantine")

// Manifest finds what ref names, with its bytes, checked against the digest when
// they enter memory.
func (r *Registry) Manifest(_ context.Context, repo oci.Name, ref oci.Reference) (*oci.Manifest, error) {
	s := manifestScope(repo, ref.String())
	return r.caches.manifests.get(s, s, func() (*oci.Manifest, error) { return r.loadManifest(repo, ref) })
}

func (r *Registry) loadManifest(repo oci.Name, ref oci.Reference) (*oci.Manifest, error) {
	row, err := r.named(r.Store.Reader, repo, ref)
	if err != nil {
		return nil, err
	}
	if row.Quarantined {
		return nil, errors.Join(oci.Denied.With(map[string]string{"name": string(repo), "reference": ref.String(), "digest": string(row.Digest)},
			"%s%s is in quarantine: an operator of the registry looks at it and releases it with argosy quarantine release", repo, ref.Suffix()), errApart)
	}
	if err := matches(row.Digest, row.Content); err != nil {
		r.Log.Error("stored manifest is damaged", "repository", string(repo), "digest", string(row.Digest))
		return nil, err
	}
	return &oci.Manifest{
		Descriptor: oci.Descriptor{MediaType: row.MediaType, Digest: row.Digest, Size: row.Size, ArtifactType: row.ArtifactType},
		Type:       row.Type,
		Content:    row.Content,
	}, nil
}

// named finds what a reference names, in quarantine or not.
func (r *Registry) named(from store.Reader, repo oci.Name, ref oci.Reference) (row *store.Manifest, err error) {
	if ref.Digest != "" {
		row, err = from.ManifestByDigest(repo, ref.Digest)
	} else {
		row, err = from.ManifestByTag(repo, ref.Tag)
	}
	if err == nil && row == nil {
		err = r.unknown(repo, manifestUnknown(repo, ref))
	}
	return row, err
}

// unknown is NameUnknown when the repository does not exist, else e.
func (r *Registry) unknown(repo oci.Name, e error) error {
	_, ok, err := r.Store.Repository(repo)
	if err != nil {
		return err
	}
	if !ok {
		return nameUnknown(repo)
	}
	return e
}

func nameUnknown(repo oci.Name) error {
	return oci.NameUnknown.With(map[string]string{"name": string(repo)}, "repository %s is not here", repo)
}

func blobUnknown(repo oci.Name, d oci.Digest) error {
	return oci.BlobUnknown.With(map[string]string{"name": string(repo), "digest": string(d)}, "blob %s is not in repository %s", d, repo)
}

// matches holds bytes against the digest they were stored under.
func matches(d oci.Digest, content []byte) error {
	if got := d.Algorithm().Sum(content); got != d {
		return oci.ContentCorrupt.With(nil, "stored content of %s is damaged: push it again to heal it", d)
	}
	return nil
}

// StatBlob says how large a blob is, and keeps it from being collected for
// another grace: who asks is about to rely on it.
func (r *Registry) StatBlob(_ context.Context, repo oci.Name, d oci.Digest) (oci.Descriptor, error) {
	b, err := r.blob(repo, d)
	if err != nil {
		return oci.Descriptor{}, err
	}
	r.touch(repo, b)
	return descriptorOf(&b.Blob), nil
}

func descriptorOf(b *store.Blob) oci.Descriptor {
	return oci.Descriptor{MediaType: oci.MediaTypeOctets, Digest: b.Digest, Size: b.Size}
}

// touchEvery is how often at most a touch of one blob is written.
func touchEvery(grace time.Duration) time.Duration { return grace / 64 }

// touch renews a blob's link, unless that was done a moment ago. Queued
// before the caller's answer, it comes before any later collection.
func (r *Registry) touch(repo oci.Name, b *blobEntry) {
	now := r.now()
	if now-b.Touched < touchEvery(r.Grace).Microseconds() {
		return
	}
	r.Store.Later(func(tx *store.Tx) error {
		r.caches.changed(tx, blobScope(b.Digest))
		return tx.TouchBlob(b.RepoID, b.ID, now)
	})
}

// blob finds a blob's row and its bytes where the database holds them.
func (r *Registry) blob(repo oci.Name, d oci.Digest) (*blobEntry, error) {
	return r.caches.blobs.get(blobScope(d), blobKey(repo, d), func() (*blobEntry, error) { return r.loadBlob(repo, d) })
}

func (r *Registry) loadBlob(repo oci.Name, d oci.Digest) (*blobEntry, error) {
	for try := 0; ; try++ {
		row, err := r.Store.Blob(repo, d)
		if err != nil {
			return nil, err
		}
		if row == nil {
			return nil, r.unknown(repo, blobUnknown(repo, d))
		}
		b := &blobEntry{Blob: *row}
		if row.Key != "" {
			return b, nil
		}
		if b.content, err = r.Store.BlobContent(row.ID); err != nil {
			return nil, err
		}
		if b.content == nil && try < moveTries {
			continue // it went or moved between the two statements: the row says which
		}
		if err := matches(d, b.content); err != nil {
			r.Log.Error("stored blob is damaged", "repository", string(repo), "digest", string(d))
			return nil, err
		}
		return b, nil
	}
}

// moveTries is how often a blob's row is read again when its bytes are not where
// it said.
const moveTries = 5
