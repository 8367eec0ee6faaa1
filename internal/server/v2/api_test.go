package v2_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/internal/oci"
	v2 "github.com/argosy-registry/argosy/internal/server/v2"
)

var apiCases = []wireCase{
	{"api/ping", func(w *wire) {
		for _, path := range []string{"/v2/", "/v2", "/v2/?ns=docker.io"} {
			a := w.do("GET", path, "")
			w.is(a, 200, "Content-Type: application/json", "Content-Length: 2", "Docker-Distribution-Api-Version: registry/2.0")
			if a.body != "{}" {
				w.Errorf("ping says %q", a.body)
			}
		}
		w.is(w.do("HEAD", "/v2/", ""), 200, "Content-Length: 2")
	}},
	{"api/methods", func(w *wire) {
		for path, allow := range map[string]string{
			"/v2/":                             "GET, HEAD",
			"/v2/_catalog":                     "GET, HEAD",
			one + "tags/list":                  "GET, HEAD",
			one + "manifests/x":                "GET, HEAD, PUT, DELETE",
			one + "blobs/" + digestOf("x"):     "GET, HEAD, DELETE",
			one + "blobs/uploads/":             "POST",
			one + "blobs/uploads/x":            "GET, HEAD, PATCH, PUT, DELETE",
			one + "referrers/" + digestOf("x"): "GET, HEAD",
		} {
			a := w.do("OPTIONS", path, "")
			w.fails(a, 405, oci.Unsupported)
			w.is(a, 405, "Allow: "+allow)
		}
	}},
	{"api/unknown-paths", func(w *wire) {
		for path, code := range map[string]oci.Code{
			"/v2/one":                      oci.NameUnknown,
			"/v2//":                        oci.NameUnknown,
			"/v2/one/tags/list/":           oci.NameUnknown,
			"/v2/_nobody/serves/this":      oci.NameUnknown,
			"/v2/one/_nobody/serves/this":  oci.NameUnknown,
			"/v2/../etc/manifests/passwd":  oci.NameInvalid,
			"/v2/one//manifests/x":         oci.NameInvalid,
			"/v2//one/manifests/x":         oci.NameInvalid,
			"/v2/one%2Ftwo/manifests/x":    oci.NameInvalid,
			"/v2/one%00/manifests/x":       oci.NameInvalid,
			"/v2/One/manifests/x":          oci.NameInvalid,
			"/v2/one/manifests/-x":         oci.ManifestInvalid,
			"/v2/one/manifests/x%2Fy":      oci.NameInvalid,
			"/v2/one/manifests/sha256:bad": oci.DigestInvalid,
			"/v2/one/blobs/sha256:bad":     oci.DigestInvalid,
			"/v2/one/blobs/" + strings.ToUpper(digestOf("x"))[:7] + digestOf("x")[7:]: oci.DigestInvalid,
			"/v2/" + strings.Repeat("a", oci.MaxName+1) + "/manifests/x":              oci.NameInvalid,
		} {
			status := 400
			if code == oci.NameUnknown {
				status = 404
			}
			w.fails(w.do("GET", path, ""), status, code)
		}
	}},
	{"api/encoded-digest", func(w *wire) {
		d := w.blob("one", "encoded")
		w.holds(one+"blobs/"+strings.Replace(d, ":", "%3A", 1), "encoded")
		m := w.image("one", "encoded")
		w.put(one+"manifests/"+strings.Replace(digestOf(m), ":", "%3a", 1), imageType, m)
		w.holds(one+"manifests/"+digestOf(m), m)
	}},
	{"api/head-errors", func(w *wire) {
		for path, status := range map[string]int{
			one + "manifests/x":                   404,
			one + "blobs/" + digestOf("x"):        404,
			one + "tags/list":                     404,
			one + "manifests/sha256:bad":          400,
			"/v2/UPPER/manifests/x":               400,
			one + "blobs/uploads/not-an-upload":   404,
			"/v2/_catalog?n=minus":                400,
			one + "referrers/sha256:not-a-digest": 400,
		} {
			get, head := w.do("GET", path, ""), w.do("HEAD", path, "")
			w.is(get, status)
			w.is(head, status)
			if head.body != "" || get.body == "" {
				w.Errorf("%s: HEAD says %q, GET says %q", path, head.body, get.body)
			}
		}
	}},
	{"api/no-content-encoding", func(w *wire) {
		m := w.image("one", "plain", `,"annotations":{"a":"`+strings.Repeat("compressible ", 1000)+`"}`)
		w.put(one+"manifests/v1", imageType, m)
		d := w.blob("one", strings.Repeat("compressible ", 1000))
		for _, path := range []string{one + "manifests/v1", one + "blobs/" + d, one + "tags/list", "/v2/_catalog", one + "referrers/" + d, "/v2/"} {
			a := w.do("GET", path, "", "Accept-Encoding: gzip, deflate, br, zstd")
			w.is(a, 200, "Content-Encoding:", "Vary:")
			if a.ContentLength != int64(len(a.body)) {
				w.Errorf("%s: Content-Length %d for %d bytes", path, a.ContentLength, len(a.body))
			}
		}
	}},
	{"api/unknown-parameters", func(w *wire) {
		m := w.image("one", "ns")
		w.put(one+"manifests/v1?ns=docker.io&etag=x", imageType, m)
		w.holds(one+"manifests/v1?ns=docker.io", m)
		w.is(w.do("HEAD", one+"blobs/"+digestOf("{}")+"?ns=docker.io", ""), 200)
		w.is(w.do("GET", one+"tags/list?ns=docker.io&x", ""), 200)
	}},
}

