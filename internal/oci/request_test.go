package oci_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/argosy-registry/argosy/internal/oci"
)

const someDigest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func parse(t testing.TB, method, at string) (oci.Request, error) {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	return oci.ParseRequest(method, u)
}

func TestParseRequest(t *testing.T) {
	tag := func(s oci.Tag) oci.Reference { return oci.Reference{Tag: s} }
	digest := oci.Reference{Digest: someDigest}
	for at, want := range map[string]oci.Request{
		"/v2":                                     {Kind: oci.KindPing},
		"/v2/":                                    {Kind: oci.KindPing},
		"/v2/?x=y":                                {Kind: oci.KindPing, Query: url.Values{"x": {"y"}}},
		"/v2/_catalog?n=1":                        {Kind: oci.KindCatalog, Query: url.Values{"n": {"1"}}},
		"/v2/a/tags/list":                         {Kind: oci.KindTags, Repository: "a"},
		"/v2/a/b/manifests/latest":                {Kind: oci.KindManifest, Repository: "a/b", Reference: tag("latest")},
		"/v2/a/manifests/_x":                      {Kind: oci.KindManifest, Repository: "a", Reference: tag("_x")},
		"/v2/a/manifests/" + someDigest:           {Kind: oci.KindManifest, Repository: "a", Reference: digest},
		"/v2/a/blobs/" + someDigest:               {Kind: oci.KindBlob, Repository: "a", Reference: digest},
		"/v2/a/blobs/sha256%3A" + someDigest[7:]:  {Kind: oci.KindBlob, Repository: "a", Reference: digest},
		"/v2/a/referrers/" + someDigest:           {Kind: oci.KindReferrers, Repository: "a", Reference: digest},
		"/v2/a/blobs/uploads/x":                   {Kind: oci.KindUpload, Repository: "a", Upload: "x"},
		"/v2/a/blobs/uploads/_x":                  {Kind: oci.KindUpload, Repository: "a", Upload: "_x"},
		"/v2/a/blobs/uploads/..":                  {Kind: oci.KindUpload, Repository: "a", Upload: ".."},
		"/v2/_oci/ext/discover":                   {Kind: oci.KindExtension, Extension: "_oci/ext/discover"},
		"/v2/a/b/_argosy/artifacts/x":             {Kind: oci.KindExtension, Repository: "a/b", Extension: "_argosy/artifacts/x"},
		"/v2/a/_argosy/manifests/x":               {Kind: oci.KindExtension, Repository: "a", Extension: "_argosy/manifests/x"},
		"/v2/_catalog/x":                          {Kind: oci.KindExtension, Extension: "_catalog/x"},
		"/v2/manifests/manifests/manifests":       {Kind: oci.KindManifest, Repository: "manifests", Reference: tag("manifests")},
		"/v2/a/manifests/tags/list":               {Kind: oci.KindTags, Repository: "a/manifests"},
		"/v2/tags/list/tags/list":                 {Kind: oci.KindTags, Repository: "tags/list"},
		"/v2/a/blobs/uploads/manifests/x":         {Kind: oci.KindManifest, Repository: "a/blobs/uploads", Reference: tag("x")},
		"/v2/blobs/blobs/uploads/uploads":         {Kind: oci.KindUpload, Repository: "blobs", Upload: "uploads"},
		"/v2/blobs/uploads/blobs/uploads/uploads": {Kind: oci.KindUpload, Repository: "blobs/uploads", Upload: "uploads"},
		"/v2/a/_catalog":                          {Kind: oci.KindExtension, Repository: "a", Extension: "_catalog"},
	} {
		want.Method = http.MethodGet
		got, err := parse(t, http.MethodGet, at)
		if err != nil {
			t.Errorf("%s: %v", at, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", at, diff)
		}
	}
	for _, at := range []string{"/v2/a/blobs/uploads", "/v2/a/blobs/uploads/"} {
		got, err := parse(t, http.MethodPost, at)
		if err != nil || got.Kind != oci.KindUploads || got.Repository != "a" {
			t.Errorf("%s: %+v, %v", at, got, err)
		}
	}
}

func TestParseRequestRefuses(t *testing.T) {
	for at, want := range map[string]oci.Code{
		"/v1/":                                       oci.ExtensionUnknown,
		"/v2x":                                       oci.ExtensionUnknown,
		"/v2/a":                                      oci.ExtensionUnknown,
		"/v2//":                                      oci.ExtensionUnknown,
		"/v2/a/tags":                                 oci.ExtensionUnknown,
		"/v2/a/tags/list/":                           oci.ExtensionUnknown,
		"/v2/manifests/latest":                       oci.ExtensionUnknown,
		"/v2/a/uploads/x":                            oci.ExtensionUnknown,
		"/v2//a/manifests/latest":                    oci.NameInvalid,
		"/v2/a//manifests/latest":                    oci.NameInvalid,
		"/v2/A/manifests/latest":                     oci.NameInvalid,
		"/v2/../manifests/latest":                    oci.NameInvalid,
		"/v2/a/../b/manifests/latest":                oci.NameInvalid,
		"/v2/a%2fb/manifests/latest":                 oci.NameInvalid,
		"/v2/a%2f%2fb/manifests/latest":              oci.NameInvalid,
		"/v2/a%00/manifests/latest":                  oci.NameInvalid,
		"/v2/a%252fb/manifests/latest":               oci.NameInvalid,
		"/v2/a/_x_/../../manifests/latest":           "", // an extension of that name, which nobody serves
		"/v2/a/manifests/":                           oci.TagInvalid,
		"/v2/a/manifests/-x":                         oci.TagInvalid,
		"/v2/a/manifests/sha256:bad":                 oci.DigestInvalid,
		"/v2/a/blobs/latest":                         oci.DigestInvalid,
		"/v2/a/blobs/sha256:../../x":                 oci.ExtensionUnknown,
		"/v2/a/referrers/latest":                     oci.DigestInvalid,
		"/v2/a/blobs/" + strings.ToUpper(someDigest): oci.DigestInvalid,
		"/v2/?a=%zz":                                 oci.RequestInvalid,
	} {
		q, err := parse(t, http.MethodGet, at)
		if want == "" {
			if err != nil || q.Kind != oci.KindExtension {
				t.Errorf("%s: %+v, %v", at, q, err)
			}
			continue
		}
		if e := oci.AsError(err); e == nil || e.Code != want {
			t.Errorf("%s: %v, want %s", at, err, string(want))
		}
	}
}

// Every endpoint refuses the methods that it does not list, and no other.
func TestParseRequestMethods(t *testing.T) {
	paths := map[oci.Kind]string{
		oci.KindPing: "/v2/", oci.KindCatalog: "/v2/_catalog", oci.KindTags: "/v2/a/tags/list",
		oci.KindManifest: "/v2/a/manifests/x", oci.KindBlob: "/v2/a/blobs/" + someDigest,
		oci.KindUploads: "/v2/a/blobs/uploads/", oci.KindUpload: "/v2/a/blobs/uploads/x",
		oci.KindReferrers: "/v2/a/referrers/" + someDigest, oci.KindExtension: "/v2/_x/y",
	}
	names := map[string]bool{}
	for kind, path := range paths {
		names[kind.String()] = true
		allowed := map[string]bool{}
		for _, m := range kind.Methods() {
			allowed[m] = true
		}
		for _, m := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", ""} {
			q, err := parse(t, m, path)
			if allowed[m] != (err == nil) || q.Kind != kind {
				t.Errorf("%s %s: kind %s, %v", m, path, q.Kind, err)
			}
			if err != nil && oci.AsError(err).Code != oci.Unsupported {
				t.Errorf("%s %s: %v", m, path, err)
			}
		}
	}
	if len(names) != len(paths) {
		t.Errorf("kinds share names: %v", names)
	}
}

