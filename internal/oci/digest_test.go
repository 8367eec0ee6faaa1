package oci_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/internal/oci"
)

// The grammar as image-spec writes it (descriptor.md#digests).
var digestGrammar = regexp.MustCompile(`\A[a-z0-9]+([+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+\z`)

func TestParseDigest(t *testing.T) {
	for s, ok := range map[string]bool{
		"sha256:" + strings.Repeat("0", 64):  true,
		"sha256:" + strings.Repeat("f", 64):  true,
		"sha256:" + strings.Repeat("F", 64):  false,
		"sha256:" + strings.Repeat("0", 63):  false,
		"sha256:" + strings.Repeat("0", 65):  false,
		"sha256:" + strings.Repeat("g", 64):  false,
		"sha512:" + strings.Repeat("0", 128): true,
		"sha512:" + strings.Repeat("0", 64):  false,
		"blake3:" + strings.Repeat("0", 64):  true,
		"blake3:" + strings.Repeat("A", 64):  false,
		"a+b.c_d-e:Az09=_-":                  true,
		"a:" + strings.Repeat("x", 600):      false,
		"":                                   false,
		":":                                  false,
		"sha256":                             false,
		"sha256:":                            false,
		":abc":                               false,
		"a+:abc":                             false,
		"+a:abc":                             false,
		"a++b:abc":                           false,
		"A:abc":                              false,
		"a:a/b":                              false,
		"a:a:b":                              false,
		"sha256:../../etc/passwd":            false,
	} {
		d, err := oci.ParseDigest(s)
		if (err == nil) != ok || ok && string(d) != s {
			t.Errorf("ParseDigest(%q) = %q, %v; want ok %v", s, d, err, ok)
		}
		if !ok && oci.AsError(err).Code != oci.DigestInvalid {
			t.Errorf("ParseDigest(%q): %v is no DIGEST_INVALID", s, err)
		}
	}
}

func TestSum(t *testing.T) {
	for a, want := range map[oci.Algorithm]oci.Digest{ // of the empty string, FIPS 180-4
		oci.SHA256: "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		oci.SHA512: "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
	} {
		if got := a.Sum(nil); got != want || got.Algorithm() != a || got.Supported() != nil {
			t.Errorf("%s of nothing is %s, want %s", a, got, want)
		}
		if _, err := oci.ParseDigest(string(want)); err != nil {
			t.Error(err)
		}
		if got := want.Short(); got != string(want)[:len(a)+1+12] {
			t.Errorf("short is %s", got)
		}
	}
	if err := oci.Digest("blake3:" + strings.Repeat("0", 64)).Supported(); oci.AsError(err).Code != oci.DigestInvalid {
		t.Errorf("blake3 is supported: %v", err)
	}
}

func FuzzParseDigest(f *testing.F) {
	for _, s := range []string{"sha256:" + strings.Repeat("a", 64), "sha512:x", "a+b:c=", "a:", "sha256:" + strings.Repeat("A", 64)} {
		f.Add(s)
	}
	exact := regexp.MustCompile(`\A(sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}|blake3:[a-f0-9]{64})\z`)
	f.Fuzz(func(t *testing.T, s string) {
		d, err := oci.ParseDigest(s)
		want := digestGrammar.MatchString(s) && len(s) <= 512
		if algorithm, _, _ := strings.Cut(s, ":"); algorithm == "sha256" || algorithm == "sha512" || algorithm == "blake3" {
			want = exact.MatchString(s)
		}
		if (err == nil) != want {
			t.Fatalf("ParseDigest(%q): %v, the grammar says %v", s, err, want)
		}
		if err == nil && string(d.Algorithm())+":"+d.Encoded() != s {
			t.Errorf("%q is %q and %q", s, d.Algorithm(), d.Encoded())
		}
	})
}
