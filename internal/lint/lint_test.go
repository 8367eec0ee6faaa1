package lint_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/lint"
	"github.com/argosy-registry/argosy/internal/oci"
)

const (
	emptyDigest = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
	digestA     = "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
	digestB     = "sha256:a1fce4363854ff888cff4b8e7875d600c2682390412a8cf79b37d0b11148b0fa"
)

// change is what a case does to a manifest that is right.
type change func(m map[string]any)

func set(value any, steps ...string) change {
	return func(m map[string]any) {
		for _, s := range steps[:len(steps)-1] {
			var i int
			if list, ok := m[s].([]any); ok {
				m = list[i].(map[string]any)
			} else {
				m = m[s].(map[string]any)
			}
		}
		if last := steps[len(steps)-1]; value == nil {
			delete(m, last)
		} else {
			m[last] = value
		}
	}
}

type object = map[string]any

func descriptorOf(mediaType, digest string, size int) object {
	return object{"mediaType": mediaType, "digest": digest, "size": size}
}

func titled(title string) object {
	d := descriptorOf("text/plain", digestA, 10)
	d["annotations"] = object{"org.opencontainers.image.title": title}
	return d
}

// The manifests that cases begin from, each without findings.
var bases = map[string]func() object{
	"artifact": func() object {
		return object{
			"schemaVersion": 2, "mediaType": oci.MediaTypeImageManifest, "artifactType": "application/vnd.kairos.sysext.raw",
			"config": descriptorOf(oci.MediaTypeEmpty, emptyDigest, 2),
			"layers": []any{descriptorOf("application/vnd.kairos.sysext.raw", digestA, 10)},
		}
	},
	"image": func() object {
		return object{
			"schemaVersion": 2, "mediaType": oci.MediaTypeImageManifest,
			"config": descriptorOf(oci.MediaTypeImageConfig, digestB, 100),
			"layers": []any{descriptorOf("application/vnd.oci.image.layer.v1.tar+gzip", digestA, 10)},
		}
	},
	"index": func() object {
		entry := func(digest, arch string) object {
			d := descriptorOf(oci.MediaTypeImageManifest, digest, 10)
			d["platform"] = object{"os": "linux", "architecture": arch}
			return d
		}
		return object{
			"schemaVersion": 2, "mediaType": oci.MediaTypeImageIndex,
			"manifests": []any{entry(digestA, "amd64"), entry(digestB, "arm64")},
		}
	},
	"chart": func() object {
		return object{
			"schemaVersion": 2, "mediaType": oci.MediaTypeImageManifest,
			"config": descriptorOf("application/vnd.cncf.helm.config.v1+json", digestB, 100),
			"layers": []any{descriptorOf("application/vnd.cncf.helm.chart.content.v1.tar+gzip", digestA, 10)},
		}
	},
}

