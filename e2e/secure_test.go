package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// authority is a certificate authority for one test, with a certificate for
// localhost, and for the address of elsewhere, that it signed.
type authority struct {
	cert                  *x509.Certificate
	file                  string // the authority's own certificate, PEM
	serverCert, serverKey string // files, PEM
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	dir := t.TempDir()
	ca := &authority{
		file:       filepath.Join(dir, "ca.pem"),
		serverCert: filepath.Join(dir, "server.pem"),
		serverKey:  filepath.Join(dir, "server.key"),
	}
	caKey, template := newKey(t), &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "Argosy test authority"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	ca.cert = sign(t, template, template, caKey, caKey, ca.file)

	key := newKey(t)
	sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(2),
		Subject:      pkix.Name{CommonName: "localhost"},
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(127, 0, 0, 2)},
		NotBefore:    template.NotBefore,
		NotAfter:     template.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, ca.cert, key, caKey, ca.serverCert)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, ca.serverKey, "PRIVATE KEY", der)
	return ca
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// sign makes a certificate for key's public half, and writes it to file.
func sign(t *testing.T, template, parent *x509.Certificate, key, parentKey *ecdsa.PrivateKey, file string) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), parentKey)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, file, "CERTIFICATE", der)
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func writePEM(t *testing.T, file, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// htpasswd is a file with one user, as 'htpasswd -B' writes it.
func htpasswd(t *testing.T, user, password string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "htpasswd")
	if err := os.WriteFile(file, []byte(user+":"+string(hash)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Basic mode as clients need it: /v2/ asks for credentials, public reads pass
// without, writes do not, and wrong credentials are never taken for none.
func TestBasicAuthentication(t *testing.T) {
	s := serve(t, "--htpasswd", htpasswd(t, "captain", "blue water"), "--anonymous=pull")
	a := s.must(401, "GET", "/v2/", nil)
	if got := a.header.Get("WWW-Authenticate"); len(got) < 6 || got[:6] != "Basic " {
		t.Errorf("WWW-Authenticate of /v2/ is %q, want a Basic challenge", got)
	}
	const login = "Basic Y2FwdGFpbjpibHVlIHdhdGVy" // captain:blue water
	s.must(200, "GET", "/v2/", nil, "Authorization", login)
	s.must(401, "GET", "/v2/", nil, "Authorization", "Basic Y2FwdGFpbjp3cm9uZw==") // captain:wrong
	s.must(401, "POST", "/v2/a/b/blobs/uploads/", nil)
	s.must(202, "POST", "/v2/a/b/blobs/uploads/", nil, "Authorization", login)
	s.must(404, "GET", "/v2/a/b/manifests/none", nil)
	s.must(404, "GET", "/v2/a/b/manifests/none", nil, "Authorization", "Basic Og==") // podman's empty login

	closed := serve(t, "--htpasswd", htpasswd(t, "captain", "blue water"))
	closed.must(401, "GET", "/v2/a/b/manifests/none", nil)
	closed.must(404, "GET", "/v2/a/b/manifests/none", nil, "Authorization", login)
}
