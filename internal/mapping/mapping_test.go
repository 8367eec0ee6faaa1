package mapping_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/catalog"
	"github.com/argosy-registry/argosy/internal/mapping"
)

var ctx = context.Background()

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M1 1"/></svg>`

func builtin(t testing.TB) *artifact.Catalog {
	t.Helper()
	c, err := artifact.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// put imports a file into a catalog and returns the catalog that comes of it.
func put(t testing.TB, c *artifact.Catalog, text string, fetch mapping.Fetch) (*artifact.Catalog, *mapping.Result) {
	t.Helper()
	f, err := mapping.Read("types.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	r, err := mapping.Import(ctx, c, f, fetch)
	if err != nil {
		t.Fatal(err)
	}
	after, err := catalog.Of(c.Files(), r.Files)
	if err != nil {
		t.Fatalf("%v\n%s", err, r.Files)
	}
	return after, r
}

func ids(r *mapping.Result) (all []string) {
	for _, e := range r.Entries {
		all = append(all, e.ID)
	}
	return all
}

// export is what comes back of an import.
func export(t testing.TB, c *artifact.Catalog, ids []string) (string, []string) {
	t.Helper()
	text, unsaid, err := mapping.Export(c, ids, "")
	if err != nil {
		t.Fatal(err)
	}
	return string(text), unsaid
}

func sameJSON(t testing.TB, want, got string) {
	t.Helper()
	var x, y any
	if err := json.Unmarshal([]byte(strings.TrimPrefix(want, "\ufeff")), &x); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(got), &y); err != nil {
		t.Fatalf("%v\n%s", err, got)
	}
	if diff := cmp.Diff(x, y); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func read(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A file goes in and comes out, and nothing is lost: not the first time, and not
// when what came out goes in.
func TestNothingIsLost(t *testing.T) {
	for _, name := range []string{"proposal.json", "invented.json", "odd.json"} {
		t.Run(name, func(t *testing.T) {
			text := read(t, name)
			c, r := put(t, builtin(t), text, nil)
			out, unsaid := export(t, c, ids(r))
			want := text
			if name == "odd.json" {
				want = read(t, "odd.want.json")
			}
			sameJSON(t, want, out)
			if len(unsaid) > 0 {
				t.Errorf("not said: %q", unsaid)
			}
			again, r2 := put(t, builtin(t), out, nil)
			second, _ := export(t, again, ids(r2))
			sameJSON(t, out, second)
			over, r3 := put(t, c, text, nil)
			if diff := cmp.Diff(ids(r), ids(r3)); diff != "" || !r3.Entries[0].Replaces {
				t.Errorf("imported once more: %s", diff)
			}
			if over.Fingerprint() != c.Fingerprint() {
				t.Error("imported once more the catalog is another one")
			}
		})
	}
}

func image(config, artifactType string) artifact.Input {
	const empty = `"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2}`
	if artifactType != "" {
		artifactType = fmt.Sprintf(`"artifactType":%q,`, artifactType)
	}
	return artifact.Input{Manifest: fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",%s"config":{"mediaType":%q,%s,"layers":[]}`, artifactType, config, empty)}
}

// What is unknown becomes a type, wherever a manifest says its media type, and what
// can be done with it stays.
func TestInventedTypes(t *testing.T) {
	before := builtin(t)
	c, r := put(t, before, read(t, "invented.json"), nil)
	if diff := cmp.Diff([]string{"acme-rocket-v1", "acme-ship-v2"}, ids(r)); diff != "" {
		t.Fatal(diff)
	}
	const mediaType, emptyConfig = "application/vnd.acme.rocket.config.v1+json", "application/vnd.oci.empty.v1+json"
	for _, in := range []artifact.Input{image(mediaType, ""), image(emptyConfig, mediaType), image("Application/VND.acme.rocket.config.v1+json; a=b", "")} {
		id := c.Identify(in)
		if id.Type != "acme-rocket-v1" || id.Name != "Acme Rocket" || !id.Known {
			t.Errorf("identified as %+v", id)
		}
		to := artifact.Target{Registry: "r.example", Repository: "a", Tag: "v1"}
		if diff := cmp.Diff(before.Actions(before.Identify(in), to), c.Actions(id, to)); diff != "" || len(c.Actions(id, to)) == 0 {
			t.Errorf("actions: %s", diff)
		}
	}
	for _, x := range c.Examples("acme-rocket-v1") {
		if id := c.Identify(artifact.Input{MediaType: x.MediaType, Manifest: x.Manifest}); id.Type != "acme-rocket-v1" {
			t.Errorf("its example is a %s", id.Type)
		}
	}
	typ, _ := c.Type("acme-rocket-v1")
	if len(c.Examples("acme-rocket-v1")) == 0 {
		t.Error("it has no example")
	}
	if diff := cmp.Diff([]artifact.Tool{{Title: "Rocket CLI", Installer: "https://acme.example/install#linux"}, {Title: "Pad"}}, typ.Tools); diff != "" || typ.Home != "https://acme.example/rocket" {
		t.Errorf("%s, home %s", diff, typ.Home)
	}
}

// What is known stays what it is, and is called as the file says.
func TestKnownTypes(t *testing.T) {
	before := builtin(t)
	c, r := put(t, before, read(t, "proposal.json"), nil)
	for _, e := range r.Entries {
		if e.Extends == "" || !e.Drawn {
			t.Errorf("%+v", e)
		}
	}
	for config, want := range map[string]string{
		"application/vnd.oci.image.config.v1+json":           "OCI Image",
		"application/vnd.cncf.helm.config.v3+json":           "Helm Chart",
		"application/vnd.deislabs.cnab.config.v1+json":       "CNAB",
		"application/vnd.cncf.helm.config.v1+json":           "Helm chart",
		"application/vnd.docker.container.image.v1+json":     "Container image (Docker)",
		"application/vnd.nobody.knows.this.config.at.all+xy": "Unknown artifact",
	} {
		old, now := before.Identify(image(config, "")), c.Identify(image(config, ""))
		if now.Name != want || now.Type != old.Type || now.Variant != old.Variant {
			t.Errorf("%s: %s %s called %s, was %s %s", config, now.Type, now.Variant, now.Name, old.Type, old.Variant)
		}
		to := artifact.Target{Registry: "r.example", Repository: "a", Tag: "v1"}
		if diff := cmp.Diff(before.Actions(old, to), c.Actions(now, to)); diff != "" {
			t.Errorf("%s: actions %s", config, diff)
		}
	}
}

func TestIDs(t *testing.T) {
	list := func(types ...string) string {
		var all []string
		for _, m := range types {
			all = append(all, fmt.Sprintf(`{"mediaType":%q,"title":"T"}`, m))
		}
		return `{"schemaVersion":1,"mediaTypes":[` + strings.Join(all, ",") + `]}`
	}
	get := func(types ...string) []string {
		_, r := put(t, builtin(t), list(types...), nil)
		return ids(r)
	}
	long := "application/vnd." + strings.Repeat("x", 100)
	for mediaType, want := range map[string]string{
		"application/vnd.acme.rocket.config.v1+json": "acme-rocket-v1", "Application/VND.Acme.Rocket": "acme-rocket",
		"text/x-rocket": "text-x-rocket", "application/x.y_z!w": "x-y-z-w",
		"application/vnd.config+json": "type-", "application/vnd.helm.chart": "helm-chart-", long: strings.Repeat("x", 50) + "-",
	} {
		got := get(mediaType)[0]
		if got != want && !(strings.HasSuffix(want, "-") && strings.HasPrefix(got, want) && len(got) == len(want)+6) {
			t.Errorf("%s: %s, want %s", mediaType, got, want)
		}
		if !artifact.ValidID(got) || got != get(mediaType)[0] {
			t.Errorf("%s: %s is no id, or another one the next time", mediaType, got)
		}
	}
	both := get("application/vnd.acme.a.config.v1", "application/vnd.acme.a.v1")
	back := get("application/vnd.acme.a.v1", "application/vnd.acme.a.config.v1")
	if both[0] == both[1] || both[0] != back[1] || both[1] != back[0] {
		t.Errorf("two that are alike: %q, and the other way round %q", both, back)
	}
}

// stock is what can be fetched.
type stock map[string]string

func (s stock) fetch(_ context.Context, url string, max int64) ([]byte, error) {
	text, ok := s[url]
	if !ok {
		return nil, errors.New("404 Not Found")
	}
	if int64(len(text)) > max {
		return nil, errors.New("too much")
	}
	return []byte(text), nil
}

func TestFetched(t *testing.T) {
	const (
		svg, png, schema = "https://acme.example/i.svg", "https://acme.example/i.png", "https://acme.example/s.json"
		file             = `{"schemaVersion":1,"mediaTypes":[{"mediaType":"application/vnd.acme.rocket","title":"Rocket","icon":{"svg":"` + svg + `","png":"` + png + `"},"schemaValidation":"` + schema + `"}]}`
	)
	picture := read(t, "pixel.png")
	good := `{"$schema":"http://json-schema.org/draft-04/schema#","type":"object","properties":{"a":{"enum":["yes","1","<&>",1,1.5,null,true]}}}`
	for name, c := range map[string]struct {
		have   stock
		icon   string // empty: one is drawn
		schema bool
		warns  int
	}{
		"all":              {stock{svg: icon, png: picture, schema: good}, icon, true, 0},
		"only the picture": {stock{png: picture, schema: good}, picture, true, 1},
		"nothing":          {stock{}, "", false, 4},
		"unfit SVG":        {stock{svg: strings.Replace(icon, "<path", "<script>x</script><path", 1), png: picture}, picture, false, 2},
		"web pages":        {stock{svg: "<!DOCTYPE html><html>", png: "<html>", schema: "<html>"}, "", false, 4},
		"broken picture":   {stock{svg: picture[:20], png: picture + "x", schema: "[]"}, "", false, 4},
		"SVG as a picture": {stock{png: icon, schema: `"text"`}, icon, false, 2},
		"picture as SVG":   {stock{svg: picture, schema: "{}"}, picture, false, 1},
		"large schema":     {stock{svg: icon, schema: `{"a":"` + strings.Repeat("x", 70<<10) + `"}`}, icon, false, 1},
		"deep schema":      {stock{svg: icon, schema: strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)}, icon, false, 1},
		"huge number":      {stock{svg: icon, schema: `{"maximum":123456789012345678901234567890}`}, icon, false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			after, r := put(t, builtin(t), file, c.have.fetch)
			got, _ := after.Icon("acme-rocket")
			if c.icon != "" && string(got) != c.icon || (c.icon == "") != r.Entries[0].Drawn {
				t.Errorf("the icon is %.60q, drawn %t", got, r.Entries[0].Drawn)
			}
			typ, _ := after.Type("acme-rocket")
			if (typ.ConfigSchema != nil) != c.schema || len(r.Warnings) != c.warns {
				t.Errorf("schema %s, warnings %q", typ.ConfigSchema, r.Warnings)
			}
			if c.schema {
				sameJSON(t, good, string(typ.ConfigSchema))
			}
			if typ.Mapping.IconSVG != svg || typ.Mapping.IconPNG != png || typ.Mapping.SchemaValidation != schema {
				t.Errorf("kept are %+v", typ.Mapping)
			}
			out, unsaid := export(t, after, ids(r))
			if len(unsaid) > 0 || !strings.Contains(out, svg) || !strings.Contains(out, png) || !strings.Contains(out, schema) {
				t.Errorf("exported %s, not said %q", out, unsaid)
			}
			// Once more without the network: the icon that was had stays.
			later, r2 := put(t, after, file, nil)
			if icon, _ := later.Icon("acme-rocket"); string(icon) != string(got) || !r2.Entries[0].Replaces {
				t.Errorf("imported once more the icon is %.60q", icon)
			}
		})
	}
}

// Entries of other sources are written as far as the form goes, and the rest is said.
func TestExportOfOtherEntries(t *testing.T) {
	c := builtin(t)
	text, unsaid, err := mapping.Export(c, []string{"helm-chart", "oci-image"}, "https://r.example")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"application/vnd.cncf.helm.config.v1+json"`, `"title": "Helm chart (2019 proposal)"`, `"icon.svg": "https://r.example/v2/_argosy/types/helm-chart/icon"`, `"installer": "https://helm.sh/docs/intro/install/"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
	for _, want := range []string{"helm-chart: the form has no place for its actions (11)", "variants (2)", "layers (4)", "facts"} {
		if !strings.Contains(strings.Join(unsaid, "\n"), want) {
			t.Errorf("%q is not said: %q", want, unsaid)
		}
	}
	if _, unsaid, err = mapping.Export(c, []string{"helm-chart"}, ""); err != nil || !strings.Contains(strings.Join(unsaid, "\n"), "icon, which wants a URL") {
		t.Errorf("%q, %v", unsaid, err)
	}
	if _, _, err := mapping.Export(c, []string{"balloon"}, ""); err == nil {
		t.Error("what is not there is exported")
	}
	if _, _, err := mapping.Export(c, []string{"unknown", "invalid"}, ""); err == nil || !strings.Contains(err.Error(), "media type alone") {
		t.Errorf("nothing that the form can say: %v", err)
	}
	var all []string
	for _, typ := range c.Types() {
		all = append(all, typ.ID)
	}
	whole, _ := export(t, c, all)
	if _, r := put(t, c, whole, nil); len(r.Entries) < 80 {
		t.Errorf("of the whole catalog %d mappings come back", len(r.Entries))
	}
}

func TestRefused(t *testing.T) {
	one := func(members string) string {
		return "{\"schemaVersion\": 1, \"mediaTypes\": [\n  {" + members + "}\n]}"
	}
	const good = `"mediaType": "application/vnd.acme.rocket", "title": "Rocket"`
	for says, text := range map[string]string{
		"types.json:1:1: a JSON object is wanted":                              `[]`,
		"types.json:1:1: this is not JSON":                                     `x`,
		"the file ends within":                                                 `{"schemaVersion": 1,`,
		"types.json:1:24: something stands behind":                             `{"schemaVersion": 1}   {}`,
		"types.json:1:1: the file ends":                                        ``,
		"is not UTF-8":                                                         "{\"a\": \"\xff\"}",
		"schemaVersion: is wanted":                                             `{"mediaTypes": [{` + good + `}]}`,
		"schemaVersion: is 2: only 1":                                          `{"schemaVersion": 2, "mediaTypes": [{` + good + `}]}`,
		`schemaVersion: is "1"`:                                                `{"schemaVersion": "1", "mediaTypes": [{` + good + `}]}`,
		"mediaTypes: a list of mappings":                                       `{"schemaVersion": 1}`,
		"mediaTypes: the list is empty":                                        `{"schemaVersion": 1, "mediaTypes": []}`,
		"at most 500":                                                          `{"schemaVersion": 1, "mediaTypes": [` + strings.Repeat("1,", 500) + `1]}`,
		"types.json:2:3: mediaTypes[0].title: is wanted":                       one(`"mediaType": "application/x"`),
		"types.json:2:3: mediaTypes[0].mediaType: is wanted":                   one(`"title": "x"`),
		"types.json:2:17: mediaTypes[0].mediaType: \"rocket\" is no media":     one(`"mediaType": "rocket", "title": "x"`),
		`"application/*" is no media type`:                                     one(`"mediaType": "application/*", "title": "x"`),
		`"none" is no media type`:                                              one(`"mediaType": "none", "title": "x"`),
		"has parameters":                                                       one(`"mediaType": "application/x;a=b", "title": "x"`),
		`"application/../x" is no media type`:                                  one(`"mediaType": "application/../x", "title": "x"`),
		`" application/x" is no`:                                               one(`"mediaType": " application/x", "title": "x"`),
		`$(id)" is no`:                                                         one(`"mediaType": "application/$(id)", "title": "x"`),
		"mediaType: a text is wanted":                                          one(`"mediaType": ["application/x"], "title": "x"`),
		"mediaTypes[0].title: is empty":                                        one(`"mediaType": "application/x", "title": " "`),
		"title: a text is wanted":                                              one(`"mediaType": "application/x", "title": 3`),
		"mediaTypes[0].title: holds control":                                   one(`"mediaType": "application/x", "title": "a\u001b[31m"`),
		"mediaTypes[0].title: has 201 bytes":                                   one(`"mediaType": "application/x", "title": "` + strings.Repeat("x", 201) + `"`),
		"description: holds control":                                           one(good + `, "description": "a\u202eb"`),
		"description: has 5000 bytes":                                          one(good + `, "description": "` + strings.Repeat("x", 5000) + `"`),
		"moreInfo: \"javascript:alert(1)\" is no http":                         one(good + `, "moreInfo": "javascript:alert(1)"`),
		`moreInfo: "JAVASCRIPT`:                                                one(good + `, "moreInfo": "JAVASCRIPT://x/%0aalert(1)"`),
		"icon.svg: \"data:image/svg+xml":                                       one(good + `, "icon.svg": "data:image/svg+xml,<svg/>"`),
		"icon.png: \"file:///etc/passwd\"":                                     one(good + `, "icon": {"png": "file:///etc/passwd"}`),
		"schemaValidation: \"ftp://":                                           one(good + `, "schemaValidation": "ftp://a.example/x"`),
		"moreInfo: \"acme.example\" is no URL":                                 one(good + `, "moreInfo": "acme.example"`),
		"names no host":                                                        one(good + `, "moreInfo": "https:///x"`),
		"a name or a password":                                                 one(good + `, "moreInfo": "https://a:b@acme.example"`),
		"moreInfo: \"https://a.example/\\\"><script>\"":                        one(good + `, "moreInfo": "https://a.example/\"><script>"`),
		"tools[1].installer: \"javascript:x\"":                                 one(good + `, "tools": [{"title": "a"}, {"title": "b", "installer": "javascript:x"}]`),
		"tools[0]: a tool has a title":                                         one(good + `, "tools": [{"installer": "https://a.example"}]`),
		"tools: a tool has a title":                                            one(good + `, "tools": {}`),
		"tools[0]: a text is wanted":                                           one(good + `, "tools": [[1]]`),
		"at most 50":                                                           one(good + `, "tools": [` + strings.Repeat(`"x",`, 50) + `"x"]`),
		"types.json:2:77: mediaTypes[0].colour: \"javascript:x\" is a URL":     one(good + `, "colour": "javascript:x"`),
		"colour[0].deep: holds control":                                        one(good + `, "colour": [{"deep": "\u0007"}]`),
		"\"title\" stands in the object twice":                                 one(good + `, "title": "Ship"`),
		"icon.svg: stands there twice":                                         one(good + `, "icon": {"svg": "https://a.example/a.svg"}, "icon.svg": "https://a.example/b.svg"`),
		"mediaTypes[1]: media type application/VND.acme.rocket stands in medi": one(good + `}, {"mediaType": "application/VND.acme.rocket", "title": "x"`),
		"nested too deeply":                                                    one(good + `, "colour": ` + strings.Repeat("[", 30) + strings.Repeat("]", 30)),
		"more than 1048576 bytes":                                              one(good) + strings.Repeat(" ", 1<<20),
		"mediaTypes[0]: has 70":                                                one(good + `, "colour": "` + strings.Repeat("x", 70_000) + `"`),
		"beside mediaTypes has more":                                           `{"schemaVersion": 1, "mediaTypes": [{` + good + `}], "colour": "` + strings.Repeat("x", 70_000) + `"}`,
		"mediaTypes[0]: an object is wanted":                                   `{"schemaVersion": 1, "mediaTypes": ["x"]}`,
	} {
		f, err := mapping.Read("types.json", []byte(text))
		if err == nil || !strings.Contains(err.Error(), says) || f != nil {
			t.Errorf("want %q: %v", says, err)
		}
	}
	_, err := mapping.Read("types.json", []byte(one(`"mediaType": "x", "title": "", "moreInfo": "x"`)))
	if err == nil || len(strings.Split(err.Error(), "\n")) != 2 {
		t.Errorf("not all that is wrong is said: %v", err)
	}
	if _, err := mapping.Read("types.json", []byte(one(good+`, "\u001b[2J": "\u0007"`))); err == nil || strings.ContainsAny(err.Error(), "\x1b\x07") {
		t.Errorf("the error holds what a terminal obeys: %q", err)
	}
	for mediaType, says := range map[string]string{
		"application/vnd.oci.image.layer.v1.tar+gzip": "types.json:2:3: mediaTypes[0]: ", "application/json": "nothing of its own",
		"application/vnd.oci.image.index.v1+json": "nothing of its own",
	} {
		f, err := mapping.Read("types.json", []byte(one(fmt.Sprintf(`"mediaType": %q, "title": "x"`, mediaType))))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := mapping.Import(ctx, builtin(t), f, nil); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", mediaType, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"proposal.json", "invented.json", "odd.json"} {
		f.Add(read(f, name))
	}
	base, err := catalog.With(map[string][]byte{})
	if err != nil {
		f.Fatal(err)
	}
	var reserved []artifact.File
	for _, file := range base.Files() {
		if slices.Contains([]string{"unknown", "invalid", "oci-image"}, file.ID) {
			reserved = append(reserved, file)
		}
	}
	c, err := catalog.Of(reserved, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, err := mapping.Read("types.json", []byte(text))
		if err != nil {
			if file != nil || !strings.Contains(err.Error(), "types.json") {
				t.Errorf("a file beside an error, or no place: %v", err)
			}
			return
		}
		r, err := mapping.Import(ctx, c, file, nil)
		if err != nil {
			return
		}
		after, err := catalog.Of(c.Files(), r.Files)
		if err != nil {
			t.Fatalf("what was read makes entries that are refused: %v", err)
		}
		out, unsaid := export(t, after, ids(r))
		if len(unsaid) > 0 {
			t.Errorf("not said: %q", unsaid)
		}
		again, r2 := put(t, c, out, nil)
		second, _ := export(t, again, ids(r2))
		sameJSON(t, out, second)
	})
}
