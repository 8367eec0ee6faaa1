package registry

import (
	"context"
	"crypto/sha256"
	"encoding"
	"errors"
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
	r.held.Store(id, make(chan struct{}))
	if r.Exclusive {
		r.begun.add(id)
	}
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

// ResumeUpload continues an upload where its last durable byte was. One that
// another request holds is waited for, for a moment: a client whose connection
// broke is often back before that was noticed.
func (r *Registry) ResumeUpload(ctx context.Context, repo oci.Name, id string) (oci.Upload, error) {
	started, ok := r.ids.started(repo, id)
	if !ok {
		return nil, uploadUnknown(id)
	}
	if !r.hold(ctx, id) {
		return nil, r.busy(id)
	}
	u := r.newUpload(repo, id)
	row, err := r.uploadRow(id)
	switch {
	case err != nil:
	// An upload that came and went in one request has no row. Once forgotten it is
	// an upload of no bytes again, which does no harm.
	case row != nil && row.Ended, row == nil && (r.ended.has(id) || r.Now().Sub(started) > r.UploadExpiry):
		err = uploadUnknown(id)
	case row != nil:
		u.row, u.saved, u.buf = *row, true, row.Content
		err = u.restoreHash()
	}
	if err != nil {
		r.letGo(id)
		return nil, err
	}
	return u, nil
}

// uploadRow is the row of an upload, nil when there is none. Most uploads end in
// the request after the one that began them: the store need not be asked.
func (r *Registry) uploadRow(id string) (*store.Upload, error) {
	if r.begun.has(id) {
		return nil, nil
	}
	return r.Store.Upload(id)
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
	u.r.letGo(u.row.ID)
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
	u.r.begun.remove(u.row.ID)
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
	u.r.begun.remove(u.row.ID)
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
