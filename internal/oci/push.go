package oci

import "io"

// Push is one manifest push.
type Push struct {
	MediaType string    // Content-Type as sent; empty when the client sent none
	Content   []byte    // the exact bytes
	Digest    Digest    // what the client says the digest is; empty for a push by tag
	Tags      []Tag     // tags to set, in one step with the manifest
	Grant     Grant     // what the caller may bring about
	If        Condition // what must hold for the push to happen
}

// Condition is a conditional request on the first tag of a push, or on the
// manifest for a push by digest (RFC 9110 section 13; distribution-spec allows
// "conditional HTTP push"). The zero Condition always holds.
type Condition struct {
	Match     []Digest // the current digest must be one of these, when set
	MatchAny  bool     // If-Match: * — something must be there
	NoneMatch []Digest // the current digest must be none of these
	Absent    bool     // If-None-Match: * — nothing may be there
}

// Pushed is the answer to a push.
type Pushed struct {
	Descriptor Descriptor
	Type       string   // the artifact type's id that was stored with it
	Subject    Digest   // the manifest's subject, when it has one
	Tags       []Tag    // the tags that were set
	Warnings   []string // sentences for the pusher
}

// UploadOptions are what a client says when it starts an upload.
type UploadOptions struct {
	Algorithm Algorithm // of the closing digest, if told; empty means sha256
	Digest    Digest    // the closing digest, if told
	Size      int64     // total bytes, if told; -1 unknown
	Grant     Grant
}

// Upload is a blob on its way in. Bytes are written to it, then exactly one of
// these ends it:
//
//   - Close makes what was written durable; ResumeUpload continues there, in
//     any process. An upload that holds no bytes leaves no trace.
//   - Commit makes the blob readable in the repository when its bytes match.
//     After an error, Discard lets go of an upload that has not ended.
//   - Discard forgets what was written since Start or Resume; the upload stays
//     at its last durable byte.
//   - Cancel ends the upload and frees its space.
//
// No reader sees the bytes before Commit returns nil. An Upload is used by one
// goroutine at a time.
type Upload interface {
	io.Writer
	io.ReaderFrom
	ID() string
	Size() int64         // bytes held, durable ones included
	Expect(bytes int64)  // says how many bytes are about to be written, so that space is found early
	Close() error        // Errors: StorageFull
	Commit(Digest) error // Errors: DigestInvalid, StorageFull
	Discard() error
	Cancel() error
}

// Blob is an open blob. Content may be an *os.File, so that a server can hand
// it to the kernel.
type Blob struct {
	Descriptor Descriptor
	Content    io.ReadSeekCloser
}

// Close closes the content.
func (b *Blob) Close() error { return b.Content.Close() }
