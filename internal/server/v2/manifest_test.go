package v2_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/registry/registrytest"
	v2 "github.com/argosy-registry/argosy/internal/server/v2"
)

var manifestCases = []wireCase{
	{"manifest/get", func(w *wire) {
		m := w.image("one", "get")
		typ := w.put(one+"manifests/v1", imageType, m).Header.Get("Argosy-Type")
		if typ == "" {
			w.Error("no Argosy-Type on PUT")
		}
		for ref, cache := range map[string]string{"v1": "no-cache", digestOf(m): "max-age=31536000, immutable"} {
			a := w.do("GET", one+"manifests/"+ref, "")
			w.is(a, 200, "Content-Type: "+imageType, "Docker-Content-Digest: "+digestOf(m), "Content-Length: "+strconv.Itoa(len(m)),
				`ETag: "`+digestOf(m)+`"`, "Cache-Control: "+cache, "Argosy-Type: "+typ)
			if a.body != m {
				w.Errorf("read %q, pushed %q", a.body, m)
			}
			head := w.do("HEAD", one+"manifests/"+ref, "")
			for _, name := range []string{"Content-Type", "Content-Length", "Docker-Content-Digest", "Etag", "Cache-Control", "Argosy-Type"} {
				w.is(head, 200, name+": "+a.Header.Get(name))
			}
			if head.body != "" {
				w.Errorf("HEAD has a body: %q", head.body)
			}
		}
	}},
	{"manifest/accept-is-ignored", func(w *wire) {
		m := w.image("one", "accept")
		w.put(one+"manifests/v1", imageType, m)
		for _, accept := range [][]string{nil, {"Accept: text/html"}, {"Accept: " + indexType}, {"Accept: " + oci.MediaTypeDockerManifest, "Accept: " + oci.MediaTypeDockerList}, {"Accept: */*"}, {"Accept: garbage;;q=x"}} {
			w.is(w.do("GET", one+"manifests/v1", "", accept...), 200, "Content-Type: "+imageType)
			w.is(w.do("HEAD", one+"manifests/v1", "", accept...), 200, "Content-Type: "+imageType)
		}
	}},
	{"manifest/range-is-ignored", func(w *wire) {
		m := w.image("one", "range")
		w.put(one+"manifests/v1", imageType, m)
		a := w.do("GET", one+"manifests/v1", "", "Range: bytes=0-3")
		w.is(a, 200, "Content-Range:")
		if a.body != m {
			w.Error("a part was sent")
		}
	}},
	{"manifest/unknown", func(w *wire) {
		for _, ref := range []string{"v1", digestOf("none")} {
			w.fails(w.do("GET", "/v2/not/there/manifests/"+ref, ""), 404, oci.NameUnknown)
		}
		w.blob("one", "x")
		for _, ref := range []string{"v1", digestOf("none")} {
			a := w.do("GET", one+"manifests/"+ref, "")
			w.fails(a, 404, oci.ManifestUnknown)
			w.is(a, 404, "Etag:", "Docker-Content-Digest:", "Cache-Control:")
			w.is(w.do("HEAD", one+"manifests/"+ref, ""), 404)
		}
	}},
	{"manifest/not-modified", func(w *wire) {
		m := w.image("one", "etag")
		w.put(one+"manifests/v1", imageType, m)
		etag := `"` + digestOf(m) + `"`
		for _, method := range []string{"GET", "HEAD"} {
			for _, tags := range []string{etag, "W/" + etag, `"x", ` + etag, "*"} {
				a := w.do(method, one+"manifests/v1", "", "If-None-Match: "+tags)
				w.is(a, 304, "ETag: "+etag, "Docker-Content-Digest: "+digestOf(m), "Cache-Control: no-cache")
				if a.body != "" {
					w.Errorf("304 with a body %q", a.body)
				}
			}
			w.is(w.do(method, one+"manifests/v1", "", `If-None-Match: "x"`), 200)
			w.is(w.do(method, one+"manifests/v1", "", "If-Match: "+etag), 200)
			w.is(w.do(method, one+"manifests/v1", "", "If-Match: *"), 200)
			w.is(w.do(method, one+"manifests/v1", "", `If-Match: "x"`), 412, "Etag:")
		}
	}},
	{"manifest/sha512", func(w *wire) {
		m := w.image("one", "sha512")
		d := string(oci.SHA512.Sum([]byte(m)))
		w.is(w.put(one+"manifests/"+d+"?tag=v1&tag=v2", imageType, m), 201, "Docker-Content-Digest: "+d, "OCI-Tag: v1, v2")
		for _, ref := range []string{"v1", "v2", d} {
			w.is(w.do("HEAD", one+"manifests/"+ref, ""), 200, "Docker-Content-Digest: "+d)
		}
		w.is(w.put(one+"manifests/v3?digest="+d, imageType, m), 201, "Docker-Content-Digest: "+d)
		w.is(w.do("GET", one+"manifests/v3", ""), 200, "Docker-Content-Digest: "+d)
	}},
	{"manifest/docker-types", func(w *wire) {
		d := w.blob("one", "{}")
		m := `{"schemaVersion":2,"mediaType":"` + oci.MediaTypeDockerManifest + `","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":2,"digest":"` + d + `"},"layers":[]}`
		w.put(one+"manifests/image", oci.MediaTypeDockerManifest, m)
		w.is(w.do("GET", one+"manifests/image", ""), 200, "Content-Type: "+oci.MediaTypeDockerManifest)
		l := `{"schemaVersion":2,"mediaType":"` + oci.MediaTypeDockerList + `","manifests":[]}`
		w.put(one+"manifests/list", oci.MediaTypeDockerList, l)
		w.is(w.do("GET", one+"manifests/list", ""), 200, "Content-Type: "+oci.MediaTypeDockerList)
	}},
}

