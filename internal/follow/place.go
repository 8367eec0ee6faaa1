package follow

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	layout "oras.land/oras-go/v2/content/oci"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/reach"
	"github.com/argosy-registry/argosy/internal/share"
	"github.com/argosy-registry/argosy/internal/sign"
)

// Place is where a catalog, or a single entry, is: in a registry, or in a bundle, which
// is an OCI image layout in a folder or a tar archive.
type Place struct {
	Address oci.Address
	File    string // of a bundle; empty: at the address
	client  sign.Source
}

// Open makes what is at a place readable. Nobody is asked yet, but a bundle is read.
// Error: a bundle that is none, settings of the client.
func (p Place) Open(ctx context.Context, o reach.Options) (Place, error) {
	var err error
	if p.File == "" {
		p.client, err = o.Repository(p.Address)
		return p, err
	}
	info, err := os.Stat(p.File)
	switch {
	case err != nil:
		return p, err
	case info.IsDir():
		p.client, err = layout.NewFromFS(ctx, os.DirFS(p.File))
	default:
		p.client, err = layout.NewFromTar(ctx, p.File)
	}
	if err != nil {
		return p, fmt.Errorf("%s is no bundle as 'argosy types bundle' writes it: %w", p.File, err)
	}
	return p, nil
}

// Top is what is at the place now. Error: nothing is, or several catalogs are.
func (p Place) Top(ctx context.Context) (ocispec.Descriptor, error) {
	if p.File == "" {
		d, err := p.client.Resolve(ctx, p.Address.Reference())
		if errors.Is(err, errdef.ErrNotFound) {
			return d, fmt.Errorf("there is no %s", p.Address)
		}
		if want := p.Address.Digest; err == nil && want != "" && oci.Digest(d.Digest) != want {
			return d, fmt.Errorf("%s: %w", want, share.ErrTampered)
		}
		return d, err
	}
	lister, ok := p.client.(registry.TagLister)
	if !ok {
		return ocispec.Descriptor{}, fmt.Errorf("%s does not say what is in it", p.File)
	}
	tags, err := registry.Tags(ctx, lister)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	tags = slices.DeleteFunc(tags, func(tag string) bool { return sign.IsTag(tag) || strings.Contains(tag, ":") })
	if len(tags) != 1 {
		return ocispec.Descriptor{}, fmt.Errorf("%s holds %d artifacts with a tag, %s: want one catalog, as 'argosy types bundle' writes it", p.File, len(tags), strings.Join(tags, ", "))
	}
	return p.client.Resolve(ctx, tags[0])
}

// Fetch reads what the place has now, all of it held against its digests, and with a
// key first whether that vouches for it.
func (p Place) Fetch(ctx context.Context, top ocispec.Descriptor, key *sign.PublicKey) (*share.Set, error) {
	if key != nil {
		if err := sign.Verify(ctx, p.client, top, key); err != nil {
			return nil, err
		}
	}
	return share.Fetch(ctx, p.client, top)
}

// String is the place as it was named.
func (p Place) String() string {
	if p.File != "" {
		return p.File
	}
	return p.Address.String()
}
