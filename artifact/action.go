package artifact

import (
	"slices"
	"strings"
)

// Action is something that a person can do with an artifact: a command for a
// shell, or a page to open.
type Action struct {
	ID      string   `json:"id"`
	Label   string   `json:"label"`
	Kind    string   `json:"kind"` // use or publish
	Command string   `json:"command,omitempty"`
	Argv    []string `json:"argv,omitempty"` // the command as words, when it is one program without blanks to fill in
	URL     string   `json:"url,omitempty"`

	// Verified says that a test runs the command against a registry, over plain
	// HTTP and over TLS, and looks at what it brings. A link never is.
	Verified bool `json:"verified"`
}

// Target is the artifact that actions are filled in for.
type Target struct {
	Registry   string // host, with a port unless it is the usual one
	Repository string
	Tag        string // empty: by digest
	Digest     string
	PlainHTTP  bool // the registry is reached without TLS
}

// Actions fills in the actions of a manifest: those of its variant, when that has
// any of its own, else those of its type. One whose variables have no sound value
// is left out; of several with one id the first that can be filled in counts.
func (c *Catalog) Actions(id Identification, to Target) []Action {
	k := c.types[id.Type]
	if k == nil {
		k = c.types[Unknown]
	}
	templates := k.actions
	for i := range k.Variants {
		if v := &k.Variants[i]; v.ID == id.Variant && len(v.actions) > 0 {
			templates = v.actions
		}
	}
	if subject, ok := c.AttachedTo(id.Type, to.Tag); ok && id.Subject == "" && strings.HasPrefix(subject, "sha256:") {
		id.Subject = subject // whole in the tag, unlike that of a longer algorithm
	}
	fill := filler{id, to}
	var all []Action
	for _, t := range templates {
		if slices.ContainsFunc(all, func(a Action) bool { return a.ID == t.ID }) {
			continue
		}
		if a, ok := fill.action(t); ok {
			all = append(all, a)
		}
	}
	return all
}
