package registry

import (
	"context"
	"time"

	"github.com/argosy-registry/argosy/internal/blob"
	"github.com/argosy-registry/argosy/internal/store"
)

// Collect takes blobs out of repositories where no manifest names them and
// nobody touched them for a grace. It runs beside pushes: each is decided anew
// in the transaction that removes it.
func (r *Registry) Collect(ctx context.Context) error {
	before := r.ago(r.Grace + touchEvery(r.Grace)) // a touch in that time may not have been written
	for after := (store.Link{}); ctx.Err() == nil; {
		links, err := r.Store.Untouched(before, after, slice)
		if err != nil || len(links) == 0 {
			return err
		}
		after = links[len(links)-1]
		if err := r.collect(ctx, links, before); err != nil {
			return err
		}
		if err := r.reap(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (r *Registry) collect(ctx context.Context, links []store.Link, before int64) error {
	return r.Store.Free(ctx, func(tx *store.Tx) error {
		for _, l := range links {
			d, err := tx.BlobDigest(l.Blob)
			if err != nil {
				return err
			}
			if _, err := tx.CollectLink(l, before, r.now()); err != nil {
				return err
			}
			r.caches.changed(tx, blobScope(d))
		}
		return nil
	})
}

// orphanAge is how old bytes without a row must be before they count as left
// over: an upload that is being written has none yet.
const orphanAge = 24 * time.Hour

// Sweep removes bytes of the heap that no row names, such as a crash leaves.
func (r *Registry) Sweep(ctx context.Context) error {
	before := r.Now().Add(-max(orphanAge, r.UploadExpiry))
	return r.orphans(ctx, func(o blob.Info) error {
		if o.Modified.After(before) {
			return nil
		}
		r.Log.Info("removing bytes that nothing names", "key", o.Key, "bytes", o.Size)
		return r.Blobs.Delete(ctx, o.Key)
	})
}

// orphans calls found for each heap object that no row names.
func (r *Registry) orphans(ctx context.Context, found func(blob.Info) error) error {
	for o, err := range r.Blobs.All(ctx) {
		if err != nil {
			return err
		}
		used, err := r.Store.KeyInUse(o.Key)
		if err != nil {
			return err
		}
		if used {
			continue
		}
		if err := found(o); err != nil {
			return err
		}
	}
	return nil
}

// due has a blob's bytes verified before others.
func (r *Registry) due(b *store.Blob) {
	r.Store.Later(func(tx *store.Tx) error {
		r.caches.changed(tx, blobScope(b.Digest))
		return tx.SetVerified(b.ID, b.Key, b.Stamp, 0)
	})
}

// scrubBytes is how much one round of scrubbing reads.
const scrubBytes = 4 << 30

// Scrub verifies heap blobs whose last verification is old, the oldest first.
func (r *Registry) Scrub(ctx context.Context) error {
	for read := int64(0); read < scrubBytes && ctx.Err() == nil; {
		stale, err := r.Store.StaleBlobs(r.ago(r.VerifyAfter), 1)
		if err != nil || len(stale) == 0 {
			return err
		}
		b := stale[0]
		read += b.Size + 1
		if err := r.scrub(ctx, b); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// scrub verifies one blob and dates the check; damaged bytes are said in the
// log each time, and every reader of them is refused meanwhile.
func (r *Registry) scrub(ctx context.Context, b *store.Blob) error {
	stamp := "damaged"
	if info, err := r.Blobs.Stat(ctx, b.Key); err == nil {
		got, err := r.hashObject(b.Key, b.Digest.Algorithm())
		if err == nil && got == b.Digest {
			stamp = info.Stamp
		}
	}
	if stamp == "damaged" {
		if now, err := r.Store.BlobAnywhere(b.Digest); err != nil || now == nil || now.Key != b.Key {
			return err // it went or moved meanwhile
		}
		r.Log.Error("stored blob is damaged: push it again to heal it", "digest", string(b.Digest), "key", b.Key)
	}
	return r.Store.Write(ctx, func(tx *store.Tx) error {
		r.caches.changed(tx, blobScope(b.Digest))
		return tx.SetVerified(b.ID, b.Key, stamp, r.now())
	})
}
