package v2

import (
	"context"

	"github.com/argosy-registry/argosy/internal/oci"
)

// Note is what a middleware around the Handler learns of a request, for its
// access log and metrics. It puts an empty one in the request's context with
// WithNote and reads it after ServeHTTP returned.
type Note struct {
	RequestID string // set by the middleware: names the request in the log of failures

	Kind       string   // the endpoint, one of a few words; empty when the path is none
	Repository oci.Name // empty without one
	Type       string   // id of the artifact type that was pulled or pushed; empty for other requests
	Err        error    // the registry's own failure, which the client is not shown
}

type noteKey struct{}

// WithNote is ctx with a note that the Handler fills in.
func WithNote(ctx context.Context, n *Note) context.Context {
	return context.WithValue(ctx, noteKey{}, n)
}

// NoteOf is the note in ctx, nil without one.
func NoteOf(ctx context.Context) *Note {
	n, _ := ctx.Value(noteKey{}).(*Note)
	return n
}

func (n *Note) asked(q oci.Request) {
	if n != nil {
		n.Kind, n.Repository = q.Kind.String(), q.Repository
	}
}

func (n *Note) typed(id string) {
	if n != nil {
		n.Type = id
	}
}

func (n *Note) failed(err error) (requestID string) {
	if n == nil {
		return ""
	}
	n.Err = err
	return n.RequestID
}
