package server

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writePair writes a key pair for the name and returns its files.
func writePair(t *testing.T, dir, name string, at time.Time) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "EC PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestCertificateIsReadAgain(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	cert, key := writePair(t, dir, "old.example", now)
	l, err := Listen("127.0.0.1:0", cert, key)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	s := open(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Proto) })
	var logged words
	s.o.Log = slog.New(slog.NewTextHandler(&logged, nil))
	go func() { ended <- s.Run(ctx, l) }()
	names := func(max uint16) []string {
		c, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}, MaxVersion: max})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if p := c.ConnectionState().NegotiatedProtocol; p != "http/1.1" {
			t.Errorf("protocol %q", p)
		}
		return c.ConnectionState().PeerCertificates[0].DNSNames
	}
	lookAgain := func() {
		l.pair.mu.Lock()
		defer l.pair.mu.Unlock()
		l.pair.looked = time.Time{}
	}
	if got := names(tls.VersionTLS12); got[0] != "old.example" {
		t.Errorf("certificate of %v", got)
	}
	writePair(t, dir, "new.example", now.Add(time.Minute))
	lookAgain()
	if got := names(tls.VersionTLS13); got[0] != "new.example" {
		t.Errorf("certificate of %v after the change", got)
	}
	if err := os.WriteFile(cert, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	lookAgain()
	if got := names(tls.VersionTLS13); got[0] != "new.example" {
		t.Errorf("certificate of %v after a broken change", got)
	}
	if c, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		c.Close()
		t.Error("TLS 1.1 is spoken")
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if !strings.Contains(logged.String(), cert) {
		t.Errorf("the broken change is not in the log: %s", &logged)
	}
}

func TestListenRefusals(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir := t.TempDir()
	cert, _ := writePair(t, dir, "a", time.Now())
	_, other := writePair(t, t.TempDir(), "b", time.Now())
	for _, c := range []struct {
		name, address, cert, key string
		want                     []string
	}{
		{"in use", taken.Addr().String(), "", "", []string{taken.Addr().String(), "--listen"}},
		{"no certificate", "127.0.0.1:0", dir + "/none", other, []string{"tls-cert", dir + "/none"}},
		{"no key", "127.0.0.1:0", cert, dir + "/none", []string{"tls-key", dir + "/none"}},
		{"the key of another", "127.0.0.1:0", cert, other, []string{cert, other}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := Listen(c.address, c.cert, c.key)
			if err == nil {
				l.Close()
				t.Fatal("listens")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not say %q", err, w)
				}
			}
		})
	}
}
