package oci

import "context"

// Unimplemented refuses every operation. Wrappers embed it, so that a method
// added to Registry later is closed by default.
type Unimplemented struct{}

var _ Registry = Unimplemented{}

func refuse(op string) error {
	return Unsupported.With(map[string]string{"operation": op}, "%s is not supported here", op)
}

// Resolve refuses.
func (Unimplemented) Resolve(context.Context, Name, Reference) (*Manifest, error) {
	return nil, refuse("resolve")
}

// Manifest refuses.
func (Unimplemented) Manifest(context.Context, Name, Reference) (*Manifest, error) {
	return nil, refuse("manifest")
}

// StatBlob refuses.
func (Unimplemented) StatBlob(context.Context, Name, Digest) (Descriptor, error) {
	return Descriptor{}, refuse("stat blob")
}

// OpenBlob refuses.
func (Unimplemented) OpenBlob(context.Context, Name, Digest) (*Blob, error) {
	return nil, refuse("open blob")
}

// Push refuses.
func (Unimplemented) Push(context.Context, Name, Push) (Pushed, error) {
	return Pushed{}, refuse("push")
}

// StartUpload refuses.
func (Unimplemented) StartUpload(context.Context, Name, UploadOptions) (Upload, error) {
	return nil, refuse("start upload")
}

// ResumeUpload refuses.
func (Unimplemented) ResumeUpload(context.Context, Name, string) (Upload, error) {
	return nil, refuse("resume upload")
}

// Mount refuses.
func (Unimplemented) Mount(context.Context, Name, Digest, Name, Grant) (Descriptor, error) {
	return Descriptor{}, refuse("mount")
}

// DeleteTag refuses.
func (Unimplemented) DeleteTag(context.Context, Name, Tag, Grant) error { return refuse("delete tag") }

// DeleteManifest refuses.
func (Unimplemented) DeleteManifest(context.Context, Name, Digest, Grant) error {
	return refuse("delete manifest")
}

// DeleteBlob refuses.
func (Unimplemented) DeleteBlob(context.Context, Name, Digest, Grant) error {
	return refuse("delete blob")
}

// Repositories refuses.
func (Unimplemented) Repositories(context.Context, Page) (*List, error) {
	return nil, refuse("list repositories")
}

// Tags refuses.
func (Unimplemented) Tags(context.Context, Name, Page) (*List, error) {
	return nil, refuse("list tags")
}

// Referrers refuses.
func (Unimplemented) Referrers(context.Context, Name, Digest, ReferrersQuery) (*Referrers, error) {
	return nil, refuse("list referrers")
}
