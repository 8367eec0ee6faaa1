package artifact_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/types"
)

const goodIcon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="9"/></svg>`

// load loads the built-in catalog and a folder of the owner's own entries.
func load(files map[string]string) (*artifact.Catalog, error) {
	local := fstest.MapFS{}
	for name, text := range files {
		local[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return artifact.Load(artifact.Source{FS: types.FS}, artifact.Source{FS: local, Origin: artifact.OriginLocal})
}

const rocket = `id: rocket
title: Rocket
short: rocket
match:
  - artifactType: application/vnd.acme.rocket.v1
`

func TestLocalEntry(t *testing.T) {
	c, err := load(map[string]string{"rocket.yaml": rocket, "rocket.svg": goodIcon})
	if err != nil {
		t.Fatal(err)
	}
	id := c.Identify(artifact.Input{MediaType: imageManifest, Manifest: manifest("application/vnd.acme.rocket.v1", empty, nil, empty)})
	if id.Type != "rocket" || id.Name != "Rocket" || !id.Known {
		t.Errorf("identified as %+v", id)
	}
	if c.Fingerprint() == builtin(t).Fingerprint() {
		t.Error("another catalog has the same fingerprint")
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, x := range map[string]struct {
		yaml, svg string
		want      []string
	}{
		"unknown key":        {rocket + "colour: red\n", goodIcon, []string{"rocket.yaml:6:1", "colour"}},
		"broken YAML":        {"id: [rocket\n", goodIcon, []string{"rocket.yaml:"}},
		"no icon":            {rocket, "", []string{"rocket.svg"}},
		"another file name":  {strings.Replace(rocket, "id: rocket", "id: racket", 1), goodIcon, []string{"rocket.yaml:1:", "racket.yaml"}},
		"bad id":             {strings.Replace(rocket, "id: rocket", "id: Ro_cket", 1), goodIcon, []string{"Ro_cket"}},
		"reserved id":        {strings.Replace(rocket, "id: rocket", "id: unknown", 1), goodIcon, []string{"reserved"}},
		"no title":           {strings.Replace(rocket, "title: Rocket\n", "", 1), goodIcon, []string{"title"}},
		"no rule":            {"id: rocket\ntitle: Rocket\nshort: rocket\n", goodIcon, []string{"match"}},
		"generic rule":       {strings.Replace(rocket, "application/vnd.acme.rocket.v1", imageConfig, 1), goodIcon, []string{"rocket.yaml:5:", "nothing of its own"}},
		"fallback":           {rocket + "fallback: true\n", goodIcon, []string{"fallback"}},
		"unknown variant":    {rocket + "    variant: big\n", goodIcon, []string{"big"}},
		"bad pointer":        {rocket + "    configJSON: {name: x}\n", goodIcon, []string{"pointer"}},
		"bad fact":           {rocket + "facts: {title: ['label:x']}\n", goodIcon, []string{"label:x"}},
		"bad place":          {rocket + "place: roof\n", goodIcon, []string{"roof"}},
		"bad variable":       {rocket + "actions: [{id: fly, label: Fly, command: 'fly {moon}'}]\n", goodIcon, []string{"moon"}},
		"shell in a command": {rocket + "actions: [{id: fly, label: Fly, command: 'fly $(id)'}]\n", goodIcon, []string{"$(id)"}},
		"redirect":           {rocket + "actions: [{id: fly, label: Fly, command: 'fly >x'}]\n", goodIcon, []string{">x"}},
		"role without layer": {rocket + "actions: [{id: fly, label: Fly, command: 'fly {file:fuel}'}]\n", goodIcon, []string{"fuel"}},
		"link to any host":   {rocket + "actions: [{id: fly, label: Fly, link: 'https://{registry}/'}]\n", goodIcon, []string{"fixed host"}},
		"script in the icon": {rocket, `<svg xmlns="http://www.w3.org/2000/svg"><script>x</script></svg>`, []string{"rocket.svg", "script"}},
		"handler":            {rocket, `<svg xmlns="http://www.w3.org/2000/svg" onload="x"/>`, []string{"onload"}},
		"foreign object":     {rocket, `<svg xmlns="http://www.w3.org/2000/svg"><foreignObject/></svg>`, []string{"foreignObject"}},
		"outside link":       {rocket, `<svg xmlns="http://www.w3.org/2000/svg"><use href="https://x/y#z"/></svg>`, []string{"https://x/y"}},
		"style element":      {rocket, `<svg xmlns="http://www.w3.org/2000/svg"><style>a{}</style></svg>`, []string{"style"}},
		"remote paint":       {rocket, `<svg xmlns="http://www.w3.org/2000/svg"><rect fill="url(https://x)"/></svg>`, []string{"url(http"}},
		"entities":           {rocket, `<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>`, []string{"document type"}},
		"no SVG":             {rocket, "GIF89a", []string{"SVG"}},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"rocket.yaml": x.yaml}
			if x.svg != "" {
				files["rocket.svg"] = x.svg
			}
			_, err := load(files)
			if err == nil {
				t.Fatal("loaded")
			}
			for _, w := range x.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not say %q", err, w)
				}
			}
		})
	}
}

func TestTwoEntriesThatNobodyCouldTellApart(t *testing.T) {
	twin := strings.ReplaceAll(strings.ReplaceAll(rocket, "id: rocket", "id: missile"), "Rocket", "Missile")
	_, err := load(map[string]string{"rocket.yaml": rocket, "rocket.svg": goodIcon, "missile.yaml": twin, "missile.svg": goodIcon})
	if err == nil || !strings.Contains(err.Error(), "rocket.yaml:5:") || !strings.Contains(err.Error(), "missile") {
		t.Errorf("error = %v", err)
	}
}

// The built-in entries in other orders, from several sources, answer alike.
func TestOrderDoesNotMatter(t *testing.T) {
	want := builtin(t)
	half := func(keep func(i int) bool) fs.FS {
		out, i := fstest.MapFS{}, 0
		for _, typ := range want.Types() {
			if i++; keep(i) {
				for _, ext := range []string{".yaml", ".svg"} {
					text, err := fs.ReadFile(types.FS, typ.ID+ext)
					if err != nil {
						t.Fatal(err)
					}
					out[typ.ID+ext] = &fstest.MapFile{Data: text}
				}
			}
		}
		return out
	}
	for _, split := range []func(i int) bool{
		func(i int) bool { return i%2 == 0 }, func(i int) bool { return i%3 == 0 }, func(i int) bool { return i > 10 },
	} {
		got, err := artifact.Load(artifact.Source{FS: half(split)}, artifact.Source{FS: half(func(i int) bool { return !split(i) })})
		if err != nil {
			t.Fatal(err)
		}
		for _, typ := range want.Types() {
			for _, x := range want.Examples(typ.ID) {
				in := artifact.Input{MediaType: x.MediaType, Manifest: x.Manifest, Config: x.Config}
				if a, b := want.Identify(in), got.Identify(in); a.Type != b.Type || a.Variant != b.Variant || !maps.Equal(a.Facts, b.Facts) {
					t.Errorf("%s, %s: %s and %s", typ.ID, x.Name, a.Type, b.Type)
				}
			}
		}
	}
}

// The entry of docs/types.md is one that loads.
func TestDocumentedEntry(t *testing.T) {
	text, err := os.ReadFile("../docs/types.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "```yaml\nid: rocket")
	entry, _, ok2 := strings.Cut(rest, "```")
	if !ok || !ok2 {
		t.Fatal("docs/types.md shows no entry")
	}
	c, err := load(map[string]string{"rocket.yaml": "id: rocket" + entry, "rocket.svg": goodIcon})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range c.Examples("rocket") {
		if id := c.Identify(artifact.Input{MediaType: x.MediaType, Manifest: x.Manifest}); id.Type != "rocket" {
			t.Errorf("example %s is %s", x.Name, id.Type)
		}
	}
	if len(c.Examples("rocket")) == 0 {
		t.Error("the entry shows no example")
	}
}

