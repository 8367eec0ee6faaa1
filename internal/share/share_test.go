package share_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/share"
	"github.com/argosy-registry/argosy/internal/share/sharetest"
)

func TestMain(m *testing.M) { sharetest.Main(m) }

func entry(id string) share.Entry {
	return share.Entry{ID: id, Title: "The " + id, YAML: []byte(sharetest.Entry(id, "application/vnd.acme."+id)), Icon: []byte(sharetest.Icon)}
}

// extra only adds actions and has no icon.
func extra() share.Entry {
	return share.Entry{ID: "acme-deploy", Title: "acme-deploy", YAML: []byte("id: acme-deploy\nextends: rocket\nactions: [{id: go, label: Go, command: go}]\n")}
}

func filesOf(entries ...share.Entry) map[string][]byte {
	files := map[string][]byte{}
	for _, e := range entries {
		files[e.ID+".yaml"] = e.YAML
		if e.Icon != nil {
			files[e.ID+artifact.IconExt(e.Icon)] = e.Icon
		}
	}
	return files
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// What is sent comes back, to and from any registry, and is what the catalog knows
// it as.
func TestThereAndBack(t *testing.T) {
	c := sharetest.New(t)
	picture := entry("picture")
	picture.Icon = []byte("\x89PNG\r\n\x1a\n…")
	builtin := must[*artifact.Catalog](t)(artifact.Builtin())
	for name, tc := range map[string]struct {
		parcel *share.Parcel
		typ    string
		want   share.Set
	}{
		"an entry":  {must[*share.Parcel](t)(share.PackEntry(entry("rocket"), "1.2")), "argosy-type", share.Set{Title: "The rocket", Version: "1.2", Files: filesOf(entry("rocket"))}},
		"a catalog": {must[*share.Parcel](t)(share.PackCatalog([]share.Entry{entry("ship"), entry("rocket"), extra(), picture}, "Acme", "7")), "argosy-catalog", share.Set{Title: "Acme", Version: "7", Files: filesOf(entry("ship"), entry("rocket"), extra(), picture)}},
		"of one":    {must[*share.Parcel](t)(share.PackCatalog([]share.Entry{entry("rocket")}, "", "")), "argosy-catalog", share.Set{Files: filesOf(entry("rocket"))}},
	} {
		t.Run(name, func(t *testing.T) {
			repo := c.Repository(t, "central/types")
			if err := tc.parcel.Push(t.Context(), repo, "1", nil); err != nil {
				t.Fatal(err)
			}
			top, err := repo.Resolve(t.Context(), "1")
			if err != nil || top.Digest != tc.parcel.Top.Digest {
				t.Fatalf("%+v, %v", top, err)
			}
			got, err := share.Fetch(t.Context(), repo, top)
			tc.want.Digest = oci.Digest(top.Digest)
			if err != nil || cmp.Diff(&tc.want, got) != "" {
				t.Errorf("%v %s", err, cmp.Diff(&tc.want, got))
			}
			text, err := share.Get(t.Context(), repo, top, top.Size)
			if err != nil {
				t.Fatal(err)
			}
			if id := builtin.Identify(artifact.Input{MediaType: top.MediaType, Manifest: text}); id.Type != tc.typ {
				t.Errorf("it is known as %s", id.Type)
			}
		})
	}
}

// The order of entries, and who packs them when, makes no difference.
func TestTheSameEntriesTheSameDigest(t *testing.T) {
	a := must[*share.Parcel](t)(share.PackCatalog([]share.Entry{entry("ship"), entry("rocket")}, "Acme", "1"))
	b := must[*share.Parcel](t)(share.PackCatalog([]share.Entry{entry("rocket"), entry("ship")}, "Acme", "1"))
	const want = "sha256:a97be7af5e8be3a2f9f389f4ddcb5a53b745af522a2c8e88970471e00ad5bc36"
	if a.Top.Digest != b.Top.Digest {
		t.Errorf("%s and %s", a.Top.Digest, b.Top.Digest)
	}
	if one := must[*share.Parcel](t)(share.PackEntry(entry("rocket"), "1")); one.Top.Digest != want {
		t.Errorf("the form has changed: %s, and who follows %s would see another one", one.Top.Digest, want)
	}
	if _, err := share.PackCatalog(nil, "", ""); err == nil {
		t.Error("a catalog of nothing is packed")
	}
}

// A tag is the last thing that is written, after what must be there before it.
func TestTheTagComesLast(t *testing.T) {
	c := sharetest.New(t)
	repo := c.Repository(t, "central/types")
	p := must[*share.Parcel](t)(share.PackEntry(entry("rocket"), ""))
	no := errors.New("no key")
	err := p.Push(t.Context(), repo, "1", func(d ocispec.Descriptor) error {
		if _, err := share.Get(t.Context(), repo, d, 1<<20); err != nil {
			t.Errorf("it is not there: %v", err)
		}
		return no
	})
	if !errors.Is(err, no) {
		t.Errorf("error %v", err)
	}
	if d, err := repo.Resolve(t.Context(), "1"); err == nil {
		t.Errorf("the tag is there: %+v", d)
	}
}

// Whatever is changed on the way is refused.
func TestTampering(t *testing.T) {
	c := sharetest.New(t)
	repo := c.Repository(t, "central/types")
	p := must[*share.Parcel](t)(share.PackCatalog([]share.Entry{entry("ship"), entry("rocket")}, "Acme", "1"))
	if err := p.Push(t.Context(), repo, "1", nil); err != nil {
		t.Fatal(err)
	}
	for name, c2 := range map[string]struct {
		change   func(body []byte) []byte
		tampered bool
	}{
		"a command":      {func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("rocket run"), []byte("rocket rum")) }, true},
		"an icon":        {func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("<rect"), []byte("<ract")) }, true},
		"a title":        {func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("The rocket"), []byte("The racket")) }, true},
		"the index":      {func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("Acme"), []byte("Evil")) }, true},
		"shorter":        {func(b []byte) []byte { return b[:len(b)-1] }, false},
		"longer":         {func(b []byte) []byte { return append(bytes.Clone(b), ' ') }, false},
		"nothing at all": {func([]byte) []byte { return nil }, false},
	} {
		t.Run(name, func(t *testing.T) {
			c.Tampers(func(_ string, b []byte) []byte { return c2.change(b) })
			defer c.Tampers(nil)
			got, err := share.Fetch(t.Context(), repo, p.Top)
			if err == nil || c2.tampered && !errors.Is(err, share.ErrTampered) {
				t.Errorf("error %v; files %d", err, len(got.Files))
			}
		})
	}
	if _, err := share.Fetch(t.Context(), repo, p.Top); err != nil {
		t.Errorf("untouched: %v", err)
	}
}

