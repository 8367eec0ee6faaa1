package artifact

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

// overlapping loads two local entries with these rules.
func overlapping(t *testing.T, a, b string) *Catalog {
	t.Helper()
	files := fstest.MapFS{}
	for id, match := range map[string]string{"aaa": a, "bbb": b} {
		files[id+".yaml"] = &fstest.MapFile{Data: fmt.Appendf(nil, "id: %s\ntitle: T\nshort: t\nvariants: [{id: v}]\nmatch: [%s]\n", id, match)}
		files[id+".svg"] = &fstest.MapFile{Data: []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24"/></svg>`)}
	}
	c, err := Load(BuiltinSource(), Source{FS: files, Origin: OriginLocal})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOverlaps(t *testing.T) {
	for name, c := range map[string]struct {
		a, b string
		want bool
	}{
		"one of two types":     {"{artifactType: [application/vnd.a.one, application/vnd.a.two]}", "{artifactType: [application/vnd.a.two, application/vnd.a.three]}", true},
		"a pattern":            {"{artifactType: application/vnd.a.*}", "{artifactType: application/vnd.a.one}", true},
		"different types":      {"{artifactType: application/vnd.a.one}", "{artifactType: application/vnd.a.two}", false},
		"more conditions":      {"{artifactType: application/vnd.a.*}", "{artifactType: application/vnd.a.one, annotations: {k.acme: v}}", false},
		"other annotations":    {"{annotations: {k.acme: v}}", "{annotations: {l.acme: w}}", false},
		"values that exclude":  {"{annotations: {k.acme: v}}", "{annotations: {k.acme: w}}", false},
		"any of two layers":    {"{layers: {any: application/vnd.a.one}}", "{layers: {any: application/vnd.a.two}}", true},
		"all layers":           {"{layers: {all: application/vnd.a.one}}", "{layers: {all: application/vnd.a.two}}", false},
		"all and all":          {"{layers: {all: application/vnd.a.one}}", "{layers: {all: application/vnd.a.*}}", true},
		"priority":             {"{artifactType: application/vnd.a.*, priority: 1}", "{artifactType: application/vnd.a.one}", false},
		"labels in the config": {"{config: application/vnd.oci.image.config.v1+json, configJSON: {/config/Labels/a: x}}", "{config: application/vnd.oci.image.config.v1+json, configJSON: {/config/Labels/a: [x, y]}}", true},
		"entries":              {"{entries: {any: {artifactType: application/vnd.a.one}}}", "{entries: {any: {artifactType: application/vnd.a.two}}}", true},
		"titles":               {"{layerTitles: {any: a.acme}}", "{layerTitles: {any: [a.acme, b.acme]}}", true},
	} {
		t.Run(name, func(t *testing.T) {
			catalog := overlapping(t, c.a, c.b)
			found := catalog.Overlaps("aaa")
			if (len(found) > 0) != c.want {
				t.Fatalf("found %v", found)
			}
			for _, o := range found {
				id := catalog.Identify(Input{Manifest: o.Manifest, Config: o.Config})
				if o.Winner != "aaa" || o.Loser != "bbb" || id.Type != o.Winner || !strings.Contains(o.String(), string(o.Manifest)) {
					t.Errorf("%s is identified as %s", o, id.Type)
				}
			}
		})
	}
}
