// Package share is the form in which entries of the catalog travel from one registry
// to another. An entry is an image manifest of image-spec 1.1 with an artifactType, an
// empty config, and two layers: the entry's YAML and its icon. A catalog is an image
// index of such manifests. Any registry can keep them.
//
// What comes in is held against its digests, and bounded in size and number. The
// package does not know who may be followed, nor what an entry may say.
package share

import (
	"maps"
	"slices"
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
)

// The media types of the form. The catalog's own entries of the two artifactTypes
// know them too.
const (
	TypeEntry   = "application/vnd.argosy.type.v1"            // artifactType of an entry
	TypeCatalog = "application/vnd.argosy.catalog.v1"         // artifactType of a catalog
	typeYAML    = "application/vnd.argosy.type.entry.v1+yaml" // of the layer with the entry
)

// annotationID holds the id in an entry's manifest, and in a catalog beside it.
const annotationID = "io.github.argosy-registry.type"

// Limits of what is taken in: far beyond what anybody writes by hand.
const (
	MaxEntries  = 1000
	maxIndex    = 4 << 20
	maxManifest = 64 << 10
	maxFile     = 1 << 20 // a file's own limit is lower, and the catalog says so
	maxBytes    = 16 << 20
)

// Set is entries that came from somewhere.
type Set struct {
	Digest  oci.Digest        // of the catalog, or of the single entry
	Title   string            // as it says of itself; may be empty
	Version string            // likewise
	Files   map[string][]byte // ID.yaml, and ID.svg or ID.png beside it
}

// IDs are the ids of the set's entries, in order.
func (s *Set) IDs() (all []string) {
	for _, name := range slices.Sorted(maps.Keys(s.Files)) {
		if id, ok := strings.CutSuffix(name, ".yaml"); ok {
			all = append(all, id)
		}
	}
	return all
}