// shelf is a source whose content is made by hand.
type shelf struct {
	t    *testing.T
	held map[digest.Digest][]byte
}

func newShelf(t *testing.T) *shelf { return &shelf{t, map[digest.Digest][]byte{}} }

func (s *shelf) Fetch(_ context.Context, d ocispec.Descriptor) (io.ReadCloser, error) {
	content, ok := s.held[d.Digest]
	if !ok {
		return nil, errdef.ErrNotFound
	}
	return io.NopCloser(bytes.NewReader(content)), nil
}

func (s *shelf) put(mediaType string, content []byte) ocispec.Descriptor {
	d := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(content), Size: int64(len(content))}
	s.held[d.Digest] = content
	return d
}

func (s *shelf) json(mediaType string, v any) ocispec.Descriptor {
	s.t.Helper()
	return s.put(mediaType, must[[]byte](s.t)(json.Marshal(v)))
}

// entry is the manifest of an entry with layers of some types.
func (s *shelf) entry(id string, layers ...ocispec.Descriptor) ocispec.Descriptor {
	return s.json(ocispec.MediaTypeImageManifest, map[string]any{
		"schemaVersion": 2, "mediaType": ocispec.MediaTypeImageManifest, "artifactType": share.TypeEntry,
		"config": ocispec.DescriptorEmptyJSON, "layers": layers, "annotations": map[string]string{"io.github.argosy-registry.type": id},
	})
}

func (s *shelf) catalog(entries ...ocispec.Descriptor) ocispec.Descriptor {
	return s.json(ocispec.MediaTypeImageIndex, map[string]any{
		"schemaVersion": 2, "mediaType": ocispec.MediaTypeImageIndex, "artifactType": share.TypeCatalog, "manifests": entries,
	})
}

const yamlType = "application/vnd.argosy.type.entry.v1+yaml"

