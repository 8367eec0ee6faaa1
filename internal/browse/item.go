package browse

import (
	"time"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/oci"
)

// Item is one line of a listing: a tag and what it names, or, asked for by
// digest, a manifest. Title, version, description and platforms are the words of
// whoever pushed it: escape them wherever they are shown.
type Item struct {
	Reference       string      `json:"reference"` // as tools take it: host/repository:tag, or @digest
	Repository      oci.Name    `json:"repository"`
	Tag             string      `json:"tag,omitempty"` // empty when it was asked for by digest
	Digest          oci.Digest  `json:"digest"`
	MediaType       string      `json:"mediaType"`       // of the manifest
	ArtifactType    string      `json:"artifactType"`    // the manifest's own, else its config's media type; may be empty
	ConfigMediaType string      `json:"configMediaType"` // may be empty
	Type            Type        `json:"type"`
	Title           string      `json:"title"`
	Version         string      `json:"version"`
	Description     string      `json:"description"`
	Platforms       []Platform  `json:"platforms"`
	Size            int64       `json:"size"` // bytes: manifest, config and layers, of an index those of its manifests that are here too
	Tags            []string    `json:"tags"` // all tags of the digest in the repository, at most store.MaxItemTags
	Pushed          time.Time   `json:"pushed"`
	Actions         []Action    `json:"actions"`     // what to do with it, the first one first
	Attachments     Attachments `json:"attachments"` // what is folded under it
}

// Type is what an Item is.
type Type struct {
	ID      string `json:"id"`
	Variant string `json:"variant,omitempty"`
	Face    string `json:"face,omitempty"` // of the type's, whose name, icon and tools these are
	Name    string `json:"name"`           // for people; of an unknown type its media type as it was written
	Short   string `json:"short"`          // one or two words
	Icon    string `json:"icon"`           // path of an SVG or PNG image
	Known   bool   `json:"known"`          // the catalog has an entry for it

	Tools []artifact.Tool `json:"tools"` // programs that use such artifacts
}

// Platform is one platform that an Item runs on.
type Platform struct {
	Name         string `json:"name"` // os/architecture/variant
	OS           string `json:"os"`
	Architecture string `json:"architecture,omitempty"`
	Variant      string `json:"variant,omitempty"`
	OSVersion    string `json:"osVersion,omitempty"`
	Digest       string `json:"digest,omitempty"` // of its manifest, when it is one of an index
	Icon         string `json:"icon"`             // path of an SVG image
}

// Action is something to do with an Item: a command to copy or a page to open.
type Action struct {
	ID       string `json:"id"`
	Label    string `json:"label"`
	Command  string `json:"command,omitempty"` // one line for a shell, its values quoted
	URL      string `json:"url,omitempty"`     // https
	Verified bool   `json:"verified"`          // a test of the entry's author runs the command; never of a link
}

// Attachments counts what is folded under an Item: signatures, attestations and
// the like that name it as their subject, by a tag, or stand beside it in its index.
type Attachments struct {
	Total  int            `json:"total"`
	ByType map[string]int `json:"byType"` // by the id of the artifact type
}

// Icon is a picture with the words that say the same.
type Icon struct{ Path, Text string }

// Icons are what is drawn before an Item: one for each platform of an index,
// else the one of its type.
func (i *Item) Icons() []Icon {
	if !oci.IsIndexType(i.MediaType) || len(i.Platforms) == 0 {
		return []Icon{{i.Type.Icon, i.Type.Name}}
	}
	icons := make([]Icon, len(i.Platforms))
	for n, p := range i.Platforms {
		icons[n] = Icon{p.Icon, p.Name}
	}
	return icons
}

// platforms are p as Items show them.
func (b *Browser) platforms(p []artifact.Platform) []Platform {
	all := make([]Platform, len(p))
	for i, from := range p {
		all[i] = Platform{
			Name: from.String(), OS: from.OS, Architecture: from.Architecture, Variant: from.Variant,
			OSVersion: from.OSVersion, Digest: from.Digest, Icon: b.iconPath(PlatformIcon, from.OS),
		}
	}
	return all
}
