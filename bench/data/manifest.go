package data

import (
	"encoding/json"
	"fmt"
)

// Media types of what the sets hold.
const (
	ImageManifest = "application/vnd.oci.image.manifest.v1+json"
	ImageIndex    = "application/vnd.oci.image.index.v1+json"
	imageConfig   = "application/vnd.oci.image.config.v1+json"
	imageLayer    = "application/vnd.oci.image.layer.v1.tar"
	emptyConfig   = "application/vnd.oci.empty.v1+json"
	sbom          = "application/spdx+json"
)

// Manifest is a manifest with the place it is pushed to.
type Manifest struct {
	Repository string
	Tag        string // "" pushes it by digest
	Subject    string // digest of what it is attached to, or ""
	MediaType  string
	Content    []byte
	Digest     string
}

// Reference is what the manifest is pushed under: its tag, or its digest.
func (m Manifest) Reference() string {
	if m.Tag != "" {
		return m.Tag
	}
	return m.Digest
}

type descriptor struct {
	MediaType    string            `json:"mediaType"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Digest       string            `json:"digest"`
	Size         int64             `json:"size"`
	Annotations  map[string]string `json:"annotations,omitempty"`
}

type imageManifest struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType"`
	ArtifactType  string            `json:"artifactType,omitempty"`
	Config        descriptor        `json:"config"`
	Layers        []descriptor      `json:"layers"`
	Subject       *descriptor       `json:"subject,omitempty"`
	Annotations   map[string]string `json:"annotations,omitempty"`
}

func describe(mediaType string, b Body) descriptor {
	return descriptor{MediaType: mediaType, Digest: b.Digest, Size: b.Size}
}

// Image is an OCI image manifest of config and layers; name is an annotation
// that makes it another manifest, if there is one.
func Image(repository, tag, name string, config Body, layers ...Body) Manifest {
	m := imageManifest{Config: describe(imageConfig, config)}
	for _, l := range layers {
		m.Layers = append(m.Layers, describe(imageLayer, l))
	}
	if name != "" {
		m.Annotations = map[string]string{"org.opencontainers.image.title": name}
	}
	return m.at(repository, tag)
}

// Attachment is an SBOM attached to subject.
func Attachment(repository, name string, subject Manifest, config, layer Body) Manifest {
	m := imageManifest{
		ArtifactType: sbom,
		Config:       describe(emptyConfig, config),
		Layers:       []descriptor{describe(sbom, layer)},
		Subject:      &descriptor{MediaType: subject.MediaType, Digest: subject.Digest, Size: int64(len(subject.Content))},
		Annotations:  map[string]string{"org.opencontainers.image.title": name},
	}
	return m.at(repository, "")
}

// at writes the manifest out and says where it goes.
func (m imageManifest) at(repository, tag string) Manifest {
	m.SchemaVersion, m.MediaType = 2, ImageManifest
	content, err := json.Marshal(m)
	if err != nil {
		panic(err) // strings and numbers can always be written
	}
	out := Manifest{Repository: repository, Tag: tag, MediaType: ImageManifest, Content: content, Digest: NewBody(content).Digest}
	if m.Subject != nil {
		out.Subject = m.Subject.Digest
	}
	return out
}

// ImageConfig is a small image configuration, another one for every name.
func ImageConfig(name string) Body {
	return NewBody(fmt.Appendf(nil, `{"architecture":"amd64","os":"linux","config":{"Labels":{"name":%q}},"rootfs":{"type":"layers","diff_ids":[]}}`, name))
}
