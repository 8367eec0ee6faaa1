package artifact

import (
	"slices"
	"strings"
)

// normal is a media type as it is compared: without parameters, in lower case.
func normal(mediaType string) string {
	if i := strings.IndexByte(mediaType, ';'); i >= 0 {
		mediaType = mediaType[:i]
	}
	return strings.ToLower(strings.TrimSpace(mediaType))
}

// pattern says which values are meant: any of some exact ones, or of some that
// have a "*" in them, or none at all.
type pattern struct {
	exact []string // sorted
	globs []string // sorted; a "*" stands for any run of characters
	none  bool     // the value is absent
}

// wordNone is the word in an entry for a value that is absent.
const wordNone = "none"

// newPattern sorts words into a pattern; fold normalises each.
func newPattern(words []string, fold func(string) string) pattern {
	var p pattern
	for _, w := range words {
		switch {
		case w == wordNone:
			p.none = true
		case strings.Contains(w, "*"):
			p.globs = append(p.globs, fold(w))
		default:
			p.exact = append(p.exact, fold(w))
		}
	}
	slices.Sort(p.exact)
	slices.Sort(p.globs)
	p.exact, p.globs = slices.Compact(p.exact), slices.Compact(p.globs)
	return p
}

// holds reports whether value, which may be empty for absent, is meant.
func (p *pattern) holds(value string) bool {
	if value == "" {
		return p.none
	}
	if slices.Contains(p.exact, value) {
		return true
	}
	for _, g := range p.globs {
		if glob(g, value) {
			return true
		}
	}
	return false
}

// onlyExact reports whether the pattern is nothing but exact values.
func (p *pattern) onlyExact() bool {
	return !p.none && len(p.globs) == 0 && len(p.exact) > 0
}

// String is the pattern in its normal form, as rules are compared by.
func (p *pattern) String() string {
	words := slices.Concat(p.exact, p.globs)
	if p.none {
		words = append(words, wordNone)
	}
	return strings.Join(words, " or ")
}

// glob reports whether s is meant by g, in which "*" stands for any run of
// characters. It takes the shortest run first and never goes back: linear.
func glob(g, s string) bool {
	part, g, more := strings.Cut(g, "*")
	if !more {
		return part == s
	}
	s, ok := strings.CutPrefix(s, part)
	for ok {
		if part, g, more = strings.Cut(g, "*"); !more {
			return strings.HasSuffix(s, part)
		}
		_, s, ok = strings.Cut(s, part)
	}
	return false
}
