package reach_test

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/reach"
)

// address is a repository on a test server.
func address(t *testing.T, server string) oci.Address {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	return oci.Address{Host: u.Host, Name: "a", Tag: "1"}
}

// asksFor is a registry that wants credentials, and answers with handler who has some.
func asksFor(handler http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if _, _, ok := r.BasicAuth(); !ok {
			w.Header().Set("WWW-Authenticate", `Basic realm="a"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		handler(w, r)
	}
}

// A registry may lead on to another server, which gets no credentials.
func TestRedirectsCarryNoCredentials(t *testing.T) {
	asked := ""
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Header.Get("Authorization") + r.Header.Get("Cookie")
		w.Header().Set("Content-Type", oci.MediaTypeImageIndex)
		w.Header().Set("Docker-Content-Digest", string(oci.SHA256.Sum(nil)))
		w.Header().Set("Content-Length", "7")
	}))
	defer other.Close()
	first := httptest.NewServer(asksFor(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/elsewhere", http.StatusTemporaryRedirect) // the same host name, another port
	}))
	defer first.Close()
	repo, err := reach.Options{User: "me", Password: "secret"}.Repository(address(t, first.URL))
	if err != nil {
		t.Fatal(err)
	}
	d, err := repo.Resolve(t.Context(), "1")
	if err != nil || d.Size != 7 {
		t.Errorf("%+v, %v", d, err)
	}
	if asked != "" {
		t.Errorf("the other server was told %q", asked)
	}
}

func TestRedirectsThatAreRefused(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	for name, c := range map[string]struct {
		tls  bool
		to   func(self string) string
		says string
	}{
		"round and round": {false, func(self string) string { return self + "/v2/a/manifests/1" }, "more than 5 times"},
		"to plain HTTP":   {true, func(string) string { return plain.URL }, "from https to http"},
		"to a file":       {false, func(string) string { return "file:///etc/passwd" }, "file"},
	} {
		t.Run(name, func(t *testing.T) {
			var s *httptest.Server
			handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", c.to(s.URL))
				w.WriteHeader(http.StatusTemporaryRedirect)
			})
			s = httptest.NewUnstartedServer(handler)
			if c.tls {
				s.StartTLS()
			} else {
				s.Start()
			}
			defer s.Close()
			repo, err := reach.Options{Insecure: c.tls}.Repository(address(t, s.URL))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := repo.Resolve(t.Context(), "1"); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v does not say %q", err, c.says)
			}
		})
	}
}

// What is trusted is said: the system's authorities, a file's beside them, or anybody.
func TestTrust(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", oci.MediaTypeImageIndex)
		w.Header().Set("Docker-Content-Digest", string(oci.SHA256.Sum(nil)))
		w.Header().Set("Content-Length", "7")
	}))
	defer s.Close()
	dir := t.TempDir()
	ca, none := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "none.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	for name, text := range map[string][]byte{ca: block, none: []byte("no certificate\n")} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		o    reach.Options
		says string // of the error; empty: it works
	}{
		"its authority":     {reach.Options{CAFile: ca}, ""},
		"anybody":           {reach.Options{Insecure: true}, ""},
		"over HTTP":         {reach.Options{}, "400"},
		"no authority":      {reach.Options{CAFile: none}, "holds no certificate"},
		"no file":           {reach.Options{CAFile: filepath.Join(dir, "gone.pem")}, "gone.pem"},
		"HTTP when told so": {reach.Options{PlainHTTP: true, CAFile: ca}, "400"},
	} {
		t.Run(name, func(t *testing.T) {
			repo, err := c.o.Repository(address(t, s.URL))
			if err == nil {
				_, err = repo.Resolve(t.Context(), "1")
			}
			if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("error %v, want %q", err, c.says)
			}
		})
	}
}

// What Docker's configuration has for a registry is what it is told.
func TestDockerCredentials(t *testing.T) {
	asked := ""
	s := httptest.NewServer(asksFor(func(w http.ResponseWriter, r *http.Request) {
		name, password, _ := r.BasicAuth()
		asked = name + " " + password
		w.WriteHeader(http.StatusNotFound)
	}))
	defer s.Close()
	at := address(t, s.URL)
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	config := `{"auths": {"` + at.Host + `": {"auth": "bWU6c2VjcmV0"}, "other.example": {"auth": "eW91Om90aGVy"}}}`
	if err := os.WriteFile(filepath.Join(os.Getenv("DOCKER_CONFIG"), "config.json"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	repo, err := reach.Options{}.Repository(at)
	if err != nil {
		t.Fatal(err)
	}
	_, err = repo.Resolve(t.Context(), "1")
	if asked != "me secret" {
		t.Errorf("it was told %q (%v)", asked, err)
	}
	if reach.Unreachable(err) {
		t.Errorf("an answer counts as none: %v", err)
	}
}

func TestUnreachable(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	at := address(t, s.URL)
	s.Close()
	repo, err := reach.Options{}.Repository(at)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := repo.Resolve(t.Context(), "1"); !reach.Unreachable(err) {
		t.Errorf("%v counts as an answer", err)
	}
}
