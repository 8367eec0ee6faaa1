// Package v2 speaks the OCI distribution specification over HTTP: everything
// under /v2/, over an [oci.Registry], whichever it is.
//
// It does not know how content is stored, who a caller is, or what an artifact
// type means: the registry it is given decides who may do what, and a type is a
// word that it passes on in Argosy-Type.
package v2

import (
	"log/slog"
	"net/http"

	"github.com/argosy-registry/argosy/internal/oci"
)

// Options are what a Handler needs. Only Registry is required.
type Options struct {
	Registry oci.Registry

	// Grant says what the caller of a request may bring about. nil grants
	// everything, for registries that decide by themselves.
	Grant func(*http.Request) oci.Grant

	// Challenge adds WWW-Authenticate to the header of a 401 answer.
	Challenge func(http.Header, *http.Request)

	// ExternalURL is the scheme and host under which clients reach the
	// registry, such as https://registry.example. With it Location is absolute;
	// without it Location is a path, which every proxy in front keeps right.
	ExternalURL string

	// Extensions answer the requests below their names, and are listed by
	// _oci/ext/discover.
	Extensions []Extension

	// Log receives the registry's own failures. nil means slog.Default.
	Log *slog.Logger
}

// Handler is the protocol as an http.Handler. It must be given the whole path,
// /v2 included, and unclean paths as they came.
type Handler struct {
	o Options
}

// New returns the handler for everything under /v2.
func New(o Options) *Handler {
	if o.Grant == nil {
		o.Grant = func(*http.Request) oci.Grant { return oci.Everything }
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Handler{o: o}
}

// handler answers one method of one endpoint. It writes an answer or returns an
// error, never both.
type handler func(h *Handler, w http.ResponseWriter, r *http.Request, q oci.Request) error

// handlers has the endpoints by kind and the methods that oci.Kind.Methods names.
var handlers = [...]map[string]handler{
	oci.KindPing:    {http.MethodGet: (*Handler).ping, http.MethodHead: (*Handler).ping},
	oci.KindCatalog: {http.MethodGet: (*Handler).catalog, http.MethodHead: (*Handler).catalog},
	oci.KindTags:    {http.MethodGet: (*Handler).tags, http.MethodHead: (*Handler).tags},
	oci.KindManifest: {
		http.MethodGet: (*Handler).getManifest, http.MethodHead: (*Handler).headManifest,
		http.MethodPut: (*Handler).putManifest, http.MethodDelete: (*Handler).deleteManifest,
	},
	oci.KindBlob: {
		http.MethodGet: (*Handler).getBlob, http.MethodHead: (*Handler).headBlob,
		http.MethodDelete: (*Handler).deleteBlob,
	},
	oci.KindUploads: {http.MethodPost: (*Handler).startUpload},
	oci.KindUpload: {
		http.MethodGet: (*Handler).uploadStatus, http.MethodHead: (*Handler).uploadStatus,
		http.MethodPatch: (*Handler).patchUpload, http.MethodPut: (*Handler).closeUpload,
		http.MethodDelete: (*Handler).cancelUpload,
	},
	oci.KindReferrers: {http.MethodGet: (*Handler).referrers, http.MethodHead: (*Handler).referrers},
	oci.KindExtension: {http.MethodGet: (*Handler).extension, http.MethodHead: (*Handler).extension},
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header()["X-Content-Type-Options"] = nosniff
	q, err := oci.ParseRequest(r.Method, r.URL)
	note := NoteOf(r.Context())
	if err == nil || oci.AsError(err).Code == oci.Unsupported {
		note.asked(q)
	}
	if err == nil {
		err = handlers[q.Kind][r.Method](h, w, r, q)
	}
	if err != nil {
		h.writeError(w, r, q, err)
	}
}

// ping says that this is a registry of the specification's kind.
func (h *Handler) ping(w http.ResponseWriter, r *http.Request, _ oci.Request) error {
	header := w.Header()
	header["Docker-Distribution-Api-Version"] = apiVersion
	header["Content-Type"] = typeJSON
	header["Content-Length"] = pingLength
	if r.Method != http.MethodHead {
		w.Write(pingBody)
	}
	return nil
}

// Header values that never change, shared by all answers. net/http does not
// write into a value slice, and appending to one copies it.
var (
	nosniff      = []string{"nosniff"}
	apiVersion   = []string{"registry/2.0"}
	typeJSON     = []string{"application/json"}
	typeOctets   = []string{oci.MediaTypeOctets}
	typeIndex    = []string{oci.MediaTypeImageIndex}
	noBody       = []string{"0"}
	acceptRanges = []string{"bytes"}
	immutable    = []string{"max-age=31536000, immutable"}
	revalidate   = []string{"no-cache"}

	pingBody   = []byte("{}")
	pingLength = []string{"2"}
)
