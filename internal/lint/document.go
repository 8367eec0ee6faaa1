package lint

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/oci"
)

// document is a manifest, read leniently: what is not as it should be is absent.
type document struct {
	in           artifact.Input
	members      map[string]json.RawMessage
	mediaType    string // in effect, lower case, without parameters
	artifactType string // as written
	config       *descriptor
	subject      *descriptor
	layers       []descriptor // of the withdrawn form: its blobs
	entries      []descriptor
	review       artifact.Review
}

// descriptor is a descriptor of a manifest with where it stands.
type descriptor struct {
	oci.Descriptor // as far as it can be read; Size is oci.UnknownSize where none is said
	place          string
	raw            json.RawMessage
}

// read reads a manifest, and adds what a reader must refuse. It returns nil when there
// is nothing to look into.
func read(l *list, in artifact.Input) *document {
	if len(in.Manifest) > oci.MaxManifest {
		l.add(ruleByID("too-large"), "", "The manifest has %d bytes; registries take %d.", len(in.Manifest), oci.MaxManifest)
		return nil
	}
	if _, err := oci.ParseManifest(in.MediaType, in.Manifest); err != nil {
		switch rule, said := refusal(err, ""); rule {
		case "utf-8", "depth", "json", "trailing", "object":
			l.add(ruleByID("json"), "", "%s.", said)
			return nil
		case "duplicate-key", "letter-case", "ambiguous", "shape":
			l.add(ruleByID("ambiguous"), "", "%s.", said)
		case "media-type":
			l.add(ruleByID("media-type-mismatch"), "/mediaType", "%s.", said)
		case "schema1":
			l.add(ruleByID("withdrawn"), "", "%s.", said)
			return nil
		}
	}
	d := &document{in: in}
	if json.Unmarshal(in.Manifest, &d.members) != nil {
		return nil // it cannot be: the object was read before
	}
	d.artifactType = d.text("artifactType")
	d.mediaType = oci.BaseMediaType(in.MediaType)
	if d.mediaType == "" {
		d.mediaType = oci.BaseMediaType(d.text("mediaType"))
	}
	d.config, d.subject = d.one("config"), d.one("subject")
	d.entries = d.many(l, "manifests")
	if d.layers = d.many(l, "layers"); d.layers == nil {
		d.layers = d.many(l, "blobs")
	}
	return d
}

// refusal is the rule by which package oci refuses a manifest, and its sentence, without
// the place that it begins with.
func refusal(err error, place string) (rule, said string) {
	e := oci.AsError(err)
	if e == nil {
		return "", ""
	}
	if detail, ok := e.Detail.(map[string]string); ok {
		rule = detail["rule"]
	}
	return rule, sentence(strings.TrimPrefix(e.Message, place))
}

// text is a member that is a string; empty when it is none.
func (d *document) text(name string) string { return text(d.members[name]) }

func text(raw json.RawMessage) string {
	var s string
	if raw == nil || json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// has reports whether a member is there and says something.
func (d *document) has(name string) bool {
	raw, ok := d.members[name]
	return ok && string(raw) != "null"
}

func (d *document) one(name string) *descriptor {
	if !d.has(name) {
		return nil
	}
	x := readDescriptor(d.members[name], "/"+name)
	return &x
}

// maxDescriptors is the most descriptors of a list that are looked into.
const maxDescriptors = 10_000

func (d *document) many(l *list, name string) []descriptor {
	var raw []json.RawMessage
	if !d.has(name) || json.Unmarshal(d.members[name], &raw) != nil {
		return nil
	}
	if len(raw) > maxDescriptors {
		l.add(ruleByID("too-many"), "/"+name, "There are %d %s, of which the first %d are looked into.", len(raw), name, maxDescriptors)
		raw = raw[:maxDescriptors]
	}
	all := make([]descriptor, len(raw))
	for i := range raw {
		all[i] = readDescriptor(raw[i], fmt.Sprintf("/%s/%d", name, i))
	}
	return all
}

// readDescriptor reads what it can.
func readDescriptor(raw json.RawMessage, place string) descriptor {
	d := descriptor{place: place, raw: raw}
	d.Size = oci.UnknownSize
	var m map[string]json.RawMessage
	if json.Unmarshal(raw, &m) != nil {
		return d
	}
	d.MediaType, d.ArtifactType = text(m["mediaType"]), text(m["artifactType"])
	d.Digest = oci.Digest(text(m["digest"])) // compared and shown only
	if n, err := json.Number(m["size"]).Int64(); err == nil {
		d.Size = n
	}
	d.Annotations = stringsOf(m["annotations"])
	if json.Unmarshal(m["platform"], &d.Platform) != nil {
		d.Platform = nil
	}
	if json.Unmarshal(m["urls"], &d.URLs) != nil {
		d.URLs = nil
	}
	return d
}

// stringsOf are the members of an object that are strings.
func stringsOf(raw json.RawMessage) map[string]string {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return nil
	}
	m := make(map[string]string, len(members))
	for name, value := range members {
		var s string
		if json.Unmarshal(value, &s) == nil {
			m[name] = s
		}
	}
	return m
}

