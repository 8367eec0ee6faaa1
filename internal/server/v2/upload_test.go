package v2_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/registry/registrytest"
	v2 "github.com/argosy-registry/argosy/internal/server/v2"
)

// bad are digests that no content can be stored under, in the query of a request.
var bad = []string{
	"sha256:baddigeststring", "sha256:", "latest", "x",
	"sha256:" + strings.Repeat("A", 64), "sha256:" + strings.Repeat("0", 63), "md5:" + strings.Repeat("0", 32), "blake3:" + strings.Repeat("0", 64),
}

var uploadCases = []wireCase{
	{"upload/start", func(w *wire) {
		id := regexp.MustCompile(`^/v2/one/blobs/uploads/[A-Za-z0-9_.~-]+$`)
		seen := map[string]bool{}
		for range 10 {
			a := w.do("POST", one+"blobs/uploads/", "")
			at := a.Header.Get("Location")
			w.is(a, 202, "Content-Length: 0", "Range: 0-0", "OCI-Chunk-Min-Length:", "Docker-Upload-UUID: "+at[strings.LastIndexByte(at, '/')+1:])
			if !id.MatchString(at) || seen[at] {
				w.Errorf("Location is %q", at)
			}
			seen[at] = true
		}
		w.is(w.do("POST", one+"blobs/uploads", ""), 202)
	}},
	{"upload/monolithic", func(w *wire) {
		for _, body := range []string{"", "{}", content(600), content(100_000)} {
			for _, d := range []string{digestOf(body), string(oci.SHA512.Sum([]byte(body)))} {
				a := w.do("PUT", w.upload()+"?digest="+d, body, "Content-Type: application/octet-stream")
				w.is(a, 201, "Location: "+one+"blobs/"+d, "Docker-Content-Digest: "+d, "Content-Length: 0")
				w.holds(a.Header.Get("Location"), body)
			}
		}
	}},
	{"upload/query-is-preserved", func(w *wire) {
		d := digestOf("query")
		w.is(w.do("PUT", w.upload()+"?zz=1&digest="+strings.Replace(d, ":", "%3A", 1)+"&_state=a%2Fb&etag=x-1", "query"), 201)
		w.holds(one+"blobs/"+d, "query")
	}},
	{"upload/single-post", func(w *wire) {
		for _, body := range []string{"", "{}", content(50_000)} {
			for _, d := range []string{digestOf(body), string(oci.SHA512.Sum([]byte(body)))} {
				for range 2 { // the second time it is there already
					a := w.do("POST", one+"blobs/uploads/?digest="+d, body)
					w.is(a, 201, "Location: "+one+"blobs/"+d, "Docker-Content-Digest: "+d)
					w.holds(a.Header.Get("Location"), body)
				}
			}
		}
		d := digestOf("streamed")
		w.is(w.send("POST", one+"blobs/uploads/?digest="+d, unknownLength("streamed")), 201)
		w.holds(one+"blobs/"+d, "streamed")
	}},
	{"upload/single-post-without-body", func(w *wire) {
		d := digestOf("comes later")
		a := w.do("POST", one+"blobs/uploads/?digest="+d, "")
		w.is(a, 202, "Range: 0-0")
		w.is(w.do("PUT", a.Header.Get("Location")+"?digest="+d, "comes later"), 201)
	}},
	{"upload/bad-digests", func(w *wire) {
		for _, d := range append(bad, digestOf("something else"), string(oci.SHA512.Sum([]byte("something else")))) {
			w.fails(w.do("PUT", w.upload()+"?digest="+d, "body"), 400, oci.DigestInvalid)
			w.fails(w.do("POST", one+"blobs/uploads/?digest="+d, "body"), 400, oci.DigestInvalid)
			at := w.upload()
			w.is(w.do("PATCH", at, "body"), 202)
			w.fails(w.do("PUT", at+"?digest="+d, ""), 400, oci.DigestInvalid)
			at = w.upload()
			w.is(w.do("PATCH", at, "bo", "Content-Range: 0-1"), 202)
			w.fails(w.do("PUT", at+"?digest="+d, "dy", "Content-Range: 2-3"), 400, oci.DigestInvalid)
			w.is(w.do("HEAD", one+"blobs/"+digestOf("body"), ""), 404)
		}
	}},
	{"upload/missing-digest", func(w *wire) {
		at := w.upload()
		w.is(w.do("PATCH", at, "body"), 202)
		w.fails(w.do("PUT", at, ""), 400, oci.DigestInvalid)
		w.fails(w.do("PUT", at+"?digest=", ""), 400, oci.DigestInvalid)
		w.fails(w.do("PUT", at+"?digest=sha256:bad", ""), 400, oci.DigestInvalid)
		w.is(w.do("PUT", at+"?digest="+digestOf("body"), ""), 201)
	}},
	{"upload/digest-algorithm", func(w *wire) {
		for _, algorithm := range []string{"sha256", "sha512"} {
			a := w.do("POST", one+"blobs/uploads/?digest-algorithm="+algorithm, "")
			w.is(a, 202)
			at := a.Header.Get("Location")
			w.is(w.do("PATCH", at, content(30_000)), 202)
			d := string(oci.SHA512.Sum([]byte(content(30_000)))) // whatever was announced
			w.is(w.do("PUT", at+"?digest="+d, ""), 201, "Docker-Content-Digest: "+d)
		}
		for _, algorithm := range []string{"md5", "blake3", "SHA256", "x/y"} {
			w.fails(w.do("POST", one+"blobs/uploads/?digest-algorithm="+algorithm, ""), 400, oci.DigestInvalid)
		}
	}},
	{"upload/status", func(w *wire) {
		at := w.upload()
		for _, method := range []string{"GET", "HEAD"} {
			w.is(w.do(method, at, ""), 204, "Location: "+at, "Range: 0-0")
		}
		w.is(w.do("PATCH", at, "12345"), 202)
		a := w.do("GET", at, "")
		w.is(a, 204, "Location: "+at, "Range: 0-4")
		if a.body != "" {
			w.Errorf("status has a body %q", a.body)
		}
	}},
	{"upload/cancel", func(w *wire) {
		for _, body := range []string{"", "some", content(50_000)} {
			at := w.upload()
			if body != "" {
				w.is(w.do("PATCH", at, body), 202)
			}
			w.is(w.do("DELETE", at, ""), 204)
			for _, method := range []string{"GET", "PATCH", "DELETE"} {
				w.fails(w.do(method, at, ""), 404, oci.BlobUploadUnknown)
			}
			w.fails(w.do("PUT", at+"?digest="+digestOf(body), ""), 404, oci.BlobUploadUnknown)
		}
	}},
	{"upload/unknown", func(w *wire) {
		for _, id := range []string{"x", "0198c0de-0000-7000-8000-000000000000", "%2e%2e", "_", strings.Repeat("a", 2000)} {
			w.fails(w.do("PATCH", one+"blobs/uploads/"+id, "x"), 404, oci.BlobUploadUnknown)
			w.fails(w.do("PUT", one+"blobs/uploads/"+id+"?digest="+digestOf("x"), "x"), 404, oci.BlobUploadUnknown)
			w.is(w.do("GET", one+"blobs/uploads/"+id, ""), 404)
			w.is(w.do("DELETE", one+"blobs/uploads/"+id, ""), 404)
		}
		elsewhere := strings.Replace(w.upload(), "/one/", "/two/", 1)
		w.fails(w.do("PATCH", elsewhere, "x"), 404, oci.BlobUploadUnknown)
	}},
	{"upload/location-for-ollama", func(w *wire) {
		a := w.do("POST", one+"blobs/uploads/", "", "User-Agent: ollama/0.9.0 (amd64 linux) Go/go1.24")
		if at := a.Header.Get("Location"); !strings.HasPrefix(at, w.server.URL+one+"blobs/uploads/") {
			w.Errorf("Location is %q", at)
		}
	}},
}

