// Package browse is the read side for people: one [Item] is one line of a
// listing, and pages, JSON and command line all show Items, so that they cannot
// disagree.
//
// It reads the store and asks the catalog what things are called, drawn and
// used. It cannot write, opens no blob but for a config that it is handed, and does not know HTTP or who asks: what
// a reader may see is a [Visible] value that every method takes and that is part
// of its SQL.
package browse

import (
	"context"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/store"
)

// Browser answers what a registry holds. It is safe for concurrent use.
type Browser struct {
	Store   *store.DB
	Catalog func() *artifact.Catalog // the one in force

	// Config reads the config blob of a manifest, up to artifact.MaxConfig bytes;
	// nil when it is not here. Without it explanations go without configs.
	Config func(ctx context.Context, manifest int64) ([]byte, error)

	// Identifying says how far the registry is with identifying what it holds
	// after the catalog changed; nil: it never does.
	Identifying func() Progress
}

// Progress is a part of a whole. Total is 0 when there is nothing to do.
type Progress struct {
	Done  int64 `json:"done"`
	Total int64 `json:"total"`
}

// Progress is how much of what is listed may still be shown as another catalog
// had it.
func (b *Browser) Progress() Progress {
	if b.Identifying == nil {
		return Progress{}
	}
	return b.Identifying()
}

// Visible says what the reader may see. The zero Visible sees nothing.
type Visible = store.Visible

// Everything is the Visible of a reader from whom nothing is hidden.
var Everything = Visible{All: true}
