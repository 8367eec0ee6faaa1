package oci

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Kind is an endpoint of the specification.
type Kind int

// The endpoints (distribution-spec "Endpoints"; end-N in its table).
const (
	KindPing      Kind = iota // /v2/                                 end-1
	KindCatalog               // /v2/_catalog
	KindTags                  // /v2/<name>/tags/list                 end-8
	KindManifest              // /v2/<name>/manifests/<reference>     end-3, 7, 9
	KindBlob                  // /v2/<name>/blobs/<digest>            end-2, 10
	KindUploads               // /v2/<name>/blobs/uploads/            end-4, 11
	KindUpload                // /v2/<name>/blobs/uploads/<id>        end-5, 6, 13, 14
	KindReferrers             // /v2/<name>/referrers/<digest>        end-12
	KindExtension             // /v2/[<name>/]_<extension>/<path>
)

// methods are what each endpoint answers to; HEAD goes where GET goes.
var methods = map[Kind][]string{
	KindPing:      {http.MethodGet, http.MethodHead},
	KindCatalog:   {http.MethodGet, http.MethodHead},
	KindTags:      {http.MethodGet, http.MethodHead},
	KindManifest:  {http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete},
	KindBlob:      {http.MethodGet, http.MethodHead, http.MethodDelete},
	KindUploads:   {http.MethodPost},
	KindUpload:    {http.MethodGet, http.MethodHead, http.MethodPatch, http.MethodPut, http.MethodDelete},
	KindReferrers: {http.MethodGet, http.MethodHead},
	KindExtension: {http.MethodGet, http.MethodHead},
}

// Methods are the HTTP methods that k answers to.
func (k Kind) Methods() []string { return methods[k] }

// Request is a request of the specification as a value.
type Request struct {
	Method     string
	Kind       Kind
	Repository Name      // empty for ping, catalog and registry-wide extensions
	Reference  Reference // of a manifest, blob or referrers request
	Upload     string    // id of an upload
	Extension  string    // path of an extension request, from its "_"
	Query      url.Values
}

// ParseRequest reads method and URL. Repository names may hold the words
// manifests, blobs, tags and uploads, so paths are read from the right.
// Errors: NameInvalid, DigestInvalid, TagInvalid, ExtensionUnknown, and
// Unsupported for a method that the endpoint does not answer to.
func ParseRequest(method string, u *url.URL) (Request, error) {
	segments, err := splitPath(u)
	if err != nil {
		return Request{}, err
	}
	r := Request{Method: method}
	if u.RawQuery != "" {
		if r.Query, err = url.ParseQuery(u.RawQuery); err != nil {
			return r, RequestInvalid.With(nil, "query %q cannot be read: %v", clip(u.RawQuery), err)
		}
	}
	if err := r.parsePath(segments); err != nil {
		return r, err
	}
	if !slices.Contains(r.Kind.Methods(), method) {
		return r, Unsupported.With(map[string]string{"method": clip(method)}, "method %s is not supported here: use %s", clip(method), strings.Join(r.Kind.Methods(), ", "))
	}
	return r, nil
}

// splitPath splits the path after /v2 into decoded segments.
func splitPath(u *url.URL) ([]string, error) {
	p, ok := strings.CutPrefix(u.EscapedPath(), "/v2")
	if !ok || p != "" && p[0] != '/' {
		return nil, ExtensionUnknown.With(nil, "%q is not below /v2/", clip(u.Path))
	}
	p = strings.TrimPrefix(p, "/")
	if p == "" {
		return nil, nil
	}
	segments := strings.Split(p, "/")
	for i, s := range segments {
		if strings.IndexByte(s, '%') >= 0 {
			d, err := url.PathUnescape(s)
			if err != nil || strings.IndexByte(d, '/') >= 0 {
				return nil, NameInvalid.With(nil, "path %q holds an escaped slash or a broken escape", clip(p))
			}
			segments[i] = d
		}
	}
	return segments, nil
}

func (r *Request) parsePath(s []string) error {
	n := len(s)
	if n == 0 {
		r.Kind = KindPing
		return nil
	}
	for i, seg := range s {
		if strings.HasPrefix(seg, "_") && (i == 0 || !endpointBefore(s, i)) {
			return r.extension(s, i)
		}
	}
	switch {
	case n >= 4 && s[n-3] == "blobs" && s[n-2] == "uploads" && s[n-1] != "":
		r.Kind, r.Upload = KindUpload, s[n-1]
		return r.name(s[:n-3])
	case n >= 3 && s[n-2] == "blobs" && s[n-1] == "uploads":
		r.Kind = KindUploads
		return r.name(s[:n-2])
	case n >= 4 && s[n-3] == "blobs" && s[n-2] == "uploads" && s[n-1] == "":
		r.Kind = KindUploads
		return r.name(s[:n-3])
	case n >= 3 && s[n-2] == "tags" && s[n-1] == "list":
		r.Kind = KindTags
		return r.name(s[:n-2])
	case n >= 3 && s[n-2] == "manifests":
		return r.named(KindManifest, s)
	case n >= 3 && s[n-2] == "blobs":
		return r.digested(KindBlob, s)
	case n >= 3 && s[n-2] == "referrers":
		return r.digested(KindReferrers, s)
	}
	return ExtensionUnknown.With(nil, "no endpoint at /v2/%s", clip(strings.Join(s, "/")))
}

// endpointBefore says whether segment i is the argument of an endpoint, such
// as a tag that starts with an underscore, and no extension.
func endpointBefore(s []string, i int) bool {
	if i != len(s)-1 || i < 2 {
		return false
	}
	return s[i-1] == "manifests" || s[i-1] == "uploads" && s[i-2] == "blobs"
}

func (r *Request) extension(s []string, i int) error {
	r.Kind, r.Extension = KindExtension, strings.Join(s[i:], "/")
	if i == 0 {
		if r.Extension == "_catalog" {
			r.Kind, r.Extension = KindCatalog, ""
		}
		return nil
	}
	return r.name(s[:i])
}

func (r *Request) name(s []string) (err error) {
	r.Repository, err = ParseName(strings.Join(s, "/"))
	return err
}

func (r *Request) named(k Kind, s []string) (err error) {
	r.Kind = k
	if err := r.name(s[:len(s)-2]); err != nil {
		return err
	}
	r.Reference, err = ParseReference(s[len(s)-1])
	return err
}

func (r *Request) digested(k Kind, s []string) (err error) {
	r.Kind = k
	if err := r.name(s[:len(s)-2]); err != nil {
		return err
	}
	r.Reference.Digest, err = ParseDigest(s[len(s)-1])
	return err
}

// Path is the path of the request, which ParseRequest reads back.
func (r Request) Path() string {
	base := "/v2/"
	if r.Repository != "" {
		base += string(r.Repository) + "/"
	}
	switch r.Kind {
	case KindCatalog:
		return base + "_catalog"
	case KindTags:
		return base + "tags/list"
	case KindManifest:
		return base + "manifests/" + r.Reference.String()
	case KindBlob:
		return base + "blobs/" + string(r.Reference.Digest)
	case KindUploads:
		return base + "blobs/uploads/"
	case KindUpload:
		return base + "blobs/uploads/" + url.PathEscape(r.Upload)
	case KindReferrers:
		return base + "referrers/" + string(r.Reference.Digest)
	case KindExtension:
		return base + (&url.URL{Path: r.Extension}).EscapedPath()
	}
	return base
}

// URL is path and query of the request.
func (r Request) URL() string {
	if len(r.Query) == 0 {
		return r.Path()
	}
	return r.Path() + "?" + r.Query.Encode()
}
