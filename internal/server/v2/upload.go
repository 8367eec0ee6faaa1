package v2

import (
	"errors"
	"net/http"

	"github.com/argosy-registry/argosy/internal/oci"
)

// startUpload answers POST: a mount, a whole blob in one request, or a new
// upload that PATCH and PUT go on with.
func (h *Handler) startUpload(w http.ResponseWriter, r *http.Request, q oci.Request) error {
	if mounted, err := h.mount(w, r, q); mounted || err != nil {
		return err
	}
	o, whole, err := h.uploadOptions(r, q)
	if err != nil {
		return err
	}
	up, err := h.o.Registry.StartUpload(r.Context(), q.Repository, o)
	if err != nil {
		return err
	}
	if whole {
		if err := receive(r, up, nil); err != nil {
			return err
		}
		return h.commit(w, r, q, up, o.Digest)
	}
	id := up.ID()
	if err := up.Close(); err != nil {
		return err
	}
	h.uploadHeader(w.Header(), r, q.Repository, id, 0)
	accepted(w)
	return nil
}

// mount answers ?mount= when the blob could be mounted. When it could not the
// client is given an upload, whatever the reason that it may not know.
func (h *Handler) mount(w http.ResponseWriter, r *http.Request, q oci.Request) (mounted bool, err error) {
	asked := q.Query.Get("mount")
	if asked == "" {
		return false, nil
	}
	d, err := oci.ParseDigest(asked)
	if err != nil {
		return false, err
	}
	var from oci.Name
	if s := q.Query.Get("from"); s != "" {
		if from, err = oci.ParseName(s); err != nil {
			return false, err
		}
	}
	_, err = h.o.Registry.Mount(r.Context(), q.Repository, d, from, h.o.Grant(r))
	switch {
	case err == nil:
		h.created(w, r, oci.KindBlob, q.Repository, d)
		return true, nil
	case errors.Is(err, oci.BlobUnknown), errors.Is(err, oci.NameUnknown), errors.Is(err, oci.Unsupported):
		return false, nil
	}
	return false, err
}

// uploadOptions reads what a POST says of the blob to come, and whether the
// whole of it is in the body: a digest without a body only announces, unless it
// is that of no bytes. Error: DigestInvalid.
func (h *Handler) uploadOptions(r *http.Request, q oci.Request) (o oci.UploadOptions, whole bool, err error) {
	o = oci.UploadOptions{Size: -1, Grant: h.o.Grant(r)}
	if a := oci.Algorithm(q.Query.Get("digest-algorithm")); a != "" {
		if err := oci.SupportedAlgorithm(a); err != nil {
			return o, false, err
		}
		o.Algorithm = a
	}
	if q.Query.Get("digest") == "" {
		return o, false, nil
	}
	if o.Digest, err = closingDigest(q); err != nil {
		return o, false, err
	}
	o.Algorithm = o.Digest.Algorithm()
	whole = r.ContentLength != 0 || o.Digest == o.Algorithm.Sum(nil)
	if whole {
		o.Size = r.ContentLength
	}
	return o, whole, nil
}

// closingDigest is the ?digest= of a request. Error: DigestInvalid when there
// is none, or none that content can be stored under.
func closingDigest(q oci.Request) (oci.Digest, error) {
	s := q.Query.Get("digest")
	if s == "" {
		return "", oci.DigestInvalid.With(nil, "the blob's digest is missing: add ?digest=sha256:… to the request that ends the upload")
	}
	d, err := oci.ParseDigest(s)
	if err != nil {
		return "", err
	}
	return d, d.Supported()
}

// patchUpload adds a chunk, or with no Content-Range whatever the body holds.
func (h *Handler) patchUpload(w http.ResponseWriter, r *http.Request, q oci.Request) error {
	up, err := h.o.Registry.ResumeUpload(r.Context(), q.Repository, q.Upload)
	if err != nil {
		return err
	}
	if err := addBody(r, up); err != nil {
		return err
	}
	size := up.Size()
	if err := up.Close(); err != nil {
		return err
	}
	h.uploadHeader(w.Header(), r, q.Repository, q.Upload, size)
	accepted(w)
	return nil
}

// closeUpload adds what the body holds and makes the blob readable.
func (h *Handler) closeUpload(w http.ResponseWriter, r *http.Request, q oci.Request) error {
	d, err := closingDigest(q)
	if err != nil {
		return err
	}
	up, err := h.o.Registry.ResumeUpload(r.Context(), q.Repository, q.Upload)
	if err != nil {
		return err
	}
	if r.ContentLength != 0 || r.Header.Get("Content-Range") != "" {
		if err := addBody(r, up); err != nil {
			return err
		}
	}
	return h.commit(w, r, q, up, d)
}

// addBody writes the body to the upload. The upload is ended when it returns an
// error.
func addBody(r *http.Request, up oci.Upload) error {
	c, err := checkChunk(r, up)
	if err != nil {
		return errors.Join(err, up.Discard())
	}
	return receive(r, up, c)
}

func (h *Handler) commit(w http.ResponseWriter, r *http.Request, q oci.Request, up oci.Upload, d oci.Digest) error {
	if err := up.Commit(d); err != nil {
		return errors.Join(err, up.Discard())
	}
	h.created(w, r, oci.KindBlob, q.Repository, d)
	return nil
}

// uploadStatus says how far an upload is.
func (h *Handler) uploadStatus(w http.ResponseWriter, r *http.Request, q oci.Request) error {
	up, err := h.o.Registry.ResumeUpload(r.Context(), q.Repository, q.Upload)
	if err != nil {
		return err
	}
	size := up.Size()
	if err := up.Discard(); err != nil {
		return err
	}
	h.uploadHeader(w.Header(), r, q.Repository, q.Upload, size)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// cancelUpload ends an upload and frees its space.
func (h *Handler) cancelUpload(w http.ResponseWriter, r *http.Request, q oci.Request) error {
	up, err := h.o.Registry.ResumeUpload(r.Context(), q.Repository, q.Upload)
	if err != nil {
		return err
	}
	if err := up.Cancel(); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
