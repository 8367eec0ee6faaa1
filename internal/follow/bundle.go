package follow

import (
	"bytes"
	"context"
	"io"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/argosy-registry/argosy/internal/imagelayout"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/share"
	"github.com/argosy-registry/argosy/internal/sign"
)

// latest is the tag in a bundle of what was named by digest.
const latest = "latest"

// Bundle is all that the place has of what is at the top, with the signatures of it,
// for somebody who cannot ask the place. With a key it must vouch for it.
func (p Place) Bundle(ctx context.Context, top ocispec.Descriptor, key *sign.PublicKey) (*imagelayout.Content, *share.Set, error) {
	r := &recorder{Source: p.client, blobs: map[oci.Digest][]byte{}}
	p.client = r
	set, err := p.Fetch(ctx, top, key)
	if err != nil {
		return nil, nil, err
	}
	found, err := sign.Find(ctx, r, top)
	if err != nil {
		return nil, nil, err
	}
	tag := string(p.Address.Tag)
	if tag == "" {
		tag = latest
	}
	content := &imagelayout.Content{Roots: []imagelayout.Root{root(top, tag)}, Blobs: r.blobs}
	content.Blobs[oci.SHA256.Sum(ocispec.DescriptorEmptyJSON.Data)] = ocispec.DescriptorEmptyJSON.Data // the configs
	in := map[oci.Digest]bool{}
	for _, s := range found {
		if d := oci.Digest(s.In.Digest); !in[d] {
			in[d] = true
			content.Roots = append(content.Roots, root(s.In, s.Tag))
			if err := r.config(ctx, s.In); err != nil {
				return nil, nil, err
			}
		}
	}
	return content, set, nil
}

func root(d ocispec.Descriptor, tag string) imagelayout.Root {
	return imagelayout.Root{Descriptor: oci.Descriptor{MediaType: d.MediaType, Digest: oci.Digest(d.Digest), Size: d.Size}, Tag: tag}
}

// maxFetch is the most bytes of one thing in a bundle.
const maxFetch = 4 << 20

// recorder is a source that notes what was fetched from it. What it notes was held
// against its digest by whoever fetched it, or they failed.
type recorder struct {
	sign.Source
	mu    sync.Mutex
	blobs map[oci.Digest][]byte
}

// config notes the config of a manifest, which nobody else asks for.
func (r *recorder) config(ctx context.Context, in ocispec.Descriptor) error {
	m, err := oci.ParseManifest(in.MediaType, r.blobs[oci.Digest(in.Digest)])
	if err != nil || m.Config == nil {
		return err
	}
	_, err = r.Fetch(ctx, ocispec.Descriptor{MediaType: m.Config.MediaType, Digest: digest.Digest(m.Config.Digest), Size: m.Config.Size})
	return err
}

// Fetch implements sign.Source.
func (r *recorder) Fetch(ctx context.Context, d ocispec.Descriptor) (io.ReadCloser, error) {
	content, err := share.Get(ctx, r.Source, d, maxFetch)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.blobs[oci.Digest(d.Digest)] = content
	return io.NopCloser(bytes.NewReader(content)), nil
}