// answering answers every pull with one error.
type answering struct {
	oci.Unimplemented
	err error
}

func (a answering) Manifest(context.Context, oci.Name, oci.Reference) (*oci.Manifest, error) {
	return nil, a.err
}

func (a answering) Resolve(context.Context, oci.Name, oci.Reference) (*oci.Manifest, error) {
	return nil, a.err
}

// Every code goes out with its status and one that the specification lists.
func TestErrorsOnTheWire(t *testing.T) {
	for _, c := range []struct {
		code   oci.Code
		status int
		wire   oci.Code
		header string
	}{
		{oci.Denied, 403, oci.Denied, "Retry-After:"},
		{oci.Unauthorized, 401, oci.Unauthorized, "WWW-Authenticate: Basic realm=\"argosy\""},
		{oci.TooManyRequests, 429, oci.TooManyRequests, "Retry-After: 1"},
		{oci.Unavailable, 503, oci.Unavailable, "Retry-After: 1"},
		{oci.StorageFull, 507, oci.StorageFull, "Retry-After:"},
		{oci.ContentCorrupt, 500, oci.ContentCorrupt, "Etag:"},
		{oci.Unsupported, 405, oci.Unsupported, "Allow: HEAD, PUT, DELETE"},
		{oci.MisdirectedRequest, 421, oci.Denied, "Allow:"},
		{oci.ManifestUnknown, 404, oci.ManifestUnknown, "WWW-Authenticate:"},
	} {
		w := openWith(t, v2.Options{
			Registry:  answering{err: c.code.With(map[string]string{"a": "b"}, "what happened")},
			Challenge: func(h http.Header, _ *http.Request) { h.Set("WWW-Authenticate", `Basic realm="argosy"`) },
		})
		a := w.do("GET", one+"manifests/x", "")
		w.fails(a, c.status, c.wire)
		w.is(a, c.status, c.header)
		if want := `{"errors":[{"code":"` + string(c.wire) + `","message":"what happened","detail":{"a":"b"}}]}`; a.body != want {
			t.Errorf("body is %s, want %s", a.body, want)
		}
		w.is(w.do("HEAD", one+"manifests/x", ""), c.status)
	}
}

// A failure of the registry's own is logged under the request's id, noted, and
// not shown.
func TestOwnFailure(t *testing.T) {
	var log bytes.Buffer
	h := v2.New(v2.Options{Registry: answering{err: errors.New("secret /var/lib/path")}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	note := &v2.Note{RequestID: "req-7"}
	r := httptest.NewRequest("GET", one+"manifests/x", nil)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r.WithContext(v2.WithNote(r.Context(), note)))
	if w.Code != 500 || strings.Contains(w.Body.String(), "secret") || !strings.Contains(w.Body.String(), "req-7") || !strings.Contains(w.Body.String(), `"UNKNOWN"`) {
		t.Errorf("answer is %d %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "secret") || !strings.Contains(log.String(), "req-7") || note.Err == nil {
		t.Errorf("log is %q, note is %+v", log.String(), note)
	}
	// Of a client that went away there is nothing to log as an error.
	log.Reset()
	h = v2.New(v2.Options{Registry: answering{err: context.Canceled}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r.WithContext(ctx))
	if w.Code != 503 || log.Len() > 0 {
		t.Errorf("answer is %d, log is %q", w.Code, log.String())
	}
}

// A detail that cannot be encoded does not cost the answer.
func TestErrorWithOddDetail(t *testing.T) {
	w := open(t, answering{err: oci.Denied.With(func() {}, "no")})
	w.fails(w.do("GET", one+"manifests/x", ""), 403, oci.Denied)
}

func TestWriteError(t *testing.T) {
	h := v2.New(v2.Options{Registry: oci.Unimplemented{}})
	w := httptest.NewRecorder()
	h.WriteError(w, httptest.NewRequest("PUT", "/v2/", nil), oci.Unsupported)
	if w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("answer is %d %v", w.Code, w.Header())
	}
}

func TestNote(t *testing.T) {
	h := v2.New(v2.Options{Registry: answering{err: oci.ManifestUnknown}})
	for at, want := range map[string]v2.Note{
		"/v2/":                       {Kind: "ping"},
		"/v2/a/b/manifests/x":        {Kind: "manifest", Repository: "a/b"},
		"/v2/a/_x/y":                 {Kind: "extension", Repository: "a"},
		"/v2/a/tags/list":            {Kind: "tags", Repository: "a"},
		"/v2/a/blobs/uploads/":       {Kind: "uploads", Repository: "a"},
		"/v2/nothing":                {},
		"/v2/A/manifests/x":          {},
		"/v2/a/manifests/sha256:bad": {},
	} {
		var note v2.Note
		r := httptest.NewRequest("GET", at, nil)
		h.ServeHTTP(httptest.NewRecorder(), r.WithContext(v2.WithNote(r.Context(), &note)))
		if note != want {
			t.Errorf("%s: note is %+v, want %+v", at, note, want)
		}
	}
}
