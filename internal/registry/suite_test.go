package registry_test

import (
	"testing"

	"github.com/argosy-registry/argosy/internal/blob/fs"
	"github.com/argosy-registry/argosy/internal/blob/mem"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/oci/ocitest"
	"github.com/argosy-registry/argosy/internal/registry/registrytest"
	"github.com/argosy-registry/argosy/internal/store/storetest"
)

// TestSuite holds the core against the suite of every registry, on each engine
// of the store and each kind of heap.
func TestSuite(t *testing.T) {
	t.Run("sqlite+mem", func(t *testing.T) { ocitest.Run(t, registrytest.Open) })
	t.Run("sqlite+fs", func(t *testing.T) {
		ocitest.Run(t, func(t *testing.T) oci.Registry {
			heap, err := fs.Open(storetest.Dir(t), fs.Options{})
			if err != nil {
				t.Fatal(err)
			}
			return registrytest.New(t, registrytest.Options(t, storetest.SQLite(t), heap))
		})
	})
	t.Run("postgres+mem", func(t *testing.T) {
		storetest.Postgres(t) // skips or fails here, once, where there is none
		ocitest.Run(t, func(t *testing.T) oci.Registry {
			o := registrytest.Options(t, storetest.OpenPostgres(t, storetest.Postgres(t)), mem.New(0))
			o.Exclusive = false
			return registrytest.New(t, o)
		})
	})
}