func TestExternalURL(t *testing.T) {
	w := openWith(t, v2.Options{Registry: registrytest.Open(t), ExternalURL: "https://registry.example:8443/"})
	a := w.do("POST", one+"blobs/uploads/", "")
	if at := a.Header.Get("Location"); !strings.HasPrefix(at, "https://registry.example:8443/v2/one/blobs/uploads/") {
		t.Errorf("Location is %q", at)
	}
	a = w.do("POST", one+"blobs/uploads/?digest="+digestOf("{}"), "{}")
	w.is(a, 201, "Location: https://registry.example:8443/v2/one/blobs/"+digestOf("{}"))
	w.put(one+"manifests/v1", indexType, `{"manifests":[]}`)
	w.is(w.do("GET", one+"tags/list?n=1", ""), 200)
}

var chunkCases = []wireCase{
	{"chunk/patch", func(w *wire) {
		body := content(30_000)
		at := w.upload()
		for _, part := range [][2]int{{0, 10_000}, {10_000, 10_007}, {10_007, 30_000}} {
			a := w.do("PATCH", at, body[part[0]:part[1]], fmt.Sprintf("Content-Range: %d-%d", part[0], part[1]-1), "Content-Type: application/octet-stream")
			w.is(a, 202, fmt.Sprintf("Range: 0-%d", part[1]-1), "Content-Length: 0", "Location: "+at)
			w.is(w.do("GET", at, ""), 204, fmt.Sprintf("Range: 0-%d", part[1]-1))
		}
		w.is(w.do("PUT", at+"?digest="+digestOf(body), ""), 201)
		w.holds(one+"blobs/"+digestOf(body), body)
	}},
	{"chunk/last-in-put", func(w *wire) {
		for _, header := range [][]string{{"Content-Range: 3-5"}, nil} {
			at := w.upload()
			w.is(w.do("PATCH", at, "abc", "Content-Range: 0-2"), 202)
			w.is(w.do("PUT", at+"?digest="+digestOf("abcdef"), "def", header...), 201)
			w.holds(one+"blobs/"+digestOf("abcdef"), "abcdef")
		}
	}},
	{"chunk/rfc-form", func(w *wire) {
		at := w.upload()
		w.is(w.do("PATCH", at, "abc", "Content-Range: bytes 0-2/*"), 202, "Range: 0-2")
		w.is(w.do("PATCH", at, "def", "Content-Range: bytes 3-5/6"), 202, "Range: 0-5")
		w.is(w.do("PUT", at+"?digest="+digestOf("abcdef"), ""), 201)
	}},
	{"chunk/out-of-order", func(w *wire) {
		body := content(90_000)
		at := w.upload()
		for start := 0; start < len(body); start += 30_000 {
			held := fmt.Sprintf("Range: 0-%d", max(start-1, 0))
			for _, wrong := range []string{fmt.Sprintf("%d-%d", start+1, start+30_000), "0-29999", fmt.Sprintf("%d-%d", max(start-1, 0), start+29_998)} {
				if wrong == "0-29999" && start == 0 {
					continue
				}
				if start == 0 && strings.HasPrefix(wrong, "0-") {
					continue
				}
				a := w.do("PATCH", at, body[:30_000], "Content-Range: "+wrong)
				w.fails(a, 416, oci.BlobUploadInvalid)
				w.is(a, 416, "Location: "+at, held)
				w.is(w.do("GET", at, ""), 204, "Location: "+at, held)
			}
			w.is(w.do("PATCH", at, body[start:start+30_000], fmt.Sprintf("Content-Range: %d-%d", start, start+29_999)), 202)
		}
		a := w.do("PUT", at+"?digest="+digestOf(body), "late", "Content-Range: 5-8")
		w.fails(a, 416, oci.BlobUploadInvalid)
		w.is(a, 416, "Location: "+at, "Range: 0-89999")
		w.is(w.do("PUT", at+"?digest="+digestOf(body), ""), 201)
		w.holds(one+"blobs/"+digestOf(body), body)
	}},
	{"chunk/retried-after-a-lost-answer", func(w *wire) {
		at := w.upload()
		w.is(w.do("PATCH", at, "abc", "Content-Range: 0-2"), 202)
		w.is(w.do("PATCH", at, "abc", "Content-Range: 0-2"), 416, "Range: 0-2", "Location: "+at)
		w.is(w.do("PATCH", at, "def", "Content-Range: 3-5"), 202, "Range: 0-5")
		w.is(w.do("PUT", at+"?digest="+digestOf("abcdef"), ""), 201)
	}},
	{"chunk/length-mismatch", func(w *wire) {
		at := w.upload()
		w.is(w.do("PATCH", at, "abc", "Content-Range: 0-2"), 202)
		for _, body := range []string{"d", "def", content(70_000)} {
			w.fails(w.do("PATCH", at, body, "Content-Range: 3-4"), 400, oci.SizeInvalid)
			w.fails(w.send("PATCH", at, unknownLength(body), "Content-Range: 3-4"), 400, oci.SizeInvalid)
			w.is(w.do("GET", at, ""), 204, "Range: 0-2")
		}
		w.fails(w.do("PUT", at+"?digest="+digestOf("abcdef"), "defg", "Content-Range: 3-5"), 400, oci.SizeInvalid)
		w.fails(w.do("PUT", at+"?digest="+digestOf("abcdef"), "", "Content-Range: 3-5"), 400, oci.SizeInvalid)
		w.is(w.send("PATCH", at, unknownLength("def"), "Content-Range: 3-5"), 202, "Range: 0-5")
		w.is(w.do("PUT", at+"?digest="+digestOf("abcdef"), ""), 201)
	}},
	{"chunk/malformed-range", func(w *wire) {
		at := w.upload()
		for _, r := range []string{"x", "0", "-", "0-", "-5", "5-1", "a-b", "0-2-3", "+0-2", "0x0-2", "bytes=0-2", "0-99999999999999999999", " 0-2x"} {
			w.fails(w.do("PATCH", at, "abc", "Content-Range: "+r), 400, oci.BlobUploadInvalid)
			w.is(w.do("GET", at, ""), 204, "Range: 0-0")
		}
		w.is(w.do("PATCH", at, "abc", "Content-Range: 0-2"), 202)
	}},
	{"chunk/stream", func(w *wire) {
		body := content(200_000)
		at := w.upload()
		w.is(w.send("PATCH", at, unknownLength(body)), 202, "Range: 0-199999", "Location: "+at)
		w.is(w.do("PUT", at+"?digest="+digestOf(body), ""), 201)
		w.holds(one+"blobs/"+digestOf(body), body)
		at = w.upload()
		w.is(w.do("PATCH", at, body), 202, "Range: 0-199999") // a length and no range
		w.is(w.do("PUT", at+"?digest="+digestOf(body), ""), 201)
		w.is(w.send("PUT", w.upload()+"?digest="+digestOf(body), unknownLength(body)), 201)
	}},
	{"chunk/empty", func(w *wire) {
		at := w.upload()
		w.is(w.do("PATCH", at, ""), 202, "Range: 0-0")
		w.is(w.do("PATCH", at, "abc"), 202, "Range: 0-2")
		w.is(w.do("PATCH", at, ""), 202, "Range: 0-2")
		w.is(w.do("PUT", at+"?digest="+digestOf("abc"), ""), 201)
	}},
	{"chunk/earlier-location", func(w *wire) {
		first := w.upload()
		a := w.do("PATCH", first, "abc")
		w.is(a, 202)
		w.is(w.do("PATCH", first, "def"), 202, "Range: 0-5")
		w.is(w.do("PUT", a.Header.Get("Location")+"?digest="+digestOf("abcdef"), ""), 201)
	}},
	{"chunk/cut-connection", func(w *wire) {
		for _, n := range []int{700, 90_000} {
			at, body := w.upload(), content(n)
			for _, header := range []string{"", fmt.Sprintf("Content-Range: 0-%d\r\n", n-1)} {
				if header != "" {
					at = w.upload()
				}
				request := fmt.Sprintf("PATCH %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s\r\n", at, n, header)
				w.raw(request+body[:n-200], true)
				w.is(w.do("GET", at, ""), 204, "Range: 0-0")
				w.is(w.do("PATCH", at, body[:n-200], fmt.Sprintf("Content-Range: 0-%d", n-201)), 202)
				w.raw(fmt.Sprintf("PATCH %s HTTP/1.1\r\nHost: x\r\nContent-Length: 200\r\n\r\n%s", at, body[n-200:n-1]), true)
				w.is(w.do("GET", at, ""), 204, fmt.Sprintf("Range: 0-%d", n-201))
				w.is(w.do("PATCH", at, body[n-200:], fmt.Sprintf("Content-Range: %d-%d", n-200, n-1)), 202)
				w.is(w.do("PUT", at+"?digest="+digestOf(body), ""), 201)
				w.holds(one+"blobs/"+digestOf(body), body)
			}
		}
	}},
	{"chunk/cut-put", func(w *wire) {
		at, body := w.upload(), content(5000)
		a := w.raw(fmt.Sprintf("PUT %s?digest=%s HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n%s", at, digestOf(body), body[:4000]), true)
		w.fails(a, 400, oci.SizeInvalid)
		w.is(w.do("HEAD", one+"blobs/"+digestOf(body), ""), 404)
		w.is(w.do("GET", at, ""), 204, "Range: 0-0")
		w.is(w.do("PUT", at+"?digest="+digestOf(body), body), 201)
	}},
	{"chunk/two-at-once", func(w *wire) {
		at := w.upload()
		c, err := net.Dial("tcp", w.server.Listener.Addr().String())
		if err != nil {
			w.Fatal(err)
		}
		defer c.Close()
		if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
			w.Fatal(err)
		}
		fmt.Fprintf(c, "PATCH %s HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Range: 0-5\r\nContent-Length: 6\r\n\r\n", at)
		answers := bufio.NewReader(c)
		if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, "100") { // the handler has begun to read
			w.Fatalf("%q %v", line, err)
		}
		if a := w.do("PATCH", at, "xyz", "Content-Range: 0-2"); a.StatusCode != 416 && a.StatusCode != 400 {
			w.Errorf("the second of two has status %d", a.StatusCode)
		}
		fmt.Fprint(c, "abcdef")
		if _, err := answers.ReadString('\n'); err != nil { // the empty line after the 100
			w.Fatal(err)
		}
		res, err := http.ReadResponse(answers, nil)
		if err != nil || res.StatusCode != 202 || res.Header.Get("Range") != "0-5" {
			w.Fatalf("the first of two: %v %v", res, err)
		}
		w.is(w.do("PUT", at+"?digest="+digestOf("abcdef"), ""), 201)
		w.holds(one+"blobs/"+digestOf("abcdef"), "abcdef")
	}},
	{"chunk/expect-continue", func(w *wire) {
		// An upload that is not there is refused before its body is asked for.
		a := w.raw("PATCH "+one+"blobs/uploads/none HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1000000000\r\n\r\n", false)
		w.fails(a, 404, oci.BlobUploadUnknown)
		at := w.upload()
		a = w.raw("PATCH "+at+" HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Range: 9-1000000008\r\nContent-Length: 1000000000\r\n\r\n", false)
		w.fails(a, 416, oci.BlobUploadInvalid)
	}},
}

