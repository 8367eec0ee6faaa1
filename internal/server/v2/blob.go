package v2

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"

	"github.com/argosy-registry/argosy/internal/oci"
)

func (h *Handler) headBlob(w http.ResponseWriter, r *http.Request, q oci.Request) error {
	d, err := h.o.Registry.StatBlob(r.Context(), q.Repository, q.Reference.Digest)
	if err != nil {
		return err
	}
	send, err := h.blobAnswer(w, r, q, d)
	if send {
		w.Header()["Content-Length"] = []string{strconv.FormatInt(d.Size, 10)}
	}
	return err
}

// getBlob hands the content to the real ResponseWriter, so that a file goes out
// by sendfile.
func (h *Handler) getBlob(w http.ResponseWriter, r *http.Request, q oci.Request) error {
	b, err := h.o.Registry.OpenBlob(r.Context(), q.Repository, q.Reference.Digest)
	if err != nil {
		return err
	}
	defer b.Close()
	send, err := h.blobAnswer(w, r, q, b.Descriptor)
	if err != nil || !send {
		return err
	}
	ranges, err := requestedRanges(r, b.Descriptor)
	if err != nil {
		w.Header()["Content-Range"] = []string{"bytes */" + strconv.FormatInt(b.Descriptor.Size, 10)}
		return err
	}
	switch len(ranges) {
	case 0:
		return sendWhole(w, r, b)
	case 1:
		sendRange(w, b, ranges[0])
	default:
		sendRanges(w, b, ranges)
	}
	return nil
}

// blobAnswer sets the header, and says whether a body is to follow. The media
// type is never one that a manifest gave: the same bytes may have several.
// Error: PreconditionFailed.
func (h *Handler) blobAnswer(w http.ResponseWriter, r *http.Request, q oci.Request, d oci.Descriptor) (send bool, err error) {
	v := [...]string{string(d.Digest), `"` + string(d.Digest) + `"`}
	if !match(r, v[1]) {
		return false, oci.PreconditionFailed.With(nil, "the blob is %s, which If-Match does not list", d.Digest)
	}
	header := w.Header()
	header["Docker-Content-Digest"] = v[0:1:1]
	header["Etag"] = v[1:2:2]
	header["Cache-Control"] = immutable
	if noneMatch(r, v[1]) {
		w.WriteHeader(http.StatusNotModified)
		return false, nil
	}
	header["Content-Type"] = typeOctets
	header["Accept-Ranges"] = acceptRanges
	if needsAbsolute(r) { // follows the Location of a 200 for its ranges
		header["Location"] = []string{absolute(r, q.Path())}
	}
	return true, nil
}

// sendWhole sends a blob from its start. Content that cannot be read at all is
// an error to be answered; whatever goes wrong later ends the connection, so
// that no client takes what it got for the whole.
func sendWhole(w http.ResponseWriter, r *http.Request, b *oci.Blob) error {
	w.Header()["Content-Length"] = []string{strconv.FormatInt(b.Descriptor.Size, 10)}
	n, err := io.Copy(w, b.Content)
	switch {
	case err != nil && n == 0 && r.Context().Err() == nil && !isWriteError(err):
		return err
	case err != nil || n != b.Descriptor.Size:
		panic(http.ErrAbortHandler)
	}
	return nil
}

// isWriteError tells an answer that could not be sent from content that could
// not be read.
func isWriteError(err error) bool {
	op := (*net.OpError)(nil)
	return errors.Is(err, http.ErrContentLength) || errors.As(err, &op) && op.Op != "read"
}

func (h *Handler) deleteBlob(w http.ResponseWriter, r *http.Request, q oci.Request) error {
	err := h.o.Registry.DeleteBlob(r.Context(), q.Repository, q.Reference.Digest, h.o.Grant(r))
	if err == nil {
		accepted(w)
	}
	return err
}
