package artifact

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

var (
	idForm   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	factName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*$`)
)

// compile turns a file into a type and its rules.
func (l *loader) compile(f *file) {
	e := &f.entry
	reserved := e.ID == Unknown || e.ID == Invalid
	if reserved && f.origin != OriginBuiltin {
		l.failf(f, "$.id", "id %q is reserved", e.ID)
		return
	}
	if !l.idHolds(f) && !ValidID(e.ID) {
		return
	}
	switch {
	case e.Title == "" || e.Short == "":
		l.failf(f, "$", "title and short are wanted: how people call the type, in a few words and in one or two")
	case len(e.Match) == 0 && !reserved:
		l.failf(f, "$", "match is wanted: without a rule no manifest is of the type")
	case e.Fallback && f.origin != OriginBuiltin && !f.overFallback:
		l.failf(f, "$.fallback", "only built-in entries are a fallback, and an entry that takes the place of one")
	}
	k := l.kind(f)
	l.c.types[e.ID] = k
	for i := range e.Match {
		l.rule(f, k, i)
	}
	for i := range e.Entry {
		p, err := e.Entry[i].compile()
		if err != nil {
			l.failf(f, fmt.Sprintf("$.entry[%d]", i), "%v", err)
			continue
		}
		if other, twice := l.signed(f, "entry "+p.String(), k); twice {
			l.failf(f, fmt.Sprintf("$.entry[%d]", i), "the same conditions stand in %s: no entry of an index could tell the two apart", other)
			continue
		}
		l.c.entryRules = append(l.c.entryRules, entryRule{*p, k})
	}
}

// ValidID says whether an entry can have an id.
func ValidID(id string) bool { return idForm.MatchString(id) && len(id) <= 64 }

// idHolds reports an id that no entry can have, or that is not the file's name.
func (l *loader) idHolds(f *file) bool {
	id := f.entry.ID
	switch {
	case !ValidID(id):
		l.failf(f, "$.id", "id %q: want at most 64 lower-case letters, digits and single dashes", id)
	case id+".yaml" != f.name:
		l.failf(f, "$.id", "id %q stands in %s: the file is called %s.yaml", id, f.name, id)
	default:
		return true
	}
	return false
}

func (l *loader) kind(f *file) *kind {
	e := &f.entry
	k := &kind{
		Type: Type{
			ID: e.ID, Group: e.Group, Title: e.Title, Short: e.Short, Description: strings.TrimSpace(e.Description),
			Publisher: e.Publisher, Category: e.Category, Home: e.Home, Docs: e.Docs, Origin: f.origin, From: f.from,
			Companion: e.Companion, AdmittedWith: e.AdmittedWith, Trait: e.Trait, Place: e.Place, Scan: e.Scan, Status: e.Status, Notes: strings.TrimSpace(e.Notes),
		},
		fallback: e.Fallback, platforms: e.Platforms, about: e.About,
	}
	if k.Companion && k.Place == "" {
		k.Place = PlaceCompanion
	}
	if k.Place == "" && len(e.Entry) > 0 {
		l.failf(f, "$.entry", "place is wanted: where do such entries of an index belong?")
	}
	switch e.Place {
	case "", PlacePlatform, PlaceCompanion, PlaceDocument, PlacePart, PlaceHidden:
	default:
		l.failf(f, "$.place", "place %q: want platform, companion, document, part or hidden", e.Place)
	}
	for i, u := range []string{e.Home, e.Docs} {
		if u != "" && !strings.HasPrefix(u, "https://") {
			l.failf(f, []string{"$.home", "$.docs"}[i], "%q is no https URL", u)
		}
	}
	for i, t := range e.Tools {
		if t.Title == "" || t.Installer != "" && !strings.HasPrefix(t.Installer, "https://") {
			l.failf(f, fmt.Sprintf("$.tools[%d]", i), "a tool has a title, and an installer that is an https URL, if there is any")
		}
		k.Tools = append(k.Tools, Tool(t))
	}
	if e.Mapping != nil {
		if err := e.Mapping.vet(); err != nil {
			l.failf(f, "$.mapping", "%v", err)
		}
		k.Mapping = e.Mapping
	}
	l.facts(f, k)
	l.expect(f, k)
	l.layers(f, k)
	l.configSchema(f, k)
	for i, text := range e.Attach {
		p, err := compileTag(text)
		if err != nil {
			l.failf(f, fmt.Sprintf("$.attach[%d]", i), "%v", err)
		}
		k.attach = append(k.attach, p)
	}
	k.actions = l.actions(f, k, e.Actions, "$.actions")
	l.variants(f, k)
	l.mistakes(f, k)
	for _, x := range e.Examples {
		k.examples = append(k.examples, Example{x.Name, x.MediaType, []byte(x.Manifest), given(x.Config), x.Variant})
	}
	return k
}

// facts compiles where facts are found, in the order of names.
func (l *loader) facts(f *file, k *kind) {
	for _, name := range slices.Sorted(maps.Keys(f.entry.Facts)) {
		rule := factRule{name: name}
		if !factName.MatchString(name) {
			l.failf(f, "$.facts."+name, "fact %q: want letters and digits", name)
		}
		for i, text := range f.entry.Facts[name] {
			s, err := compileSource(text)
			if err != nil {
				l.failf(f, fmt.Sprintf("$.facts.%s[%d]", name, i), "fact %s: %v", name, err)
			}
			k.readsConfig = k.readsConfig || s.of == fromConfig
			rule.sources = append(rule.sources, s)
		}
		k.factRules = append(k.factRules, rule)
	}
}

// expect notes which facts an artifact of the type should state.
func (l *loader) expect(f *file, k *kind) {
	for i, name := range f.entry.Expect {
		if _, ok := f.entry.Facts[name]; !ok {
			l.failf(f, fmt.Sprintf("$.expect[%d]", i), "the entry does not say under facts where %q is found", name)
		}
	}
	k.Expect = f.entry.Expect
}

func (l *loader) layers(f *file, k *kind) {
	for i, r := range f.entry.Layers {
		if r.Role == "" || len(r.MediaType) == 0 && len(r.Title) == 0 {
			l.failf(f, fmt.Sprintf("$.layers[%d]", i), "a layer has a role, and a mediaType or a title that it is known by")
		}
		k.Layers = append(k.Layers, LayerRole{
			Role: r.Role, MediaTypes: r.MediaType, Titles: r.Title, Required: r.Required, Files: r.Files,
			kinds: newPattern(r.MediaType, normal), titles: newPattern(r.Title, asIs),
		})
	}
}

func (l *loader) variants(f *file, k *kind) {
	for i, v := range f.entry.Variants {
		at := fmt.Sprintf("$.variants[%d]", i)
		if !idForm.MatchString(v.ID) {
			l.failf(f, at, "variant id %q: want lower-case letters, digits and single dashes", v.ID)
		}
		variant := Variant{ID: v.ID, Title: v.Title, Short: v.Short, Companion: k.Companion, Scan: v.Scan}
		if slices.ContainsFunc(k.Variants, func(other Variant) bool { return other.ID == v.ID }) {
			l.failf(f, at, "variant %q stands there twice", v.ID)
		}
		if v.Scan == nil {
			variant.Scan = k.Scan
		}
		if v.Title == "" {
			variant.Title = k.Title
		}
		if v.Short == "" {
			variant.Short = k.Short
		}
		if v.Companion != nil {
			variant.Companion = *v.Companion
		}
		variant.actions = l.actions(f, k, v.Actions, at+".actions")
		k.Variants = append(k.Variants, variant)
	}
}

// rule compiles one rule and refuses what no rule may be.
func (l *loader) rule(f *file, k *kind, i int) {
	r, at := l.newRule(f, k, i), fmt.Sprintf("$.match[%d]", i)
	if r == nil {
		return
	}
	if r.strength == strengthGeneric && !k.fallback && !k.Trait {
		l.failf(f, at, "the rule names nothing of its own: it would hold for ordinary images and files")
		return
	}
	if other, twice := l.signed(f, r.signature(), k); twice {
		l.failf(f, at, "the same conditions stand in %s: no manifest could tell the two apart", other)
		return
	}
	l.rules = append(l.rules, r)
	k.rules = append(k.rules, r)
}

// newRule is one rule of an entry; nil after an error.
func (l *loader) newRule(f *file, k *kind, i int) *rule {
	e, at := &f.entry.Match[i], fmt.Sprintf("$.match[%d]", i)
	when, err := e.compile(l.c.generic)
	if err != nil {
		l.failf(f, at, "%v", err)
		return nil
	}
	r := &rule{typ: k, variant: -1, number: i + 1, priority: f.entry.Priority + e.Priority, fallback: k.fallback, yields: f.yields, when: when}
	r.finish()
	if e.Variant != "" {
		r.variant = slices.IndexFunc(k.Variants, func(v Variant) bool { return v.ID == e.Variant })
		if r.variant < 0 {
			l.failf(f, at+".variant", "variant %q is not one of the entry's", e.Variant)
			return nil
		}
	}
	if len(when) == 0 {
		l.failf(f, at, "a rule without conditions holds for everything")
		return nil
	}
	return r
}

// signed notes who has conditions of that normal form. It reports who of the same
// origin had them before.
func (l *loader) signed(f *file, conditions string, k *kind) (other string, twice bool) {
	signature := f.origin.String() + ": " + conditions
	other, twice = l.signatures[signature]
	l.signatures[signature] = k.ID
	return other, twice && other != k.ID
}

// given is the bytes of a text, nil for one that is not there.
func given(text string) []byte {
	if text == "" {
		return nil
	}
	return []byte(text)
}
