package v2

import (
	"net/http"
	"strconv"

	"github.com/argosy-registry/argosy/internal/oci"
)

// manifestHeader is the header of a manifest's answers, built once and kept
// with the manifest.
type manifestHeader struct {
	mediaType, length, digest, etag, typ []string
}

func headerOf(m *oci.Manifest) *manifestHeader {
	build := func() any {
		d := m.Descriptor
		return &manifestHeader{
			mediaType: []string{d.MediaType},
			length:    []string{strconv.FormatInt(d.Size, 10)},
			digest:    []string{string(d.Digest)},
			etag:      []string{`"` + string(d.Digest) + `"`},
			typ:       []string{m.Type},
		}
	}
	if kept, ok := m.Memo.Get(build).(*manifestHeader); ok {
		return kept
	}
	return build().(*manifestHeader)
}

// getManifest answers with the bytes and the media type that were pushed,
// whatever Accept says.
func (h *Handler) getManifest(w http.ResponseWriter, r *http.Request, q oci.Request) error {
	m, err := h.o.Registry.Manifest(r.Context(), q.Repository, q.Reference)
	if err != nil {
		return err
	}
	send, err := manifestAnswer(w, r, q, m)
	if err == nil && send {
		w.Write(m.Content)
	}
	return err
}

func (h *Handler) headManifest(w http.ResponseWriter, r *http.Request, q oci.Request) error {
	m, err := h.o.Registry.Resolve(r.Context(), q.Repository, q.Reference)
	if err != nil {
		return err
	}
	_, err = manifestAnswer(w, r, q, m)
	return err
}

// manifestAnswer sets the header, and says whether the bytes are to follow.
// Error: PreconditionFailed.
func manifestAnswer(w http.ResponseWriter, r *http.Request, q oci.Request, m *oci.Manifest) (send bool, err error) {
	kept := headerOf(m)
	NoteOf(r.Context()).typed(m.Type)
	if !match(r, kept.etag[0]) {
		return false, oci.PreconditionFailed.With(nil, "%s is %s, which If-Match does not list", q.Reference, m.Descriptor.Digest)
	}
	header := w.Header()
	header["Docker-Content-Digest"] = kept.digest
	header["Etag"] = kept.etag
	if m.Type != "" {
		header["Argosy-Type"] = kept.typ
	}
	if header["Cache-Control"] = revalidate; q.Reference.Digest != "" {
		header["Cache-Control"] = immutable
	}
	if noneMatch(r, kept.etag[0]) {
		w.WriteHeader(http.StatusNotModified)
		return false, nil
	}
	header["Content-Type"] = kept.mediaType
	header["Content-Length"] = kept.length
	return true, nil
}

func (h *Handler) deleteManifest(w http.ResponseWriter, r *http.Request, q oci.Request) (err error) {
	if q.Reference.Tag != "" {
		err = h.o.Registry.DeleteTag(r.Context(), q.Repository, q.Reference.Tag, h.o.Grant(r))
	} else {
		err = h.o.Registry.DeleteManifest(r.Context(), q.Repository, q.Reference.Digest, h.o.Grant(r))
	}
	if err == nil {
		accepted(w)
	}
	return err
}
