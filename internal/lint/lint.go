// Package lint finds what is wrong with a manifest: where it goes against the OCI
// specifications, where clients will stumble, and what the catalog's entry of its type
// asks for and does not find. Check is a pure function of bytes and a catalog: whoever
// reads a file, a layout or a registry, or takes a push, calls it with what is at hand.
//
// It judges and never refuses: a registry stores what Check complains of, but for
// what package oci does not take. docs/lint.md lists the rules.
package lint

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/argosy-registry/argosy/artifact"
)

// Finding is one thing that is wrong with a manifest or its config.
type Finding struct {
	Rule     string            `json:"rule"` // an id of Rules, or TYPE/ID for a rule of the type's entry
	Severity artifact.Severity `json:"severity"`
	In       Part              `json:"in"`
	Place    string            `json:"place"`            // JSON pointer; empty for the whole
	Line     int               `json:"line,omitempty"`   // of the place, from 1; 0 until Locate
	Column   int               `json:"column,omitempty"` // in characters, from 1
	Why      string            `json:"why"`              // one sentence; a stranger's words in it are quoted
	Mend     string            `json:"mend"`             // one sentence
	Link     string            `json:"link,omitempty"`   // where it is written
}

// Part is the document that a finding is in.
type Part string

// The documents.
const (
	InManifest Part = "manifest"
	InConfig   Part = "config"
)

// MaxOfRule is the most findings of one rule that are listed; one more says how many
// others there are.
const MaxOfRule = 20

// Check lists what is wrong with a manifest, in the order of rules and then of
// places. It is pure and total, and never panics; its answer is bounded whatever the
// input is. Of a config that is not at hand nothing is said.
func Check(c *artifact.Catalog, in artifact.Input) []Finding {
	l := newList()
	d := read(l, in)
	if d == nil {
		return l.findings()
	}
	d.review = c.Review(in)
	d.envelope(l)
	d.descriptors(l)
	d.guidance(l, c)
	d.layersAgree(l)
	d.image(l, c)
	d.index(l)
	d.titles(l)
	d.annotate(l)
	d.entry(l, c)
	return l.findings()
}

// list collects findings.
type list struct {
	byRule map[string][]Finding
	more   map[string]int
	order  []string // rules of entries, as they come
}

func newList() *list { return &list{byRule: map[string][]Finding{}, more: map[string]int{}} }

// add adds a finding of a rule at a place in the manifest.
func (l *list) add(rule *Rule, place, format string, args ...any) {
	l.put(rule.finding(InManifest, place, fmt.Sprintf(format, args...)))
}

// addConfig adds a finding of a rule at a place in the config.
func (l *list) addConfig(rule *Rule, place, format string, args ...any) {
	l.put(rule.finding(InConfig, place, fmt.Sprintf(format, args...)))
}

func (l *list) put(f Finding) {
	if len(l.byRule[f.Rule]) == 0 && ruleByID(f.Rule) == nil {
		l.order = append(l.order, f.Rule)
	}
	if len(l.byRule[f.Rule]) == MaxOfRule {
		l.more[f.Rule]++
		return
	}
	f.Place = shortPlace(f.Place)
	l.byRule[f.Rule] = append(l.byRule[f.Rule], f)
}

// has reports whether a rule has a finding at a place.
func (l *list) has(rule *Rule, place string) bool {
	for _, f := range l.byRule[rule.ID] {
		if f.Place == place {
			return true
		}
	}
	return false
}

// findings are all that were added, in order of rules.
func (l *list) findings() []Finding {
	var all []Finding
	one := func(id string) {
		all = append(all, l.byRule[id]...)
		if n := l.more[id]; n > 0 {
			f := all[len(all)-1]
			f.Place, f.Why = "", fmt.Sprintf("The same is so at %d more places.", n)
			all = append(all, f)
		}
	}
	for i := range Rules {
		one(Rules[i].ID)
	}
	for _, id := range l.order {
		one(id)
	}
	return all
}

// maxQuote is the most bytes of a stranger's words in a sentence, maxPlace of a pointer.
const (
	maxQuote = 120
	maxPlace = 400
)

// quote puts a stranger's words into a sentence: on one line, and not endless.
func quote(s string) string {
	if len(s) > maxQuote {
		return fmt.Sprintf("%q…", cut(s, maxQuote))
	}
	return fmt.Sprintf("%q", s)
}

// cut is the first limit bytes of s, or a few less so that no character is halved.
func cut(s string, limit int) string {
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// shortPlace leaves out the steps of a pointer that nobody could read: a place above
// is true as well.
func shortPlace(place string) string {
	for len(place) > maxPlace {
		place = place[:strings.LastIndexByte(place, '/')]
	}
	return place
}

// below is the pointer of a member of what is at place (RFC 6901).
func below(place, name string) string {
	return place + "/" + strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}
