package browsetest

import (
	"encoding/json"
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
)

// Image is an image manifest of an artifactType with one layer of a size in
// bytes. note makes manifests of one type differ, and is their title.
func Image(artifactType, note string, layer int64) string {
	return encode(manifest{
		SchemaVersion: 2, MediaType: oci.MediaTypeImageManifest, ArtifactType: artifactType,
		Config: &oci.Descriptor{MediaType: oci.MediaTypeEmpty, Digest: oci.SHA256.Sum([]byte("{}")), Size: 2},
		Layers: []oci.Descriptor{{MediaType: "application/vnd.example.cargo", Digest: oci.SHA256.Sum([]byte(note)), Size: layer}},
		Annotations: map[string]string{
			"org.opencontainers.image.title": note, "org.opencontainers.image.version": "1.0",
			"org.opencontainers.image.description": "All about " + note,
		},
	})
}

// About is an Image that refers to a subject.
func About(subject oci.Digest, artifactType, note string) string {
	text := Image(artifactType, note, 10)
	head, _ := strings.CutSuffix(text, "}")
	return head + `,"subject":` + encode(oci.Descriptor{MediaType: oci.MediaTypeImageManifest, Digest: subject, Size: 1}) + "}"
}

// Index is an image index of an artifactType over descriptors.
func Index(artifactType string, of ...oci.Descriptor) string {
	return encode(manifest{SchemaVersion: 2, MediaType: oci.MediaTypeImageIndex, ArtifactType: artifactType, Manifests: of})
}

// On is the descriptor of a manifest that runs on a platform, "os/architecture".
func On(platform string, d oci.Digest, size int) oci.Descriptor {
	system, architecture, _ := strings.Cut(platform, "/")
	return oci.Descriptor{
		MediaType: oci.MediaTypeImageManifest, Digest: d, Size: int64(size),
		Platform: &oci.Platform{OS: system, Architecture: architecture},
	}
}

type manifest struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType"`
	ArtifactType  string            `json:"artifactType,omitempty"`
	Config        *oci.Descriptor   `json:"config,omitempty"`
	Layers        []oci.Descriptor  `json:"layers,omitempty"`
	Manifests     []oci.Descriptor  `json:"manifests,omitempty"`
	Annotations   map[string]string `json:"annotations,omitempty"`
}

func encode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings, numbers and maps of them
	}
	return string(text)
}
