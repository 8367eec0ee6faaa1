package v2_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/internal/oci"
	v2 "github.com/argosy-registry/argosy/internal/server/v2"
)

// constant is a registry in memory with one of everything, so that what is
// measured is the protocol.
type constant struct {
	oci.Unimplemented
	manifest  *oci.Manifest
	tags      *oci.List
	referrers *oci.Referrers
	blob      []byte
}

func (c *constant) Manifest(context.Context, oci.Name, oci.Reference) (*oci.Manifest, error) {
	return c.manifest, nil
}

func (c *constant) Resolve(context.Context, oci.Name, oci.Reference) (*oci.Manifest, error) {
	return c.manifest, nil
}

func (c *constant) Tags(context.Context, oci.Name, oci.Page) (*oci.List, error) { return c.tags, nil }

func (c *constant) Referrers(context.Context, oci.Name, oci.Digest, oci.ReferrersQuery) (*oci.Referrers, error) {
	return c.referrers, nil
}

type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

func (c *constant) OpenBlob(_ context.Context, _ oci.Name, d oci.Digest) (*oci.Blob, error) {
	return &oci.Blob{Descriptor: oci.Descriptor{Digest: d, Size: int64(len(c.blob))}, Content: inMemory{bytes.NewReader(c.blob)}}, nil
}

func newConstant() *constant {
	content := []byte(strings.Repeat("m", 700))
	c := &constant{
		manifest:  &oci.Manifest{Descriptor: oci.Descriptor{MediaType: imageType, Digest: oci.SHA256.Sum(content), Size: 700}, Type: "image", Content: content},
		tags:      &oci.List{},
		referrers: &oci.Referrers{},
		blob:      []byte(strings.Repeat("b", 1024)),
	}
	for i := range 10_000 {
		c.tags.Names = append(c.tags.Names, fmt.Sprintf("v1.%d", i))
	}
	for i := range 1000 {
		c.referrers.Manifests = append(c.referrers.Manifests, oci.Descriptor{MediaType: imageType, Digest: oci.SHA256.Sum([]byte{byte(i), byte(i >> 8)}), Size: 700, ArtifactType: "application/vnd.example"})
	}
	return c
}

// bare is the limit: a handler that returns the same bytes from memory.
func bare(c *constant) http.Handler {
	length := strconv.Itoa(len(c.manifest.Content))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", imageType)
		w.Header().Set("Content-Length", length)
		w.Header().Set("Docker-Content-Digest", string(c.manifest.Descriptor.Digest))
		if r.Method != http.MethodHead {
			w.Write(c.manifest.Content)
		}
	})
}

// BenchmarkLoopback counts requests over 64 kept connections.
func BenchmarkLoopback(b *testing.B) {
	c := newConstant()
	protocol := v2.New(v2.Options{Registry: c})
	tag, digest := one+"manifests/latest", one+"manifests/"+string(c.manifest.Descriptor.Digest)
	for _, x := range []struct {
		name, method, path string
		handler            http.Handler
	}{
		{"bare-get", "GET", tag, bare(c)},
		{"manifest-get-tag", "GET", tag, protocol},
		{"manifest-get-digest", "GET", digest, protocol},
		{"bare-head", "HEAD", tag, bare(c)},
		{"manifest-head", "HEAD", tag, protocol},
		{"blob-get-1k", "GET", one + "blobs/" + digestOf("b"), protocol},
		{"tags-10000", "GET", one + "tags/list", protocol},
		{"referrers-1000", "GET", one + "referrers/" + digestOf("b"), protocol},
	} {
		b.Run(x.name, func(b *testing.B) {
			server := httptest.NewServer(x.handler)
			defer server.Close()
			request := []byte(x.method + " " + x.path + " HTTP/1.1\r\nHost: localhost:5000\r\nAccept: */*\r\n\r\n")
			b.SetParallelism(32)
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				conn, err := net.Dial("tcp", server.Listener.Addr().String())
				if err != nil {
					b.Error(err)
					return
				}
				defer conn.Close()
				r := bufio.NewReader(conn)
				for pb.Next() {
					if err := exchange(conn, r, request, x.method == "HEAD"); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

// exchange sends a request and skips its answer.
func exchange(w io.Writer, r *bufio.Reader, request []byte, head bool) error {
	if _, err := w.Write(request); err != nil {
		return err
	}
	length := 0
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200")) {
			return fmt.Errorf("answer %q", line)
		}
		if n, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(n))); err != nil {
				return err
			}
		}
		if len(line) == 2 {
			break
		}
	}
	if head {
		return nil
	}
	_, err := r.Discard(length)
	return err
}

// blank is a ResponseWriter that costs nothing.
type blank struct{ header http.Header }

func (w *blank) Header() http.Header         { return w.header }
func (w *blank) Write(p []byte) (int, error) { return len(p), nil }
func (w *blank) WriteHeader(int)             {}

// BenchmarkHandler is what a request costs between net/http and the registry.
func BenchmarkHandler(b *testing.B) {
	c := newConstant()
	h := v2.New(v2.Options{Registry: c})
	for name, path := range map[string]string{
		"manifest":  one + "manifests/latest",
		"digest":    one + "manifests/" + string(c.manifest.Descriptor.Digest),
		"blob":      one + "blobs/" + digestOf("b"),
		"tags":      one + "tags/list",
		"referrers": one + "referrers/" + digestOf("b"),
	} {
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequest("GET", path, nil)
			w := &blank{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				h.ServeHTTP(w, r)
			}
		})
	}
}