func TestBasesAreRight(t *testing.T) {
	for name, base := range bases {
		text, err := json.Marshal(base())
		if err != nil {
			t.Fatal(err)
		}
		if got := lint.Check(builtin(t), artifact.Input{Manifest: text}); len(got) > 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// layers sets the layers.
func layers(all ...any) change { return set(all, "layers") }

// ruleCase is a manifest that is right but for one change, and what is found.
type ruleCase struct {
	name, base string
	change     change
	raw        string // in place of base and change
	mediaType  string
	config     string
	want       []string // "RULE PLACE", those of the config as "RULE config:PLACE"
}

var ruleCases = []ruleCase{
	{name: "no JSON", raw: `{"a":`, want: []string{"json "}},
	{name: "a list", raw: `[]`, want: []string{"json "}},
	{name: "two objects", raw: `{} {}`, want: []string{"json "}},
	{name: "nothing", raw: ``, want: []string{"json "}},
	{name: "deep", raw: `{"x":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `}`, want: []string{"json "}},
	{name: "very deep", raw: `{"x":` + strings.Repeat("[", 200_000), want: []string{"json "}},
	{name: "no UTF-8", raw: "{\"a\":\"\xff\"}", want: []string{"json "}},
	{name: "too large", raw: strings.Repeat(" ", oci.MaxManifest) + "{}", want: []string{"too-large "}},
	{name: "a key twice", raw: `{"schemaVersion":2,"schemaVersion":2,"mediaType":"` + oci.MediaTypeImageIndex + `","manifests":[]}`, want: []string{"ambiguous "}},
	{name: "another letter case", raw: `{"schemaversion":2,"mediaType":"` + oci.MediaTypeImageIndex + `","manifests":[]}`, want: []string{"ambiguous ", "schema-version "}},
	{name: "image and index", base: "image", change: set([]any{}, "manifests"), want: []string{"ambiguous "}},
	{name: "layers are no list", base: "image", change: set("x", "layers"), want: []string{"ambiguous ", "layers-missing "}},
	{name: "schema 1", raw: `{"schemaVersion":1,"mediaType":"application/vnd.docker.distribution.manifest.v1+json"}`, want: []string{"withdrawn "}},
	{name: "too many", raw: `{"schemaVersion":2,"mediaType":"` + oci.MediaTypeImageIndex + `","manifests":[` + strings.Repeat(`{"mediaType":"`+oci.MediaTypeImageIndex+`","digest":"`+digestA+`","size":10},`, 10_000) + `1]}`, want: []string{"too-many /manifests"}},
	{name: "schemaVersion as text", base: "index", change: set("2", "schemaVersion"), want: []string{"schema-version /schemaVersion"}},
	{name: "pushed as something else", base: "image", change: set(2, "schemaVersion"), mediaType: oci.MediaTypeImageIndex, want: []string{"media-type-mismatch /mediaType", "shape "}},
	{name: "no mediaType", base: "image", change: set(nil, "mediaType"), mediaType: oci.MediaTypeImageManifest, want: []string{"media-type-missing "}},
	{name: "a media type of its own", base: "artifact", change: set("application/vnd.acme+json", "mediaType"), want: []string{"media-type-unknown /mediaType"}},
	{name: "withdrawn", raw: `{"mediaType":"` + oci.MediaTypeArtifactManifest + `","artifactType":"application/vnd.acme.rocket","blobs":[{"mediaType":"a","digest":"` + digestA + `","size":1}]}`,
		want: []string{"withdrawn ", "media-type-form /blobs/0/mediaType", "type-unknown /artifactType"}},
	{name: "no config", base: "artifact", change: set(nil, "config"), want: []string{"shape "}},
	{name: "a null config", raw: `{"schemaVersion":2,"mediaType":"` + oci.MediaTypeImageManifest + `","config":null,"layers":null}`, want: []string{"shape "}},
	{name: "no manifests", base: "index", change: set(nil, "manifests"), want: []string{"shape "}},
	{name: "nothing at all", raw: `{}`, want: []string{"schema-version ", "shape ", "type-unknown "}},
	{name: "subject in Docker's format", base: "image", change: func(m object) {
		m["mediaType"], m["subject"] = oci.MediaTypeDockerManifest, descriptorOf(oci.MediaTypeImageManifest, emptyDigest, 10)
	}, want: []string{"format-members /subject"}},

	{name: "a config that is text", base: "artifact", change: set("x", "config"), want: []string{"descriptor /config"}},
	{name: "a config as the first proposal has it", base: "artifact", change: set(object{"manifests": []any{}}, "config"), want: []string{"descriptor /config", "media-type-form /config"}},
	{name: "no size", base: "artifact", change: set(nil, "layers", "size"), want: []string{"descriptor /layers/0"}},
	{name: "a size below zero", base: "artifact", change: set(-1, "layers", "size"), want: []string{"descriptor /layers/0/size"}},
	{name: "a digest in capitals", base: "artifact", change: set(strings.ToUpper(digestA), "layers", "digest"), want: []string{"digest /layers/0/digest"}},
	{name: "another algorithm", base: "artifact", change: set("blake3:"+digestA[7:], "layers", "digest"), want: []string{"digest-algorithm /layers/0/digest"}},
	{name: "data of another size", base: "artifact", change: set("e30=", "layers", "data"), want: []string{"data /layers/0/data"}},
	{name: "data that is no base64", base: "artifact", change: set("!", "layers", "data"), want: []string{"data /layers/0/data"}},
	{name: "an empty config of three bytes", base: "artifact", change: set(3, "config", "size"), want: []string{"empty-descriptor /config"}},
	{name: "an empty config of another digest", base: "artifact", change: set(digestB, "config", "digest"), want: []string{"empty-descriptor /config"}},
	{name: "an empty config with other data", base: "artifact", change: set("e3s=", "config", "data"), want: []string{"empty-descriptor /config"}},
	{name: "an empty config by SHA-512", base: "artifact", change: set(string(oci.SHA512.Sum([]byte("{}"))), "config", "digest")},
	{name: "an empty config with its data", base: "artifact", change: set("e30=", "config", "data")},
	{name: "no media type", base: "artifact", change: set(nil, "layers", "mediaType"), want: []string{"media-type-form /layers/0", "role-missing /layers"}},
	{name: "a media type without a slash", base: "image", change: set("tar", "layers", "mediaType"), want: []string{"media-type-form /layers/0/mediaType", "layer-not-image /layers/0/mediaType", "type-unknown /config/mediaType"}},
	{name: "an artifactType of 300 bytes", base: "artifact", change: set("application/vnd."+strings.Repeat("x", 300), "artifactType"), want: []string{"media-type-form /artifactType", "type-unknown /artifactType", "unknown/untitled /layers/0"}},
	{name: "a wildcard", base: "artifact", change: set("application/vnd.acme.*", "artifactType"), want: []string{"media-type-form /artifactType", "type-unknown /artifactType", "unknown/untitled /layers/0"}},
	{name: "an artifactType that is no text", base: "artifact", change: set(1, "artifactType"), want: []string{"media-type-form ", "artifact-type-missing "}},
	{name: "parameters", base: "artifact", change: set("application/vnd.kairos.sysext.raw; v=1", "artifactType"), want: []string{"media-type-parameters /artifactType"}},
	{name: "capitals", base: "artifact", change: set("application/vnd.KAIROS.sysext.raw", "artifactType"), want: []string{"media-type-case /artifactType"}},
	{name: "a made-up top level", base: "artifact", change: layers(descriptorOf("application/vnd.kairos.sysext.raw", digestA, 10), descriptorOf("archive/zip", digestB, 1)),
		want: []string{"media-type-top-level /layers/1/mediaType"}},
	{name: "urls", base: "artifact", change: set([]any{"https://acme.example/x", "ftp://acme.example/x", "x"}, "layers", "urls"), want: []string{"urls /layers/0/urls", "urls /layers/0/urls"}},
	{name: "one digest, two sizes", base: "image", change: layers(descriptorOf("application/vnd.oci.image.layer.v1.tar", digestA, 10), descriptorOf("application/vnd.oci.image.layer.v1.tar", digestA, 11)),
		want: []string{"conflict /layers/1/size"}},
	{name: "one digest, two types", base: "image", change: layers(descriptorOf("application/vnd.oci.image.layer.v1.tar", digestA, 10), descriptorOf("application/vnd.oci.image.layer.v1.tar+gzip", digestA, 10)),
		want: []string{"twice /layers/1/mediaType"}},
	{name: "one layer twice", base: "image", change: layers(descriptorOf("application/vnd.oci.image.layer.v1.tar", digestA, 10), descriptorOf("application/vnd.oci.image.layer.v1.tar", digestA, 10))},

	{name: "no artifactType", base: "artifact", change: set(nil, "artifactType"), want: []string{"artifact-type-missing "}},
	{name: "an artifactType of images", base: "artifact", change: set("application/vnd.oci.image.layer.v1.tar", "artifactType"), want: []string{"artifact-type-generic /artifactType"}},
	{name: "an artifactType that says nothing", base: "artifact", change: func(m object) {
		m["artifactType"], m["config"] = "application/octet-stream", descriptorOf("application/vnd.acme.config", digestB, 3)
	}, want: []string{"artifact-type-generic /artifactType", "type-unknown /artifactType"}},
	{name: "a name in the standards tree", base: "artifact", change: func(m object) {
		m["artifactType"], m["layers"] = "application/rocket", []any{titled("rocket.txt")}
	}, want: []string{"artifact-type-tree /artifactType", "type-unknown /artifactType"}},
	{name: "an artifact with an image's config", base: "artifact", change: set(descriptorOf(oci.MediaTypeImageConfig, digestB, 3), "config"), want: []string{"artifact-image-config /config/mediaType"}},
	{name: "config as a layer", base: "chart", change: layers(descriptorOf("application/vnd.cncf.helm.config.v1+json", digestA, 3)), want: []string{"config-as-layer /layers/0/mediaType", "role-missing /layers"}},
	{name: "no layers", base: "image", change: layers(), want: []string{"layers-missing "}},
	{name: "a subject that is a blob", base: "artifact", change: set(descriptorOf("text/plain", digestB, 3), "subject"), want: []string{"subject-type /subject/mediaType"}},
	{name: "a subject of its own entries", base: "index", change: set(descriptorOf(oci.MediaTypeImageManifest, digestB, 10), "subject"), want: []string{"subject-inside /subject/digest"}},

	{name: "an image with a file", base: "image", change: set("text/plain", "layers", "mediaType"), want: []string{"layer-not-image /layers/0/mediaType", "type-unknown /config/mediaType"}},
	{name: "a layer not to be distributed", base: "image", change: set("application/vnd.oci.image.layer.nondistributable.v1.tar", "layers", "mediaType"), want: []string{"layer-nondistributable /layers/0/mediaType"}},
	{name: "an image's config", base: "image", change: set(2, "schemaVersion"), config: `{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["` + digestA + `"]}}`},
	{name: "a config of two layers", base: "image", change: set(2, "schemaVersion"), config: `{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["a","b"]}}`, want: []string{"image-diff-ids config:/rootfs/diff_ids"}},
	{name: "a config without rootfs and os", base: "image", change: set(2, "schemaVersion"), config: `{"os":1,"architecture":"amd64"}`, want: []string{"image-config config:", "image-config config:"}},
	{name: "a config of a strange rootfs", base: "image", change: set(2, "schemaVersion"), config: `{"os":"linux","architecture":"amd64","rootfs":[]}`, want: []string{"image-config config:/rootfs"}},
	{name: "a config that is no JSON", base: "image", change: set(2, "schemaVersion"), config: `no`, want: []string{"config-json config:"}},

	{name: "a blob in an index", base: "index", change: set("text/plain", "manifests", "mediaType"), want: []string{"index-entry-blob /manifests/0/mediaType"}},
	{name: "half a platform", base: "index", change: set(object{"os": "linux"}, "manifests", "platform"), want: []string{"index-platform /manifests/0/platform"}},
	{name: "a platform twice", base: "index", change: set(object{"os": "linux", "architecture": "arm64"}, "manifests", "platform"), want: []string{"index-platform-twice /manifests/1/platform"}},
	{name: "a platform with a variant", base: "index", change: set(object{"os": "linux", "architecture": "arm64", "variant": "v9"}, "manifests", "platform")},
	{name: "an index without platforms", base: "index", change: set([]any{descriptorOf(oci.MediaTypeImageManifest, digestA, 10)}, "manifests"), want: []string{"oci-image-index/no-platform /manifests/0"}},

	{name: "annotations that are a list", base: "image", change: set([]any{}, "annotations"), want: []string{"annotation-value /annotations"}},
	{name: "an annotation that is a number", base: "image", change: set(object{"com.acme.n": 1}, "layers", "annotations"), want: []string{"annotation-value /layers/0/annotations/com.acme.n"}},
	{name: "a key without a domain", base: "image", change: set(object{"a/b~c": ""}, "annotations"), want: []string{"annotation-key /annotations/a~1b~0c"}},
	{name: "a reserved key", base: "image", change: set(object{"org.opencontainers.image.colour": "red"}, "annotations"), want: []string{"annotation-reserved /annotations/org.opencontainers.image.colour"}},
	{name: "a time", base: "image", change: set(object{"org.opencontainers.image.created": "2026-01-02"}, "annotations"), want: []string{"annotation-created /annotations/org.opencontainers.image.created"}},
	{name: "licences", base: "image", change: set(object{"org.opencontainers.image.licenses": "Apache 2.0"}, "annotations"), want: []string{"annotation-licenses /annotations/org.opencontainers.image.licenses"}},
	{name: "a URL", base: "image", change: set(object{"org.opencontainers.image.source": "acme/rocket"}, "annotations"), want: []string{"annotation-url /annotations/org.opencontainers.image.source"}},
	{name: "a base", base: "image", change: set(object{"org.opencontainers.image.base.digest": "latest"}, "annotations"), want: []string{"annotation-digest /annotations/org.opencontainers.image.base.digest"}},
	{name: "annotations as they should be", base: "image", change: set(object{
		"org.opencontainers.image.created": "2026-01-02T03:04:05.678+01:00", "org.opencontainers.image.licenses": "(MIT OR Apache-2.0) AND LicenseRef-x WITH Classpath-exception-2.0",
		"org.opencontainers.image.source": "https://acme.example/x", "org.opencontainers.image.url": "", "com.acme/x y": "", "org.opencontainers.image.base.digest": digestA,
	}, "annotations")},

	{name: "an unknown type", base: "artifact", change: func(m object) { m["artifactType"], m["layers"] = "application/vnd.acme.rocket", []any{titled("x")} }, want: []string{"type-unknown /artifactType"}},
	{name: "a proposal", base: "artifact", change: set("application/vnd.microsoft.arm.template.v1+json", "artifactType"), want: []string{"type-historical "}},
	{name: "a chart without its content", base: "chart", change: set("text/plain", "layers", "mediaType"), want: []string{"role-missing /layers"}},
	{name: "a chart without a version", base: "chart", change: set(2, "schemaVersion"), config: `{"apiVersion":"v2","name":"a"}`, want: []string{"fact-missing ", "config-schema config:"}},
	{name: "a chart of another version", base: "chart", change: set(2, "schemaVersion"), config: `{"apiVersion":"v9","name":"a","version":"1"}`, want: []string{"config-schema config:/apiVersion"}},
	{name: "a chart of no bytes", base: "chart", change: set(2, "schemaVersion"), config: "\x00", want: []string{"config-json config:"}},
	{name: "a chart of the proposal", base: "chart", change: set("application/vnd.cncf.helm.config.v3+json", "config", "mediaType"), want: []string{"helm-chart/proposed-config "}},
	{name: "a chart of the experiment", base: "chart", change: set("application/tar+gzip", "layers", "mediaType"), want: []string{"helm-chart/experimental-layer /config/mediaType"}},
	{name: "titles", base: "artifact", change: layers(descriptorOf("application/vnd.kairos.sysext.raw", digestB, 10), titled("a"), titled("dir/b"), titled("a")), want: []string{"title-twice /layers/3/annotations/org.opencontainers.image.title"}},
	{name: "unsafe titles", base: "artifact", change: layers(descriptorOf("application/vnd.kairos.sysext.raw", digestB, 10), titled("/a"), titled("a/../../b"), titled(`a\b`), titled("c:x"), titled(" "), titled("a\x1b[31m"), titled("..a"), titled("a..b/c")),
		want: []string{
			"title-unsafe /layers/1/annotations/org.opencontainers.image.title", "title-unsafe /layers/2/annotations/org.opencontainers.image.title",
			"title-unsafe /layers/3/annotations/org.opencontainers.image.title", "title-unsafe /layers/4/annotations/org.opencontainers.image.title",
			"title-unsafe /layers/5/annotations/org.opencontainers.image.title", "title-unsafe /layers/6/annotations/org.opencontainers.image.title",
		}},
}

func (x *ruleCase) input(t *testing.T) artifact.Input {
	in := artifact.Input{MediaType: x.mediaType, Manifest: []byte(x.raw)}
	if x.config != "" {
		in.Config = []byte(x.config)
	}
	if x.base != "" {
		m := bases[x.base]()
		x.change(m)
		var err error
		if in.Manifest, err = json.Marshal(m); err != nil {
			t.Fatal(err)
		}
	}
	return in
}

func TestRules(t *testing.T) {
	for _, x := range ruleCases {
		t.Run(x.name, func(t *testing.T) {
			var got []string
			for _, f := range lint.Check(builtin(t), x.input(t)) {
				at := f.Place
				if f.In == lint.InConfig {
					at = "config:" + at
				}
				got = append(got, f.Rule+" "+at)
				if !strings.HasSuffix(f.Why, ".") || !strings.HasSuffix(f.Mend, ".") || !strings.HasPrefix(f.Link, "https://") {
					t.Errorf("no sentence, or no link: %+v", f)
				}
			}
			if diff := cmp.Diff(x.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// Every rule in code has a case that it finds.
func TestEveryRuleHasACase(t *testing.T) {
	seen := map[string]bool{}
	for _, x := range ruleCases {
		for _, w := range x.want {
			rule, _, _ := strings.Cut(w, " ")
			seen[rule] = true
		}
	}
	for _, f := range contentFindings() {
		seen[f.Rule] = true
	}
	ids := map[string]bool{}
	for _, r := range lint.Rules {
		if !seen[r.ID] {
			t.Errorf("no case finds %s", r.ID)
		}
		if ids[r.ID] {
			t.Errorf("%s stands there twice", r.ID)
		}
		ids[r.ID] = true
	}
}

// contentFindings are what is said of content at hand.
func contentFindings() []lint.Finding {
	r := oci.ManifestRef{In: oci.InLayers, Position: 2, Descriptor: oci.Descriptor{Digest: digestA, Size: 3}}
	all := lint.Content(r, 4, digestB)
	return append(all, lint.Missing(r), lint.Asked(digestA, digestB), lint.Layout("There is no file oci-layout."))
}

func TestContent(t *testing.T) {
	r := oci.ManifestRef{In: oci.InManifests, Position: 2, Descriptor: oci.Descriptor{Digest: digestA, Size: 3}}
	if got := lint.Content(r, 3, digestA); len(got) > 0 {
		t.Errorf("true content: %v", got)
	}
	r.Size = oci.UnknownSize
	if got := lint.Content(r, 3, ""); len(got) > 0 {
		t.Errorf("nothing said: %v", got)
	}
	if f := lint.Missing(r); f.Severity != artifact.SeverityWarning || f.Place != "/manifests/2" {
		t.Errorf("an index may be sparse: %+v", f)
	}
	r.In = oci.InConfig
	if f := lint.Missing(r); f.Severity != artifact.SeverityError || f.Place != "/config" {
		t.Errorf("a config is wanted: %+v", f)
	}
}

// Hostile manifests are answered shortly, and soon.
func TestCheckIsBounded(t *testing.T) {
	long := strings.Repeat("\\u001b[31m", 100_000)
	many := strings.Repeat(`{},`, 100_000) + `{}`
	bad := strings.Repeat(`{"mediaType":"x","digest":"y","size":-1,"annotations":{"z":1}},`, 30_000) + `{}`
	for name, manifest := range map[string]string{
		"a long value": `{"schemaVersion":2,"artifactType":"` + long + `","annotations":{"org.opencontainers.image.created":"` + long + `"},"config":{},"layers":[]}`,
		"a long key":   `{"schemaVersion":2,"annotations":{"` + long + `":1},"config":{"mediaType":"` + long + `"},"layers":[]}`,
		"many layers":  `{"config":{},"layers":[` + many + `]}`,
		"many faults":  `{"config":{},"layers":[` + bad + `]}`,
		"many entries": `{"manifests":[` + many + `]}`,
		"many numbers": `{"manifests":[` + strings.Repeat("1,", 1_000_000) + `1]}`,
		"many keys":    `{"config":{},"layers":[],"annotations":{` + manyKeys(100_000) + `}}`,
	} {
		found := lint.Check(builtin(t), artifact.Input{Manifest: []byte(manifest)})
		lint.Locate(found, lint.InManifest, []byte(manifest))
		if len(found) == 0 {
			t.Errorf("%s: nothing is found", name)
		}
		fit(t, found)
	}
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"k%d":%d`, i, i)
	}
	return b.String()
}

