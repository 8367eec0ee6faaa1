package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"
)

// Listener is where a Server listens.
type Listener struct {
	net.Listener
	pair *certificate // nil: plain HTTP
}

// Listen opens address. With a certificate and its key the Server speaks HTTPS
// and reads them again when the file changes.
func Listen(address, cert, key string) (*Listener, error) {
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use by another program: stop it, or choose another address with --listen", address)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	if cert == "" {
		return &Listener{Listener: l}, nil
	}
	c := &certificate{cert: cert, key: key, looked: time.Now()}
	if err := c.load(); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return &Listener{l, c}, nil
}

// certificate is a key pair that is read again when its file changes.
type certificate struct {
	cert, key string
	log       *slog.Logger // of changes that cannot be read
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

// lookEvery is how often the file's time is looked at.
const lookEvery = 10 * time.Second

// get is the pair in force; a broken change leaves the last good one.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.looked) > lookEvery {
		c.looked = now
		if info, err := os.Stat(c.cert); err != nil || !info.ModTime().Equal(c.modified) {
			if err := c.load(); err != nil {
				c.log.Warn("the certificate cannot be read; the one read before stays", "error", err)
			}
		}
	}
	return c.pair, nil
}

// stopWithin is how long requests under way get to finish when the server stops:
// less than the 30 seconds after which those who asked for it lose patience.
const stopWithin = 25 * time.Second

// Run serves until ctx ends, then finishes the requests under way.
func (s *Server) Run(ctx context.Context, l *Listener) error {
	// One version of HTTP: over HTTP/2 a byte costs two to five times the CPU.
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	srv := &http.Server{
		Handler: s, Protocols: &protocols,
		ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		WriteTimeout: answerWithin, // the response moves it on
		ErrorLog:     quietLog(s.o.Log),
	}
	ended := make(chan error, 1)
	if l.pair != nil {
		l.pair.log = s.o.Log
		srv.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: l.pair.get}
	}
	go func() {
		if l.pair != nil {
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
