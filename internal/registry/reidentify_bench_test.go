package registry_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/blob/mem"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/registry/registrytest"
	"github.com/argosy-registry/argosy/internal/store"
	"github.com/argosy-registry/argosy/internal/store/storetest"
)

// BenchmarkReidentify brings another catalog into force over 100,000 manifests,
// each with a tag, of which all change their type.
func BenchmarkReidentify(b *testing.B) {
	const manifests = 100_000
	o := registrytest.Options(b, storetest.SQLite(b), mem.New(0))
	var current atomic.Pointer[artifact.Catalog]
	plain := o.Catalog()
	current.Store(plain)
	o.Catalog = current.Load
	fill(b, o.Store, manifests)
	r := registrytest.New(b, o)
	with, err := artifact.Load(artifact.BuiltinSource(), artifact.Source{Origin: artifact.OriginLocal, FS: fstest.MapFS{
		"rocket.yaml": {Data: []byte("id: rocket\ntitle: Rocket\nshort: rocket\nmatch: [{artifactType: " + rocketType + "}]\n")}, "rocket.svg": {Data: []byte(svg)},
	}})
	if err != nil {
		b.Fatal(err)
	}
	i := 0
	for b.Loop() {
		current.Store([]*artifact.Catalog{with, plain}[i%2])
		i++
		if err := r.Reidentify(ctx); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(manifests*float64(b.N)/b.Elapsed().Seconds(), "manifests/s")
}

// fill puts manifests into a store, as pushes that nobody has identified.
func fill(b *testing.B, db *store.DB, n int) {
	b.Helper()
	for at := 0; at < n; {
		err := db.Write(ctx, func(tx *store.Tx) error {
			for range 1000 {
				repo, err := tx.EnsureRepository(oci.Name(fmt.Sprintf("r%d", at%1000)), 1)
				if err != nil {
					return err
				}
				body := fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"artifactType":%q,"config":{"mediaType":%q,"digest":%q,"size":2},"layers":[],"annotations":{"org.opencontainers.image.version":"1.%d"}}`,
					oci.MediaTypeImageManifest, rocketType, oci.MediaTypeEmpty, oci.SHA256.Sum([]byte("{}")), at)
				id, _, err := tx.PutManifest(&store.Manifest{
					RepositoryID: repo, Digest: oci.SHA256.Sum(body), MediaType: oci.MediaTypeImageManifest, ArtifactType: rocketType, ConfigType: oci.MediaTypeEmpty,
					Size: int64(len(body)), Content: body, Derived: store.Derived{Type: artifact.Unknown, Facts: "{}", Fingerprint: "before"},
				})
				if err != nil {
					return err
				}
				if err := tx.SetTag(repo, oci.Tag(fmt.Sprintf("v%d", at)), id, 1, ""); err != nil {
					return err
				}
				at++
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
