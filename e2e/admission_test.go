package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// putPolicy brings a policy into force.
func (s *server) putPolicy(text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.data, "policy.yaml"), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.await("the policy to be in force", func() bool {
		out, _, err := newBench(s.t).try("argosy", "policy", "show", "--data", s.data)
		return err == nil && out == text
	})
}

const clientsPolicy = `admission:
  - repositories: images/**
    allow: image
    lock: deny
    reason: Charts belong into charts. Ask the harbour master.
  - repositories: soft/**
    warn: [helm-chart, unknown]
  - repositories: apart/**
    quarantine: [helm-chart]
`

// Every refusal and warning can be read in what the clients print.
func TestClientsShowTheVerdict(t *testing.T) {
	whole(t)
	s := serve(t)
	b := newBench(t)
	b.write("layer.tar", layerTar(t, "hello", []byte("hello")))
	b.write("thing", []byte("a thing"))
	b.run("crane", "append", "--insecure", "--new_layer", "layer.tar", "--new_tag", s.host+"/source/app:1")
	b.run("helm", "create", "shop")
	b.run("helm", "package", "shop")
	b.run("helm", "push", "--plain-http", "shop-0.1.0.tgz", "oci://"+s.host+"/source")
	b.run("regctl", "registry", "set", "--tls=disabled", s.host)
	s.putPolicy(clientsPolicy)
	app, chart := s.host+"/source/app:1", s.host+"/source/shop:0.1.0"

	b.run("crane", "copy", "--insecure", app, s.host+"/images/app:1")
	b.run("oras", "copy", "--from-plain-http", "--to-plain-http", app, s.host+"/images/app:2")
	b.run("regctl", "image", "copy", app, s.host+"/images/app:3")

	refused := []string{"Helm chart", "not taken here", "policy.yaml:2", "only image is taken", "Charts belong into charts. Ask the harbour master."}
	for name, args := range map[string][]string{
		"helm":   {"helm", "push", "--plain-http", "shop-0.1.0.tgz", "oci://" + s.host + "/images"},
		"crane":  {"crane", "copy", "--insecure", chart, s.host + "/images/shop:1"},
		"oras":   {"oras", "copy", "--from-plain-http", "--to-plain-http", chart, s.host + "/images/shop:1"},
		"regctl": {"regctl", "image", "copy", chart, s.host + "/images/shop:1"},
	} {
		out, errs, err := b.try(args[0], args[1:]...)
		if err == nil {
			t.Errorf("%s: the push was taken", name)
		}
		for _, want := range refused {
			if !strings.Contains(out+errs, want) {
				t.Errorf("%s does not print %q:\n%s%s", name, want, out, errs)
			}
		}
	}
	_, errs, err := b.try("oras", "push", "--plain-http", s.host+"/images/thing:1", "--artifact-type", "application/vnd.acme.thing.v1", "thing")
	for _, want := range []string{"application/vnd.acme.thing.v1", "argosy types new", "argosy types add"} {
		if err == nil || !strings.Contains(errs, want) {
			t.Errorf("of an unknown type oras does not print %q:\n%s", want, errs)
		}
	}

	for name, args := range map[string][]string{
		"crane":  {"crane", "copy", "--insecure", chart, s.host + "/soft/crane:1"},
		"oras":   {"oras", "copy", "--from-plain-http", "--to-plain-http", chart, s.host + "/soft/oras:1"},
		"regctl": {"regctl", "image", "copy", chart, s.host + "/soft/regctl:1"},
	} {
		out, errs, err := b.try(args[0], args[1:]...)
		if err != nil || !strings.Contains(out+errs, "not meant for this repository") || !strings.Contains(out+errs, "policy.yaml:6") {
			t.Errorf("%s: %v, the warning is not printed:\n%s%s", name, err, out, errs)
		}
	}
	b.run("helm", "push", "--plain-http", "shop-0.1.0.tgz", "oci://"+s.host+"/soft")

	s.quarantined(t, b)
	s.replayed(t, b)
}

