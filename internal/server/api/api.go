// Package api writes what package browse shows as JSON, below /v2/_argosy and
// /v2/<name>/_argosy: listings of artifacts, single artifacts, and the catalog
// of types with its icons. docs/api/openapi.yaml describes it.
//
// It is an extension of the distribution specification (extensions/README.md).
// It does not know the store, how requests reach it, or who asks: whoever mounts
// it says what each request may see, and answers the errors that it returns.
package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/argosy-registry/argosy/internal/browse"
	"github.com/argosy-registry/argosy/internal/oci"
)

// What an answer of _oci/ext/discover says of the extension. Endpoints exist at
// registry level, RepositoryEndpoints in a repository.
const (
	Name        = "_argosy"
	Description = "what the registry holds: artifacts with their types, icons and actions"
	URL         = "https://github.com/argosy-registry/argosy/blob/main/docs/api/openapi.yaml"
)

// The paths of the extension, from its name on, as discovery lists them.
var (
	Endpoints           = []string{"_argosy/artifacts", "_argosy/types", "_argosy/types/unknown/report", "_argosy/types/unknown/bundle", "_argosy/types/<id>", "_argosy/types/<id>/icon", "_argosy/platforms/<id>/icon"}
	RepositoryEndpoints = []string{"_argosy/artifacts", "_argosy/artifacts/<reference>", "_argosy/artifacts/<reference>/explanation"}
)

// Options are what a Handler needs. Only Browser is required.
type Options struct {
	Browser *browse.Browser

	// ExternalURL is the scheme and host under which clients reach the
	// registry. Empty: what each request says.
	ExternalURL string

	// Visible says what a request may see. nil hides nothing, for registries
	// that whoever reaches them may read.
	Visible func(*http.Request) browse.Visible
}

// Handler answers the extension's requests.
type Handler struct{ o Options }

// New returns the handler of the extension.
func New(o Options) *Handler {
	if o.Visible == nil {
		o.Visible = func(*http.Request) browse.Visible { return browse.Everything }
	}
	return &Handler{o}
}

// request is what the endpoints are given.
type request struct {
	oci.Request
	ctx     context.Context
	visible browse.Visible
	site    browse.Site
}

// Serve answers a GET or HEAD request below the extension's name, or returns an
// error to be answered, never both. Errors: ExtensionUnknown for what is no
// endpoint, RequestInvalid, PageNumberInvalid, TagInvalid, DigestInvalid,
// NameUnknown, ManifestUnknown.
func (h *Handler) Serve(w http.ResponseWriter, r *http.Request, q oci.Request) error {
	site, err := browse.NewSite(h.o.ExternalURL, r.Host, r.TLS != nil)
	if err != nil {
		return err
	}
	a, err := h.answer(request{q, r.Context(), h.o.Visible(r), site})
	if err != nil {
		return err
	}
	a.send(w, r)
	return nil
}

// answer finds the endpoint by the path's parts.
func (h *Handler) answer(q request) (*answer, error) {
	path, _ := strings.CutPrefix(q.Extension, Name+"/")
	word, rest, more := strings.Cut(path, "/")
	id, icon := strings.CutSuffix(rest, "/icon")
	reference, explain := strings.CutSuffix(rest, "/explanation")
	switch registry := q.Repository == ""; {
	case word == "artifacts" && !more:
		return h.artifacts(q)
	case word == "artifacts" && !registry && explain:
		return h.explain(q, reference)
	case word == "artifacts" && !registry:
		return h.artifact(q, rest)
	case word == "types" && registry && !more:
		return h.types(q)
	case word == "types" && registry && rest == "unknown/report":
		return h.unknown(q)
	case word == "types" && registry && rest == "unknown/bundle":
		return h.bundle(q)
	case word == "types" && registry && icon:
		return h.icon(q, browse.TypeIcon, id)
	case word == "types" && registry:
		return h.typ(q, rest)
	case word == "platforms" && registry && icon:
		return h.icon(q, browse.PlatformIcon, id)
	}
	level := Endpoints
	if q.Repository != "" {
		level = RepositoryEndpoints
	}
	return nil, oci.ExtensionUnknown.With(nil, "no endpoint at %.160q: there are %s", q.Path(), strings.Join(level, ", "))
}
