package registry

import (
	"context"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
)

// Mount makes a blob of another repository readable in repo. With from empty
// any repository will do: the caller's guard decides whether that is open to it.
func (r *Registry) Mount(ctx context.Context, repo oci.Name, d oci.Digest, from oci.Name, g oci.Grant) (oci.Descriptor, error) {
	if !g.Create {
		return oci.Descriptor{}, oci.Denied.With(nil, "pushing is not allowed")
	}
	if err := r.room(); err != nil {
		return oci.Descriptor{}, err
	}
	var b *store.Blob
	err := r.Store.Write(ctx, func(tx *store.Tx) (err error) {
		if from != "" {
			b, err = tx.Blob(from, d)
		} else {
			b, err = tx.BlobAnywhere(d)
		}
		if err != nil {
			return err
		}
		if b == nil {
			return blobUnknown(from, d)
		}
		now := r.now()
		id, err := r.ensure(tx, repo, now)
		if err != nil {
			return err
		}
		return r.link(tx, repo, id, b, nil, now)
	})
	if err != nil {
		return oci.Descriptor{}, err
	}
	return descriptorOf(b), nil
}
