package imagelayout

import (
	"archive/tar"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/argosy-registry/argosy/internal/oci"
)

// Content is what a layout holds that is copied from somewhere: blobs and manifests, of
// which some are roots.
type Content struct {
	Roots []Root
	Blobs map[oci.Digest][]byte // what the roots lead to
}

// Root is what index.json names.
type Root struct {
	oci.Descriptor
	Tag string // may be empty
}

// file is one of a layout, by its path in it.
type file struct {
	name    string
	content []byte
}

// files are those of the layout, in order.
func (c Content) files() ([]file, error) {
	list := index{2, oci.MediaTypeImageIndex, []oci.Descriptor{}}
	for _, r := range c.Roots {
		d := r.Descriptor
		if r.Tag != "" {
			d.Annotations = map[string]string{annotationRef: r.Tag}
		}
		list.Manifests = append(list.Manifests, d)
	}
	text, err := json.Marshal(list)
	all := []file{{"oci-layout", []byte(version)}, {"index.json", text}}
	for _, d := range slices.Sorted(maps.Keys(c.Blobs)) {
		all = append(all, file{path.Join("blobs", string(d.Algorithm()), d.Encoded()), c.Blobs[d]})
	}
	return all, err
}

// Tar writes the layout as a tar archive, the same bytes for the same content.
func (c Content) Tar(w io.Writer) error {
	files, err := c.files()
	if err != nil {
		return err
	}
	t := tar.NewWriter(w)
	for _, f := range files {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: f.name, Mode: 0o644, Size: int64(len(f.content)), Format: tar.FormatUSTAR}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		if _, err := t.Write(f.content); err != nil {
			return err
		}
	}
	return t.Close()
}

// Folder writes the layout into a folder, anew when one is there. Error: ErrExists when
// the folder holds anything else.
func (c Content) Folder(dir string) error {
	files, err := c.files()
	if err != nil {
		return err
	}
	if err := clear(dir); err != nil {
		return err
	}
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, f.content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
