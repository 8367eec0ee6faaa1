package server_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/internal/auth"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/server"
	v2 "github.com/argosy-registry/argosy/internal/server/v2"
)

// one is a registry that has one manifest.
type one struct {
	oci.Unimplemented
	manifest *oci.Manifest
}

func (o one) Manifest(context.Context, oci.Name, oci.Reference) (*oci.Manifest, error) {
	return o.manifest, nil
}

// discard is a writer that costs next to nothing.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

// What the server adds to a pull of a manifest: the protocol alone, and with
// everything around it.
func BenchmarkManifestGet(b *testing.B) {
	content := []byte(strings.Repeat("m", 700))
	registry := one{manifest: &oci.Manifest{
		Descriptor: oci.Descriptor{MediaType: oci.MediaTypeImageManifest, Digest: oci.SHA256.Sum(content), Size: 700},
		Type:       "image", Content: content,
	}}
	all := auth.Identity{Rights: auth.Rights{Pull: true, Push: true}}
	protocol := v2.New(v2.Options{Registry: &auth.Guard{Registry: registry}})
	for _, c := range []struct {
		name     string
		requests *server.RequestLog
	}{{"logged", server.NewRequestLog(io.Discard, false)}, {"quiet", nil}} {
		b.Run(c.name, func(b *testing.B) {
			s := server.New(server.Options{
				Protocol: protocol, Access: &auth.Access{Anonymous: all},
				OwnHosts: server.LoopbackHosts(""), KnownType: func(string) bool { return true },
				Requests: c.requests, Log: slog.New(slog.DiscardHandler),
			})
			pull(b, s)
		})
	}
	b.Run("protocol", func(b *testing.B) {
		pull(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			protocol.ServeHTTP(w, r.WithContext(auth.With(r.Context(), &all)))
		}))
	})
}

func pull(b *testing.B, h http.Handler) {
	r, err := http.NewRequest(http.MethodGet, "http://localhost:5000/v2/some/repository/manifests/latest", nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("User-Agent", "bench/1")
	r.RemoteAddr = "127.0.0.1:40000"
	w := discard{http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		h.ServeHTTP(w, r)
	}
}
