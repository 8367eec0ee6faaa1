package policy

import (
	"fmt"
	"strings"

	"github.com/argosy-registry/argosy/artifact"
)

// Artifact is what an artifact was identified as, in a repository.
type Artifact struct {
	Repository string
	Type       string // id of the type
	Companion  bool   // of its variant
	MediaType  string // what says the type: its artifactType, else its config's media type, else its own
}

// Decision is what becomes of an artifact, and why.
type Decision struct {
	Verdict  Verdict `json:"verdict"`
	Type     string  `json:"type"`
	Rule     string  `json:"rule,omitempty"`     // file and line of the rule that decided; empty when none is for the repository
	Selector string  `json:"selector,omitempty"` // of the rule, as written; empty when none of them named the type
	Because  string  `json:"because"`            // one sentence
	Reason   string  `json:"reason,omitempty"`   // the owner's own words
}

// Admit decides about an artifact that is new to its repository: the first rule for
// the repository decides, and in it the selector that names the type most exactly,
// of equal ones the most severe.
func (p *Policy) Admit(c *artifact.Catalog, a Artifact) Decision {
	d := Decision{Type: a.Type}
	r := p.rule(a.Repository)
	if r == nil {
		d.Because = fmt.Sprintf("no rule is for %s: all types are taken", a.Repository)
		return d
	}
	d.Rule = r.at
	t := typeOf(c, a.Type)
	s := subjectOf(t, a.Companion)
	best, how := r.best(s)
	// "*" names everything, where it does not stand for the rest beside an allow list.
	if how < byCategory && (how != byAny || len(r.allowed) > 0) {
		if with := r.comes(c, s); with != "" {
			d.Because = with
			return d
		}
	}
	switch {
	case best != nil:
		d.Verdict, d.Selector = best.verdict, best.text
		d.Because = fmt.Sprintf("%s: %s names %s by %s", best.verdict, best.text, a.Type, precisionWords[how])
	case len(r.allowed) > 0:
		d.Verdict = Deny
		d.Because = fmt.Sprintf("only %s is taken, and %s is not among it", strings.Join(r.allowed, ", "), a.Type)
	default:
		d.Because = fmt.Sprintf("the rule for %s does not name %s", r.globs(), a.Type)
	}
	if d.Verdict != Allow {
		d.Reason = r.reason
	}
	return d
}

// typeOf is a type of the catalog; what it does not have counts as unknown.
func typeOf(c *artifact.Catalog, id string) *artifact.Type {
	if t, ok := c.Type(id); ok {
		return t
	}
	t, _ := c.Type(artifact.Unknown) // no catalog is without it
	return t
}

// best is the selector that names a type most exactly; of equal ones the first,
// which is the most severe.
func (r *rule) best(s *subject) (best *selector, how precision) {
	for i := range r.selectors {
		if p := r.selectors[i].means(s); p > how {
			best, how = &r.selectors[i], p
		}
	}
	return best, how
}

// comes says with what a type comes that the rule does not name itself; empty when
// with nothing. What is about another artifact comes with everything, and parts of
// a whole with the whole.
func (r *rule) comes(c *artifact.Catalog, s *subject) string {
	if s.companion {
		return s.typ + " is a companion: it is about another artifact, and comes with it unless a rule names it"
	}
	for _, with := range s.with {
		if with == wordAny {
			return s.typ + " comes with any type unless a rule names it"
		}
		if r.allows(c, with) {
			return s.typ + " comes with " + with + ", which is taken"
		}
	}
	return ""
}

// allows reports whether the rule takes, by its allow list, types of a word, which is
// an id, a group or a category.
func (r *rule) allows(c *artifact.Catalog, word string) bool {
	for _, t := range c.Types() {
		if t.ID != word && t.Group != word && t.Category != word {
			continue
		}
		if best, how := r.best(subjectOf(t, t.Companion)); how >= byCategory && best.verdict == Allow {
			return true
		}
	}
	return false
}

// Lock says what becomes of a push that gives a tag another type than it had; Allow
// when it may. Both types are of one catalog: that an entry was changed is no drift.
func (p *Policy) Lock(c *artifact.Catalog, was, is Artifact) Decision {
	d := Decision{Type: is.Type}
	r := p.rule(is.Repository)
	if r == nil || r.lock == Allow || alike(c, was, is) {
		return d
	}
	d.Verdict, d.Rule, d.Reason = r.lock, r.at, r.reason
	d.Because = fmt.Sprintf("lock: what the tag names is of type %s, and what is pushed is of type %s", was.kind(), is.kind())
	return d
}

// Locks says whether the tags of a repository may not change their type unnoticed.
func (p *Policy) Locks(repository string) bool {
	r := p.rule(repository)
	return r != nil && r.lock != Allow
}

// Lints says whether pushers to a repository are told what is wrong with their
// manifests.
func (p *Policy) Lints(repository string) bool {
	r := p.rule(repository)
	return r != nil && r.lint
}

// alike reports whether a person takes two artifacts for one kind of thing: an image,
// and an index of images.
func alike(c *artifact.Catalog, was, is Artifact) bool {
	a, b := typeOf(c, was.Type), typeOf(c, is.Type)
	if a.ID == artifact.Unknown || b.ID == artifact.Unknown {
		return a.ID == b.ID && was.MediaType == is.MediaType
	}
	return a.ID == b.ID || a.Group != "" && a.Group == b.Group
}

// kind is the artifact's type for people.
func (a Artifact) kind() string {
	if a.Type == artifact.Unknown {
		return a.MediaType + ", which no entry knows"
	}
	return a.Type
}
