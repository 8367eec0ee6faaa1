package imagelayout_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/internal/imagelayout"
	"github.com/argosy-registry/argosy/internal/oci"
)

func image(arch string) imagelayout.Image {
	return imagelayout.Image{
		Platform: oci.Platform{OS: "linux", Architecture: arch},
		Files: []imagelayout.File{
			{Name: "program", Mode: 0o755, Content: []byte("\x7fELF " + arch)},
			{Name: "data", Mode: 0o700, Owner: 65532, Folder: true},
		},
		Config: imagelayout.Config{User: "65532:65532", Entrypoint: []string{"/program"}},
		Labels: map[string]string{"org.opencontainers.image.title": "Program"},
	}
}

// blob reads what a descriptor names, and holds it against digest and size.
func blob(t *testing.T, dir string, d oci.Descriptor) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "blobs", string(d.Digest.Algorithm()), d.Digest.Encoded()))
	if err != nil {
		t.Fatal(err)
	}
	if got := oci.SHA256.Sum(content); got != d.Digest || int64(len(content)) != d.Size {
		t.Fatalf("blob %s of %d bytes holds %s of %d bytes", d.Digest, d.Size, got, len(content))
	}
	return content
}

// parse reads a manifest with the registry's own, strict parser.
func parse(t *testing.T, dir string, d oci.Descriptor) *oci.Parsed {
	t.Helper()
	p, err := oci.ParseManifest(d.MediaType, blob(t, dir, d))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestImage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "image")
	top, err := imagelayout.Write(dir, "latest", image("amd64"))
	if err != nil {
		t.Fatal(err)
	}
	p := parse(t, dir, top)
	if p.Annotations["org.opencontainers.image.title"] != "Program" {
		t.Errorf("annotations are %v", p.Annotations)
	}

	var config struct {
		OS, Architecture string
		Config           imagelayout.Config
		RootFS           struct {
			DiffIDs []oci.Digest `json:"diff_ids"`
		}
	}
	if err := json.Unmarshal(blob(t, dir, *p.Config), &config); err != nil {
		t.Fatal(err)
	}
	if config.OS != "linux" || config.Architecture != "amd64" || config.Config.User != "65532:65532" {
		t.Errorf("config is %+v", config)
	}

	unzipped, err := gzip.NewReader(bytes.NewReader(blob(t, dir, p.Layers[0])))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(unzipped)
	if err != nil {
		t.Fatal(err)
	}
	if want := []oci.Digest{oci.SHA256.Sum(plain)}; !cmp.Equal(config.RootFS.DiffIDs, want) {
		t.Errorf("diff_ids are %v, the layer unpacked is %v", config.RootFS.DiffIDs, want)
	}
	checkLayer(t, plain)
}

func checkLayer(t *testing.T, plain []byte) {
	t.Helper()
	type member struct {
		Name    string
		Mode    int64
		Uid     int
		Content string
	}
	var got []member
	for r := tar.NewReader(bytes.NewReader(plain)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if !h.ModTime.IsZero() && h.ModTime.Unix() != 0 {
			t.Errorf("%s carries the time %v", h.Name, h.ModTime)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, member{h.Name, h.Mode, h.Uid, string(content)})
	}
	want := []member{{"program", 0o755, 0, "\x7fELF amd64"}, {"data/", 0o700, 65532, ""}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("layer (-want +got):\n%s", diff)
	}
}

func TestSeveralPlatformsMakeAnIndex(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "image")
	top, err := imagelayout.Write(dir, "latest", image("amd64"), image("arm64"))
	if err != nil {
		t.Fatal(err)
	}
	if top.MediaType != oci.MediaTypeImageIndex {
		t.Fatalf("the layout names a %s", top.MediaType)
	}
	var platforms []string
	for _, d := range parse(t, dir, top).Manifests {
		parse(t, dir, d)
		platforms = append(platforms, d.Platform.OS+"/"+d.Platform.Architecture)
	}
	if diff := cmp.Diff([]string{"linux/amd64", "linux/arm64"}, platforms); diff != "" {
		t.Errorf("platforms (-want +got):\n%s", diff)
	}
}

func TestWriteIsReproducible(t *testing.T) {
	first, second := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	for _, dir := range []string{first, second, second} { // the second time over a layout that is there
		if _, err := imagelayout.Write(dir, "latest", image("amd64"), image("arm64")); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(tree(t, first), tree(t, second)); diff != "" {
		t.Errorf("two runs differ:\n%s", diff)
	}
}

// tree is every file below dir with its content.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	root := os.DirFS(dir)
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(root, name)
		files[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestWriteSparesOtherFolders(t *testing.T) {
	dir := t.TempDir()
	precious := filepath.Join(dir, "precious")
	if err := os.WriteFile(precious, []byte("keep"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := imagelayout.Write(dir, "latest", image("amd64")); !errors.Is(err, imagelayout.ErrExists) {
		t.Errorf("Write into a folder with other files: %v, want ErrExists", err)
	}
	if _, err := os.Stat(precious); err != nil {
		t.Error(err)
	}
}
