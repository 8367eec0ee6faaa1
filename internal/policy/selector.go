package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/argosy-registry/argosy/artifact"
)

// Words that stand for many types.
const (
	wordAny     = "*"
	wordKnown   = "known"
	wordUnknown = "unknown"
)

// selector names types in a rule, and says what becomes of them.
type selector struct {
	verdict Verdict
	kind    string // "", type, group or category
	word    string
	text    string // as written
	at      string // file:line:column
}

// newSelector reads a type's id, a group, a category, with type:, group: or
// category: before it where one word is several, or known, unknown or "*".
func newSelector(v Verdict, text, at string) (selector, error) {
	s := selector{verdict: v, word: text, text: text, at: at}
	if kind, word, ok := strings.Cut(text, ":"); ok {
		if !slices.Contains([]string{"type", "group", "category"}, kind) {
			return s, fmt.Errorf("%s: %q: want type:ID, group:NAME or category:NAME", v, text)
		}
		s.kind, s.word = kind, word
	}
	if s.word == "" || s.word != wordAny && !artifact.ValidID(s.word) && s.word != wordUnknown {
		return s, fmt.Errorf("%s: %q is no type's id, group or category, nor known, unknown or %q", v, text, wordAny)
	}
	return s, nil
}

// precision is how exactly a selector names a type.
type precision uint8

const (
	notMeant precision = iota
	byAny
	byKnown
	byCategory
	byGroup
	byType
)

var precisionWords = [...]string{"", `"*"`, "known or unknown", "its category", "its group", "its id"}

// means says how exactly the selector names an artifact's type.
func (s *selector) means(a *subject) precision {
	of := func(kind string) bool { return s.kind == "" || s.kind == kind }
	switch {
	case of("type") && s.word == a.typ && a.known:
		return byType
	case of("group") && s.word == a.group && a.group != "":
		return byGroup
	case of("category") && s.word == a.category && a.known && a.category != "":
		return byCategory
	case s.kind != "":
	case s.word == wordKnown && a.known, s.word == wordUnknown && !a.known:
		return byKnown
	case s.word == wordAny:
		return byAny
	}
	return notMeant
}

// general says that the selector names no type of its own.
func (s *selector) general() bool {
	return s.kind == "" && (s.word == wordAny || s.word == wordKnown || s.word == wordUnknown)
}

// names reports whether the selector names a type of the catalog.
func (s *selector) names(t *artifact.Type) bool {
	return s.means(subjectOf(t, t.Companion)) >= byCategory
}

// subject is what a rule looks at.
type subject struct {
	typ, name       string
	group, category string
	known           bool
	companion       bool
	with            []string
}

// subjectOf is a type as rules see it. That an entry of somebody else's catalog calls
// its artifacts companions opens no door: the owner names what is to be taken.
func subjectOf(t *artifact.Type, companion bool) *subject {
	s := &subject{
		typ: t.ID, name: t.Title, group: t.Group, category: t.Category,
		known: t.ID != artifact.Unknown && t.ID != artifact.Invalid,
	}
	if t.Origin != artifact.OriginFollowed {
		s.companion, s.with = companion, t.AdmittedWith
	}
	return s
}
