// Package auth says who asks and what they may do: credentials on requests, and
// a Guard around an oci.Registry that holds every operation against them. It
// does not know how content is stored or what is answered to whom it refuses.
package auth

import (
	"context"

	"github.com/argosy-registry/argosy/internal/oci"
)

// Rights are what a caller may do. The zero Rights allow nothing.
type Rights struct {
	Pull bool // read and list
	Push bool // add, move and remove
}

// Identity is a caller.
type Identity struct {
	Name   string // empty for a caller without credentials
	Rights Rights
}

type identityKey struct{}

// With is ctx with the caller in it.
func With(ctx context.Context, id *Identity) context.Context {
	return context.WithValue(ctx, identityKey{}, id)
}

// Of is the caller in ctx; without one, one who may do nothing.
func Of(ctx context.Context) *Identity {
	if id, ok := ctx.Value(identityKey{}).(*Identity); ok {
		return id
	}
	return &Identity{}
}

// Grant is what the caller may bring about.
func (id *Identity) Grant() oci.Grant {
	if id.Rights.Push {
		return oci.Everything
	}
	return oci.Grant{}
}

// mayPull refuses a caller who may not read.
func (id *Identity) mayPull() error {
	if id.Rights.Pull {
		return nil
	}
	return id.refused("reading")
}

// mayPush refuses a caller who may not change anything.
func (id *Identity) mayPush() error {
	if id.Rights.Push {
		return nil
	}
	return id.refused("changing anything")
}

// refused asks for credentials where there are none.
func (id *Identity) refused(what string) error {
	if id.Name == "" {
		return oci.Unauthorized.With(nil, "%s needs credentials: log in", what)
	}
	return oci.Denied.With(nil, "%s may not do this: %s is not allowed", id.Name, what)
}
