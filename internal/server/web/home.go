package web

import (
	"net/http"
	"net/url"

	"github.com/argosy-registry/argosy/internal/browse"
	"github.com/argosy-registry/argosy/internal/oci"
)

// pageRows is how many artifacts a page lists.
const pageRows = 50

// home is the listing of the whole registry.
type home struct {
	Rows  []row
	Next  string // address of the page that follows; empty when this is the last
	First bool   // the listing begins here
}

func (h *Handler) home(w http.ResponseWriter, r *http.Request) error {
	site, err := browse.NewSite(h.o.ExternalURL, r.Host, r.TLS != nil)
	if err != nil {
		return err
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return oci.RequestInvalid.With(nil, "the address cannot be read: %v", err)
	}
	last := query.Get("last")
	list, err := h.o.Browser.Items(r.Context(), h.o.Visible(r), browse.Query{Last: last, N: pageRows, Site: site})
	if err != nil {
		return err
	}
	content := home{Rows: h.rows(list.Items), First: last == ""}
	if list.Next != "" {
		content.Next = "/?last=" + url.QueryEscape(list.Next)
	}
	return h.render(w, r, http.StatusOK, "home", page{Title: "Artifacts", Site: site, Content: content})
}
