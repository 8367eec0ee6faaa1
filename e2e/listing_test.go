package e2e

import (
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// item is a line of the listing as the JSON face gives it; the fields are the
// interface that others program against.
type item struct {
	Reference       string   `json:"reference"`
	Digest          string   `json:"digest"`
	MediaType       string   `json:"mediaType"`
	ArtifactType    string   `json:"artifactType"`
	ConfigMediaType string   `json:"configMediaType"`
	Type            kind     `json:"type"`
	Title           string   `json:"title"`
	Version         string   `json:"version"`
	Description     string   `json:"description"`
	Size            int64    `json:"size"`
	Tags            []string `json:"tags"`
	Pushed          string   `json:"pushed"`
	Actions         []action `json:"actions"`
	Attachments     struct {
		Total  int            `json:"total"`
		ByType map[string]int `json:"byType"`
	} `json:"attachments"`
	Platforms []platform `json:"platforms"`
}

type platform struct {
	Name         string `json:"name"`
	OS           string `json:"os"`
	Architecture string `json:"architecture"`
	Digest       string `json:"digest"`
	Icon         string `json:"icon"`
}

type kind struct {
	ID      string `json:"id"`
	Variant string `json:"variant"`
	Name    string `json:"name"`
	Short   string `json:"short"`
	Icon    string `json:"icon"`
	Known   bool   `json:"known"`
}

type action struct {
	ID      string `json:"id"`
	Label   string `json:"label"`
	Command string `json:"command"`
	URL     string `json:"url"`

	Verified bool `json:"verified"`
}

// artifacts reads the whole listing below path, page by page.
func (s *server) artifacts(t *testing.T, path string) []item {
	t.Helper()
	s = s.in(t)
	var all []item
	for path != "" {
		a := s.must(http.StatusOK, "GET", path, nil)
		var page struct {
			Artifacts []item `json:"artifacts"`
		}
		if err := json.Unmarshal(a.body, &page); err != nil {
			t.Fatalf("%s: %v\n%.500s", path, err, a.body)
		}
		all = append(all, page.Artifacts...)
		if len(all) > 100_000 {
			t.Fatal("the listing's pages do not end")
		}
		path = next(t, a.header.Get("Link"))
	}
	return all
}

// next is the path in a Link header with rel="next"; empty without one.
func next(t *testing.T, link string) string {
	t.Helper()
	if link == "" {
		return ""
	}
	target, rest, ok := strings.Cut(strings.TrimPrefix(link, "<"), ">")
	if !ok || !strings.Contains(rest, `rel="next"`) {
		t.Fatalf("Link is %q", link)
	}
	if _, after, absolute := strings.Cut(target, "://"); absolute {
		return "/" + strings.SplitN(after, "/", 2)[1]
	}
	return target
}

// thing is what the listing has to know of something pushed.
type thing struct {
	name   string // repository:tag
	id     string // type
	config string // media type of the config; empty for an index
	action string // the program that the first action calls
}

// seven are the things that the README's walk pushes, and what they are.
var seven = []thing{
	{"shop/web:1.0", "oci-image", "application/vnd.oci.image.config.v1+json", "docker"},
	{"shop/multi:1.0", "oci-image-index", "", "docker"},
	{"charts/shop:0.1.0", "helm-chart", "application/vnd.cncf.helm.config.v1+json", "helm"},
	{"bundles/shop:1.0", "cnab-bundle", "", "porter"},
	{"infra/storage:1.0", "arm-template", "application/vnd.microsoft.arm.template.v1+json", "oras"},
	{"tasks/web:1.0", "aws-ecs-task", "application/vnd.aws.ecs.task.v1+json", "oras"},
	{"docs/handbook:1.0", "oci-doc", "application/vnd.oci.doc.config.v1+json", "oras"},
}

// find is the item whose reference ends in repository:tag.
func find(t *testing.T, items []item, name string) item {
	t.Helper()
	i := slices.IndexFunc(items, func(i item) bool { return strings.HasSuffix(i.Reference, "/"+name) || i.Reference == name })
	if i < 0 {
		t.Fatalf("the listing has no %s; it has %d others", name, len(items))
	}
	return items[i]
}

// The seven kinds, pushed by the README's own commands, are known for what they
// are on three faces, and the faces agree.
func TestSevenKindsOnThreeFaces(t *testing.T) {
	whole(t)
	s := serve(t)
	b, printed := tenMinutes(t, s)
	items := s.artifacts(t, "/v2/_argosy/artifacts")

	for _, want := range seven {
		t.Run(want.name, func(t *testing.T) { s.in(t).checkItem(t, find(t, items, want.name), want) })
	}
	t.Run("content", func(t *testing.T) { s.checkContent(t, b.in(t)) })
	t.Run("platforms", func(t *testing.T) {
		multi := find(t, items, "shop/multi:1.0")
		var got []string
		for _, p := range multi.Platforms {
			got = append(got, p.OS+"/"+p.Architecture)
			icon := s.in(t).must(http.StatusOK, "GET", p.Icon, nil)
			if !strings.HasPrefix(icon.header.Get("Content-Type"), "image/") {
				t.Errorf("the icon %s of a platform is %q", p.Icon, icon.header.Get("Content-Type"))
			}
		}
		if diff := cmp.Diff([]string{"linux/amd64", "linux/arm64"}, got); diff != "" {
			t.Errorf("platforms (-want +got):\n%s", diff)
		}
	})
	t.Run("attachment", func(t *testing.T) {
		web := find(t, items, "shop/web:1.0")
		if web.Attachments.Total != 1 || len(web.Attachments.ByType) != 1 {
			t.Errorf("attachments of shop/web:1.0 are %+v, want its one SBOM", web.Attachments)
		}
		for _, i := range items {
			if i.ArtifactType == "application/spdx+json" {
				t.Errorf("the SBOM has a row of its own, %s, and belongs under its subject", i.Reference)
			}
		}
	})
	t.Run("paging", func(t *testing.T) {
		if diff := cmp.Diff(references(items), references(s.artifacts(t, "/v2/_argosy/artifacts?n=2"))); diff != "" {
			t.Errorf("pages of two (-whole +pages):\n%s", diff)
		}
	})
	t.Run("one repository", func(t *testing.T) {
		got := references(s.artifacts(t, "/v2/shop/multi/_argosy/artifacts"))
		if len(got) != 3 {
			t.Errorf("shop/multi lists %v, want its three tags", got)
		}
	})
	t.Run("ls", func(t *testing.T) { s.in(t).checkLs(t, items, printed[len(printed)-1]) })
	t.Run("page", func(t *testing.T) { s.in(t).checkPage(t, items) })
}

func references(items []item) []string {
	var list []string
	for _, i := range items {
		list = append(list, i.Reference)
	}
	return list
}

// checkItem holds one item against what was pushed.
func (s *server) checkItem(t *testing.T, got item, want thing) {
	if got.Type.ID != want.id || !got.Type.Known || got.Type.Name == "" || got.Type.Short == "" {
		t.Errorf("type is %+v, want the known type %s", got.Type, want.id)
	}
	if got.ConfigMediaType != want.config {
		t.Errorf("configMediaType is %q, want %q", got.ConfigMediaType, want.config)
	}
	if len(got.Actions) == 0 || !strings.Contains(got.Actions[0].Command, want.action) {
		t.Errorf("actions are %+v, want one of %s first", got.Actions, want.action)
	}
	if !slices.ContainsFunc(got.Actions, func(a action) bool { return strings.Contains(a.Command, s.host+"/") }) {
		t.Errorf("no action names %s: %+v", s.host, got.Actions)
	}
	repo, tag, _ := strings.Cut(want.name, ":")
	stored := s.must(http.StatusOK, "GET", "/v2/"+repo+"/manifests/"+tag, nil)
	if mediaType := stored.header.Get("Content-Type"); got.Digest != digestOf(stored.body) || got.MediaType != mediaType {
		t.Errorf("listed as %s %s, stored as %s %s", got.Digest, got.MediaType, digestOf(stored.body), mediaType)
	}
	if typed := stored.header.Get("Argosy-Type"); typed != want.id {
		t.Errorf("the manifest's Argosy-Type is %q, want %q", typed, want.id)
	}
	if !slices.Contains(got.Tags, tag) || got.Pushed == "" || got.Size <= 0 {
		t.Errorf("tags %v, pushed %q, size %d", got.Tags, got.Pushed, got.Size)
	}
	icon := s.must(http.StatusOK, "GET", got.Type.Icon, nil)
	if !strings.HasPrefix(icon.header.Get("Content-Type"), "image/") || len(icon.body) == 0 {
		t.Errorf("its icon %s is a %q of %d bytes", got.Type.Icon, icon.header.Get("Content-Type"), len(icon.body))
	}
}

// checkContent pulls what the README's walk pushed, and compares the bytes.
func (s *server) checkContent(t *testing.T, b *bench) {
	for ref, file := range map[string]string{
		"infra/storage:1.0": "azuredeploy.json", "tasks/web:1.0": "task.json", "docs/handbook:1.0": "handbook.tar",
	} {
		b.run("oras", "pull", "-o", "pulled", s.host+"/"+ref)
		if !bytes.Equal(b.read("pulled/"+file), b.read(file)) {
			t.Errorf("%s of %s comes back as other bytes", file, ref)
		}
	}
	b.run("helm", "pull", "--plain-http", "--version", "0.1.0", "-d", "pulled", "oci://"+s.host+"/charts/shop")
	if !bytes.Equal(b.read("pulled/shop-0.1.0.tgz"), b.read("shop-0.1.0.tgz")) {
		t.Error("the chart comes back as other bytes")
	}
	for _, platform := range []string{"linux/amd64", "linux/arm64"} {
		b.run("crane", "export", "--platform", platform, s.host+"/shop/multi:1.0", "exported.tar")
		if got := fileIn(t, b.read("exported.tar"), "site/index.html"); !bytes.Equal(got, b.read("site/index.html")) {
			t.Errorf("the page in the image for %s is %q", platform, got)
		}
	}
	if got := b.run("crane", "manifest", s.host+"/bundles/shop:1.0"); got != string(b.read("index.json")) {
		t.Errorf("the bundle's index comes back as\n%s", got)
	}
	b.run("oras", "pull", "--config", "pulled-bundle.json", "-o", ".", s.host+"/bundles/shop:config")
	if !bytes.Equal(b.read("pulled-bundle.json"), b.read("bundle.json")) {
		t.Error("bundle.json comes back as other bytes")
	}
}

// checkLs holds the command line's listing against the JSON face.
func (s *server) checkLs(t *testing.T, items []item, readmeOutput string) {
	b := newBench(t)
	text := b.run("argosy", "ls", s.host)
	for _, want := range seven {
		i := find(t, items, want.name)
		lines := strings.Split(text, "\n")
		n := slices.IndexFunc(lines, func(line string) bool { return names(line, i.Reference) })
		if n < 0 {
			t.Errorf("argosy ls has no line for %s:\n%s", want.name, text)
			continue
		}
		if !strings.Contains(lines[n], i.Type.Short) && !strings.Contains(lines[n], i.Type.Name) {
			t.Errorf("the line of %s does not name its type %q: %s", want.name, i.Type.Name, lines[n])
		}
		if !strings.Contains(lines[n], i.Actions[0].Command) {
			t.Errorf("the line of %s does not have its action %q: %s", want.name, i.Actions[0].Command, lines[n])
		}
	}
	if !strings.Contains(readmeOutput, "shop/web:1.0") || !strings.Contains(readmeOutput, `"artifacts"`) {
		t.Errorf("the README's last block printed no listing:\n%.500s", readmeOutput)
	}
	if diff := cmp.Diff(items, s.lsJSON(t, b)); diff != "" {
		t.Errorf("argosy ls -o json differs from the API (-api +ls):\n%s", diff)
	}
}

// names says whether the line has the reference as a word, with or without the host.
func names(line, reference string) bool {
	return slices.ContainsFunc(strings.Fields(line), func(word string) bool {
		return word == reference || strings.HasSuffix(reference, "/"+word) && strings.Contains(word, ":")
	})
}

func (s *server) lsJSON(t *testing.T, b *bench) []item {
	t.Helper()
	out := b.run("argosy", "ls", "-o", "json", s.host)
	var whole struct {
		Artifacts []item `json:"artifacts"`
	}
	if err := json.Unmarshal([]byte(out), &whole); err == nil && whole.Artifacts != nil {
		return whole.Artifacts
	}
	var list []item
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatalf("argosy ls -o json: %v\n%.500s", err, out)
	}
	return list
}

