package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/argosy-registry/argosy/internal/auth"
	v2 "github.com/argosy-registry/argosy/internal/server/v2"
)

func ask(h http.Handler, method, path, host string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.Host = host
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestLoopbackHosts(t *testing.T) {
	own := LoopbackHosts("registry.example:8443")
	for host, want := range map[string]bool{
		"localhost": true, "localhost:5000": true, "LOCALHOST": true, "localhost.": true, "a.localhost:1": true,
		"127.0.0.1:5000": true, "127.9.9.9": true, "[::1]:5000": true, "[::1]": true, "::1": true,
		"registry.example:8443": true, "Registry.Example:8443": true,
		"registry.example": false, "example.com": false, "localhost.example.com": false, "127.0.0.1.example.com": false,
		"10.0.0.1": false, "": false, "notlocalhost": false, "[::2]:5000": false,
	} {
		if got := own(host); got != want {
			t.Errorf("host %q: %v, want %v", host, got, want)
		}
	}
}

func TestForeignHost(t *testing.T) {
	s := open(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "page") })
	s.o.OwnHosts = LoopbackHosts("")
	for _, path := range []string{"/", "/v2/", "/livez", "/readyz", "/metrics"} {
		if got := ask(s, "GET", path, "rebound.example"); got.Code != http.StatusMisdirectedRequest || !strings.Contains(got.Body.String(), "rebound.example") {
			t.Errorf("%s: status %d, body %s", path, got.Code, got.Body)
		}
		if got := ask(s, "GET", path, "localhost:5000"); got.Code != http.StatusOK {
			t.Errorf("%s on localhost: status %d, body %s", path, got.Code, got.Body)
		}
	}
}

// A mux would redirect these: the protocol answers them itself.
func TestProtocolComesFirst(t *testing.T) {
	s := open(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "page") })
	for path, want := range map[string]int{
		"/v2": 200, "/v2/": 200, "/v2//x/manifests/a": 400, "/v2/a/../b/manifests/a": 400, "/v2x": 200, "/": 200,
	} {
		if got := ask(s, "GET", path, "localhost"); got.Code != want || got.Header().Get("Location") != "" {
			t.Errorf("%s: status %d to %q, want %d", path, got.Code, got.Header().Get("Location"), want)
		}
	}
}

func TestRefusals(t *testing.T) {
	s := open(nil)
	s.o.Access = &auth.Access{Users: new(auth.Htpasswd)}
	for _, path := range []string{"/v2/", "/v2/unknown/tags/list", "/v2/x/y", "/", "/metrics"} {
		got := ask(s, "GET", path, "registry.example")
		if got.Code != http.StatusUnauthorized || got.Header().Get("WWW-Authenticate") != auth.Challenge {
			t.Errorf("%s: status %d, challenge %q", path, got.Code, got.Header().Get("WWW-Authenticate"))
		}
		if isJSON := json.Valid(got.Body.Bytes()); isJSON != strings.HasPrefix(path, "/v2") {
			t.Errorf("%s: body %s", path, got.Body)
		}
	}
	for _, path := range []string{"/livez", "/readyz"} {
		if got := ask(s, "GET", path, "registry.example"); got.Code != http.StatusOK {
			t.Errorf("%s: status %d", path, got.Code)
		}
	}
}

// unread fails the test when a body is read that should not be.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read before credentials were asked for")
	return 0, io.EOF
}

func TestRefusedBeforeTheBody(t *testing.T) {
	s := open(nil)
	s.o.Access = &auth.Access{Users: new(auth.Htpasswd)}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("PUT", "/v2/a/manifests/b", unread{t}))
	if w.Code != http.StatusUnauthorized {
		t.Errorf("status %d", w.Code)
	}
}

func TestReady(t *testing.T) {
	s := open(nil)
	s.o.Ready = func(context.Context) error { return errors.New("the disk is full") }
	if got := ask(s, "GET", "/readyz", "localhost"); got.Code != http.StatusServiceUnavailable || !strings.Contains(got.Body.String(), "the disk is full") {
		t.Errorf("status %d, body %s", got.Code, got.Body)
	}
	if got := ask(s, "GET", "/livez", "localhost"); got.Code != http.StatusOK {
		t.Errorf("livez: status %d", got.Code)
	}
}

