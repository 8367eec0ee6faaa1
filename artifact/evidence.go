package artifact

import (
	"encoding/json"
	"math"
	"slices"
)

// form is the shape of a document: what kind of manifest it is. Of a document
// with the members of several, the greatest form counts.
type form uint8

const (
	formNone     form = iota // no shape we know
	formArtifact             // blobs, as a withdrawn draft had them
	formImage                // config and layers
	formIndex                // manifests
)

var formWords = [...]string{"", "artifact", "image", "index"}

// String is the form's word in an entry.
func (f form) String() string { return formWords[f] }

// forms of the formats' own media types. Every other document is known by its shape.
var forms = map[string]form{
	"application/vnd.oci.image.manifest.v1+json":                formImage,
	"application/vnd.docker.distribution.manifest.v2+json":      formImage,
	"application/vnd.oci.image.index.v1+json":                   formIndex,
	"application/vnd.docker.distribution.manifest.list.v2+json": formIndex,
}

// shapes are the media types of documents that name none, neither in their body
// nor when they were pushed: in the OCI formats the member may be left out.
var shapes = map[form]string{
	formImage: "application/vnd.oci.image.manifest.v1+json",
	formIndex: "application/vnd.oci.image.index.v1+json",
}

// emptyType is the media type of the empty descriptor: it says that there is nothing.
const emptyType = "application/vnd.oci.empty.v1+json"

// titleKey is the annotation in which image-spec keeps a layer's file name.
const titleKey = "org.opencontainers.image.title"

// evidence is what a manifest's bytes say, read once and leniently. What is shown
// of it is clean, what is compared is normalised.
type evidence struct {
	form         form
	shown        string // document media type as it is shown
	mediaType    string // the same, normalised
	artifactType string // as it is shown
	config       *descriptor
	layers       []descriptor // of an artifact form: its blobs
	entries      []descriptor
	annotations  map[string]string
	subject      string
	agreed       string // of an index without an artifactType: that of its entries, as it is shown

	kind       string    // artifactType, or what is agreed, normalised
	typed      bool      // kind says something of its own
	configured bool      // configKind does
	configKind string    // config media type, normalised
	layerKinds []string  // distinct layer media types, normalised, sorted
	configJSON object    // the config as JSON, when given
	platform   *Platform // that the config names
	size       int64
}

// descriptor is an OCI descriptor as it is shown, and with what is compared.
type descriptor struct {
	mediaType    string
	kind         string // mediaType, normalised
	artifactType string
	says         string // artifactType, normalised
	digest       string
	size         int64
	annotations  map[string]string
	title        string // of its file, an annotation
	platform     *Platform
	on           string // platform, as patterns see it

	// Of an entry of an index: where it belongs, and which type says so.
	place Place
	typ   *kind
}

// readManifest reads what it can. The error-free answer for bytes that are no
// manifest is nil.
func readManifest(mediaType string, manifest []byte) *evidence {
	if !json.Valid(manifest) || !isObject(manifest) {
		return nil
	}
	e := &evidence{shown: mediaType, size: int64(len(manifest))}
	var body string
	shape := formNone
	eachMember(manifest, func(name string, value []byte) {
		switch name {
		case "mediaType":
			body, _ = jsonText(value)
		case "manifests":
			shape = max(shape, formIndex)
			e.entries = readDescriptors(value)
		case "config":
			shape = max(shape, formImage)
			e.config = readDescriptor(value)
		case "layers":
			shape = max(shape, formImage)
			e.layers = readDescriptors(value)
		case "blobs":
			shape = max(shape, formArtifact)
			if e.layers == nil {
				e.layers = readDescriptors(value)
			}
		default:
			e.readMember(name, value)
		}
	})
	if normal(e.shown) == "" {
		e.shown = body
	}
	e.mediaType, e.shown = normal(e.shown), clean(e.shown, maxText)
	e.settle(shape)
	return e
}