// fit holds what is so of any findings.
func fit(t *testing.T, found []lint.Finding) {
	t.Helper()
	perRule := map[string]int{}
	for _, f := range found {
		perRule[f.Rule]++
		if len(f.Why) > 2000 || len(f.Place) > 400 {
			t.Errorf("%s: a sentence of %d bytes at a place of %d", f.Rule, len(f.Why), len(f.Place))
		}
		if f.Rule == "" || f.Why == "" || f.Mend == "" || f.Severity == "" || f.In == "" {
			t.Errorf("incomplete: %+v", f)
		}
	}
	for rule, n := range perRule {
		if n > lint.MaxOfRule+1 {
			t.Errorf("%d findings of %s", n, rule)
		}
	}
}

func TestLocate(t *testing.T) {
	text := "{\n  \"a\": {\"b/c\": [1,\n    {\"é\": \"ü\", \"d~\": 2}]},\n\t\"a2\" :\t[ ]\n}"
	for place, want := range map[string]string{
		"": "1:1", "/a": "2:8", "/a/b~1c": "2:16", "/a/b~1c/0": "2:17", "/a/b~1c/1": "3:5", "/a/b~1c/1/é": "3:11",
		"/a/b~1c/1/d~0": "3:22", "/a2": "4:9", "/a/none": "2:8", "/none/x": "1:1", "/a/b~1c/7/x": "2:16", "/a2/0": "4:9",
	} {
		found := []lint.Finding{{In: lint.InManifest, Place: place}, {In: lint.InConfig, Place: place}}
		lint.Locate(found, lint.InManifest, []byte(text))
		if got := fmt.Sprintf("%d:%d", found[0].Line, found[0].Column); got != want {
			t.Errorf("%s is at %s, want %s", place, got, want)
		}
		if found[1].Line != 0 {
			t.Errorf("a finding in the config is located in the manifest")
		}
	}
	for text, want := range map[string]string{"": "1:1", "{\n \"a\" 1}": "2:6", "{}\n x": "2:2", "{\"a\":": "1:6"} {
		found := []lint.Finding{{In: lint.InManifest}}
		lint.Locate(found, lint.InManifest, []byte(text))
		if got := fmt.Sprintf("%d:%d", found[0].Line, found[0].Column); got != want {
			t.Errorf("%q breaks at %s, want %s", text, got, want)
		}
	}
}

// FuzzCheck holds that anything is answered, the same way each time, and within bounds.
func FuzzCheck(f *testing.F) {
	for _, in := range good(f) {
		f.Add(in.MediaType, in.Manifest, in.Config)
	}
	for _, x := range ruleCases {
		if len(x.raw) > 10_000 {
			continue // to mutate it takes longer than to say anything by it
		}
		f.Add(x.mediaType, []byte(x.raw), []byte(x.config))
	}
	c := builtin(f)
	f.Fuzz(func(t *testing.T, mediaType string, manifest, config []byte) {
		in := artifact.Input{MediaType: mediaType, Manifest: manifest, Config: config}
		found := lint.Check(c, in)
		fit(t, found)
		if diff := cmp.Diff(found, lint.Check(c, in)); diff != "" {
			t.Errorf("two answers: %s", diff)
		}
		lint.Locate(found, lint.InManifest, manifest)
		lint.Locate(found, lint.InConfig, config)
		for _, x := range found {
			if x.Line < 1 || x.Column < 1 {
				t.Errorf("no place: %+v", x)
			}
		}
	})
}
