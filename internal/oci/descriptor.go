package oci

import "encoding/json"

// Descriptor names content (image-spec descriptor.md). As an answer it
// describes what is stored; in a manifest it is what the author wrote.
type Descriptor struct {
	MediaType    string            `json:"mediaType"`
	Digest       Digest            `json:"digest"`
	Size         int64             `json:"size"` // bytes
	URLs         []string          `json:"urls,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
	Data         []byte            `json:"data,omitempty"`
	Platform     *Platform         `json:"platform,omitempty"`
	ArtifactType string            `json:"artifactType,omitempty"`
}

// UnknownSize is a Descriptor's Size when its author wrote none.
const UnknownSize = -1

// Platform is what an image runs on (image-spec image-index.md).
type Platform struct {
	Architecture string   `json:"architecture"`
	OS           string   `json:"os"`
	OSVersion    string   `json:"os.version,omitempty"`
	OSFeatures   []string `json:"os.features,omitempty"`
	Variant      string   `json:"variant,omitempty"`
}

// rawDescriptor is a descriptor as it may stand in a manifest of a real tool:
// only what references hang on is typed, the rest is read if it can be.
type rawDescriptor struct {
	MediaType    json.RawMessage `json:"mediaType"`
	Digest       json.RawMessage `json:"digest"`
	Size         *json.Number    `json:"size"`
	URLs         json.RawMessage `json:"urls"`
	Annotations  json.RawMessage `json:"annotations"`
	Data         *string         `json:"data"`
	Platform     json.RawMessage `json:"platform"`
	ArtifactType json.RawMessage `json:"artifactType"`
}

// ParseDescriptor reads a descriptor that stands at place of a manifest, as strictly
// as ParseManifest does. Error: ManifestInvalid, whose detail names the rule (descriptor,
// digest, size or data) and the place.
func ParseDescriptor(raw json.RawMessage, place string) (Descriptor, error) {
	var r rawDescriptor
	if err := json.Unmarshal(raw, &r); err != nil {
		return Descriptor{}, invalidAt(place, "descriptor", "%s is not a descriptor: %v", place, err)
	}
	d := Descriptor{Size: UnknownSize}
	digest, err := ParseDigest(lenient[string](r.Digest))
	if err != nil {
		return d, invalidAt(place, "digest", "%s: %v", place, err)
	}
	d.Digest = digest
	if r.Size != nil {
		if d.Size, err = r.Size.Int64(); err != nil || d.Size < 0 {
			return d, invalidAt(place, "size", "%s: size %s is not a number of bytes from 0 to 2^63-1", place, clip(r.Size.String()))
		}
	}
	d.MediaType = lenient[string](r.MediaType)
	d.ArtifactType = lenient[string](r.ArtifactType)
	d.URLs = lenient[[]string](r.URLs)
	d.Platform = lenient[*Platform](r.Platform)
	d.Annotations = lenientStrings(r.Annotations)
	return d, d.readData(r.Data, place)
}

// readData decodes inline data and holds it against digest and size.
func (d *Descriptor) readData(data *string, place string) error {
	if data == nil {
		return nil
	}
	quotedData, err := json.Marshal(*data)
	if err == nil {
		err = json.Unmarshal(quotedData, &d.Data)
	}
	if err != nil {
		return invalidAt(place, "data", "%s: inline data is not base64: %v", place, err)
	}
	if d.Size != UnknownSize && d.Size != int64(len(d.Data)) {
		return invalidAt(place, "data", "%s: inline data has %d bytes, the descriptor says %d", place, len(d.Data), d.Size)
	}
	if a := d.Digest.Algorithm(); a.Available() && a.Sum(d.Data) != d.Digest {
		return invalidAt(place, "data", "%s: inline data does not match its digest %s", place, d.Digest)
	}
	return nil
}

// NonDistributable says whether a registry must not ask for the content: a
// non-distributable or foreign layer, or one that says where else it is.
func (d Descriptor) NonDistributable() bool {
	if len(d.URLs) > 0 {
		return true
	}
	return hasPrefix(BaseMediaType(d.MediaType), nonDistributable)
}

// lenient decodes raw, or returns the zero value: real tools write odd values
// where nothing hangs on them, and a registry stores them as they are.
func lenient[T any](raw json.RawMessage) T {
	var v T
	if raw != nil && json.Unmarshal(raw, &v) != nil {
		var zero T
		return zero
	}
	return v
}

// lenientStrings keeps the string members of an object.
func lenientStrings(raw json.RawMessage) map[string]string {
	if m := lenient[map[string]string](raw); m != nil {
		return m
	}
	var kept map[string]string
	for k, v := range lenient[map[string]json.RawMessage](raw) {
		var s string
		if json.Unmarshal(v, &s) == nil {
			if kept == nil {
				kept = map[string]string{}
			}
			kept[k] = s
		}
	}
	return kept
}

func invalidAt(place, rule, format string, args ...any) *Error {
	return ManifestInvalid.With(map[string]string{"rule": rule, "place": place}, format, args...)
}
