package cli_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/argosy-registry/argosy/internal/imagelayout"
	"github.com/argosy-registry/argosy/internal/lint"
	"github.com/argosy-registry/argosy/internal/oci"
)

const (
	goodIndex  = `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}`
	badIndex   = "{\"schemaVersion\": 2,\n \"mediaType\": \"application/vnd.oci.image.index.v1+json\",\n \"manifests\": [],\n \"annotations\": {\"org.opencontainers.image.created\": \"soon\\u001b[31m\"}}"
	warned     = `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[],"annotations":{"org.opencontainers.image.licenses":"a b"}}`
	chart      = `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881","size":9},"layers":[{"mediaType":"application/vnd.cncf.helm.chart.content.v1.tar+gzip","digest":"sha256:a1fce4363854ff888cff4b8e7875d600c2682390412a8cf79b37d0b11148b0fa","size":9}]}`
	rightChart = `{"apiVersion":"v2","name":"shop","version":"1"}`
)

// lintFiles writes files into a folder and returns it.
func lintFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLintFiles(t *testing.T) {
	dir := lintFiles(t, map[string]string{"good.json": goodIndex, "bad.json": badIndex, "warned.json": warned, "chart.json": chart, "right.json": rightChart, "wrong.json": "{\"apiVersion\": \"v2\",\n  \"version\": 1}", "large.json": strings.Repeat(" ", 5<<20), "entry.yaml": "id: [\n"})
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		args string
		code int
		says string // on either output
	}{
		{"DIR/good.json", 0, "0 errors, 0 warnings, 0 notes in 1 manifest\n"},
		{"DIR/bad.json", 1, "  error    annotation-created  4:54 /annotations/org.opencontainers.image.created  \"soon\\x1b[31m\" is no time of RFC 3339.\n           Write it as 2006-01-02T15:04:05Z.\n           https://"},
		{"DIR/warned.json", 0, "0 errors, 1 warning, 0 notes"},
		{"DIR/warned.json --strict", 1, "0 errors, 1 warning, 0 notes"},
		{"DIR/warned.json DIR/bad.json", 1, "1 error, 1 warning, 0 notes in 2 manifests"},
		{"DIR/chart.json", 0, "chart.json: Helm chart (helm-chart)\n0 errors"},
		{"DIR/chart.json --config DIR/right.json", 0, "0 errors"},
		{"DIR/chart.json --config DIR/wrong.json", 1, "config 2:14 /version  Got number, want string."},
		{"DIR/chart.json --config DIR/large.json", 2, "large.json has more than 1048576 bytes"},
		{"DIR/chart.json --config DIR/nothing.json", 2, "nothing.json"},
		{"DIR/chart.json DIR/good.json --config DIR/right.json", 2, "--config is of one manifest"},
		{"DIR/chart.json --media-type application/vnd.oci.image.index.v1+json", 1, "media-type-mismatch"},
		{"DIR/large.json", 1, "too-large"},
		{"DIR/entry.yaml", 1, "1:1 /"},
		{"DIR/nothing.json", 2, "there is no file DIR/nothing.json"},
		{"DIR/empty", 2, "holds no manifests"},
		{"DIR/good.json -o xml", 2, "want text, json or sarif"},
		{"DIR/good.json --sail", 2, "unknown flag"},
		{"", 2, "requires at least 1 arg"},
		{"DIR/good.json --types DIR/entry.yaml", 2, "entry.yaml:1:"},
		{"DIR/good.json --types DIR/nothing", 2, "nothing"},
		{"DIR/good.json --data DIR", 2, "no data folder"},
		{"localhost:1/a/b:c", 2, "argosy serve"},
		{"localhost:1/A:c", 2, "there is no file localhost:1/A:c"},
	} {
		args := append([]string{"lint"}, strings.Fields(strings.ReplaceAll(x.args, "DIR", dir))...)
		code, out, errs := run(args...)
		if says := strings.ReplaceAll(x.says, "DIR", dir); code != x.code || !strings.Contains(out+errs, says) {
			t.Errorf("argosy lint %s: exit code %d, said %s%s\nwant %d and %s", x.args, code, out, errs, x.code, says)
		}
		for _, r := range out + errs {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Errorf("argosy lint %s says %q", x.args, r)
			}
		}
		if strings.Contains(errs, "problems were found") || x.code == 1 && errs != "" {
			t.Errorf("argosy lint %s also said %q", x.args, errs)
		}
	}
}

