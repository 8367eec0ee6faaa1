package artifact

import (
	"fmt"
	"slices"
	"strings"
)

// strength orders evidence: how much it says about a type.
type strength uint8

const (
	strengthGeneric  strength = iota // says only what ordinary images and files say too
	strengthEntries                  // what an index's entries are
	strengthLayers                   // layer media types and file names
	strengthConfig                   // a config media type of its own
	strengthType                     // an artifactType of its own
	strengthSpecific                 // an annotation, or a label in the config
)

// subject is what a condition looks at, from what is cheap to what is dear.
type subject uint8

const (
	ofForm subject = iota
	ofMediaType
	ofArtifactType
	ofConfig
	ofAnnotation
	ofSubject
	ofLayersAny
	ofLayersAll
	ofLayersNone
	ofLayersExactly
	ofLayerCount
	ofLayerAnnotation
	ofLayerTitlesAny
	ofLayerTitlesAll
	ofEntriesAny
	ofEntriesAll
	ofConfigJSON
)

// words of the subjects, as an entry writes them.
var subjectWords = [...]string{
	"form", "mediaType", "artifactType", "config", "annotations", "subject",
	"layers.any", "layers.all", "layers.none", "layers.exactly", "layers.count",
	"layerAnnotations", "layerTitles.any", "layerTitles.all",
	"entries.any", "entries.all", "configJSON",
}

// condition is one thing that must be so.
type condition struct {
	of       subject
	key      string  // annotation key, or JSON pointer
	pointer  pointer // of ofConfigJSON: key, split
	want     pattern
	count    int           // of ofLayerCount
	entry    *entryPattern // of ofEntriesAny and ofEntriesAll
	strength strength
}

// entryPattern says which entries of an index are meant: all that is set must hold.
type entryPattern struct {
	mediaType, artifactType, platform *pattern
	annotations                       []annotationPattern
}

type annotationPattern struct {
	key  string
	want pattern
}

// String is the condition in its normal form: equal conditions have equal strings.
func (k *condition) String() string {
	name := subjectWords[k.of]
	if k.key != "" {
		name += "[" + k.key + "]"
	}
	switch {
	case k.of == ofLayerCount:
		return fmt.Sprintf("%s is %d", name, k.count)
	case k.entry != nil:
		return name + " with " + k.entry.String()
	}
	return name + " is " + k.want.String()
}

func (p *entryPattern) String() string {
	var parts []string
	add := func(name string, w *pattern) {
		if w != nil {
			parts = append(parts, name+" "+w.String())
		}
	}
	add("mediaType", p.mediaType)
	add("artifactType", p.artifactType)
	add("platform", p.platform)
	for i := range p.annotations {
		add("annotation "+p.annotations[i].key, &p.annotations[i].want)
	}
	return strings.Join(parts, ", ")
}

// count is how many conditions the pattern is worth.
func (p *entryPattern) count() int {
	n := len(p.annotations)
	for _, w := range []*pattern{p.mediaType, p.artifactType, p.platform} {
		if w != nil {
			n++
		}
	}
	return n
}

// holds reports whether the condition is so.
func (k *condition) holds(e *evidence) bool {
	switch k.of {
	case ofForm:
		return k.want.holds(e.form.String())
	case ofMediaType:
		return k.want.holds(e.mediaType)
	case ofArtifactType:
		return k.want.holds(e.kind) || k.want.none && !e.typed
	case ofConfig:
		return k.want.holds(e.configKind)
	case ofAnnotation:
		return annotated(e.annotations, k.key, &k.want)
	case ofSubject:
		return k.want.holds(e.subject)
	case ofConfigJSON:
		return e.configJSON.any(k.pointer, &k.want)
	case ofEntriesAny, ofEntriesAll:
		return k.entriesHold(e)
	}
	return k.layersHold(e)
}

// layersHold is holds for what looks at layers. All of no layers is false: a
// rule that means a manifest without layers says so by count.
func (k *condition) layersHold(e *evidence) bool {
	kinds := e.layerKinds
	switch k.of {
	case ofLayersAny:
		return slices.ContainsFunc(kinds, k.want.holds)
	case ofLayersNone:
		return !slices.ContainsFunc(kinds, k.want.holds)
	case ofLayersAll:
		return len(kinds) > 0 && !slices.ContainsFunc(kinds, not(k.want.holds))
	case ofLayersExactly:
		return slices.Equal(kinds, k.want.exact)
	case ofLayerCount:
		return len(e.layers) == k.count
	case ofLayerAnnotation:
		return slices.ContainsFunc(e.layers, func(d descriptor) bool {
			return annotated(d.annotations, k.key, &k.want)
		})
	}
	titled := func(d descriptor) bool { return k.want.holds(d.title) }
	if k.of == ofLayerTitlesAny {
		return slices.ContainsFunc(e.layers, titled)
	}
	return len(e.layers) > 0 && !slices.ContainsFunc(e.layers, not(titled))
}

// entriesHold is holds for what looks at an index's entries. Companions and
// documents do not take part in "all": an attested index keeps its type.
func (k *condition) entriesHold(e *evidence) bool {
	if k.of == ofEntriesAny {
		return slices.ContainsFunc(e.entries, func(d descriptor) bool { return k.entry.holds(&d) })
	}
	seen := false
	for i := range e.entries {
		d := &e.entries[i]
		if k.entry.holds(d) {
			seen = true
			continue
		}
		switch d.place {
		case PlaceCompanion, PlaceDocument, PlaceHidden:
		default:
			return false
		}
	}
	return seen
}

func (p *entryPattern) holds(d *descriptor) bool {
	if p.mediaType != nil && !p.mediaType.holds(d.kind) {
		return false
	}
	if p.artifactType != nil && !p.artifactType.holds(d.says) {
		return false
	}
	if p.platform != nil && !p.platform.holds(d.on) {
		return false
	}
	for i := range p.annotations {
		if a := &p.annotations[i]; !annotated(d.annotations, a.key, &a.want) {
			return false
		}
	}
	return true
}

// platformWord is a platform as patterns see it; the unknown one is written
// unknown/unknown, and one without any OS counts as absent.
func platformWord(p *Platform) string {
	if p == nil || p.OS == "" {
		return ""
	}
	return p.String()
}

// annotated reports whether an annotation of that key, or of a key that begins
// with what stands before a "*" at its end, has a value that is wanted.
func annotated(annotations map[string]string, key string, want *pattern) bool {
	prefix, isPrefix := strings.CutSuffix(key, "*")
	if !isPrefix {
		value, ok := annotations[key]
		return ok && (want.holds(value) || value == "" && want.anything()) || !ok && want.none
	}
	for k, value := range annotations {
		if strings.HasPrefix(k, prefix) && (want.holds(value) || value == "" && want.anything()) {
			return true
		}
	}
	return false
}

// anything reports whether every value that is present is meant, even an empty one.
func (p *pattern) anything() bool { return slices.Contains(p.globs, "*") }

func not[T any](f func(T) bool) func(T) bool {
	return func(v T) bool { return !f(v) }
}
