package registry

import (
	"context"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
)

// Release ends the quarantine of what ref names in repo: it is listed and pulled
// from now on. Errors: NameUnknown, ManifestUnknown, Unsupported when it is in none.
func (r *Registry) Release(ctx context.Context, repo oci.Name, ref oci.Reference) error {
	return r.Store.Write(ctx, func(tx *store.Tx) error {
		row, err := r.named(tx.Reader, repo, ref)
		if err != nil {
			return err
		}
		ok, err := tx.Release(row.ID)
		if err != nil {
			return err
		}
		if !ok {
			return oci.Unsupported.With(nil, "%s%s is in no quarantine", repo, ref.Suffix())
		}
		r.caches.changed(tx, tagsScope(repo))
		if row.Subject != "" {
			r.caches.changed(tx, referrersScope(repo, row.Subject))
		}
		return r.changedManifest(tx, repo, row.ID, row.Digest)
	})
}

// Discard deletes what ref names in repo, with all its tags, when it is in
// quarantine. Errors: NameUnknown, ManifestUnknown, Unsupported when it is in none,
// or an index names it.
func (r *Registry) Discard(ctx context.Context, repo oci.Name, ref oci.Reference) error {
	row, err := r.named(r.Store.Reader, repo, ref)
	if err != nil {
		return err
	}
	if !row.Quarantined {
		return oci.Unsupported.With(nil, "%s%s is in no quarantine", repo, ref.Suffix())
	}
	return r.DeleteManifest(ctx, repo, row.Digest, oci.Everything)
}
