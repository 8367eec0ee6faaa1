package artifact_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/argosy-registry/argosy/artifact"
)

const deploy = `id: acme-deploy
extends: rocket
actions:
  - id: deploy
    label: Deploy at Acme
    link: https://deploy.acme.example/new?ref={registry}/{repository}&version={tag}
    when: tagged
  - id: pull
    label: Acme's download
    command: acme get {ref}
`

func TestAnEntryExtendsAType(t *testing.T) {
	files := fstest.MapFS{
		"rocket.yaml":      {Data: []byte("id: rocket\ntitle: Rocket\nshort: rocket\nmatch: [{artifactType: application/vnd.acme.rocket.v1}]\nactions: [{id: launch, label: Launch, command: 'rocket launch {ref}'}, {id: pull, label: Download, command: 'oras pull {ref}'}]\n")},
		"rocket.svg":       {Data: []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24"/></svg>`)},
		"acme-deploy.yaml": {Data: []byte(deploy)},
	}
	load := func() (*artifact.Catalog, error) {
		return artifact.Load(artifact.BuiltinSource(), artifact.Source{FS: files, Origin: artifact.OriginLocal})
	}
	c, err := load()
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Type("acme-deploy"); ok {
		t.Error("what extends a type is a type")
	}
	said := func(to artifact.Target) string {
		var all []string
		for _, a := range c.Actions(artifact.Identification{Type: "rocket"}, to) {
			all = append(all, a.ID+": "+a.Command+a.URL)
		}
		return strings.Join(all, "\n")
	}
	want := "deploy: https://deploy.acme.example/new?ref=r.example/a/b&version=v1\npull: acme get r.example/a/b:v1\nlaunch: rocket launch r.example/a/b:v1"
	if got := said(artifact.Target{Registry: "r.example", Repository: "a/b", Tag: "v1"}); got != want && got != strings.Replace(want, "/b&", "%2Fb&", 1) {
		t.Errorf("by tag:\n%s\nwant\n%s", got, want)
	}
	if got := said(artifact.Target{Registry: "r.example", Repository: "a/b", Digest: "sha256:" + strings.Repeat("0", 64)}); strings.Contains(got, "deploy:") {
		t.Errorf("by digest:\n%s", got)
	}
	for what, change := range map[string][2]string{
		"there is no type":      {"extends: rocket", "extends: balloon"},
		"called rocket.yaml":    {"id: acme-deploy", "id: rocket"},
		"only a description":    {"extends: rocket", "extends: rocket\ntitle: Deploy"},
		"https and a fixed":     {"https://deploy.acme.example", "https://{registry}"},
		"the file is called":    {"id: acme-deploy", "id: acme-other"},
		"name of a program":     {"acme get", "$(id) get"},
		"has actions":           {deploy[strings.Index(deploy, "actions:"):], ""},
		"beside them only a de": {"extends: rocket", "extends: rocket\nmatch: [{artifactType: application/vnd.acme.other.v1}]"},
	} {
		files["acme-deploy.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(deploy, change[0], change[1], 1))}
		if _, err := load(); err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), "acme-deploy.yaml:") {
			t.Errorf("%q: error %v", what, err)
		}
	}
}
