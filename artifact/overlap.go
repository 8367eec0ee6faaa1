package artifact

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Overlap is two rules of different types that hold for one manifest, of which only
// the order of ids decides: what nobody meant.
type Overlap struct {
	Winner, Loser string // ids
	Rules         [2]string
	Manifest      []byte // for which both hold
	Config        []byte // its config; nil when it does not matter
}

// String is the overlap as lines for the author of an entry.
func (o Overlap) String() string {
	s := fmt.Sprintf("%s and %s hold for the same manifest, and only the order of their ids makes it a %s: say more in one of them\n  %s\n  %s\n  such as %s",
		o.Winner, o.Loser, o.Winner, o.Rules[0], o.Rules[1], o.Manifest)
	if o.Config != nil {
		s += "\n  with the config " + string(o.Config)
	}
	return s
}

// Overlaps finds overlaps of the rules of some types with those of all others. It
// makes a manifest for each pair of rules of equal rank and looks whether both
// hold: what it reports is so, and what is odd enough may escape it.
func (c *Catalog) Overlaps(ids ...string) (all []Overlap) {
	rules := c.rules()
	for i, a := range rules {
		for _, b := range rules[i+1:] {
			if !slices.Contains(ids, a.typ.ID) && !slices.Contains(ids, b.typ.ID) || !onlyIDsDecide(a, b) || !lookAtOne(a, b) {
				continue
			}
			in := sketchOf(a, b).input()
			e := c.read(in)
			if e == nil || !a.holds(e) || !b.holds(e) {
				continue
			}
			if order, _ := contest(a, b); order > 0 {
				a, b = b, a
			}
			all = append(all, Overlap{a.typ.ID, b.typ.ID, [2]string{a.String(), b.String()}, in.Manifest, in.Config})
		}
	}
	return all
}

// rules are the rules of types, in a fixed order.
func (c *Catalog) rules() []*rule {
	seen := map[*rule]bool{}
	var all []*rule
	add := func(rules []*rule) {
		for _, r := range rules {
			if !seen[r] {
				seen[r] = true
				all = append(all, r)
			}
		}
	}
	add(c.always)
	for _, found := range c.byAnchor {
		for _, value := range slices.Sorted(maps.Keys(found)) {
			add(found[value])
		}
	}
	slices.SortStableFunc(all, func(a, b *rule) int { return strings.Compare(a.String(), b.String()) })
	return all
}

// onlyIDsDecide says whether two rules are of different types and of equal rank.
func onlyIDsDecide(a, b *rule) bool {
	return a.typ != b.typ && a.fallback == b.fallback && a.priority == b.priority && a.weight == b.weight &&
		a.strength == b.strength && a.typ.Origin == b.typ.Origin
}

// lookAtOne says whether two rules are known by the same thing. Rules that look at
// different things hold for whatever says both, which nobody writes.
func lookAtOne(a, b *rule) bool {
	return slices.ContainsFunc(a.when, func(x condition) bool {
		return x.strength == a.strength && slices.ContainsFunc(b.when, func(y condition) bool {
			return y.strength == b.strength && x.of == y.of && x.key == y.key
		})
	})
}

// sketch is a manifest for which some conditions should hold.
type sketch struct {
	conditions []condition
	manifest   map[string]any
	config     map[string]any
}

func sketchOf(rules ...*rule) *sketch {
	s := &sketch{manifest: map[string]any{"schemaVersion": 2}}
	for _, r := range rules {
		s.conditions = append(s.conditions, r.when...)
	}
	s.scalars()
	s.annotate()
	if s.form() == formIndex {
		s.manifest["manifests"] = s.entries()
	} else {
		s.manifest["layers"] = s.layers()
	}
	s.configure()
	return s
}

func (s *sketch) input() Input {
	in := Input{}
	in.Manifest, _ = json.Marshal(s.manifest) // strings, numbers, maps and slices of them
	if s.config != nil {
		in.Config, _ = json.Marshal(s.config)
	}
	return in
}

// of are the conditions on a subject.
func (s *sketch) of(subjects ...subject) (all []condition) {
	for _, k := range s.conditions {
		if slices.Contains(subjects, k.of) {
			all = append(all, k)
		}
	}
	return all
}

// pick finds a value that all patterns mean, or fallback.
func pick(fallback string, patterns ...*pattern) string {
	candidates := []string{fallback}
	for _, p := range patterns {
		candidates = append(candidates, p.exact...)
		for _, g := range p.globs {
			candidates = append(candidates, strings.ReplaceAll(g, "*", "x"))
		}
	}
	for _, v := range append(candidates, "") {
		if !slices.ContainsFunc(patterns, func(p *pattern) bool { return !p.holds(v) }) {
			return v
		}
	}
	return fallback
}

