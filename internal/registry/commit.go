package registry

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
)

// Commit makes the blob readable if its bytes match d. A mismatch ends the upload.
func (u *upload) Commit(d oci.Digest) error {
	if u.ended {
		return errEnded
	}
	if err := u.commitable(d); err != nil {
		return err
	}
	defer u.release()
	b := store.Blob{Digest: d, Size: u.Size()}
	if u.heap == nil && u.row.Key == "" {
		if err := u.match(d, d.Algorithm().Sum(u.buf)); err != nil {
			return err
		}
		if u.buf == nil {
			u.buf = []byte{}
		}
		return u.insert(&b, u.buf)
	}
	if err := u.finish(&b); err != nil {
		return err
	}
	err := u.insert(&b, nil)
	if errors.Is(err, oci.StorageFull) && b.Key != u.row.Key {
		// Surely not written; any other error may hide a commit, and what it
		// leaves is found by the sweep. Acknowledged bytes stay: the upload goes on
		// from them.
		return errors.Join(err, u.r.Blobs.Delete(context.Background(), b.Key))
	}
	return err
}

func (u *upload) commitable(d oci.Digest) error {
	if !u.grant.Create {
		return oci.Denied.With(nil, "pushing is not allowed")
	}
	if err := d.Supported(); err != nil {
		return err
	}
	return u.r.room()
}

// match ends the upload when its bytes have another digest.
func (u *upload) match(want, got oci.Digest) error {
	if want == got {
		return nil
	}
	err := oci.DigestInvalid.With(map[string]string{"sent": string(want), "computed": string(got)},
		"the upload's digest is %s, not %s; it has %d bytes", got, want, u.Size())
	return errors.Join(err, u.end())
}

// finish makes the heap object durable and holds it against the digest.
func (u *upload) finish(b *store.Blob) error {
	if err := u.toHeap(); err != nil {
		return err
	}
	if b.Digest.Algorithm() == oci.SHA256 {
		if err := u.match(b.Digest, oci.SHA256.Digest(u.hash)); err != nil {
			return err
		}
	}
	info, err := u.heap.Commit()
	if err != nil {
		return heapError(err)
	}
	b.Key, b.Stamp = info.Key, info.Stamp
	if b.Digest.Algorithm() == oci.SHA256 {
		return nil
	}
	got, err := u.r.hashObject(info.Key, b.Digest.Algorithm())
	if err == nil {
		err = u.match(b.Digest, got)
	}
	if err != nil {
		return errors.Join(err, u.r.Blobs.Delete(context.Background(), info.Key))
	}
	return nil
}

// hashObject computes the digest of a stored object.
func (r *Registry) hashObject(key string, a oci.Algorithm) (oci.Digest, error) {
	object, _, err := r.Blobs.Open(context.Background(), key)
	if err != nil {
		return "", fmt.Errorf("read back %s: %w", key, err)
	}
	defer object.Close()
	h := a.New()
	pooled := buffers.Get().(*[]byte)
	defer buffers.Put(pooled)
	if _, err := io.CopyBuffer(h, struct{ io.Reader }{object}, *pooled); err != nil {
		return "", fmt.Errorf("read back %s: %w", key, err)
	}
	return a.Digest(h), nil
}

// insert makes the blob readable, in one transaction with the end of the upload.
func (u *upload) insert(b *store.Blob, content []byte) (err error) {
	r := u.r
	if !u.saved { // no tombstone will say so
		defer func() {
			if err == nil {
				r.ended.add(u.row.ID)
			}
		}()
	}
	return r.Store.Write(context.Background(), func(tx *store.Tx) error {
		now := r.now()
		repo, err := r.ensure(tx, u.repo, now)
		if err != nil {
			return err
		}
		if err := tx.PutBlob(b, content, now); err != nil {
			return err
		}
		if err := r.link(tx, u.repo, repo, b, content, now); err != nil {
			return err
		}
		if !u.saved {
			return nil
		}
		if u.row.Key != "" && u.row.Key != b.Key {
			if err := tx.QueueDelete(u.row.Key, now); err != nil {
				return err
			}
		}
		return tx.PutUpload(u.tombstone(now))
	})
}

// ensure finds or makes a repository.
func (r *Registry) ensure(tx *store.Tx, repo oci.Name, now int64) (int64, error) {
	id, ok, err := tx.Repository(repo)
	if ok || err != nil {
		return id, err
	}
	r.caches.changed(tx, repositoriesScope)
	return tx.EnsureRepository(repo, now)
}

// link makes a blob readable in a repository and fills what waited for it.
func (r *Registry) link(tx *store.Tx, name oci.Name, repo int64, b *store.Blob, content []byte, now int64) error {
	if err := tx.LinkBlob(repo, b.ID, now); err != nil {
		return err
	}
	if content != nil { // the manifest that comes next reads its config
		linked := *b
		linked.Touched, linked.RepoID = now, repo
		r.caches.blobs.setOnCommit(tx, blobScope(b.Digest), blobKey(name, b.Digest), &blobEntry{linked, content})
	} else {
		r.caches.changed(tx, blobScope(b.Digest))
	}
	configOf, err := tx.FillBlob(repo, b.Digest, b.ID)
	if err != nil || len(configOf) == 0 {
		return err
	}
	if content == nil && b.Key == "" {
		if content, err = tx.BlobContent(b.ID); err != nil {
			return err
		}
	}
	config, err := r.small(b, content)
	if err != nil {
		return err
	}
	return r.reidentify(tx, name, configOf, config)
}
