package v2

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
)

// Extension is a set of endpoints beyond the specification, below its name at
// registry level and in repositories (distribution-spec extensions/README.md).
type Extension struct {
	Name        string // begins with an underscore, such as _argosy
	Description string // a sentence
	URL         string // where the extension is described

	// Endpoints are the paths, from the name on, that exist at registry level,
	// RepositoryEndpoints those in a repository. They are what discovery lists.
	Endpoints           []string
	RepositoryEndpoints []string

	// Serve answers a request below the name, or returns an error to be
	// answered, never both. q.Extension is the path from the name on.
	Serve func(w http.ResponseWriter, r *http.Request, q oci.Request) error
}

// discoverPath is the extension that lists extensions.
const discoverPath = "_oci/ext/discover"

// discovery describes the extension that this package answers itself.
var discovery = Extension{
	Name:                "_oci",
	Description:         "lists the extensions that are supported here",
	URL:                 "https://github.com/opencontainers/distribution-spec/blob/main/extensions/_oci.md",
	Endpoints:           []string{discoverPath},
	RepositoryEndpoints: []string{discoverPath},
}

func (h *Handler) extension(w http.ResponseWriter, r *http.Request, q oci.Request) error {
	if q.Extension == discoverPath {
		h.discover(w, r, q)
		return nil
	}
	name, _, _ := strings.Cut(q.Extension, "/")
	for _, e := range h.o.Extensions {
		if e.Name == name && e.Serve != nil {
			return e.Serve(w, r, q)
		}
	}
	return oci.ExtensionUnknown.With(nil, "no endpoint at %.160q: GET /v2/%s lists the extensions", q.Path(), discoverPath)
}

// discovered is one extension in a discovery answer.
type discovered struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	URL         string   `json:"url"`
	Endpoints   []string `json:"endpoints"`
}

// discover lists the extensions with the paths they have at the level asked for.
// Several that share a name are shown as one.
func (h *Handler) discover(w http.ResponseWriter, r *http.Request, q oci.Request) {
	list := []discovered{}
	for _, e := range append([]Extension{discovery}, h.o.Extensions...) {
		paths := e.Endpoints
		if q.Repository != "" {
			paths = e.RepositoryEndpoints
		}
		if len(paths) == 0 {
			continue
		}
		at := slices.IndexFunc(list, func(d discovered) bool { return d.Name == e.Name })
		if at < 0 {
			at = len(list)
			list = append(list, discovered{Name: e.Name, Description: e.Description, URL: e.URL})
		} else {
			list[at].Description += "; " + e.Description
		}
		for _, p := range paths {
			list[at].Endpoints = append(list[at].Endpoints, oci.Request{Repository: q.Repository}.Path()+p)
		}
	}
	body, _ := json.Marshal(map[string][]discovered{"extensions": list}) // strings can always be encoded
	newAnswer(body).send(w, r, typeJSON)
}
