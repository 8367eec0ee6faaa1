package artifact

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
)

// words are one word or a list of them, as an entry may write either.
type words []string

// UnmarshalYAML takes a scalar or a list of scalars.
func (w *words) UnmarshalYAML(unmarshal func(any) error) error {
	var one string
	if unmarshal(&one) == nil {
		*w = words{one}
	} else {
		var many []string
		if err := unmarshal(&many); err != nil {
			return fmt.Errorf("want a word or a list of words: %w", err)
		}
		*w = many
	}
	if len(*w) == 0 || slices.Contains(*w, "") {
		return errors.New("want a word or a list of words, none of them empty")
	}
	return nil
}

// entry is a type's file. docs/types.md says what each key means.
type entry struct {
	ID           string           `yaml:"id"`
	Extends      string           `yaml:"extends"`
	Group        string           `yaml:"group"`
	Title        string           `yaml:"title"`
	Short        string           `yaml:"short"`
	Description  string           `yaml:"description"`
	Publisher    string           `yaml:"publisher"`
	Category     string           `yaml:"category"`
	Home         string           `yaml:"home"`
	Docs         string           `yaml:"docs"`
	Status       string           `yaml:"status"`
	Notes        string           `yaml:"notes"`
	Priority     int              `yaml:"priority"`
	Fallback     bool             `yaml:"fallback"`
	Trait        bool             `yaml:"trait"`
	Companion    bool             `yaml:"companion"`
	Place        Place            `yaml:"place"`
	About        string           `yaml:"about"`
	Platforms    bool             `yaml:"platforms"`
	Generic      []string         `yaml:"generic"`
	Match        []ruleEntry      `yaml:"match"`
	Variants     []variantEntry   `yaml:"variants"`
	Entry        []entryEntry     `yaml:"entry"`
	Attach       []string         `yaml:"attach"`
	Facts        map[string]words `yaml:"facts"`
	Layers       []layerEntry     `yaml:"layers"`
	Actions      []actionEntry    `yaml:"actions"`
	Scan         []string         `yaml:"scan"`
	Tools        []toolEntry      `yaml:"tools"`
	Mapping      *Mapping         `yaml:"mapping"`
	ConfigSchema map[string]any   `yaml:"configSchema"`
	Examples     []exampleEntry   `yaml:"examples"`
}

type variantEntry struct {
	ID        string        `yaml:"id"`
	Title     string        `yaml:"title"`
	Short     string        `yaml:"short"`
	Companion *bool         `yaml:"companion"`
	Scan      []string      `yaml:"scan"`
	Actions   []actionEntry `yaml:"actions"`
}

type layerEntry struct {
	Role      string            `yaml:"role"`
	MediaType words             `yaml:"mediaType"`
	Title     words             `yaml:"title"`
	Files     map[string]string `yaml:"files"`
}

type toolEntry struct {
	Title     string `yaml:"title"`
	Installer string `yaml:"installer"`
}

type exampleEntry struct {
	Name      string `yaml:"name"`
	MediaType string `yaml:"mediaType"`
	Variant   string `yaml:"variant"`
	Manifest  string `yaml:"manifest"`
	Config    string `yaml:"config"`
}

type ruleEntry struct {
	Variant          string           `yaml:"variant"`
	Priority         int              `yaml:"priority"`
	Form             words            `yaml:"form"`
	MediaType        words            `yaml:"mediaType"`
	ArtifactType     words            `yaml:"artifactType"`
	Config           words            `yaml:"config"`
	Subject          words            `yaml:"subject"`
	Annotations      map[string]words `yaml:"annotations"`
	Layers           layersEntry      `yaml:"layers"`
	LayerAnnotations map[string]words `yaml:"layerAnnotations"`
	LayerTitles      titlesEntry      `yaml:"layerTitles"`
	Entries          entriesEntry     `yaml:"entries"`
	ConfigJSON       map[string]words `yaml:"configJSON"`
}

type layersEntry struct {
	Any     words `yaml:"any"`
	All     words `yaml:"all"`
	None    words `yaml:"none"`
	Exactly words `yaml:"exactly"`
	Count   *int  `yaml:"count"`
}

