package v2_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/internal/oci"
	v2 "github.com/argosy-registry/argosy/internal/server/v2"
)

// content is n bytes that differ from place to place.
func content(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(strconv.Itoa(i * 7919))
	}
	return b.String()[:n]
}

var blobCases = []wireCase{
	{"blob/get", func(w *wire) {
		for _, n := range []int{1, 600, 2048, 100_000} {
			body := content(n)
			d := w.blob("one", body)
			a := w.do("GET", one+"blobs/"+d, "")
			w.is(a, 200, "Content-Type: application/octet-stream", "Content-Length: "+strconv.Itoa(n), "Docker-Content-Digest: "+d,
				`ETag: "`+d+`"`, "Accept-Ranges: bytes", "Cache-Control: max-age=31536000, immutable", "Location:")
			if a.body != body {
				w.Errorf("%d bytes differ", n)
			}
			head := w.do("HEAD", one+"blobs/"+d, "", "Range: bytes=0-0")
			w.is(head, 200, "Content-Type: application/octet-stream", "Content-Length: "+strconv.Itoa(n), "Docker-Content-Digest: "+d, `ETag: "`+d+`"`, "Accept-Ranges: bytes")
		}
	}},
	{"blob/empty", func(w *wire) {
		d := w.blob("one", "")
		w.is(w.do("GET", one+"blobs/"+d, ""), 200, "Content-Length: 0", "Docker-Content-Digest: "+d)
		w.is(w.do("HEAD", one+"blobs/"+d, ""), 200, "Content-Length: 0", "Docker-Content-Digest: "+d)
		w.is(w.do("GET", one+"blobs/"+d, "", "Range: bytes=0-"), 200, "Content-Length: 0")
	}},
	{"blob/unknown", func(w *wire) {
		w.fails(w.do("GET", one+"blobs/"+digestOf("x"), ""), 404, oci.NameUnknown)
		w.blob("one", "y")
		w.fails(w.do("GET", one+"blobs/"+digestOf("x"), ""), 404, oci.BlobUnknown)
		w.is(w.do("HEAD", one+"blobs/"+digestOf("x"), ""), 404)
		w.is(w.do("GET", one+"blobs/"+digestOf("x"), "", `If-None-Match: "`+digestOf("x")+`"`), 404)
	}},
	{"blob/not-sniffed", func(w *wire) {
		d := w.blob("one", "<html><script>alert(1)</script>")
		w.is(w.do("GET", one+"blobs/"+d, ""), 200, "Content-Type: application/octet-stream")
	}},
	{"blob/ranges", func(w *wire) {
		for _, size := range []int{2048, 100_000} {
			body := content(size)
			d := w.blob("one", body)
			for asked, want := range map[string][2]int{
				"bytes=500-1499":               {500, 1500},
				"bytes=500-":                   {500, size},
				"bytes=-500":                   {size - 500, size},
				"bytes=2000-500000":            {2000, size},
				"bytes=0-1":                    {0, 2},
				"bytes=0-0":                    {0, 1},
				"bytes=-999999999":             {0, size},
				"bytes= 5 - 9 ":                {5, 10},
				"bytes=,5-9,":                  {5, 10},
				"Bytes=5-9":                    {5, 10},
				"bytes=5-99999999999999999999": {5, size},
			} {
				a := w.do("GET", one+"blobs/"+d, "", "Range: "+asked)
				w.is(a, 206, "Content-Range: bytes "+strconv.Itoa(want[0])+"-"+strconv.Itoa(want[1]-1)+"/"+strconv.Itoa(size),
					"Content-Length: "+strconv.Itoa(want[1]-want[0]), "Docker-Content-Digest: "+d, "Content-Type: application/octet-stream")
				if a.body != body[want[0]:want[1]] {
					w.Errorf("%s: wrong bytes", asked)
				}
			}
		}
	}},
	{"blob/ranges-not-satisfiable", func(w *wire) {
		d := w.blob("one", content(2048))
		for _, asked := range []string{"bytes=500-0", "bytes=5000-10000", "bytes=2048-", "bytes=-0", "bytes=a-b", "bytes=", "bytes=1", "bytes=--5", "bytes=+1-2", "bytes=1-2-3", "bytes=99999999999999999999-"} {
			a := w.do("GET", one+"blobs/"+d, "", "Range: "+asked)
			w.fails(a, 416, oci.BlobUploadInvalid)
			w.is(a, 416, "Content-Range: bytes */2048", "Location:", "Range:")
		}
	}},
	{"blob/ranges-ignored", func(w *wire) {
		d := w.blob("one", content(2048))
		for _, asked := range []string{"items=0-5", "0-5", "bytes 0-5", "bytes=0-2000,1-2001"} {
			w.is(w.do("GET", one+"blobs/"+d, "", "Range: "+asked), 200, "Content-Range:", "Content-Length: 2048")
		}
	}},
	{"blob/many-ranges", func(w *wire) {
		body := content(100_000)
		d := w.blob("one", body)
		a := w.do("GET", one+"blobs/"+d, "", "Range: bytes=0-9, 50000-50099,-7,900000-")
		w.is(a, 206, "Content-Range:", "Content-Length: "+strconv.Itoa(len(a.body)))
		mediaType, parameters, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
		if err != nil || mediaType != "multipart/byteranges" {
			w.Fatalf("Content-Type is %q", a.Header.Get("Content-Type"))
		}
		parts := multipart.NewReader(strings.NewReader(a.body), parameters["boundary"])
		for _, want := range [][2]int{{0, 10}, {50_000, 50_100}, {99_993, 100_000}} {
			part, err := parts.NextPart()
			if err != nil {
				w.Fatal(err)
			}
			got, err := io.ReadAll(part)
			if err != nil || string(got) != body[want[0]:want[1]] {
				w.Errorf("part %v has %d bytes, %v", want, len(got), err)
			}
			if cr := part.Header.Get("Content-Range"); cr != "bytes "+strconv.Itoa(want[0])+"-"+strconv.Itoa(want[1]-1)+"/100000" {
				w.Errorf("part %v says %q", want, cr)
			}
		}
		if _, err := parts.NextPart(); err != io.EOF {
			w.Errorf("more parts: %v", err)
		}
		// At most 128, and never more bytes than there are.
		spread := func(n int) string {
			var b strings.Builder
			for i := range n {
				b.WriteString("," + strconv.Itoa(i*10) + "-" + strconv.Itoa(i*10))
			}
			return "Range: bytes=" + b.String()[1:]
		}
		w.is(w.do("GET", one+"blobs/"+d, "", spread(128)), 206)
		w.fails(w.do("GET", one+"blobs/"+d, "", spread(129)), 416, oci.BlobUploadInvalid)
		w.is(w.do("GET", one+"blobs/"+d, "", spread(2000)), 416)
	}},
	{"blob/if-range", func(w *wire) {
		d := w.blob("one", content(2048))
		w.is(w.do("GET", one+"blobs/"+d, "", "Range: bytes=0-4", `If-Range: "`+d+`"`), 206)
		for _, v := range []string{`"x"`, `W/"` + d + `"`, "Wed, 21 Oct 2015 07:28:00 GMT"} {
			w.is(w.do("GET", one+"blobs/"+d, "", "Range: bytes=0-4", "If-Range: "+v), 200, "Content-Length: 2048")
		}
	}},
	{"blob/not-modified", func(w *wire) {
		d := w.blob("one", "etag")
		for _, method := range []string{"GET", "HEAD"} {
			a := w.do(method, one+"blobs/"+d, "", `If-None-Match: W/"`+d+`"`)
			w.is(a, 304, `ETag: "`+d+`"`, "Docker-Content-Digest: "+d)
			w.is(w.do(method, one+"blobs/"+d, "", `If-None-Match: "x"`), 200)
			w.is(w.do(method, one+"blobs/"+d, "", `If-Match: "x"`), 412)
			w.is(w.do(method, one+"blobs/"+d, "", `If-Match: "`+d+`"`), 200)
		}
	}},
	{"blob/ollama", func(w *wire) {
		d := w.blob("one", "model")
		w.is(w.do("GET", one+"blobs/"+d, "", "User-Agent: ollama/0.5.1 (amd64 linux)"), 200, "Location: "+w.server.URL+one+"blobs/"+d)
	}},
}

