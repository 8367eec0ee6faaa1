package artifact

import (
	"fmt"
	"strings"
)

// tagPattern is a tag that holds the digest of what its manifest is attached to.
type tagPattern struct{ before, after string }

// digestWord stands in a tag pattern for a digest as tags write it: the colon is
// a dash, the hex of any algorithm at most 64 characters.
const digestWord = "{digest}"

func compileTag(text string) (p tagPattern, err error) {
	before, after, ok := strings.Cut(text, digestWord)
	if !ok || strings.Contains(after, digestWord) {
		return p, fmt.Errorf("%q: want one %s in it", text, digestWord)
	}
	return tagPattern{before, after}, nil
}

// subject is the digest in a tag that fits the pattern.
func (p tagPattern) subject(tag string) (string, bool) {
	rest, ok := strings.CutPrefix(tag, p.before)
	if !ok {
		return "", false
	}
	algorithm, rest, ok := strings.Cut(rest, "-")
	if !ok || algorithm != "sha256" && algorithm != "sha512" || len(rest) < 64 || !isHex(rest[:64]) {
		return "", false
	}
	if !glob(p.after, rest[64:]) {
		return "", false
	}
	return algorithm + ":" + rest[:64], true
}

func isHex(s string) bool {
	return strings.Trim(s, "0123456789abcdef") == ""
}

// AttachedTo is the digest of the manifest that a tag attaches a manifest of the
// type to, by the tag patterns of the type's entry and those of the reserved
// entry unknown, which hold for every type. The digest of an algorithm longer
// than 64 characters is cut off there, as the tags are.
func (c *Catalog) AttachedTo(id, tag string) (digest string, ok bool) {
	if !strings.Contains(tag, "sha") {
		return "", false
	}
	for _, k := range []*kind{c.types[id], c.types[Unknown]} {
		if k == nil {
			continue
		}
		for _, p := range k.attach {
			if d, ok := p.subject(tag); ok {
				return d, true
			}
		}
	}
	return "", false
}
