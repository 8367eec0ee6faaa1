// Package registrytest opens whole registries for tests: a store on SQLite or
// PostgreSQL, bytes in memory or in files, the built-in catalog. It does not know
// what is tested.
package registrytest

import (
	"testing"
	"time"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/blob"
	"github.com/argosy-registry/argosy/internal/blob/mem"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/registry"
	"github.com/argosy-registry/argosy/internal/store"
	"github.com/argosy-registry/argosy/internal/store/storetest"
)

// Open opens an empty registry with the settings that argosy has by default, on
// SQLite and memory.
func Open(t *testing.T) oci.Registry {
	t.Helper()
	return New(t, Options(t, storetest.SQLite(t), mem.New(0)))
}

// Options are those of a registry over the given parts.
func Options(t testing.TB, db *store.DB, blobs blob.Store) registry.Options {
	t.Helper()
	catalog, err := artifact.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return registry.Options{
		Store: db, Blobs: blobs, Catalog: func() *artifact.Catalog { return catalog }, SparseIndexes: true, Exclusive: true,
		Grace: 24 * time.Hour, VerifyAfter: 7 * 24 * time.Hour, UploadExpiry: 24 * time.Hour,
	}
}

// New opens a registry without background work.
func New(t testing.TB, o registry.Options) *registry.Registry {
	t.Helper()
	r, err := registry.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}