// readMember reads the members that every form has.
func (e *evidence) readMember(name string, value []byte) {
	switch name {
	case "artifactType":
		e.artifactType, e.kind = readType(value)
	case "annotations":
		e.annotations = readAnnotations(value)
	case "subject":
		if d := readDescriptor(value); d != nil {
			e.subject = d.digest
		}
	}
}

// settle decides the form and drops what does not belong to it.
func (e *evidence) settle(shape form) {
	e.form = shape
	if f, known := forms[e.mediaType]; known {
		e.form = f
	} else if e.mediaType == "" {
		e.mediaType = shapes[shape] // the format that may leave it out
	}
	switch e.form {
	case formIndex:
		e.config, e.layers = nil, nil
	case formImage:
		e.entries = nil
	default:
		e.config, e.entries = nil, nil
	}
	if e.config != nil {
		e.configKind = e.config.kind
		e.size = addSize(e.size, e.config.size)
	}
	for _, d := range e.layers {
		e.layerKinds = append(e.layerKinds, d.kind)
		e.size = addSize(e.size, d.size)
	}
	for _, d := range e.entries {
		e.size = addSize(e.size, d.size)
	}
	slices.Sort(e.layerKinds)
	e.layerKinds = slices.Compact(e.layerKinds)
}

// sound reports whether the document is a manifest at all: an image manifest has
// a config that names its media type and digest.
func (e *evidence) sound() bool {
	if e.form != formImage {
		return true
	}
	return e.config != nil && e.config.kind != "" && e.config.digest != ""
}

// setConfig takes the config's bytes, unless they are too large or no JSON object.
func (e *evidence) setConfig(config []byte) {
	if len(config) == 0 || len(config) > MaxConfig || e.config == nil {
		return
	}
	if json.Valid(config) && isObject(config) {
		e.configJSON, e.platform = newObject(config), readPlatform(config)
	}
}

func readDescriptors(raw []byte) []descriptor {
	var list []descriptor
	eachElement(raw, func(value []byte) {
		if d := readDescriptor(value); d != nil {
			list = append(list, *d)
		}
	})
	return list
}

// readDescriptor reads one descriptor; nil when raw is no object.
func readDescriptor(raw []byte) *descriptor {
	if !isObject(raw) {
		return nil
	}
	d := &descriptor{}
	eachMember(raw, func(name string, value []byte) {
		switch name {
		case "mediaType":
			d.mediaType, d.kind = readType(value)
		case "artifactType":
			d.artifactType, d.says = readType(value)
		case "digest":
			digest, _ := jsonText(value)
			d.digest = clean(digest, maxText)
		case "size":
			d.size = jsonSize(value)
		case "annotations":
			d.annotations = readAnnotations(value)
			d.title = d.annotations[titleKey]
		case "platform":
			d.platform = readPlatform(value)
			d.on = platformWord(d.platform)
		}
	})
	return d
}

// readType reads a media type, as it is shown and as it is compared.
func readType(raw []byte) (shown, kind string) {
	s, _ := jsonText(raw)
	return clean(s, maxText), normal(s)
}

func readAnnotations(raw []byte) map[string]string {
	var m map[string]string
	eachMember(raw, func(name string, value []byte) {
		s, ok := jsonText(value)
		if !ok {
			return
		}
		if m == nil {
			m = make(map[string]string)
		}
		m[name] = s
	})
	return m
}

// readPlatform reads a platform object, of a descriptor or of an image config.
func readPlatform(raw []byte) *Platform {
	if !isObject(raw) {
		return nil
	}
	p := &Platform{}
	eachMember(raw, func(name string, value []byte) {
		s, _ := jsonText(value)
		switch s = clean(s, maxWord); name {
		case "os":
			p.OS = s
		case "architecture":
			p.Architecture = s
		case "variant":
			p.Variant = s
		case "os.version":
			p.OSVersion = s
		}
	})
	return p
}

// real reports whether the platform names one, instead of being absent or the
// "unknown" that builders write for what runs nowhere.
func (p *Platform) real() bool {
	return p != nil && p.OS != "" && p.OS != "unknown"
}

// addSize adds two sizes that are not negative, and stops at the largest.
func addSize(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
