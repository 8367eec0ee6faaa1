// Package imagelayout writes container images as an OCI image layout: a folder
// that crane, skopeo, podman and others push or load as it is (image-spec
// image-layout.md). The same input gives the same bytes: files carry no times,
// and the members of a layer stand in the order given.
//
// It does not know what is in the files of an image, nor how they were built.
package imagelayout

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/argosy-registry/argosy/internal/oci"
)

// ErrExists says that the folder for the layout already holds something else.
var ErrExists = errors.New("the folder is there and is no image layout")

const version = `{"imageLayoutVersion":"1.0.0"}`

// index is image-spec's image index, as far as a layout needs it.
type index struct {
	SchemaVersion int              `json:"schemaVersion"`
	MediaType     string           `json:"mediaType"`
	Manifests     []oci.Descriptor `json:"manifests"`
}

// annotationRef is the tag under which tools know an entry of a layout.
const annotationRef = "org.opencontainers.image.ref.name"

// Write makes the layout in dir anew, with one image or, for several, one index
// of them, under the given tag. A layout that is there already is replaced;
// ErrExists when dir holds anything else. It returns what index.json names.
func Write(dir, tag string, images ...Image) (oci.Descriptor, error) {
	if err := clear(dir); err != nil {
		return oci.Descriptor{}, err
	}
	if err := os.MkdirAll(filepath.Join(dir, "blobs", string(oci.SHA256)), 0o755); err != nil {
		return oci.Descriptor{}, err
	}
	top, err := writeImages(dir, images)
	if err != nil {
		return oci.Descriptor{}, err
	}
	named := top
	named.Annotations = map[string]string{annotationRef: tag}
	list, err := json.Marshal(index{2, oci.MediaTypeImageIndex, []oci.Descriptor{named}})
	if err != nil {
		return oci.Descriptor{}, err
	}
	if err := os.WriteFile(filepath.Join(dir, "index.json"), list, 0o644); err != nil {
		return oci.Descriptor{}, err
	}
	return top, os.WriteFile(filepath.Join(dir, "oci-layout"), []byte(version), 0o644)
}

// clear removes the layout in dir, and refuses to remove anything else.
func clear(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch e.Name() {
		case "oci-layout", "index.json", "blobs":
		default:
			return fmt.Errorf("%s: %w: it has %q; name an empty folder", dir, ErrExists, e.Name())
		}
	}
	return os.RemoveAll(dir)
}

func writeImages(dir string, images []Image) (oci.Descriptor, error) {
	if len(images) == 0 {
		return oci.Descriptor{}, errors.New("imagelayout: no image to write")
	}
	var entries []oci.Descriptor
	for _, image := range images {
		entry, err := image.write(dir)
		if err != nil {
			return oci.Descriptor{}, err
		}
		entries = append(entries, entry)
	}
	if len(entries) == 1 {
		return entries[0], nil
	}
	return writeJSON(dir, oci.MediaTypeImageIndex, index{2, oci.MediaTypeImageIndex, entries})
}

// writeJSON stores v as a blob.
func writeJSON(dir, mediaType string, v any) (oci.Descriptor, error) {
	content, err := json.Marshal(v)
	if err != nil {
		return oci.Descriptor{}, err
	}
	return writeBlob(dir, mediaType, content)
}

// writeBlob stores content under its digest.
func writeBlob(dir, mediaType string, content []byte) (oci.Descriptor, error) {
	digest := oci.SHA256.Sum(content)
	name := filepath.Join(dir, "blobs", string(digest.Algorithm()), digest.Encoded())
	if err := os.WriteFile(name, content, 0o644); err != nil {
		return oci.Descriptor{}, err
	}
	return oci.Descriptor{MediaType: mediaType, Digest: digest, Size: int64(len(content))}, nil
}
