// Package oci holds the words of the OCI distribution specification as Go
// values: names, tags, digests, descriptors, manifests, requests, errors, and
// [Registry], the specification itself without HTTP.
//
// It does no I/O. It does not know HTTP status text, storage, SQL, users, or
// what an artifact type is beyond an opaque string.
package oci

import "context"

// Registry is the distribution specification without HTTP. The core implements
// it over a store, the access guard wraps one, a client implements it over
// HTTP; one suite (package ocitest) runs against all three.
//
// Every method may return an error that [AsError] recognises; any other error
// is the implementation's own failure. Methods are safe for concurrent use.
type Registry interface {
	Puller
	Pusher
	Deleter
	Lister
}

// Puller reads content by name.
type Puller interface {
	// Resolve finds what ref names in repo, without its bytes when the
	// implementation can save them. Errors: NameUnknown, ManifestUnknown.
	Resolve(ctx context.Context, repo Name, ref Reference) (*Manifest, error)

	// Manifest is Resolve with the exact bytes that were pushed. The value is
	// shared: callers must not change it. Errors: NameUnknown, ManifestUnknown.
	Manifest(ctx context.Context, repo Name, ref Reference) (*Manifest, error)

	// StatBlob says how large a blob of repo is. Errors: NameUnknown, BlobUnknown.
	StatBlob(ctx context.Context, repo Name, d Digest) (Descriptor, error)

	// OpenBlob opens a blob of repo for reading. The caller closes it.
	// A reader of the whole never gets a complete body that does not match the
	// digest: Read fails before the last bytes. Errors: NameUnknown, BlobUnknown.
	OpenBlob(ctx context.Context, repo Name, d Digest) (*Blob, error)
}

// Pusher stores content.
type Pusher interface {
	// Push stores a manifest and moves its tags, all or nothing. When it
	// returns nil the push survives a power cut. Errors: ManifestInvalid,
	// DigestInvalid, ManifestBlobUnknown, SizeInvalid, Denied,
	// PreconditionFailed, StorageFull.
	Push(ctx context.Context, repo Name, p Push) (Pushed, error)

	// StartUpload begins an upload. Nothing is stored until the upload holds
	// bytes. Errors: DigestInvalid for an unknown algorithm, StorageFull.
	StartUpload(ctx context.Context, repo Name, o UploadOptions) (Upload, error)

	// ResumeUpload continues an upload at its last durable byte; one caller at
	// a time holds it. Errors: BlobUploadUnknown, BlobUploadInvalid when
	// another request holds it.
	ResumeUpload(ctx context.Context, repo Name, id string) (Upload, error)

	// Mount makes a blob that is readable in from readable in repo, or, with
	// from empty, one that is anywhere the caller may read. Errors: BlobUnknown
	// when it is not there, which callers answer with an upload.
	Mount(ctx context.Context, repo Name, d Digest, from Name, g Grant) (Descriptor, error)
}

// Deleter removes content. What it removes is gone for every reader when it returns.
type Deleter interface {
	// DeleteTag removes a tag and leaves the manifest. Errors: NameUnknown,
	// ManifestUnknown, Denied.
	DeleteTag(ctx context.Context, repo Name, tag Tag, g Grant) error

	// DeleteManifest removes a manifest and every tag on it. Errors:
	// NameUnknown, ManifestUnknown, Denied, Unsupported while an index names it.
	DeleteManifest(ctx context.Context, repo Name, d Digest, g Grant) error

	// DeleteBlob removes a blob from this repository only. Errors: NameUnknown,
	// BlobUnknown, Denied, Unsupported while a manifest names it.
	DeleteBlob(ctx context.Context, repo Name, d Digest, g Grant) error
}

// Lister lists what is there. Lists are in ASCII order and capped.
type Lister interface {
	// Repositories lists the repositories of the registry.
	Repositories(ctx context.Context, p Page) (*List, error)

	// Tags lists the tags of repo. Errors: NameUnknown.
	Tags(ctx context.Context, repo Name, p Page) (*List, error)

	// Referrers lists the manifests of repo whose subject is d; none is an
	// empty list, also for an unknown repository.
	Referrers(ctx context.Context, repo Name, d Digest, q ReferrersQuery) (*Referrers, error)
}

// Grant says what the caller of a change may bring about. The core evaluates it
// by effect inside the transaction: a push that would move an existing tag
// needs Overwrite, whatever request asked for it. The zero Grant allows nothing.
type Grant struct {
	Create    bool // add manifests, blobs and new tags
	Overwrite bool // move a tag that exists to another manifest
	Delete    bool // remove tags, manifests and blobs
}

// Everything is the Grant of a caller that may do all.
var Everything = Grant{Create: true, Overwrite: true, Delete: true}
