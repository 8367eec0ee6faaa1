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
var methods = [...][]string{
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

// kindNames are the words for logs and metrics.
var kindNames = [...]string{
	KindPing: "ping", KindCatalog: "catalog", KindTags: "tags", KindManifest: "manifest", KindBlob: "blob",
	KindUploads: "uploads", KindUpload: "upload", KindReferrers: "referrers", KindExtension: "extension",
}

// String is the endpoint's name for logs and metrics, one lower-case word.
func (k Kind) String() string { return kindNames[k] }

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
// Unsupported for a method that the endpoint does not answer to, with the
// request's Kind set all the same.
func ParseRequest(method string, u *url.URL) (Request, error) {
	path, err := decodedPath(u)
	if err != nil {
		return Request{}, err
	}
	r := Request{Method: method}
	if u.RawQuery != "" {
		if r.Query, err = url.ParseQuery(u.RawQuery); err != nil {
			return r, RequestInvalid.With(nil, "query %q cannot be read: %v", clip(u.RawQuery), err)
		}
	}
	if err := r.parsePath(path); err != nil {
		return r, err
	}
	if !slices.Contains(r.Kind.Methods(), method) {
		return r, Unsupported.With(map[string]string{"method": clip(method)}, "method %s is not supported here: use %s", clip(method), strings.Join(r.Kind.Methods(), ", "))
	}
	return r, nil
}

// decodedPath is the path after /v2/ with its segments decoded. A slash in it
// separates segments: an escaped one is refused.
func decodedPath(u *url.URL) (string, error) {
	p := u.Path
	if u.RawPath != "" { // else nothing in it is escaped in an unusual way, so no slash is
		p = u.EscapedPath()
	}
	p, ok := strings.CutPrefix(p, "/v2")
	if !ok || p != "" && p[0] != '/' {
		return "", ExtensionUnknown.With(nil, "%q is not below /v2/", clip(u.Path))
	}
	p = strings.TrimPrefix(p, "/")
	if u.RawPath == "" || strings.IndexByte(p, '%') < 0 {
		return p, nil
	}
	decoded, err := url.PathUnescape(p)
	if err != nil || strings.Count(decoded, "/") != strings.Count(p, "/") {
		return "", NameInvalid.With(nil, "path %q holds an escaped slash or a broken escape", clip(p))
	}
	return decoded, nil
}

// parsePath reads a decoded path without allocating: what it keeps of it are
// substrings.
func (r *Request) parsePath(p string) error {
	if p == "" {
		r.Kind = KindPing
		return nil
	}
	if i := extensionAt(p); i >= 0 {
		return r.extension(p, i)
	}
	rest, last, _ := cutLast(p)
	name, word, ok := cutLast(rest)
	switch {
	case !ok:
	case word == "uploads":
		if n, blobs, ok := cutLast(name); ok && blobs == "blobs" {
			if r.Kind, r.Upload = KindUpload, last; last == "" {
				r.Kind = KindUploads
			}
			return r.name(n)
		}
	case word == "blobs" && last == "uploads":
		r.Kind = KindUploads
		return r.name(name)
	case word == "tags" && last == "list":
		r.Kind = KindTags
		return r.name(name)
	case word == "manifests":
		return r.named(KindManifest, name, last)
	case word == "blobs":
		return r.digested(KindBlob, name, last)
	case word == "referrers":
		return r.digested(KindReferrers, name, last)
	}
	return ExtensionUnknown.With(nil, "no endpoint at /v2/%s", clip(p))
}

// cutLast cuts the last segment off a path; ok when there was one before it.
func cutLast(p string) (before, last string, ok bool) {
	i := strings.LastIndexByte(p, '/')
	if i < 0 {
		return "", p, false
	}
	return p[:i], p[i+1:], true
}

// extensionAt is where the first segment that begins with an underscore stands
// and is no argument of an endpoint, such as the tag _1; -1 without one.
func extensionAt(p string) int {
	if p[0] == '_' {
		return 0
	}
	i := strings.Index(p, "/_")
	if i < 0 {
		return -1
	}
	before, word, ok := cutLast(p[:i])
	if ok && strings.IndexByte(p[i+1:], '/') < 0 {
		_, outer, deep := cutLast(before)
		if word == "manifests" || word == "uploads" && outer == "blobs" && deep {
			return -1
		}
	}
	return i + 1
}

func (r *Request) extension(p string, i int) error {
	r.Kind, r.Extension = KindExtension, p[i:]
	if i == 0 {
		if r.Extension == "_catalog" {
			r.Kind, r.Extension = KindCatalog, ""
		}
		return nil
	}
	return r.name(p[:i-1])
}

func (r *Request) name(s string) (err error) {
	r.Repository, err = ParseName(s)
	return err
}

func (r *Request) named(k Kind, name, ref string) (err error) {
	r.Kind = k
	if err := r.name(name); err != nil {
		return err
	}
	r.Reference, err = ParseReference(ref)
	return err
}

func (r *Request) digested(k Kind, name, digest string) (err error) {
	r.Kind = k
	if err := r.name(name); err != nil {
		return err
	}
	r.Reference.Digest, err = ParseDigest(digest)
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