var pushCases = []wireCase{
	{"push/created", func(w *wire) {
		m := w.image("one", "created")
		for _, ref := range []string{"v1", digestOf(m), "v1"} {
			a := w.put(one+"manifests/"+ref, imageType, m)
			w.is(a, 201, "Location: "+one+"manifests/"+digestOf(m), "Docker-Content-Digest: "+digestOf(m), "Content-Length: 0",
				`ETag: "`+digestOf(m)+`"`, "OCI-Subject:", "OCI-Tag:", "Warning:")
			w.holds(a.Header.Get("Location"), m)
		}
	}},
	{"push/digest-mismatch", func(w *wire) {
		m := w.image("one", "mismatch")
		w.fails(w.do("PUT", one+"manifests/"+digestOf(m), m+"  ", "Content-Type: "+imageType), 400, oci.DigestInvalid)
		w.fails(w.do("PUT", one+"manifests/sha256:baddigeststring", m, "Content-Type: "+imageType), 400, oci.DigestInvalid)
		w.fails(w.do("PUT", one+"manifests/v1?digest=sha256:bad", m, "Content-Type: "+imageType), 400, oci.DigestInvalid)
		w.fails(w.do("PUT", one+"manifests/"+digestOf(m)+"?digest="+digestOf("x"), m, "Content-Type: "+imageType), 400, oci.DigestInvalid)
		w.fails(w.do("PUT", one+"manifests/blake3:"+strings.Repeat("0", 64), m, "Content-Type: "+imageType), 400, oci.DigestInvalid)
		w.is(w.do("GET", one+"manifests/"+digestOf(m), ""), 404)
	}},
	{"push/content-type", func(w *wire) {
		m := w.image("one", "type")
		w.is(w.do("PUT", one+"manifests/v1", m), 201)
		w.is(w.do("GET", one+"manifests/v1", ""), 200, "Content-Type: "+imageType)
		w.is(w.do("PUT", one+"manifests/v2", m, "Content-Type: "+imageType+"; charset=utf-8"), 201)
		w.fails(w.do("PUT", one+"manifests/v3", m, "Content-Type: "+indexType), 400, oci.ManifestInvalid)
		w.fails(w.do("PUT", one+"manifests/v3", m, "Content-Type: application/vnd.docker.distribution.manifest.v1+prettyjws"), 400, oci.ManifestInvalid)
		w.put(one+"manifests/v4", imageType, strings.Replace(m, `"mediaType":"`+imageType+`",`, "", 1))
	}},
	{"push/missing-blobs", func(w *wire) {
		m := strings.Replace(w.image("one", "here"), digestOf("layer here"), digestOf("not here"), 1)
		a := w.do("PUT", one+"manifests/v1", m, "Content-Type: "+imageType)
		w.fails(a, 400, oci.ManifestBlobUnknown)
		if !strings.Contains(a.body, digestOf("not here")) {
			w.Errorf("the missing blob is not named: %s", a.body)
		}
	}},
	{"push/too-large", func(w *wire) {
		large := strings.Repeat(" ", oci.MaxManifest+1)
		w.fails(w.send("PUT", one+"manifests/v1", unknownLength(large), "Content-Type: "+imageType), 413, oci.SizeInvalid)
		// One that says how long it is gets its answer before it is read.
		said := w.raw("PUT "+one+"manifests/v1 HTTP/1.1\r\nHost: x\r\nContent-Type: "+imageType+"\r\nContent-Length: 999999999999\r\n\r\n", false)
		w.fails(said, 413, oci.SizeInvalid)
		m := w.image("one", "large", `,"annotations":{"a":"`+strings.Repeat("x", 3_900_000)+`"}`)
		w.put(one+"manifests/large", imageType, m)
		w.holds(one+"manifests/large", m)
	}},
	{"push/cut-short", func(w *wire) {
		m := w.image("one", "cut")
		a := w.raw("PUT "+one+"manifests/v1 HTTP/1.1\r\nHost: x\r\nContent-Type: "+imageType+"\r\nContent-Length: "+strconv.Itoa(len(m)+10)+"\r\n\r\n"+m, true)
		w.fails(a, 400, oci.SizeInvalid)
		w.is(w.do("GET", one+"manifests/v1", ""), 404)
	}},
	{"push/subject", func(w *wire) {
		for _, d := range []string{digestOf("no such manifest"), string(oci.SHA512.Sum([]byte("no such manifest")))} {
			subject := `,"subject":{"mediaType":"` + imageType + `","digest":"` + d + `","size":5}`
			m := w.image("one", "subject", subject)
			w.is(w.put(one+"manifests/"+digestOf(m), imageType, m), 201, "OCI-Subject: "+d)
			w.is(w.put(one+"manifests/v1", imageType, m), 201, "OCI-Subject: "+d)
			l := `{"schemaVersion":2,"mediaType":"` + indexType + `","manifests":[]` + subject + `}`
			w.is(w.put(one+"manifests/"+digestOf(l), indexType, l), 201, "OCI-Subject: "+d)
		}
	}},
	{"push/tags", func(w *wire) {
		m := w.image("one", "tags")
		w.is(w.put(one+"manifests/"+digestOf(m)+"?tag=a&tag=b&tag=a", imageType, m), 201, "OCI-Tag: a, b", "Location: "+one+"manifests/"+digestOf(m))
		w.is(w.put(one+"manifests/z?tag=y", imageType, m), 201, "OCI-Tag: y, z")
		for _, tag := range []string{"a", "b", "y", "z"} {
			w.holds(one+"manifests/"+tag, m)
		}
		w.fails(w.do("PUT", one+"manifests/"+digestOf(m)+"?tag=ok&tag=-bad", m, "Content-Type: "+imageType), 400, oci.ManifestInvalid)
		w.is(w.do("HEAD", one+"manifests/ok", ""), 404)
		w.fails(w.do("PUT", one+"manifests/"+digestOf(m)+"?x"+strings.Repeat("&tag=t", 129), m, "Content-Type: "+imageType), 414, oci.Unsupported)
		var many strings.Builder
		for i := range 100 {
			many.WriteString("&tag=many" + strconv.Itoa(i))
		}
		a := w.put(one+"manifests/"+digestOf(m)+"?"+many.String()[1:], imageType, m)
		if n := len(a.Header["Oci-Tag"]); n != 100 {
			w.Errorf("%d tags of 100 were set", n)
		}
	}},
	{"push/conditions", func(w *wire) {
		a, b := w.image("one", "a"), w.image("one", "b")
		etag := w.put(one+"manifests/v1", imageType, a, "If-None-Match: *").Header.Get("ETag")
		w.fails(w.do("PUT", one+"manifests/v1", b, "Content-Type: "+imageType, "If-None-Match: *"), 412, oci.ManifestInvalid)
		w.fails(w.do("PUT", one+"manifests/v1", b, "Content-Type: "+imageType, `If-Match: "`+digestOf(b)+`"`), 412, oci.ManifestInvalid)
		w.fails(w.do("PUT", one+"manifests/v1", b, "Content-Type: "+imageType, `If-Match: "no digest"`), 412, oci.ManifestInvalid)
		w.fails(w.do("PUT", one+"manifests/v1", b, "Content-Type: "+imageType, "If-None-Match: "+etag), 412, oci.ManifestInvalid)
		w.fails(w.do("PUT", one+"manifests/new", b, "Content-Type: "+imageType, "If-Match: *"), 412, oci.ManifestInvalid)
		w.holds(one+"manifests/v1", a)
		etag = w.put(one+"manifests/v1", imageType, b, `If-Match: "x", `+etag).Header.Get("ETag")
		w.put(one+"manifests/v1", imageType, a, "If-Match: "+etag)
		w.put(one+"manifests/v1", imageType, b, "If-Match: "+digestOf(a)) // without quotes
		w.put(one+"manifests/v1", imageType, a, "If-Match: *", `If-None-Match: "x"`)
	}},
	{"push/body-errors-name-the-rule", func(w *wire) {
		for _, body := range []string{"", "{", "[]", `{"layers":[],"layers":[]}`, `{"Layers":[]}`} {
			a := w.do("PUT", one+"manifests/v1", body, "Content-Type: "+imageType)
			w.fails(a, 400, oci.ManifestInvalid)
			if !strings.Contains(a.body, `"rule":`) {
				w.Errorf("%q: no rule in %s", body, a.body)
			}
		}
	}},
}

