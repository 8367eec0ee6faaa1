// Package blob keeps byte strings by key: a heap with a durable, crash-safe
// way in and plain random access on the way out.
//
// A key is opaque. The store makes a fresh one for every Create and never uses
// one twice, so deleting an old key cannot race a new upload of the same
// content, no store has to rename or copy anything to finish an upload, and
// damaged bytes are healed by storing them again and pointing at the new key.
//
// The package does not know what the bytes are: no digests, repositories or
// users. It verifies nothing. Which keys matter is the caller's to remember;
// the rest, what a crash or an abandoned upload left, is found through
// [Store.All] and is harmless.
package blob

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"
)

// Errors that callers tell apart with [errors.Is].
var (
	// ErrNotFound says that nothing readable is stored under the key: it was
	// never committed, is only suspended, or was deleted. A key that no store
	// could have made is not found either.
	ErrNotFound = errors.New("blob: not found")

	// ErrNoSpace says that the medium is full, a quota is reached, or the free
	// space that must stay would be used. Where the operating system said so,
	// its error (ENOSPC, EDQUOT) is in the chain too.
	ErrNoSpace = errors.New("blob: no space left")

	// ErrState says that a suspended upload cannot go on from the given state:
	// the state is not one of this store's, or bytes it counts are gone.
	ErrState = errors.New("blob: upload state does not fit")

	// ErrBusy says that another Writer holds the upload right now.
	ErrBusy = errors.New("blob: upload is being written")

	// ErrClosed says that the Writer was committed, suspended or aborted before.
	ErrClosed = errors.New("blob: writer is closed")
)

// Hint is what a caller knows about an object before its bytes arrive. All of
// it may be zero but Size: an object of unknown size has Size -1.
type Hint struct {
	Name      string // start of the key, for people and for checking; [CleanName] of it is used
	Size      int64  // expected bytes, -1 if unknown; used to reserve space, never enforced
	Resumable bool   // the upload will be suspended and resumed
}

// Info describes a stored object.
type Info struct {
	Key      string
	Size     int64     // bytes
	Modified time.Time // when the last byte was written
	Stamp    string    // differs whenever the bytes were replaced or written behind the store's back
	Pending  bool      // an upload that is not committed; only All reports these
}

// Object is an open object. Its bytes do not change, and stay readable until
// Close even if the key is deleted. Stores that keep files return an *os.File,
// so that a server can hand it to the kernel.
type Object interface {
	io.ReadSeekCloser
	io.ReaderAt
}

// Store is a heap of objects by key, safe for concurrent use. After a crash at
// any moment, every object whose Commit returned nil is whole, every upload
// whose Suspend returned nil can be resumed, and whatever else is left shows
// up in All.
type Store interface {
	// Create starts an object under a key of its own. It fails with ErrNoSpace
	// when an object of the hinted size would not fit.
	Create(ctx context.Context, h Hint) (Writer, error)

	// Resume goes on with a suspended upload, in this or another process, from
	// the state that Suspend returned; an older state of the same upload goes
	// back to that point. Bytes written after it are dropped. Errors:
	// ErrNotFound, ErrState, ErrBusy.
	//
	// If the upload was committed in the meantime (the caller died before it
	// could record that), the committed object stays as it is and Resume copies
	// the suspended part of it to a new key: what counts from here on is the
	// Writer's Key.
	Resume(ctx context.Context, key string, state []byte) (Writer, error)

	// Open opens a committed object for reading. Errors: ErrNotFound.
	Open(ctx context.Context, key string) (Object, Info, error)

	// Stat describes a committed object without opening it. Errors: ErrNotFound.
	Stat(ctx context.Context, key string) (Info, error)

	// Delete removes an object or a suspended upload. That nothing is there is
	// not an error. After a power cut a deleted object may be back.
	Delete(ctx context.Context, key string) error

	// All yields everything stored, uploads included, in no order. Objects
	// that come or go during the walk may be seen or not. An error ends it.
	All(ctx context.Context) iter.Seq2[Info, error]
}

// Writer takes the bytes of one object. It is used by one goroutine and ends
// with exactly one of Suspend, Commit and Abort, whatever they return; after
// that Write, Suspend and Commit return ErrClosed and Abort does nothing.
//
// An error of a Write leaves the bytes counted by Size in order: Suspend may
// keep them. An error of Suspend or Commit means that nothing new is kept: the
// state of an earlier Suspend stays valid, and an upload that had none is gone.
type Writer interface {
	io.Writer
	io.ReaderFrom // large pooled buffers; what was read before an error is written

	// Key is the key of the object. It is the same from Create to Commit.
	Key() string

	// Size is the number of bytes written, those before a Resume included.
	Size() int64

	// Suspend makes everything written durable and ends the Writer. The state
	// is small, opaque and goes to Resume with the key. To go back to the
	// previous suspension instead, ignore the new state and keep the old one.
	Suspend() (state []byte, err error)

	// Commit makes the object durable and readable under Key: its bytes and
	// its name survive a power cut.
	Commit() (Info, error)

	// Abort drops the upload with all its bytes.
	Abort() error
}
