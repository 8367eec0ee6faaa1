package artifact_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/types"
)

// corpus is every example of the catalog, with its config and without, with the
// media type it is pushed with and without.
func corpus(c *artifact.Catalog) map[string]artifact.Input {
	all := map[string]artifact.Input{}
	for _, typ := range c.Types() {
		for _, x := range c.Examples(typ.ID) {
			name := typ.ID + ", " + x.Name
			all[name] = artifact.Input{MediaType: x.MediaType, Manifest: x.Manifest, Config: x.Config}
			all[name+", alone"] = artifact.Input{Manifest: x.Manifest}
		}
	}
	return all
}

// shuffled is a folder whose files come in another order each time it is read.
type shuffled struct{ fs.FS }

func (s shuffled) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(s.FS, name)
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list, err
}

func TestOrderOfFilesDoesNotMatter(t *testing.T) {
	want := builtin(t)
	for range 3 {
		got, err := artifact.Load(artifact.Source{FS: shuffled{types.FS}})
		if err != nil {
			t.Fatal(err)
		}
		if got.Fingerprint() != want.Fingerprint() {
			t.Fatal("the fingerprint depends on the order of files")
		}
		for name, in := range corpus(want) {
			if diff := cmp.Diff(want.Explain(in), got.Explain(in)); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	}
}

// mutations are changes to a manifest that say nothing: none of them changes a type.
var mutations = map[string]func(m map[string]any){
	"as it is": func(map[string]any) {},
	"annotations more": func(m map[string]any) {
		a, _ := m["annotations"].(map[string]any)
		if a == nil {
			a = map[string]any{}
			m["annotations"] = a
		}
		a["example.com/note"] = "application/vnd.cncf.helm.config.v1+json"
		a["org.opencontainers.image.url"] = "https://example.com/"
		a["com.example.empty"] = ""
	},
	"members more": func(m map[string]any) {
		more(m)
		m["schemaVersion"], m["tag"] = 2, "v1"
	},
	"another order of layers": func(m map[string]any) {
		for _, list := range lists(m) {
			slices.Reverse(list)
		}
	},
	"a turn of the layers": func(m map[string]any) {
		for _, list := range lists(m) {
			if len(list) > 1 {
				first := list[0]
				copy(list, list[1:])
				list[len(list)-1] = first
			}
		}
	},
	"capitals and parameters": func(m map[string]any) { shout(m) },
}

// lists are the descriptors of a manifest that come in an order.
func lists(m map[string]any) (all [][]any) {
	for _, key := range []string{"layers", "manifests", "blobs"} {
		if list, _ := m[key].([]any); list != nil {
			all = append(all, list)
		}
	}
	return all
}

// more gives every object members that nobody knows, annotations and platforms
// apart.
func more(v any) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			more(one)
		}
	case map[string]any:
		for key, value := range v {
			if key != "annotations" && key != "platform" {
				more(value)
			}
		}
		v["x-note"] = []any{map[string]any{"config": 1, "mediaType": "application/wasm"}}
		v["X-Artifacttype"] = "application/wasm"
	}
}

// mutated is a manifest after a change, its members in another order and with
// other white space.
func mutated(t *testing.T, manifest []byte, change func(m map[string]any)) []byte {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(manifest, &m); err != nil {
		t.Fatal(err)
	}
	change(m)
	return backwards(t, m)
}

// backwards is v as JSON, members from the last name to the first.
func backwards(t *testing.T, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	switch v := v.(type) {
	case map[string]any:
		names := slices.Sorted(maps.Keys(v))
		slices.Reverse(names)
		b.WriteString("{\r\n\t")
		for i, name := range names {
			if i > 0 {
				b.WriteString(" , ")
			}
			b.Write(backwards(t, name))
			b.WriteString(" : ")
			b.Write(backwards(t, v[name]))
		}
		b.WriteString("\n}")
	case []any:
		b.WriteString("[ ")
		for i, one := range v {
			if i > 0 {
				b.WriteString(",\n")
			}
			b.Write(backwards(t, one))
		}
		b.WriteString(" ]")
	default:
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(text)
	}
	return b.Bytes()
}

// The order of members, of layers and of entries, unknown members, annotations
// that nobody asks for, white space, parameters and letter case of media types:
// none of it changes a type.
func TestWhatDoesNotMatter(t *testing.T) {
	c := builtin(t)
	for name, in := range corpus(c) {
		want := c.Identify(in)
		for how, change := range mutations {
			got := c.Identify(artifact.Input{MediaType: in.MediaType, Manifest: mutated(t, in.Manifest, change), Config: in.Config})
			if got.Type != want.Type || got.Variant != want.Variant || got.Companion != want.Companion {
				t.Errorf("%s, %s: is %s %q, was %s %q", name, how, got.Type, got.Variant, want.Type, want.Variant)
			}
		}
	}
}

// shout writes media types in capitals and with a parameter, at every level.
func shout(v any) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			shout(one)
		}
	case map[string]any:
		for key, value := range v {
			if s, ok := value.(string); ok && (key == "mediaType" || key == "artifactType") {
				v[key] = strings.ToUpper(s) + "; charset=utf-8"
			}
			shout(value)
		}
	}
}

// An owner's entry takes the place of a built-in one whole: its rules, what it
// says of entries of an index and of tags, and its icon.
func TestLocalEntryReplacesABuiltinOne(t *testing.T) {
	local := fstest.MapFS{
		"buildkit-attestation.yaml": &fstest.MapFile{Data: []byte("id: buildkit-attestation\ntitle: Ours\nshort: ours\nmatch:\n  - artifactType: application/vnd.acme.proof\n")},
		"buildkit-attestation.svg":  &fstest.MapFile{Data: []byte(goodIcon)},
		"cosign-signature.yaml":     &fstest.MapFile{Data: []byte("id: cosign-signature\ntitle: Ours\nshort: ours\nmatch:\n  - artifactType: application/vnd.acme.seal\nattach: ['seal-{digest}']\n")},
		"cosign-signature.svg":      &fstest.MapFile{Data: []byte(goodIcon)},
		"oci-image.yaml": &fstest.MapFile{Data: []byte("id: oci-image\ntitle: Ours\nshort: ours\nfallback: true\nmatch:\n  - config: " + imageConfig +
			"\nactions: [{id: deploy, label: Deploy, link: 'https://deploy.acme.example:8443/new?image={ref}'}]\n")},
		"oci-image.svg": &fstest.MapFile{Data: []byte(goodIcon)},
	}
	ours, theirs := artifact.Source{FS: local, Origin: artifact.OriginLocal}, artifact.Source{FS: types.FS}
	for name, sources := range map[string][]artifact.Source{"after": {theirs, ours}, "before": {ours, theirs}} {
		c, err := artifact.Load(sources...)
		if err != nil {
			t.Fatal(err)
		}
		is := func(m []byte, want string) artifact.Identification {
			t.Helper()
			id := c.Identify(artifact.Input{MediaType: imageManifest, Manifest: m})
			if id.Type != want {
				t.Errorf("%s: is %s, want %s", name, id.Type, want)
			}
			return id
		}
		is(manifest("application/vnd.acme.proof", empty, nil, empty), "buildkit-attestation")
		is(manifest("application/vnd.docker.attestation.manifest.v1+json", empty, nil, empty), "unknown")
		image := is(manifest("", imageConfig, nil, imageLayer), "oci-image")
		if icon, _ := c.Icon("oci-image"); string(icon) != goodIcon || image.Name != "Ours" {
			t.Errorf("%s: %s with the icon %s", name, image.Name, icon)
		}
		actions := c.Actions(image, artifact.Target{Registry: "r.example:5000", Repository: "a/b", Tag: "v1"})
		if len(actions) != 1 || actions[0].URL != "https://deploy.acme.example:8443/new?image=r.example%3A5000%2Fa%2Fb%3Av1" {
			t.Errorf("%s: actions %+v", name, actions)
		}
		hex := someDigest[len("sha256:"):]
		if _, ok := c.AttachedTo("cosign-signature", "seal-sha256-"+hex); !ok {
			t.Errorf("%s: the tag pattern of ours does not hold", name)
		}
		index := c.Identify(artifact.Input{MediaType: imageIndex, Manifest: []byte(`{"manifests":[
			{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:bb","size":1,"annotations":{"vnd.docker.reference.type":"attestation-manifest"}}]}`)})
		if len(index.Companions) != 0 || index.Entries[0].Place != artifact.PlacePart {
			t.Errorf("%s: the replaced entry still says where entries belong: %+v", name, index.Entries)
		}
	}
}

// Whatever a manifest says, what is kept of it is valid UTF-8, on one line and
// of a bounded length.
func TestWhatIsKeptIsFitToShow(t *testing.T) {
	c := builtin(t)
	for _, bad := range []string{"a\nb", "a\u202eb", "a\x00b", "\xff\xfe", strings.Repeat("x", 1<<20), strings.Repeat("é", 1<<19)} {
		quoted, err := json.Marshal(bad)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{
			`{"mediaType":X,"artifactType":X,"config":{"mediaType":X,"digest":X,"size":1},"layers":[{"mediaType":X,"digest":X,"annotations":{"org.opencontainers.image.title":X}}],"subject":{"digest":X},"annotations":{"org.opencontainers.image.title":X}}`,
			`{"artifactType":"application/vnd.oci.doc.config.v1+json","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":X},"layers":[{"mediaType":"text/markdown","digest":X,"annotations":{"org.opencontainers.image.title":X}}]}`,
			`{"manifests":[{"mediaType":X,"artifactType":X,"digest":X,"platform":{"os":X,"architecture":X,"variant":X,"os.version":X},"annotations":{"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":X}},{"artifactType":X,"digest":X}]}`,
		} {
			id := c.Identify(artifact.Input{MediaType: bad, Manifest: []byte(strings.ReplaceAll(text, "X", string(quoted)))})
			fit(t, id)
		}
	}
}

// fit fails when a text of the identification is not fit to show.
func fit(t *testing.T, id artifact.Identification) {
	t.Helper()
	encoded, err := json.Marshal(id)
	if err != nil {
		t.Fatal(err)
	}
	var all any
	if err := json.Unmarshal(encoded, &all); err != nil {
		t.Fatal(err)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			if len(v) > 1024 || !utf8.ValidString(v) || strings.ContainsAny(v, "\n\r\x00\u202e") {
				t.Errorf("kept %.60q, %d bytes", v, len(v))
			}
		case []any:
			for _, one := range v {
				walk(one)
			}
		case map[string]any:
			for key, one := range v {
				walk(key)
				walk(one)
			}
		}
	}
	walk(all)
}

// A config that is nested as deeply as JSON may be costs no more than its size.
func TestDeepConfigIsCheap(t *testing.T) {
	c := builtin(t)
	deep := `{"name":` + strings.Repeat("[", 9000) + `"` + strings.Repeat("x", 900_000) + `"` + strings.Repeat("]", 9000) + `}`
	id := c.Identify(artifact.Input{Manifest: manifest("", "application/vnd.cncf.helm.config.v1+json", nil), Config: []byte(deep)})
	if id.Type != "helm-chart" || id.Facts["title"] != "" {
		t.Errorf("is %s, titled %q", id.Type, id.Facts["title"])
	}
}
