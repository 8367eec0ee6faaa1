package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/internal/browse"
	"github.com/argosy-registry/argosy/internal/browse/browsetest"
	"github.com/argosy-registry/argosy/internal/oci"
)

// repositories reads one page: the names on it, and where the next one is.
func (s *server) repositories(target string) (names []string, next string) {
	s.t.Helper()
	r := s.do("GET", target)
	var page []browse.Repository
	if err := json.NewDecoder(r.Body).Decode(&page); err != nil || r.StatusCode != 200 || page == nil {
		s.t.Fatalf("GET %s: status %d, %v", target, r.StatusCode, err)
	}
	for _, one := range page {
		names = append(names, string(one.Name))
	}
	link := r.Header.Get("Link")
	next, ok := strings.CutSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
	if link != "" && !ok {
		s.t.Fatalf("Link is %s", link)
	}
	return names, next
}

func TestRepositoriesPaging(t *testing.T) {
	s := newServer(t)
	for _, repo := range []oci.Name{"a", "a-b", "a/b", "a/b/c", "ab", "b"} {
		s.shelf.Put(repo, browsetest.Image(browsetest.Rocket, string(repo), 1), "v1")
	}
	for path, want := range map[string][]string{
		"/v2/_oci/repositories":       {"a", "a-b", "a/b", "a/b/c", "ab", "b"},
		"/v2/a/_oci/repositories":     {"a", "a/b", "a/b/c"},
		"/v2/a/b/_oci/repositories":   {"a/b", "a/b/c"},
		"/v2/a/b/c/_oci/repositories": {"a/b/c"},
	} {
		for n := 1; n < 8; n++ {
			var got []string
			pages := 0
			for target := fmt.Sprintf("%s?n=%d", path, n); target != ""; pages++ {
				var names []string
				if names, target = s.repositories(target); len(names) > n {
					t.Fatalf("%s by %d: %d on a page", path, n, len(names))
				}
				got = append(got, names...)
			}
			if diff := cmp.Diff(want, got); diff != "" || pages != (len(want)+n-1)/n {
				t.Errorf("%s by %d: %d pages, %s", path, n, pages, diff)
			}
		}
	}
	if _, next := s.repositories("/v2/a/_oci/repositories?n=2&unknown=x"); next != "/v2/a/_oci/repositories?n=2&last=a%2Fb" {
		t.Errorf("the next page is %s", next)
	}
	for target, want := range map[string]int{
		"/v2/_oci/repositories": 6, "/v2/_oci/repositories?n=": 6, "/v2/_oci/repositories?n=99999999999999999999": 6,
		"/v2/_oci/repositories?n=0": 0, "/v2/a/_oci/repositories?n=0": 0, "/v2/_oci/repositories?last=zzz": 0,
		"/v2/_oci/repositories?last=a/b": 3, "/v2/a/_oci/repositories?last=a-b": 2, "/v2/a/_oci/repositories?last=zzz": 0,
		"/v2/nowhere/_oci/repositories": 0,
	} {
		if names, next := s.repositories(target); len(names) != want || next != "" {
			t.Errorf("%s: %v, then %q, want %d", target, names, next, want)
		}
	}
	if got := s.get(200, "/v2/nowhere/_oci/repositories"); got != "[]" {
		t.Errorf("nothing is %s", got)
	}
	for target, want := range map[string]int{
		"/v2/_oci/repositories?n=-1": 400, "/v2/_oci/repositories?n=x": 400, "/v2/a/_oci/repositories?n=1.5": 400,
		"/v2/_oci/repositories?last=%ff": 400, "/v2/_oci/repositories?last=%00": 400,
		"/v2/_oci/repositories/": 404, "/v2/_oci/repositories/more": 404, "/v2/a/_oci/other": 404, "/v2/_oci/artifacts": 404, "/v2/_argosy/repositories": 404,
	} {
		s.get(want, target)
	}
}

func TestRepositoriesVisible(t *testing.T) {
	s := newServer(t)
	s.stock()
	s.options.Visible = func(r *http.Request) browse.Visible { return browse.Visible{All: r.Header.Get("Who") == "captain"} }
	for _, target := range []string{"/v2/_oci/repositories", "/v2/space/_oci/repositories", "/v2/odd/_oci/repositories?n=1"} {
		if got := s.get(200, target); got != "[]" {
			t.Errorf("nobody sees %s at %s", got, target)
		}
	}
	if got := s.get(200, "/v2/_oci/repositories", "Who", "captain"); !strings.Contains(got, `"odd"`) {
		t.Errorf("the captain sees %s", got)
	}
}

func TestRepositoriesETag(t *testing.T) {
	s := newServer(t)
	s.stock()
	for _, target := range []string{"/v2/_oci/repositories", "/v2/space/_oci/repositories"} {
		r := s.do("GET", target)
		etag := r.Header.Get("Etag")
		if r.Header.Get("Content-Type") != "application/json" || etag == "" {
			t.Errorf("%s: header %v", target, r.Header)
		}
		head := s.do("HEAD", target)
		if head.StatusCode != 200 || head.Header.Get("Etag") != etag || head.Header.Get("Content-Length") != r.Header.Get("Content-Length") {
			t.Errorf("HEAD %s: %d %v", target, head.StatusCode, head.Header)
		}
		if n, _ := head.Body.Read(make([]byte, 1)); n > 0 {
			t.Errorf("HEAD %s has a body", target)
		}
		if got := s.do("GET", target, "If-None-Match", etag).StatusCode; got != 304 {
			t.Errorf("%s again: %d", target, got)
		}
		s.shelf.Put("space/saturn", browsetest.Image(browsetest.Rocket, target, 1), "of "+target)
		if got := s.do("GET", target, "If-None-Match", etag).StatusCode; got != 200 {
			t.Errorf("%s after a push: %d", target, got)
		}
	}
}