// What ParseRequest reads, Construct writes so that it is read the same.
func FuzzParseRequest(f *testing.F) {
	for _, s := range []string{
		"/v2/", "/v2/a/b/manifests/latest", "/v2/a/blobs/uploads/x%20y?digest=" + someDigest, "/v2/a/_x/y%3fz?n=1&n=2",
		"/v2/a/blobs/sha256%3A" + someDigest[7:], "/v2/_catalog?last=a%2Fb", "/v2/a/referrers/" + someDigest + "?artifactType=a+b",
		"/v2/a/blobs/uploads/", "/v2/_a%2fb", "/v2/a//b", "/v2/a/blobs/uploads/%00;%2e",
	} {
		for _, m := range []string{http.MethodGet, http.MethodPost} {
			f.Add(m, s)
		}
	}
	f.Fuzz(func(t *testing.T, method, s string) {
		u, err := url.ParseRequestURI(s)
		if err != nil {
			return
		}
		q, err := oci.ParseRequest(method, u)
		if err != nil {
			if oci.AsError(err) == nil {
				t.Errorf("%q: %v is no error of the specification", s, err)
			}
			return
		}
		again, err := url.ParseRequestURI(q.URL())
		if err != nil {
			t.Fatalf("%q constructs %q: %v", s, q.URL(), err)
		}
		same, err := oci.ParseRequest(method, again)
		if diff := cmp.Diff(q, same, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Fatalf("%q constructs %q: %v\n%s", s, q.URL(), err, diff)
		}
		if q.Repository != "" && !nameGrammar.MatchString(string(q.Repository)) {
			t.Errorf("%q names repository %q", s, q.Repository)
		}
	})
}

func BenchmarkParseRequest(b *testing.B) {
	u := &url.URL{Path: "/v2/library/nginx/manifests/" + someDigest}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := oci.ParseRequest(http.MethodGet, u); err != nil {
			b.Fatal(err)
		}
	}
}
