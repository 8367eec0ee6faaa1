package artifact

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	reason "github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// configSchema is the JSON Schema of a type's config.
type configSchema struct {
	compiled *jsonschema.Schema
	parts    int // subschemas, once references are followed
}

// schemaURL is what the library knows a schema by. Nothing is ever loaded from it.
const schemaURL = "argosy:///configSchema"

// maxSchemaParts is the most subschemas that a schema has once its references are
// followed. Checking a config takes at most that many steps for each value in it, and
// at most maxSchemaSteps are taken: a second or so.
const (
	maxSchemaParts = 2000
	maxSchemaSteps = 50_000_000
)

// configSchema compiles the JSON Schema of an entry.
func (l *loader) configSchema(f *file, k *kind) {
	if len(f.entry.ConfigSchema) == 0 {
		return
	}
	raw, err := json.Marshal(f.entry.ConfigSchema)
	if err != nil {
		l.failf(f, "$.configSchema", "%v", err)
		return
	}
	schema, fault := compileSchema(raw)
	if fault != nil {
		l.failf(f, "$.configSchema"+yamlPath(fault.at), "configSchema: %s", fault.problem)
		return
	}
	k.ConfigSchema, k.schema = raw, schema
}

// schemaFault is what is wrong with a schema, and where in it.
type schemaFault struct {
	at      []string
	problem string
}

// refuseAll loads nothing: a schema is whole, and its reader asks nobody.
type refuseAll struct{}

func (refuseAll) Load(url string) (any, error) {
	return nil, fmt.Errorf("%s is not loaded: a schema stands for itself", url)
}

// compileSchema compiles a schema of JSON. It refers to nothing but itself, without
// going round, and is no larger than maxSchemaParts when its references are followed.
func compileSchema(raw []byte) (*configSchema, *schemaFault) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, &schemaFault{nil, err.Error()}
	}
	w := schemaWalk{doc: doc}
	if fault := w.schema(doc, nil); fault != nil {
		return nil, fault
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.UseLoader(refuseAll{})
	if err := c.AddResource(schemaURL, doc); err != nil {
		return nil, faultOf(err)
	}
	compiled, err := c.Compile(schemaURL)
	if err != nil {
		return nil, faultOf(err)
	}
	return &configSchema{compiled, w.parts}, nil
}

// faultOf says where in a schema an error of the library is.
func faultOf(err error) *schemaFault {
	var unfit *jsonschema.SchemaValidationError
	var why *jsonschema.ValidationError
	if errors.As(err, &unfit) && errors.As(unfit.Err, &why) {
		for len(why.Causes) > 0 {
			why = why.Causes[0]
		}
		return &schemaFault{why.InstanceLocation, sentence(why)}
	}
	return &schemaFault{nil, strings.ReplaceAll(err.Error(), schemaURL, "the schema")}
}

// schemaWalk goes over a schema as its reader would, following references.
type schemaWalk struct {
	doc   any
	parts int
	open  []string // the references that are being followed
}

// Members of a schema that hold schemas by name, and those that hold plain values.
var (
	schemasByName = []string{"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"}
	plainMembers  = []string{"const", "enum", "default", "examples", "required", "type"}
)

func (w *schemaWalk) schema(v any, at []string) *schemaFault {
	switch v := v.(type) {
	case []any:
		for i, below := range v {
			if fault := w.schema(below, with(at, strconv.Itoa(i))); fault != nil {
				return fault
			}
		}
	case map[string]any:
		if w.parts++; w.parts > maxSchemaParts {
			return &schemaFault{at, fmt.Sprintf("the schema has more than %d parts when its references are followed", maxSchemaParts)}
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if fault := w.member(name, v[name], with(at, name)); fault != nil {
				return fault
			}
		}
	}
	return nil
}

