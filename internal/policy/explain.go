package policy

import (
	"fmt"

	"github.com/argosy-registry/argosy/artifact"
)

// Considered is a rule as it was looked at for a decision.
type Considered struct {
	Rule         string `json:"rule"`         // file and line
	Repositories string `json:"repositories"` // as written
	Outcome      string `json:"outcome"`      // one sentence
}

// Explain tells how Admit came to its decision: every rule, and why it decided or
// did not.
func (p *Policy) Explain(c *artifact.Catalog, a Artifact) []Considered {
	all := make([]Considered, 0, len(p.rules))
	decided := ""
	for _, r := range p.rules {
		x := Considered{Rule: r.at, Repositories: r.globs()}
		switch {
		case !r.covers(a.Repository):
			x.Outcome = "is not for " + a.Repository
		case decided != "":
			x.Outcome = "is for " + a.Repository + " too, and stands after " + decided
		default:
			decided = r.at
			x.Outcome = "decides: " + p.Admit(c, a).Because + r.others(c, a)
		}
		all = append(all, x)
	}
	return all
}

// others are the selectors that name the type as well and lost.
func (r *rule) others(c *artifact.Catalog, a Artifact) (text string) {
	s := subjectOf(typeOf(c, a.Type), a.Companion)
	best, how := r.best(s)
	for i := range r.selectors {
		o := &r.selectors[i]
		if p := o.means(s); p != notMeant && o != best {
			why := "less exactly"
			if p == how {
				why = "as exactly, and is less severe"
			}
			text += fmt.Sprintf("; %s: %s names it %s", o.verdict, o.text, why)
		}
	}
	return text
}
