package lint

import "github.com/argosy-registry/argosy/artifact"

// Rule is one thing that Check, or a check of bytes, looks for.
type Rule struct {
	ID       string
	Severity artifact.Severity
	About    string // what a finding means, in one sentence
	Mend     string // how to put it right, in one sentence
	Link     string // where it is written
}

const (
	imageSpec  = "https://github.com/opencontainers/image-spec/blob/v1.1.1/"
	ofManifest = imageSpec + "manifest.md"
	ofArtifact = imageSpec + "manifest.md#guidelines-for-artifact-usage"
	ofEmpty    = imageSpec + "manifest.md#guidance-for-an-empty-descriptor"
	ofIndex    = imageSpec + "image-index.md"
	ofDescript = imageSpec + "descriptor.md"
	ofConfig   = imageSpec + "config.md"
	ofLayer    = imageSpec + "layer.md"
	ofLayout   = imageSpec + "image-layout.md"
	ofKeys     = imageSpec + "annotations.md"
	ofNames    = "https://www.rfc-editor.org/rfc/rfc6838#section-4.2"
	ofDist     = "https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md"
	ofTypes    = "https://github.com/argosy-registry/argosy/blob/main/docs/types.md"
	ofLint     = "https://github.com/argosy-registry/argosy/blob/main/docs/lint.md"
)

