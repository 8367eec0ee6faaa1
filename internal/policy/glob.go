package policy

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// glob names repositories by the parts of their names: "*" stands for any
// characters within a part, "**" for any number of parts.
type glob []string

// newGlob reads a pattern such as team/*, charts/** or library/nginx.
func newGlob(text string) (glob, error) {
	g := glob(strings.Split(text, "/"))
	for _, part := range g {
		if part == "" {
			return nil, fmt.Errorf("repositories: %q has an empty part: want names with slashes between, such as team/* or charts/**", text)
		}
		if i := strings.IndexFunc(part, func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789._-*", r) }); i >= 0 {
			return nil, fmt.Errorf("repositories: %q: no repository's name has %q in it", text, part[i:][:1])
		}
		if strings.Contains(part, "**") && part != "**" {
			return nil, fmt.Errorf(`repositories: %q: "**" stands for whole parts: write it between slashes`, text)
		}
	}
	return slices.CompactFunc(g, func(a, b string) bool { return a == "**" && b == "**" }), nil
}

func (g glob) String() string { return strings.Join(g, "/") }

// matches reports whether a repository is meant. Rows of a table say which of the
// pattern's parts can have been reached with the name's parts so far, so the work is
// bounded by the product of both.
func (g glob) matches(repository string) bool {
	reached := make([]bool, len(g)+1)
	reached[0] = true
	g.skip(reached)
	for part := range strings.SplitSeq(repository, "/") {
		next := make([]bool, len(g)+1)
		for i, want := range g {
			if !reached[i] {
				continue
			}
			if want == "**" {
				next[i] = true
			} else if ok, _ := path.Match(want, part); ok { // checked when it was read
				next[i+1] = true
			}
		}
		g.skip(next)
		reached = next
	}
	return reached[len(g)]
}

// skip lets "**" stand for no part at all.
func (g glob) skip(reached []bool) {
	for i, part := range g {
		if reached[i] && part == "**" {
			reached[i+1] = true
		}
	}
}
