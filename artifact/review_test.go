package artifact_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/artifact"
)

// strictRocket is a type that asks something of its artifacts.
const strictRocket = `id: rocket
title: Rocket
short: rocket
variants:
  - {id: old}
match:
  - artifactType: application/vnd.acme.rocket.v1
  - {variant: old, artifactType: application/vnd.acme.rocket.v0}
facts:
  version: [annotation:org.opencontainers.image.version, config:/version]
  stages: [annotation:com.acme.stages]
expect: [version, stages]
layers:
  - {role: manual, mediaType: text/markdown}
  - {role: stage, mediaType: "application/vnd.acme.rocket.stage.*", required: true}
  - {role: stage, title: "*.stage"}
  - {role: fuel, mediaType: application/vnd.acme.fuel, required: true}
configSchema:
  type: object
  required: [version]
  properties:
    version: {type: string}
    crew: {type: array, items: {$ref: "#/$defs/person"}}
    either: {anyOf: [{type: string}, {type: integer}]}
  $defs:
    person: {type: object, required: [name], additionalProperties: false, properties: {name: {type: string}, "a/b": {type: integer}}}
lint:
  - id: old
    severity: note
    match: [{variant: old}]
    message: Rockets of old do not land.
    mend: Build a new one.
  - id: manned
    match:
      - {configJSON: {/pilot: none}}
      - {layers: {any: text/plain}, annotations: {com.acme.crew: none}}
    message: Nobody flies it.
    mend: Say who does.
    docs: https://acme.example/crew
`

