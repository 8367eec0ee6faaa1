// Package web draws what package browse shows as pages for people, on the
// registry's own port: whole HTML that works without scripts, in one calm
// design, from narrow to wide, in light and dark.
//
// It does not know the store, the protocol, or what an artifact type means.
// Whatever comes out of an artifact is text to it, and escaped.
package web

import (
	"bytes"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/argosy-registry/argosy/internal/browse"
	"github.com/argosy-registry/argosy/internal/oci"
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

	// Log receives the pages' own failures. nil means slog.Default.
	Log *slog.Logger

	// Now is the present that times are shown against. nil means time.Now.
	Now func() time.Time
}

// Handler answers every path that is not the protocol's.
type Handler struct{ o Options }

// New returns the handler of the pages.
func New(o Options) *Handler {
	if o.Visible == nil {
		o.Visible = func(*http.Request) browse.Visible { return browse.Everything }
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Handler{o}
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	setPolicy(w.Header())
	if err := h.serve(w, r); err != nil {
		h.writeError(w, r, err)
	}
}

// serve writes an answer or returns an error, never both.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return oci.Unsupported.With(nil, "pages are read with GET; artifacts are pushed below /v2/")
	}
	if name, ok := strings.CutPrefix(r.URL.Path, assetPath); ok {
		return serveAsset(w, r, name)
	}
	if r.URL.Path != "/" {
		return errNoPage
	}
	return h.home(w, r)
}

// setPolicy lets a page load the registry's own style, script and images, and
// nothing else.
func setPolicy(header http.Header) {
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "+
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
}

// page is what every page's layout shows; Content is the page's own.
type page struct {
	Title   string
	Site    browse.Site
	Content any
}

// render writes a whole page with a status. It is drawn into memory first: a
// page that fails halfway is an error page, and not half a page.
func (h *Handler) render(w http.ResponseWriter, r *http.Request, status int, name string, p page) error {
	var b bytes.Buffer
	if err := templates[name].ExecuteTemplate(&b, "layout", p); err != nil {
		return err
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(b.Len()))
	header.Set("Cache-Control", "private, no-cache")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.Bytes()) // a client that went away has no use for the error
	}
	return nil
}
