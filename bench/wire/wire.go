// Package wire is a small, cheap HTTP/1.1 client for measuring servers: one
// keep-alive connection, requests written as prepared bytes, responses read
// without allocation. The load generator shares its cores with the server it
// measures, so what it spends itself hides differences between servers.
//
// It does not know registries, redirects, proxies, TLS, trailers or
// pipelining, and it trusts the server no further than the limits named here.
package wire

import (
	"fmt"
	"io"
	"net"
	"time"
)

// bufferSize is what one read may bring. It holds a whole response of a small
// body, and for large bodies it keeps the number of reads low while it still
// fits a core's second-level cache.
const bufferSize = 128 << 10

// patience bounds one request with its response.
const patience = 2 * time.Minute

// Conn is one keep-alive connection. It is not safe for concurrent use.
type Conn struct {
	net     net.Conn
	buf     []byte
	r, w    int // unread bytes are buf[r:w]
	vec     net.Buffers
	parts   [][]byte // what vec walks over; kept to be reused
	checked time.Time
}

// Dial connects to a host:port.
func Dial(addr string) (*Conn, error) {
	c, err := net.DialTimeout("tcp", addr, 10*time.Second)
	if err != nil {
		return nil, err
	}
	return NewConn(c), nil
}

// NewConn speaks HTTP/1.1 over c, which it owns from now on.
func NewConn(c net.Conn) *Conn {
	return &Conn{net: c, buf: make([]byte, bufferSize)}
}

// Close closes the connection.
func (c *Conn) Close() error { return c.net.Close() }

// Do sends req and reads the whole response into resp, its body into sink;
// a nil sink drops the body. An error means that the connection is of no more
// use; an error status is not an error here. When the server answers before it
// has read the whole body, that answer is returned.
func (c *Conn) Do(req *Request, resp *Response, sink io.Writer) error {
	c.extend()
	werr := c.write(req)
	if err := c.readHead(resp); err != nil {
		if werr != nil {
			err = werr
		}
		return fmt.Errorf("%s: %w", req.line(), err)
	}
	if werr != nil {
		resp.Close = true
	}
	if err := c.readBody(resp, req.NoBody, sink); err != nil {
		return fmt.Errorf("%s: %w", req.line(), err)
	}
	return nil
}

// extend moves the deadline, but not at every request: setting it costs more
// than reading the clock.
func (c *Conn) extend() {
	if now := time.Now(); now.Sub(c.checked) > patience/4 {
		c.checked = now
		c.net.SetDeadline(now.Add(patience + patience/4))
	}
}

func (c *Conn) write(req *Request) error {
	if len(req.Body) == 0 {
		_, err := c.net.Write(req.Head)
		return err
	}
	c.parts = append(append(c.parts[:0], req.Head), req.Body...)
	c.vec = c.parts
	_, err := c.vec.WriteTo(c.net)
	return err
}

// fill reads more bytes behind the unread ones.
func (c *Conn) fill() error {
	if c.r == c.w {
		c.r, c.w = 0, 0
	} else if c.w == len(c.buf) {
		c.w = copy(c.buf, c.buf[c.r:c.w])
		c.r = 0
	}
	if c.w == len(c.buf) {
		return fmt.Errorf("a header or line longer than %d bytes", len(c.buf))
	}
	n, err := c.net.Read(c.buf[c.w:])
	c.w += n
	if n > 0 {
		return nil
	}
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
