package server

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// limitBody has a request's body fail when it comes too slowly. The first
// deadline counts from here: what no handler reads, net/http still drains.
func limitBody(w http.ResponseWriter, r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 {
		return
	}
	b := &body{ReadCloser: r.Body, in: pace{conn: w, reads: true}}
	b.in.begin(0)
	r.Body = b
}

// body is a request's body under the pace of its connection.
type body struct {
	io.ReadCloser
	in pace
}

func (b *body) Read(p []byte) (int, error) {
	begun := b.in.begin(0)
	n, err := b.ReadCloser.Read(p)
	b.in.end(begun, int64(n))
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		// At the end of a body net/http watches the connection for its end:
		// a deadline would look like one and cancel the request.
		b.in.set(time.Time{})
	}
	return n, err
}
