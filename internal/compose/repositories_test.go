package compose_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// get reads a path of a server.
func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(text)
}

// Who may not read the catalog is not told what repositories there are.
func TestRepositoriesAreForReaders(t *testing.T) {
	users := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(users, []byte("a:$2a$04$abcdefghijklmnopqrstuuGFqL6s4jX2Zx4kXz3gJb0k8k1mC4bYK\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	url := serve(t, settings(t, map[string]string{"htpasswd": users}))
	for _, path := range []string{"/v2/_catalog", "/v2/_oci/repositories", "/v2/a/_oci/repositories", "/v2/a/_oci/repositories?n=x"} {
		if status, body := get(t, url+path); status != 401 || !strings.Contains(body, "UNAUTHORIZED") {
			t.Errorf("%s without credentials: %d %s", path, status, body)
		}
	}
}

// The list of repositories follows what is pushed and deleted, and is discovered.
func TestRepositoriesOverHTTP(t *testing.T) {
	url := serve(t, settings(t, nil))
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH"} {
		if status, _ := do(t, method, url+"/v2/_oci/repositories", nil); status != 405 {
			t.Errorf("%s: %d, want 405", method, status)
		}
	}
	start := time.Now().Add(-time.Second)
	index := `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","artifactType":"application/vnd.nobody.knows","manifests":[]}`
	for _, at := range []string{"a/one/manifests/v1", "a/one/manifests/v2", "a/two/manifests/v1", "a-three/manifests/v1"} {
		if status, _ := do(t, "PUT", url+"/v2/"+at, []byte(index), "Content-Type", "application/vnd.oci.image.index.v1+json"); status != 201 {
			t.Fatalf("push to %s: %d", at, status)
		}
	}
	list := func(path string) (all []string) {
		t.Helper()
		var page []struct {
			Name     string
			Types    map[string]int
			TagCount int
			Updated  time.Time
		}
		status, body := get(t, url+path)
		if err := json.Unmarshal([]byte(body), &page); err != nil || status != 200 {
			t.Fatalf("%s: %d, %v", path, status, err)
		}
		for _, r := range page {
			all = append(all, fmt.Sprintf("%s %v %d", r.Name, r.Types, r.TagCount))
			if r.Updated.Before(start) || r.Updated.After(time.Now().Add(time.Second)) {
				t.Errorf("%s was updated at %s", r.Name, r.Updated)
			}
		}
		return all
	}
	for path, want := range map[string][]string{
		"/v2/_oci/repositories":   {"a-three map[unknown:1] 1", "a/one map[unknown:2] 2", "a/two map[unknown:1] 1"},
		"/v2/a/_oci/repositories": {"a/one map[unknown:2] 2", "a/two map[unknown:1] 1"},
	} {
		if got := list(path); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if status, _ := do(t, "DELETE", url+"/v2/a/one/manifests/v2", nil); status != 202 {
		t.Fatalf("delete: %d", status)
	}
	if got := list("/v2/a/one/_oci/repositories"); !slices.Equal(got, []string{"a/one map[unknown:1] 1"}) {
		t.Errorf("after a tag was deleted: %q", got)
	}
	for _, at := range []string{"/v2/", "/v2/a/one/"} {
		if _, body := get(t, url+at+"_oci/ext/discover"); !strings.Contains(body, `"`+at+`_oci/repositories"`) || strings.Count(body, `"_oci"`) != 1 {
			t.Errorf("discovery at %s: %s", at, body)
		}
	}
}