// all are the descriptors of a manifest in order.
func (d *document) all() []*descriptor {
	var all []*descriptor
	if d.config != nil {
		all = append(all, d.config)
	}
	for _, list := range [][]descriptor{d.layers, d.entries} {
		for i := range list {
			all = append(all, &list[i])
		}
	}
	if d.subject != nil {
		all = append(all, d.subject)
	}
	return all
}

// isIndex reports whether the manifest lists manifests.
func (d *document) isIndex() bool {
	return oci.IsIndexType(d.mediaType) || !oci.IsManifestType(d.mediaType) && d.has("manifests")
}

// isImage reports whether the manifest has, or must have, config and layers.
func (d *document) isImage() bool {
	switch d.mediaType {
	case oci.MediaTypeImageManifest, oci.MediaTypeDockerManifest:
		return true
	}
	return !d.isIndex() && !oci.IsManifestType(d.mediaType) && (d.has("config") || d.has("layers"))
}

// isWithdrawn reports whether the manifest is of a form that has blobs.
func (d *document) isWithdrawn() bool {
	return d.mediaType == oci.MediaTypeArtifactManifest || !d.isImage() && !d.isIndex() && d.has("blobs")
}

// isDocker reports whether the manifest is of Docker's formats.
func (d *document) isDocker() bool {
	return slices.Contains([]string{oci.MediaTypeDockerManifest, oci.MediaTypeDockerList}, d.mediaType)
}

// envelope checks what every manifest says of itself.
func (d *document) envelope(l *list) {
	if v := string(d.members["schemaVersion"]); v != "2" && !d.isWithdrawn() {
		if v == "" {
			l.add(ruleByID("schema-version"), "", "schemaVersion is missing.")
		} else {
			l.add(ruleByID("schema-version"), "/schemaVersion", "schemaVersion is %s.", quote(v))
		}
	}
	switch {
	case d.isWithdrawn():
		l.add(ruleByID("withdrawn"), "", "A manifest with blobs instead of config and layers is of a form that was withdrawn before image-spec 1.1.")
	case d.mediaType != "" && !oci.IsManifestType(d.mediaType):
		l.add(ruleByID("media-type-unknown"), "/mediaType", "The manifest's media type %s is none of the formats.", quote(d.mediaType))
	case d.isImage() && d.config == nil:
		l.add(ruleByID("shape"), "", "An image manifest has a config, and this one has none.")
	case d.isIndex() && !d.isList("manifests"):
		l.add(ruleByID("shape"), "", "An index has a list of manifests, and this one has none.")
	case !d.isImage() && !d.isIndex():
		l.add(ruleByID("shape"), "", "There is neither a config with layers nor a list of manifests.")
	}
	if !d.has("mediaType") && (d.isImage() || d.isIndex()) {
		l.add(ruleByID("media-type-missing"), "", "The manifest does not say its own media type.")
	}
	if d.isDocker() {
		for _, name := range []string{"artifactType", "subject"} {
			if d.has(name) {
				l.add(ruleByID("format-members"), "/"+name, "Docker's format has no %s, and registries may not heed it.", name)
			}
		}
	}
}

// isList reports whether a member is an array.
func (d *document) isList(name string) bool {
	var list []json.RawMessage
	return d.has(name) && json.Unmarshal(d.members[name], &list) == nil
}
