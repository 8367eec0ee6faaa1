package e2e

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestOras(t *testing.T) {
	whole(t)
	s := serve(t)
	b := newBench(t)
	small, large := []byte(`{"hello":"world"}`), noise(11, 5<<20)
	b.write("small.json", small)
	b.write("large.bin", large)
	ref := s.host + "/oras/files:1"
	b.run("oras", "push", "--artifact-type", "application/vnd.example.files", ref,
		"small.json:application/json", "large.bin:application/octet-stream")

	b.run("oras", "pull", "-o", "pulled", ref)
	if !bytes.Equal(b.read("pulled/small.json"), small) || !bytes.Equal(b.read("pulled/large.bin"), large) {
		t.Error("oras pulled other bytes than it pushed")
	}
	if got := b.run("oras", "blob", "fetch", "--output", "-", s.host+"/oras/files@"+digestOf(large)); got != string(large) {
		t.Error("oras blob fetch brought other bytes")
	}

	t.Run("attach and discover", func(t *testing.T) { s.in(t).orasAttach(t, b.in(t), ref) })
	t.Run("copy", func(t *testing.T) {
		s, b := s.in(t), b.in(t)
		b.run("oras", "copy", "-r", ref, s.host+"/oras/copied:1")
		from, to := b.run("oras", "manifest", "fetch", ref), b.run("oras", "manifest", "fetch", s.host+"/oras/copied:1")
		if from != to {
			t.Errorf("the copied manifest differs:\n%s\n%s", from, to)
		}
		if got := s.referrers(t, "oras/copied", digestOf([]byte(to))); len(got) != 1 {
			t.Errorf("oras copy -r brought %d referrers along, want 1", len(got))
		}
	})
	t.Run("tag and list", func(t *testing.T) {
		s, b := s.in(t), b.in(t)
		b.run("oras", "tag", ref, "2", "latest")
		got := strings.Fields(b.run("oras", "repo", "tags", s.host+"/oras/files"))
		if want := []string{"1", "2", "latest"}; !slices.Equal(got, want) {
			t.Errorf("oras repo tags lists %v, want %v", got, want)
		}
		repos := strings.Fields(b.run("oras", "repo", "ls", s.host))
		if want := []string{"oras/copied", "oras/files"}; !slices.Equal(repos, want) {
			t.Errorf("oras repo ls lists %v, want %v", repos, want)
		}
	})
	t.Run("delete", func(t *testing.T) {
		s, b := s.in(t), b.in(t)
		b.run("oras", "manifest", "delete", "--force", s.host+"/oras/copied:1")
		if _, _, err := b.try("oras", "manifest", "fetch", s.host+"/oras/copied:1"); err == nil {
			t.Error("oras still fetches what it deleted")
		}
	})
}

// orasAttach attaches an SBOM and finds it by oras discover and in the listing.
func (s *server) orasAttach(t *testing.T, b *bench, ref string) {
	sbom := []byte(`{"bomFormat":"CycloneDX","specVersion":"1.5"}`)
	b.write("bom.json", sbom)
	b.run("oras", "attach", "--artifact-type", "application/vnd.cyclonedx+json", ref, "bom.json:application/vnd.cyclonedx+json")
	tree := b.run("oras", "discover", "--format", "json", ref)
	if !strings.Contains(tree, "application/vnd.cyclonedx+json") {
		t.Errorf("oras discover does not find the SBOM:\n%s", tree)
	}
	subject := digestOf([]byte(b.run("oras", "manifest", "fetch", ref)))
	found := s.referrers(t, "oras/files", subject)
	if len(found) != 1 || found[0].ArtifactType != "application/vnd.cyclonedx+json" {
		t.Fatalf("referrers are %+v", found)
	}
	b.run("oras", "pull", "-o", "sbom", s.host+"/oras/files@"+found[0].Digest)
	if !bytes.Equal(b.read("sbom/bom.json"), sbom) {
		t.Error("the SBOM read back differs")
	}
	item := find(t, s.artifacts(t, "/v2/_argosy/artifacts"), "oras/files:1")
	if item.Attachments.Total != 1 {
		t.Errorf("the listing shows attachments %+v, want one", item.Attachments)
	}
}

// referrers asks for what refers to a digest.
func (s *server) referrers(t *testing.T, repo, digest string) []descriptor {
	t.Helper()
	a := s.in(t).must(200, "GET", "/v2/"+repo+"/referrers/"+digest, nil)
	var list struct {
		Manifests []descriptor `json:"manifests"`
	}
	if err := json.Unmarshal(a.body, &list); err != nil {
		t.Fatalf("%v:\n%s", err, a.body)
	}
	return list.Manifests
}

// oras over TLS with a login, as it is used beyond one machine.
func TestOrasLogin(t *testing.T) {
	whole(t)
	ca := newAuthority(t)
	s := serveTLS(t, ca, "--htpasswd", htpasswd(t, "captain", "blue water"))
	b := newBench(t, "SSL_CERT_FILE="+ca.file)
	if _, _, err := b.try("oras", "login", "--username", "captain", "--password", "wrong", s.host, "--plain-http=false", "--ca-file", ca.file); err == nil {
		t.Error("oras login takes a wrong password")
	}
	b.run("oras", "login", "--username", "captain", "--password", "blue water", s.host, "--plain-http=false", "--ca-file", ca.file)
	content := noise(12, 100_000)
	b.write("cargo.bin", content)
	ref := s.host + "/secret/cargo:1"
	b.run("oras", "push", "--plain-http=false", "--ca-file", ca.file, "--artifact-type", "application/vnd.example.cargo", ref, "cargo.bin")
	b.run("oras", "pull", "--plain-http=false", "--ca-file", ca.file, "-o", "pulled", ref)
	if !bytes.Equal(b.read("pulled/cargo.bin"), content) {
		t.Error("oras pulled other bytes than it pushed")
	}
	stranger := newBench(t, "SSL_CERT_FILE="+ca.file)
	if _, _, err := stranger.try("oras", "pull", "--plain-http=false", "--ca-file", ca.file, ref); err == nil {
		t.Error("oras pulls without a login")
	}
}
