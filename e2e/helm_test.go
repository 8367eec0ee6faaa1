package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHelm(t *testing.T) {
	whole(t)
	s := serve(t)
	b := newBench(t)
	b.run("helm", "create", "ship")
	for _, version := range []string{"0.1.0", "0.2.0+build.5"} {
		b.run("helm", "package", "--version", version, "ship")
		b.run("helm", "push", "--plain-http", "ship-"+version+".tgz", "oci://"+s.host+"/charts")
	}

	b.run("helm", "pull", "--plain-http", "--version", "0.1.0", "--destination", ".", "oci://"+s.host+"/charts/ship", "--untar", "--untardir", "untarred")
	if err := os.Mkdir(b.path("pulled"), 0o755); err != nil {
		t.Fatal(err)
	}
	b.run("helm", "pull", "--plain-http", "--version", "0.1.0", "--destination", "pulled", "oci://"+s.host+"/charts/ship")
	if !bytes.Equal(b.read("pulled/ship-0.1.0.tgz"), b.read("ship-0.1.0.tgz")) {
		t.Error("helm pulled another chart than it pushed")
	}
	local, remote := b.run("helm", "template", "x", "ship-0.1.0.tgz"), b.run("helm", "template", "x", "--plain-http", "--version", "0.1.0", "oci://"+s.host+"/charts/ship")
	// helm prints what it pulled before the manifests; the documents are the same.
	if _, documents, _ := strings.Cut(local, "---\n"); !strings.HasSuffix(remote, documents) {
		t.Errorf("helm template from the registry differs from the local chart's:\n%s", remote)
	}
	if got := b.run("helm", "show", "chart", "--plain-http", "--version", ">=0.1.0 <0.2.0", "oci://"+s.host+"/charts/ship"); !strings.Contains(got, "version: 0.1.0") {
		t.Errorf("helm does not resolve a range of versions:\n%s", got)
	}

	items := s.artifacts(t, "/v2/charts/ship/_argosy/artifacts")
	for tag, version := range map[string]string{"0.1.0": "0.1.0", "0.2.0_build.5": "0.2.0+build.5"} {
		got := find(t, items, "charts/ship:"+tag)
		if got.Type.ID != "helm-chart" || got.Title != "ship" || got.Version != version {
			t.Errorf("%s is listed as %s %q %q, want helm-chart ship %s", tag, got.Type.ID, got.Title, got.Version, version)
		}
		if !strings.Contains(got.Actions[0].Command, "--version "+version) {
			t.Errorf("the action of %s is %q", tag, got.Actions[0].Command)
		}
	}

	// The action is run as it is listed; helm asks a cluster, so template stands in for install.
	command := find(t, items, "charts/ship:0.1.0").Actions[0].Command
	words := strings.Fields(command)
	if len(words) < 3 || filepath.Base(words[0]) != "helm" || words[1] != "install" {
		t.Fatalf("the chart's first action is %q, want a helm install", command)
	}
	for i := range words {
		words[i] = strings.Trim(words[i], "'")
	}
	b.run("helm", append([]string{"template"}, words[2:]...)...)
}
