package registry

import (
	"context"
	"crypto/sha256"
	"encoding"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"sync"

	"github.com/argosy-registry/argosy/internal/blob"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
)

// upload is a blob on its way in. Its bytes stay in memory while they fit into
// the database, then move to the heap.
type upload struct {
	r     *Registry
	repo  oci.Name
	grant oci.Grant
	row   store.Upload // what is durable
	saved bool         // the row is in the store
	buf   []byte       // all bytes, while they are few
	heap  blob.Writer  // else where they go
	hash  hash.Hash    // SHA-256 of the bytes written
	hint  blob.Hint
	ended bool
}

// StartUpload begins an upload of which nothing is stored.
func (r *Registry) StartUpload(_ context.Context, repo oci.Name, o oci.UploadOptions) (oci.Upload, error) {
	if !o.Grant.Create {
		return nil, oci.Denied.With(nil, "pushing is not allowed")
	}
	if err := r.room(); err != nil {
		return nil, err
	}
	if o.Algorithm != "" {
		if err := oci.SupportedAlgorithm(o.Algorithm); err != nil {
			return nil, err
		}
	}
	id, err := r.ids.fresh(repo)
	if err != nil {
		return nil, err
	}
	u := r.newUpload(repo, id)
	u.grant = o.Grant
	u.hint = blob.Hint{Name: keyName(o.Digest), Size: max(o.Size, -1)}
	r.held.Store(id, nil)
	return u, nil
}

func (r *Registry) newUpload(repo oci.Name, id string) *upload {
	return &upload{
		r: r, repo: repo, grant: oci.Everything, row: store.Upload{ID: id, Repository: repo},
		hash: sha256.New(), hint: blob.Hint{Size: -1},
	}
}

// keyName starts a heap key with the digest, for those who look at the folder.
func keyName(d oci.Digest) string { return strings.ReplaceAll(string(d), ":", "-") }

// ResumeUpload continues an upload where its last durable byte was.
func (r *Registry) ResumeUpload(_ context.Context, repo oci.Name, id string) (oci.Upload, error) {
	started, ok := r.ids.started(repo, id)
	if !ok {
		return nil, uploadUnknown(id)
	}
	if _, busy := r.held.LoadOrStore(id, nil); busy {
		return nil, oci.BlobUploadInvalid.With(nil, "upload %s is being written by another request", id)
	}
	u := r.newUpload(repo, id)
	row, err := r.Store.Upload(id)
	switch {
	case err != nil:
	case row != nil && row.Ended, row == nil && r.Now().Sub(started) > r.UploadExpiry:
		err = uploadUnknown(id)
	case row != nil:
		u.row, u.saved, u.buf = *row, true, row.Content
		err = u.restoreHash()
	}
	if err != nil {
		r.held.Delete(id)
		return nil, err
	}
	return u, nil
}

func uploadUnknown(id string) error {
	return oci.BlobUploadUnknown.With(nil, "upload %s is not here: it was never started in this repository, has ended, or has expired", id)
}

func (u *upload) restoreHash() error {
	if u.row.Key == "" {
		u.hash.Write(u.buf)
		return nil
	}
	return u.hash.(encoding.BinaryUnmarshaler).UnmarshalBinary(u.row.Hash)
}

func (u *upload) ID() string { return u.row.ID }

func (u *upload) Size() int64 {
	switch {
	case u.heap != nil:
		return u.heap.Size()
	case u.row.Key != "":
		return u.row.Size
	}
	return int64(len(u.buf))
}

func (u *upload) Expect(bytes int64) {
	if bytes >= 0 {
		u.hint.Size = u.Size() + bytes
	}
}

// Write takes bytes. After an error the upload can be discarded or closed.
func (u *upload) Write(p []byte) (int, error) {
	if u.heap == nil && u.row.Key == "" && len(u.buf)+len(p) <= InlineMax {
		u.buf = append(u.buf, p...)
		u.hash.Write(p)
		return len(p), nil
	}
	if err := u.toHeap(); err != nil {
		return 0, err
	}
	n, err := u.heap.Write(p)
	u.hash.Write(p[:n])
	return n, heapError(err)
}

// toHeap opens the heap's writer and moves there what is in memory.
func (u *upload) toHeap() (err error) {
	if u.heap != nil {
		return nil
	}
	if u.row.Key != "" {
		u.heap, err = u.r.Blobs.Resume(context.Background(), u.row.Key, u.row.State)
		return heapError(err)
	}
	if u.heap, err = u.r.Blobs.Create(context.Background(), u.hint); err != nil {
		return heapError(err)
	}
	_, err = u.heap.Write(u.buf)
	return heapError(err)
}

