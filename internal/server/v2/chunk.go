package v2

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
)

// chunk is the part of an upload that a request says it carries.
type chunk struct{ first, last int64 }

func (c chunk) length() int64 { return c.last - c.first + 1 }

// parseContentRange reads the Content-Range of a chunk, first-last with both
// ends included (distribution-spec "Pushing a blob in chunks"). RFC 9110's own
// form, "bytes first-last/size", is taken as well, since clients send it.
// Error: BlobUploadInvalid.
func parseContentRange(s string) (c chunk, err error) {
	spec, ok := s, true
	if rest, rfc := strings.CutPrefix(s, "bytes "); rfc {
		var size string
		if spec, size, ok = strings.Cut(rest, "/"); ok && size != "*" {
			_, ok = parsePlace(size)
		}
	}
	first, last, dash := strings.Cut(spec, "-")
	if ok = ok && dash; ok {
		c.first, ok = parsePlace(first)
	}
	if ok {
		c.last, ok = parsePlace(last)
	}
	if !ok || c.last < c.first {
		return chunk{}, oci.BlobUploadInvalid.With(nil, "Content-Range %.80q is not valid: want first-last, for example 0-1023", s)
	}
	return c, nil
}

// parsePlace reads digits alone, below 2^62 so that lengths cannot overflow.
func parsePlace(s string) (int64, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n < 1<<62
}

// checkChunk holds what the request says of its body against the upload, before
// a byte is read. c is nil when there is no Content-Range: the body goes on
// where the upload is. Errors: BlobUploadInvalid, RangeInvalid, SizeInvalid.
func checkChunk(r *http.Request, up oci.Upload) (c *chunk, err error) {
	s := r.Header.Get("Content-Range")
	if s == "" {
		return nil, nil
	}
	said, err := parseContentRange(s)
	if err != nil {
		return nil, err
	}
	if said.first != up.Size() {
		e := oci.RangeInvalid.With(map[string]int64{"offset": up.Size()}, "chunk begins at byte %d and the upload holds %d bytes: go on at byte %d", said.first, up.Size(), up.Size())
		e.Offset = up.Size()
		return nil, e
	}
	if r.ContentLength >= 0 && r.ContentLength != said.length() {
		return nil, oci.SizeInvalid.With(nil, "Content-Range %q has %d bytes and Content-Length is %d: send both for the same bytes", s, said.length(), r.ContentLength)
	}
	return &said, nil
}

// receive writes the request's body to the upload and leaves the upload open
// when it returns nil. When it returns an error it has let go of the upload, which
// holds what was acknowledged before: of a client that went away nobody knows
// whether it comes back, and bytes that it was not told of would only take space.
func receive(r *http.Request, up oci.Upload, c *chunk) error {
	body := &source{r: r.Body}
	var in io.Reader = body
	if r.ContentLength > 0 {
		up.Expect(r.ContentLength)
	}
	if c != nil { // one byte more than said is enough to see that there are more
		in = io.LimitReader(body, c.length()+1)
	}
	n, err := up.ReadFrom(in)
	switch {
	case body.err != nil:
		return errors.Join(cutShort(n, body.err), up.Discard())
	case err != nil:
		return errors.Join(err, up.Discard())
	case c != nil && n != c.length():
		said := oci.SizeInvalid.With(nil, "Content-Range says %d bytes and the body has %s: nothing of it was kept", c.length(), countOf(n, c.length()))
		return errors.Join(said, up.Discard())
	}
	return nil
}

func countOf(n, limit int64) string {
	if n > limit {
		return "more"
	}
	return strconv.FormatInt(n, 10)
}

// source keeps the error of a body that was cut off, which tells a client that
// went away from an upload that cannot take more.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}
