package oci

import (
	"fmt"
	"net/url"
	"strings"
)

// Address is where an artifact is: in which registry, in which repository of it, and
// which one there.
type Address struct {
	Host   string // host or host:port
	Name   Name
	Tag    Tag    // beside a digest it is for people only
	Digest Digest // counts more than a tag
}

// ParseAddress reads HOST[:PORT]/REPOSITORY[:TAG][@DIGEST], "oci://" before it or not.
// Without tag and digest both are empty. The error names s and what is wrong with it.
func ParseAddress(s string) (Address, error) {
	bare := strings.TrimPrefix(s, "oci://")
	if scheme, _, ok := strings.Cut(bare, "://"); ok {
		return Address{}, fmt.Errorf("%q is no reference: leave %s:// out, or write oci://", clip(s), clip(scheme))
	}
	host, rest, ok := strings.Cut(bare, "/")
	if u, err := url.Parse("//" + host); err != nil || !ok || host == "" || u.Host != host {
		return Address{}, fmt.Errorf("%q is no reference: want HOST[:PORT]/REPOSITORY:TAG or HOST[:PORT]/REPOSITORY@DIGEST", clip(s))
	}
	a, err := ParsePlace(rest)
	if err != nil {
		return Address{}, fmt.Errorf("%q is no reference: %w", clip(s), err)
	}
	a.Host = host
	return a, nil
}

// ParsePlace reads REPOSITORY[:TAG][@DIGEST], an address within a registry: its host
// is empty. Without tag and digest both are empty. Errors: NameInvalid, TagInvalid,
// DigestInvalid.
func ParsePlace(s string) (a Address, err error) {
	rest := s
	if name, digest, ok := strings.Cut(rest, "@"); ok {
		rest = name
		if a.Digest, err = ParseDigest(digest); err != nil {
			return Address{}, err
		}
	}
	if name, tag, ok := strings.Cut(rest, ":"); ok {
		rest = name
		if a.Tag, err = ParseTag(tag); err != nil {
			return Address{}, err
		}
	}
	if a.Name, err = ParseName(rest); err != nil {
		return Address{}, err
	}
	return a, nil
}

// Reference is the digest, else the tag.
func (a Address) Reference() string {
	if a.Digest != "" {
		return string(a.Digest)
	}
	return string(a.Tag)
}

// At is the address with a digest and no tag.
func (a Address) At(d Digest) Address { return Address{Host: a.Host, Name: a.Name, Digest: d} }

// String is the address as ParseAddress reads it, without "oci://".
func (a Address) String() string {
	s := a.Host + "/" + string(a.Name)
	if a.Tag != "" {
		s += ":" + string(a.Tag)
	}
	if a.Digest != "" {
		s += "@" + string(a.Digest)
	}
	return s
}
