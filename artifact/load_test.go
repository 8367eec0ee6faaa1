package artifact_test

import (
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/types"
)

const goodIcon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="9"/></svg>`

// svg is an icon with something in it.
func svg(inside string) string {
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">` + inside + `</svg>`
}

// load loads a folder of the owner's own entries beside the reserved ones.
func load(files map[string]string) (*artifact.Catalog, error) {
	return loadBeside(reserved{types.FS}, files)
}

func loadBeside(builtin fs.FS, files map[string]string) (*artifact.Catalog, error) {
	local := fstest.MapFS{}
	for name, text := range files {
		local[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return artifact.Load(artifact.Source{FS: builtin}, artifact.Source{FS: local, Origin: artifact.OriginLocal})
}

// reserved is the smallest catalog there is: the entries unknown and invalid.
type reserved struct{ fs.FS }

func (r reserved) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(r.FS, name)
	return slices.DeleteFunc(list, func(d fs.DirEntry) bool {
		id := strings.TrimSuffix(d.Name(), ".yaml")
		return id != artifact.Unknown && id != artifact.Invalid
	}), err
}

const rocket = `id: rocket
title: Rocket
short: rocket
match:
  - artifactType: application/vnd.acme.rocket.v1
`

func TestLocalEntry(t *testing.T) {
	c, err := loadBeside(types.FS, map[string]string{"rocket.yaml": rocket, "rocket.svg": goodIcon})
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
		"generic among own":  {strings.Replace(rocket, "application/vnd.acme.rocket.v1", "[application/vnd.acme.rocket.v1, "+imageConfig+"]", 1), goodIcon, []string{"nothing of its own"}},
		"anything":           {strings.Replace(rocket, "application/vnd.acme.rocket.v1", "'application/*'", 1), goodIcon, []string{"nothing of its own"}},
		"a glob of images":   {strings.Replace(rocket, "artifactType: application/vnd.acme.rocket.v1", "config: application/vnd.oci.image.c*", 1), goodIcon, []string{"nothing of its own"}},
		"any titled thing":   {strings.Replace(rocket, "artifactType: application/vnd.acme.rocket.v1", "annotations: {org.opencontainers.image.title: '*'}", 1), goodIcon, []string{"nothing of its own"}},
		"no media type":      {strings.Replace(rocket, "application/vnd.acme.rocket.v1", "rocket", 1), goodIcon, []string{"rocket.yaml:5:", "no media type"}},
		"parameters":         {strings.Replace(rocket, "application/vnd.acme.rocket.v1", "application/vnd.acme.rocket;v=1", 1), goodIcon, []string{"parameters"}},
		"bad form":           {rocket + "    form: sphere\n", goodIcon, []string{"rocket.yaml:5:", "sphere"}},
		"any entry":          {rocket + "    entries: {any: {}}\n", goodIcon, []string{"entries"}},
		"entry, no place":    {rocket + "entry: [{artifactType: application/vnd.acme.rocket.v1}]\n", goodIcon, []string{"place"}},
		"alias":              {rocket + "scan: &a [x]\ntools: *a\n", goodIcon, []string{"rocket.yaml:6:", "aliases"}},
		"tag":                {rocket + "notes: !!binary aGk=\n", goodIcon, []string{"rocket.yaml:6:", "tags"}},
		"two documents":      {rocket + "---\n" + rocket, goodIcon, []string{"rocket.yaml:6:", "one entry"}},
		"deep":               {rocket + "configSchema: {a: " + strings.Repeat("[", 90000) + "\n", goodIcon, []string{"deeply"}},
		"deep in dashes":     {rocket + "scan:\n  " + strings.Repeat("- ", 50000) + "x\n", goodIcon, []string{"deeply"}},
		"a large file":       {rocket + "# " + strings.Repeat("x", 10<<20), goodIcon, []string{"262144"}},
		"fallback":           {rocket + "fallback: true\n", goodIcon, []string{"fallback"}},
		"unknown variant":    {rocket + "    variant: big\n", goodIcon, []string{"big"}},
		"bad pointer":        {rocket + "    configJSON: {name: x}\n", goodIcon, []string{"pointer"}},
		"bad fact":           {rocket + "facts: {title: ['label:x']}\n", goodIcon, []string{"label:x"}},
		"bad place":          {rocket + "place: roof\n", goodIcon, []string{"roof"}},
		"bad variable":       {rocket + "actions: [{id: fly, label: Fly, command: 'fly {moon}'}]\n", goodIcon, []string{"moon"}},
		"shell in a command": {rocket + "actions: [{id: fly, label: Fly, command: 'fly $(id)'}]\n", goodIcon, []string{"$(id)"}},
		"redirect":           {rocket + "actions: [{id: fly, label: Fly, command: 'fly >x'}]\n", goodIcon, []string{">x"}},
		"role without layer": {rocket + "actions: [{id: fly, label: Fly, command: 'fly {file:fuel}'}]\n", goodIcon, []string{"fuel"}},
		"bad when":           {rocket + "actions: [{id: fly, label: Fly, when: noon, command: fly}]\n", goodIcon, []string{"noon"}},
		"when of no layer":   {rocket + "actions: [{id: fly, label: Fly, when: 'named:fuel', command: fly}]\n", goodIcon, []string{"fuel"}},
		"a verified blank":   {rocket + "actions: [{id: fly, label: Fly, verified: true, command: 'fly <where>'}]\n", goodIcon, []string{"rocket.yaml:6:", "verified"}},
		"a verified link":    {rocket + "actions: [{id: fly, label: Fly, verified: true, link: 'https://acme.example/'}]\n", goodIcon, []string{"verified"}},
		"link to any host":   {rocket + "actions: [{id: fly, label: Fly, link: 'https://{registry}/'}]\n", goodIcon, []string{"fixed host"}},
		"script in the icon": {rocket, svg(`<script>x</script>`), []string{"rocket.svg:1:", "script"}},
		"handler":            {rocket, svg(`<g onload="x"/>`), []string{"onload"}},
		"foreign object":     {rocket, svg(`<foreignObject/>`), []string{"foreignObject"}},
		"outside link":       {rocket, svg(`<use href="https://x/y#z"/>`), []string{"<use>"}},
		"style element":      {rocket, svg(`<style>a{}</style>`), []string{"style"}},
		"style attribute":    {rocket, svg("\n" + `<rect style="fill:url('https://x')"/>`), []string{"rocket.svg:2:1", "style"}},
		"remote paint":       {rocket, svg(`<rect fill="url(https://x)"/>`), []string{"url(https://x)"}},
		"quoted paint":       {rocket, svg(`<rect fill="url('//x/y')"/>`), []string{"url('//x/y')"}},
		"hidden script link": {rocket, svg(`<g fill="java&#x73;cript:x"/>`), []string{"javascript:x"}},
		"another namespace":  {rocket, `<svg xmlns="http://www.w3.org/1999/xhtml" viewBox="0 0 24 24"/>`, []string{"<svg>"}},
		"no size":            {rocket, `<svg xmlns="http://www.w3.org/2000/svg"/>`, []string{"viewBox"}},
		"a large icon":       {rocket, svg(strings.Repeat("<g/>", 20000)), []string{"65536"}},
		"a deep icon":        {rocket, svg(strings.Repeat("<g>", 100) + strings.Repeat("</g>", 100)), []string{"deeply"}},
		"entities":           {rocket, `<!DOCTYPE svg [<!ENTITY a "b">]>` + svg(""), []string{"document type"}},
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

// The entry of docs/types.md is one that loads, with the icon shown there.
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
	_, rest, _ = strings.Cut(string(text), "```svg\n")
	icon, _, _ := strings.Cut(rest, "```")
	c, err := load(map[string]string{"rocket.yaml": "id: rocket" + entry, "rocket.svg": icon})
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
