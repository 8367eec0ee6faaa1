// Package registry is the core: the one implementation of oci.Registry over a
// store and a heap of bytes, and the only writer of both. What happens on a push
// is read in push.go.
//
// It does not know HTTP, users, jobs, or what an artifact type means: it asks
// the catalog and keeps the answer.
package registry

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/blob"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/policy"
	"github.com/argosy-registry/argosy/internal/store"
)

// InlineMax is the size in bytes up to which a blob lives in the database: one
// commit makes it durable, and the read side never opens a file for it.
const InlineMax = 16 << 10

// Options are what a Registry is made of.
type Options struct {
	Store   *store.DB
	Blobs   blob.Store
	Catalog func() *artifact.Catalog // the one in force
	Policy  func() *policy.Policy    // the one in force; nil: everything is taken
	Reserve Reserve                  // nil: none is kept

	SparseImages  bool // take images and artifacts that name missing blobs
	SparseIndexes bool // take indexes that name missing manifests

	Grace        time.Duration // unnamed blobs are collected this long after their last touch
	VerifyAfter  time.Duration // bytes verified longer ago are verified again when read
	UploadExpiry time.Duration // uploads end this long after their last byte

	Exclusive bool // no other process writes the store: caches are sound
	Log       *slog.Logger
	Now       func() time.Time // nil: time.Now
}

// Reserve is space set aside on the disk, so that deletes and a restart work
// when it is full.
type Reserve interface {
	Held() bool
	Restore() error
}

// Registry implements oci.Registry.
type Registry struct {
	Options
	ids       uploadIDs
	held      sync.Map // id of each upload that a caller holds → closed when it is let go
	begun     recent   // uploads of which the store surely has no row
	ended     recent   // uploads that came and went without a row
	caches    caches
	kick      chan struct{}
	recatalog chan struct{} // the catalog has changed
	progress  progress
	stop      context.CancelFunc
	running   sync.WaitGroup
}

var _ oci.Registry = (*Registry)(nil)

// New makes a Registry. Run starts its background work.
func New(o Options) (*Registry, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	err := o.Store.Write(context.Background(), func(tx *store.Tx) (err error) {
		secret, err = tx.Decide("upload-key", secret)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the upload key: %w", err)
	}
	r := &Registry{Options: o, ids: uploadIDs{secret}, kick: make(chan struct{}, 1), recatalog: make(chan struct{}, 1)}
	r.caches, err = newCaches(o.Exclusive)
	return r, err
}

// now is the present as the tables hold it.
func (r *Registry) now() int64 { return store.Micros(r.Now()) }

// ago is d before now as the tables hold it.
func (r *Registry) ago(d time.Duration) int64 { return store.Micros(r.Now().Add(-d)) }

// room refuses a write while the reserve of the disk is in use.
func (r *Registry) room() error {
	if r.Reserve != nil && !r.Reserve.Held() {
		return oci.StorageFull.With(nil, "the registry's disk is full: nothing is taken until space is free; reads and deletes work")
	}
	return nil
}

// Ready says whether the registry can serve. A full disk leaves it ready: it
// refuses writes by itself, and whoever took it out of service for that would
// stop the reads and the deletes that go on working.
func (r *Registry) Ready(ctx context.Context) error {
	if err := r.Store.Ping(ctx); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return nil
}
