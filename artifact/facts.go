package artifact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of texts that come out of manifests, in bytes.
const (
	maxText = 1024
	maxWord = 64
)

// source says where a fact may be found.
type source struct {
	of      sourceKind
	key     string
	pointer pointer
}

type sourceKind uint8

const (
	fromAnnotation sourceKind = iota
	fromConfig
	fromLayerAnnotation
	fromConfigAnnotation
)

// factRule is a fact with its sources, the first that has a value counts.
type factRule struct {
	name    string
	sources []source
}

// facts reads what the type's entry asks for; the reserved type Unknown says
// what is asked of every type.
func (c *Catalog) facts(t *kind, e *evidence) Facts {
	var found Facts
	for i := range t.factRules {
		r := &t.factRules[i]
		for j := range r.sources {
			if s := clean(r.sources[j].read(e), maxText); s != "" {
				if found == nil {
					found = make(Facts)
				}
				found[r.name] = s
				break
			}
		}
	}
	return found
}

// read is the value at the source; empty when there is none.
func (s *source) read(e *evidence) string {
	switch s.of {
	case fromAnnotation:
		return e.annotations[s.key]
	case fromConfig:
		return e.configJSON.text(s.pointer)
	case fromConfigAnnotation:
		if e.config != nil {
			return e.config.annotations[s.key]
		}
	case fromLayerAnnotation:
		for i := range e.layers {
			if v := e.layers[i].annotations[s.key]; v != "" {
				return v
			}
		}
	}
	return ""
}

// clean makes a stranger's text fit to keep: valid UTF-8 on one line, without
// control characters or marks that turn the direction of writing, at most limit
// bytes.
func clean(s string, limit int) string {
	if plain(s) && len(s) <= limit {
		return s
	}
	if len(s) > 4*limit {
		s = s[:4*limit] // no more of it can be kept
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r) || turning(r):
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return strings.TrimSpace(s[:limit])
}

// plain reports whether s needs no cleaning: printable ASCII, no space at its
// ends and none doubled.
func plain(s string) bool {
	for i := range len(s) {
		b := s[i]
		if b < ' ' || b > '~' || b == ' ' && (i == 0 || i == len(s)-1 || s[i+1] == ' ') {
			return false
		}
	}
	return true
}

// turning reports whether a rune is invisible and can change how others are read.
func turning(r rune) bool {
	return unicode.Is(unicode.Cf, r)
}
