package auth

import (
	"context"

	"github.com/argosy-registry/argosy/internal/oci"
)

// Guard holds every operation against the rights of the caller in its context.
// What a caller may bring about travels on as a Grant, which the registry
// evaluates by effect, in its transaction.
type Guard struct {
	oci.Unimplemented
	Registry oci.Registry
}

var _ oci.Registry = (*Guard)(nil)

// Resolve is for those who may pull.
func (g *Guard) Resolve(ctx context.Context, repo oci.Name, ref oci.Reference) (*oci.Manifest, error) {
	if err := Of(ctx).mayPull(); err != nil {
		return nil, err
	}
	return g.Registry.Resolve(ctx, repo, ref)
}

// Manifest is for those who may pull.
func (g *Guard) Manifest(ctx context.Context, repo oci.Name, ref oci.Reference) (*oci.Manifest, error) {
	if err := Of(ctx).mayPull(); err != nil {
		return nil, err
	}
	return g.Registry.Manifest(ctx, repo, ref)
}

// StatBlob is for those who may pull.
func (g *Guard) StatBlob(ctx context.Context, repo oci.Name, d oci.Digest) (oci.Descriptor, error) {
	if err := Of(ctx).mayPull(); err != nil {
		return oci.Descriptor{}, err
	}
	return g.Registry.StatBlob(ctx, repo, d)
}

// OpenBlob is for those who may pull.
func (g *Guard) OpenBlob(ctx context.Context, repo oci.Name, d oci.Digest) (*oci.Blob, error) {
	if err := Of(ctx).mayPull(); err != nil {
		return nil, err
	}
	return g.Registry.OpenBlob(ctx, repo, d)
}

// Push carries the caller's grant.
func (g *Guard) Push(ctx context.Context, repo oci.Name, p oci.Push) (oci.Pushed, error) {
	id := Of(ctx)
	if err := id.mayPush(); err != nil {
		return oci.Pushed{}, err
	}
	p.Grant = id.Grant()
	return g.Registry.Push(ctx, repo, p)
}

// StartUpload carries the caller's grant.
func (g *Guard) StartUpload(ctx context.Context, repo oci.Name, o oci.UploadOptions) (oci.Upload, error) {
	id := Of(ctx)
	if err := id.mayPush(); err != nil {
		return nil, err
	}
	o.Grant = id.Grant()
	return g.Registry.StartUpload(ctx, repo, o)
}

// ResumeUpload is for those who may push; so are an upload's status and its
// cancellation.
func (g *Guard) ResumeUpload(ctx context.Context, repo oci.Name, id string) (oci.Upload, error) {
	if err := Of(ctx).mayPush(); err != nil {
		return nil, err
	}
	return g.Registry.ResumeUpload(ctx, repo, id)
}

// Mount is for those who may push, from what they may pull.
func (g *Guard) Mount(ctx context.Context, repo oci.Name, d oci.Digest, from oci.Name, _ oci.Grant) (oci.Descriptor, error) {
	id := Of(ctx)
	if err := id.mayPush(); err != nil {
		return oci.Descriptor{}, err
	}
	if err := id.mayPull(); err != nil {
		return oci.Descriptor{}, err
	}
	return g.Registry.Mount(ctx, repo, d, from, id.Grant())
}

// DeleteTag carries the caller's grant.
func (g *Guard) DeleteTag(ctx context.Context, repo oci.Name, tag oci.Tag, _ oci.Grant) error {
	id := Of(ctx)
	if err := id.mayPush(); err != nil {
		return err
	}
	return g.Registry.DeleteTag(ctx, repo, tag, id.Grant())
}

// DeleteManifest carries the caller's grant.
func (g *Guard) DeleteManifest(ctx context.Context, repo oci.Name, d oci.Digest, _ oci.Grant) error {
	id := Of(ctx)
	if err := id.mayPush(); err != nil {
		return err
	}
	return g.Registry.DeleteManifest(ctx, repo, d, id.Grant())
}

// DeleteBlob carries the caller's grant.
func (g *Guard) DeleteBlob(ctx context.Context, repo oci.Name, d oci.Digest, _ oci.Grant) error {
	id := Of(ctx)
	if err := id.mayPush(); err != nil {
		return err
	}
	return g.Registry.DeleteBlob(ctx, repo, d, id.Grant())
}

// Repositories is for those who may pull.
func (g *Guard) Repositories(ctx context.Context, p oci.Page) (*oci.List, error) {
	if err := Of(ctx).mayPull(); err != nil {
		return nil, err
	}
	return g.Registry.Repositories(ctx, p)
}

// Tags is for those who may pull.
func (g *Guard) Tags(ctx context.Context, repo oci.Name, p oci.Page) (*oci.List, error) {
	if err := Of(ctx).mayPull(); err != nil {
		return nil, err
	}
	return g.Registry.Tags(ctx, repo, p)
}

// Referrers is for those who may pull.
func (g *Guard) Referrers(ctx context.Context, repo oci.Name, d oci.Digest, q oci.ReferrersQuery) (*oci.Referrers, error) {
	if err := Of(ctx).mayPull(); err != nil {
		return nil, err
	}
	return g.Registry.Referrers(ctx, repo, d, q)
}
