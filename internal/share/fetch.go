package share

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"
	"oras.land/oras-go/v2/content"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/oci"
)

// ErrTampered says that bytes are not those that their digest names.
var ErrTampered = errors.New("the bytes are not those that the digest names: somebody changed them there or on the way")

// Get reads content that a descriptor names, at most limit bytes, and holds it against
// size and digest. Error: ErrTampered, or what the source says.
func Get(ctx context.Context, from content.Fetcher, d ocispec.Descriptor, limit int64) ([]byte, error) {
	if d.Size < 0 || d.Size > limit {
		return nil, fmt.Errorf("%s is said to have %d bytes: at most %d are taken", d.Digest, d.Size, limit)
	}
	if err := oci.Digest(d.Digest).Supported(); err != nil {
		return nil, err
	}
	got, err := content.FetchAll(ctx, from, d)
	switch {
	case errors.Is(err, content.ErrMismatchedDigest), errors.Is(err, content.ErrTrailingData):
		return nil, fmt.Errorf("%s: %w", d.Digest, ErrTampered)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", d.Digest, err)
	}
	return got, nil
}

// Fetch reads the entries of a catalog, or a single entry, that a descriptor names,
// with all that they are made of. An error of one refuses all.
func Fetch(ctx context.Context, from content.Fetcher, top ocispec.Descriptor) (*Set, error) {
	m, err := manifest(ctx, from, top, maxIndex)
	if err != nil {
		return nil, err
	}
	set := &Set{
		Digest: oci.Digest(top.Digest), Files: map[string][]byte{},
		Title: m.Annotations[ocispec.AnnotationTitle], Version: m.Annotations[ocispec.AnnotationVersion],
	}
	f := &fetcher{from: from, set: set}
	switch m.ArtifactType {
	case TypeEntry:
		err = f.entry(ctx, m)
	case TypeCatalog:
		err = f.catalog(ctx, m)
	default:
		err = fmt.Errorf("%s is of artifactType %q: want a catalog, %s, or an entry, %s, as 'argosy types push' makes them",
			top.Digest, m.EffectiveArtifactType(), TypeCatalog, TypeEntry)
	}
	return set, err
}

func manifest(ctx context.Context, from content.Fetcher, d ocispec.Descriptor, limit int64) (*oci.Parsed, error) {
	text, err := Get(ctx, from, d, limit)
	if err != nil {
		return nil, err
	}
	m, err := oci.ParseManifest(d.MediaType, text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.Digest, err)
	}
	return m, nil
}

// fetcher fills a set.
type fetcher struct {
	from  content.Fetcher
	mu    sync.Mutex // held while the set is filled
	set   *Set
	bytes int
}

func (f *fetcher) catalog(ctx context.Context, m *oci.Parsed) error {
	if len(m.Manifests) > MaxEntries {
		return fmt.Errorf("the catalog has %d entries: at most %d are taken", len(m.Manifests), MaxEntries)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, d := range m.Manifests {
		group.Go(func() error {
			e, err := manifest(ctx, f.from, descriptor(d), maxManifest)
			if err != nil {
				return err
			}
			if e.ArtifactType != TypeEntry {
				return fmt.Errorf("the catalog holds %s of artifactType %q: only entries, %s, belong into one", d.Digest, e.EffectiveArtifactType(), TypeEntry)
			}
			return f.entry(ctx, e)
		})
	}
	return group.Wait()
}

// entry takes an entry's layers into the set, under the names that its id gives them.
func (f *fetcher) entry(ctx context.Context, m *oci.Parsed) error {
	id := m.Annotations[annotationID]
	if !artifact.ValidID(id) {
		return fmt.Errorf("an entry has the annotation %s: %q: want its id", annotationID, id)
	}
	texts := 0
	for _, d := range m.Layers {
		ext, ok := extension(d.MediaType)
		if !ok {
			return fmt.Errorf("the entry %s has a layer of type %q: want %s and an icon; a newer argosy may have written it", id, d.MediaType, typeYAML)
		}
		if ext == ".yaml" {
			texts++
		}
		text, err := Get(ctx, f.from, descriptor(d), maxFile)
		if err != nil {
			return fmt.Errorf("the entry %s: %w", id, err)
		}
		if err := f.keep(id, id+ext, text); err != nil {
			return err
		}
	}
	if texts != 1 {
		return fmt.Errorf("the entry %s has no layer of type %s", id, typeYAML)
	}
	return nil
}

// extension is how the file of a layer is called after the id.
func extension(mediaType string) (ext string, ok bool) {
	kind, _, err := mime.ParseMediaType(mediaType)
	if err != nil {
		return "", false
	}
	switch kind {
	case typeYAML:
		return ".yaml", true
	case "image/svg+xml":
		return ".svg", true
	case "image/png":
		return ".png", true
	}
	return "", false
}

func (f *fetcher) keep(id, name string, text []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, twice := f.set.Files[name]; twice {
		return fmt.Errorf("the entry %s stands there twice, or has two layers that would be %s", id, name)
	}
	if f.bytes += len(text); f.bytes > maxBytes {
		return fmt.Errorf("the catalog holds more than %d MiB", maxBytes>>20)
	}
	f.set.Files[name] = text
	return nil
}

// descriptor is what a source is asked by.
func descriptor(d oci.Descriptor) ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: d.MediaType, Digest: digest.Digest(d.Digest), Size: d.Size}
}
