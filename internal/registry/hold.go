package registry

import (
	"context"
	"time"

	"github.com/argosy-registry/argosy/internal/oci"
)

// waitFor is how long a request waits for an upload that another one holds.
const waitFor = 2 * time.Second

// hold makes the caller the only one to write an upload; false when another one
// goes on writing it.
func (r *Registry) hold(ctx context.Context, id string) bool {
	mine := make(chan struct{})
	enough := time.NewTimer(waitFor)
	defer enough.Stop()
	for {
		other, held := r.held.LoadOrStore(id, mine)
		if !held {
			return true
		}
		select {
		case <-other.(chan struct{}):
		case <-enough.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// letGo lets the next request hold an upload.
func (r *Registry) letGo(id string) {
	if c, held := r.held.LoadAndDelete(id); held {
		close(c.(chan struct{}))
	}
}

// busy refuses the second of two who write an upload: what it brings does not
// follow on what is durable.
func (r *Registry) busy(id string) error {
	row, err := r.Store.Upload(id)
	if err != nil {
		return err
	}
	e := oci.RangeInvalid.With(nil, "upload %s is being written by another request: ask how far it is when that has ended", id)
	if row != nil {
		e.Offset = row.Size
	}
	return e
}
