package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/argosy-registry/argosy/bench/load"
)

func serve(t *testing.T, h http.Handler) load.Target {
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return load.Target{Name: "test", Addr: srv.Listener.Addr().String()}
}
