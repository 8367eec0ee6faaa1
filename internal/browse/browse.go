// Package browse is the read side for people: one [Item] is one line of a
// listing, and pages, JSON and command line all show Items, so that they cannot
// disagree.
//
// It reads the store and asks the catalog what things are called, drawn and
// used. It cannot write, opens no blob, and does not know HTTP or who asks: what
// a reader may see is a [Visible] value that every method takes and that is part
// of its SQL.
package browse

import (
	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/store"
)

// Browser answers what a registry holds. It is safe for concurrent use.
type Browser struct {
	Store   *store.DB
	Catalog *artifact.Catalog
}

// Visible says what the reader may see. The zero Visible sees nothing.
type Visible = store.Visible

// Everything is the Visible of a reader from whom nothing is hidden.
var Everything = Visible{All: true}
