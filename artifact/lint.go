package artifact

import (
	"fmt"
	"slices"
	"strings"
)

// Severity says how bad a finding is.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"   // breaks a MUST, or clients fail on it
	SeverityWarning Severity = "warning" // breaks a SHOULD, or some clients fail on it
	SeverityNote    Severity = "note"    // worth knowing
)

// LintRule is a mistake that is known of artifacts of a type: what is wrong with
// those that it holds for, and how to mend them.
type LintRule struct {
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	Message  string   `json:"message"`
	Mend     string   `json:"mend"`
	Docs     string   `json:"docs,omitempty"` // https
}

// mistake is a LintRule with what it holds for: all conditions of one of match.
type mistake struct {
	LintRule
	match []mistakeMatch
}

type mistakeMatch struct {
	variant string // empty: any
	when    []condition
}

// maxSentence is the most bytes of what a lint rule says.
const maxSentence = 500

// mistakes compiles the lint rules of an entry.
func (l *loader) mistakes(f *file, k *kind) {
	for i := range f.entry.Lint {
		r, at := &f.entry.Lint[i], fmt.Sprintf("$.lint[%d]", i)
		if r.Severity == "" {
			r.Severity = SeverityWarning
		}
		m := mistake{LintRule: LintRule{r.ID, r.Severity, strings.TrimSpace(r.Message), strings.TrimSpace(r.Mend), r.Docs}}
		switch {
		case !ValidID(r.ID):
			l.failf(f, at, "lint id %q: want lower-case letters, digits and single dashes", r.ID)
		case slices.ContainsFunc(k.Lint, func(other LintRule) bool { return other.ID == r.ID }):
			l.failf(f, at, "lint rule %q stands there twice", r.ID)
		case !slices.Contains([]Severity{SeverityError, SeverityWarning, SeverityNote}, r.Severity):
			l.failf(f, at+".severity", "severity %q: want error, warning or note", r.Severity)
		case m.Message == "" || m.Mend == "" || len(m.Message) > maxSentence || len(m.Mend) > maxSentence:
			l.failf(f, at, "a lint rule has a message, why it is wrong, and mend, how to put it right, each of at most %d bytes", maxSentence)
		case r.Docs != "" && !strings.HasPrefix(r.Docs, "https://"):
			l.failf(f, at+".docs", "%q is no https URL", r.Docs)
		case len(r.Match) == 0:
			l.failf(f, at, "match is wanted: what the rule holds for; of a whole type status and notes say what there is to know")
		}
		for j := range r.Match {
			l.mistakeMatch(f, k, &m, &r.Match[j], fmt.Sprintf("%s.match[%d]", at, j))
		}
		k.Lint = append(k.Lint, m.LintRule)
		k.mistakes = append(k.mistakes, m)
	}
}

func (l *loader) mistakeMatch(f *file, k *kind, m *mistake, e *ruleEntry, at string) {
	when, err := e.compile(l.c.generic)
	switch {
	case err != nil:
		l.failf(f, at, "%v", err)
	case e.Priority != 0:
		l.failf(f, at+".priority", "lint rules have no priority: each that holds is reported")
	case e.Variant != "" && !slices.ContainsFunc(k.Variants, func(v Variant) bool { return v.ID == e.Variant }):
		l.failf(f, at+".variant", "variant %q is not one of the entry's", e.Variant)
	case len(when) == 0 && e.Variant == "":
		l.failf(f, at, "a rule without conditions holds for everything")
	}
	m.match = append(m.match, mistakeMatch{e.Variant, when})
}

// remarks are the lint rules of a type that hold for a manifest of it.
func (c *Catalog) remarks(t *kind, variant string, e *evidence) []Remark {
	var all []Remark
	for i := range t.mistakes {
		m := &t.mistakes[i]
		for j := range m.match {
			if x := &m.match[j]; x.holds(variant, e) {
				all = append(all, Remark{m.LintRule, x.place(e)})
				break
			}
		}
	}
	return all
}

func (m *mistakeMatch) holds(variant string, e *evidence) bool {
	if m.variant != "" && m.variant != variant {
		return false
	}
	for i := range m.when {
		if m.when[i].of == ofConfigJSON && e.configJSON.raw == nil {
			return false // what is not at hand is no mistake
		}
		if !m.when[i].holds(e) {
			return false
		}
	}
	return true
}

// place is the JSON pointer of what the conditions look at, the most telling one;
// that of the whole manifest when they look at nothing that is there.
func (m *mistakeMatch) place(e *evidence) (pointer string) {
	best := -1
	for i := range m.when {
		k := &m.when[i]
		if p := k.place(e); p != "" && int(k.strength) >= best {
			pointer, best = p, int(k.strength)
		}
	}
	return pointer
}

// place is the JSON pointer of what a condition that holds looks at; empty when
// that is absent.
func (k *condition) place(e *evidence) string {
	list := "/layers"
	if e.form == formArtifact {
		list = "/blobs"
	}
	layer := func(holds func(d *descriptor) bool, member string) string {
		for i := range e.layers {
			if holds(&e.layers[i]) {
				return fmt.Sprintf("%s/%d%s", list, i, member)
			}
		}
		return ""
	}
	switch k.of {
	case ofArtifactType:
		if e.artifactType != "" {
			return "/artifactType"
		}
	case ofConfig:
		if e.config != nil {
			return "/config/mediaType"
		}
	case ofAnnotation:
		if _, ok := e.annotations[k.key]; ok {
			return "/annotations/" + escapePointer(k.key)
		}
	case ofSubject:
		if e.subject != "" {
			return "/subject"
		}
	case ofLayersAny, ofLayersAll, ofLayersExactly:
		return layer(func(d *descriptor) bool { return k.want.holds(d.kind) }, "/mediaType")
	case ofLayerAnnotation:
		return layer(func(d *descriptor) bool { return annotated(d.annotations, k.key, &k.want) }, "")
	case ofLayerTitlesAny, ofLayerTitlesAll:
		return layer(func(d *descriptor) bool { return k.want.holds(d.annotations[titleKey]) }, "")
	case ofEntriesAny, ofEntriesAll:
		for i := range e.entries {
			if k.entry.holds(&e.entries[i]) {
				return fmt.Sprintf("/manifests/%d", i)
			}
		}
	}
	return ""
}

// escapePointer writes a member's name as a step of a JSON pointer (RFC 6901).
func escapePointer(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}