func TestReview(t *testing.T) {
	c, err := load(map[string]string{"rocket.yaml": strictRocket, "rocket.svg": goodIcon})
	if err != nil {
		t.Fatal(err)
	}
	const digest = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
	layer := func(mediaType, title string) string {
		return fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":2,"annotations":{"org.opencontainers.image.title":%q}}`, mediaType, digest, title)
	}
	rocket := func(typ, annotations string, layers ...string) []byte {
		return fmt.Appendf(nil, `{"schemaVersion":2,"artifactType":%q,"config":{"mediaType":"application/vnd.acme.rocket.config+json","digest":%q,"size":2},"layers":[%s],"annotations":{%s}}`, typ, digest, strings.Join(layers, ","), annotations)
	}
	const v1, v0 = "application/vnd.acme.rocket.v1", "application/vnd.acme.rocket.v0"
	good := []string{layer("application/vnd.acme.rocket.stage.v1", "x"), layer("Application/VND.acme.fuel; grade=1", "")}
	const both = `"org.opencontainers.image.version":"1","com.acme.stages":"2"`
	type said struct {
		Missing, Unstated, Remarks, Config []string
	}
	for name, x := range map[string]struct {
		manifest []byte
		config   string
		want     said
	}{
		"all is there":            {rocket(v1, both, good...), `{"version":"1","pilot":"a"}`, said{}},
		"no config at hand":       {rocket(v1, `"com.acme.stages":"2"`, good...), ``, said{}},
		"a config that is silent": {rocket(v1, `"com.acme.stages":"2"`, good...), `{"pilot":"a"}`, said{Unstated: []string{"version"}, Config: []string{": missing property 'version'"}}},
		"a fact that only annotations state": {rocket(v1, `"org.opencontainers.image.version":"1"`, good...), ``,
			said{Unstated: []string{"stages"}}},
		"by its other mark":  {rocket(v1, both, layer("x/y", "first.stage"), good[1]), ``, said{}},
		"one role is absent": {rocket(v1, both, good[0]), ``, said{Missing: []string{"fuel"}}},
		"no layers":          {rocket(v1, both), ``, said{Missing: []string{"stage", "fuel"}}},
		"the first role counts": {rocket(v1, both, layer("text/markdown", "first.stage"), good[1]), ``,
			said{Missing: []string{"stage"}}},
		"an index has no layers": {[]byte(`{"schemaVersion":2,"artifactType":"` + v1 + `","manifests":[],"annotations":{` + both + `}}`), ``, said{}},
		"a variant":              {rocket(v0, both, good...), ``, said{Remarks: []string{"old@"}}},
		"no crew":                {rocket(v1, both, good...), `{"version":"1"}`, said{Remarks: []string{"manned@"}}},
		"the second match":       {rocket(v1, both, append(good, layer("text/plain", ""))...), ``, said{Remarks: []string{"manned@/layers/2/mediaType"}}},
		"the config": {rocket(v1, both, good...), `{"pilot":"a","version":1,"crew":[{},{"name":"a","z":1,"x":1,"a/b":"no"}],"either":[]}`, said{Config: []string{
			"/crew/0: missing property 'name'", "/crew/1: additional properties 'x', 'z' not allowed", "/crew/1/a~1b: got string, want integer",
			"/either: 'anyOf' failed", "/version: got number, want string"}}},
		"an unknown type": {rocket("application/vnd.acme.plane.v1", ``), `[]`, said{}},
		"no manifest":     {[]byte(`[]`), `{}`, said{}},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.Review(artifact.Input{MediaType: imageManifest, Manifest: x.manifest, Config: []byte(x.config)})
			got := said{Missing: r.Missing, Unstated: r.Unstated}
			for _, m := range r.Remarks {
				got.Remarks = append(got.Remarks, m.ID+"@"+m.Place)
			}
			for _, f := range r.Config {
				got.Config = append(got.Config, f.Place+": "+f.Problem)
			}
			if diff := cmp.Diff(x.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A config with more faults than anybody reads is answered with the first of them,
// each of a length that can be shown.
func TestReviewIsBounded(t *testing.T) {
	c, err := load(map[string]string{"rocket.yaml": strictRocket, "rocket.svg": goodIcon})
	if err != nil {
		t.Fatal(err)
	}
	manifest := []byte(`{"artifactType":"application/vnd.acme.rocket.v1","config":{"mediaType":"a/b","digest":"x"},"layers":[]}`)
	crew := strings.Repeat(`{"`+strings.Repeat("\\u001b[31m", 2000)+`":1},`, 40)
	r := c.Review(artifact.Input{Manifest: manifest, Config: []byte(`{"crew":[` + crew + `{}]}`)})
	if len(r.Config) != artifact.MaxConfigFaults {
		t.Errorf("%d faults", len(r.Config))
	}
	for _, f := range r.Config {
		if len(f.Problem) > 1024 || strings.ContainsRune(f.Problem, '\x1b') {
			t.Errorf("a problem of %d bytes: %.80q", len(f.Problem), f.Problem)
		}
	}
}

// Against a schema of many parts, a config of many values is not gone through.
func TestReviewTakesNoFlood(t *testing.T) {
	parts := make([]string, 1500)
	for i := range parts {
		parts[i] = fmt.Sprintf("{minimum: %d}", -i)
	}
	entry := rocket + "configSchema:\n  items: {allOf: [" + strings.Join(parts, ", ") + "]}\n"
	entry += "  properties: {a: {items: {allOf: [" + strings.Join(parts[:400], ", ") + "]}}}\n"
	c, err := load(map[string]string{"rocket.yaml": entry, "rocket.svg": goodIcon})
	if err != nil {
		t.Fatal(err)
	}
	manifest := []byte(`{"artifactType":"application/vnd.acme.rocket.v1","config":{"mediaType":"a/b","digest":"x"},"layers":[]}`)
	for values, want := range map[int]bool{100: false, 400_000: true} {
		r := c.Review(artifact.Input{Manifest: manifest, Config: []byte(`{"a":[1` + strings.Repeat(",1", values) + `]}`)})
		if got := len(r.Config) == 1 && strings.Contains(r.Config[0].Problem, "too many values"); got != want {
			t.Errorf("%d values: %v", values, r.Config)
		}
	}
}

// What an entry asks of its artifacts is checked when it is loaded.
func TestLoadRefusesBadReviews(t *testing.T) {
	base := rocket + "facts: {title: 'annotation:t'}\n"
	lint := func(rule string) string { return base + "lint:\n  - " + rule + "\n" }
	schema := func(text string) string { return base + "configSchema:\n  " + text + "\n" }
	double := "$defs:\n"
	for i := range 12 {
		double += fmt.Sprintf("    d%d: {allOf: [{$ref: '#/$defs/d%d'}, {$ref: '#/$defs/d%d'}]}\n", i, i+1, i+1)
	}
	double += "    d12: {type: string}\n  $ref: '#/$defs/d0'"
	for name, x := range map[string]struct{ yaml, want string }{
		"expects what is nowhere":     {base + "expect: [title, version]\n", "rocket.yaml:7:17: the entry does not say under facts where \"version\" is found"},
		"rule without an id":          {lint(`{match: [{subject: none}], message: m, mend: n}`), "rocket.yaml:8:5: lint id"},
		"rule twice":                  {lint("{id: a, match: [{subject: none}], message: m, mend: n}\n  - {id: a, match: [{subject: none}], message: m, mend: n}"), "rocket.yaml:9:5: lint rule \"a\" stands there twice"},
		"unknown severity":            {lint(`{id: a, severity: fatal, match: [{subject: none}], message: m, mend: n}`), "rocket.yaml:8:23: severity \"fatal\""},
		"no message":                  {lint(`{id: a, match: [{subject: none}], mend: n}`), "a lint rule has a message"},
		"no mend":                     {lint(`{id: a, match: [{subject: none}], message: m}`), "a lint rule has a message"},
		"a long message":              {lint(`{id: a, match: [{subject: none}], message: ` + strings.Repeat("m", 501) + `, mend: n}`), "at most 500 bytes"},
		"docs that are no URL":        {lint(`{id: a, match: [{subject: none}], message: m, mend: n, docs: 'javascript:x'}`), "is no https URL"},
		"no match":                    {lint(`{id: a, message: m, mend: n}`), "match is wanted"},
		"an empty match":              {lint(`{id: a, match: [{}], message: m, mend: n}`), "rocket.yaml:8:21: a rule without conditions"},
		"a match with a priority":     {lint(`{id: a, match: [{priority: 1, subject: none}], message: m, mend: n}`), "lint rules have no priority"},
		"a variant that is not there": {lint(`{id: a, match: [{variant: b}], message: m, mend: n}`), "variant \"b\" is not one"},
		"a bad condition":             {lint(`{id: a, match: [{artifactType: rocket}], message: m, mend: n}`), "rocket.yaml:8:21: \"rocket\" is no media type"},
		"an unknown key":              {lint(`{id: a, match: [{subject: none}], message: m, mend: n, fix: x}`), "unknown field"},

		"schema: type":              {schema("type: objekt"), "rocket.yaml:8:9: configSchema: "},
		"schema: below":             {schema("properties:\n    a:\n      minimum: low"), "rocket.yaml:10:16: configSchema: "},
		"schema: in a list":         {schema("allOf: [{type: string}, {type: x}]"), "rocket.yaml:8:34: configSchema: "},
		"schema: regular expr":      {schema("properties: {a: {pattern: '(?=a)b'}}"), "rocket.yaml:8:29: configSchema: '(?=a)b' is not valid regex"},
		"schema: draft":             {schema("$schema: https://acme.example/schema"), "is not loaded"},
		"schema: remote":            {schema("$ref: https://acme.example/schema"), "rocket.yaml:8:9: configSchema: \"https://acme.example/schema\" is not followed"},
		"schema: a file":            {schema("$ref: file:///etc/passwd"), "is not followed"},
		"schema: the metaschema":    {schema("$ref: 'http://json-schema.org/draft-07/schema#'"), "is not followed"},
		"schema: nowhere":           {schema("$ref: '#/$defs/a'"), "leads nowhere"},
		"schema: round":             {schema("properties: {a: {$ref: '#/$defs/a'}}\n  $defs: {a: {items: {$ref: '#/$defs/b'}}, b: {not: {$ref: '#/$defs/a'}}}"), "goes round"},
		"schema: round to the top":  {schema("properties: {a: {$ref: '#'}}"), "is not followed"},
		"schema: doubling":          {schema(double), "more than 2000 parts"},
		"schema: anchors":           {schema("properties: {a: {$anchor: x}}"), "$anchor is not taken"},
		"schema: an id below":       {schema("properties: {a: {$id: 'https://acme.example/x'}}"), "$id is not taken below the top"},
		"schema: dynamic reference": {schema("items: {$dynamicRef: '#x'}"), "$dynamicRef is not taken"},
		"schema: no mapping":        {base + "configSchema: [a]\n", "rocket.yaml:7:"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(map[string]string{"rocket.yaml": x.yaml, "rocket.svg": goodIcon})
			if err == nil || !strings.Contains(err.Error(), x.want) {
				t.Errorf("error = %v\nwant %s", err, x.want)
			}
		})
	}
	for name, text := range map[string]string{
		"property names of keywords": schema("properties: {$ref: {type: string}, $id: {type: string}, id: {type: string}, const: {const: {$ref: x}}}"),
		"an id at the top":           schema("$id: https://acme.example/rocket.json\n  $schema: http://json-schema.org/draft-07/schema#\n  definitions: {a: {type: string}}\n  properties: {a: {$ref: '#/definitions/a'}, b: {$ref: '#/definitions/a'}}"),
	} {
		if _, err := load(map[string]string{"rocket.yaml": text, "rocket.svg": goodIcon}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
