package oci_test

import (
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/internal/oci"
)

func TestParseAddress(t *testing.T) {
	d := oci.SHA256.Sum(nil)
	for s, want := range map[string]oci.Address{
		"localhost:5000/a/b:1":                   {Host: "localhost:5000", Name: "a/b", Tag: "1"},
		"oci://r.example/a:latest":               {Host: "r.example", Name: "a", Tag: "latest"},
		"r.example/a":                            {Host: "r.example", Name: "a"},
		"[::1]:5000/a@" + string(d):              {Host: "[::1]:5000", Name: "a", Digest: d},
		"127.0.0.1:1/a/b:Tag_1@" + string(d):     {Host: "127.0.0.1:1", Name: "a/b", Tag: "Tag_1", Digest: d},
		"oci://r.example:443/x/y/z@" + string(d): {Host: "r.example:443", Name: "x/y/z", Digest: d},
	} {
		got, err := oci.ParseAddress(s)
		if err != nil || got != want {
			t.Errorf("%s is %+v, %v; want %+v", s, got, err, want)
		}
		if back := got.String(); back != strings.TrimPrefix(s, "oci://") {
			t.Errorf("%s is written %s", s, back)
		}
	}
	for _, s := range []string{
		"", "a", "a:1", "/a:1", "oci://", "oci:///a:1", "https://r.example/a:1", "user@r.example/a:1", "user:word@r.example/a:1", "r.example/",
		"r.example/A:1", "r.example/a:", "r.example/a:b:c", "r.example/a@", "r.example/a@sha256:1", "r.example/a:.@" + string(d),
		"r.example/a@" + string(d) + "@" + string(d), "r.example/a b:1", "r.example?x/a:1", "r.example#x/a:1", "r .example/a:1", "r.example/../a:1",
		"r.example:port/a:1",
	} {
		if got, err := oci.ParseAddress(s); err == nil {
			t.Errorf("%q is taken for %+v", s, got)
		}
	}
}
