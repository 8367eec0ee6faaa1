// Package sharetest runs registries for tests that share entries: whole ones over
// HTTP, whose answers can be tampered with on the way. It does not know what is
// shared.
package sharetest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"oras.land/oras-go/v2/registry/remote"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/reach"
	"github.com/argosy-registry/argosy/internal/registry/registrytest"
	v2 "github.com/argosy-registry/argosy/internal/server/v2"
	"github.com/argosy-registry/argosy/internal/store/storetest"
)

// Main runs a package's tests; it is called by TestMain.
func Main(m *testing.M) { storetest.Main(m) }

// Tamper changes the body of an answer to a GET, by the path that was asked for.
type Tamper func(path string, body []byte) []byte

// Central is a registry that others share entries by.
type Central struct {
	Host   string
	tamper atomic.Pointer[Tamper]
	down   atomic.Bool
	asked  atomic.Int64
}

// New runs a registry until the test ends.
func New(t *testing.T) *Central {
	t.Helper()
	c := &Central{}
	s := httptest.NewServer(c.over(v2.New(v2.Options{Registry: registrytest.Open(t)})))
	t.Cleanup(s.Close)
	c.Host = strings.TrimPrefix(s.URL, "http://")
	return c
}

// Tampers has a function look at all bodies that go out; nil: none.
func (c *Central) Tampers(f Tamper) { c.tamper.Store(&f) }

// Down has the registry answer that it is not well.
func (c *Central) Down(down bool) { c.down.Store(down) }

// Asked is how many requests there were.
func (c *Central) Asked() int64 { return c.asked.Load() }

// Address is one of an artifact in the registry.
func (c *Central) Address(name oci.Name, tag oci.Tag) oci.Address {
	return oci.Address{Host: c.Host, Name: name, Tag: tag}
}

// Repository is a client of a repository.
func (c *Central) Repository(t *testing.T, name oci.Name) *remote.Repository {
	t.Helper()
	repo, err := reach.Options{}.Repository(c.Address(name, ""))
	if err != nil {
		t.Fatal(err)
	}
	return repo
}

func (c *Central) over(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.asked.Add(1)
		f := c.tamper.Load()
		switch {
		case c.down.Load():
			w.WriteHeader(http.StatusTeapot)
		case r.Method != http.MethodGet || f == nil || *f == nil:
			h.ServeHTTP(w, r)
		default:
			forge(w, r, h, *f)
		}
	})
}

// forge answers with another body than h does.
func forge(w http.ResponseWriter, r *http.Request, h http.Handler, f Tamper) {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	body := f(r.URL.Path, rec.Body.Bytes())
	for key, values := range rec.Header() {
		w.Header()[key] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(rec.Code)
	_, _ = w.Write(body) // who asked may have had enough
}

// Icon is an icon, and Entry an entry, of a type known by one artifactType.
const Icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24"/></svg>`

// Entry is the entry of a type that is known by an artifactType, with an example.
func Entry(id, artifactType string) string {
	return fmt.Sprintf(`id: %s
title: The %s
short: %s
match: [{artifactType: %s}]
actions: [{id: run, label: Run, command: "%s run {ref}"}]
examples:
  - name: one
    mediaType: application/vnd.oci.image.manifest.v1+json
    manifest: |
      {"schemaVersion": 2, "artifactType": %q, "config": {"mediaType": "application/vnd.oci.empty.v1+json", "size": 2,
       "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}, "layers": []}
`, id, id, id, artifactType, id, artifactType)
}
