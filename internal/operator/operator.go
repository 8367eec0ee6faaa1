// Package operator is how the owner of a data folder speaks to the server that
// runs on it: JSON over a socket in the folder, which only the folder's account
// can open. Who can is trusted; there are no names and no passwords here. The
// package does not know what the work is that it passes on.
package operator

import (
	"context"
	"time"

	"github.com/argosy-registry/argosy/artifact"
)

// Owner is what the owner of a data folder can do.
type Owner struct {
	Types     Types
	Admission Admission
}

// Types is the catalog as its owner changes it. The catalog in force implements
// it, and so does a Client of the server that has it.
type Types interface {
	// Status says what is in force.
	Status(ctx context.Context) (Status, error)
	// Source is an entry in force and its icon.
	Source(ctx context.Context, id string) (artifact.File, error)
	// Files are all entries as they were written, of every origin.
	Files(ctx context.Context) ([]artifact.File, error)
	// Add puts files of entries and icons into the owner's folder and into force.
	// An error names file, line and column; then nothing has changed.
	Add(ctx context.Context, files map[string][]byte) error
	// Preview says what entries would change that are not in force. An error is why
	// they would be refused.
	Preview(ctx context.Context, p Proposal) (Preview, error)
	// Remove takes the owner's entry of a type out of the folder and out of force.
	Remove(ctx context.Context, id string) error
}

// Status is the catalog in force.
type Status struct {
	Fingerprint string           `json:"fingerprint"`
	Types       []*artifact.Type `json:"types"`
	Refused     string           `json:"refused,omitempty"` // why what is in the folder is not in force
	Done        int64            `json:"done"`              // of the artifacts that are identified anew
	Total       int64            `json:"total"`             // 0: all are
	Catalogs    []Catalog        `json:"catalogs,omitempty"`
}

// Catalog is how it stands with a catalog that the registry follows.
type Catalog struct {
	Ref         string    `json:"ref"`               // as it is configured
	Digest      string    `json:"digest,omitempty"`  // in force; empty when none is
	Title       string    `json:"title,omitempty"`   // as it says of itself
	Version     string    `json:"version,omitempty"` // likewise
	Key         string    `json:"key,omitempty"`     // fingerprint of the key that vouched for it
	Override    bool      `json:"override,omitempty"`
	Types       []string  `json:"types"`                 // ids of its entries that are in force
	Checked     time.Time `json:"checked,omitzero"`      // when it was last found to be what is in force
	Refused     string    `json:"refused,omitempty"`     // why what was found last is not in force
	Unreachable string    `json:"unreachable,omitempty"` // why it could not be looked at
}

// Proposal is entries that could come into force.
type Proposal struct {
	Files    map[string][]byte `json:"files"`
	Ref      string            `json:"ref,omitempty"`  // of a catalog that is followed, or would be; empty: the owner's
	Only     []string          `json:"only,omitempty"` // ids, or patterns of ids; of a catalog not yet followed
	Override bool              `json:"override,omitempty"`
	Examples int               `json:"examples"` // how many artifacts are named of each change
}

// Preview is what a Proposal would change.
type Preview struct {
	Added   []string     `json:"added"` // ids of entries
	Changed []string     `json:"changed"`
	Removed []string     `json:"removed"`
	Types   []TypeChange `json:"types"` // of artifacts, most of them first
}

// TypeChange is artifacts that would be of another type.
type TypeChange struct {
	From     string   `json:"from"`
	To       string   `json:"to"`
	Count    int64    `json:"count"`
	Examples []string `json:"examples"`
}
