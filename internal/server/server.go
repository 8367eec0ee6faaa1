// Package server puts the protocol, the pages and the probes on one listener:
// who asks, which host they mean, how slow they may be, what is logged and
// counted. It does not know what is served.
package server

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/argosy-registry/argosy/internal/auth"
	"github.com/argosy-registry/argosy/internal/oci"
	v2 "github.com/argosy-registry/argosy/internal/server/v2"
)

// Options are what a Server needs.
type Options struct {
	Protocol *v2.Handler
	Pages    http.Handler
	Access   *auth.Access
	Ready    func(context.Context) error // what /readyz asks

	// OwnHosts, when not nil, says which names in Host the server answers to.
	// An open server on loopback answers to loopback names only: a page of
	// another site could otherwise reach it through a name that it controls.
	OwnHosts func(host string) bool

	KnownType func(id string) bool // bounds the type label of the metrics
	Requests  *RequestLog          // gets a line for each request; nil: none
	Log       *slog.Logger         // gets what went wrong here
}

// Server is the whole registry as an http.Handler.
type Server struct {
	o       Options
	metrics *metrics
	ids     requestIDs
}

// New makes a Server.
func New(o Options) *Server {
	return &Server{o: o, metrics: newMetrics(o.KnownType), ids: newRequestIDs()}
}

// ServeHTTP answers, logs and counts one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	note := &v2.Note{RequestID: s.ids.next()}
	out := newResponse(w, r, start)
	defer func() { s.done(out, r, note, start, recover()) }()
	limitBody(w, r)
	if err := s.serve(out, r, note); err != nil {
		s.refuse(out, r, note, err)
	}
}

// serve routes a request. The protocol comes before any mux: a mux redirects
// paths that it thinks unclean.
func (s *Server) serve(w *response, r *http.Request, note *v2.Note) error {
	if s.o.OwnHosts != nil && !s.o.OwnHosts(r.Host) {
		return oci.MisdirectedRequest.With(nil, "host %.100q is not served here: this registry is open to its own machine only, use localhost, or set external-url", r.Host)
	}
	switch r.URL.Path {
	case "/livez":
		note.Kind = "live"
		return plain(w, http.StatusOK, "ok\n")
	case "/readyz":
		note.Kind = "ready"
		return s.ready(w, r)
	}
	id, err := s.o.Access.Identify(r)
	if err != nil {
		return err
	}
	if err := s.o.Access.Admit(id, r); err != nil {
		return err
	}
	w.user = id.Name
	r = r.WithContext(v2.WithNote(auth.With(r.Context(), id), note))
	switch {
	case isProtocol(r.URL.Path):
		s.o.Protocol.ServeHTTP(w, r)
	case r.URL.Path == "/metrics":
		note.Kind = "metrics"
		s.metrics.handler.ServeHTTP(w, r)
	default:
		note.Kind = "page"
		s.o.Pages.ServeHTTP(w, r)
	}
	return nil
}

func isProtocol(path string) bool {
	return strings.HasPrefix(path, "/v2") && (len(path) == 3 || path[3] == '/')
}

// refuse answers a request that goes no further.
func (s *Server) refuse(w *response, r *http.Request, note *v2.Note, err error) {
	if e := oci.AsError(err); e != nil && e.Code == oci.Unauthorized && s.o.Access.Users != nil {
		w.Header()["Www-Authenticate"] = challenge
	}
	if isProtocol(r.URL.Path) {
		s.o.Protocol.WriteError(w, r.WithContext(v2.WithNote(r.Context(), note)), err)
		return
	}
	e := oci.AsError(err)
	if e == nil {
		e = oci.Unknown.With(nil, "internal error")
	}
	_ = plain(w, e.Code.Status(), e.Message+"\n")
}

var challenge = []string{auth.Challenge}

// Challenge adds to a 401 what credentials are asked for.
func Challenge(h http.Header, _ *http.Request) { h["Www-Authenticate"] = challenge }

func (s *Server) ready(w http.ResponseWriter, r *http.Request) error {
	if err := s.o.Ready(r.Context()); err != nil {
		return plain(w, http.StatusServiceUnavailable, "not ready: "+err.Error()+"\n")
	}
	return plain(w, http.StatusOK, "ok\n")
}

// plain answers a line of text.
func plain(w http.ResponseWriter, status int, text string) error {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // who asked may be gone
	return nil
}

// LoopbackHosts is an OwnHosts of loopback names and external's own, which may
// be empty.
func LoopbackHosts(external string) func(string) bool {
	return func(host string) bool {
		name := host
		if h, _, err := net.SplitHostPort(host); err == nil {
			name = h
		}
		name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
		ip := net.ParseIP(name)
		return name == "localhost" || strings.HasSuffix(name, ".localhost") || ip != nil && ip.IsLoopback() ||
			external != "" && strings.EqualFold(host, external)
	}
}