// opened is a registry with one blob.
type opened struct {
	oci.Unimplemented
	blob oci.Blob
}

func (o opened) OpenBlob(context.Context, oci.Name, oci.Digest) (*oci.Blob, error) {
	return &o.blob, nil
}

// failing reads up to a place and fails there.
type failing struct {
	*bytes.Reader
	at int64
}

var errRot = errors.New("the disk is rotten")

func (f failing) Read(p []byte) (int, error) {
	pos := f.Size() - int64(f.Len())
	if pos >= f.at {
		return 0, errRot
	}
	return f.Reader.Read(p[:min(int64(len(p)), f.at-pos)])
}

func (f failing) WriteTo(w io.Writer) (int64, error) { return io.Copy(w, struct{ io.Reader }{f}) }
func (failing) Close() error                         { return nil }

// A read that fails midway must not look like a whole answer.
func TestReadErrorBreaksTheConnection(t *testing.T) {
	body := content(300_000)
	d := oci.SHA256.Sum([]byte(body))
	for _, at := range []int64{1, 100, 5000, 250_000, 299_999} {
		for _, asked := range []string{"", "bytes=0-299998,299999-299999", "bytes=0-"} {
			w := openWith(t, v2.Options{
				Registry: opened{blob: oci.Blob{Descriptor: oci.Descriptor{Digest: d, Size: 300_000}, Content: failing{bytes.NewReader([]byte(body)), at}}},
				Log:      slog.New(slog.DiscardHandler),
			})
			r, err := http.NewRequest("GET", w.server.URL+one+"blobs/"+string(d), nil)
			if err != nil {
				t.Fatal(err)
			}
			if asked != "" {
				r.Header.Set("Range", asked)
			}
			w.server.Config.ErrorLog = nil
			res, err := plain.Do(r)
			if err != nil {
				continue // broken before the header was out
			}
			got, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err == nil {
				t.Errorf("failing at %d, %q: %d bytes that look whole", at, asked, len(got))
			}
		}
	}
}

