package v2

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
)

// referrersIndex is the body of a referrers answer, an image index
// (distribution-spec "Listing Referrers").
type referrersIndex struct {
	SchemaVersion int              `json:"schemaVersion"`
	MediaType     string           `json:"mediaType"`
	Manifests     []oci.Descriptor `json:"manifests"`
}

func (h *Handler) referrers(w http.ResponseWriter, r *http.Request, q oci.Request) error {
	query := oci.ReferrersQuery{ArtifactTypes: askedTypes(q), Last: q.Query.Get("last")}
	list, err := h.o.Registry.Referrers(r.Context(), q.Repository, q.Reference.Digest, query)
	if err != nil {
		return err
	}
	header := w.Header()
	if list.Filtered {
		header["Oci-Filters-Applied"] = filtersApplied
	}
	if list.Next != "" {
		header["Link"] = []string{referrersLink(q, query, list.Next)}
	}
	memoised(&list.Memo, func() []byte { return encodeReferrers(list) }).send(w, r, typeIndex)
	return nil
}

var filtersApplied = []string{"artifactType"}

// askedTypes are the artifact types to filter by: any of the repeated
// parameter's. A plus sign that a client did not escape arrives as a space,
// which no media type has.
func askedTypes(q oci.Request) []string {
	var types []string
	for _, t := range q.Query["artifactType"] {
		if t != "" {
			types = append(types, strings.ReplaceAll(t, " ", "+"))
		}
	}
	return types
}

func encodeReferrers(list *oci.Referrers) []byte {
	index := referrersIndex{2, oci.MediaTypeImageIndex, list.Manifests}
	if index.Manifests == nil {
		index.Manifests = []oci.Descriptor{}
	}
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	_ = e.Encode(index) // strings, numbers and maps of strings can always be encoded
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}

func referrersLink(q oci.Request, query oci.ReferrersQuery, next string) string {
	v := url.Values{"last": {next}}
	if len(query.ArtifactTypes) > 0 {
		v["artifactType"] = query.ArtifactTypes
	}
	return "<" + q.Path() + "?" + v.Encode() + `>; rel="next"`
}
