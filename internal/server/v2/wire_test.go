package v2_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/oci/ocitest"
	"github.com/argosy-registry/argosy/internal/registry/registrytest"
	v2 "github.com/argosy-registry/argosy/internal/server/v2"
)

// A wireCase is a rule about headers, status codes or bodies, over the core.
type wireCase struct {
	name string
	test func(w *wire)
}

// wireCases lists them all by area.
func wireCases() []wireCase {
	return slices.Concat(apiCases, manifestCases, blobCases, uploadCases, chunkCases, mountCases, pushCases, listCases, referrerCases, deleteCases, extensionCases)
}

func TestWire(t *testing.T) {
	for _, c := range wireCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(open(t, registrytest.Open(t)))
		})
	}
}

// Every point of the specification has cases, and every case that a point names
// exists.
func TestPointsNameCasesThatExist(t *testing.T) {
	var names []string
	for _, c := range wireCases() {
		if slices.Contains(names, c.name) {
			t.Errorf("case %s twice", c.name)
		}
		names = append(names, c.name)
	}
	names = append(names, testFunctions(t)...)
	for _, p := range ocitest.Points {
		for _, name := range p.Wire {
			if !slices.Contains(names, name) {
				t.Errorf("point %d names the wire case %s, which does not exist", p.Number, name)
			}
		}
	}
}

// testFunctions are the names of this package's tests.
func testFunctions(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(string(source), -1) {
			names = append(names, m[1])
		}
	}
	return names
}

// wire is a registry on loopback and a client that shows answers as they are.
type wire struct {
	*testing.T
	registry oci.Registry
	server   *httptest.Server
}

func open(t *testing.T, r oci.Registry) *wire { return openWith(t, v2.Options{Registry: r}) }

func openWith(t *testing.T, o v2.Options) *wire {
	return &wire{T: t, registry: o.Registry, server: serve(t, o)}
}

// answer is a response with its body read.
type answer struct {
	*http.Response
	body string
}

// plain takes answers as they are: no redirects, no decompression.
var plain = &http.Client{
	Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16, ResponseHeaderTimeout: patience},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// do sends a request. Header lines are "Name: value".
func (w *wire) do(method, path, body string, header ...string) answer {
	w.Helper()
	return w.send(method, path, strings.NewReader(body), header...)
}

func (w *wire) send(method, path string, body io.Reader, header ...string) answer {
	w.Helper()
	if strings.HasPrefix(path, "/") {
		path = w.server.URL + path
	}
	r, err := http.NewRequest(method, path, body)
	if err != nil {
		w.Fatal(err)
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	res, err := plain.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatalf("%s %s: %v", method, path, err)
	}
	return answer{res, string(content)}
}

// is wants the status and header lines "Name: value"; "Name:" wants none.
func (w *wire) is(a answer, status int, header ...string) {
	w.Helper()
	at := a.Request.Method + " " + a.Request.URL.RequestURI()
	if a.StatusCode != status {
		w.Errorf("%s: status %d, want %d: %.300s", at, a.StatusCode, status, a.body)
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ":")
		if got := strings.Join(a.Header[http.CanonicalHeaderKey(name)], ", "); got != strings.TrimSpace(value) {
			w.Errorf("%s: %s is %q, want %q", at, name, got, strings.TrimSpace(value))
		}
	}
	if a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("Content-Encoding") != "" {
		w.Errorf("%s: header is %v", at, a.Header)
	}
}

// fails wants an error in the specification's form.
func (w *wire) fails(a answer, status int, code oci.Code) {
	w.Helper()
	w.is(a, status, "Content-Type: application/json", "Content-Length: "+strconv.Itoa(len(a.body)))
	var body struct {
		Errors []struct{ Code, Message string }
	}
	d := json.NewDecoder(strings.NewReader(a.body))
	if err := d.Decode(&body); err != nil || len(body.Errors) != 1 || body.Errors[0].Code != string(code) || body.Errors[0].Message == "" {
		w.Errorf("%s %s: body is %q, want an error %s", a.Request.Method, a.Request.URL, a.body, string(code))
	}
}

// What the cases push.
const (
	imageType = oci.MediaTypeImageManifest
	indexType = oci.MediaTypeImageIndex
	one       = "/v2/one/"
)

func digestOf(s string) string { return string(oci.SHA256.Sum([]byte(s))) }

// blob pushes a blob into name and returns its digest.
func (w *wire) blob(name, content string) string {
	w.Helper()
	d := digestOf(content)
	a := w.do("POST", "/v2/"+name+"/blobs/uploads/", "")
	w.is(a, 202)
	w.is(w.do("PUT", a.Header.Get("Location")+"?digest="+d, content), 201)
	return d
}

// image is the text of an image manifest whose blobs have been pushed to name.
func (w *wire) image(name, label string, more ...string) string {
	w.Helper()
	layer := "layer " + label
	return fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":%q,"size":2},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":%q,"size":%d}]%s}`,
		imageType, w.blob(name, "{}"), w.blob(name, layer), len(layer), strings.Join(more, ""))
}

// put pushes a manifest and wants success.
func (w *wire) put(path, mediaType, content string, header ...string) answer {
	w.Helper()
	a := w.do("PUT", path, content, append(header, "Content-Type: "+mediaType)...)
	w.is(a, 201)
	return a
}

// upload starts an upload and returns its Location.
func (w *wire) upload() string {
	w.Helper()
	a := w.do("POST", one+"blobs/uploads/", "")
	w.is(a, 202)
	return a.Header.Get("Location")
}

// holds wants a blob to be readable.
func (w *wire) holds(path, content string) {
	w.Helper()
	a := w.do("GET", path, "")
	w.is(a, 200)
	if a.body != content {
		w.Errorf("%s holds %d bytes, want %d", path, len(a.body), len(content))
	}
}

// patience is how long an answer may take before the test is given up.
const patience = 30 * time.Second

// raw sends bytes as they are, then the end of its side if half is set, and reads
// one answer.
func (w *wire) raw(request string, half bool) answer {
	w.Helper()
	c, err := net.Dial("tcp", w.server.Listener.Addr().String())
	if err != nil {
		w.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		w.Fatal(err)
	}
	if _, err := io.WriteString(c, request); err != nil {
		w.Fatal(err)
	}
	if half {
		if err := c.(*net.TCPConn).CloseWrite(); err != nil {
			w.Fatal(err)
		}
	}
	method, rest, _ := strings.Cut(request, " ")
	path, _, _ := strings.Cut(rest, " ")
	r := httptest.NewRequest(method, path, nil)
	res, err := http.ReadResponse(bufio.NewReader(c), r)
	if err != nil {
		w.Fatal(err)
	}
	content, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	return answer{res, string(content)}
}

// unknownLength is a body of unknown length.
func unknownLength(s string) io.Reader { return struct{ io.Reader }{bytes.NewBufferString(s)} }
