package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/internal/browse"
	"github.com/argosy-registry/argosy/internal/browse/browsetest"
	"github.com/argosy-registry/argosy/internal/bundle"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/server/api"
	"github.com/argosy-registry/argosy/internal/store/storetest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// server answers as the protocol's handler does that the extension is mounted in.
type server struct {
	t       *testing.T
	shelf   browsetest.Shelf
	options api.Options
}

func newServer(t *testing.T) *server {
	shelf := browsetest.New(t, storetest.SQLite(t))
	return &server{t, shelf, api.Options{Browser: shelf.Browser}}
}

func (s *server) do(method, target string, header ...string) *http.Response {
	s.t.Helper()
	r := httptest.NewRequest(method, "http://registry.example"+target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	q, err := oci.ParseRequest(r.Method, r.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := api.New(s.options).Serve(w, r, q); err != nil {
		e := oci.AsError(err)
		if e == nil {
			s.t.Fatalf("%s %s: %v", method, target, err)
		}
		http.Error(w, e.Message, e.Code.Status())
	}
	return w.Result()
}

// get is the body of an answer with a status.
func (s *server) get(status int, target string, header ...string) string {
	s.t.Helper()
	r := s.do("GET", target, header...)
	body := new(bytes.Buffer)
	body.ReadFrom(r.Body)
	if r.StatusCode != status {
		s.t.Fatalf("GET %s: status %d, want %d\n%s", target, r.StatusCode, status, body)
	}
	return body.String()
}

// stock fills the shelf with one thing of each sort.
func (s *server) stock() {
	rocket := browsetest.Image(browsetest.Rocket, "saturn", 1000)
	d := s.shelf.Put("space/saturn", rocket, "v1", "latest")
	fleet := s.shelf.Put("space/saturn", browsetest.Index(browsetest.Fleet, browsetest.On("linux/amd64", d, len(rocket))), "fleet")
	s.shelf.Put("space/saturn", browsetest.About(fleet, browsetest.Seal, "seal"), "seal")
	s.shelf.Put("odd", browsetest.Image("application/vnd.nobody.knows", `<b>"title"</b>`, 5), "v1")
}

func TestGolden(t *testing.T) {
	s := newServer(t)
	s.stock()
	for name, target := range map[string]string{
		"artifacts":  "/v2/_argosy/artifacts",
		"repository": "/v2/space/saturn/_argosy/artifacts?n=2",
		"artifact":   "/v2/space/saturn/_argosy/artifacts/fleet",
		"types":      "/v2/_argosy/types",
		"type":       "/v2/_argosy/types/rocket",
	} {
		t.Run(name, func(t *testing.T) {
			got := new(bytes.Buffer)
			if err := json.Indent(got, []byte(s.get(200, target)), "", "  "); err != nil {
				t.Fatal(err)
			}
			got.WriteByte('\n')
			text := strings.ReplaceAll(got.String(), s.shelf.Fingerprint(), "FINGERPRINT")
			file := filepath.Join("testdata", name+".json")
			if *update {
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), text); diff != "" {
				t.Errorf("%s differs from %s: %s", target, file, diff)
			}
		})
	}
}

func TestPaging(t *testing.T) {
	s := newServer(t)
	for i := range 7 {
		s.shelf.Put(oci.Name(fmt.Sprintf("r%d/x", i/3)), browsetest.Image(browsetest.Rocket, fmt.Sprint(i), 1), fmt.Sprintf("v%d", i))
	}
	for path, want := range map[string]int{"/v2/_argosy/artifacts": 7, "/v2/r0/x/_argosy/artifacts": 3} {
		for n := 1; n < 9; n++ {
			got, pages := 0, 0
			for target := fmt.Sprintf("%s?n=%d", path, n); target != ""; pages++ {
				r := s.do("GET", target)
				var body struct{ Artifacts []browse.Item }
				if err := json.NewDecoder(r.Body).Decode(&body); err != nil || len(body.Artifacts) > n {
					t.Fatalf("%s: %d entries, %v", target, len(body.Artifacts), err)
				}
				got += len(body.Artifacts)
				link := r.Header.Get("Link")
				target = strings.TrimSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
				if link != "" && (target == link || !strings.HasPrefix(target, path)) {
					t.Fatalf("Link is %s", link)
				}
			}
			if got != want || pages != (want+n-1)/n {
				t.Errorf("%s by %d: %d entries on %d pages", path, n, got, pages)
			}
		}
	}
	for query, want := range map[string]int{"?n=0": 0, "?n=5000": 7, "?n=99999999999999999999": 7, "?last=r0/x": 7, "?last=r1/x:v4": 2, "?last=zzz": 0} {
		r := s.do("GET", "/v2/_argosy/artifacts"+query)
		var body struct{ Artifacts []browse.Item }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || len(body.Artifacts) != want || body.Artifacts == nil || r.Header.Get("Link") != "" {
			t.Errorf("%s: %d entries, Link %q, %v", query, len(body.Artifacts), r.Header.Get("Link"), err)
		}
	}
}

func TestDefaultPage(t *testing.T) {
	s := newServer(t)
	tags := make([]string, 101)
	for i := range tags {
		tags[i] = fmt.Sprintf("v%03d", i)
	}
	s.shelf.Put("a", browsetest.Image(browsetest.Rocket, "x", 1), tags...)
	r := s.do("GET", "/v2/a/_argosy/artifacts")
	if link := r.Header.Get("Link"); link != `</v2/a/_argosy/artifacts?n=100&last=v099>; rel="next"` {
		t.Errorf("Link is %s", link)
	}
}

func TestStatuses(t *testing.T) {
	s := newServer(t)
	s.stock()
	for target, want := range map[string]int{
		"/v2/_argosy/artifacts?n=-1":                      400,
		"/v2/_argosy/artifacts?n=many":                    400,
		"/v2/_argosy/artifacts?n=1.5":                     400,
		"/v2/_argosy/artifacts?last=%ff":                  400,
		"/v2/_argosy/artifacts/v1":                        404,
		"/v2/nowhere/_argosy/artifacts":                   404,
		"/v2/nowhere/_argosy/artifacts/v1":                404,
		"/v2/odd/_argosy/artifacts/v2":                    404,
		"/v2/odd/_argosy/artifacts/sha256:0":              400,
		"/v2/odd/_argosy/artifacts/-v":                    400,
		"/v2/odd/_argosy/artifacts/v1/more":               400,
		"/v2/odd/_argosy/types":                           404,
		"/v2/_argosy":                                     404,
		"/v2/_argosy/":                                    404,
		"/v2/_argosy/types/submarine":                     404,
		"/v2/_argosy/types/submarine/icon":                404,
		"/v2/_argosy/types/icon":                          404,
		"/v2/_argosy/platforms":                           404,
		"/v2/_argosy/platforms/plan9":                     404,
		"/v2/_argosy/platforms/plan9/icon":                200,
		"/v2/odd/_argosy/artifacts/v1":                    200,
		"/v2/space/saturn/_argosy/artifacts/seal?x=%2f&y": 200,
	} {
		s.get(want, target)
	}
	if got := s.do("GET", "/v2/_argosy/artifacts", "Host", "a;reboot").StatusCode; got != 400 {
		t.Errorf("a host that is none: status %d", got)
	}
}

func TestHeadAndConditions(t *testing.T) {
	s := newServer(t)
	s.stock()
	for _, target := range []string{"/v2/_argosy/artifacts", "/v2/odd/_argosy/artifacts/v1", "/v2/_argosy/types", "/v2/_argosy/types/rocket/icon"} {
		get, head := s.do("GET", target), s.do("HEAD", target)
		etag := get.Header.Get("Etag")
		if diff := cmp.Diff(get.Header, head.Header); diff != "" || etag == "" {
			t.Errorf("HEAD %s: %s", target, diff)
		}
		if n, _ := new(bytes.Buffer).ReadFrom(head.Body); n != 0 {
			t.Errorf("HEAD %s has a body of %d bytes", target, n)
		}
		for _, c := range []struct {
			match string
			want  int
		}{{etag, 304}, {`"x", W/` + etag, 304}, {"*", 304}, {`"x"`, 200}, {"", 200}} {
			if got := s.do("GET", target, "If-None-Match", c.match).StatusCode; got != c.want {
				t.Errorf("GET %s If-None-Match %s: %d, want %d", target, c.match, got, c.want)
			}
		}
	}
	before := s.do("GET", "/v2/_argosy/artifacts").Header.Get("Etag")
	s.shelf.Put("new", browsetest.Image(browsetest.Rocket, "x", 1), "v1")
	if s.do("GET", "/v2/_argosy/artifacts").Header.Get("Etag") == before {
		t.Error("the ETag is the same after a push")
	}
}

func TestIconsCannotAct(t *testing.T) {
	s := newServer(t)
	for target, mediaType := range map[string]string{
		"/v2/_argosy/types/rocket/icon": "image/svg+xml", "/v2/_argosy/platforms/linux/icon": "image/svg+xml", "/v2/_argosy/types/seal/icon": "image/png",
	} {
		h := s.do("GET", target).Header
		for name, want := range map[string]string{
			"Content-Type":            mediaType,
			"Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
			"X-Content-Type-Options":  "nosniff",
			"Cache-Control":           "max-age=300",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q, want %q", target, name, h.Get(name), want)
			}
		}
		if got := s.do("GET", target+"?v="+s.shelf.Fingerprint()).Header.Get("Cache-Control"); got != "max-age=31536000, immutable" {
			t.Errorf("with its version %s has Cache-Control %q", target, got)
		}
	}
}

