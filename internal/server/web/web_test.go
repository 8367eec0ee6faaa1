package web_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/browse"
	"github.com/argosy-registry/argosy/internal/browse/browsetest"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/server/web"
	"github.com/argosy-registry/argosy/internal/store"
	"github.com/argosy-registry/argosy/internal/store/storetest"
)

// site is a handler over a shelf that can be filled.
type site struct {
	t       *testing.T
	shelf   browsetest.Shelf
	options web.Options
}

func newSite(t *testing.T) *site {
	shelf := browsetest.New(t, storetest.SQLite(t))
	now := store.Time(browsetest.Pushed).Add(3 * time.Hour)
	return &site{t, shelf, web.Options{Browser: shelf.Browser, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}}
}

func (s *site) do(method, target string, header ...string) *http.Response {
	s.t.Helper()
	r := httptest.NewRequest(method, target, nil)
	r.Host = "localhost:5000"
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	w := httptest.NewRecorder()
	web.New(s.options).ServeHTTP(w, r)
	return w.Result()
}

// get is the page that a request gets with a status. Every page is whole, and
// nothing in it runs or is loaded but the registry's own.
func (s *site) get(status int, target string, header ...string) page {
	s.t.Helper()
	r := s.do("GET", target, header...)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if r.StatusCode != status || r.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		s.t.Fatalf("GET %s: status %d, %s, want %d\n%s", target, r.StatusCode, r.Header.Get("Content-Type"), status, body)
	}
	p := page{s.t, string(body)}
	p.checkSound()
	return p
}

type page struct {
	t    *testing.T
	text string
}

// elements lists what the page is made of.
func (p page) elements() (all []xml.StartElement) {
	p.t.Helper()
	d := xml.NewDecoder(strings.NewReader(p.text))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			p.t.Fatalf("the page is not well-formed: %v", err)
		}
		if e, ok := token.(xml.StartElement); ok {
			all = append(all, e.Copy())
		}
	}
}

func attribute(e xml.StartElement, name string) (string, bool) {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value, true
		}
	}
	return "", false
}

// count is how many elements of a name the page has.
func (p page) count(name string) (n int) {
	for _, e := range p.elements() {
		if e.Name.Local == name {
			n++
		}
	}
	return n
}

var own = []string{
	"html", "head", "meta", "title", "link", "script", "body", "a", "header", "img", "span", "main", "footer", "nav", "p",
	"h1", "h2", "div", "table", "thead", "tbody", "tr", "th", "td", "wbr", "b", "code", "pre", "button", "details", "summary",
	"time", "section", "figure", "figcaption",
}

func (p page) checkSound() {
	p.t.Helper()
	for _, want := range []string{`<html lang="en">`, "<title>", `<main id="main">`, "</html>"} {
		if strings.Count(p.text, want) != 1 {
			p.t.Errorf("the page has not one %s:\n%s", want, p.text)
		}
	}
	if n := p.count("h1"); n != 1 {
		p.t.Errorf("the page has %d headings of the first rank", n)
	}
	for _, e := range p.elements() {
		if !slices.Contains(own, e.Name.Local) {
			p.t.Errorf("the page has an element <%s> that is not its own", e.Name.Local)
		}
		for _, a := range e.Attr {
			name := strings.ToLower(a.Name.Local)
			if strings.HasPrefix(name, "on") || name == "style" {
				p.t.Errorf("<%s> has %s=%q", e.Name.Local, name, a.Value)
			}
			if name == "src" && !strings.HasPrefix(a.Value, "/_/") && !strings.HasPrefix(a.Value, "/v2/_argosy/") {
				p.t.Errorf("<%s> loads %q", e.Name.Local, a.Value)
			}
			if name == "href" && !strings.HasPrefix(a.Value, "/") && !strings.HasPrefix(a.Value, "#") && !strings.HasPrefix(a.Value, "https://pad.example/") {
				p.t.Errorf("<%s> leads to %q", e.Name.Local, a.Value)
			}
		}
		if _, ok := attribute(e, "alt"); e.Name.Local == "img" && !ok {
			p.t.Error("an image has no alt")
		}
		if src, _ := attribute(e, "src"); e.Name.Local == "script" && !strings.HasPrefix(src, "/_/") {
			p.t.Error("a script stands in the page")
		}
	}
}

// has says whether a person can read the words on the page.
func (p page) has(words ...string) {
	p.t.Helper()
	text := html.UnescapeString(p.text)
	for _, w := range words {
		if !strings.Contains(text, w) {
			p.t.Errorf("the page does not say %q:\n%s", w, p.text)
		}
	}
}

