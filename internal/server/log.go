package server

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log"
	"log/slog"
	"net/http"
	"runtime/debug"
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

func (r requestIDs) next() string {
	var buf [24]byte
	return string(strconv.AppendUint(append(buf[:0], r.process...), r.count.Add(1), 36))
}

// done logs and counts a request. A panic is answered as an error of ours, or
// ends the connection when an answer has begun.
func (s *Server) done(w *response, r *http.Request, note *v2.Note, start time.Time, panicked any) {
	if panicked != nil && panicked != http.ErrAbortHandler {
		s.o.Log.Error("request panicked", "id", note.RequestID, "method", r.Method, "path", r.URL.Path,
			"panic", panicked, "stack", string(debug.Stack()))
		if w.status == 0 {
			clear(w.Header())
			s.refuse(w, r, note, errors.New("panic"))
			panicked = nil
		}
	}
	took := time.Since(start)
	if took > window {
		w.out.begin(0) // net/http has the end of the answer still to send
	}
	if panicked != nil {
		w.status = 0
		s.metrics.count(r.Method, note, w.status, w.bytes, took)
		s.log(w, r, note, took, "aborted")
		panic(http.ErrAbortHandler)
	}
	if w.status == 0 { // nothing was written: net/http answers 200
		w.status = http.StatusOK
	}
	s.metrics.count(r.Method, note, w.status, w.bytes, took)
	s.log(w, r, note, took, "request")
}

// log writes a line of the request log. Credentials are never in it.
func (s *Server) log(w *response, r *http.Request, note *v2.Note, took time.Duration, what string) {
	if s.o.Requests == nil {
		return
	}
	n := s.o.Requests.begin(time.Now(), what)
	n.text("id", note.RequestID)
	n.text("from", r.RemoteAddr)
	if w.user != "" {
		n.text("user", w.user)
	}
	n.text("method", r.Method)
	n.text("path", r.URL.Path)
	n.number("status", int64(w.status))
	n.number("bytes", w.bytes)
	n.number("us", took.Microseconds())
	n.text("agent", r.UserAgent())
	if note.Type != "" {
		n.text("type", note.Type)
	}
	s.o.Requests.end(n)
}

// quietLog is where net/http writes what clients did wrong: of interest when
// debugging only.
func quietLog(l *slog.Logger) *log.Logger { return slog.NewLogLogger(l.Handler(), slog.LevelDebug) }
