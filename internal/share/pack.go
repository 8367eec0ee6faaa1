package share

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/oci"
)

// Entry is an entry that is to be sent.
type Entry struct {
	ID    string
	Title string // for people
	YAML  []byte
	Icon  []byte // none of an entry that only adds actions
}

// Parcel is entries ready to be sent. The same entries make the same bytes.
type Parcel struct {
	Top    ocispec.Descriptor // of the catalog, or of the single entry
	levels [3][]blob          // files, manifests, index: each names what stands before it
}

// blob is content with its descriptor.
type blob struct {
	ocispec.Descriptor
	content []byte
}

func newBlob(mediaType string, content []byte) blob {
	d := digest.Digest(oci.SHA256.Sum(content))
	return blob{ocispec.Descriptor{MediaType: mediaType, Digest: d, Size: int64(len(content))}, content}
}

// PackEntry packs one entry under a version, which may be empty.
func PackEntry(e Entry, version string) (*Parcel, error) {
	p := &Parcel{}
	var err error
	p.Top, err = p.entry(e, version)
	return p, err
}

// PackCatalog packs entries as a catalog with a title and a version, which may be
// empty. Their order does not matter.
func PackCatalog(entries []Entry, title, version string) (*Parcel, error) {
	if len(entries) == 0 {
		return nil, errors.New("a catalog without entries is of no use")
	}
	p := &Parcel{}
	index := ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex, ArtifactType: TypeCatalog,
		Annotations: named("", title, version),
	}
	entries = slices.Clone(entries)
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.ID, b.ID) })
	for _, e := range entries {
		d, err := p.entry(e, "")
		if err != nil {
			return nil, err
		}
		index.Manifests = append(index.Manifests, d)
	}
	content, err := json.Marshal(index)
	if err != nil {
		return nil, err
	}
	top := newBlob(ocispec.MediaTypeImageIndex, content)
	p.Top, p.levels[2] = top.Descriptor, []blob{top}
	p.Top.ArtifactType = TypeCatalog
	return p, nil
}

// entry packs one entry and returns how an index names its manifest.
func (p *Parcel) entry(e Entry, version string) (ocispec.Descriptor, error) {
	empty := ocispec.DescriptorEmptyJSON
	m := ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest, ArtifactType: TypeEntry,
		Config: empty, Layers: []ocispec.Descriptor{p.file(typeYAML, e.ID+".yaml", e.YAML)}, Annotations: named(e.ID, e.Title, version),
	}
	p.levels[0] = append(p.levels[0], blob{empty, empty.Data})
	if e.Icon != nil {
		m.Layers = append(m.Layers, p.file(artifact.IconType(e.Icon), e.ID+artifact.IconExt(e.Icon), e.Icon))
	}
	content, err := json.Marshal(m)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	b := newBlob(ocispec.MediaTypeImageManifest, content)
	p.levels[1] = append(p.levels[1], b)
	d := b.Descriptor
	d.ArtifactType, d.Annotations = TypeEntry, named(e.ID, e.Title, "")
	return d, nil
}

// file packs a layer that is one file.
func (p *Parcel) file(mediaType, name string, content []byte) ocispec.Descriptor {
	b := newBlob(mediaType, content)
	p.levels[0] = append(p.levels[0], b)
	d := b.Descriptor
	d.Annotations = map[string]string{ocispec.AnnotationTitle: name}
	return d
}

// named are the annotations that say what something is; nil without any.
func named(id, title, version string) map[string]string {
	all := map[string]string{}
	for key, value := range map[string]string{annotationID: id, ocispec.AnnotationTitle: title, ocispec.AnnotationVersion: version} {
		if value != "" {
			all[key] = value
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}