func TestWhatIsNotTakenIn(t *testing.T) {
	for name, c := range map[string]struct {
		make func(*shelf) ocispec.Descriptor
		says string
	}{
		"an image": {func(s *shelf) ocispec.Descriptor {
			return s.json(ocispec.MediaTypeImageManifest, map[string]any{"schemaVersion": 2, "config": ocispec.DescriptorEmptyJSON, "layers": []any{}})
		}, "want a catalog"},
		"a catalog by name only": {func(s *shelf) ocispec.Descriptor {
			d := s.json(ocispec.MediaTypeImageIndex, map[string]any{"schemaVersion": 2, "manifests": []any{}})
			d.ArtifactType = share.TypeCatalog
			return d
		}, "want a catalog"},
		"no JSON": {func(s *shelf) ocispec.Descriptor { return s.put(ocispec.MediaTypeImageIndex, []byte("index")) }, "sha256:"},
		"two ways": {func(s *shelf) ocispec.Descriptor {
			return s.put(ocispec.MediaTypeImageIndex, []byte(`{"manifests":[],"manifests":[],"artifactType":"`+share.TypeCatalog+`"}`))
		}, "manifests"},
		"an image in it": {func(s *shelf) ocispec.Descriptor {
			return s.catalog(s.json(ocispec.MediaTypeImageManifest, map[string]any{"schemaVersion": 2, "config": ocispec.DescriptorEmptyJSON, "layers": []any{}}))
		}, "only entries"},
		"a catalog in it": {func(s *shelf) ocispec.Descriptor { return s.catalog(s.catalog()) }, "only entries"},
		"an entry twice": {func(s *shelf) ocispec.Descriptor {
			return s.catalog(s.entry("a", s.put(yamlType, []byte("id: a"))), s.entry("a", s.put(yamlType, []byte("id: a\n"))))
		}, "twice"},
		"no id":        {func(s *shelf) ocispec.Descriptor { return s.entry("", s.put(yamlType, []byte("id: a"))) }, "want its id"},
		"a path as id": {func(s *shelf) ocispec.Descriptor { return s.entry("../a", s.put(yamlType, []byte("id: a"))) }, "want its id"},
		"no layer":     {func(s *shelf) ocispec.Descriptor { return s.entry("a") }, "no layer"},
		"only an icon": {func(s *shelf) ocispec.Descriptor { return s.entry("a", s.put("image/svg+xml", []byte("<svg/>"))) }, "no layer"},
		"two texts": {func(s *shelf) ocispec.Descriptor {
			return s.entry("a", s.put(yamlType, []byte("id: a")), s.put(yamlType, []byte("id: b")))
		}, "two layers"},
		"a script": {func(s *shelf) ocispec.Descriptor {
			return s.entry("a", s.put(yamlType, []byte("id: a")), s.put("text/javascript", []byte("x")))
		}, "text/javascript"},
		"a large file": {func(s *shelf) ocispec.Descriptor { return s.entry("a", s.put(yamlType, make([]byte, 1<<20+1))) }, "at most"},
		"a file without a size": {func(s *shelf) ocispec.Descriptor {
			d := s.put(yamlType, []byte("id: a"))
			return s.put(ocispec.MediaTypeImageManifest, fmt.Appendf(nil, `{"schemaVersion":2,"artifactType":%q,"layers":[{"mediaType":%q,"digest":%q}],"annotations":{"io.github.argosy-registry.type":"a"}}`, share.TypeEntry, yamlType, d.Digest))
		}, "-1 bytes"},
		"too many": {func(s *shelf) ocispec.Descriptor {
			return s.catalog(slices.Repeat([]ocispec.Descriptor{s.entry("a", s.put(yamlType, []byte("id: a")))}, share.MaxEntries+1)...)
		}, "at most 1000"},
		"too much": {func(s *shelf) ocispec.Descriptor {
			var all []ocispec.Descriptor
			for n := range 20 {
				all = append(all, s.entry(fmt.Sprintf("a%d", n), s.put(yamlType, make([]byte, 1<<20))))
			}
			return s.catalog(all...)
		}, "more than 16 MiB"},
		"what is not there": {func(s *shelf) ocispec.Descriptor {
			return s.catalog(ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: digest.FromString("gone"), Size: 4})
		}, "not found"},
		"a digest of no use": {func(s *shelf) ocispec.Descriptor {
			return s.catalog(ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: digest.Digest("blake3:" + strings.Repeat("a", 64)), Size: 4})
		}, "not supported"},
		"a manifest of megabytes": {func(s *shelf) ocispec.Descriptor {
			return s.catalog(s.put(ocispec.MediaTypeImageManifest, bytes.Repeat([]byte(" "), 1<<20)))
		}, "at most"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShelf(t)
			got, err := share.Fetch(t.Context(), s, c.make(s))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v does not say %q (%+v)", err, c.says, got)
			}
		})
	}
}
