package registry

import (
	"context"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
)

// Release ends the quarantine of what ref names in repo, and of what it names in turn:
// they are listed and pulled from now on. It returns the digests that were released.
// Errors: NameUnknown, ManifestUnknown, Unsupported when nothing of it is in
// quarantine.
func (r *Registry) Release(ctx context.Context, repo oci.Name, ref oci.Reference) (released []oci.Digest, err error) {
	err = r.Store.Write(ctx, func(tx *store.Tx) error {
		released = nil
		row, err := r.named(tx.Reader, repo, ref)
		if err != nil {
			return err
		}
		if released, err = r.release(tx, repo, row, released); err != nil {
			return err
		}
		if len(released) == 0 {
			return notApart(repo, ref)
		}
		r.caches.changed(tx, tagsScope(repo))
		return nil
	})
	return released, err
}

// release ends the quarantine of a manifest and of those that it names.
func (r *Registry) release(tx *store.Tx, repo oci.Name, row *store.Manifest, released []oci.Digest) ([]oci.Digest, error) {
	ok, err := tx.Release(row.ID)
	if err != nil {
		return released, err
	}
	if ok {
		released = append(released, row.Digest)
		if row.Subject != "" {
			r.caches.changed(tx, referrersScope(repo, row.Subject))
		}
		if err := r.changedManifest(tx, repo, row.ID, row.Digest); err != nil {
			return released, err
		}
	}
	children, err := tx.ChildrenApart(row.ID)
	if err != nil {
		return released, err
	}
	for _, id := range children { // each ends its quarantine, so this ends
		child, err := tx.ManifestByID(id)
		if err != nil {
			return released, err
		}
		if released, err = r.release(tx, repo, child, released); err != nil {
			return released, err
		}
	}
	return released, nil
}

// Discard deletes what ref names in repo, with all its tags, when it is in
// quarantine, and returns its digest. Errors: NameUnknown, ManifestUnknown,
// Unsupported when it is in none, or an index names it.
func (r *Registry) Discard(ctx context.Context, repo oci.Name, ref oci.Reference) (d oci.Digest, err error) {
	err = r.remove(ctx, repo, oci.Everything, func(tx *store.Tx, _ int64) error {
		row, err := r.named(tx.Reader, repo, ref)
		if err != nil {
			return err
		}
		if !row.Quarantined {
			return notApart(repo, ref)
		}
		d = row.Digest
		return r.deleteManifest(tx, repo, row)
	})
	return d, err
}

func notApart(repo oci.Name, ref oci.Reference) error {
	return oci.Unsupported.With(nil, "%s%s is in no quarantine", repo, ref.Suffix())
}
