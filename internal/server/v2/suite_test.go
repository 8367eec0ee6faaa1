package v2_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/oci/ocitest"
	"github.com/argosy-registry/argosy/internal/registry/registrytest"
	v2 "github.com/argosy-registry/argosy/internal/server/v2"
)

// serve serves o on loopback for as long as the test runs.
func serve(t testing.TB, o v2.Options) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(v2.New(o))
	t.Cleanup(server.Close)
	return server
}

// The semantic suite over the wire: client → this package → core.
func TestRegistrySuiteOverHTTP(t *testing.T) {
	ocitest.Run(t, func(t *testing.T) oci.Registry {
		server := serve(t, v2.Options{Registry: registrytest.Open(t)})
		transport := &http.Transport{MaxIdleConnsPerHost: 64}
		t.Cleanup(transport.CloseIdleConnections)
		return &ocitest.Client{URL: server.URL, HTTP: &http.Client{Transport: transport}}
	})
}