// The handler itself gives the answer up, whatever protocol carries it.
func TestReadErrorAborts(t *testing.T) {
	body := []byte(content(300_000))
	d := oci.SHA256.Sum(body)
	for _, asked := range []string{"", "bytes=1-", "bytes=0-9,299000-299999"} {
		h := v2.New(v2.Options{Registry: opened{blob: oci.Blob{Descriptor: oci.Descriptor{Digest: d, Size: 300_000}, Content: failing{bytes.NewReader(body), 1000}}}})
		r := httptest.NewRequest("GET", one+"blobs/"+string(d), nil)
		r.Header["Range"] = []string{asked}
		func() {
			defer func() {
				if p := recover(); p != http.ErrAbortHandler {
					t.Errorf("%q: recovered %v", asked, p)
				}
			}()
			h.ServeHTTP(httptest.NewRecorder(), r)
		}()
	}
}

// Before the first byte there is still time for an error that says so.
func TestReadErrorAtTheStart(t *testing.T) {
	d := oci.SHA256.Sum([]byte("rotten"))
	w := openWith(t, v2.Options{
		Registry: opened{blob: oci.Blob{Descriptor: oci.Descriptor{Digest: d, Size: 6}, Content: failing{bytes.NewReader([]byte("rotten")), 0}}},
		Log:      slog.New(slog.DiscardHandler),
	})
	a := w.do("GET", one+"blobs/"+string(d), "")
	w.fails(a, 500, oci.Unknown)
	w.is(a, 500, "Etag:", "Docker-Content-Digest:", "Cache-Control:", "Accept-Ranges:")
}

// Fewer or more bytes than the blob has are no whole answer either.
func TestContentOfAnotherLength(t *testing.T) {
	for _, length := range []int{5, 7} {
		body := content(length)
		d := oci.SHA256.Sum([]byte(body))
		w := openWith(t, v2.Options{Registry: opened{blob: oci.Blob{Descriptor: oci.Descriptor{Digest: d, Size: 6}, Content: failing{bytes.NewReader([]byte(body)), 1 << 20}}}})
		res, err := plain.Get(w.server.URL + one + "blobs/" + string(d))
		if err != nil {
			continue
		}
		if _, err := io.ReadAll(res.Body); err == nil {
			t.Errorf("%d bytes instead of 6 look whole", length)
		}
		res.Body.Close()
	}
}

// A file goes out whole and in parts, read from wherever it stands.
func TestFileContent(t *testing.T) {
	body := content(400_000)
	name := filepath.Join(t.TempDir(), "blob")
	if err := os.WriteFile(name, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	d := oci.SHA256.Sum([]byte(body))
	for asked, want := range map[string]string{"": body, "bytes=7-300000": body[7:300_001], "bytes=-9": body[399_991:]} {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		w := openWith(t, v2.Options{Registry: opened{blob: oci.Blob{Descriptor: oci.Descriptor{Digest: d, Size: 400_000}, Content: f}}})
		var header []string
		if asked != "" {
			header = []string{"Range: " + asked}
		}
		if a := w.do("GET", one+"blobs/"+string(d), "", header...); a.body != want {
			t.Errorf("%q: %d bytes, want %d", asked, len(a.body), len(want))
		}
	}
}
