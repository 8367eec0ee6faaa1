package api_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/internal/server/api"
)

// description is what the test reads of docs/api/openapi.yaml.
type description struct {
	Paths      map[string]any `yaml:"paths"`
	Components struct {
		Schemas map[string]schema `yaml:"schemas"`
	} `yaml:"components"`
}

type schema struct {
	Ref        string            `yaml:"$ref"`
	Type       string            `yaml:"type"`
	Required   []string          `yaml:"required"`
	Properties map[string]schema `yaml:"properties"`
	Items      *schema           `yaml:"items"`
	Additional *schema           `yaml:"additionalProperties"`
}

func readDescription(t *testing.T) (d description) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "api", "openapi.yaml"))
	if err == nil {
		err = yaml.Unmarshal(text, &d)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDescriptionHasTheEndpoints(t *testing.T) {
	var want []string
	for _, x := range api.Extensions {
		for _, e := range x.Endpoints {
			want = append(want, "/v2/"+e)
		}
		for _, e := range x.RepositoryEndpoints {
			want = append(want, "/v2/{name}/"+e)
		}
	}
	var got []string
	for p := range readDescription(t).Paths {
		got = append(got, strings.NewReplacer("{id}", "<id>", "{reference}", "<reference>").Replace(p))
	}
	sort.Strings(got)
	sort.Strings(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The golden answers are as the description says, and it describes all of them.
func TestDescriptionIsTrue(t *testing.T) {
	d := readDescription(t)
	for file, name := range map[string]string{
		"artifacts": "Listing", "repository": "Listing", "artifact": "Artifact", "types": "Catalog", "type": "CatalogType",
		"repositories": "Repositories",
	} {
		text, err := os.ReadFile(filepath.Join("testdata", file+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var value any
		if err := json.Unmarshal(text, &value); err != nil {
			t.Fatal(err)
		}
		for _, wrong := range d.check(d.Components.Schemas[name], value, file) {
			t.Error(wrong)
		}
	}
}

// check lists where a value is not as the schema says.
func (d description) check(s schema, value any, at string) (wrong []string) {
	if s.Ref != "" {
		s = d.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	}
	kind := map[string]string{"float64": "integer", "bool": "boolean", "string": "string", "map[string]interface {}": "object", "[]interface {}": "array"}[fmt.Sprintf("%T", value)]
	if kind != s.Type {
		return []string{fmt.Sprintf("%s is %T, described as %q", at, value, s.Type)}
	}
	switch v := value.(type) {
	case []any:
		for i, one := range v {
			wrong = append(wrong, d.check(*s.Items, one, fmt.Sprintf("%s[%d]", at, i))...)
		}
	case map[string]any:
		for _, name := range s.Required {
			if _, ok := v[name]; !ok {
				wrong = append(wrong, fmt.Sprintf("%s has no %s, which is described as required", at, name))
			}
		}
		for name, one := range v {
			property, ok := s.Properties[name]
			if !ok && s.Additional != nil {
				property, ok = *s.Additional, true
			}
			if !ok {
				wrong = append(wrong, fmt.Sprintf("%s.%s is not described", at, name))
				continue
			}
			wrong = append(wrong, d.check(property, one, at+"."+name)...)
		}
	}
	slices.Sort(wrong)
	return wrong
}