func TestListing(t *testing.T) {
	s := newSite(t)
	rocket := browsetest.Image(browsetest.Rocket, "saturn", 1_234_000)
	d := s.shelf.Put("space/saturn", rocket, "v1", "latest")
	fleet := s.shelf.Put("space/fleet", browsetest.Index(browsetest.Fleet, browsetest.On("linux/amd64", d, len(rocket)), browsetest.On("plan9/arm64", d, 1)), "v1")
	s.shelf.Put("space/fleet", browsetest.About(fleet, browsetest.Seal, "seal"), "seal")
	s.shelf.Put("odd", browsetest.Image("application/vnd.nobody.knows", "x", 5), "v1")
	p := s.get(200, "/")
	if n := p.count("tr"); n != 1+4 {
		t.Errorf("the table has %d rows, want its head and four", n)
	}
	p.has("<b>:latest</b>", "space/saturn", "Space rocket", "All about saturn", "also v1", "1.2 MB", "3 hours ago", "21 October 2026",
		"Copy: rocket launch --plain-http localhost:5000/space/saturn:v1", "Open the pad",
		"Fleet of rockets", "with 1 × Seal", `alt="linux/amd64"`, `alt="plan9/arm64"`,
		"application/vnd.nobody.knows", `with <a href="https://pad.example/install" rel="noopener noreferrer" title="How to install it">Pad</a>, Ladder</span>`)
	if n := strings.Count(p.text, ">not tried<"); n != 2 {
		t.Errorf("%d commands are shown as not tried, want those of the fleet and of the unknown type", n)
	}
	icons := map[string]int{}
	for _, e := range p.elements() {
		if class, _ := attribute(e, "class"); class == "icon" {
			src, _ := attribute(e, "src")
			icons[strings.TrimSuffix(src, "/icon?v="+s.shelf.Fingerprint())]++
		}
	}
	for path, want := range map[string]int{"types/rocket": 2, "types/unknown": 1, "types/fleet": 0, "platforms/linux": 1, "platforms/plan9": 1} {
		if icons["/v2/_argosy/"+path] != want {
			t.Errorf("%d icons of %s, want %d: %v", icons["/v2/_argosy/"+path], path, want, icons)
		}
	}
}

// Whatever an artifact says of itself is text.
func TestHostileWordsAreText(t *testing.T) {
	s := newSite(t)
	for i, words := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `javascript:alert(1)`,
		`</td></tr></table><h1>Owned</h1>`, `<svg/onload=alert(1)>`, `{{.}}`, `<!--`, `]]>`, `<style>*{display:none}</style>`,
		"<\x00script>", `&lt;script&gt;`, `<a href="//evil.example">`, `\u003cscript\u003e`, strings.Repeat("W", 100_000),
	} {
		id := artifact.Identification{
			Type: words, Name: words, Short: words, Variant: words, Known: i%2 == 0, MediaType: words, ArtifactType: words,
			Facts:      artifact.Facts{artifact.FactTitle: words, artifact.FactVersion: words, artifact.FactDescription: words},
			Platforms:  []artifact.Platform{{OS: words, Architecture: words, Variant: words}},
			Companions: map[string]int{words: 1},
		}
		row := store.Manifest{
			Digest: oci.SHA256.Sum([]byte(words)), MediaType: oci.MediaTypeImageIndex, ArtifactType: words, ConfigType: words,
			Pushed: browsetest.Pushed, Content: []byte("{}"),
		}
		repo := oci.Name(fmt.Sprintf("hostile/r%02d", i))
		s.shelf.PutRow(repo, row, id, nil, "v1")
		row.MediaType, row.Digest = oci.MediaTypeImageManifest, oci.SHA256.Sum([]byte(words+"2"))
		s.shelf.PutRow(repo, row, id, nil, "v2")
	}
	p := s.get(200, "/")
	if n := p.count("tr"); n != 1+30 {
		t.Errorf("the table has %d rows, want its head and 30", n)
	}
	p.has("<script>alert(1)</script>", "</td></tr></table><h1>Owned</h1>")
}

// Host comes from the request, and goes into commands.
func TestHostileHost(t *testing.T) {
	s := newSite(t)
	for _, host := range []string{"<script>", "a;reboot", "$(reboot)", `a"b`, "a b", ""} {
		if n := s.get(400, "/", "Host", host).count("code"); n != 0 {
			t.Errorf("for the host %q the page shows %d commands", host, n)
		}
	}
}

func TestEmptyRegistry(t *testing.T) {
	s := newSite(t)
	s.get(200, "/").has("docker push localhost:5000/hello/alpine", "podman push --tls-verify=false docker.io/library/alpine localhost:5000/hello/alpine",
		"skopeo copy --all --dest-tls-verify=false", "helm push --plain-http hello-0.1.0.tgz oci://localhost:5000/charts",
		"oras push --plain-http localhost:5000/files/hello:v1 hello.txt")
	s.options.ExternalURL = "https://registry.example"
	p := s.get(200, "/")
	p.has("docker push registry.example/hello/alpine", "podman push docker.io", "helm push hello-0.1.0.tgz oci://registry.example/charts")
	if strings.Contains(p.text, "--plain-http") || strings.Contains(p.text, "tls-verify") {
		t.Error("the page of a registry with TLS tells tools to do without")
	}
}

