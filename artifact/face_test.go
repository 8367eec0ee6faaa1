package artifact_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/types"
)

const fleet = `id: fleet
title: Fleet
short: fleet
match:
  - config: application/vnd.acme.ship.v1
  - config: [application/vnd.acme.boat.v1, application/vnd.acme.boat.v2]
    variant: boat
  - layers: {any: application/vnd.acme.deck}
variants: [{id: boat, title: Boat, actions: [{id: row, label: Row, command: 'row {ref}'}]}]
actions: [{id: sail, label: Sail, command: 'sail {ref}'}]
`

const yacht = `id: acme-yacht
extends: fleet
title: Yacht
short: yacht
description: A boat of Acme.
home: https://acme.example/yacht
tools: [{title: Rig, installer: 'https://acme.example/rig'}, {title: Oar}]
match: [{config: application/vnd.acme.boat.v1}]
mapping: {mediaType: Application/vnd.acme.boat.v1, icon.svg: 'http://acme.example/yacht.svg', schemaValidation: none, other: '{"a":[1]}'}
`

func fleetFiles(face string) map[string]string {
	return map[string]string{"fleet.yaml": fleet, "fleet.svg": goodIcon, "acme-yacht.yaml": face, "acme-yacht.svg": svg(`<path d="M1 1"/>`)}
}

// A face changes how some manifests of a type are shown, and nothing else.
func TestAFaceOfAType(t *testing.T) {
	plain, err := load(map[string]string{"fleet.yaml": fleet, "fleet.svg": goodIcon})
	if err != nil {
		t.Fatal(err)
	}
	c, err := load(fleetFiles(yacht))
	if err != nil {
		t.Fatal(err)
	}
	for config, face := range map[string]string{
		"application/vnd.acme.ship.v1": "", "application/vnd.acme.boat.v2": "",
		"application/vnd.acme.boat.v1": "acme-yacht", "application/vnd.acme.BOAT.v1; charset=x": "acme-yacht",
	} {
		in := artifact.Input{MediaType: imageManifest, Manifest: manifest("", config, nil, empty)}
		before, now := plain.Identify(in), c.Identify(in)
		want := before
		if face != "" {
			want.Face, want.Name, want.Short = face, "Yacht", "yacht"
		}
		if diff := cmp.Diff(want, now); diff != "" || want.Type != "fleet" {
			t.Errorf("%s: %s", config, diff)
		}
		target := artifact.Target{Registry: "r.example", Repository: "a", Tag: "v1"}
		if diff := cmp.Diff(plain.Actions(before, target), c.Actions(now, target)); diff != "" {
			t.Errorf("%s: actions %s", config, diff)
		}
		if shown := c.Shown(now); shown.Title != now.Name && now.Variant == "" || face != "" && (len(shown.Tools) != 2 || shown.Home == "") {
			t.Errorf("%s is shown as %+v", config, shown)
		}
		if x := c.Explain(in); (x.Shown == "") != (face == "") || face != "" && !strings.Contains(x.String(), "shown as: acme-yacht, rule 1: ") {
			t.Errorf("%s: explained as %s", config, x)
		}
	}
	if _, ok := c.Type("acme-yacht"); ok {
		t.Error("a face is a type")
	}
	f, ok := c.Face("acme-yacht")
	fleet, _ := c.Type("fleet")
	if !ok || f.Mapping == nil || f.Mapping.MediaType != "Application/vnd.acme.boat.v1" || len(fleet.Faces) != 1 || fleet.Faces[0] != f {
		t.Errorf("the face is %+v, of %+v", f, fleet)
	}
	if icon, ok := c.Icon("acme-yacht"); !ok || !strings.Contains(string(icon), "M1 1") {
		t.Errorf("its icon is %q", icon)
	}
	if all, others := c.MediaTypes("fleet"); len(all) != 3 || all[2] != (artifact.MediaTypeRule{MediaType: "application/vnd.acme.boat.v2", Variant: "boat"}) || len(others) != 1 {
		t.Errorf("media types of the type: %v, others %v", all, others)
	}
	if all, others := c.MediaTypes("acme-yacht"); len(all) != 1 || len(others) != 0 {
		t.Errorf("media types of the face: %v, others %v", all, others)
	}
	if all, others := c.MediaTypes("nothing"); all != nil || others != nil {
		t.Errorf("media types of nothing: %v, %v", all, others)
	}
}