func TestBundle(t *testing.T) {
	s := newServer(t)
	for query, want := range map[string]int{"": 10, "?origin=built-in": 10, "?origin=local": 0} {
		r := s.do("GET", "/v2/_argosy/types/unknown/bundle"+query)
		packed, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != 200 || r.Header.Get("Content-Type") != "application/zip" {
			t.Fatalf("%q: status %d, %v, %v", query, r.StatusCode, r.Header, err)
		}
		files, err := bundle.Unpack(packed)
		if err != nil || len(files) != want || want > 0 && (!strings.Contains(string(files["rocket.yaml"]), "id: rocket") || len(files["seal.png"]) == 0) {
			t.Errorf("%q: %d files, %v, want %d", query, len(files), err, want)
		}
	}
	s.get(400, "/v2/_argosy/types/unknown/bundle?origin=moon")
}

// Commands name the registry as it is reached.
func TestSite(t *testing.T) {
	s := newServer(t)
	s.shelf.Put("a", browsetest.Image(browsetest.Rocket, "x", 1), "v1")
	for _, c := range []struct{ external, host, want string }{
		{"", "localhost:5000", "rocket launch --plain-http localhost:5000/a:v1"},
		{"https://registry.example", "10.0.0.1", "rocket launch registry.example/a:v1"},
	} {
		s.options.ExternalURL = c.external
		var got browse.Item
		if err := json.Unmarshal([]byte(s.get(200, "/v2/a/_argosy/artifacts/v1", "Host", c.host)), &got); err != nil {
			t.Fatal(err)
		}
		if got.Actions[0].Command != c.want {
			t.Errorf("%+v: %q", c, got.Actions[0].Command)
		}
	}
}

func TestVisible(t *testing.T) {
	s := newServer(t)
	s.stock()
	s.options.Visible = func(r *http.Request) browse.Visible { return browse.Visible{All: r.Header.Get("Who") == "captain"} }
	if got := s.get(200, "/v2/_argosy/artifacts"); got != `{"artifacts":[]}` {
		t.Errorf("nobody sees %s", got)
	}
	s.get(404, "/v2/odd/_argosy/artifacts")
	s.get(404, "/v2/odd/_argosy/artifacts/v1")
	if got := s.get(200, "/v2/odd/_argosy/artifacts", "Who", "captain"); !strings.Contains(got, `"odd"`) {
		t.Errorf("the captain sees %s", got)
	}
}
