package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/artifact"
)

// specimen is an artifact in a registry, with all the bytes that it is of.
type specimen struct {
	repo     string
	tags     []string
	typ      string // what it is, by the catalog
	variant  string
	manifest []byte
	parts    map[string][]byte // blobs, and an index's manifests, by digest
	files    map[string]string // digests by file name
}

func (sp *specimen) digest() string { return digestOf(sp.manifest) }

// elsewhere is an address of this machine that no client takes for its own: they
// need no flag to reach localhost plainly, and some never reach it over TLS.
const elsewhere = "127.0.0.2"

// from reads what is under a tag; a client has pushed it.
func (s *server) from(repo, tag, typ string) *specimen {
	s.t.Helper()
	sp := &specimen{repo: repo, tags: []string{tag}, typ: typ, parts: map[string][]byte{}, files: map[string]string{}}
	sp.manifest = s.must(http.StatusOK, "GET", "/v2/"+repo+"/manifests/"+tag, nil, "Accept", "*/*").body
	s.readParts(sp, sp.manifest)
	return sp
}

// readParts reads all that a manifest names.
func (s *server) readParts(sp *specimen, manifest []byte) {
	s.t.Helper()
	var m struct {
		Config    *descriptor
		Layers    []descriptor
		Manifests []descriptor
	}
	if err := json.Unmarshal(manifest, &m); err != nil {
		s.t.Fatal(err)
	}
	if m.Config != nil {
		m.Layers = append(m.Layers, *m.Config)
	}
	for _, d := range m.Layers {
		sp.parts[d.Digest] = s.must(http.StatusOK, "GET", "/v2/"+sp.repo+"/blobs/"+d.Digest, nil).body
		if title := d.Annotations["org.opencontainers.image.title"]; title != "" {
			sp.files[title] = d.Digest
		}
	}
	for _, d := range m.Manifests {
		child := s.must(http.StatusOK, "GET", "/v2/"+sp.repo+"/manifests/"+d.Digest, nil, "Accept", "*/*").body
		sp.parts[d.Digest] = child
		s.readParts(sp, child)
	}
}

// exhibit makes an artifact of an entry's example, whose digests and sizes stand
// for some: what they name is pushed too, each with content of its own.
func (s *server) exhibit(typ string, n int, x artifact.Example) *specimen {
	s.t.Helper()
	sp := &specimen{
		repo: fmt.Sprintf("examples/%s-%d", typ, n), tags: []string{"1.0.0"}, typ: typ, variant: x.Variant,
		parts: map[string][]byte{}, files: map[string]string{},
	}
	var m map[string]any
	if err := json.Unmarshal(x.Manifest, &m); err != nil {
		s.t.Fatal(err)
	}
	if config, ok := m["config"].(map[string]any); ok {
		content := x.Config
		if content == nil || config["mediaType"] == typeEmpty {
			content = []byte("{}")
		}
		s.part(sp, config, content)
	}
	for _, key := range []string{"layers", "blobs", "manifests"} {
		list, _ := m[key].([]any)
		for i, d := range list {
			d := d.(map[string]any)
			if key == "manifests" {
				s.partManifest(sp, d, i)
			} else {
				s.part(sp, d, content(typ, d, i))
			}
		}
	}
	if subject, ok := m["subject"].(map[string]any); ok {
		s.partManifest(sp, subject, -1)
		delete(sp.parts, subject["digest"].(string)) // what it is about is no part of it
	}
	sp.manifest = marshal(m)
	s.put(sp.repo, sp.tags[0], x.MediaType, sp.manifest)
	return sp
}

// content is what a layer of an example holds: what its client can use, when a
// client looks at it, else some text.
func content(typ string, d map[string]any, n int) []byte {
	if typ == "helm-chart" {
		return chart
	}
	return fmt.Appendf(nil, "content %d of %s, %v\n", n, typ, d["mediaType"])
}

// part pushes content as a blob and has the descriptor name it.
func (s *server) part(sp *specimen, d map[string]any, content []byte) {
	s.t.Helper()
	if d["mediaType"] == typeEmpty {
		content = []byte("{}")
	}
	if status, err := s.pushBlob(sp.repo, content); err != nil || status != http.StatusCreated {
		s.t.Fatalf("a blob of %s is answered %d, %v", sp.repo, status, err)
	}
	sp.name(d, content)
}

// name has a descriptor name content.
func (sp *specimen) name(d map[string]any, content []byte) {
	d["digest"], d["size"] = digestOf(content), len(content)
	sp.parts[digestOf(content)] = content
	annotations, _ := d["annotations"].(map[string]any)
	if title, ok := annotations["org.opencontainers.image.title"].(string); ok {
		sp.files[title] = digestOf(content)
	}
}

// partManifest pushes a manifest such as the descriptor tells of.
func (s *server) partManifest(sp *specimen, d map[string]any, n int) {
	s.t.Helper()
	mediaType, _ := d["mediaType"].(string)
	m := map[string]any{"schemaVersion": 2, "mediaType": mediaType}
	if strings.Contains(mediaType, "index") || strings.Contains(mediaType, "list") {
		m["manifests"] = []any{}
	} else {
		config := map[string]any{"mediaType": "application/vnd.oci.image.config.v1+json"}
		layer := map[string]any{"mediaType": "application/vnd.oci.image.layer.v1.tar"}
		if strings.Contains(mediaType, "docker") {
			config["mediaType"], layer["mediaType"] = "application/vnd.docker.container.image.v1+json", "application/vnd.docker.image.rootfs.diff.tar"
		}
		s.part(sp, config, marshal(map[string]any{"architecture": "amd64", "os": "linux", "n": n}))
		s.part(sp, layer, fmt.Appendf(nil, "layer of entry %d\n", n))
		m["config"], m["layers"] = config, []any{layer}
	}
	if a := d["artifactType"]; a != nil {
		m["artifactType"] = a
	}
	text := marshal(m)
	s.put(sp.repo, digestOf(text), mediaType, text)
	sp.name(d, text)
}

func (s *server) put(repo, ref, mediaType string, manifest []byte) {
	s.t.Helper()
	if status, err := s.pushManifest(repo, ref, mediaType, manifest); err != nil || status != http.StatusCreated {
		s.t.Fatalf("manifest %s of %s is answered %d, %v:\n%s", ref, repo, status, err, manifest)
	}
}

func marshal(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings, numbers, maps and lists only
	}
	return text
}

// chartFiles are a chart that asks nothing of a cluster but to keep one object.
var chartFiles = [][2]string{
	{"ship/Chart.yaml", "apiVersion: v2\nname: ship\nversion: 1.2.3\n"},
	{"ship/values.yaml", "cargo: oranges and lemons\n"},
	{"ship/templates/hold.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: hold\ndata:\n  cargo: {{ .Values.cargo }}\n"},
}

// chart is the archive of chartFiles.
var chart = tgz(chartFiles)

// pluginFiles are a plugin.
var pluginFiles = [][2]string{{"hail/plugin.yaml", `apiVersion: v1
type: cli/v1
name: hail
version: 0.1.0
runtime: subprocess
config:
  usage: hail
  shortHelp: calls another ship
  longHelp: calls another ship
runtimeConfig:
  platformCommand:
    - command: /bin/echo
      args: [ahoy]
`}}

// same fails unless two contents are the same.
func same(t *testing.T, what string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s has %d bytes %.80q, want %d bytes %.80q", what, len(got), got, len(want), want)
	}
}

// sortedKeys of a map.
func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