func TestLintStandardInput(t *testing.T) {
	file := filepath.Join(lintFiles(t, map[string]string{"bad.json": badIndex}), "bad.json")
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	before := os.Stdin
	os.Stdin = f
	defer func() { os.Stdin = before }()
	if code, out, errs := run("lint", "-"); code != 1 || !strings.Contains(out, "standard input: ") || !strings.Contains(out, "annotation-created") {
		t.Errorf("exit code %d, said %s%s", code, out, errs)
	}
}

// A folder's manifests are all linted, each with its config.
func TestLintFolder(t *testing.T) {
	dir := lintFiles(t, map[string]string{"a.json": chart, "a.config.json": `{"name":"a"}`, "b.json": goodIndex, "notes.txt": "no"})
	code, out, errs := run("lint", dir)
	if code != 1 || !strings.Contains(out, "in 2 manifests") || !strings.Contains(out, "Missing properties 'apiVersion', 'version'") {
		t.Errorf("exit code %d, said %s%s", code, out, errs)
	}
	odd := filepath.Join(dir, "[a")
	if err := os.Mkdir(odd, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(odd, "x.json"), []byte(goodIndex), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := run("lint", odd); code != 0 {
		t.Errorf("a folder of an odd name: exit code %d, said %s%s", code, out, errs)
	}
}

// imageLayout writes an image for two platforms.
func imageLayout(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "image")
	image := func(arch string) imagelayout.Image {
		return imagelayout.Image{Platform: oci.Platform{OS: "linux", Architecture: arch}, Files: []imagelayout.File{{Name: arch, Mode: 0o644, Content: []byte(arch)}}}
	}
	if _, err := imagelayout.Write(dir, "v1", image("amd64"), image("arm64")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// blobs of a layout that are not JSON, and those that are.
func blobs(t *testing.T, dir string) (layers, documents []string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "blobs", "sha256", "*"))
	if err != nil || len(names) < 6 {
		t.Fatalf("%d blobs, %v", len(names), err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if json.Valid(text) {
			documents = append(documents, name)
		} else {
			layers = append(layers, name)
		}
	}
	return layers, documents
}

func TestLintLayout(t *testing.T) {
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, x := range map[string]struct {
		damage func(dir string)
		code   int
		says   string
	}{
		"as written": {func(string) {}, 0, "0 errors, 0 warnings, 0 notes in 4 manifests"},
		"a layer changed": {func(dir string) {
			layers, _ := blobs(t, dir)
			text, _ := os.ReadFile(layers[0])
			text[len(text)-1] ^= 1
			write(layers[0], string(text))
		}, 1, "blob-digest"},
		"a layer cut": {func(dir string) {
			layers, _ := blobs(t, dir)
			write(layers[0], "x")
		}, 1, "The content has 1 byte, and the descriptor says"},
		"a layer gone": {func(dir string) {
			layers, _ := blobs(t, dir)
			if err := os.Remove(layers[0]); err != nil {
				t.Fatal(err)
			}
		}, 1, "blob-missing"},
		"a layer that leads out": {func(dir string) {
			layers, _ := blobs(t, dir)
			if err := os.Remove(layers[0]); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("/etc/passwd", layers[0]); err != nil {
				t.Fatal(err)
			}
		}, 2, "escapes"},
		"a folder for a layer": {func(dir string) {
			layers, _ := blobs(t, dir)
			if err := os.Remove(layers[0]); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(layers[0], 0o700); err != nil {
				t.Fatal(err)
			}
		}, 2, "is no regular file"},
		"no oci-layout":   {func(dir string) { os.Remove(filepath.Join(dir, "oci-layout")) }, 1, "There is no file oci-layout."},
		"another version": {func(dir string) { write(filepath.Join(dir, "oci-layout"), `{"imageLayoutVersion":"9"}`) }, 1, `says the version "9"`},
		"no index":        {func(dir string) { os.Remove(filepath.Join(dir, "index.json")) }, 1, "There is no file index.json."},
		"a broken index":  {func(dir string) { write(filepath.Join(dir, "index.json"), `{"manifests":[`) }, 1, "json"},
		"a digest as path": {func(dir string) {
			write(filepath.Join(dir, "index.json"), `{"schemaVersion":2,"manifests":[{"mediaType":"`+oci.MediaTypeImageIndex+`","digest":"sha256:../../../etc/passwd","size":1}]}`)
		}, 1, "is not a digest"},
		"an index without types": {func(dir string) {
			write(filepath.Join(dir, "index.json"), `{"schemaVersion":2,"mediaType":"`+oci.MediaTypeImageIndex+`","manifests":[]}`)
		}, 0, "in 1 manifest\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := imageLayout(t)
			x.damage(dir)
			if code, out, errs := run("lint", dir); code != x.code || !strings.Contains(out+errs, x.says) {
				t.Errorf("exit code %d, said %s%s\nwant %d and %s", code, out, errs, x.code, x.says)
			}
		})
	}
}