type titlesEntry struct {
	Any words `yaml:"any"`
	All words `yaml:"all"`
}

type entriesEntry struct {
	Any *entryEntry `yaml:"any"`
	All *entryEntry `yaml:"all"`
}

type entryEntry struct {
	MediaType    words            `yaml:"mediaType"`
	ArtifactType words            `yaml:"artifactType"`
	Platform     words            `yaml:"platform"`
	Annotations  map[string]words `yaml:"annotations"`
}

func asIs(s string) string { return s }

// compile turns a rule's words into conditions.
func (r *ruleEntry) compile(generic map[string]bool) ([]condition, error) {
	if err := mediaTypes(r.MediaType, r.ArtifactType, r.Config, r.Layers.Any, r.Layers.All, r.Layers.None, r.Layers.Exactly); err != nil {
		return nil, err
	}
	for _, w := range r.Layers.Exactly {
		if strings.Contains(w, "*") || w == wordNone {
			return nil, fmt.Errorf("layers.exactly %q: want whole media types", w)
		}
	}
	for _, w := range r.Form {
		if !slices.Contains([]string{formImage.String(), formIndex.String(), formArtifact.String()}, w) {
			return nil, fmt.Errorf("form %q: want image, index or artifact", w)
		}
	}
	for _, w := range r.Subject {
		if w != wordNone && w != "*" {
			return nil, fmt.Errorf("subject %q: want %q for any or %s; which one it is says nothing of a type", w, "*", wordNone)
		}
	}
	var all []condition
	add := func(of subject, w words, fold func(string) string, s strength) {
		if len(w) > 0 {
			all = append(all, condition{of: of, want: newPattern(w, fold), strength: s})
		}
	}
	add(ofForm, r.Form, normal, strengthGeneric)
	add(ofMediaType, r.MediaType, normal, own(r.MediaType, generic, strengthType))
	add(ofArtifactType, r.ArtifactType, normal, own(r.ArtifactType, generic, strengthType))
	add(ofConfig, r.Config, normal, own(r.Config, generic, strengthConfig))
	add(ofSubject, r.Subject, asIs, strengthGeneric)
	add(ofLayersAny, r.Layers.Any, normal, own(r.Layers.Any, generic, strengthLayers))
	add(ofLayersAll, r.Layers.All, normal, own(r.Layers.All, generic, strengthLayers))
	add(ofLayersNone, r.Layers.None, normal, strengthGeneric)
	add(ofLayersExactly, r.Layers.Exactly, normal, own(r.Layers.Exactly, generic, strengthLayers))
	add(ofLayerTitlesAny, r.LayerTitles.Any, asIs, own(r.LayerTitles.Any, nil, strengthLayers))
	add(ofLayerTitlesAll, r.LayerTitles.All, asIs, own(r.LayerTitles.All, nil, strengthLayers))
	if n := r.Layers.Count; n != nil {
		all = append(all, condition{of: ofLayerCount, count: *n})
	}
	all = append(all, keyed(ofAnnotation, r.Annotations)...)
	all = append(all, keyed(ofLayerAnnotation, r.LayerAnnotations)...)
	for _, k := range keyed(ofConfigJSON, r.ConfigJSON) {
		var ok bool
		if k.pointer, ok = splitPointer(k.key); !ok {
			return nil, fmt.Errorf("%q is no JSON pointer: it begins with a slash, such as /config/Labels/name", k.key)
		}
		all = append(all, k)
	}
	for of, e := range map[subject]*entryEntry{ofEntriesAny: r.Entries.Any, ofEntriesAll: r.Entries.All} {
		if e == nil {
			continue
		}
		p, err := e.compile()
		if err != nil {
			return nil, err
		}
		all = append(all, condition{of: of, entry: p, strength: p.strength(generic)})
	}
	sort.Slice(all, func(i, j int) bool { return all[i].String() < all[j].String() })
	return all, nil
}

