// Package data makes the content that registries are measured with: blobs of
// any size that cost nothing to produce, manifests, and whole data sets. The
// same seed gives the same bytes. It does not know how they reach a registry.
package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math/rand/v2"
	"sync/atomic"
)

const (
	// repeat is the length after which the random bytes of a large blob come
	// again: enough that nothing on the way compresses or shares them.
	repeat = 8 << 20
	// tail is what makes each body of a maker another one.
	tail = 16
)

// Body is the content of a blob. Its pieces are shared with other bodies and
// must not be changed.
type Body struct {
	Parts  [][]byte
	Size   int64  // bytes
	Digest string // sha256:…
}

// Maker makes bodies of one size, each unique. Only the last 16 bytes differ,
// so the digest of the rest is computed once, and a digest costs a microsecond
// whatever the size. It is safe for concurrent use.
type Maker struct {
	head [][]byte // all but the tail
	size int64
	hash hash.Cloner // what head hashes to
	seed uint64
	next atomic.Uint64
}

// NewMaker prepares bodies of size bytes, at least 16.
func NewMaker(size int64, seed uint64) *Maker {
	if size < tail {
		panic("data: a body has at least 16 bytes")
	}
	chunk := random(min(size, repeat), seed)
	m := &Maker{size: size, seed: seed, hash: sha256.New().(hash.Cloner)}
	for left := size - tail; left > 0; {
		part := chunk[:min(left, int64(len(chunk)))]
		m.hash.Write(part)
		m.head = append(m.head, part)
		left -= int64(len(part))
	}
	return m
}

// Next makes one more body.
func (m *Maker) Next() Body {
	end := binary.BigEndian.AppendUint64(make([]byte, 0, tail), m.seed)
	end = binary.BigEndian.AppendUint64(end, m.next.Add(1))
	copied, err := m.hash.Clone()
	if err != nil {
		panic(err) // SHA-256 can always be cloned
	}
	copied.Write(end)
	parts := append(append(make([][]byte, 0, len(m.head)+1), m.head...), end)
	return Body{Parts: parts, Size: m.size, Digest: digest(copied)}
}

// Take makes the next n bodies.
func (m *Maker) Take(n int) []Body {
	bodies := make([]Body, n)
	for i := range bodies {
		bodies[i] = m.Next()
	}
	return bodies
}

// NewBody is a body of exactly these bytes.
func NewBody(content []byte) Body {
	h := sha256.New()
	h.Write(content)
	return Body{Parts: [][]byte{content}, Size: int64(len(content)), Digest: digest(h)}
}

// Slice is the bytes of b from off on, n at most, in pieces.
func (b Body) Slice(off, n int64) [][]byte {
	var parts [][]byte
	for _, p := range b.Parts {
		if skip := min(off, int64(len(p))); skip > 0 {
			p, off = p[skip:], off-skip
		}
		if p = p[:min(n, int64(len(p)))]; len(p) > 0 {
			parts, n = append(parts, p), n-int64(len(p))
		}
	}
	return parts
}

func digest(h hash.Hash) string { return "sha256:" + hex.EncodeToString(h.Sum(nil)) }

// random gives n bytes that depend on seed only.
func random(n int64, seed uint64) []byte {
	var key [32]byte
	binary.BigEndian.PutUint64(key[:], seed)
	b := make([]byte, n)
	rand.NewChaCha8(key).Read(b)
	return b
}
