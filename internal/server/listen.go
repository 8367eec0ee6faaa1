package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Listener is where a Server listens.
type Listener struct {
	net.Listener
	tls *tls.Config // nil: plain HTTP
}

// unacknowledged is how long a client may leave sent bytes untaken before its
// connection is dropped. The kernel watches: a file that it sends has no
// deadline of ours.
const unacknowledged = time.Minute

// Listen opens address. With a certificate and its key the Server speaks HTTPS
// and reads them again when the file changes.
func Listen(address, cert, key string) (*Listener, error) {
	lc := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		controlErr := c.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(unacknowledged.Milliseconds()))
		})
		return errors.Join(controlErr, err)
	}}
	l, err := lc.Listen(context.Background(), "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use by another program: stop it, or choose another address with --listen", address)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	out := &Listener{Listener: l}
	if cert != "" {
		c := &certificate{cert: cert, key: key}
		if err := c.load(); err != nil {
			return nil, errors.Join(err, l.Close())
		}
		out.tls = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}
	}
	return out, nil
}

// certificate is a key pair that is read again when its file changes.
type certificate struct {
	cert, key string
	mu        sync.Mutex
	pair      *tls.Certificate
	modified  time.Time
	looked    time.Time
}

func (c *certificate) load() error {
	info, err := os.Stat(c.cert)
	if err != nil {
		return fmt.Errorf("tls-cert: %w", err)
	}
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("tls-cert %s with tls-key %s: %w", c.cert, c.key, err)
	}
	c.pair, c.modified = &pair, info.ModTime()
	return nil
}

// get is the pair in force; a broken change leaves the last good one.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.looked) > 10*time.Second {
		c.looked = now
		if info, err := os.Stat(c.cert); err == nil && !info.ModTime().Equal(c.modified) {
			_ = c.load()
		}
	}
	return c.pair, nil
}

// stopWithin is how long requests under way get to finish when the server stops.
const stopWithin = 30 * time.Second

// Run serves until ctx ends, then finishes the requests under way.
func (s *Server) Run(ctx context.Context, l *Listener) error {
	// One version of HTTP: over HTTP/2 a byte costs two to five times the CPU.
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	srv := &http.Server{
		Handler: s, TLSConfig: l.tls, Protocols: &protocols,
		ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: quietLog(s.o.Log),
	}
	ended := make(chan error, 1)
	go func() {
		if l.tls != nil {
			ended <- srv.ServeTLS(l, "", "")
		} else {
			ended <- srv.Serve(l)
		}
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	bound, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	if err := srv.Shutdown(bound); err != nil {
		return errors.Join(fmt.Errorf("requests were still running after %s and were cut off", stopWithin), srv.Close())
	}
	return nil
}
