package artifact

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// schema is what the test reads of a JSON Schema.
type schema struct {
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
	Ref        string            `json:"$ref"`
	Defs       map[string]schema `json:"$defs"`
}

// types/schema.json, which editors read, has the keys that Load takes, no more
// and no fewer, at every level.
func TestSchemaHasTheKeysOfAnEntry(t *testing.T) {
	text, err := os.ReadFile("../types/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var root schema
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	compareKeys(t, "entry", root.Defs, root, reflect.TypeFor[entry]())
}

func compareKeys(t *testing.T, at string, defs map[string]schema, s schema, typ reflect.Type) {
	t.Helper()
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice && typ.Elem().Kind() == reflect.Struct {
		if typ.Kind() == reflect.Slice && s.Items != nil {
			s = *s.Items
		}
		typ = typ.Elem()
	}
	if name, ok := strings.CutPrefix(s.Ref, "#/$defs/"); ok {
		s = defs[name]
	}
	if typ.Kind() != reflect.Struct {
		return
	}
	var keys []string
	for i := range typ.NumField() {
		f := typ.Field(i)
		key := f.Tag.Get("yaml")
		keys = append(keys, key)
		below, ok := s.Properties[key]
		if !ok {
			t.Errorf("%s: the schema lacks %q", at, key)
			continue
		}
		compareKeys(t, at+"."+key, defs, below, f.Type)
	}
	for key := range s.Properties {
		if !slices.Contains(keys, key) {
			t.Errorf("%s: the schema has %q, which Load refuses", at, key)
		}
	}
}
