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
	Start string // address of the first page
	First bool   // the listing begins here
	Type  string // what the type that is listed is called; empty: all are

	// Identifying is how many of a hundred are identified with a catalog that has
	// just changed.
	Identifying *int64
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
	last, typ := query.Get("last"), query.Get("type")
	list, err := h.o.Browser.Items(r.Context(), h.o.Visible(r), browse.Query{Type: typ, Last: last, N: pageRows, Site: site})
	if err != nil {
		return err
	}
	content := home{Rows: h.rows(list.Items), First: last == "", Start: homeURL("", typ)}
	if list.Next != "" {
		content.Next = homeURL(list.Next, typ)
	}
	title := "Artifacts"
	if typ != "" {
		content.Type = h.o.Browser.TypeName(typ)
		title = content.Type
	}
	if p := h.o.Browser.Progress(); p.Total > 0 {
		done := 100 * p.Done / p.Total
		content.Identifying = &done
	}
	return h.render(w, r, http.StatusOK, "home", page{Title: title, Site: site, Content: content})
}

// homeURL is the address of the listing after a place, of one type or of all.
func homeURL(last, typ string) string {
	query := url.Values{}
	if last != "" {
		query.Set("last", last)
	}
	if typ != "" {
		query.Set("type", typ)
	}
	if len(query) == 0 {
		return "/"
	}
	return "/?" + query.Encode()
}
