package registry

import (
	"context"
	"errors"
	"time"

	"github.com/argosy-registry/argosy/internal/store"
)

// slice bounds how many rows one background transaction handles, so that it
// does not keep pushes waiting.
const slice = 100

// Run starts the background work and returns; Close ends it.
func (r *Registry) Run() {
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	for _, w := range []struct {
		name  string
		every time.Duration
		work  func(context.Context) error
	}{
		{"remove deleted bytes", 2 * time.Second, r.reap},
		{"end expired uploads", min(time.Minute, r.UploadExpiry/2+time.Second), r.Expire},
		{"collect unnamed blobs", min(time.Hour, r.Grace/4+time.Second), r.Collect},
		{"sweep orphaned bytes", time.Hour, r.Sweep},
		{"verify old blobs", 10 * time.Minute, r.Scrub},
	} {
		r.running.Go(func() { r.repeat(ctx, w.name, w.every, w.work) })
	}
	r.running.Go(func() { r.keepIdentifying(ctx) })
}

// keepIdentifying identifies what is stored when the program comes with another
// catalog than the last one, and whenever the catalog changes.
func (r *Registry) keepIdentifying(ctx context.Context) {
	for {
		wait := time.Hour
		if err := r.Reidentify(ctx); err != nil && ctx.Err() == nil {
			r.Log.Error("background work failed; it is tried again", "work", "identify what is stored", "error", err)
			wait = 10 * time.Second
		}
		select {
		case <-ctx.Done():
			return
		case <-r.recatalog:
		case <-time.After(wait):
		}
	}
}

// Close ends the background work. The store and the heap stay open.
func (r *Registry) Close() {
	if r.stop != nil {
		r.stop()
	}
	r.running.Wait()
}

func (r *Registry) repeat(ctx context.Context, name string, every time.Duration, work func(context.Context) error) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := work(ctx); err != nil && ctx.Err() == nil {
			r.Log.Error("background work failed; it is tried again", "work", name, "error", err)
		}
	}
}

// wake has deleted bytes removed now.
func (r *Registry) wake() {
	if err := r.reap(context.Background()); err != nil {
		r.Log.Warn("deleted bytes could not be removed; it is tried again", "error", err)
	}
}

// reap removes the bytes whose rows are gone, then tries to set the reserve aside again.
func (r *Registry) reap(ctx context.Context) error {
	for {
		keys, err := r.Store.PendingDeletes(slice)
		if err != nil || len(keys) == 0 {
			return r.restore(err)
		}
		for _, key := range keys {
			if err := r.Blobs.Delete(ctx, key); err != nil {
				return r.restore(err)
			}
		}
		err = r.Store.Free(ctx, func(tx *store.Tx) error {
			for _, key := range keys {
				if err := tx.Deleted(key); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// restore sets the reserve aside again where there is room; without room the
// registry stays closed to writes, and what was deleted from the database makes
// some.
func (r *Registry) restore(err error) error {
	if r.Reserve == nil || r.Reserve.Held() || r.Reserve.Restore() == nil {
		return err
	}
	if compactErr := r.Store.Compact(); compactErr == nil {
		_ = r.Reserve.Restore()
	}
	return err
}

// Expire ends the uploads whose last byte is too long ago, and tombstones of
// ids that have expired themselves.
func (r *Registry) Expire(ctx context.Context) error {
	before := r.ago(r.UploadExpiry)
	for {
		ids, err := r.Store.ExpiredUploads(before, slice)
		if err != nil || len(ids) == 0 {
			return errors.Join(err, r.reap(ctx))
		}
		err = r.Store.Free(ctx, func(tx *store.Tx) error {
			for _, id := range ids {
				if err := r.expireOne(tx, id, before); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || ctx.Err() != nil {
			return err
		}
	}
}

func (r *Registry) expireOne(tx *store.Tx, id string, before int64) error {
	u, err := tx.Upload(id)
	if err != nil || u == nil || u.Updated >= before {
		return err
	}
	if _, held := r.held.Load(id); held {
		u.Updated = r.now() // being written: look again after another expiry
		return tx.PutUpload(u)
	}
	if u.Key != "" {
		if err := tx.QueueDelete(u.Key, r.now()); err != nil {
			return err
		}
	}
	return tx.DeleteUpload(id)
}
