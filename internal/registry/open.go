package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/argosy-registry/argosy/internal/blob"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
)

// OpenBlob opens a blob for reading. A file whose stamp is the one it was
// verified with, not too long ago, goes out as it is; any other is hashed on
// the way and its end held back until it is right.
func (r *Registry) OpenBlob(ctx context.Context, repo oci.Name, d oci.Digest) (*oci.Blob, error) {
	b, err := r.blob(repo, d)
	if err != nil {
		return nil, err
	}
	if b.Key == "" {
		return &oci.Blob{Descriptor: descriptorOf(&b.Blob), Content: memory{bytes.NewReader(b.content)}}, nil
	}
	out, err := r.openHeap(ctx, b)
	for try := 0; errors.Is(err, blob.ErrNotFound) && try < moveTries; try++ {
		// The row may have moved to new bytes since it was read.
		if b, err = r.loadBlob(repo, d); err == nil {
			out, err = r.openHeap(ctx, b)
		}
	}
	if errors.Is(err, blob.ErrNotFound) {
		r.Log.Error("stored blob has lost its bytes", "repository", string(repo), "digest", string(d), "key", b.Key)
		return nil, oci.ContentCorrupt.With(nil, "stored content of %s is lost: push it again to heal it", d)
	}
	return out, err
}

type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

func (r *Registry) openHeap(ctx context.Context, b *blobEntry) (*oci.Blob, error) {
	if b.Key == "" {
		return &oci.Blob{Descriptor: descriptorOf(&b.Blob), Content: memory{bytes.NewReader(b.content)}}, nil
	}
	object, info, err := r.Blobs.Open(ctx, b.Key)
	if err != nil {
		return nil, err
	}
	if info.Size != b.Size {
		r.Log.Error("stored blob has the wrong size", "digest", string(b.Digest), "key", b.Key, "size", info.Size, "want", b.Size)
		return nil, errors.Join(oci.ContentCorrupt.With(nil, "stored content of %s is damaged: push it again to heal it", b.Digest), object.Close())
	}
	out := &oci.Blob{Descriptor: descriptorOf(&b.Blob), Content: object}
	if info.Stamp != b.Stamp || b.Verified < r.ago(r.VerifyAfter) {
		out.Content = &verifying{Object: object, registry: r, blob: &b.Blob, stamp: info.Stamp, hash: b.Digest.Algorithm().New()}
	}
	return out, nil
}

// heldBack is how many bytes a verifying reader keeps until all are right.
const heldBack = 64 << 10

// verifying reads an object whose bytes are due to be verified. As long as it is
// read from the start without a gap, its last bytes come only once the whole has
// matched; a reader of a part gets it unverified, and the whole is checked soon.
type verifying struct {
	blob.Object
	registry *Registry
	blob     *store.Blob
	stamp    string
	hash     hash.Hash
	pos      int64 // of the reader
	hashed   int64 // bytes in hash
	read     bool  // something was sent
	checked  bool  // the whole matched
}

func (v *verifying) Seek(offset int64, whence int) (int64, error) {
	pos, err := v.Object.Seek(offset, whence)
	if err == nil {
		v.pos = pos
	}
	return pos, err
}

func (v *verifying) Read(p []byte) (int, error) {
	v.read = true
	end := v.blob.Size - heldBack
	if v.checked || v.pos != v.hashed {
		n, err := v.Object.Read(p)
		v.pos += int64(n)
		return n, err
	}
	if v.pos >= end {
		if err := v.check(); err != nil {
			return 0, err
		}
		return v.Read(p)
	}
	n, err := v.Object.Read(p[:min(int64(len(p)), end-v.pos)])
	v.hash.Write(p[:n])
	v.pos += int64(n)
	v.hashed = v.pos
	return n, err
}

// check hashes what is left and holds the whole against the digest.
func (v *verifying) check() error {
	if _, err := io.Copy(v.hash, io.NewSectionReader(v.Object, v.hashed, v.blob.Size-v.hashed)); err != nil {
		return err
	}
	if v.blob.Digest.Algorithm().Digest(v.hash) != v.blob.Digest {
		v.registry.Log.Error("stored blob is damaged", "digest", string(v.blob.Digest), "key", v.blob.Key)
		return fmt.Errorf("blob %s: %w", v.blob.Digest, oci.ContentCorrupt)
	}
	v.checked = true
	v.registry.verified(v.blob, v.stamp)
	return nil
}

func (v *verifying) Close() error {
	if v.read && !v.checked {
		v.registry.due(v.blob)
	}
	return v.Object.Close()
}

// verified records that a blob's bytes matched.
func (r *Registry) verified(b *store.Blob, stamp string) {
	id, key, now := b.ID, b.Key, r.now()
	r.Store.Later(func(tx *store.Tx) error {
		r.caches.changed(tx, blobScope(b.Digest))
		return tx.SetVerified(id, key, stamp, now)
	})
}