// own is s when whatever the values stand for says something of its own: one of
// them that is generic, absent or anything makes the whole condition so.
func own(values words, generic map[string]bool, s strength) strength {
	for _, v := range values {
		g := normal(v)
		if v == wordNone || generic[g] || strings.HasPrefix(g, "*") || strings.HasSuffix(g, "/*") {
			return strengthGeneric
		}
		for known := range generic {
			if strings.Contains(g, "*") && glob(g, known) {
				return strengthGeneric
			}
		}
	}
	return s
}

// keyed compiles conditions on keys, in the order of keys.
func keyed(of subject, m map[string]words) []condition {
	all := make([]condition, 0, len(m))
	for key, w := range m {
		p := annotationPattern{key, newPattern(w, asIs)}
		all = append(all, condition{of: of, key: key, want: p.want, strength: p.strength(strengthSpecific)})
	}
	return all
}

// imageKeys begin the annotations of image-spec: that one of them is there says
// nothing of a type, its value may.
const imageKeys = "org.opencontainers.image."

// strength is s when the key or its value says something of its own.
func (p *annotationPattern) strength(s strength) strength {
	if p.want.none || p.key == "*" || p.want.anything() && strings.HasPrefix(p.key, imageKeys) {
		return strengthGeneric
	}
	return s
}

// compile turns what is said of entries of an index into a pattern.
func (e *entryEntry) compile() (*entryPattern, error) {
	p := &entryPattern{}
	if err := errors.Join(mediaTypes(e.MediaType), mediaTypes(e.ArtifactType)); err != nil {
		return nil, err
	}
	set := func(w words, fold func(string) string) *pattern {
		if len(w) == 0 {
			return nil
		}
		compiled := newPattern(w, fold)
		return &compiled
	}
	p.mediaType, p.artifactType, p.platform = set(e.MediaType, normal), set(e.ArtifactType, normal), set(e.Platform, asIs)
	for key, w := range e.Annotations {
		p.annotations = append(p.annotations, annotationPattern{key, newPattern(w, asIs)})
	}
	sort.Slice(p.annotations, func(i, j int) bool { return p.annotations[i].key < p.annotations[j].key })
	if p.count() == 0 {
		return nil, errors.New("nothing is said of the entries: want mediaType, artifactType, platform or annotations")
	}
	return p, nil
}

// strength of what a pattern says: platforms alone, and media types of images,
// are what every index of images has.
func (p *entryPattern) strength(generic map[string]bool) strength {
	s := strengthGeneric
	for i := range p.annotations {
		s = max(s, p.annotations[i].strength(strengthEntries))
	}
	for _, w := range []*pattern{p.mediaType, p.artifactType} {
		if w != nil && !w.none {
			s = max(s, own(slices.Concat(w.exact, w.globs), generic, strengthEntries))
		}
	}
	return s
}

// mediaTypeForm is a media type as rules name it; a "*" stands for any characters.
var mediaTypeForm = regexp.MustCompile(`^[A-Za-z0-9*][A-Za-z0-9!#$&^_.+*-]*/[A-Za-z0-9!#$&^_.+*-]+$`)

// mediaTypes refuses words that no media type could ever equal.
func mediaTypes(lists ...words) error {
	for _, w := range slices.Concat(lists...) {
		if strings.Contains(w, ";") {
			return fmt.Errorf("%q has parameters: leave them out, they are not compared", w)
		}
		if w != wordNone && w != "*" && !mediaTypeForm.MatchString(w) {
			return fmt.Errorf("%q is no media type, such as application/vnd.example.thing.v1+json", w)
		}
	}
	return nil
}

var sourceWords = map[string]sourceKind{
	"annotation": fromAnnotation, "config": fromConfig,
	"layer-annotation": fromLayerAnnotation, "config-annotation": fromConfigAnnotation,
}

func compileSource(text string) (s source, err error) {
	word, key, _ := strings.Cut(text, ":")
	of, ok := sourceWords[word]
	if !ok || key == "" {
		return s, fmt.Errorf("%q is no source: want annotation:KEY, config:/POINTER, layer-annotation:KEY or config-annotation:KEY", text)
	}
	s = source{of: of, key: key}
	if of == fromConfig {
		if s.pointer, ok = splitPointer(key); !ok {
			return s, fmt.Errorf("%q is no JSON pointer: it begins with a slash", key)
		}
	}
	return s, nil
}