// What all images have can have a face too, and stays what it is.
func TestAFaceOfImages(t *testing.T) {
	face := strings.NewReplacer("extends: fleet", "extends: oci-image", "application/vnd.acme.boat.v1}]", imageConfig+"}]").Replace(yacht)
	c, err := loadBeside(types.FS, map[string]string{"acme-yacht.yaml": face, "acme-yacht.svg": goodIcon})
	if err != nil {
		t.Fatal(err)
	}
	for artifactType, want := range map[string]string{"": "oci-image acme-yacht", "application/vnd.acme.secret": "unknown "} {
		id := c.Identify(artifact.Input{MediaType: imageManifest, Manifest: manifest(artifactType, imageConfig, nil, "application/vnd.oci.image.layer.v1.tar+gzip")})
		if got := id.Type + " " + id.Face; got != want {
			t.Errorf("artifactType %q: %s, want %s", artifactType, got, want)
		}
	}
}

// The nearest of two faces counts, then the one that says more.
func TestTheNearestFaceCounts(t *testing.T) {
	files := fleetFiles(yacht)
	files["acme-more.yaml"] = strings.NewReplacer("id: acme-yacht", "id: acme-more", "title: Yacht", "title: Big yacht", "boat.v1}]", "boat.v1, layers: {any: '*'}}]").Replace(yacht)
	files["acme-more.svg"] = goodIcon
	c, err := load(files)
	if err != nil {
		t.Fatal(err)
	}
	for layer, want := range map[string]string{"": "acme-yacht", "text/plain": "acme-more"} {
		layers := []string{layer}
		if layer == "" {
			layers = nil
		}
		if id := c.Identify(artifact.Input{MediaType: imageManifest, Manifest: manifest("", "application/vnd.acme.boat.v1", nil, layers...)}); id.Face != want {
			t.Errorf("with layer %q: %s, want %s", layer, id.Face, want)
		}
	}
}

func TestFacesThatAreRefused(t *testing.T) {
	for what, change := range map[string][2]string{
		"there is no type":             {"extends: fleet", "extends: balloon"},
		"is no type whose":             {"extends: fleet", "extends: unknown"},
		"short and match":              {"short: yacht\n", ""},
		"beside them only":             {"short: yacht", "short: yacht\npriority: 3"},
		"icon acme-yacht.svg":          {"", ""},
		"the same conditions stand in": {"", ""},
		"is in its config":             {"match: [{", "match: [{configJSON: {/a: b}, "},
		"acme-yacht.yaml:8:":           {"match: [{config: ", "match: [{config: no-media-type, artifactType: "},
		"acme-yacht.yaml:9:":           {"icon.svg: 'http", "icon.svg: 'javascript"},
		"want a whole media type":      {"mediaType: Application/vnd.acme.boat.v1", "mediaType: application/*"},
		"no media type":                {"mediaType: Application/vnd.acme.boat.v1", "mediaType: rocket"},
		"want one line":                {"schemaValidation: none", `schemaValidation: "no\u202ene"`},
		"a JSON object, in a text":     {`'{"a":[1]}'`, `'[1]'`},
		"unknown field":                {"schemaValidation: none", "schemaValidation: none, colour: red"},
		"an https URL":                 {"https://acme.example/rig", "http://acme.example/rig"},
		"variant \"boat\" is not":      {"match: [{", "match: [{variant: boat, "},
	} {
		files := fleetFiles(strings.Replace(yacht, change[0], change[1], 1))
		switch what {
		case "icon acme-yacht.svg":
			delete(files, "acme-yacht.svg")
		case "the same conditions stand in":
			files["acme-zoo.yaml"], files["acme-zoo.svg"] = strings.Replace(yacht, "id: acme-yacht", "id: acme-zoo", 1), goodIcon
		}
		if _, err := load(files); err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), "acme-") {
			t.Errorf("%q: error %v", what, err)
		}
	}
}
