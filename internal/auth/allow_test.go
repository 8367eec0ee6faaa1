package auth_test

import (
	"context"

	"github.com/argosy-registry/argosy/internal/auth"
	"github.com/argosy-registry/argosy/internal/oci"
)

// allow calls a guard as one caller, whatever the context says.
type allow struct {
	guard *auth.Guard
	id    *auth.Identity
}

var _ oci.Registry = allow{}

func (a allow) Resolve(ctx context.Context, repo oci.Name, ref oci.Reference) (*oci.Manifest, error) {
	return a.guard.Resolve(auth.With(ctx, a.id), repo, ref)
}

func (a allow) Manifest(ctx context.Context, repo oci.Name, ref oci.Reference) (*oci.Manifest, error) {
	return a.guard.Manifest(auth.With(ctx, a.id), repo, ref)
}

func (a allow) StatBlob(ctx context.Context, repo oci.Name, d oci.Digest) (oci.Descriptor, error) {
	return a.guard.StatBlob(auth.With(ctx, a.id), repo, d)
}

func (a allow) OpenBlob(ctx context.Context, repo oci.Name, d oci.Digest) (*oci.Blob, error) {
	return a.guard.OpenBlob(auth.With(ctx, a.id), repo, d)
}

func (a allow) Push(ctx context.Context, repo oci.Name, p oci.Push) (oci.Pushed, error) {
	return a.guard.Push(auth.With(ctx, a.id), repo, p)
}

func (a allow) StartUpload(ctx context.Context, repo oci.Name, o oci.UploadOptions) (oci.Upload, error) {
	return a.guard.StartUpload(auth.With(ctx, a.id), repo, o)
}

func (a allow) ResumeUpload(ctx context.Context, repo oci.Name, id string) (oci.Upload, error) {
	return a.guard.ResumeUpload(auth.With(ctx, a.id), repo, id)
}

func (a allow) Mount(ctx context.Context, repo oci.Name, d oci.Digest, from oci.Name, g oci.Grant) (oci.Descriptor, error) {
	return a.guard.Mount(auth.With(ctx, a.id), repo, d, from, g)
}

func (a allow) DeleteTag(ctx context.Context, repo oci.Name, t oci.Tag, g oci.Grant) error {
	return a.guard.DeleteTag(auth.With(ctx, a.id), repo, t, g)
}

func (a allow) DeleteManifest(ctx context.Context, repo oci.Name, d oci.Digest, g oci.Grant) error {
	return a.guard.DeleteManifest(auth.With(ctx, a.id), repo, d, g)
}

func (a allow) DeleteBlob(ctx context.Context, repo oci.Name, d oci.Digest, g oci.Grant) error {
	return a.guard.DeleteBlob(auth.With(ctx, a.id), repo, d, g)
}

func (a allow) Repositories(ctx context.Context, p oci.Page) (*oci.List, error) {
	return a.guard.Repositories(auth.With(ctx, a.id), p)
}

func (a allow) Tags(ctx context.Context, repo oci.Name, p oci.Page) (*oci.List, error) {
	return a.guard.Tags(auth.With(ctx, a.id), repo, p)
}

func (a allow) Referrers(ctx context.Context, repo oci.Name, d oci.Digest, q oci.ReferrersQuery) (*oci.Referrers, error) {
	return a.guard.Referrers(auth.With(ctx, a.id), repo, d, q)
}
