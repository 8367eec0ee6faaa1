package oci_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/internal/oci"
)

// The grammars as distribution-spec writes them ("Pulling manifests").
var (
	nameGrammar = regexp.MustCompile(`\A[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*\z`)
	tagGrammar  = regexp.MustCompile(`\A[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}\z`)
)

func TestParseName(t *testing.T) {
	for s, ok := range map[string]bool{
		"a": true, "0": true, "library/nginx": true, "a.b/c_d/e__f/g---h": true, "manifests": true,
		strings.Repeat("a", oci.MaxName): true, strings.Repeat("a", oci.MaxName+1): false,
		"": false, "A": false, "a/": false, "/a": false, "a//b": false, "a..b": false, "a___b": false, "a._b": false,
		"_a": false, "a_": false, "-a": false, "a-": false, ".": false, "..": false, "a/../b": false, "a b": false,
		"ä": false, "а": false, "a\x00": false, "a%2fb": false, "a:b": false, "a\n": false,
	} {
		n, err := oci.ParseName(s)
		if (err == nil) != ok {
			t.Errorf("ParseName(%q): %v, want ok %v", s, err, ok)
		}
		if ok && string(n) != s || !ok && (n != "" || oci.AsError(err).Code != oci.NameInvalid) {
			t.Errorf("ParseName(%q) = %q, %v", s, n, err)
		}
	}
}

func TestNameBase(t *testing.T) {
	for s, want := range map[oci.Name]string{"a": "a", "a/b": "b", "a/b/c-d": "c-d"} {
		if got := s.Base(); got != want {
			t.Errorf("base of %s is %s, want %s", s, got, want)
		}
	}
}

func TestParseReference(t *testing.T) {
	digest := "sha256:" + strings.Repeat("0", 64)
	for s, want := range map[string]struct {
		tag    oci.Tag
		digest oci.Digest
		suffix string
		code   oci.Code
	}{
		"latest":                          {tag: "latest", suffix: ":latest"},
		"_":                               {tag: "_", suffix: ":_"},
		strings.Repeat("x", oci.MaxTag):   {tag: oci.Tag(strings.Repeat("x", 128)), suffix: ":" + strings.Repeat("x", 128)},
		digest:                            {digest: oci.Digest(digest), suffix: "@" + digest},
		strings.Repeat("x", oci.MaxTag+1): {code: oci.TagInvalid},
		"":                                {code: oci.TagInvalid},
		"-a":                              {code: oci.TagInvalid},
		".a":                              {code: oci.TagInvalid},
		"a+b":                             {code: oci.TagInvalid},
		"a/b":                             {code: oci.TagInvalid},
		"sha256:baddigeststring":          {code: oci.DigestInvalid},
		":":                               {code: oci.DigestInvalid},
	} {
		r, err := oci.ParseReference(s)
		if want.code != "" {
			if e := oci.AsError(err); e == nil || e.Code != want.code {
				t.Errorf("ParseReference(%q): %v, want %s", s, err, string(want.code))
			}
			continue
		}
		if err != nil || r.Tag != want.tag || r.Digest != want.digest || r.String() != s || r.Suffix() != want.suffix {
			t.Errorf("ParseReference(%q) = %+v, %v", s, r, err)
		}
	}
}

func FuzzParseName(f *testing.F) {
	for _, s := range []string{"a", "a/b", "a__b", "a--b.c", "A", "a//b", "a..b", "..", "a___b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, err := oci.ParseName(s)
		if want := nameGrammar.MatchString(s) && len(s) <= oci.MaxName; (err == nil) != want {
			t.Errorf("ParseName(%q): %v, the grammar says %v", s, err, want)
		}
	})
}

func FuzzParseReference(f *testing.F) {
	for _, s := range []string{"latest", "_", "a:b", "sha256:" + strings.Repeat("a", 64), "-", "a+b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := oci.ParseReference(s)
		_, notDigest := oci.ParseDigest(s)
		if want := tagGrammar.MatchString(s) || notDigest == nil; (err == nil) != want {
			t.Errorf("ParseReference(%q): %v, the grammar says %v", s, err, want)
		}
		if err == nil && (r.String() != s || (r.Tag == "") == (r.Digest == "")) {
			t.Errorf("ParseReference(%q) = %+v", s, r)
		}
	})
}