func patternsOf(conditions []condition) (all []*pattern) {
	for i := range conditions {
		all = append(all, &conditions[i].want)
	}
	return all
}

func (s *sketch) form() form {
	if len(s.of(ofEntriesAny, ofEntriesAll)) > 0 || forms[fmt.Sprint(s.manifest["mediaType"])] == formIndex ||
		pick("image", patternsOf(s.of(ofForm))...) == formIndex.String() {
		return formIndex
	}
	return formImage
}

func (s *sketch) scalars() {
	if t := pick("", patternsOf(s.of(ofArtifactType))...); t != "" {
		s.manifest["artifactType"] = t
	}
	usual := shapes[formImage]
	if s.form() == formIndex {
		usual = shapes[formIndex]
	}
	s.manifest["mediaType"] = pick(usual, patternsOf(s.of(ofMediaType))...)
	if pick("", patternsOf(s.of(ofSubject))...) != "" {
		s.manifest["subject"] = fakeDescriptor(shapes[formImage])
	}
}

func fakeDescriptor(mediaType string) map[string]any {
	return map[string]any{"mediaType": mediaType, "digest": "sha256:" + strings.Repeat("0", 64), "size": 2}
}

// annotations are those that conditions on them want.
func annotations(conditions []condition) map[string]string {
	all := map[string]string{}
	for i := range conditions {
		key := strings.Replace(conditions[i].key, "*", "x", 1)
		same := slices.DeleteFunc(slices.Clone(conditions), func(k condition) bool { return k.key != conditions[i].key })
		if v := pick("x", patternsOf(same)...); v != "" {
			all[key] = v
		}
	}
	return all
}

func (s *sketch) annotate() {
	if all := annotations(s.of(ofAnnotation)); len(all) > 0 {
		s.manifest["annotations"] = all
	}
}

func (s *sketch) layers() []any {
	every := patternsOf(s.of(ofLayersAll))
	var kinds []string
	for _, p := range patternsOf(s.of(ofLayersAny)) {
		kinds = append(kinds, pick("", append([]*pattern{p}, every...)...))
	}
	for _, p := range patternsOf(s.of(ofLayersExactly)) {
		kinds = append(kinds, p.exact...)
	}
	usual := pick(shapes[formImage], every...)
	least := 0
	if len(every) > 0 || len(s.of(ofLayerAnnotation, ofLayerTitlesAny, ofLayerTitlesAll)) > 0 {
		least = 1
	}
	for _, k := range s.of(ofLayerCount) {
		least = max(least, k.count)
	}
	for len(kinds) < least {
		kinds = append(kinds, usual)
	}
	slices.Sort(kinds)
	marks := annotations(s.of(ofLayerAnnotation))
	if titles := patternsOf(s.of(ofLayerTitlesAny, ofLayerTitlesAll)); len(titles) > 0 {
		marks[titleKey] = pick("", titles...)
	}
	all := []any{}
	for _, kind := range kinds {
		d := fakeDescriptor(kind)
		d["annotations"] = marks
		all = append(all, d)
	}
	return all
}

func (s *sketch) entries() []any {
	all := []any{}
	for _, k := range s.of(ofEntriesAny, ofEntriesAll) {
		p := k.entry
		or := func(w *pattern, fallback string) string {
			if w == nil {
				return fallback
			}
			return pick(fallback, w)
		}
		d := fakeDescriptor(or(p.mediaType, shapes[formImage]))
		if t := or(p.artifactType, ""); t != "" {
			d["artifactType"] = t
		}
		if os, arch, ok := strings.Cut(or(p.platform, ""), "/"); ok {
			d["platform"] = map[string]string{"os": os, "architecture": arch}
		}
		marks := map[string]string{}
		for _, a := range p.annotations {
			marks[strings.Replace(a.key, "*", "x", 1)] = pick("x", &a.want)
		}
		d["annotations"] = marks
		all = append(all, d)
	}
	return all
}

// configure adds the config's descriptor and what conditions look for in it.
func (s *sketch) configure() {
	if s.form() == formIndex {
		return
	}
	s.manifest["config"] = fakeDescriptor(pick(emptyType, patternsOf(s.of(ofConfig))...))
	for _, k := range s.of(ofConfigJSON) {
		if s.config == nil {
			s.config = map[string]any{}
		}
		at := s.config
		for i, key := range k.pointer.steps {
			key = strings.Replace(key, "*", "x", 1)
			if i == len(k.pointer.steps)-1 {
				at[key] = pick("x", &k.want)
				break
			}
			below, ok := at[key].(map[string]any)
			if !ok {
				below = map[string]any{}
				at[key] = below
			}
			at = below
		}
	}
}
