package e2e

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// layerTar is a layer with one file of the given content.
func layerTar(t *testing.T, name string, content []byte) []byte {
	t.Helper()
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content))}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

// fileIn reads one file out of a tar.
func fileIn(t *testing.T, archive []byte, name string) []byte {
	t.Helper()
	for r := tar.NewReader(bytes.NewReader(archive)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			t.Fatalf("the archive has no %s", name)
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.TrimPrefix(h.Name, "/") != name {
			continue
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
}

// craneImage pushes an image with one file for a platform; with crane's own empty
// base it is in Docker's format, with the OCI base in OCI's.
func craneImage(b *bench, ref, platform string, oci bool) {
	b.t.Helper()
	args := []string{"append", "-f", "layer.tar", "-t", ref}
	if oci {
		args = append(args, "--oci-empty-base")
	}
	b.run("crane", args...)
	b.run("crane", "mutate", "--set-platform", platform, "-t", ref, ref)
}

func TestCrane(t *testing.T) {
	whole(t)
	s := serve(t)
	b := newBench(t)
	content := noise(21, 2<<20)
	b.write("layer.tar", layerTar(t, "cargo.bin", content))
	repo := s.host + "/crane/app"

	for _, c := range []struct {
		tag, id string
		oci     bool
	}{{"oci", "oci-image", true}, {"docker", "docker-image", false}} {
		t.Run(c.tag, func(t *testing.T) {
			s, b := s.in(t), b.in(t)
			ref := repo + ":" + c.tag
			craneImage(b, ref, "linux/amd64", c.oci)
			b.run("crane", "export", ref, "exported.tar")
			if !bytes.Equal(fileIn(t, b.read("exported.tar"), "cargo.bin"), content) {
				t.Error("crane exports another file than was pushed")
			}
			if got := find(t, s.artifacts(t, "/v2/crane/app/_argosy/artifacts"), "crane/app:"+c.tag); got.Type.ID != c.id {
				t.Errorf("the listing says %s, want %s", got.Type.ID, c.id)
			}
		})
	}
	t.Run("pull and push", func(t *testing.T) {
		s, b := s.in(t), b.in(t)
		b.run("crane", "pull", "--format", "oci", repo+":oci", "layout")
		b.run("crane", "push", "layout", s.host+"/crane/again:1")
		if from, to := b.run("crane", "digest", repo+":oci"), b.run("crane", "digest", s.host+"/crane/again:1"); from != to {
			t.Errorf("pulled and pushed again: %s became %s", from, to)
		}
	})
	t.Run("copy", func(t *testing.T) {
		s, b := s.in(t), b.in(t)
		b.run("crane", "copy", repo+":docker", s.host+"/crane/copied:1") // mounts the layers
		if from, to := b.run("crane", "manifest", repo+":docker"), b.run("crane", "manifest", s.host+"/crane/copied:1"); from != to {
			t.Errorf("the copied manifest differs:\n%s\n%s", from, to)
		}
		b.run("crane", "validate", "--remote", s.host+"/crane/copied:1")
	})
	t.Run("list", func(t *testing.T) {
		s, b := s.in(t), b.in(t)
		b.run("crane", "tag", repo+":oci", "stable")
		got := strings.Fields(b.run("crane", "ls", repo))
		slices.Sort(got)
		if want := []string{"docker", "oci", "stable"}; !slices.Equal(got, want) {
			t.Errorf("crane ls lists %v, want %v", got, want)
		}
		catalog := strings.Fields(b.run("crane", "catalog", s.host))
		if want := []string{"crane/again", "crane/app", "crane/copied"}; !slices.Equal(catalog, want) {
			t.Errorf("crane catalog lists %v, want %v", catalog, want)
		}
	})
	t.Run("delete", func(t *testing.T) {
		b := b.in(t)
		digest := strings.TrimSpace(b.run("crane", "digest", repo+":docker"))
		b.run("crane", "delete", repo+"@"+digest)
		if _, _, err := b.try("crane", "manifest", repo+":docker"); err == nil {
			t.Error("the tag of a deleted manifest still answers")
		}
	})
}

func TestRegctl(t *testing.T) {
	whole(t)
	s := serve(t)
	b := newBench(t)
	b.run("regctl", "registry", "set", "--tls", "disabled", s.host)
	content := noise(31, 3<<20)
	b.write("layer.tar", layerTar(t, "cargo.bin", content))
	repo := s.host + "/regctl/app"
	for _, arch := range []string{"amd64", "arm64"} {
		craneImage(b, repo+":"+arch, "linux/"+arch, true)
	}

	t.Run("index", func(t *testing.T) {
		s, b := s.in(t), b.in(t)
		b.run("regctl", "index", "create", repo+":multi", "--ref", repo+":amd64", "--ref", repo+":arm64")
		list := b.run("regctl", "manifest", "get", "--format", "raw-body", repo+":multi")
		if !strings.Contains(list, `"arm64"`) || !strings.Contains(list, `"amd64"`) {
			t.Errorf("the index is %s", list)
		}
		if got := find(t, s.artifacts(t, "/v2/_argosy/artifacts"), "regctl/app:multi"); got.Type.ID != "oci-image-index" {
			t.Errorf("the listing says %s, want oci-image-index", got.Type.ID)
		}
	})
	t.Run("copy with referrers", func(t *testing.T) {
		s, b := s.in(t), b.in(t)
		b.write("note.txt", []byte("all hands"))
		b.run("regctl", "artifact", "put", "--artifact-type", "application/vnd.example.note", "--subject", repo+":multi", "-f", "note.txt")
		b.run("regctl", "image", "copy", "--referrers", repo+":multi", s.host+"/regctl/copied:multi")
		from, to := b.run("regctl", "image", "digest", repo+":multi"), b.run("regctl", "image", "digest", s.host+"/regctl/copied:multi")
		if from != to {
			t.Errorf("copied: %s became %s", from, to)
		}
		if tree := b.run("regctl", "artifact", "tree", s.host+"/regctl/copied:multi"); !strings.Contains(tree, "application/vnd.example.note") {
			t.Errorf("the copy lost its referrer:\n%s", tree)
		}
	})
	t.Run("image in sha512", func(t *testing.T) {
		b := b.in(t)
		ref := s.host + "/regctl/sha512:1"
		b.run("regctl", "image", "mod", "--digest-algo", "sha512", "--create", ref, repo+":arm64")
		if digest := b.run("regctl", "image", "digest", ref); !strings.HasPrefix(digest, "sha512:") {
			t.Errorf("the image is at %s, want a sha512 digest", digest)
		}
		if manifest := b.run("regctl", "manifest", "get", "--format", "raw-body", ref); strings.Count(manifest, `"sha512:`) != 2 {
			t.Errorf("config and layer are not both in sha512:\n%s", manifest)
		}
		if got := b.run("regctl", "image", "get-file", ref, "cargo.bin"); got != string(content) {
			t.Errorf("regctl reads %d bytes of cargo.bin, other than the %d that were pushed", len(got), len(content))
		}
	})
	t.Run("blob in chunks", func(t *testing.T) {
		b := b.in(t)
		b.write("large.bin", content)
		digest := strings.TrimSpace(b.run("bash", "-c", "regctl blob put "+s.host+"/regctl/chunks < large.bin"))
		if digest != digestOf(content) {
			t.Errorf("regctl put %s, want %s", digest, digestOf(content))
		}
		if got := b.run("regctl", "blob", "get", s.host+"/regctl/chunks", digest); got != string(content) {
			t.Errorf("regctl got %d bytes back, other than the %d that it put", len(got), len(content))
		}
	})
	t.Run("list and delete", func(t *testing.T) {
		s, b := s.in(t), b.in(t)
		got := strings.Fields(b.run("regctl", "tag", "ls", repo))
		if want := []string{"amd64", "arm64", "multi"}; !slices.Equal(got, want) {
			t.Errorf("regctl tag ls lists %v, want %v", got, want)
		}
		b.run("regctl", "tag", "delete", repo+":amd64")
		if got := strings.Fields(b.run("regctl", "tag", "ls", repo)); !slices.Equal(got, []string{"arm64", "multi"}) {
			t.Errorf("after the tag's deletion regctl lists %v", got)
		}
		if repos := strings.Fields(b.run("regctl", "repo", "ls", s.host)); !slices.Contains(repos, "regctl/copied") {
			t.Errorf("regctl repo ls lists %v", repos)
		}
	})
}

func TestSkopeo(t *testing.T) {
	whole(t)
	s := serve(t)
	b := newBench(t)
	content := noise(41, 2<<20)
	b.write("layer.tar", layerTar(t, "cargo.bin", content))
	repo := s.host + "/skopeo/app"
	for _, arch := range []string{"amd64", "arm64"} {
		craneImage(b, repo+":"+arch, "linux/"+arch, true)
	}
	b.run("crane", "index", "append", "-t", repo+":multi", "-m", repo+":amd64", "-m", repo+":arm64")
	from, to := "docker://"+repo+":multi", "docker://"+s.host+"/skopeo/copied:multi"

	b.run("skopeo", "copy", "--all", "--src-tls-verify=false", from, "oci:layout:multi")
	b.run("skopeo", "copy", "--all", "--dest-tls-verify=false", "oci:layout:multi", to)
	// This skopeo drops members of an index that it does not know; the images are the same.
	want := children(t, b.run("skopeo", "inspect", "--raw", "--tls-verify=false", from))
	if got := children(t, b.run("skopeo", "inspect", "--raw", "--tls-verify=false", to)); !slices.Equal(got, want) || len(got) != 2 {
		t.Errorf("copied out and in again, the index names %v, before %v", got, want)
	}
	b.run("crane", "export", "--platform", "linux/arm64", s.host+"/skopeo/copied:multi", "exported.tar")
	if !bytes.Equal(fileIn(t, b.read("exported.tar"), "cargo.bin"), content) {
		t.Error("the file in the copied image differs")
	}
	b.run("skopeo", "copy", "--all", "--src-tls-verify=false", "--dest-tls-verify=false", from, "docker://"+s.host+"/skopeo/direct:multi")

	b.run("skopeo", "copy", "--override-arch", "arm64", "--override-os", "linux", "--format", "v2s2", "--src-tls-verify=false", "--dest-tls-verify=false",
		from, "docker://"+s.host+"/skopeo/docker:arm64")
	if got := find(t, s.artifacts(t, "/v2/_argosy/artifacts"), "skopeo/docker:arm64"); got.Type.ID != "docker-image" {
		t.Errorf("converted by skopeo to Docker's format, the listing says %s", got.Type.ID)
	}

	var tags struct{ Tags []string }
	if err := json.Unmarshal([]byte(b.run("skopeo", "list-tags", "--tls-verify=false", "docker://"+repo)), &tags); err != nil {
		t.Fatal(err)
	}
	if want := []string{"amd64", "arm64", "multi"}; !slices.Equal(tags.Tags, want) {
		t.Errorf("skopeo list-tags lists %v, want %v", tags.Tags, want)
	}
	b.run("skopeo", "delete", "--tls-verify=false", to)
	if _, _, err := b.try("skopeo", "inspect", "--raw", "--tls-verify=false", to); err == nil {
		t.Error("skopeo still reads what it deleted")
	}
}

// children are the digests that an index names.
func children(t *testing.T, index string) []string {
	t.Helper()
	var list struct {
		Manifests []descriptor `json:"manifests"`
	}
	if err := json.Unmarshal([]byte(index), &list); err != nil {
		t.Fatal(err)
	}
	var digests []string
	for _, d := range list.Manifests {
		digests = append(digests, d.Digest)
	}
	return digests
}

// The project's own image goes through two clients into the registry it holds, and
// the program that comes out again serves.
func TestContainerImage(t *testing.T) {
	whole(t)
	s := serve(t)
	b := newBench(t)
	build := exec.Command("go", "run", "./cmd/argosy-image", "-o", b.path("image"), "-platform", "linux/amd64")
	build.Dir = root
	build.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("argosy-image: %v\n%s", err, out)
	}
	b.run("skopeo", "copy", "--dest-tls-verify=false", "oci:image:latest", "docker://"+s.host+"/argosy/skopeo:latest")
	b.run("crane", "push", "image", s.host+"/argosy/crane:latest")
	if a, c := b.run("crane", "digest", s.host+"/argosy/skopeo:latest"), b.run("crane", "digest", s.host+"/argosy/crane:latest"); a != c {
		t.Errorf("skopeo pushed %s, crane %s", a, c)
	}
	if got := find(t, s.artifacts(t, "/v2/_argosy/artifacts"), "argosy/crane:latest"); got.Type.ID != "oci-image" || got.Title != "Argosy" {
		t.Errorf("the listing says %s %q, want oci-image Argosy", got.Type.ID, got.Title)
	}

	b.run("crane", "export", s.host+"/argosy/crane:latest", "exported.tar")
	unpacked := filepath.Join(t.TempDir(), "argosy")
	if err := os.WriteFile(unpacked, fileIn(t, b.read("exported.tar"), "argosy"), 0o755); err != nil {
		t.Fatal(err)
	}
	var config struct {
		Config struct {
			Env, Entrypoint, Cmd []string
			User                 string
		}
	}
	if err := json.Unmarshal([]byte(b.run("crane", "config", s.host+"/argosy/crane:latest")), &config); err != nil {
		t.Fatal(err)
	}
	c := config.Config
	if !slices.Equal(append(c.Entrypoint, c.Cmd...), []string{"/argosy", "serve"}) || c.User == "" || c.User == "0" {
		t.Errorf("the image runs %q %q as %q", c.Entrypoint, c.Cmd, c.User)
	}
	// Alone it listens on every address and may not: it has to be told who may do what.
	cmd := exec.Command(unpacked, c.Cmd...)
	cmd.Dir, cmd.Env = t.TempDir(), append(c.Env, "ARGOSY_DATA="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "--anonymous") {
		t.Errorf("the image's command without a rule for access: %v\n%s", err, out)
	}
}