var mountCases = []wireCase{
	{"mount/created", func(w *wire) {
		for _, body := range []string{"mounted", content(50_000)} {
			d := w.blob("one", body)
			for _, query := range []string{"?mount=" + d + "&from=one", "?from=one&mount=" + d + "&origin=registry.example", "?mount=" + d} {
				a := w.do("POST", "/v2/two/blobs/uploads/"+query, "")
				w.is(a, 201, "Location: /v2/two/blobs/"+d, "Docker-Content-Digest: "+d, "Content-Length: 0")
				w.holds(a.Header.Get("Location"), body)
				w.is(w.do("DELETE", "/v2/two/blobs/"+d, ""), 202)
			}
		}
		d := string(oci.SHA512.Sum([]byte("sha512")))
		w.is(w.do("POST", one+"blobs/uploads/?digest="+d, "sha512"), 201)
		w.is(w.do("POST", "/v2/two/blobs/uploads/?mount="+d+"&from=one", ""), 201, "Docker-Content-Digest: "+d)
	}},
	{"mount/falls-back", func(w *wire) {
		w.blob("one", "other")
		d := digestOf("absent")
		for _, query := range []string{"?mount=" + d + "&from=one", "?mount=" + d, "?mount=" + d + "&from=not/there"} {
			a := w.do("POST", "/v2/two/blobs/uploads/"+query, "")
			w.is(a, 202, "Range: 0-0", "Docker-Content-Digest:")
			w.is(w.do("PUT", a.Header.Get("Location")+"?digest="+d, "absent"), 201)
			w.is(w.do("DELETE", "/v2/two/blobs/"+d, ""), 202)
		}
	}},
	{"mount/with-a-body", func(w *wire) {
		d := w.blob("one", "body")
		w.is(w.do("POST", "/v2/two/blobs/uploads/?from=one&mount="+d, "body that nobody reads"), 201)
		// Where it cannot be mounted, the digest with a body is a whole push.
		d = digestOf("whole")
		w.is(w.do("POST", "/v2/two/blobs/uploads/?from=one&mount="+d+"&digest="+d, "whole"), 201)
		w.holds("/v2/two/blobs/"+d, "whole")
	}},
	{"mount/malformed", func(w *wire) {
		w.fails(w.do("POST", "/v2/two/blobs/uploads/?mount=sha256:bad&from=one", ""), 400, oci.DigestInvalid)
		w.fails(w.do("POST", "/v2/two/blobs/uploads/?mount="+digestOf("x")+"&from=Not/Valid", ""), 400, oci.NameInvalid)
	}},
}

