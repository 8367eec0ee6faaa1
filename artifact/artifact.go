// Package artifact says what a manifest is.
//
// A [Catalog] is a set of types. Each type is an entry of a few lines of YAML
// and an icon: how its manifests are recognised, what it is called, what a
// person does with it. [Catalog.Identify] is a pure and total function of one
// manifest's own bytes and, for the entries that ask for it, the JSON of its
// config. The order of entries, files, pushes and tags never changes an answer.
//
// The package knows the formats of OCI and Docker (image, index, descriptor)
// and nothing else: no artifact type, no tool and no media type of one is named
// in its code. It does not know registries, stores, users or HTTP, does no I/O
// apart from reading the files handed to [Load], and does not judge whether a
// manifest should be accepted: its reader is lenient, strictness is the
// registry's own.
package artifact

// Ids that no entry may take for itself: every manifest has a type, and these
// are the types of a manifest that no rule holds for and of bytes that are no
// manifest. Their names, icons and actions are entries of the built-in catalog.
const (
	Unknown = "unknown"
	Invalid = "invalid"
)

// MaxConfig is the size in bytes up to which a config is read as JSON. A larger
// one counts as absent, so that the answer depends on the bytes alone.
const MaxConfig = 1 << 20

// Input is what one answer depends on.
type Input struct {
	MediaType string // the Content-Type of the push; empty: the body's own mediaType, else its shape
	Manifest  []byte // the manifest's bytes
	Config    []byte // the bytes of the blob under config, nil when they are not at hand
}

// Identification is what a manifest is, as its own bytes tell. Its texts are kept
// as [Facts] are: valid UTF-8 on one line, at most 1024 bytes; "as written" means
// apart from that.
type Identification struct {
	Type    string `json:"type"`              // an id of the catalog, Unknown or Invalid; never empty
	Variant string `json:"variant,omitempty"` // which form of the type
	Face    string `json:"face,omitempty"`    // id of an entry that extends the type and gives the manifest its name, icon and tools; empty: the type's own
	Name    string `json:"name"`              // for people: "Helm chart"
	Short   string `json:"short"`             // one or two words: "helm"
	Known   bool   `json:"known"`             // false for Unknown and Invalid

	MediaType       string `json:"mediaType,omitempty"`       // the document's own: pushed, else as its body says
	ArtifactType    string `json:"artifactType,omitempty"`    // artifactType, else an image manifest's config media type; as written
	ConfigMediaType string `json:"configMediaType,omitempty"` // as written, parameters and letter case kept

	Facts     Facts      `json:"facts,omitempty"`
	Platforms []Platform `json:"platforms,omitempty"` // of an index from its entries, of an image from its config
	Traits    []string   `json:"traits,omitempty"`    // ids of traits, sorted: shown beside the type, never in its place
	Layers    []Layer    `json:"layers,omitempty"`    // the layers that have a role, at most MaxLayers
	Titled    bool       `json:"titled,omitempty"`    // every layer names a file of its own

	Entries    []Entry        `json:"entries,omitempty"`    // of an index: what stands in it, and where each belongs
	Companions map[string]int `json:"companions,omitempty"` // of an index: entries that are attestations and the like, by type id
	Companion  bool           `json:"companion,omitempty"`  // itself an attestation, signature or the like: its row is folded under its subject
	Subject    string         `json:"subject,omitempty"`    // digest of the manifest it refers to, as written

	Agreed string `json:"agreed,omitempty"` // of an index without artifactType: the one that its entries have in common

	TotalSize    int64 `json:"totalSize"`              // bytes: the manifest, and all that its descriptors say
	ConfigWanted bool  `json:"configWanted,omitempty"` // the config was not given, and could change type, facts or platforms
}

// Raw is what to show when the type is unknown: artifactType, else that of an
// index's entries, else config media type, else the manifest's own media type.
func (id Identification) Raw() string {
	for _, s := range []string{id.ArtifactType, id.Agreed, id.ConfigMediaType, id.MediaType} {
		if s != "" {
			return s
		}
	}
	return ""
}

// Names of facts that the surfaces know. An entry may state others.
const (
	FactTitle       = "title"
	FactVersion     = "version"
	FactDescription = "description"
	FactLicence     = "licence"
	FactCreated     = "created"
	FactAppVersion  = "appVersion"
	FactHome        = "home"
	FactSource      = "source"
	FactRevision    = "revision"
	FactPublisher   = "publisher"
)

// Facts are what a manifest or its config says of itself, by name. Values are
// valid UTF-8 on one line, without control characters, of at most 1024 bytes.
// They are a stranger's words: escape them wherever they are shown.
type Facts map[string]string

// Platform is what something runs on. Digest is set when it comes from an index.
type Platform struct {
	OS           string `json:"os"`
	Architecture string `json:"architecture,omitempty"`
	Variant      string `json:"variant,omitempty"`
	OSVersion    string `json:"osVersion,omitempty"`
	Digest       string `json:"digest,omitempty"`
}

// String is the platform as tools write it: linux/arm64/v8.
func (p Platform) String() string {
	s := p.OS
	if p.Architecture != "" {
		s += "/" + p.Architecture
	}
	if p.Variant != "" {
		s += "/" + p.Variant
	}
	return s
}

// Place is where an index's entry, or a manifest that stands in one, belongs.
type Place string

// The places.
const (
	PlacePlatform  Place = "platform"  // one platform of the whole
	PlaceCompanion Place = "companion" // an attestation or the like, folded under what it is about
	PlaceDocument  Place = "document"  // documentation of the whole
	PlacePart      Place = "part"      // some other part of the whole
	PlaceHidden    Place = "hidden"    // plumbing that a person need not see
)

// Entry is one entry of an index.
type Entry struct {
	Digest       string    `json:"digest"`
	MediaType    string    `json:"mediaType,omitempty"`
	ArtifactType string    `json:"artifactType,omitempty"`
	Size         int64     `json:"size"`
	Place        Place     `json:"place"`
	Type         string    `json:"type,omitempty"`  // as the descriptor tells; empty: only the entry's own manifest says
	About        string    `json:"about,omitempty"` // digest of the entry that a companion is about, where it is said
	Platform     *Platform `json:"platform,omitempty"`
}

// MaxLayers is the number of layers with a role that an Identification keeps,
// MaxEntries the number of entries of an index.
const (
	MaxLayers  = 32
	MaxEntries = 1000
)

// Layer is a layer that has a role in its type: content, readme, sbom.
type Layer struct {
	Role      string `json:"role"`
	Digest    string `json:"digest"`
	MediaType string `json:"mediaType,omitempty"`
	File      string `json:"file,omitempty"` // the file name that the layer carries; a stranger's word
	Size      int64  `json:"size"`
}