// quarantined pushes into quarantine, and releases.
func (s *server) quarantined(t *testing.T, b *bench) {
	t.Helper()
	s = s.in(t)
	// helm reads what it has pushed before it sets the tag, and says why it cannot.
	if _, errs, err := b.try("helm", "push", "--plain-http", "shop-0.1.0.tgz", "oci://"+s.host+"/apart"); err == nil || !strings.Contains(errs, "quarantine release") {
		t.Errorf("helm pushed into quarantine: %v\n%s", err, errs)
	}
	if _, errs, err := b.try("crane", "copy", "--insecure", s.host+"/source/shop:0.1.0", s.host+"/apart/shop:0.1.0"); err != nil || !strings.Contains(errs, "quarantine release") {
		t.Errorf("crane pushed into quarantine: %v\n%s", err, errs)
	}
	if _, errs, err := b.try("helm", "pull", "--plain-http", "oci://"+s.host+"/apart/shop", "--version", "0.1.0"); err == nil || !strings.Contains(errs, "quarantine") {
		t.Errorf("pulled from quarantine: %v\n%s", err, errs)
	}
	if a := s.must(http.StatusOK, "GET", "/v2/apart/shop/tags/list", nil); bytes.Contains(a.body, []byte("0.1.0")) {
		t.Errorf("tags of what is in quarantine: %s", a.body)
	}
	if items := s.artifacts(t, "/v2/_argosy/artifacts?n=1000"); strings.Contains(namesOf(items), "apart/") {
		t.Errorf("the listing shows what is in quarantine: %s", namesOf(items))
	}
	s.must(http.StatusNotFound, "HEAD", "/v2/apart/shop/manifests/0.1.0", nil)
	if a := s.must(http.StatusForbidden, "GET", "/v2/apart/shop/manifests/0.1.0", nil); !bytes.Contains(a.body, []byte("is in quarantine")) {
		t.Errorf("a pull says %s", a.body)
	}
	s.must(http.StatusNotFound, "GET", "/v2/apart/shop/_argosy/artifacts/0.1.0", nil)
	if out := b.run("argosy", "quarantine", "ls", "--data", s.data); !strings.Contains(out, "apart/shop@sha256:") || !strings.Contains(out, "0.1.0") || !strings.Contains(out, "helm-chart") {
		t.Errorf("quarantine ls:\n%s", out)
	}
	if out := b.run("argosy", "quarantine", "release", s.host+"/apart/shop:0.1.0", "--data", s.data); !strings.Contains(out, "released: apart/shop@sha256:") {
		t.Errorf("release prints %s", out)
	}
	b.run("helm", "pull", "--plain-http", "oci://"+s.host+"/apart/shop", "--version", "0.1.0")
	if items := s.artifacts(t, "/v2/_argosy/artifacts?n=1000"); !strings.Contains(namesOf(items), "apart/shop:0.1.0") {
		t.Errorf("the listing lacks what was released: %s", namesOf(items))
	}
}

func namesOf(items []item) string {
	var all []string
	for _, i := range items {
		all = append(all, i.Reference)
	}
	return strings.Join(all, " ")
}

// replayed asks what another policy would have done, with the server running and
// stopped.
func (s *server) replayed(t *testing.T, b *bench) {
	t.Helper()
	b.write("other.yaml", []byte("admission: [{deny: helm-chart}]"))
	for _, when := range []string{"running", "stopped"} {
		var replay struct {
			Pushes int
			Counts map[string]int
		}
		out := b.run("argosy", "policy", "replay", "--since", "1d", "--policy", "other.yaml", "--data", s.data, "-o", "json")
		if err := json.Unmarshal([]byte(out), &replay); err != nil || replay.Counts["deny"] < 5 || replay.Counts["allow"]+replay.Counts["deny"] != replay.Pushes {
			t.Errorf("%s: replayed %+v, %v", when, replay, err)
		}
		out, _, err := b.try("argosy", "policy", "check", "images/app", "--type", "helm-chart", "--data", s.data)
		if err == nil || !strings.HasPrefix(out, "deny: ") {
			t.Errorf("%s: check says %s, %v", when, out, err)
		}
		out, _, err = b.try("argosy", "policy", "check", "images/app:1", "--type", "oci-image", "--data", s.data)
		if err != nil || !strings.HasPrefix(out, "allow: ") {
			t.Errorf("%s: check of a tag says %s, %v", when, out, err)
		}
		b.write("lock.yaml", []byte("admission: [{lock: deny}]"))
		out, _, err = b.try("argosy", "policy", "check", "images/app:1", "--type", "helm-chart", "--policy", "lock.yaml", "--data", s.data)
		if err == nil || !strings.Contains(out, "deny: images/app:1 may not change its type") {
			t.Errorf("%s: check of a locked tag says %s, %v", when, out, err)
		}
		if out := b.run("argosy", "policy", "explain", s.host+"/images/app:1", "--data", s.data); !strings.Contains(out, "allow: image names docker-image by its group") {
			t.Errorf("%s: explain says %s", when, out)
		}
		if when == "running" {
			s.stop()
		}
	}
}

// A policy that cannot be read keeps a new registry closed: it was to keep something out.
func TestAPolicyThatCannotBeRead(t *testing.T) {
	whole(t)
	b := newBench(t)
	b.write("data/policy.yaml", []byte("admission: [{alow: image}]\n"))
	_, errs, err := b.try("argosy", "serve", "--data", "data", "--listen", "127.0.0.1:"+freePort(t))
	if err == nil || !strings.Contains(errs, "policy.yaml:1:14") || !strings.Contains(errs, "mend it") {
		t.Errorf("started: %v\n%s", err, errs)
	}
}

// What quarantine ls prints is what release takes, dots and all.
func TestReferencesOfTheOwner(t *testing.T) {
	whole(t)
	s := serve(t)
	s.putPolicy("admission: [{quarantine: unknown}]\n")
	for _, repo := range []string{"my.app/thing", "thing"} {
		if _, err := s.pushArtifact(repo, "v1", "application/vnd.acme.thing.v1", []byte(repo)); err != nil {
			t.Fatal(err)
		}
	}
	if out := newBench(t).run("argosy", "quarantine", "release", "my.app/thing:v1", "--data", s.data); !strings.Contains(out, "released: my.app/thing@sha256:") {
		t.Errorf("release prints %s", out)
	}
	s.must(http.StatusOK, "GET", "/v2/my.app/thing/manifests/v1", nil)
	s.must(http.StatusForbidden, "GET", "/v2/thing/manifests/v1", nil)
	newBench(t).run("argosy", "quarantine", "rm", s.host+"/thing:v1", "--data", s.data)
	if out := newBench(t).run("argosy", "quarantine", "ls", "--data", s.data); !strings.Contains(out, "nothing is in quarantine") {
		t.Errorf("ls prints %s", out)
	}
}
