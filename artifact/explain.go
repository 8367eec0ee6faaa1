package artifact

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Explanation says why a manifest is of its type.
type Explanation struct {
	Identification Identification `json:"identification"`
	Read           []string       `json:"read"`              // what the manifest said
	Decided        string         `json:"decided,omitempty"` // the rule that decided; empty when none holds
	Shown          string         `json:"shown,omitempty"`   // the rule that gave it another name than the type's
	Losers         []Loser        `json:"losers,omitempty"`  // rules of which something particular holds, and that did not decide
}

// Loser is a rule that did not decide.
type Loser struct {
	Type string `json:"type"`
	Rule string `json:"rule"`
	Why  string `json:"why"`
}

// Explain is Identify with its reasons.
func (c *Catalog) Explain(in Input) Explanation {
	x := Explanation{Identification: c.Identify(in)}
	e := c.read(in)
	if e == nil {
		x.Read = []string{"the bytes are no manifest: a manifest is a JSON object, and an image manifest has a config with media type and digest"}
		return x
	}
	x.Read = e.said()
	decided := c.decide(e)
	if decided != nil {
		x.Decided = decided.String()
		if r := decided.typ.faceRule(c, e); r != nil {
			x.Shown = r.String()
		}
	}
	seen := map[*rule]bool{decided: true}
	var losers []*rule
	c.candidates(e, func(r *rule) {
		if !seen[r] && c.near(r, e) {
			seen[r] = true
			losers = append(losers, r)
		}
	})
	slices.SortFunc(losers, func(a, b *rule) int {
		order, _ := contest(a, b)
		return order
	})
	for _, r := range losers {
		x.Losers = append(x.Losers, Loser{r.typ.ID, r.String(), c.lost(r, decided, e)})
	}
	return x
}

// near says whether a rule was in question: all of it holds, or something of it that
// says more than what ordinary images and files say.
func (c *Catalog) near(r *rule, e *evidence) bool {
	all := true
	for i := range r.when {
		k := &r.when[i]
		holds := k.holds(c, e)
		if holds && k.strength > strengthGeneric {
			return true
		}
		all = all && holds
	}
	return all
}

// lost says why a rule did not decide.
func (c *Catalog) lost(r, decided *rule, e *evidence) string {
	for i := range r.when {
		if !r.when[i].holds(c, e) {
			return "not so: " + r.when[i].String()
		}
	}
	if why := r.gate(e); why != "" {
		return why
	}
	_, why := contest(decided, r)
	return "holds too, but the other has: " + why
}

// String is the rule as a person reads it.
func (r *rule) String() string {
	name := r.typ.ID
	if v := r.variantID(); v != "" {
		name += " (" + v + ")"
	}
	return fmt.Sprintf("%s, rule %d: %s", name, r.number, r.signature())
}

// said lists what identification reads of a manifest.
func (e *evidence) said() []string {
	var all []string
	add := func(name, value string) {
		if value != "" {
			all = append(all, name+": "+clean(value, maxText))
		}
	}
	add("form", e.form.String())
	add("media type", e.shown)
	add("artifactType", e.artifactType)
	add("artifactType of all entries", e.agreed)
	if e.config != nil {
		add("config media type", e.config.mediaType)
	}
	add("layer media types", strings.Join(e.layerKinds, ", "))
	add("annotations", strings.Join(slices.Sorted(maps.Keys(e.annotations)), ", "))
	add("subject", e.subject)
	if n := len(e.entries); n > 0 {
		add("entries", fmt.Sprint(n))
	}
	if e.configJSON.raw != nil {
		add("config", "read as JSON")
	}
	return all
}

// String is the explanation as lines for a person.
func (x Explanation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "type: %s (%s)\n", x.Identification.Type, x.Identification.Name)
	for _, r := range x.Read {
		fmt.Fprintf(&b, "read: %s\n", r)
	}
	if x.Decided == "" {
		b.WriteString("decided: no rule holds\n")
	} else {
		fmt.Fprintf(&b, "decided: %s\n", x.Decided)
	}
	if x.Shown != "" {
		fmt.Fprintf(&b, "shown as: %s\n", x.Shown)
	}
	for _, l := range x.Losers {
		fmt.Fprintf(&b, "lost: %s: %s\n", l.Rule, l.Why)
	}
	return b.String()
}
