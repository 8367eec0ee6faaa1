package oci

import (
	"encoding/json"
	"fmt"
)

// MaxManifest is the most bytes of a manifest that is accepted. The
// specification asks for at least 4 MB, clients read at most 4 MiB.
const MaxManifest = 4 << 20

// Manifest is a stored manifest as an answer: what it is and, unless only
// resolved, its exact bytes. It is immutable and may be shared.
type Manifest struct {
	Descriptor Descriptor // media type as pushed, digest as pushed, size in bytes
	Type       string     // the artifact type's id
	Content    []byte
	Memo       Memo
}

// List names the member of a manifest that a descriptor stands in.
type ListName string

// The members of a manifest that hold descriptors.
const (
	InConfig    ListName = "config"
	InLayers    ListName = "layers"
	InBlobs     ListName = "blobs" // of the withdrawn artifact manifest
	InManifests ListName = "manifests"
	InSubject   ListName = "subject"
)

// Reference to content from a manifest.
type ManifestRef struct {
	In       ListName
	Position int
	Descriptor
}

// Parsed is what a registry needs to know of a manifest: the references, and
// nothing that could be read in two ways.
type Parsed struct {
	MediaType    string // in effect: Content-Type, else the body's, else by shape
	ArtifactType string
	Config       *Descriptor
	Layers       []Descriptor
	Blobs        []Descriptor
	Manifests    []Descriptor
	Subject      *Descriptor
	Annotations  map[string]string
}

type rawManifest struct {
	MediaType    json.RawMessage   `json:"mediaType"`
	ArtifactType json.RawMessage   `json:"artifactType"`
	Config       json.RawMessage   `json:"config"`
	Layers       []json.RawMessage `json:"layers"`
	Blobs        []json.RawMessage `json:"blobs"`
	Manifests    []json.RawMessage `json:"manifests"`
	Subject      json.RawMessage   `json:"subject"`
	Annotations  json.RawMessage   `json:"annotations"`
}

// ParseManifest reads a manifest strictly, by a closed list of refusals: it
// must be one JSON object in valid UTF-8, at most 64 deep, no key twice in one
// object, no specification field in another letter case, not an image and an
// index at once, its mediaType like contentType (parameters aside), and every
// descriptor with a digest, a true size and true inline data. Whatever else real
// tools write is taken. Error: ManifestInvalid naming the rule.
func ParseManifest(contentType string, content []byte) (*Parsed, error) {
	if err := checkStrict(content); err != nil {
		return nil, err
	}
	var raw rawManifest
	if err := json.Unmarshal(content, &raw); err != nil {
		return nil, invalid("shape", "manifest: %v", err)
	}
	p := &Parsed{
		ArtifactType: lenient[string](raw.ArtifactType),
		Annotations:  lenientStrings(raw.Annotations),
	}
	var err error
	if p.MediaType, err = mediaTypeInEffect(contentType, &raw); err != nil {
		return nil, err
	}
	if raw.Manifests != nil && (raw.Layers != nil || present(raw.Config)) {
		return nil, invalid("ambiguous", "manifest has both %q and %q or %q: it could be read as an image and as an index", InManifests, InLayers, InConfig)
	}
	return p, p.readDescriptors(&raw)
}

func (p *Parsed) readDescriptors(raw *rawManifest) (err error) {
	if p.Config, err = parseOptional(raw.Config, InConfig); err != nil {
		return err
	}
	if p.Subject, err = parseOptional(raw.Subject, InSubject); err != nil {
		return err
	}
	if p.Layers, err = parseList(raw.Layers, InLayers); err != nil {
		return err
	}
	if p.Blobs, err = parseList(raw.Blobs, InBlobs); err != nil {
		return err
	}
	p.Manifests, err = parseList(raw.Manifests, InManifests)
	return err
}

func parseOptional(raw json.RawMessage, in ListName) (*Descriptor, error) {
	if !present(raw) {
		return nil, nil
	}
	d, err := ParseDescriptor(raw, string(in))
	return &d, err
}

func parseList(raw []json.RawMessage, in ListName) ([]Descriptor, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	ds := make([]Descriptor, len(raw))
	for i, r := range raw {
		d, err := ParseDescriptor(r, fmt.Sprintf("%s[%d]", in, i))
		if err != nil {
			return nil, err
		}
		ds[i] = d
	}
	return ds, nil
}

// mediaTypeInEffect settles what the manifest is: the Content-Type decides, the
// body must agree, and a body without either is known by its shape.
func mediaTypeInEffect(contentType string, raw *rawManifest) (string, error) {
	body := lenient[string](raw.MediaType)
	if contentType != "" && body != "" && BaseMediaType(contentType) != BaseMediaType(body) {
		return "", invalid("media-type", "Content-Type is %q and the manifest's mediaType is %q: send the manifest's own media type", clip(contentType), clip(body))
	}
	t := contentType
	if t == "" {
		t = body
	}
	switch BaseMediaType(t) {
	case "":
		if raw.Manifests != nil {
			return MediaTypeImageIndex, nil
		}
		return MediaTypeImageManifest, nil
	case mediaTypeDockerSchema1, mediaTypeDockerSchema1Signed:
		return "", invalid("schema1", "Docker schema 1 manifests (%s) are not taken: push with a current client", clip(t))
	}
	return t, nil
}

// References lists every descriptor of the manifest in order of appearance,
// the subject last.
func (p *Parsed) References() []ManifestRef {
	refs := make([]ManifestRef, 0, len(p.Layers)+len(p.Blobs)+len(p.Manifests)+2)
	if p.Config != nil {
		refs = append(refs, ManifestRef{InConfig, 0, *p.Config})
	}
	for _, l := range []struct {
		in ListName
		ds []Descriptor
	}{{InLayers, p.Layers}, {InBlobs, p.Blobs}, {InManifests, p.Manifests}} {
		for i, d := range l.ds {
			refs = append(refs, ManifestRef{l.in, i, d})
		}
	}
	if p.Subject != nil {
		refs = append(refs, ManifestRef{InSubject, 0, *p.Subject})
	}
	return refs
}

// IsIndex says whether the manifest lists manifests.
func (p *Parsed) IsIndex() bool { return IsIndexType(p.MediaType) || p.Manifests != nil }

// EffectiveArtifactType is the artifactType that a referrers answer shows:
// the manifest's own, else its config's media type, else none
// (distribution-spec "Listing Referrers").
func (p *Parsed) EffectiveArtifactType() string {
	if p.ArtifactType == "" && p.Config != nil {
		return p.Config.MediaType
	}
	return p.ArtifactType
}

func present(raw json.RawMessage) bool { return raw != nil && string(raw) != "null" }

func invalid(rule, format string, args ...any) *Error {
	return ManifestInvalid.With(map[string]string{"rule": rule}, format, args...)
}
