package registry

import (
	"context"
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
)

// remove runs a deletion in repo.
func (r *Registry) remove(ctx context.Context, repo oci.Name, g oci.Grant, fn func(tx *store.Tx, repo int64) error) error {
	if !g.Delete {
		return oci.Denied.With(nil, "deleting is not allowed")
	}
	return r.Store.Free(ctx, func(tx *store.Tx) error {
		id, ok, err := tx.Repository(repo)
		if err != nil {
			return err
		}
		if !ok {
			return nameUnknown(repo)
		}
		return fn(tx, id)
	})
}

// DeleteTag removes a tag and leaves the manifest.
func (r *Registry) DeleteTag(ctx context.Context, repo oci.Name, tag oci.Tag, g oci.Grant) error {
	return r.remove(ctx, repo, g, func(tx *store.Tx, id int64) error {
		ok, err := tx.DeleteTag(id, tag)
		if err != nil {
			return err
		}
		if !ok {
			return manifestUnknown(repo, oci.Reference{Tag: tag})
		}
		r.caches.changed(tx, manifestScope(repo, string(tag)))
		r.caches.changed(tx, tagsScope(repo))
		return nil
	})
}

func manifestUnknown(repo oci.Name, ref oci.Reference) error {
	return oci.ManifestUnknown.With(map[string]string{"name": string(repo), "reference": ref.String()}, "%s%s is not here", repo, ref.Suffix())
}

// DeleteManifest removes a manifest and every tag on it, unless an index of the
// repository names it.
func (r *Registry) DeleteManifest(ctx context.Context, repo oci.Name, d oci.Digest, g oci.Grant) error {
	return r.remove(ctx, repo, g, func(tx *store.Tx, id int64) error {
		row, err := tx.ManifestByDigest(repo, d)
		if err != nil {
			return err
		}
		if row == nil {
			return manifestUnknown(repo, oci.Reference{Digest: d})
		}
		return r.deleteManifest(tx, repo, row)
	})
}

// deleteManifest removes a manifest that was read in the transaction.
func (r *Registry) deleteManifest(tx *store.Tx, repo oci.Name, row *store.Manifest) error {
	holders, err := tx.ChildHolders(row.ID)
	if err != nil {
		return err
	}
	if len(holders) > 0 {
		return heldBy("manifest", row.Digest, holders)
	}
	if err := r.changedManifest(tx, repo, row.ID, row.Digest); err != nil {
		return err
	}
	r.caches.changed(tx, tagsScope(repo))
	if row.Subject != "" {
		r.caches.changed(tx, referrersScope(repo, row.Subject))
	}
	return tx.DeleteManifest(row.ID)
}

// DeleteBlob removes a blob from one repository, unless a manifest there names it.
func (r *Registry) DeleteBlob(ctx context.Context, repo oci.Name, d oci.Digest, g oci.Grant) error {
	err := r.remove(ctx, repo, g, func(tx *store.Tx, id int64) error {
		b, err := tx.Blob(repo, d)
		if err != nil {
			return err
		}
		if b == nil {
			return blobUnknown(repo, d)
		}
		holders, err := tx.BlobHolders(id, b.ID)
		if err != nil {
			return err
		}
		if len(holders) > 0 {
			return heldBy("blob", d, holders)
		}
		r.caches.changed(tx, blobScope(d))
		return tx.UnlinkBlob(id, b.ID, r.now())
	})
	r.wake()
	return err
}

func heldBy(what string, d oci.Digest, holders []string) error {
	return oci.Unsupported.With(map[string]any{"digest": d, "holders": holders},
		"%s %s is named by %s: delete that first", what, d, strings.Join(holders, ", "))
}
