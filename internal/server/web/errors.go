package web

import (
	"log/slog"
	"net/http"

	"github.com/argosy-registry/argosy/internal/browse"
	"github.com/argosy-registry/argosy/internal/oci"
)

// errNoPage says that there is no page at the address.
var errNoPage = oci.ExtensionUnknown.With(nil, "there is no page at this address")

// failure is what an error page shows.
type failure struct {
	Status int
	Name   string // of the status
	Cause  string
}

// writeError is the one place where an error becomes a page. What is the
// program's own failure is logged, and not shown.
func (h *Handler) writeError(w http.ResponseWriter, r *http.Request, err error) {
	e := oci.AsError(err)
	if e == nil {
		h.o.Log.LogAttrs(r.Context(), slog.LevelError, "page failed", slog.String("path", r.URL.Path), slog.Any("error", err))
		e = oci.Unknown.With(nil, "something is wrong on this side: the registry's log says more")
	}
	status := e.Code.Status()
	if status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", "GET, HEAD")
	}
	w.Header().Del("Etag")
	site, _ := browse.NewSite(h.o.ExternalURL, r.Host, r.TLS != nil) // without a host the page still has its words
	name := http.StatusText(status)
	p := page{Title: name, Site: site, Content: failure{status, name, e.Message}}
	if err := h.render(w, r, status, "error", p); err != nil {
		h.o.Log.LogAttrs(r.Context(), slog.LevelError, "error page failed", slog.Any("error", err))
		http.Error(w, name, status)
	}
}