// checkPage holds the web page against the JSON face: reference, type and action.
func (s *server) checkPage(t *testing.T, items []item) {
	a := s.must(http.StatusOK, "GET", "/", nil, "Accept", "text/html")
	page := html.UnescapeString(string(a.body))
	for _, want := range seven {
		i := find(t, items, want.name)
		repo, tag, _ := strings.Cut(want.name, ":")
		if !strings.Contains(page, want.name) && !(strings.Contains(page, repo) && strings.Contains(page, tag)) {
			t.Errorf("the page does not name %s", want.name)
		}
		for what, text := range map[string]string{"type": i.Type.Name, "action": i.Actions[0].Command} {
			if !strings.Contains(page, text) {
				t.Errorf("the page has no %s %q of %s", what, text, want.name)
			}
		}
	}
	if strings.Contains(page, "unknown/unknown") {
		t.Error("the page shows unknown/unknown")
	}
}

// An artifact of a type that the catalog does not know is listed by its raw media type.
func TestUnknownTypeIsShownAsItIs(t *testing.T) {
	s := serve(t)
	const odd = "application/vnd.example.rocket.v7+json"
	if _, err := s.pushArtifact("odd/rocket", "v7", odd, []byte("thrust")); err != nil {
		t.Fatal(err)
	}
	got := find(t, s.artifacts(t, "/v2/_argosy/artifacts"), "odd/rocket:v7")
	if got.Type.Known || got.Type.ID != "unknown" || got.ArtifactType != odd {
		t.Errorf("listed as %+v of artifactType %q, want unknown and %q", got.Type, got.ArtifactType, odd)
	}
	for face, text := range map[string]string{
		"argosy ls": newBench(t).run("argosy", "ls", s.host),
		"the page":  html.UnescapeString(string(s.must(200, "GET", "/", nil).body)),
	} {
		if !strings.Contains(text, odd) {
			t.Errorf("%s does not show the media type %s:\n%.800s", face, odd, text)
		}
	}
}