// A panic is an error of ours: answered while nothing was sent, else the end of
// the connection. It is logged once, with where it happened.
func TestPanic(t *testing.T) {
	var logged words
	s := open(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/late" {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, "begun")
			http.NewResponseController(w).Flush()
		}
		if r.URL.Path == "/abort" {
			panic(http.ErrAbortHandler)
		}
		panic("secret of the house")
	})
	s.o.Log = slog.New(slog.NewTextHandler(&logged, nil))
	served := httptest.NewServer(s)
	defer served.Close()
	res, err := http.Get(served.URL + "/early")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if res.StatusCode != http.StatusInternalServerError || strings.Contains(string(body), "secret") {
		t.Errorf("status %d, body %s", res.StatusCode, body)
	}
	if text := logged.String(); !strings.Contains(text, "secret of the house") || !strings.Contains(text, "server_test.go") {
		t.Errorf("log: %s", text)
	}
	if res, err := http.Get(served.URL + "/late"); err == nil {
		if _, err := io.ReadAll(res.Body); err == nil {
			t.Error("a broken answer reads as a whole one")
		}
		res.Body.Close()
	}
	if _, err := http.Get(served.URL + "/abort"); err == nil {
		t.Error("an aborted request was answered")
	}
	served.Close() // waits for the requests
	if text := logged.String(); strings.Contains(text, "/abort") {
		t.Errorf("an aborted request was logged as a failure: %s", text)
	}
}

func TestMetrics(t *testing.T) {
	s := open(func(http.ResponseWriter, *http.Request) {})
	s.metrics = newMetrics(func(id string) bool { return id == "helm-chart" })
	for _, id := range []string{"helm-chart", "helm-chart", "made-up-1", "made-up-2"} {
		s.metrics.count("GET", &v2.Note{Kind: "manifest", Type: id}, 200, 10, time.Millisecond)
	}
	s.metrics.count("BREW", &v2.Note{}, 405, 0, time.Millisecond)
	ask(s, "GET", "/", "localhost")
	text := ask(s, "GET", "/metrics", "localhost").Body.String()
	for _, want := range []string{
		`argosy_requests_total{kind="manifest",method="GET",status="200"} 4`,
		`argosy_requests_total{kind="none",method="other",status="405"} 1`,
		`argosy_requests_total{kind="page",method="GET",status="200"} 1`,
		`argosy_manifests_total{method="GET",type="helm-chart"} 2`,
		`argosy_manifests_total{method="GET",type="unknown"} 2`,
		`argosy_sent_bytes_total{kind="manifest"} 40`,
		`argosy_request_seconds_count{kind="manifest"} 4`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no line %s", want)
		}
	}
	if strings.Contains(text, "made-up") || strings.Contains(text, "BREW") {
		t.Error("a client's word is a label")
	}
}

// A file travels whole through the server, over plain TCP and over TLS, and so
// does a part of it.
func TestFilesTravelWhole(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789abcdef"), 40_000)
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(func(w http.ResponseWriter, r *http.Request) {
		f, err := os.Open(name)
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		if r.URL.Path == "/unknown-length" {
			io.Copy(w, f)
			return
		}
		http.ServeContent(w, r, "", time.Time{}, f)
	})
	for scheme, served := range map[string]*httptest.Server{"http": httptest.NewServer(s), "https": httptest.NewTLSServer(s)} {
		defer served.Close()
		for path, want := range map[string][]byte{"/": content, "/unknown-length": content, "/part": content[1000:500_000]} {
			r, err := http.NewRequest("GET", served.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if path == "/part" {
				r.Header.Set("Range", "bytes=1000-499999")
			}
			res, err := served.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s %s: %d bytes, error %v; want %d", scheme, path, len(got), err, len(want))
			}
		}
	}
}
