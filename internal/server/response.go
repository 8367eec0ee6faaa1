package server

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"
)

// response remembers what was answered and holds the client to its pace. Files
// pass through it to the kernel.
type response struct {
	http.ResponseWriter
	out    pace
	plain  bool // the connection is TCP as it is: files can go to the kernel
	status int
	bytes  int64
	user   string // who asked, empty without credentials
}

// answerWithin is how long net/http lets an answer take from the request on
// (http.Server.WriteTimeout); what takes longer moves the deadline on.
const answerWithin = 2 * window

// newResponse wraps w for the answer to r, which came at start.
func newResponse(w http.ResponseWriter, r *http.Request, start time.Time) *response {
	return &response{ResponseWriter: w, plain: r.TLS == nil, out: pace{conn: w, due: start.Add(answerWithin)}}
}

// WriteHeader notes the status. Informational ones are not the answer.
func (w *response) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// piece is the most bytes that are written at once, each under a deadline.
const piece = 64 << 10

// Write writes p in pieces.
func (w *response) Write(p []byte) (n int, err error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	for {
		part := p[n:min(len(p), n+piece)]
		begun := w.out.begin(len(part))
		wrote, err := w.ResponseWriter.Write(part)
		w.out.end(begun, int64(wrote))
		n += wrote
		w.bytes += int64(wrote)
		if err != nil || n >= len(p) {
			return n, err
		}
	}
}

// ReadFrom is how io.Copy reaches sendfile, which needs a file, a known length
// and a connection without TLS.
func (w *response) ReadFrom(src io.Reader) (int64, error) {
	if to, ok := w.ResponseWriter.(io.ReaderFrom); ok && w.plain && isFile(src) && w.Header()["Content-Length"] != nil {
		return w.sendFile(to, src)
	}
	buf := pieces.Get().(*[piece]byte)
	defer pieces.Put(buf)
	return io.CopyBuffer(writerOnly{w}, readerOnly{src}, buf[:])
}

// sendFile hands a file to the kernel. A deadline that passes in the middle of
// it is met if enough was sent: the file then stands where the kernel stopped.
func (w *response) sendFile(to io.ReaderFrom, src io.Reader) (n int64, err error) {
	for {
		begun := w.out.begin(0)
		sent, err := to.ReadFrom(src)
		if sent > 0 && w.status == 0 {
			w.status = http.StatusOK
		}
		n += sent
		w.bytes += sent
		if full := w.out.end(begun, sent); !full || !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
	}
}

// isFile says whether the kernel can send src by itself.
func isFile(src io.Reader) bool {
	if part, ok := src.(*io.LimitedReader); ok {
		src = part.R
	}
	_, ok := src.(syscall.Conn)
	return ok
}

var pieces = sync.Pool{New: func() any { return new([piece]byte) }}

// writerOnly and readerOnly hide the methods by which io.CopyBuffer would leave
// its buffer aside.
type (
	writerOnly struct{ io.Writer }
	readerOnly struct{ io.Reader }
)

// Unwrap is for http.ResponseController.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }
