package oci_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/internal/oci"
)

const wholeManifest = `{
 "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "artifactType": "application/vnd.example",
 "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", "size": 2, "data": "e30="},
 "layers": [
  {"mediaType": "a/layer", "digest": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "size": 0, "annotations": {"k": "v"}},
  {"mediaType": "a/other", "digest": "odd:x", "urls": ["https://example.com/x"]}
 ],
 "subject": {"mediaType": "a/subject", "digest": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "size": 9},
 "annotations": {"title": "whole"}
}`

func TestParseManifest(t *testing.T) {
	p, err := oci.ParseManifest("", []byte(wholeManifest))
	if err != nil {
		t.Fatal(err)
	}
	empty := oci.Digest("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
	want := &oci.Parsed{
		MediaType: oci.MediaTypeImageManifest, ArtifactType: "application/vnd.example",
		Config: &oci.Descriptor{MediaType: oci.MediaTypeEmpty, Digest: oci.SHA256.Sum([]byte("{}")), Size: 2, Data: []byte("{}")},
		Layers: []oci.Descriptor{
			{MediaType: "a/layer", Digest: empty, Annotations: map[string]string{"k": "v"}},
			{MediaType: "a/other", Digest: "odd:x", Size: oci.UnknownSize, URLs: []string{"https://example.com/x"}},
		},
		Subject:     &oci.Descriptor{MediaType: "a/subject", Digest: empty, Size: 9},
		Annotations: map[string]string{"title": "whole"},
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	var places []string
	for _, r := range p.References() {
		places = append(places, string(r.In)+" "+r.MediaType)
	}
	if got, want := strings.Join(places, ", "), "config application/vnd.oci.empty.v1+json, layers a/layer, layers a/other, subject a/subject"; got != want {
		t.Errorf("references are %s, want %s", got, want)
	}
	if p.Layers[0].NonDistributable() || !p.Layers[1].NonDistributable() {
		t.Error("only the layer with urls is elsewhere")
	}
}

func TestMediaTypeInEffect(t *testing.T) {
	for _, c := range []struct{ contentType, body, want string }{
		{"", `{"layers":[]}`, oci.MediaTypeImageManifest},
		{"", `{"manifests":[]}`, oci.MediaTypeImageIndex},
		{"", `{"mediaType":"a/b"}`, "a/b"},
		{"c/d", `{}`, "c/d"},
		{"a/b; charset=utf-8", `{"mediaType":"A/B"}`, "a/b; charset=utf-8"},
		{"", `{"mediaType":7}`, oci.MediaTypeImageManifest},
	} {
		p, err := oci.ParseManifest(c.contentType, []byte(c.body))
		if err != nil || p.MediaType != c.want {
			t.Errorf("%q with %s is %v, %v; want %s", c.contentType, c.body, p, err, c.want)
		}
	}
}

func TestEffectiveArtifactType(t *testing.T) {
	config := `"config":{"mediaType":"a/config","digest":"odd:x"}`
	for body, want := range map[string]string{
		`{` + config + `,"artifactType":"a/own"}`: "a/own",
		`{` + config + `,"artifactType":""}`:      "a/config",
		`{` + config + `}`:                        "a/config",
		`{"manifests":[]}`:                        "",
	} {
		p, err := oci.ParseManifest("", []byte(body))
		if err != nil || p.EffectiveArtifactType() != want {
			t.Errorf("%s: %v, %v, want %q", body, p, err, want)
		}
	}
}

// Where another reader would see the same keys in another letter case, twice, or
// after the end, ParseManifest refuses; what it accepts, encoding/json reads the
// same, with and without regard to case.
func FuzzParseManifest(f *testing.F) {
	for _, s := range []string{
		wholeManifest, `{}`, `{"layers":null}`, `{"manifests":[{"digest":"odd:x","size":1}]}`, `{"Layers":[]}`, `{"a":1,"a":2}`,
		`{"annotations":{"\u0061":"x","a":"y"}}`, `{"a":"\"}{"}`, strings.Repeat(`{"a":`, 80) + "1" + strings.Repeat("}", 80),
		`{"config":{"digest":"odd:x","platform":{"OS":"x"}}}`, "{}x", "\ufeff{}", `{"layers":[],"layerſ":[]}`,
	} {
		f.Add("", []byte(s))
		f.Add(oci.MediaTypeImageIndex, []byte(s))
	}
	f.Fuzz(func(t *testing.T, contentType string, content []byte) {
		p, err := oci.ParseManifest(contentType, content)
		if err != nil {
			if e := oci.AsError(err); e == nil || e.Code != oci.ManifestInvalid {
				t.Errorf("%v is no MANIFEST_INVALID", err)
			}
			return
		}
		var keys map[string]json.RawMessage
		if err := json.Unmarshal(content, &keys); err != nil {
			t.Fatalf("accepted what encoding/json refuses: %v", err)
		}
		if twice := count(content); twice != len(keys) {
			t.Errorf("the object has %d members and %d keys", twice, len(keys))
		}
		var typed struct { // encoding/json matches these keys in any letter case
			Layers    []json.RawMessage
			Manifests []json.RawMessage
			Blobs     []json.RawMessage
			Config    json.RawMessage
			Subject   json.RawMessage
		}
		if err := json.Unmarshal(content, &typed); err != nil {
			t.Fatal(err)
		}
		if len(typed.Layers) != len(p.Layers) || len(typed.Manifests) != len(p.Manifests) || len(typed.Blobs) != len(p.Blobs) {
			t.Errorf("another reader sees %d layers, %d manifests, %d blobs; %+v", len(typed.Layers), len(typed.Manifests), len(typed.Blobs), p)
		}
		if p.Manifests != nil && (p.Layers != nil || p.Config != nil) {
			t.Error("an image and an index at once")
		}
		for _, r := range p.References() {
			if _, err := oci.ParseDigest(string(r.Digest)); err != nil || r.Size < oci.UnknownSize {
				t.Errorf("reference %+v: %v", r, err)
			}
		}
	})
}

// count is how many members the outermost object of valid JSON has.
func count(content []byte) (n int) {
	d := json.NewDecoder(strings.NewReader(string(content)))
	depth, keyNext := 0, true
	for {
		token, err := d.Token()
		if err != nil {
			return n
		}
		if delim, ok := token.(json.Delim); ok {
			if delim == '{' || delim == '[' {
				depth++
			} else {
				depth--
			}
			keyNext = depth == 1
			continue
		}
		if depth != 1 {
			continue
		}
		if keyNext {
			n++
		}
		keyNext = !keyNext
	}
}
