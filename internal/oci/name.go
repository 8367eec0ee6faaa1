package oci

import "strings"

// Name is a parsed repository name (distribution-spec "Pulling manifests", <name>).
type Name string

// Tag is a parsed tag.
type Tag string

// MaxName is the longest repository name that is accepted, in bytes. Many
// clients cap host, slash and name together at 255.
const MaxName = 255

// MaxTag is the longest tag, in bytes.
const MaxTag = 128

func (n Name) String() string { return string(n) }
func (t Tag) String() string  { return string(t) }

// Base is the last component of the name.
func (n Name) Base() string { return string(n)[strings.LastIndexByte(string(n), '/')+1:] }

// ParseName checks s against the grammar of <name>. Error: NameInvalid.
func ParseName(s string) (Name, error) {
	if s == "" || len(s) > MaxName {
		return "", NameInvalid.With(quoted("name", s), "repository name %q has %d bytes: want 1 to %d", clip(s), len(s), MaxName)
	}
	for part := range strings.SplitSeq(s, "/") {
		if !validComponent(part) {
			return "", NameInvalid.With(quoted("name", s), "repository name %q is not valid at %q: components are lower-case letters and digits, joined by '.', '_', '__' or dashes", clip(s), clip(part))
		}
	}
	return Name(s), nil
}

// validComponent is [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*.
func validComponent(s string) bool {
	for i := 0; ; {
		start := i
		for i < len(s) && alnum(s[i]) {
			i++
		}
		if i == start {
			return false
		}
		if i == len(s) {
			return true
		}
		start = i
		for i < len(s) && !alnum(s[i]) {
			i++
		}
		switch sep := s[start:i]; {
		case sep == ".", sep == "_", sep == "__", strings.Trim(sep, "-") == "":
		default:
			return false
		}
	}
}

func alnum(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

// ParseTag checks s against the grammar of a tag. Error: TagInvalid.
func ParseTag(s string) (Tag, error) {
	ok := s != "" && len(s) <= MaxTag && s[0] != '.' && s[0] != '-'
	for i := 0; ok && i < len(s); i++ {
		c := s[i]
		ok = alnum(c) || 'A' <= c && c <= 'Z' || c == '_' || c == '.' || c == '-'
	}
	if !ok {
		return "", TagInvalid.With(quoted("tag", s), "%q is not a tag: want at most %d letters, digits, '_', '.', '-', not starting with '.' or '-'", clip(s), MaxTag)
	}
	return Tag(s), nil
}

// Reference is a tag or a digest; exactly one is set.
type Reference struct {
	Tag    Tag
	Digest Digest
}

// ParseReference reads <tag-or-digest>. Errors: DigestInvalid for what has a
// colon and is no digest, else TagInvalid.
func ParseReference(s string) (Reference, error) {
	if strings.Contains(s, ":") {
		d, err := ParseDigest(s)
		return Reference{Digest: d}, err
	}
	t, err := ParseTag(s)
	return Reference{Tag: t}, err
}

func (r Reference) String() string {
	if r.Digest != "" {
		return string(r.Digest)
	}
	return string(r.Tag)
}

// Suffix is the reference as it follows a repository: ":tag" or "@digest".
func (r Reference) Suffix() string {
	if r.Digest != "" {
		return "@" + string(r.Digest)
	}
	return ":" + string(r.Tag)
}
