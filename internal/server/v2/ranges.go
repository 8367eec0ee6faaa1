package v2

import (
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
)

// maxRanges is the most ranges that one request may ask for. Clients that pull
// lazily ask for some dozens.
const maxRanges = 128

// byteRange is a part of a blob, inside it and not empty.
type byteRange struct{ start, length int64 }

// contentRange is the part as Content-Range names it, the whole size included.
func (p byteRange) contentRange(size int64) string {
	buf := make([]byte, 0, 64)
	buf = strconv.AppendInt(append(buf, "bytes "...), p.start, 10)
	buf = strconv.AppendInt(append(buf, '-'), p.start+p.length-1, 10)
	return string(strconv.AppendInt(append(buf, '/'), size, 10))
}

// requestedRanges is what Range asks for of the blob; none means the whole.
// If-Range with another validator than the blob's asks for the whole.
func requestedRanges(r *http.Request, d oci.Descriptor) ([]byteRange, error) {
	asked := r.Header["Range"]
	if len(asked) == 0 || d.Size == 0 {
		return nil, nil
	}
	if v := r.Header.Get("If-Range"); v != "" && v != `"`+string(d.Digest)+`"` {
		return nil, nil
	}
	return parseRanges(asked[0], d.Size)
}

// parseRanges reads a Range header for content of size bytes (RFC 9110 section
// 14.2). No ranges and no error mean that the header is to be ignored: its unit
// is not bytes, or its ranges are together larger than the content. Error:
// RangeInvalid when it cannot be read, asks for too many ranges, or only for
// bytes beyond the end.
func parseRanges(header string, size int64) ([]byteRange, error) {
	unit, set, ok := strings.Cut(header, "=")
	if !ok || !strings.EqualFold(strings.TrimSpace(unit), "bytes") {
		return nil, nil
	}
	if strings.Count(set, ",") >= maxRanges {
		return nil, oci.RangeInvalid.With(nil, "Range asks for more than %d ranges: ask for fewer at a time", maxRanges)
	}
	var ranges []byteRange
	left := size // what the ranges leave; below 0 they are larger than the content
	for spec := range strings.SplitSeq(set, ",") {
		spec = strings.Trim(spec, " \t")
		if spec == "" {
			continue
		}
		p, ok := parseRange(spec, size)
		if !ok {
			return nil, oci.RangeInvalid.With(nil, "Range %.80q is not valid: want bytes=first-last, first- or -length", spec)
		}
		if p.length > 0 {
			ranges = append(ranges, p)
			left = max(left-p.length, -1)
		}
	}
	switch {
	case len(ranges) == 0:
		return nil, oci.RangeInvalid.With(map[string]int64{"size": size}, "Range asks for bytes beyond the end: the blob has %d bytes", size)
	case left < 0:
		return nil, nil
	}
	return ranges, nil
}

// parseRange reads first-last, first- or -length. A range that lies beyond the
// end is valid and has length 0.
func parseRange(spec string, size int64) (p byteRange, ok bool) {
	first, last, ok := strings.Cut(spec, "-")
	if !ok {
		return p, false
	}
	first, last = strings.TrimRight(first, " \t"), strings.TrimLeft(last, " \t")
	if first == "" {
		n, ok := parsePosition(last)
		n = min(n, size)
		return byteRange{size - n, n}, ok
	}
	start, ok := parsePosition(first)
	if !ok {
		return p, false
	}
	end := size - 1
	if last != "" {
		n, ok := parsePosition(last)
		if !ok || n < start {
			return p, false
		}
		end = min(end, n)
	}
	return byteRange{start, max(end-start+1, 0)}, true
}

// parsePosition reads a number of digits alone; one beyond int64 is the largest.
func parsePosition(s string) (n int64, ok bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, _ = strconv.ParseInt(s, 10, 64) // out of range gives the largest
	return n, true
}

// sendRange answers 206 with one part.
func sendRange(w http.ResponseWriter, b *oci.Blob, p byteRange) {
	v := [...]string{strconv.FormatInt(p.length, 10), p.contentRange(b.Descriptor.Size)}
	header := w.Header()
	header["Content-Length"] = v[0:1:1]
	header["Content-Range"] = v[1:2:2]
	w.WriteHeader(http.StatusPartialContent)
	copyPart(w, b, p)
}

// sendRanges answers 206 with several parts as multipart/byteranges.
func sendRanges(w http.ResponseWriter, b *oci.Blob, ranges []byteRange) {
	var size counter
	measure := multipart.NewWriter(&size)
	for _, p := range ranges {
		_, _ = measure.CreatePart(partHeader(p, b.Descriptor.Size)) // a counter cannot fail
		size += counter(p.length)
	}
	_ = measure.Close()

	out := multipart.NewWriter(w)
	_ = out.SetBoundary(measure.Boundary()) // a boundary that was just made is valid
	header := w.Header()
	header["Content-Type"] = []string{"multipart/byteranges; boundary=" + out.Boundary()}
	header["Content-Length"] = []string{strconv.FormatInt(int64(size), 10)}
	w.WriteHeader(http.StatusPartialContent)
	for _, p := range ranges {
		part, err := out.CreatePart(partHeader(p, b.Descriptor.Size))
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		copyPart(part, b, p)
	}
	if out.Close() != nil {
		panic(http.ErrAbortHandler)
	}
}

func partHeader(p byteRange, size int64) textproto.MIMEHeader {
	return textproto.MIMEHeader{"Content-Type": typeOctets, "Content-Range": {p.contentRange(size)}}
}

// copyPart sends one part. The status is out by now: whatever goes wrong ends
// the connection.
func copyPart(w io.Writer, b *oci.Blob, p byteRange) {
	if _, err := b.Content.Seek(p.start, io.SeekStart); err != nil {
		panic(http.ErrAbortHandler)
	}
	if _, err := io.CopyN(w, b.Content, p.length); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// counter counts the bytes written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