func TestPages(t *testing.T) {
	s := newSite(t)
	tags := make([]string, 120)
	for i := range tags {
		tags[i] = fmt.Sprintf("v%03d", i)
	}
	s.shelf.Put("a", browsetest.Image(browsetest.Rocket, "x", 1), tags...)
	target, rows := "/", 0
	for n := 1; target != ""; n++ {
		p := s.get(200, target)
		rows += p.count("tr") - 1
		if back := strings.Contains(p.text, "From the start"); back != (n > 1) {
			t.Errorf("page %d leads to the start: %v", n, back)
		}
		target = ""
		for _, e := range p.elements() {
			if rel, _ := attribute(e, "rel"); rel == "next" {
				target, _ = attribute(e, "href")
			}
		}
		if n > 3 {
			t.Fatal("the pages do not end")
		}
	}
	if rows != len(tags) {
		t.Errorf("the pages have %d rows, want %d", rows, len(tags))
	}
	s.get(200, "/?last=zzz").has("No more artifacts")
}

func TestErrorPages(t *testing.T) {
	s := newSite(t)
	for target, status := range map[string]int{"/nope": 404, "/_/": 404, "/_/nope.css": 404, "/_/../pages/home.tmpl": 404, "/_/home.tmpl": 404, "/?last=%ff": 400, "/?%zz": 400} {
		s.get(status, target).has(fmt.Sprint(status), http.StatusText(status), "To the list of artifacts")
	}
	r := s.do("POST", "/")
	if r.StatusCode != 405 || r.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST /: status %d, Allow %q", r.StatusCode, r.Header.Get("Allow"))
	}
}

// What goes wrong on this side is logged, and not shown.
func TestOwnFailure(t *testing.T) {
	db, err := store.OpenSQLite(t.TempDir()+"/argosy.db", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t)
	s.options.Browser = &browse.Browser{Store: db, Catalog: s.shelf.Catalog}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s.options.Log = slog.New(slog.NewTextHandler(&log, nil))
	p := s.get(500, "/")
	if strings.Contains(p.text, "sql") || strings.Contains(p.text, "database") || !strings.Contains(log.String(), "closed") {
		t.Errorf("shown: %s\nlogged: %s", p.text, &log)
	}
}

func TestPolicy(t *testing.T) {
	s := newSite(t)
	for _, target := range []string{"/", "/nope", "/_/style.css", "/_/copy.js"} {
		h := s.do("GET", target).Header
		policy := h.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; ") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s has the policy %q", target, policy)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s has the header %v", target, h)
		}
	}
}

func TestAssets(t *testing.T) {
	s := newSite(t)
	p := s.get(200, "/")
	found := 0
	for _, e := range p.elements() {
		for _, name := range []string{"src", "href"} {
			target, _ := attribute(e, name)
			if !strings.HasPrefix(target, "/_/") {
				continue
			}
			found++
			r := s.do("GET", target)
			if r.StatusCode != 200 || r.Header.Get("Cache-Control") != "max-age=31536000, immutable" || r.ContentLength == 0 {
				t.Errorf("%s: status %d, %v", target, r.StatusCode, r.Header)
			}
			path, _, _ := strings.Cut(target, "?")
			if got := s.do("GET", path).Header.Get("Cache-Control"); got != "max-age=300" {
				t.Errorf("%s without its version: Cache-Control %q", path, got)
			}
			if got := s.do("GET", target, "If-None-Match", r.Header.Get("Etag")).StatusCode; got != 304 {
				t.Errorf("%s again: status %d", target, got)
			}
		}
	}
	if found < 4 {
		t.Errorf("the page loads %d assets, want icon, style, script and picture", found)
	}
}

func TestHead(t *testing.T) {
	s := newSite(t)
	for _, target := range []string{"/", "/_/style.css", "/nope"} {
		get, head := s.do("GET", target), s.do("HEAD", target)
		body, err := io.ReadAll(head.Body)
		if err != nil || len(body) != 0 || head.StatusCode != get.StatusCode || head.Header.Get("Content-Length") != get.Header.Get("Content-Length") {
			t.Errorf("HEAD %s: %d, %d bytes, Content-Length %s; %v", target, head.StatusCode, len(body), head.Header.Get("Content-Length"), err)
		}
	}
}

func TestVisible(t *testing.T) {
	s := newSite(t)
	s.shelf.Put("secret", browsetest.Image(browsetest.Rocket, "x", 1), "v1")
	s.options.Visible = func(*http.Request) browse.Visible { return browse.Visible{} }
	if p := s.get(200, "/"); strings.Contains(p.text, "secret") {
		t.Error("the page shows what its reader may not see")
	}
}
