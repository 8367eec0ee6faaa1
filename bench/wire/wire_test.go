package wire

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
)

// canned is a connection that answers with prepared bytes.
type canned struct {
	net.Conn
	in  io.Reader
	out bytes.Buffer
}

func (c *canned) Read(p []byte) (int, error)  { return c.in.Read(p) }
func (c *canned) Write(p []byte) (int, error) { return c.out.Write(p) }

func get(in io.Reader) (*Response, string, error) {
	c := &Conn{net: &canned{in: in}, buf: make([]byte, 96)}
	resp, body := new(Response), new(bytes.Buffer)
	err := c.readHead(resp)
	if err == nil {
		err = c.readBody(resp, false, body)
	}
	return resp, body.String(), err
}

func TestResponse(t *testing.T) {
	cases := map[string]struct {
		in, body, err string
		status        int
		close         bool
	}{
		"length":          {in: "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", status: 200, body: "hello"},
		"no reason":       {in: "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", status: 200},
		"no headers":      {in: "HTTP/1.1 204 No Content\r\n\r\n", status: 204},
		"304 has no body": {in: "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", status: 304},
		"provisional":     {in: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx", status: 201, body: "x"},
		"chunked":         {in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n", status: 200, body: "abc0123456789"},
		"until the end":   {in: "HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat("z", 300), status: 200, body: strings.Repeat("z", 300), close: true},
		"HTTP/1.0":        {in: "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n1", status: 200, body: "1", close: true},
		"close":           {in: "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno", status: 404, body: "no", close: true},

		"short body":     {in: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", err: "1 bytes of the body are missing"},
		"short head":     {in: "HTTP/1.1 200 OK\r\nContent-Le", err: "unexpected EOF"},
		"two lengths":    {in: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", err: "not one length"},
		"bad length":     {in: "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", err: "not one length"},
		"huge length":    {in: "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", err: "not one length"},
		"other encoding": {in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", err: "other than chunked"},
		"bad chunk":      {in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", err: "size of a chunk"},
		"long chunk":     {in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", err: "after a chunk"},
		"not HTTP":       {in: "SSH-2.0-OpenSSH_9.2\r\n\r\n", err: "status line"},
		"bad status":     {in: "HTTP/1.1 2x0 OK\r\n\r\n", err: "HTTP status"},
		"bad header":     {in: "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", err: "not a header"},
		"long header":    {in: "HTTP/1.1 200 OK\r\nA: " + strings.Repeat("a", 100) + "\r\n\r\n", err: "longer than"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			for way, in := range map[string]io.Reader{"at once": strings.NewReader(tc.in), "byte by byte": iotest.OneByteReader(strings.NewReader(tc.in))} {
				resp, body, err := get(in)
				if tc.err != "" {
					if err == nil || !strings.Contains(err.Error(), tc.err) {
						t.Errorf("%s: error %v, want %q", way, err, tc.err)
					}
					continue
				}
				if err != nil || resp.Status != tc.status || body != tc.body || resp.Close != tc.close {
					t.Errorf("%s: %d %q close=%v %v", way, resp.Status, body, resp.Close, err)
				}
				if resp.Length != int64(len(tc.body)) {
					t.Errorf("%s: length %d, want %d", way, resp.Length, len(tc.body))
				}
			}
		})
	}
}

func TestHeader(t *testing.T) {
	resp, _, err := get(strings.NewReader("HTTP/1.1 202 Accepted\r\nLocation:  /a/b?c:d \r\nContent-Length: 0\r\n\r\n"))
	if err != nil || resp.Header("location") != "/a/b?c:d" || resp.Header("Loc") != "" {
		t.Errorf("%q %v", resp.Header("location"), err)
	}
}

func TestFormat(t *testing.T) {
	got := Format("PUT", "h:1", "/v2/a", [][]byte{[]byte("ab"), []byte("c")}, "A", "b")
	if want := "PUT /v2/a HTTP/1.1\r\nHost: h:1\r\nA: b\r\nContent-Length: 3\r\n\r\n"; string(got.Head) != want {
		t.Errorf("%q", got.Head)
	}
	if h := string(Format("GET", "h", "/", nil).Head); strings.Contains(h, "Content-Length") {
		t.Errorf("a GET announces a body: %q", h)
	}
	if h := string(Format("POST", "h", "/", nil).Head); !strings.Contains(h, "Content-Length: 0\r\n") {
		t.Errorf("a POST announces no length: %q", h)
	}
}

// TestConn talks to net/http over one connection, with bodies larger than the
// buffer in both directions.
func TestConn(t *testing.T) {
	big := bytes.Repeat([]byte("0123456789abcdef"), bufferSize/8)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		w.Header().Set("X-Got", fmt.Sprint(n, err))
		w.Header().Set("X-From", r.RemoteAddr)
		if r.URL.Path == "/chunked" {
			w.(http.Flusher).Flush()
		} else {
			w.Header().Set("Content-Length", fmt.Sprint(len(big)))
		}
		w.Write(big)
	}))
	defer srv.Close()
	addr := srv.Listener.Addr().String()
	c, err := Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	from := ""
	for _, req := range []*Request{
		Format("GET", addr, "/", nil),
		Format("PUT", addr, "/", [][]byte{big, big[:5]}),
		Format("HEAD", addr, "/", nil),
		Format("GET", addr, "/chunked", nil),
		Format("GET", addr, "/", nil),
	} {
		var resp Response
		var body bytes.Buffer
		if err := c.Do(req, &resp, &body); err != nil {
			t.Fatal(err)
		}
		want := big
		if req.NoBody {
			want = nil
		}
		if resp.Status != 200 || !bytes.Equal(body.Bytes(), want) {
			t.Errorf("%s: %d, %d bytes", req.line(), resp.Status, body.Len())
		}
		if got, want := resp.Header("X-Got"), fmt.Sprint(length(req.Body), " <nil>"); got != want {
			t.Errorf("%s: the server got %s, want %s", req.line(), got, want)
		}
		if from != "" && from != resp.Header("X-From") {
			t.Errorf("%s: another connection", req.line())
		}
		from = resp.Header("X-From")
	}
}

func TestDoAllocates(t *testing.T) {
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nDocker-Content-Digest: sha256:abc\r\n\r\nhello")
	in := bytes.NewReader(nil)
	c := NewConn(&canned{in: in})
	c.checked = c.checked.AddDate(9000, 0, 0) // no deadlines on a canned connection
	req, resp := Format("GET", "h", "/", nil), new(Response)
	got := testing.AllocsPerRun(100, func() {
		in.Reset(answer)
		if err := c.Do(req, resp, nil); err != nil {
			t.Fatal(err)
		}
		c.net.(*canned).out.Reset()
	})
	if got > 0 {
		t.Errorf("%v allocations a request, want none", got)
	}
}

func FuzzResponse(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"))
	f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 204\r\nConnection: close\r\n\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		resp, body, err := get(bytes.NewReader(in))
		slow, slowBody, slowErr := get(iotest.OneByteReader(bytes.NewReader(in)))
		if (err == nil) != (slowErr == nil) || (err == nil && (body != slowBody || resp.Status != slow.Status)) {
			t.Errorf("the answer depends on how it arrives: %v and %v, %q and %q", err, slowErr, body, slowBody)
		}
		if err == nil && (len(body) > len(in) || resp.Status < 200) {
			t.Errorf("%d with %d bytes out of %d", resp.Status, len(body), len(in))
		}
	})
}