func (w *schemaWalk) member(name string, v any, at []string) *schemaFault {
	switch {
	case name == "$ref":
		return w.follow(v, at)
	case slices.Contains([]string{"$dynamicRef", "$recursiveRef", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary"}, name):
		return &schemaFault{at, name + " is not taken: say $ref with a JSON pointer, such as #/$defs/name"}
	case (name == "$id" || name == "id") && len(at) > 1:
		if _, text := v.(string); text {
			return &schemaFault{at, name + " is not taken below the top: a schema is one document"}
		}
	case slices.Contains(plainMembers, name):
		return nil
	case name == "$defs" || name == "definitions":
		return nil // counted where they are referred to
	case slices.Contains(schemasByName, name):
		named, _ := v.(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(named)) {
			if fault := w.schema(named[key], with(at, key)); fault != nil {
				return fault
			}
		}
		return nil
	}
	return w.schema(v, at)
}

// follow goes where a reference leads.
func (w *schemaWalk) follow(v any, at []string) *schemaFault {
	ref, _ := v.(string)
	pointer, ok := strings.CutPrefix(ref, "#/")
	if !ok || strings.ContainsAny(pointer, "%") {
		return &schemaFault{at, fmt.Sprintf("%q is not followed: a schema refers to itself only, by a JSON pointer such as #/$defs/name", ref)}
	}
	if slices.Contains(w.open, ref) {
		return &schemaFault{at, fmt.Sprintf("%q goes round: a schema may not refer to what it is a part of", ref)}
	}
	p, _ := splitPointer("/" + pointer)
	target := w.doc
	for _, step := range p.steps {
		switch t := target.(type) {
		case map[string]any:
			target = t[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(t) {
				target = nil
				break
			}
			target = t[i]
		default:
			target = nil
		}
	}
	if target == nil {
		return &schemaFault{at, fmt.Sprintf("%q leads nowhere", ref)}
	}
	w.open = append(w.open, ref)
	fault := w.schema(target, p.steps)
	w.open = w.open[:len(w.open)-1]
	return fault
}

// with is a path with one step more, in memory of its own.
func with(at []string, step string) []string { return append(slices.Clip(at), step) }

// yamlPath writes steps as a path in an entry's file.
func yamlPath(steps []string) string {
	var b strings.Builder
	for _, s := range steps {
		if _, err := strconv.Atoi(s); err == nil {
			fmt.Fprintf(&b, "[%s]", s)
		} else {
			fmt.Fprintf(&b, ".'%s'", s)
		}
	}
	return b.String()
}

// faults are where a config, valid JSON, is not as the schema has it.
func (s *configSchema) faults(config []byte) []ConfigFault {
	values := 1
	for _, b := range config {
		if b == ',' || b == '[' || b == '{' {
			values++
		}
	}
	if values > maxSchemaSteps/s.parts {
		return []ConfigFault{{"", fmt.Sprintf("the config has too many values, about %d, to be held against a schema of %d parts", values, s.parts)}}
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(config))
	if err != nil {
		return []ConfigFault{{"", "the config is no JSON: " + err.Error()}}
	}
	var found *jsonschema.ValidationError
	if !errors.As(s.compiled.Validate(v), &found) {
		return nil
	}
	var all []ConfigFault
	collect(found, &all)
	slices.SortFunc(all, func(a, b ConfigFault) int {
		return cmp.Or(strings.Compare(a.Place, b.Place), strings.Compare(a.Problem, b.Problem))
	})
	all = slices.Compact(all)
	return all[:min(len(all), MaxConfigFaults)]
}

// collect lists the innermost reasons. What fails all of several forms has no one
// reason, and stands for itself.
func collect(e *jsonschema.ValidationError, all *[]ConfigFault) {
	switch k := e.ErrorKind.(type) {
	case *reason.AnyOf, *reason.OneOf, *reason.Not:
	case *reason.AdditionalProperties:
		slices.Sort(k.Properties) // the library takes them as they come
	default:
		if len(e.Causes) > 0 {
			for _, cause := range e.Causes {
				collect(cause, all)
			}
			return
		}
	}
	var place strings.Builder
	for _, step := range e.InstanceLocation {
		place.WriteString("/" + escapePointer(step))
	}
	*all = append(*all, ConfigFault{clean(place.String(), maxText), clean(sentence(e), maxText)})
}

// sentence is what is wrong, without where.
func sentence(e *jsonschema.ValidationError) string {
	return e.ErrorKind.LocalizedString(message.NewPrinter(language.English))
}
