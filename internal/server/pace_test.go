package server

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/argosy-registry/argosy/internal/auth"
	v2 "github.com/argosy-registry/argosy/internal/server/v2"
)

// pipes is a listener of connections in memory, whose deadlines follow the
// clock of the test.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipes() *pipes { return &pipes{make(chan net.Conn), make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial() net.Conn {
	ours, theirs := net.Pipe()
	p.conns <- theirs
	return ours
}

// open is a server that lets everybody do all, with pages for /.
func open(pages http.HandlerFunc) *Server {
	return New(Options{
		Protocol: v2.New(v2.Options{}), Pages: pages,
		Access: &auth.Access{Anonymous: auth.Identity{Rights: auth.Rights{Pull: true, Push: true}}},
		Ready:  func(context.Context) error { return nil },
		Log:    slog.New(slog.DiscardHandler),
	})
}

// inBubble runs client against a server of pages, with a clock of its own.
func inBubble(t *testing.T, pages http.HandlerFunc, client func(t *testing.T, c net.Conn)) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- open(pages).Run(ctx, &Listener{Listener: p}) }()
		c := p.dial()
		client(t, c)
		c.Close()
		stop()
		if err := <-ended; err != nil && !errors.Is(err, net.ErrClosed) {
			t.Errorf("Run: %v", err)
		}
	})
}

const hour = 3600

func TestSlowBodyIsCutOff(t *testing.T) {
	for _, c := range []struct {
		name   string
		second int // bytes a second
		want   bool
	}{{"a byte a second", 1, false}, {"just too slow", 900, false}, {"fast enough", 1100, true}} {
		t.Run(c.name, func(t *testing.T) {
			var got int64
			var failed error
			inBubble(t, func(w http.ResponseWriter, r *http.Request) {
				got, failed = io.Copy(io.Discard, r.Body)
				if failed != nil {
					w.WriteHeader(http.StatusRequestTimeout)
				}
			}, func(t *testing.T, conn net.Conn) {
				go io.Copy(io.Discard, conn)
				io.WriteString(conn, "PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500000\r\n\r\n")
				begun, sent := time.Now(), 0
				for ; sent < 500000; time.Sleep(time.Second) {
					n, err := io.WriteString(conn, strings.Repeat("x", min(c.second, 500000-sent)))
					if sent += n; err != nil {
						break
					}
				}
				synctest.Wait()
				if took := time.Since(begun); !c.want && took > 2*time.Minute {
					t.Errorf("cut off after %s", took)
				}
			})
			if whole := failed == nil && got == 500000; whole != c.want {
				t.Errorf("%d bytes arrived, error %v; want the whole: %v", got, failed, c.want)
			}
		})
	}
}

func TestSlowReaderIsCutOff(t *testing.T) {
	for _, c := range []struct {
		name   string
		second int
		want   bool
	}{{"a byte a second", 1, false}, {"too slow", 500, false}, {"fast enough", 2000, true}} {
		t.Run(c.name, func(t *testing.T) {
			const size = 2 << 20
			inBubble(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "2097152")
				w.Write(make([]byte, size))
			}, func(t *testing.T, conn net.Conn) {
				go io.WriteString(conn, "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n")
				res, err := http.ReadResponse(bufio.NewReaderSize(conn, 16), nil)
				if err != nil {
					t.Fatal(err)
				}
				begun, got := time.Now(), 0
				for buf := make([]byte, c.second); got < size; time.Sleep(time.Second) {
					n, err := io.ReadFull(res.Body, buf[:min(c.second, size-got)])
					if got += n; err != nil {
						break
					}
				}
				if whole := got == size; whole != c.want {
					t.Errorf("%d bytes arrived in %s; want the whole: %v", got, time.Since(begun), c.want)
				}
				if took := time.Since(begun); !c.want && took > 5*time.Minute {
					t.Errorf("cut off after %s", took)
				}
			})
		})
	}
}

// What the server itself takes long for is not held against the client.
func TestSlowServerIsPatient(t *testing.T) {
	inBubble(t, func(w http.ResponseWriter, r *http.Request) {
		for buf := make([]byte, 1000); ; time.Sleep(10 * time.Minute) {
			if _, err := io.ReadFull(r.Body, buf); err != nil {
				break
			}
		}
		time.Sleep(hour * time.Second)
		if err := r.Context().Err(); err != nil {
			t.Errorf("the request ended: %v", err)
		}
		w.WriteHeader(http.StatusCreated)
	}, func(t *testing.T, conn net.Conn) {
		go io.WriteString(conn, "PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n"+strings.Repeat("x", 5000))
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || res.StatusCode != http.StatusCreated {
			t.Errorf("answer %v, error %v", res, err)
		}
	})
}

// timesOut is a writer whose kernel takes a part of a file in each window.
type timesOut struct {
	discard
	take  int64
	files int
}

func (w *timesOut) SetWriteDeadline(time.Time) error { return nil }

func (w *timesOut) ReadFrom(src io.Reader) (int64, error) {
	part, ok := src.(*io.LimitedReader)
	if !ok {
		return 0, errors.New("no part of anything")
	}
	if _, ok := part.R.(syscall.Conn); ok {
		w.files++
	}
	n, err := io.Copy(io.Discard, io.LimitReader(src, w.take))
	if part.N > 0 && err == nil {
		err = os.ErrDeadlineExceeded
	}
	return n, err
}

type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

// A file goes to the kernel as a file, and goes on where a deadline stopped it as
// long as enough of it moves.
func TestFilesGoToTheKernel(t *testing.T) {
	const size = 100 << 10
	for _, c := range []struct {
		name string
		take int64
		want int64
		err  error
	}{{"fast", size, size, nil}, {"slow", minBytes, size, nil}, {"too slow", minBytes - 1, minBytes - 1, os.ErrDeadlineExceeded}} {
		t.Run(c.name, func(t *testing.T) {
			f, err := os.CreateTemp(t.TempDir(), "")
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if err := f.Truncate(size); err != nil {
				t.Fatal(err)
			}
			to := &timesOut{discard: discard{http.Header{"Content-Length": {"102400"}}}, take: c.take}
			w := newResponse(to, &http.Request{}, time.Now())
			n, err := io.CopyN(w, f, size)
			if n != c.want || !errors.Is(err, c.err) {
				t.Errorf("sent %d bytes, error %v; want %d, %v", n, err, c.want, c.err)
			}
			if to.files == 0 || w.bytes != n || w.status != http.StatusOK {
				t.Errorf("files %d, noted %d bytes and status %d", to.files, w.bytes, w.status)
			}
		})
	}
}
