package wire

import (
	"bytes"
	"strconv"
)

// Request is a request ready to be written, and usable again and again.
type Request struct {
	Head   []byte   // request line, headers and the empty line
	Body   [][]byte // the body in pieces, which are not copied
	NoBody bool     // the response has no body whatever its headers say: HEAD
}

// Format prepares a request for path on host (host:port) with headers given as
// name, value, name, value. The body's length is announced when there is one
// and for every method that usually has one.
func Format(method, host, path string, body [][]byte, headers ...string) *Request {
	b := make([]byte, 0, 256)
	b = append(b, method...)
	b = append(b, ' ')
	b = append(b, path...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, host...)
	b = append(b, "\r\n"...)
	for i := 0; i+1 < len(headers); i += 2 {
		b = append(b, headers[i]...)
		b = append(b, ": "...)
		b = append(b, headers[i+1]...)
		b = append(b, "\r\n"...)
	}
	if size := length(body); size > 0 || method == "POST" || method == "PUT" || method == "PATCH" {
		b = append(b, "Content-Length: "...)
		b = strconv.AppendInt(b, size, 10)
		b = append(b, "\r\n"...)
	}
	b = append(b, "\r\n"...)
	return &Request{Head: b, Body: body, NoBody: method == "HEAD"}
}

func length(body [][]byte) (n int64) {
	for _, p := range body {
		n += int64(len(p))
	}
	return n
}

// line is the request line without the version, for messages.
func (r *Request) line() string {
	line, _, _ := bytes.Cut(r.Head, []byte(" HTTP/1.1\r\n"))
	return string(line)
}
