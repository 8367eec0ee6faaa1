package sign_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/registry/remote"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/share/sharetest"
	"github.com/argosy-registry/argosy/internal/sign"
)

func TestMain(m *testing.M) { sharetest.Main(m) }

// pair is a key pair in files.
type pair struct {
	signer          crypto.Signer
	private, public string
}

func write(t *testing.T, kind string, der []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func newPair(t *testing.T, signer crypto.Signer) pair {
	t.Helper()
	private, err := x509.MarshalPKCS8PrivateKey(signer)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(signer.Public())
	if err != nil {
		t.Fatal(err)
	}
	return pair{signer, write(t, "PRIVATE KEY", private), write(t, "PUBLIC KEY", public)}
}

func curve(t *testing.T, c elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func edwards(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (p pair) verifier(t *testing.T) *sign.PublicKey {
	t.Helper()
	k, err := sign.ReadPublicKey(p.public)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (p pair) key(t *testing.T) *sign.PrivateKey {
	t.Helper()
	k, err := sign.ReadPrivateKey(p.private)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// lab is a repository to sign in.
type lab struct {
	*testing.T
	c    *sharetest.Central
	repo *remote.Repository
	at   oci.Address
}

func newLab(t *testing.T) *lab {
	c := sharetest.New(t)
	return &lab{t, c, c.Repository(t, "central/types"), c.Address("central/types", "1")}
}

func (l *lab) put(mediaType string, content []byte) ocispec.Descriptor {
	l.Helper()
	d := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(content), Size: int64(len(content))}
	if there, _ := l.repo.Exists(context.Background(), d); !there {
		if err := l.repo.Push(context.Background(), d, bytes.NewReader(content)); err != nil {
			l.Fatal(err)
		}
	}
	return d
}

func (l *lab) json(mediaType string, v any) ocispec.Descriptor {
	l.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		l.Fatal(err)
	}
	return l.put(mediaType, text)
}

// artifact is something to sign.
func (l *lab) artifact(n int) ocispec.Descriptor {
	return l.json(ocispec.MediaTypeImageIndex, map[string]any{
		"schemaVersion": 2, "mediaType": ocispec.MediaTypeImageIndex, "manifests": []any{}, "annotations": map[string]string{"n": fmt.Sprint(n)},
	})
}

// manifest is one with layers, under a tag unless that is empty.
func (l *lab) manifest(tag string, m map[string]any, layers ...ocispec.Descriptor) {
	l.Helper()
	m["schemaVersion"], m["mediaType"], m["layers"] = 2, ocispec.MediaTypeImageManifest, layers
	m["config"] = l.put(ocispec.MediaTypeEmptyJSON, []byte("{}"))
	d := l.json(ocispec.MediaTypeImageManifest, m)
	if tag != "" {
		if err := l.repo.Tag(l.Context(), d, tag); err != nil {
			l.Fatal(err)
		}
	}
}

func raw(t *testing.T, signer crypto.Signer, message []byte) []byte {
	t.Helper()
	opts := crypto.SignerOpts(crypto.Hash(0))
	if _, ok := signer.(*ecdsa.PrivateKey); ok {
		sum := sha256.Sum256(message)
		message, opts = sum[:], crypto.SHA256
	}
	s, err := signer.Sign(rand.Reader, message, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func payload(about, kind string) []byte {
	return fmt.Appendf(nil, `{"critical":{"identity":{"docker-reference":"elsewhere.example/a"},"image":{"docker-manifest-digest":%q},"type":%q},"optional":null}`, about, kind)
}

const (
	classic   = "cosign container image signature"
	predicate = "https://sigstore.dev/cosign/sign/v1"
	bundleV03 = "application/vnd.dev.sigstore.bundle.v0.3+json"
)

// classic puts a signature under the tag of what is signed, as others' tools do.
func (l *lab) classic(d ocispec.Descriptor, message, signature []byte) {
	layer := l.put("application/vnd.dev.cosign.simplesigning.v1+json", message)
	layer.Annotations = map[string]string{"dev.cosignproject.cosign/signature": base64.StdEncoding.EncodeToString(signature)}
	l.manifest("sha256-"+d.Digest.Encoded()+".sig", map[string]any{}, layer)
}

// bundle attaches a statement to what is signed.
func (l *lab) bundle(d ocispec.Descriptor, signer crypto.Signer, kind, predicate, subject, annotation string) {
	l.Helper()
	statement := fmt.Appendf(nil, `{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"a","digest":{"sha256":%q}}],"predicateType":%q,"predicate":{}}`, subject, predicate)
	pae := fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(kind), kind, len(statement), statement)
	text := map[string]any{
		"mediaType": bundleV03, "verificationMaterial": map[string]any{"publicKey": map[string]string{"hint": "x"}},
		"dsseEnvelope": map[string]any{"payload": statement, "payloadType": kind, "signatures": []any{map[string]any{"sig": raw(l.T, signer, pae), "keyid": ""}}},
	}
	m := map[string]any{"artifactType": bundleV03, "subject": d}
	if annotation != "" {
		m["annotations"] = map[string]string{"dev.sigstore.bundle.predicateType": annotation}
	}
	l.manifest("", m, l.json(bundleV03, text))
}

// What is signed here is verified here, once more signed it stays as it is, and
// signatures of others stay beside it.
func TestSignAndVerify(t *testing.T) {
	for name, signer := range map[string]crypto.Signer{"ECDSA": curve(t, elliptic.P256()), "Ed25519": edwards(t)} {
		t.Run(name, func(t *testing.T) {
			l, p, other := newLab(t), newPair(t, signer), newPair(t, curve(t, elliptic.P256()))
			d := l.artifact(1)
			if err := sign.Verify(t.Context(), l.repo, d, p.verifier(t)); !errors.Is(err, sign.ErrUnsigned) {
				t.Errorf("before: %v", err)
			}
			signed := func(k *sign.PrivateKey) digest.Digest {
				t.Helper()
				if err := k.Sign(t.Context(), l.repo, l.at, d); err != nil {
					t.Fatal(err)
				}
				in, err := l.repo.Resolve(t.Context(), "sha256-"+d.Digest.Encoded()+".sig")
				if err != nil {
					t.Fatal(err)
				}
				return in.Digest
			}
			first := signed(other.key(t))
			if err := sign.Verify(t.Context(), l.repo, d, p.verifier(t)); !errors.Is(err, sign.ErrOtherKey) {
				t.Errorf("signed by another: %v", err)
			}
			second := signed(p.key(t))
			if second == first || signed(p.key(t)) != second || signed(other.key(t)) != second {
				t.Error("signing again changes something, or not at all")
			}
			for _, who := range []pair{p, other} {
				if err := sign.Verify(t.Context(), l.repo, d, who.verifier(t)); err != nil {
					t.Error(err)
				}
			}
			if err := sign.Verify(t.Context(), l.repo, l.artifact(2), p.verifier(t)); !errors.Is(err, sign.ErrUnsigned) {
				t.Errorf("another artifact: %v", err)
			}
			if p.key(t).Public().Fingerprint() != p.verifier(t).Fingerprint() {
				t.Error("the private key has another public one")
			}
		})
	}
}

// What counts as a signature, in the forms that others' tools write.
func TestOthersForms(t *testing.T) {
	key := curve(t, elliptic.P256())
	p := newPair(t, key)
	const inToto = "application/vnd.in-toto+json"
	for name, c := range map[string]struct {
		make func(l *lab, d ocispec.Descriptor)
		want error
	}{
		"classic": {func(l *lab, d ocispec.Descriptor) {
			m := payload(string(d.Digest), classic)
			l.classic(d, m, raw(l.T, key, m))
		}, nil},
		"classic, of another kind": {func(l *lab, d ocispec.Descriptor) {
			m := payload(string(d.Digest), "something else")
			l.classic(d, m, raw(l.T, key, m))
		}, sign.ErrUnsigned},
		"classic, for another": {func(l *lab, d ocispec.Descriptor) {
			m := payload(string(l.artifact(9).Digest), classic)
			l.classic(d, m, raw(l.T, key, m))
		}, sign.ErrUnsigned},
		"classic, altered": {func(l *lab, d ocispec.Descriptor) {
			m := payload(string(l.artifact(9).Digest), classic)
			l.classic(d, payload(string(d.Digest), classic), raw(l.T, key, m))
		}, sign.ErrOtherKey},
		"classic, empty": {func(l *lab, d ocispec.Descriptor) { l.classic(d, payload(string(d.Digest), classic), nil) }, sign.ErrOtherKey},
		"classic, no payload": {func(l *lab, d ocispec.Descriptor) {
			l.classic(d, []byte("null"), raw(l.T, key, []byte("null")))
		}, sign.ErrUnsigned},
		"bundle":                       {func(l *lab, d ocispec.Descriptor) { l.bundle(d, key, inToto, predicate, d.Digest.Encoded(), predicate) }, nil},
		"bundle without an annotation": {func(l *lab, d ocispec.Descriptor) { l.bundle(d, key, inToto, predicate, d.Digest.Encoded(), "") }, nil},
		"bundle by another": {func(l *lab, d ocispec.Descriptor) {
			l.bundle(d, curve(l.T, elliptic.P256()), inToto, predicate, d.Digest.Encoded(), predicate)
		}, sign.ErrOtherKey},
		"bundle for another": {func(l *lab, d ocispec.Descriptor) {
			l.bundle(d, key, inToto, predicate, l.artifact(9).Digest.Encoded(), predicate)
		}, sign.ErrUnsigned},
		"an attestation": {func(l *lab, d ocispec.Descriptor) {
			l.bundle(d, key, inToto, "https://example.com/rejected/v1", d.Digest.Encoded(), "")
		}, sign.ErrUnsigned},
		"an attestation that says it is a signature": {func(l *lab, d ocispec.Descriptor) {
			l.bundle(d, key, inToto, "https://example.com/rejected/v1", d.Digest.Encoded(), predicate)
		}, sign.ErrUnsigned},
		"an envelope of another type": {func(l *lab, d ocispec.Descriptor) {
			l.bundle(d, key, "text/plain", predicate, d.Digest.Encoded(), predicate)
		}, sign.ErrUnsigned},
		"both, one of them good": {func(l *lab, d ocispec.Descriptor) {
			l.classic(d, payload(string(d.Digest), classic), []byte("no"))
			l.bundle(d, curve(l.T, elliptic.P256()), inToto, predicate, d.Digest.Encoded(), predicate)
			l.bundle(d, key, inToto, predicate, d.Digest.Encoded(), predicate)
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			d := l.artifact(1)
			c.make(l, d)
			if err := sign.Verify(t.Context(), l.repo, d, p.verifier(t)); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// A registry that changes signatures on the way cannot make one.
func TestTamperedSignatures(t *testing.T) {
	l, p := newLab(t), newPair(t, curve(t, elliptic.P256()))
	d := l.artifact(1)
	if err := p.key(t).Sign(t.Context(), l.repo, l.at, d); err != nil {
		t.Fatal(err)
	}
	l.c.Tampers(func(_ string, b []byte) []byte { return bytes.ReplaceAll(b, []byte("cosign"), []byte("cosigm")) })
	if err := sign.Verify(t.Context(), l.repo, d, p.verifier(t)); err == nil || errors.Is(err, sign.ErrUnsigned) {
		t.Errorf("a forged answer: %v", err)
	}
	l.c.Tampers(nil)
	l.c.Down(true)
	if err := sign.Verify(t.Context(), l.repo, d, p.verifier(t)); err == nil || errors.Is(err, sign.ErrUnsigned) {
		t.Errorf("no answer at all counts as %v", err)
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	weak, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := newPair(t, curve(t, elliptic.P256()))
	both := filepath.Join(t.TempDir(), "both.pem")
	a, _ := os.ReadFile(p.public)
	if err := os.WriteFile(both, append(a, a...), 0o600); err != nil {
		t.Fatal(err)
	}
	ec, err := x509.MarshalECPrivateKey(p.signer.(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sign.ReadPrivateKey(write(t, "EC PRIVATE KEY", ec)); err != nil {
		t.Errorf("SEC 1: %v", err)
	}
	none := filepath.Join(t.TempDir(), "none.pem")
	for name, c := range map[string]struct{ public, private, says string }{
		"no file":         {none, none, "none.pem"},
		"a private key":   {p.private, "", "PRIVATE KEY"},
		"a public key":    {"", p.public, "PUBLIC KEY"},
		"two keys":        {both, both, "and a"},
		"no key":          {os.Args[0], os.Args[0], "holds no key"},
		"P-384":           {newPair(t, curve(t, elliptic.P384())).public, newPair(t, curve(t, elliptic.P384())).private, "P-384"},
		"RSA":             {newPair(t, weak).public, newPair(t, weak).private, "another kind"},
		"a certificate":   {write(t, "CERTIFICATE", []byte("x")), "", "CERTIFICATE"},
		"encrypted":       {"", write(t, "ENCRYPTED SIGSTORE PRIVATE KEY", []byte("x")), "without --sign-key"},
		"broken":          {write(t, "PUBLIC KEY", []byte("x")), write(t, "PRIVATE KEY", []byte("x")), "want a PEM file"},
		"encrypted PKCS8": {"", write(t, "ENCRYPTED PRIVATE KEY", []byte("x")), "is encrypted"},
	} {
		if c.public != "" {
			if _, err := sign.ReadPublicKey(c.public); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), c.public) {
				t.Errorf("%s: %v does not say %q", name, err, c.says)
			}
		}
		if c.private != "" {
			if _, err := sign.ReadPrivateKey(c.private); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), c.private) {
				t.Errorf("%s: %v does not say %q", name, err, c.says)
			}
		}
	}
}
