package v2

import (
	_ "embed"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
)

// location is path as clients of r can follow it: a path, which survives every
// proxy, unless the registry was told its URL or the client can take no path.
func (h *Handler) location(r *http.Request, path string) string {
	switch {
	case h.o.ExternalURL != "":
		return strings.TrimSuffix(h.o.ExternalURL, "/") + path
	case needsAbsolute(r):
		return absolute(r, path)
	}
	return path
}

// absoluteFor lists how the user agents of clients begin that parse Location
// without resolving it against the request's URL.
//
//go:embed absolute.txt
var absoluteFor string

var absoluteAgents = strings.Fields(absoluteFor)

func needsAbsolute(r *http.Request) bool {
	agent := r.UserAgent()
	return slices.ContainsFunc(absoluteAgents, func(begin string) bool { return strings.HasPrefix(agent, begin) })
}

func absolute(r *http.Request, path string) string {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + r.Host + path
}

// uploadHeader says where an upload goes on and which bytes it holds. An upload
// without bytes says 0-0: a Range must have an end, and clients read this one
// as none.
func (h *Handler) uploadHeader(header http.Header, r *http.Request, repo oci.Name, id string, size int64) {
	path := oci.Request{Kind: oci.KindUpload, Repository: repo, Upload: id}.Path()
	header["Location"] = []string{h.location(r, path)}
	header["Range"] = []string{"0-" + strconv.FormatInt(max(size-1, 0), 10)}
	header["Docker-Upload-Uuid"] = []string{id}
}

// created answers 201 for content that is now readable at its digest.
func (h *Handler) created(w http.ResponseWriter, r *http.Request, kind oci.Kind, repo oci.Name, d oci.Digest) {
	path := oci.Request{Kind: kind, Repository: repo, Reference: oci.Reference{Digest: d}}.Path()
	header := w.Header()
	header["Location"] = []string{h.location(r, path)}
	header["Docker-Content-Digest"] = []string{string(d)}
	header["Content-Length"] = noBody
	w.WriteHeader(http.StatusCreated)
}

// accepted answers 202 without a body.
func accepted(w http.ResponseWriter) {
	w.Header()["Content-Length"] = noBody
	w.WriteHeader(http.StatusAccepted)
}
