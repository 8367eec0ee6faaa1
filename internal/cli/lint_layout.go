package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/lint"
	"github.com/argosy-registry/argosy/internal/oci"
)

// maxManifests is the most manifests that are followed from one.
const maxManifests = 10_000

// layout is an OCI image layout (image-spec image-layout.md) that is being linted.
type layout struct {
	*linter
	dir  string
	root *os.Root // nothing outside the folder is read, whatever links are in it
	seen map[oci.Digest]bool
}

func (l *linter) layout(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	y := &layout{l, dir, root, map[oci.Digest]bool{}}
	var found []lint.Finding
	var version struct{ ImageLayoutVersion string }
	switch text, err := y.read("oci-layout"); {
	case errors.Is(err, fs.ErrNotExist):
		found = append(found, lint.Layout("There is no file oci-layout."))
	case err != nil:
		return err
	case json.Unmarshal(text, &version) != nil || version.ImageLayoutVersion != "1.0.0":
		found = append(found, lint.Layout(fmt.Sprintf("The file oci-layout says the version %.40q: 1.0.0 is the only one.", version.ImageLayoutVersion)))
	}
	in := artifact.Input{MediaType: oci.MediaTypeImageIndex}
	files := map[lint.Part]string{lint.InManifest: filepath.Join(dir, "index.json")}
	if in.Manifest, err = y.read("index.json"); errors.Is(err, fs.ErrNotExist) {
		l.add(files[lint.InManifest], artifact.Input{}, nil, append(found, lint.Layout("There is no file index.json.")))
		return nil
	} else if err != nil {
		return err
	}
	found = append(found, lint.OfLayout(lint.Check(l.c, in))...)
	return y.follow(files[lint.InManifest], in, files, found)
}

// open opens a file of the layout. What is no file, such as a pipe, is not waited for.
func (y *layout) open(name string) (*os.File, error) {
	info, err := y.root.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", filepath.Join(y.dir, filepath.FromSlash(name)))
	}
	return y.root.Open(name)
}

func (y *layout) read(name string) ([]byte, error) {
	f, err := y.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readManifest(f)
}

// follow verifies what a manifest names, reports it, and goes on with the manifests
// among that.
func (y *layout) follow(name string, in artifact.Input, files map[lint.Part]string, found []lint.Finding) error {
	var next []oci.Descriptor
	if p, err := oci.ParseManifest(in.MediaType, in.Manifest); err == nil {
		for _, r := range p.References() {
			more, there, err := y.verify(r)
			if err != nil {
				return err
			}
			found = append(found, more...)
			if there && r.In == oci.InManifests && oci.IsManifestType(r.MediaType) {
				next = append(next, r.Descriptor)
			}
		}
	}
	y.add(name, in, files, found)
	for _, d := range next {
		if err := y.manifest(d); err != nil {
			return err
		}
	}
	return nil
}

// manifest lints a manifest of the layout, once.
func (y *layout) manifest(d oci.Descriptor) error {
	if y.seen[d.Digest] {
		return nil
	}
	if len(y.seen) == maxManifests {
		return fmt.Errorf("%s holds more than %d manifests", y.dir, maxManifests)
	}
	y.seen[d.Digest] = true
	in := artifact.Input{MediaType: d.MediaType}
	files := map[lint.Part]string{lint.InManifest: y.path(d.Digest)}
	var err error
	if in.Manifest, err = y.read(blobPath(d.Digest)); err != nil {
		return err
	}
	if p, err := oci.ParseManifest(in.MediaType, in.Manifest); err == nil && p.Config != nil {
		content, err := y.read(blobPath(p.Config.Digest))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err == nil && len(content) <= artifact.MaxConfig {
			in.Config, files[lint.InConfig] = content, y.path(p.Config.Digest)
		}
	}
	return y.follow(files[lint.InManifest], in, files, lint.Check(y.c, in))
}

// verify reads the content of a reference and compares it.
func (y *layout) verify(r oci.ManifestRef) (found []lint.Finding, there bool, err error) {
	f, err := y.open(blobPath(r.Digest))
	if errors.Is(err, fs.ErrNotExist) {
		if r.In == oci.InSubject || r.NonDistributable() {
			return nil, false, nil // it need not be here
		}
		return []lint.Finding{lint.Missing(r)}, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	a := r.Digest.Algorithm()
	if !a.Available() {
		n, err := io.Copy(io.Discard, f)
		return lint.Content(r, n, ""), true, err // the algorithm has a finding of its own
	}
	h := a.New()
	n, err := io.Copy(h, f)
	return lint.Content(r, n, a.Digest(h)), true, err
}

func blobPath(d oci.Digest) string { return path.Join("blobs", string(d.Algorithm()), d.Encoded()) }

func (y *layout) path(d oci.Digest) string {
	return filepath.Join(y.dir, filepath.FromSlash(blobPath(d)))
}
