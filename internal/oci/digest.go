package oci

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"strings"
)

// Digest is a parsed content digest, "algorithm:encoded" (image-spec
// descriptor.md#digests). Values come from ParseDigest or Sum, never from
// unchecked input: code may use one as part of a key.
type Digest string

// Algorithm names a digest algorithm.
type Algorithm string

// The algorithms whose content this registry can compute and so accept.
const (
	SHA256 Algorithm = "sha256"
	SHA512 Algorithm = "sha512"
)

// maxDigest bounds a digest's length in bytes; the longest registered one has 135.
const maxDigest = 512

// registered maps each algorithm of image-spec's registry to its hex length.
var registered = map[Algorithm]int{SHA256: 64, SHA512: 128, "blake3": 64}

// ParseDigest checks s against the digest grammar and, for a registered
// algorithm, the exact form of its encoding (lower-case hex). A digest of an
// unregistered algorithm passes when it is grammatical. Error: DigestInvalid.
func ParseDigest(s string) (Digest, error) {
	algo, enc, ok := strings.Cut(s, ":")
	if !ok || len(s) > maxDigest || !validAlgorithm(algo) || !validEncoded(enc) {
		return "", DigestInvalid.With(quoted("digest", s), "%q is not a digest: want algorithm:encoded, for example sha256:<64 lower-case hex digits>", clip(s))
	}
	if n, ok := registered[Algorithm(algo)]; ok && (len(enc) != n || !lowerHex(enc)) {
		return "", DigestInvalid.With(quoted("digest", s), "%q is not a %s digest: want %d lower-case hex digits", clip(s), algo, n)
	}
	return Digest(s), nil
}

// Sum is the digest of content under a. It panics for an algorithm that
// Available denies.
func (a Algorithm) Sum(content []byte) Digest {
	h := a.New()
	h.Write(content)
	return a.Digest(h)
}

// New returns the running hash of a. It panics for an algorithm that Available denies.
func (a Algorithm) New() hash.Hash {
	switch a {
	case SHA256:
		return sha256.New()
	case SHA512:
		return sha512.New()
	}
	panic("oci: no hash for algorithm " + string(a))
}

// Digest reads the digest off a running hash of a.
func (a Algorithm) Digest(h hash.Hash) Digest {
	buf := make([]byte, 0, 160)
	buf = append(append(buf, a...), ':')
	return Digest(hex.AppendEncode(buf, h.Sum(nil)))
}

// Available says whether content can be computed under a.
func (a Algorithm) Available() bool { return a == SHA256 || a == SHA512 }

// Algorithm is the part before the colon.
func (d Digest) Algorithm() Algorithm {
	a, _, _ := strings.Cut(string(d), ":")
	return Algorithm(a)
}

// Encoded is the part after the colon.
func (d Digest) Encoded() string {
	_, e, _ := strings.Cut(string(d), ":")
	return e
}

// Short is the algorithm and the first 12 characters of the encoding, for people.
func (d Digest) Short() string {
	e := d.Encoded()
	return string(d.Algorithm()) + ":" + e[:min(12, len(e))]
}

func (d Digest) String() string { return string(d) }

// Supported is nil when content under d's algorithm can be accepted, and
// DigestInvalid naming the algorithm otherwise.
func (d Digest) Supported() error { return SupportedAlgorithm(d.Algorithm()) }

// SupportedAlgorithm is nil for an algorithm whose content can be accepted, and
// DigestInvalid naming it otherwise.
func SupportedAlgorithm(a Algorithm) error {
	if a.Available() {
		return nil
	}
	return DigestInvalid.With(quoted("algorithm", string(a)), "digest algorithm %q is not supported: use sha256 or sha512", clip(string(a)))
}

func validAlgorithm(s string) bool {
	sep := true // a component must follow the start and each separator
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			sep = false
		case strings.IndexByte("+._-", c) >= 0 && !sep:
			sep = true
		default:
			return false
		}
	}
	return !sep
}

func validEncoded(s string) bool {
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '=', c == '_', c == '-':
		default:
			return false
		}
	}
	return s != ""
}

func lowerHex(s string) bool {
	for _, c := range []byte(s) {
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f') {
			return false
		}
	}
	return true
}
