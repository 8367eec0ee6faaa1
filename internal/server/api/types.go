package api

import (
	"net/http"

	"github.com/argosy-registry/argosy/internal/browse"
	"github.com/argosy-registry/argosy/internal/bundle"
	"github.com/argosy-registry/argosy/internal/oci"
)

// catalog is the body of the list of types.
type catalog struct {
	Fingerprint string             `json:"fingerprint"` // changes when the catalog does
	Types       []browse.TypeEntry `json:"types"`
}

func (h *Handler) types(q request) (*answer, error) {
	types, err := h.o.Browser.Types(q.visible)
	if err != nil {
		return nil, err
	}
	return newJSON(catalog{h.o.Browser.Fingerprint(), types})
}

// report is the body of the report on media types that no entry knows.
type report struct {
	MediaTypes []browse.UnknownType `json:"mediaTypes"`
}

func (h *Handler) unknown(q request) (*answer, error) {
	list, err := h.o.Browser.UnknownTypes(q.visible, q.site)
	if err != nil {
		return nil, err
	}
	return newJSON(report{list})
}

// bundle answers the entries in force and their icons as one file, or with origin
// all entries of an origin: what 'argosy types import' takes.
func (h *Handler) bundle(q request) (*answer, error) {
	files, err := h.o.Browser.EntryFiles(q.Query.Get("origin"))
	if err != nil {
		return nil, err
	}
	packed, err := bundle.Pack(files)
	if err != nil {
		return nil, err
	}
	return &answer{contentType: "application/zip", body: packed, header: http.Header{
		"Cache-Control":       {"private, no-cache"},
		"Content-Disposition": {`attachment; filename="types.zip"`},
	}}, nil
}

func (h *Handler) typ(q request, id string) (*answer, error) {
	t, ok, err := h.o.Browser.TypeByID(q.visible, id)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, oci.ExtensionUnknown.With(map[string]string{"type": id[:min(len(id), 80)]}, "no type has the id %.80q: GET /v2/_argosy/types lists them", id)
	}
	return newJSON(t)
}

// iconPolicy keeps an image of a stranger's making from doing anything when it
// is opened as a page.
const iconPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'"

// icon answers an image. The version in the addresses that other answers give
// changes with the catalog, so that clients may keep what they have got by them.
func (h *Handler) icon(q request, of browse.IconOf, id string) (*answer, error) {
	icon, mediaType, ok := h.o.Browser.Picture(of, id)
	if !ok {
		return nil, oci.ExtensionUnknown.With(map[string]string{"id": id[:min(len(id), 80)]}, "there is no icon of %.80q", id)
	}
	keep := "max-age=300"
	if q.Query.Get("v") == h.o.Browser.Fingerprint() {
		keep = "max-age=31536000, immutable"
	}
	return &answer{contentType: mediaType, body: icon, header: http.Header{
		"Cache-Control":           {keep},
		"Content-Security-Policy": {iconPolicy},
	}}, nil
}
