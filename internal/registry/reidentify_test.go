package registry_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/registry/registrytest"
	"github.com/argosy-registry/argosy/internal/store"
)

const (
	rocketType = "application/vnd.acme.rocket.v1"
	svg        = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24"/></svg>`
)

// withEntry is the built-in catalog with an entry over it.
func withEntry(t *testing.T, id, text string) *artifact.Catalog {
	t.Helper()
	c, err := artifact.Load(artifact.BuiltinSource(), artifact.Source{Origin: artifact.OriginLocal, FS: fstest.MapFS{
		id + ".yaml": {Data: []byte(text)}, id + ".svg": {Data: []byte(svg)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// changing gives a rig a catalog that the test can change.
func changing(t *testing.T, r *rig) *atomic.Pointer[artifact.Catalog] {
	t.Helper()
	var current atomic.Pointer[artifact.Catalog]
	current.Store(r.options.Catalog())
	r.options.Catalog = current.Load
	r.Registry = registrytest.New(t, r.options)
	return &current
}

func pushRocket(t *testing.T, r oci.Registry, tag oci.Tag, n int) oci.Digest {
	t.Helper()
	if _, err := pushBlob(r, repo, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	body := fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"artifactType":%q,"config":{"mediaType":%q,"digest":%q,"size":2},"layers":[],"annotations":{"n":"%d"}}`,
		oci.MediaTypeImageManifest, rocketType, oci.MediaTypeEmpty, oci.SHA256.Sum([]byte("{}")), n)
	p := oci.Push{MediaType: oci.MediaTypeImageManifest, Content: body, Grant: oci.Everything, Tags: []oci.Tag{tag}}
	pushed, err := r.Push(ctx, repo, p)
	if err != nil {
		t.Fatal(err)
	}
	return pushed.Descriptor.Digest
}

func typeOf(t *testing.T, r oci.Registry, ref oci.Reference) string {
	t.Helper()
	m, err := r.Manifest(ctx, repo, ref)
	if err != nil {
		t.Fatal(err)
	}
	return m.Type
}

// What was pushed before an entry came is of its type afterwards, by tag and by
// digest, and what is gone with the entry is unknown again.
func TestAChangedCatalogIdentifiesWhatIsStored(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		catalog := changing(t, r)
		before := catalog.Load()
		d := pushRocket(t, r, "v1", 0)
		for i := range 250 { // more than two slices
			pushRocket(t, r, oci.Tag(fmt.Sprint("n", i)), i+1)
		}
		image, err := pushImage(r, repo, "image", []byte(`{"architecture":"amd64","os":"linux"}`), []byte("layer"))
		if err != nil {
			t.Fatal(err)
		}
		imageType := typeOf(t, r, oci.Reference{Digest: image})
		check := func(what, want string) {
			t.Helper()
			for _, ref := range []oci.Reference{{Tag: "v1"}, {Digest: d}} {
				if got := typeOf(t, r, ref); got != want {
					t.Errorf("%s: %s is %s, want %s", what, ref, got, want)
				}
			}
			if got := typeOf(t, r, oci.Reference{Tag: "image"}); got != imageType {
				t.Errorf("%s: the image is %s, want %s", what, got, imageType)
			}
			if p := r.Identifying(); p.Total != 0 {
				t.Errorf("%s: progress says %+v", what, p)
			}
		}
		check("before", artifact.Unknown)

		catalog.Store(withEntry(t, "rocket", "id: rocket\ntitle: Rocket\nshort: rocket\nmatch: [{artifactType: "+rocketType+"}]\n"))
		if got := typeOf(t, r, oci.Reference{Tag: "v1"}); got != artifact.Unknown {
			t.Errorf("until it is identified anew it is %s", got)
		}
		if err := r.Reidentify(ctx); err != nil {
			t.Fatal(err)
		}
		check("with the entry", "rocket")
		counts, err := r.options.Store.TypeCounts(store.Visible{All: true})
		if err != nil || len(counts) != 2 || counts[1].Type != "rocket" || counts[1].Count != 251 {
			t.Errorf("counts %v, %v", counts, err)
		}
		catalog.Store(before)
		if err := r.Reidentify(ctx); err != nil {
			t.Fatal(err)
		}
		check("without it", artifact.Unknown)
	})
}

// The pass goes on where it stopped: in the next process, with what is left.
func TestReidentifyGoesOnWhereItStopped(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		catalog := changing(t, r)
		for i := range 350 {
			pushRocket(t, r, oci.Tag(fmt.Sprint("n", i)), i)
		}
		catalog.Store(withEntry(t, "rocket", "id: rocket\ntitle: Rocket\nshort: rocket\nmatch: [{artifactType: "+rocketType+"}]\n"))
		stopped, stop := context.WithCancel(ctx)
		stopAfterFirst := func() {
			for r.Identifying().Done == 0 {
			}
			stop()
		}
		go stopAfterFirst()
		if err := r.Reidentify(stopped); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if err := registrytest.New(t, r.options).Reidentify(ctx); err != nil {
			t.Fatal(err)
		}
		counts, err := r.options.Store.TypeCounts(store.Visible{All: true})
		if err != nil || len(counts) != 1 || counts[0].Type != "rocket" || counts[0].Count != 350 {
			t.Errorf("counts %v, %v", counts, err)
		}
	})
}

// A type that is told by its config is found in what is stored, too, and a tag
// that attaches by the new type's pattern is folded.
func TestReidentifyReadsConfigsAndTags(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		catalog := changing(t, r)
		small, large := []byte(`{"config":{"Labels":{"acme.rocket":"yes"}}}`), append([]byte(`{"config":{"Labels":{"acme.rocket":"yes"}}}`), make([]byte, 0)...)
		for len(large) < 40_000 { // in the heap, not in the database
			large = append(large, ' ')
		}
		for tag, config := range map[oci.Tag][]byte{"small": small, "large": large, "none": []byte(`{}`)} {
			if _, err := pushImage(r, repo, tag, config, []byte("layer")); err != nil {
				t.Fatal(err)
			}
		}
		d, err := pushImage(r, repo, oci.Tag("sha256-"+oci.SHA256.Sum([]byte("x")).Encoded()+".rocket"), small, []byte("another layer"))
		if err != nil {
			t.Fatal(err)
		}
		catalog.Store(withEntry(t, "rocket", "id: rocket\ntitle: Rocket\nshort: rocket\nattach: [\"{digest}.rocket\"]\nmatch: [{config: application/vnd.oci.image.config.v1+json, configJSON: {/config/Labels/acme.rocket: \"yes\"}}]\n"))
		if err := r.Reidentify(ctx); err != nil {
			t.Fatal(err)
		}
		for tag, want := range map[oci.Tag]string{"small": "rocket", "large": "rocket", "none": "oci-image"} {
			if got := typeOf(t, r, oci.Reference{Tag: tag}); got != want {
				t.Errorf("%s is %s, want %s", tag, got, want)
			}
		}
		rows, err := r.options.Store.Items(store.Visible{All: true}, store.ItemQuery{Repository: repo, N: 100})
		if err != nil || len(rows) != 3 {
			t.Errorf("%d rows are listed, want 3 without the attached one (%v)", len(rows), err)
		}
		if row, err := r.options.Store.ManifestByDigest(repo, d); err != nil || row.Type != "rocket" {
			t.Errorf("the attached one is %+v, %v", row, err)
		}
	})
}

// A push that was identified by the catalog before is decided by the one in force.
func TestAPushIsOfTheCatalogInForce(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		old, after := r.options.Catalog(), withEntry(t, "rocket", "id: rocket\ntitle: Rocket\nshort: rocket\nmatch: [{artifactType: "+rocketType+"}]\n")
		asked := 0
		r.options.Catalog = func() *artifact.Catalog {
			if asked++; asked == 1 {
				return old // it changes between identification and commit
			}
			return after
		}
		r.Registry = registrytest.New(t, r.options)
		pushRocket(t, r, "v1", 0)
		if got := typeOf(t, r, oci.Reference{Tag: "v1"}); got != "rocket" {
			t.Errorf("it is %s", got)
		}
	})
}
