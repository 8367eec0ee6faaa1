// Package policy says which types of artifact a repository takes: a list of rules,
// each for some repositories, that allow types, warn of them, keep them apart or
// refuse them. Without a rule everything is taken, as image-spec asks of registries.
//
// It knows types only by their catalog entries' words (id, group, category,
// companion, admittedWith) and decides from them alone. It does not know manifests,
// tools, users or HTTP.
package policy

import (
	"strings"
)

// Policy is a set of rules that does not change. The zero Policy takes everything.
type Policy struct {
	rules []*rule
}

// rule is what is said of some repositories.
type rule struct {
	at           string // file:line
	repositories []glob
	selectors    []selector // in the order of the file, the severest verdict first
	allowed      []string   // the selectors of allow as written, for people
	lock         Verdict    // Allow: a tag may change its type
	lint         bool       // pushers are told what is wrong with their manifests
	reason       string
}

// Empty says that the policy takes everything.
func (p *Policy) Empty() bool { return p == nil || len(p.rules) == 0 }

// rule is the first rule for a repository; nil when none is.
func (p *Policy) rule(repository string) *rule {
	if p == nil {
		return nil
	}
	for _, r := range p.rules {
		if r.covers(repository) {
			return r
		}
	}
	return nil
}

func (r *rule) covers(repository string) bool {
	for _, g := range r.repositories {
		if g.matches(repository) {
			return true
		}
	}
	return false
}

// globs are the rule's repositories as written.
func (r *rule) globs() string {
	all := make([]string, len(r.repositories))
	for i, g := range r.repositories {
		all[i] = g.String()
	}
	return strings.Join(all, ", ")
}
