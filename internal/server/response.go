package server

import (
	"io"
	"net/http"
	"os"
	"time"
)

// response remembers what was answered. It passes ReadFrom on to the real
// writer, which hands files to the kernel.
type response struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *response) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// ReadFrom is how io.Copy reaches sendfile.
func (w *response) ReadFrom(src io.Reader) (int64, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := io.Copy(w.ResponseWriter, src)
	w.bytes += n
	return n, err
}

// Unwrap is for http.ResponseController.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// A body must bring minRate bytes in each window, however long it is.
const (
	window  = 30 * time.Second
	minRate = 30 << 10
)

// limitBody has a request's body fail when it comes too slowly.
func (s *Server) limitBody(w http.ResponseWriter, r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 {
		return
	}
	r.Body = &paced{ReadCloser: r.Body, control: http.NewResponseController(w)}
}

// paced is a body with a deadline that progress moves on.
type paced struct {
	io.ReadCloser
	control *http.ResponseController
	due     time.Time
	bytes   int64 // since the deadline was set
}

func (p *paced) Read(b []byte) (int, error) {
	if now := time.Now(); p.due.IsZero() || p.bytes >= minRate && now.After(p.due.Add(-window/2)) {
		p.due, p.bytes = now.Add(window), 0
		_ = p.control.SetReadDeadline(p.due) // not every connection has one
	}
	n, err := p.ReadCloser.Read(b)
	p.bytes += int64(n)
	if err != nil && !os.IsTimeout(err) {
		// The connection's own reader goes on watching for its end.
		_ = p.control.SetReadDeadline(time.Time{})
	}
	return n, err
}
