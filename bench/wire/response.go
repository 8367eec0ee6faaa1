package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
)

// Response is the head of an answer. It is overwritten by the next Do that is
// given it.
type Response struct {
	Status int
	Length int64 // bytes of the body that were read
	Close  bool  // the server closes the connection after this answer

	head     []byte // header lines, each with its CRLF
	declared int64  // Content-Length, -1 without one
	chunked  bool
}

// Header is the value of the first header of that name, "" without one. Names
// are compared without regard to case.
func (r *Response) Header(name string) string {
	rest := r.head
	for len(rest) > 0 {
		var line []byte
		line, rest, _ = bytes.Cut(rest, crlf)
		if n, v, ok := bytes.Cut(line, colon); ok && equalFold(n, name) {
			return string(bytes.TrimSpace(v))
		}
	}
	return ""
}

var (
	crlf    = []byte("\r\n")
	crlf2   = []byte("\r\n\r\n")
	colon   = []byte(":")
	version = []byte("HTTP/1.")
)

// readHead reads the status line and headers of the next final answer;
// provisional ones (1xx) are skipped.
func (c *Conn) readHead(resp *Response) error {
	for range 8 {
		block, err := c.block()
		if err != nil {
			return err
		}
		if err := resp.parse(block); err != nil {
			return err
		}
		if resp.Status >= 200 {
			return nil
		}
	}
	return errors.New("more than 8 provisional answers")
}

// block takes one header block from the connection, with its empty line.
func (c *Conn) block() ([]byte, error) {
	for seen := 0; ; {
		if end := bytes.Index(c.buf[c.r+seen:c.w], crlf2); end >= 0 {
			block := c.buf[c.r : c.r+seen+end+len(crlf2)]
			c.r += len(block)
			return block, nil
		}
		seen = max(0, c.w-c.r-len(crlf2)+1)
		if err := c.fill(); err != nil {
			return nil, err
		}
	}
}

// parse reads a header block: `HTTP/1.x 200 …`, headers, the empty line.
func (r *Response) parse(block []byte) error {
	line, rest, _ := bytes.Cut(block, crlf)
	if len(line) < 12 || !bytes.HasPrefix(line, version) || line[8] != ' ' {
		return fmt.Errorf("not an HTTP/1 status line: %.60q", line)
	}
	status, ok := decimal(line[9:12])
	if !ok || status < 100 || (len(line) > 12 && line[12] != ' ') {
		return fmt.Errorf("not an HTTP status: %.60q", line)
	}
	*r = Response{Status: int(status), declared: -1, Close: line[7] == '0', head: append(r.head[:0], rest[:len(rest)-len(crlf)]...)}
	for rest = r.head; len(rest) > 0; {
		line, rest, _ = bytes.Cut(rest, crlf)
		if err := r.header(line); err != nil {
			return err
		}
	}
	return nil
}

// header takes in what one header line says about the body.
func (r *Response) header(line []byte) error {
	name, value, ok := bytes.Cut(line, colon)
	if !ok || len(name) == 0 {
		return fmt.Errorf("not a header: %.60q", line)
	}
	switch {
	case equalFold(name, "Content-Length"):
		n, ok := decimal(bytes.TrimSpace(value))
		if !ok || (r.declared >= 0 && r.declared != n) {
			return fmt.Errorf("not one length: %.60q", line)
		}
		r.declared = n
	case equalFold(name, "Transfer-Encoding"):
		if !equalFold(bytes.TrimSpace(value), "chunked") {
			return fmt.Errorf("an encoding other than chunked: %.60q", line)
		}
		r.chunked = true
	case equalFold(name, "Connection"):
		r.Close = r.Close || equalFold(bytes.TrimSpace(value), "close")
	}
	return nil
}

// decimal reads digits only, up to what an int64 holds.
func decimal(b []byte) (int64, bool) {
	n := int64(0)
	for _, c := range b {
		if c < '0' || c > '9' || n > (math.MaxInt64-9)/10 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, len(b) > 0
}

// equalFold compares ASCII names.
func equalFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i, c := range b {
		if c != s[i] && lower(c) != lower(s[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// readBody reads the body that the head announces into sink.
func (c *Conn) readBody(resp *Response, none bool, sink io.Writer) error {
	switch {
	case none || resp.Status == 204 || resp.Status == 304:
		return nil
	case resp.chunked:
		return c.readChunks(resp, sink)
	case resp.declared >= 0:
		return c.copy(resp, resp.declared, sink)
	}
	return c.readToEnd(resp, sink)
}

// copy hands n bytes of body to sink.
func (c *Conn) copy(resp *Response, n int64, sink io.Writer) error {
	for n > 0 {
		if c.r == c.w {
			if err := c.fill(); err != nil {
				return fmt.Errorf("%d bytes of the body are missing: %w", n, err)
			}
		}
		part := c.buf[c.r:c.w]
		if int64(len(part)) > n {
			part = part[:n]
		}
		c.r += len(part)
		n -= int64(len(part))
		resp.Length += int64(len(part))
		if sink != nil {
			if _, err := sink.Write(part); err != nil {
				return err
			}
		}
	}
	return nil
}

// readChunks reads a chunked body. Trailers are refused.
func (c *Conn) readChunks(resp *Response, sink io.Writer) error {
	for {
		line, err := c.line()
		if err != nil {
			return err
		}
		size, ok := hexadecimal(line)
		if !ok {
			return fmt.Errorf("not the size of a chunk: %.40q", line)
		}
		if err := c.copy(resp, size, sink); err != nil {
			return err
		}
		end, err := c.line()
		if err != nil {
			return err
		}
		if len(end) > 0 {
			return fmt.Errorf("after a chunk: %.40q", end)
		}
		if size == 0 {
			return nil
		}
	}
}

// line takes one line from the connection, without its CRLF.
func (c *Conn) line() ([]byte, error) {
	for {
		if end := bytes.Index(c.buf[c.r:c.w], crlf); end >= 0 {
			line := c.buf[c.r : c.r+end]
			c.r += end + len(crlf)
			return line, nil
		}
		if err := c.fill(); err != nil {
			return nil, err
		}
	}
}

// hexadecimal reads the size of a chunk of less than 2^60 bytes; extensions
// behind a semicolon are ignored.
func hexadecimal(b []byte) (int64, bool) {
	b, _, _ = bytes.Cut(b, []byte(";"))
	n := int64(0)
	for _, c := range b {
		switch c = lower(c); {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		default:
			return 0, false
		}
		n = n<<4 | int64(c)
	}
	return n, len(b) > 0 && len(b) <= 15
}

// readToEnd reads a body that ends with the connection.
func (c *Conn) readToEnd(resp *Response, sink io.Writer) error {
	resp.Close = true
	for {
		if err := c.copy(resp, int64(c.w-c.r), sink); err != nil {
			return err
		}
		if err := c.fill(); errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
