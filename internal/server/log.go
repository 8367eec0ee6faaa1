package server

import (
	"crypto/rand"
	"encoding/hex"
	"log"
	"log/slog"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	v2 "github.com/argosy-registry/argosy/internal/server/v2"
)

// requestIDs names requests in the log: a word of the process and a count.
type requestIDs struct {
	process string
	count   *atomic.Uint64
}

func newRequestIDs() requestIDs {
	word := make([]byte, 4)
	_, _ = rand.Read(word) // never fails
	return requestIDs{hex.EncodeToString(word) + "-", new(atomic.Uint64)}
}

func (r requestIDs) next() string { return r.process + strconv.FormatUint(r.count.Add(1), 36) }

// done logs and counts a request, and lets a panic end its connection only.
func (s *Server) done(w *response, r *http.Request, note *v2.Note, start time.Time) {
	took := time.Since(start)
	if p := recover(); p != nil {
		if p != http.ErrAbortHandler {
			s.o.Log.Error("request panicked", "request", note.RequestID, "method", r.Method, "path", r.URL.Path, "panic", p)
		}
		s.metrics.count(r.Method, note, 0, took)
		s.access(w, r, note, took, "aborted")
		panic(http.ErrAbortHandler)
	}
	s.metrics.count(r.Method, note, w.status, took)
	s.access(w, r, note, took, "request")
}

// access writes a line of the access log. Credentials are never in it.
func (s *Server) access(w *response, r *http.Request, note *v2.Note, took time.Duration, what string) {
	ctx := r.Context()
	if !s.o.Log.Enabled(ctx, slog.LevelInfo) {
		return
	}
	attrs := make([]slog.Attr, 0, 10)
	attrs = append(attrs,
		slog.String("id", note.RequestID), slog.String("from", r.RemoteAddr),
		slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", w.status),
		slog.Int64("bytes", w.bytes), slog.Duration("took", took), slog.String("agent", r.UserAgent()))
	if note.Type != "" {
		attrs = append(attrs, slog.String("type", note.Type))
	}
	s.o.Log.LogAttrs(ctx, slog.LevelInfo, what, attrs...)
}

// quietLog is where net/http writes what clients did wrong: of interest when
// debugging only.
func quietLog(l *slog.Logger) *log.Logger { return slog.NewLogLogger(l.Handler(), slog.LevelDebug) }