// fakeRegistry serves manifests and blobs by reference; a blob's size may lie.
type fakeRegistry struct {
	manifests map[string]string
	blobs     map[string]string
	sizes     map[string]int
}

func (f *fakeRegistry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.URL.Path, "/")
	kind, ref := parts[len(parts)-2], parts[len(parts)-1]
	content, ok := f.blobs[ref]
	if kind == "manifests" {
		content, ok = f.manifests[ref]
		var m struct{ MediaType string }
		_ = json.Unmarshal([]byte(content), &m) // the media type is what it says
		w.Header().Set("Content-Type", m.MediaType)
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	size := len(content)
	if n, lies := f.sizes[ref]; lies {
		size = n
	}
	w.Header().Set("Content-Length", strconv.Itoa(size))
	if r.Method != http.MethodHead {
		_, _ = w.Write([]byte(content)) // the client sees what is missing
	}
}

func digestOf(s string) string { return string(oci.SHA256.Sum([]byte(s))) }

func TestLintReference(t *testing.T) {
	config := rightChart
	ref := func(mediaType, content string) string {
		return fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d}`, mediaType, digestOf(content), len(content))
	}
	manifest := fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":%s,"layers":[%s]}`, oci.MediaTypeImageManifest,
		ref("application/vnd.cncf.helm.config.v1+json", config), ref("application/vnd.cncf.helm.chart.content.v1.tar+gzip", "content"))
	index := func(entries ...string) string {
		return fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"artifactType":"application/vnd.cncf.helm.config.v1+json","manifests":[%s]}`, oci.MediaTypeImageIndex, strings.Join(entries, ","))
	}
	entry := ref(oci.MediaTypeImageManifest, manifest)
	f := &fakeRegistry{
		manifests: map[string]string{
			"v1": manifest, digestOf(manifest): manifest,
			"all": index(entry), "twice": index(entry, entry), "sparse": index(ref(oci.MediaTypeImageManifest, "gone")),
			digestOf("another"): manifest, "wrong": strings.Replace(manifest, `"size":7`, `"size":8`, 1),
		},
		blobs: map[string]string{digestOf(config): config, digestOf("content"): "content"},
		sizes: map[string]int{},
	}
	host := registry(t, f.ServeHTTP)
	for _, x := range []struct {
		ref, repo string
		code      int
		says      string
	}{
		{":v1", "", 0, "/a/b:v1: Helm chart (helm-chart)\n0 errors"},
		{"@" + digestOf(manifest), "", 0, "in 1 manifest\n"},
		{":all", "", 0, "in 2 manifests"},
		{":twice", "", 0, "in 2 manifests"},
		{":sparse", "", 0, "1 warning"},
		{":sparse --strict", "", 1, "blob-missing"},
		{":wrong", "", 1, "The content has 7 bytes, and the descriptor says 8."},
		{"@" + digestOf("another"), "", 1, "was asked for"},
		{":gone", "", 2, "404"},
	} {
		args := append([]string{"lint"}, strings.Fields(host+"/a/b"+x.ref)...)
		if code, out, errs := run(args...); code != x.code || !strings.Contains(out+errs, x.says) {
			t.Errorf("%s: exit code %d, said %s%s\nwant %d and %s", x.ref, code, out, errs, x.code, x.says)
		}
	}
	delete(f.blobs, digestOf("content"))
	if code, out, errs := run("lint", host+"/a/b:v1"); code != 1 || !strings.Contains(out, "/layers/0") || !strings.Contains(out, "is not there") {
		t.Errorf("a layer that is gone: exit code %d, said %s%s", code, out, errs)
	}
	f.blobs[digestOf("content")], f.blobs[digestOf(config)] = "content", "{}"
	f.sizes[digestOf(config)] = 2
	if code, out, errs := run("lint", host+"/a/b:all"); code != 1 || !strings.Contains(out, "blob-size") || !strings.Contains(out, "config-schema") {
		t.Errorf("another config: exit code %d, said %s%s", code, out, errs)
	}
}

// A registry of ours, with an entry of its owner.
func TestLintWithOwnTypes(t *testing.T) {
	l := newLive(t)
	l.push(t, "space/saturn")
	code, out, errs := run("lint", l.host+"/space/saturn:v1")
	if code != 0 || !strings.Contains(out, "type-unknown") || !strings.Contains(out, "layers-missing") {
		t.Errorf("before it is known: exit code %d, said %s%s", code, out, errs)
	}
	dir := t.TempDir()
	ask(t, "types", "new", "acme-rocket", "--from", l.host+"/space/saturn:v1", "--dir", dir)
	file := filepath.Join(dir, "acme-rocket.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, "lint:\n  - id: unfuelled\n    severity: error\n    match: [{layers: {count: 0}}]\n    message: It has no fuel.\n    mend: Fuel it.\n"...)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, flags := range [][]string{{"--types", file}, {"--types", dir}, {"--data", l.data}} {
		if flags[0] == "--data" {
			ask(t, "types", "add", file, "--data", l.data)
		}
		code, out, errs := run(append([]string{"lint", l.host + "/space/saturn:v1"}, flags...)...)
		if code != 1 || !strings.Contains(out, "acme-rocket/unfuelled") || strings.Contains(out, "type-unknown") {
			t.Errorf("%v: exit code %d, said %s%s", flags, code, out, errs)
		}
	}
}

func TestLintJSON(t *testing.T) {
	dir := lintFiles(t, map[string]string{"bad.json": badIndex, "good.json": goodIndex})
	_, out, _ := run("lint", "-o", "json", dir)
	var got struct {
		Manifests []struct {
			Name, Type string
			Findings   []lint.Finding
		}
		Errors, Warnings, Notes int
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Manifests) != 2 || got.Errors != 1 || got.Manifests[1].Findings == nil || len(got.Manifests[0].Findings) != 1 {
		t.Fatalf("said %s", out)
	}
	if f := got.Manifests[0].Findings[0]; f.Rule != "annotation-created" || f.Line != 4 || f.Column != 54 || f.In != lint.InManifest {
		t.Errorf("finding %+v", f)
	}
}

// SARIF has what its schema requires: every result names a rule of the driver by index,
// and a place that is there.
func TestLintSARIF(t *testing.T) {
	dir := lintFiles(t, map[string]string{"bad file.json": badIndex, "chart.json": chart, "chart.config.json": "{\n}", "old.json": strings.Replace(chart, "helm.config.v1", "helm.config.v3", 1)})
	code, out, errs := run("lint", "-o", "sarif", dir)
	if code != 1 {
		t.Fatalf("exit code %d, said %s%s", code, out, errs)
	}
	var log struct {
		Schema  string `json:"$schema"`
		Version string
		Runs    []struct {
			ColumnKind string
			Tool       struct {
				Driver struct {
					Name, InformationURI string
					Rules                []struct {
						ID                     string
						ShortDescription, Help struct{ Text string }
						HelpURI                string
						DefaultConfiguration   struct{ Level string }
					}
				}
			}
			Results []struct {
				RuleID    string
				RuleIndex int
				Level     string
				Message   struct{ Text string }
				Locations []struct {
					PhysicalLocation *struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine, StartColumn int }
					}
					LogicalLocations []struct{ FullyQualifiedName string }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || !strings.Contains(log.Schema, "sarif-schema-2.1.0") || len(log.Runs) != 1 {
		t.Fatalf("said %.300s", out)
	}
	run := log.Runs[0]
	if run.Tool.Driver.Name == "" || len(run.Tool.Driver.Rules) < len(lint.Rules) || run.ColumnKind != "unicodeCodePoints" || len(run.Results) < 5 {
		t.Fatalf("said %s", out)
	}
	ids := map[string]bool{}
	for _, r := range run.Tool.Driver.Rules {
		if r.ID == "" || ids[r.ID] || r.ShortDescription.Text == "" || r.Help.Text == "" || !strings.HasPrefix(r.HelpURI, "https://") || r.DefaultConfiguration.Level == "" {
			t.Errorf("rule %+v", r)
		}
		ids[r.ID] = true
	}
	places := map[string]bool{}
	for _, r := range run.Results {
		if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID || r.Message.Text == "" || len(r.Locations) != 1 {
			t.Errorf("result %+v", r)
			continue
		}
		at := r.Locations[0]
		if at.PhysicalLocation == nil || at.PhysicalLocation.Region.StartLine < 1 || at.PhysicalLocation.Region.StartColumn < 1 || len(at.LogicalLocations) != 1 {
			t.Errorf("location %+v", at)
			continue
		}
		uri := at.PhysicalLocation.ArtifactLocation.URI
		places[fmt.Sprintf("%s %s %d", r.RuleID, uri[strings.LastIndexByte(uri, '/')+1:], at.PhysicalLocation.Region.StartLine)] = true
	}
	for _, want := range []string{"annotation-created bad%20file.json 4", "config-schema chart.config.json 1", "helm-chart/proposed-config old.json 1"} {
		if !places[want] {
			t.Errorf("no result %q among %v", want, places)
		}
	}
}