// Rules are all rules in code, in the order of their findings. Those of entries come
// after them.
var Rules = []Rule{
	// the bytes
	{"too-large", artifact.SeverityError, "The manifest is larger than registries take.", "Keep the manifest under 4 MiB: put large values into a layer or the config.", ofDist + "#pushing-manifests"},
	{"json", artifact.SeverityError, "The manifest is not one JSON object in UTF-8 of sane depth.", "Write one JSON object, and nothing after it.", ofManifest},
	{"ambiguous", artifact.SeverityError, "Two readers could understand the manifest differently: a key twice, a field in another letter case, or image and index at once.", "Write each field once, in the letter case of the specification, and either layers or manifests.", ofManifest},
	{"too-many", artifact.SeverityWarning, "A list has more descriptors than are looked into here, and than most clients take.", "Put many small files into one archive, and many manifests into indexes of their own.", ofManifest},
	{"schema-version", artifact.SeverityError, "schemaVersion is not 2.", "Set \"schemaVersion\": 2.", ofManifest + "#image-manifest-property-descriptions"},
	{"media-type-mismatch", artifact.SeverityError, "The media type the manifest is served or pushed with is not the one in its body.", "Push the manifest with the media type that stands in its mediaType field.", ofDescript + "#verification"},
	{"media-type-missing", artifact.SeverityNote, "The manifest does not say its own media type, which it should.", "Set mediaType to the manifest's own media type.", ofManifest + "#image-manifest-property-descriptions"},
	{"media-type-unknown", artifact.SeverityWarning, "The manifest's media type is none of the formats, and clients will not read it.", "Use an image manifest or an image index, and say in artifactType what it is.", imageSpec + "media-types.md"},
	{"withdrawn", artifact.SeverityWarning, "The manifest is of a form that was withdrawn, and that registries of today refuse.", "Push it again as an image manifest: blobs become layers, the config is the empty descriptor, artifactType stays.", ofArtifact},
	{"shape", artifact.SeverityError, "The manifest lacks what makes it an image or an index: a config, or a list of manifests.", "Write config and layers for an artifact or an image, manifests for an index.", ofManifest},
	{"format-members", artifact.SeverityWarning, "A manifest in Docker's format has members that only OCI manifests have, and registries may not heed them.", "Push it as an OCI image manifest.", ofManifest},

	// descriptors
	{"descriptor", artifact.SeverityError, "A descriptor is none: no object, or without a member that it must have.", "Write mediaType, digest and size of the content.", ofDescript + "#properties"},
	{"digest", artifact.SeverityError, "A digest is malformed.", "Write algorithm:encoded, such as sha256 and 64 lower-case hex digits.", ofDescript + "#digests"},
	{"digest-algorithm", artifact.SeverityWarning, "A digest's algorithm is one that few can check.", "Use sha256, which everybody can check.", ofDescript + "#registered-algorithms"},
	{"data", artifact.SeverityError, "Inline data is not the content that digest and size name.", "Leave data out, or write the base64 of exactly the content.", ofDescript + "#embedded-content"},
	{"empty-descriptor", artifact.SeverityError, "A descriptor has the empty media type and is not the empty descriptor.", "Use the two bytes {}: size 2, digest sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a, data e30= or none.", ofEmpty},
	{"media-type-form", artifact.SeverityError, "A media type is missing where it must be, or is not of the form type/subtype.", "Write a media type as RFC 6838 has them, such as application/vnd.example.thing.v1+json.", ofNames},
	{"media-type-parameters", artifact.SeverityWarning, "A media type has parameters, which the specification's schema refuses and many tools compare byte by byte.", "Leave out what follows the semicolon.", ofNames},
	{"media-type-case", artifact.SeverityWarning, "A media type has capitals: names are compared without regard to case, but many tools compare bytes.", "Write it in lower case.", ofNames},
	{"media-type-top-level", artifact.SeverityWarning, "The first part of a media type is none that is registered.", "Begin it with application/ or another registered top-level type.", "https://www.iana.org/assignments/top-level-media-types/"},
	{"urls", artifact.SeverityWarning, "An entry of urls is no http or https URL.", "Write whole URLs, or leave urls out.", ofDescript + "#properties"},
	{"conflict", artifact.SeverityError, "Two descriptors name the same digest with different sizes: one of them is wrong.", "Write the true size into both.", ofDescript + "#properties"},
	{"twice", artifact.SeverityWarning, "Two descriptors of one list name the same digest with different media types.", "Write one media type for one content, or list it once.", ofDescript + "#properties"},

	// artifacts
	{"artifact-type-missing", artifact.SeverityError, "The config is the empty descriptor, and no artifactType says what the manifest is.", "Set artifactType to a media type of your own, such as application/vnd.example.thing.v1.", ofArtifact},
	{"artifact-type-generic", artifact.SeverityWarning, "The artifactType is a media type that says nothing of its own.", "Set artifactType to a media type of your own, such as application/vnd.example.thing.v1.", ofArtifact},
	{"artifact-type-tree", artifact.SeverityWarning, "The artifactType claims a name in the standards tree, which is for registered types.", "Put it into the vendor tree: application/vnd.NAME, where NAME is yours.", "https://www.rfc-editor.org/rfc/rfc6838#section-3"},
	{"artifact-image-config", artifact.SeverityWarning, "The manifest has an artifactType and the config of a container image.", "Use the empty descriptor or a media type of your own for the config.", ofArtifact},
	{"config-as-layer", artifact.SeverityWarning, "The config and a layer have the same media type, so that nothing tells metadata from content.", "Give the config a media type of its own, or use the empty descriptor and set artifactType.", ofArtifact},
	{"layers-missing", artifact.SeverityWarning, "There are no layers, and a manifest should have at least one.", "Without content, list the empty descriptor as the one layer.", ofManifest + "#image-manifest-property-descriptions"},
	{"subject-type", artifact.SeverityError, "The subject is not a manifest.", "Write the descriptor of the manifest that it is about, with that manifest's media type.", ofManifest + "#image-manifest-property-descriptions"},
	{"subject-inside", artifact.SeverityError, "The subject is a part of the manifest itself.", "Name the manifest that it is about, or leave subject out.", ofDist + "#listing-referrers"},

	// images
	{"layer-not-image", artifact.SeverityWarning, "The config says container image, and a layer is none of an image's.", "For an artifact, use the empty descriptor as the config and set artifactType; for an image, use layers of its own types.", ofManifest + "#image-manifest-property-descriptions"},
	{"layer-nondistributable", artifact.SeverityWarning, "A layer is of a non-distributable type, which is deprecated.", "Push the layer with its ordinary media type.", ofLayer + "#non-distributable-layers"},
	{"image-config", artifact.SeverityError, "The config of an image lacks what it must have: os, architecture or rootfs.", "Build the config with a tool that knows the format.", ofConfig + "#properties"},
	{"image-diff-ids", artifact.SeverityError, "The config of an image does not name as many diff_ids as there are layers.", "Write one diff_id for each layer, in the order of layers.", ofConfig + "#properties"},

	// indexes
	{"index-entry-blob", artifact.SeverityWarning, "An entry of an index is not a manifest, and clients that follow it fail.", "List manifests only; content belongs into the layers of a manifest.", ofIndex + "#image-index-property-descriptions"},
	{"index-platform", artifact.SeverityError, "A platform lacks os or architecture.", "Write both, or leave platform out.", ofIndex + "#image-index-property-descriptions"},
	{"index-platform-twice", artifact.SeverityWarning, "Two images of an index are for the same platform: clients take the first.", "Keep one image for each platform, or tell them apart by variant, os.version or os.features.", ofIndex + "#image-index-property-descriptions"},

	// file names
	{"title-unsafe", artifact.SeverityError, "A layer's title is no safe file name: clients refuse it, or write outside the folder they were told.", "Use a relative path with forward slashes, without .. in it.", ofKeys + "#pre-defined-annotation-keys"},
	{"title-twice", artifact.SeverityError, "Two layers have the same title: a client that writes files refuses, or writes one over the other.", "Give each layer a title of its own.", ofKeys + "#pre-defined-annotation-keys"},

	// annotations
	{"annotation-value", artifact.SeverityError, "The annotations are not a map of strings.", "Write every annotation's value as a string.", ofKeys + "#rules"},
	{"annotation-key", artifact.SeverityNote, "An annotation's key does not begin with a domain name in reverse, as keys should.", "Name it after a domain of yours, such as com.example.key.", ofKeys + "#rules"},
	{"annotation-reserved", artifact.SeverityWarning, "An annotation's key is in the space reserved for the OCI specifications, and none of them defines it.", "Use a key that is defined, or one of your own domain.", ofKeys + "#rules"},
	{"annotation-created", artifact.SeverityError, "The time of creation is not in the form of RFC 3339.", "Write it as 2006-01-02T15:04:05Z.", ofKeys + "#pre-defined-annotation-keys"},
	{"annotation-licenses", artifact.SeverityWarning, "The licences are no SPDX expression.", "Write SPDX identifiers, joined by AND, OR and WITH.", ofKeys + "#pre-defined-annotation-keys"},
	{"annotation-url", artifact.SeverityWarning, "An annotation that holds a URL does not.", "Write a whole URL, scheme included.", ofKeys + "#pre-defined-annotation-keys"},
	{"annotation-digest", artifact.SeverityError, "The digest of the base image is malformed.", "Write the digest of the base image's manifest, such as sha256 and 64 lower-case hex digits.", ofKeys + "#pre-defined-annotation-keys"},

	// the type's entry
	{"type-unknown", artifact.SeverityNote, "No entry of the catalog knows the type.", "Have it known: argosy types new NAME --from REFERENCE drafts an entry.", ofTypes},
	{"type-historical", artifact.SeverityNote, "The type is of the past, or was only ever proposed.", "See the type's notes, argosy types show ID, for what is used today.", ofTypes},
	{"role-missing", artifact.SeverityError, "A layer that every artifact of the type must have is missing.", "Push the artifact again with the tool that makes it.", ofLint + "#rules-of-your-own"},
	{"fact-missing", artifact.SeverityWarning, "The artifact does not state something that each of its type should.", "State it where the type's entry looks for it: argosy types show ID.", ofLint + "#rules-of-your-own"},
	{"config-json", artifact.SeverityError, "The config's media type says JSON, and the config is none.", "Write a JSON document, or use the empty descriptor.", ofArtifact},
	{"config-schema", artifact.SeverityError, "The config is not as the JSON Schema of the type's entry has it.", "Mend the config, or the schema if it asks for too much.", ofLint + "#rules-of-your-own"},

	// bytes, where they are at hand
	{"layout", artifact.SeverityError, "The folder is no well-formed OCI image layout.", "Write the layout with a tool that knows the format.", ofLayout},
	{"blob-missing", artifact.SeverityError, "Content that a manifest names is not there.", "Push the content, then the manifest again.", ofDist + "#pushing-manifests"},
	{"blob-size", artifact.SeverityError, "Content has another size than its descriptor says, and clients refuse it.", "Write the true size into the descriptor.", ofDescript + "#verification"},
	{"blob-digest", artifact.SeverityError, "Content does not have the digest it is named by.", "Write the content again: it is damaged or was changed.", ofDescript + "#verification"},
}

var rulesByID = func() map[string]*Rule {
	m := make(map[string]*Rule, len(Rules))
	for i := range Rules {
		m[Rules[i].ID] = &Rules[i]
	}
	return m
}()

// ruleByID finds a rule of Rules, nil for one of an entry.
func ruleByID(id string) *Rule { return rulesByID[id] }

func (r *Rule) finding(in Part, place, why string) Finding {
	return Finding{Rule: r.ID, Severity: r.Severity, In: in, Place: place, Why: why, Mend: r.Mend, Link: r.Link}
}