// mountless is a registry that refuses to mount.
type mountless struct {
	oci.Registry
	err error
}

func (m mountless) Mount(context.Context, oci.Name, oci.Digest, oci.Name, oci.Grant) (oci.Descriptor, error) {
	return oci.Descriptor{}, m.err
}

// A mount that cannot be is an upload; one that may not be, or failed, is an error.
func TestMountErrors(t *testing.T) {
	for code, status := range map[oci.Code]int{
		oci.BlobUnknown: 202, oci.NameUnknown: 202, oci.Unsupported: 202,
		oci.Unauthorized: 401, oci.Denied: 403, oci.StorageFull: 507,
	} {
		w := open(t, mountless{registrytest.Open(t), code})
		w.is(w.do("POST", one+"blobs/uploads/?from=two&mount="+digestOf("x"), ""), status)
	}
}

// stuck is a registry whose uploads end in errors.
type stuck struct {
	oci.Registry
	commit, write error
	discarded     chan bool
}

type stuckUpload struct {
	oci.Upload
	of *stuck
}

func (s *stuck) ResumeUpload(ctx context.Context, repo oci.Name, id string) (oci.Upload, error) {
	up, err := s.Registry.ResumeUpload(ctx, repo, id)
	return &stuckUpload{up, s}, err
}

func (u *stuckUpload) ReadFrom(r io.Reader) (int64, error) {
	if u.of.write != nil {
		return 0, u.of.write
	}
	return u.Upload.ReadFrom(r)
}

func (u *stuckUpload) Commit(oci.Digest) error { return u.of.commit }

func (u *stuckUpload) Discard() error {
	u.of.discarded <- true
	return u.Upload.Discard()
}

// A full disk is answered 507, and the upload is let go of with what it held.
func TestUploadErrorsLetGo(t *testing.T) {
	full := oci.StorageFull.With(nil, "full")
	s := &stuck{Registry: registrytest.Open(t), discarded: make(chan bool, 10)}
	w := open(t, s)
	at := w.upload()
	w.is(w.do("PATCH", at, "abc"), 202)
	s.write = full
	w.fails(w.do("PATCH", at, "def"), 507, oci.StorageFull)
	s.write, s.commit = nil, full
	w.fails(w.do("PUT", at+"?digest="+digestOf("abcdef"), "def"), 507, oci.StorageFull)
	if len(s.discarded) != 2 {
		t.Errorf("%d of 2 uploads were let go of", len(s.discarded))
	}
	w.is(w.do("GET", at, ""), 204, "Range: 0-"+strconv.Itoa(2))
}
