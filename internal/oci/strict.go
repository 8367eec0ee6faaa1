package oci

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep a manifest may nest, the outermost object being 1.
const maxDepth = 64

// place is where in a manifest an object stands, for the fields it may not
// write in another letter case.
type place int

const (
	elsewhere place = iota // annotations and unknown members: keys are free
	atManifest
	atDescriptor
	atPlatform
)

// fields are the specification's fields of each place, and what stands in them.
var fields = map[place]map[string]place{
	atManifest: {
		"schemaVersion": elsewhere, "mediaType": elsewhere, "artifactType": elsewhere, "annotations": elsewhere,
		"config": atDescriptor, "subject": atDescriptor,
		"layers": atDescriptor, "manifests": atDescriptor, "blobs": atDescriptor,
	},
	atDescriptor: {
		"mediaType": elsewhere, "digest": elsewhere, "size": elsewhere, "urls": elsewhere, "annotations": elsewhere,
		"data": elsewhere, "artifactType": elsewhere, "platform": atPlatform,
	},
	atPlatform: {
		"architecture": elsewhere, "os": elsewhere, "os.version": elsewhere, "os.features": elsewhere,
		"variant": elsewhere, "features": elsewhere,
	},
}

// checkStrict refuses bytes that two JSON readers could understand differently.
// Error: ManifestInvalid naming the rule.
func checkStrict(content []byte) error {
	if !utf8.Valid(content) {
		return invalid("utf-8", "manifest is not valid UTF-8")
	}
	if depth(content) > maxDepth {
		return invalid("depth", "manifest nests deeper than %d", maxDepth)
	}
	d := json.NewDecoder(bytes.NewReader(content))
	var first json.RawMessage
	if err := d.Decode(&first); err != nil {
		return invalid("json", "manifest is not JSON: %v", err)
	}
	if rest := bytes.TrimLeft(content[d.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return invalid("trailing", "manifest has bytes after its JSON object, from byte %d", len(content)-len(rest))
	}
	w := walker{in: content}
	w.space()
	if w.pos >= len(w.in) || w.in[w.pos] != '{' {
		return invalid("object", "manifest is not a JSON object")
	}
	return w.object(atManifest)
}

// depth is how deep content nests, strings aside.
func depth(content []byte) int {
	deepest, now, inString := 0, 0, false
	for i := 0; i < len(content); i++ {
		switch c := content[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			now++
			deepest = max(deepest, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return deepest
}

// walker goes over JSON that is known to be valid and no deeper than maxDepth.
type walker struct {
	in  []byte
	pos int
}

func (w *walker) space() {
	for w.pos < len(w.in) && strings.IndexByte(" \t\r\n", w.in[w.pos]) >= 0 {
		w.pos++
	}
}

// value walks one value; objects in it stand at p.
func (w *walker) value(p place) error {
	w.space()
	switch w.in[w.pos] {
	case '{':
		return w.object(p)
	case '[':
		return w.array(p)
	case '"':
		w.skipString()
	default:
		for w.pos < len(w.in) && strings.IndexByte(",]} \t\r\n", w.in[w.pos]) < 0 {
			w.pos++
		}
	}
	return nil
}

func (w *walker) array(p place) error {
	w.pos++
	for w.space(); w.in[w.pos] != ']'; w.space() {
		if w.in[w.pos] == ',' {
			w.pos++
		}
		if err := w.value(p); err != nil {
			return err
		}
	}
	w.pos++
	return nil
}

func (w *walker) object(p place) error {
	w.pos++
	var seen keys
	for w.space(); w.in[w.pos] != '}'; w.space() {
		if w.in[w.pos] == ',' {
			w.pos++
			w.space()
		}
		key := w.key()
		if seen.add(key) {
			return invalid("duplicate-key", "manifest has the key %q twice in one object", clip(key))
		}
		below, known := fields[p][key]
		if !known && p != elsewhere {
			if f := caseVariant(p, key); f != "" {
				return invalid("letter-case", "manifest has the key %q, a case variant of %q", clip(key), f)
			}
		}
		w.space()
		w.pos++ // the colon
		if err := w.value(below); err != nil {
			return err
		}
	}
	w.pos++
	return nil
}

// key reads the key at the cursor in the form that readers compare.
func (w *walker) key() string {
	start := w.pos
	w.skipString()
	raw := w.in[start:w.pos]
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	var s string
	if json.Unmarshal(raw, &s) != nil { // cannot be: the whole was decoded
		return string(raw)
	}
	return s
}

func (w *walker) skipString() {
	for w.pos++; w.in[w.pos] != '"'; w.pos++ {
		if w.in[w.pos] == '\\' {
			w.pos++
		}
	}
	w.pos++
}

// caseVariant is the field of p that key spells in another letter case.
func caseVariant(p place, key string) string {
	for f := range fields[p] {
		if strings.EqualFold(f, key) {
			return f
		}
	}
	return ""
}

// keys is a set of keys: a short list first, since most objects are small.
type keys struct {
	few  []string
	many map[string]struct{}
}

// add says whether k was there already.
func (s *keys) add(k string) bool {
	if s.many != nil {
		_, dup := s.many[k]
		s.many[k] = struct{}{}
		return dup
	}
	for _, f := range s.few {
		if f == k {
			return true
		}
	}
	if s.few = append(s.few, k); len(s.few) > 16 {
		s.many = make(map[string]struct{}, 64)
		for _, f := range s.few {
			s.many[f] = struct{}{}
		}
	}
	return false
}