// heapError says a full disk in the specification's words.
func heapError(err error) error {
	if errors.Is(err, blob.ErrNoSpace) {
		return errors.Join(oci.StorageFull.With(nil, "the registry's disk is full: free space, or delete artifacts"), err)
	}
	return err
}

var buffers = sync.Pool{New: func() any { b := make([]byte, 256<<10); return &b }}

// ReadFrom takes all of src.
func (u *upload) ReadFrom(src io.Reader) (total int64, err error) {
	pooled := buffers.Get().(*[]byte)
	defer buffers.Put(pooled)
	for {
		n, readErr := io.ReadFull(src, *pooled)
		if n > 0 {
			if _, err := u.Write((*pooled)[:n]); err != nil {
				return total, err
			}
			total += int64(n)
		}
		switch readErr {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return total, sourceError(src, readErr)
		default:
			return total, readErr
		}
	}
}

// sourceError tells the end of src from a body that broke off, which
// io.ReadFull reports alike.
func sourceError(src io.Reader, err error) error {
	if err == io.EOF {
		return nil
	}
	var one [1]byte
	n, err := src.Read(one[:])
	if n == 0 && err == io.EOF {
		return nil
	}
	if err == nil {
		return io.ErrUnexpectedEOF
	}
	return err
}

// changed says whether there are bytes that are not durable.
func (u *upload) changed() bool { return u.heap != nil || u.Size() != u.row.Size }

// release lets other requests take the upload.
func (u *upload) release() {
	u.ended = true
	u.r.held.Delete(u.row.ID)
}

var errEnded = errors.New("upload was closed")

// Close makes what was written durable.
func (u *upload) Close() error {
	if u.ended {
		return errEnded
	}
	defer u.release()
	if !u.changed() {
		return nil
	}
	row := store.Upload{ID: u.row.ID, Repository: u.repo, Size: u.Size(), Content: u.buf, Updated: u.r.now()}
	if u.heap != nil {
		state, err := u.heap.Suspend()
		if err != nil {
			return heapError(err)
		}
		row.Content, row.Key, row.State = nil, u.heap.Key(), state
		if row.Hash, err = u.hash.(encoding.BinaryMarshaler).MarshalBinary(); err != nil {
			return err
		}
	}
	err := u.r.Store.Write(context.Background(), func(tx *store.Tx) error {
		if u.row.Key != "" && u.row.Key != row.Key {
			if err := tx.QueueDelete(u.row.Key, row.Updated); err != nil {
				return err
			}
		}
		return tx.PutUpload(&row)
	})
	if err != nil && row.Key != u.row.Key && errors.Is(err, oci.StorageFull) {
		return errors.Join(err, u.r.Blobs.Delete(context.Background(), row.Key))
	}
	return err
}

// Discard goes back to the last durable byte and frees what came after it.
func (u *upload) Discard() error {
	if u.ended {
		return nil
	}
	defer u.release()
	if u.heap == nil {
		return nil
	}
	if u.row.Key == "" {
		return u.heap.Abort()
	}
	if _, err := u.heap.Suspend(); err != nil {
		return nil // the older state stays valid
	}
	w, err := u.r.Blobs.Resume(context.Background(), u.row.Key, u.row.State)
	if err != nil {
		return err
	}
	_, err = w.Suspend()
	return err
}

// Cancel ends the upload and frees its space. A tombstone says so until the id
// expires.
func (u *upload) Cancel() error {
	if u.ended {
		return errEnded
	}
	defer u.release()
	return u.end()
}

// end drops the bytes and leaves a tombstone.
func (u *upload) end() error {
	if u.heap != nil {
		if err := u.heap.Abort(); err != nil {
			u.r.Log.Warn("abandoned upload could not be removed", "key", u.heap.Key(), "error", err)
		}
	}
	now := u.r.now()
	err := u.r.Store.Free(context.Background(), func(tx *store.Tx) error {
		if u.row.Key != "" {
			if err := tx.QueueDelete(u.row.Key, now); err != nil {
				return err
			}
		}
		return tx.PutUpload(u.tombstone(now))
	})
	u.r.wake()
	return err
}

func (u *upload) tombstone(now int64) *store.Upload {
	return &store.Upload{ID: u.row.ID, Repository: u.repo, Updated: now, Ended: true}
}

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
	if errors.Is(err, oci.StorageFull) {
		// Surely not written; any other error may hide a commit, and what it
		// leaves is found by the sweep.
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
func (u *upload) insert(b *store.Blob, content []byte) error {
	r := u.r
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
	r.caches.changed(tx, blobScope(b.Digest))
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
