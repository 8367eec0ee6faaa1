package artifact

import (
	"cmp"
	"slices"
	"strings"
)

// rule is one way in which a manifest can be of a type: all conditions hold.
type rule struct {
	typ      *kind
	variant  int // index into the type's variants, -1 for none
	number   int // of the rule in its entry, from 1
	priority int
	fallback bool // of a built-in entry: comes after every other rule
	yields   bool // of an entry that changes nothing of farther origins
	when     []condition
	weight   int      // number of conditions
	strength strength // of the strongest condition
	readsAT  bool     // names the artifactType
	readsCfg bool     // names the config media type
	readsDoc bool     // looks into the config
	place    int      // in the order of contest, among all rules of the catalog
}

// finish works out what ordering and the gate need.
func (r *rule) finish() {
	for i := range r.when {
		k := &r.when[i]
		r.strength = max(r.strength, k.strength)
		r.readsAT = r.readsAT || k.of == ofArtifactType
		r.readsCfg = r.readsCfg || k.of == ofConfig
		r.readsDoc = r.readsDoc || k.of == ofConfigJSON
		if k.entry != nil {
			r.weight += k.entry.count()
		} else {
			r.weight++
		}
	}
}

// signature is the rule's conditions in their normal form: two rules with equal
// signatures hold for the same manifests.
func (r *rule) signature() string {
	parts := make([]string, len(r.when))
	for i := range r.when {
		parts[i] = r.when[i].String()
	}
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}

// gate says why a rule may not speak although all its conditions hold; empty when
// it may. An artifactType that says something, even something unknown, is not
// overruled by weaker evidence, and neither is a config type.
func (r *rule) gate(e *evidence) string {
	if e.typed && r.strength < strengthType && !r.readsAT {
		return "the artifactType says something, and the rule does not look at it"
	}
	if e.configured && r.strength < strengthConfig && !r.readsCfg {
		return "the config media type says something, and the rule does not look at it"
	}
	return ""
}

// holds reports whether the rule holds for the evidence and may speak.
func (r *rule) holds(e *evidence) bool {
	if r.readsDoc && e.configJSON.raw == nil || r.gate(e) != "" {
		return false
	}
	for i := range r.when {
		if !r.when[i].holds(e) {
			return false
		}
	}
	return true
}

// needsConfig reports whether the rule would have to read a config that is not
// at hand, and everything else holds.
func (r *rule) needsConfig(e *evidence) bool {
	if !r.readsDoc || r.gate(e) != "" {
		return false
	}
	for i := range r.when {
		if r.when[i].of != ofConfigJSON && !r.when[i].holds(e) {
			return false
		}
	}
	return true
}

// contest orders two rules that hold: negative when a decides. why names what
// settled it.
func contest(a, b *rule) (order int, why string) {
	order, why = 0, "it is the same rule"
	for _, step := range [...]struct {
		order int
		why   string
	}{
		{cmp.Compare(a.rank(), b.rank()), "a fallback comes last, and what others know is left to them"},
		{cmp.Compare(b.priority, a.priority), "higher priority"},
		{cmp.Compare(b.weight, a.weight), "more conditions"},
		{cmp.Compare(b.strength, a.strength), "stronger evidence"},
		{cmp.Compare(b.typ.Origin, a.typ.Origin), "nearer origin"},
		{cmp.Compare(a.typ.ID, b.typ.ID), "id in alphabetical order"},
		{cmp.Compare(a.variantID(), b.variantID()), "variant in alphabetical order"},
		{cmp.Compare(a.number, b.number), "its place in the entry"},
	} {
		if step.order != 0 {
			return step.order, step.why
		}
	}
	return order, why
}

// rank is what counts before all else: rules, then those that yield to them, then
// fallbacks, then those that yield and name no media type of their own: they would
// hold for ordinary images.
func (r *rule) rank() int {
	switch {
	case r.fallback:
		return 2
	case !r.yields:
		return 0
	case slices.ContainsFunc(r.when, ownMediaType):
		return 1
	}
	return 3
}

// ownMediaType says whether a condition is on media types that say something of
// their own.
func ownMediaType(k condition) bool {
	switch k.of {
	case ofMediaType, ofArtifactType, ofConfig, ofLayersAny, ofLayersAll, ofLayersExactly:
		return k.strength != strengthGeneric
	}
	return false
}

func (r *rule) variantID() string {
	if r.variant < 0 {
		return ""
	}
	return r.typ.Variants[r.variant].ID
}

// anchors are values of which at least one must be in the evidence for the rule to
// hold, and where; none when the rule has to be tried each time.
func (r *rule) anchors() (in anchor, values []string) {
	rank := 0
	for i := range r.when {
		if at, v, n := r.when[i].anchors(); n > rank {
			in, values, rank = at, v, n
		}
	}
	return in, values
}

// anchors of one condition, with how selective they are.
func (k *condition) anchors() (in anchor, values []string, rank int) {
	switch k.of {
	case ofArtifactType:
		in, rank = anchorType, 5
	case ofConfig:
		in, rank = anchorConfig, 4
		if k.strength == strengthGeneric {
			rank = 1 // many rules have it, but whoever has no config need not try them
		}
	case ofLayersAny, ofLayersAll:
		in, rank = anchorLayer, 3
	case ofAnnotation:
		if strings.HasSuffix(k.key, "*") || k.want.none {
			return 0, nil, 0
		}
		return anchorAnnotation, []string{k.key}, 2
	}
	if rank == 0 || !k.want.onlyExact() || k.strength == strengthGeneric && k.of != ofConfig {
		return 0, nil, 0
	}
	return in, k.want.exact, rank
}

// anchor is where a value stands that rules are found by.
type anchor uint8

const (
	anchorType anchor = iota
	anchorConfig
	anchorLayer
	anchorAnnotation // its key
	anchorKinds
)