// warning is a registry that has something to say about each push.
type warning struct {
	oci.Registry
	sentences []string
}

func (r warning) Push(ctx context.Context, repo oci.Name, p oci.Push) (oci.Pushed, error) {
	pushed, err := r.Registry.Push(ctx, repo, p)
	pushed.Warnings = r.sentences
	return pushed, err
}

func TestWarnings(t *testing.T) {
	long := strings.Repeat("x", 5000) // each is cut, and all have 4096 bytes at most
	w := open(t, warning{registrytest.Open(t), []string{`set "artifactType"`, "a \\ and\r\nX-Injected: 1", long, long, long}})
	a := w.put(one+"manifests/v1", imageType, w.image("one", "warned"))
	cut := `299 - "` + strings.Repeat("x", 1500) + `…"`
	want := []string{`299 - "set \"artifactType\""`, `299 - "a \\ and  X-Injected: 1"`, cut, cut}
	if got := a.Header["Warning"]; strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("warnings are %q, want %q", got, want)
	}
}

// The grant of a request is what the push carries.
func TestGrant(t *testing.T) {
	w := openWith(t, v2.Options{
		Registry: registrytest.Open(t),
		Grant:    func(r *http.Request) oci.Grant { return oci.Grant{Create: true, Delete: r.Header.Get("X-May") != ""} },
	})
	w.put(one+"manifests/v1", imageType, w.image("one", "a"))
	w.fails(w.do("PUT", one+"manifests/v1", w.image("one", "b"), "Content-Type: "+imageType), 403, oci.Denied)
	w.fails(w.do("DELETE", one+"manifests/v1", ""), 403, oci.Denied)
	w.is(w.do("DELETE", one+"manifests/v1", "", "X-May: yes"), 202)
}