// Types are data: no Go code but tests names a media type that an entry matches.
func TestNoCodeNamesAType(t *testing.T) {
	var named []string
	entries, err := fs.Glob(types.FS, "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range entries {
		text, err := fs.ReadFile(types.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		body, _, _ := strings.Cut(string(text), "\nexamples:")
		for word := range strings.FieldsFuncSeq(body, func(r rune) bool { return strings.ContainsRune(" \n\"'[]{},", r) }) {
			word = strings.TrimSuffix(word, "*")
			if strings.HasPrefix(word, "application/vnd.") && !formats(word) && !slices.Contains(named, word) {
				named = append(named, word)
			}
		}
	}
	if len(named) < 30 {
		t.Fatalf("only %d media types found in the entries", len(named))
	}
	err = filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != ".." {
			return cmpSkip(err)
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "../bench/") || strings.Contains(path, "test/") {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, n := range named {
			if strings.Contains(string(text), `"`+n) {
				t.Errorf("%s names %s: that belongs in an entry", path, n)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func cmpSkip(err error) error {
	if err != nil {
		return err
	}
	return fs.SkipDir
}

// formats are the types of the OCI and Docker formats themselves.
func formats(mediaType string) bool {
	for _, p := range []string{"application/vnd.oci.image.", "application/vnd.oci.empty.", "application/vnd.oci.artifact.manifest.", "application/vnd.docker.image.", "application/vnd.docker.distribution.", "application/vnd.docker.container."} {
		if strings.HasPrefix(mediaType, p) {
			return true
		}
	}
	return false
}
