package auth_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/argosy-registry/argosy/internal/auth"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/oci/ocitest"
	"github.com/argosy-registry/argosy/internal/registry/registrytest"
	"github.com/argosy-registry/argosy/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var everybody = &auth.Identity{Rights: auth.Rights{Pull: true, Push: true}}

// TestSuite holds a guarded registry, for a caller who may do all, against the
// suite of every registry.
func TestSuite(t *testing.T) {
	ocitest.Run(t, func(t *testing.T) oci.Registry {
		return allow{guard: &auth.Guard{Registry: registrytest.Open(t)}, id: everybody}
	})
}

func TestGuardRefuses(t *testing.T) {
	ctx := context.Background()
	core := registrytest.Open(t)
	g := &auth.Guard{Registry: core}
	d := oci.SHA256.Sum([]byte("x"))
	calls := map[string]struct {
		push bool
		call func(ctx context.Context) error
	}{
		"Resolve":      {false, func(ctx context.Context) error { _, err := g.Resolve(ctx, "a", oci.Reference{Tag: "t"}); return err }},
		"Manifest":     {false, func(ctx context.Context) error { _, err := g.Manifest(ctx, "a", oci.Reference{Tag: "t"}); return err }},
		"StatBlob":     {false, func(ctx context.Context) error { _, err := g.StatBlob(ctx, "a", d); return err }},
		"OpenBlob":     {false, func(ctx context.Context) error { _, err := g.OpenBlob(ctx, "a", d); return err }},
		"Repositories": {false, func(ctx context.Context) error { _, err := g.Repositories(ctx, oci.Page{N: 1}); return err }},
		"Tags":         {false, func(ctx context.Context) error { _, err := g.Tags(ctx, "a", oci.Page{N: 1}); return err }},
		"Referrers":    {false, func(ctx context.Context) error { _, err := g.Referrers(ctx, "a", d, oci.ReferrersQuery{}); return err }},
		"Push": {true, func(ctx context.Context) error {
			_, err := g.Push(ctx, "a", oci.Push{Content: []byte(`{}`), Tags: []oci.Tag{"t"}, Grant: oci.Everything})
			return err
		}},
		"StartUpload": {true, func(ctx context.Context) error {
			_, err := g.StartUpload(ctx, "a", oci.UploadOptions{Grant: oci.Everything})
			return err
		}},
		"ResumeUpload":   {true, func(ctx context.Context) error { _, err := g.ResumeUpload(ctx, "a", "id"); return err }},
		"Mount":          {true, func(ctx context.Context) error { _, err := g.Mount(ctx, "a", d, "b", oci.Everything); return err }},
		"DeleteTag":      {true, func(ctx context.Context) error { return g.DeleteTag(ctx, "a", "t", oci.Everything) }},
		"DeleteManifest": {true, func(ctx context.Context) error { return g.DeleteManifest(ctx, "a", d, oci.Everything) }},
		"DeleteBlob":     {true, func(ctx context.Context) error { return g.DeleteBlob(ctx, "a", d, oci.Everything) }},
	}
	for name, c := range calls {
		if err := c.call(ctx); !errors.Is(err, oci.Unauthorized) {
			t.Errorf("%s without a caller: %v, want Unauthorized", name, err)
		}
		puller := auth.With(ctx, &auth.Identity{Name: "ann", Rights: auth.Rights{Pull: true}})
		if err := c.call(puller); c.push != errors.Is(err, oci.Denied) {
			t.Errorf("%s by one who may pull: %v", name, err)
		}
	}
	if l, err := core.Repositories(ctx, oci.Page{N: -1}); err != nil || len(l.Names) != 0 {
		t.Errorf("a refused call left %v, %v", l, err)
	}
}

func htpasswd(t *testing.T, lines string) (string, *auth.Htpasswd) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "htpasswd")
	if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := auth.OpenHtpasswd(path, func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	return path, h
}

func line(t *testing.T, user, password string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return user + ":" + string(hash) + "\n"
}

func TestHtpasswd(t *testing.T) {
	path, h := htpasswd(t, "# people\n\n"+line(t, "ann", "secret")+line(t, "bob", "other"))
	for _, c := range []struct {
		user, password string
		want           bool
	}{
		{"ann", "secret", true}, {"ann", "secret", true}, {"bob", "other", true},
		{"ann", "other", false}, {"ann", "", false}, {"", "", false}, {"eve", "secret", false},
		{"ann", strings.Repeat("x", 100), false},
	} {
		if got := h.Check(t.Context(), c.user, c.password); got != c.want {
			t.Errorf("Check(%q, %q) = %v", c.user, c.password, got)
		}
	}
	// A changed password counts, remembered or not; so does a removed name.
	if err := os.WriteFile(path, []byte(line(t, "ann", "changed")), 0o600); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(path, later, later); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond) // the stamp is looked at once a second
	if h.Check(t.Context(), "ann", "secret") || h.Check(t.Context(), "bob", "other") || !h.Check(t.Context(), "ann", "changed") {
		t.Error("a changed file does not count")
	}
}

func TestHtpasswdRefusals(t *testing.T) {
	for text, want := range map[string]string{
		"ann:$apr1$abc$def\n":                 "1: the password of \"ann\" is not hashed with bcrypt",
		"\nann:secret\n":                      ":2:",
		"ann\n":                               "want name:hash",
		":x\n":                                "want name:hash",
		line(t, "a", "b") + line(t, "a", "c"): "twice",
		"ann:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n":                            "htpasswd -B",
		"ann:$2a$31$bkx0snkwqoFgiSQEhMhm2.iFcf8E4HraAqiI.O5xi4PNg2jrXZqu.\n": "-C 10",
	} {
		path := filepath.Join(t.TempDir(), "htpasswd")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := auth.OpenHtpasswd(path, nil); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: error %v does not say %q and the file", text, err, want)
		}
	}
}

func TestAccess(t *testing.T) {
	_, users := htpasswd(t, line(t, "ann", "secret"))
	request := func(method, path, user, password, header string) *http.Request {
		r := httptest.NewRequest(method, path, nil)
		if user != "" || password != "" || header == "empty" {
			r.SetBasicAuth(user, password)
		}
		if strings.HasPrefix(header, "Bearer") {
			r.Header.Set("Authorization", header)
		}
		return r
	}
	closed, public, open := auth.Rights{}, auth.Rights{Pull: true}, auth.Rights{Pull: true, Push: true}
	for _, c := range []struct {
		name      string
		users     *auth.Htpasswd
		anonymous auth.Rights
		r         *http.Request
		want      error
	}{
		{"ping without credentials", users, closed, request("GET", "/v2/", "", "", ""), oci.Unauthorized},
		{"ping while pulls are public", users, public, request("GET", "/v2/", "", "", ""), oci.Unauthorized},
		{"ping with credentials", users, public, request("GET", "/v2/", "ann", "secret", ""), nil},
		{"ping of an open server", nil, open, request("GET", "/v2/", "", "", ""), nil},
		{"ping of an open server with any credentials", nil, open, request("GET", "/v2/", "x", "y", ""), nil},
		{"public pull", users, public, request("GET", "/v2/a/manifests/t", "", "", ""), nil},
		{"public pull with empty credentials", users, public, request("GET", "/v2/a/manifests/t", "", "", "empty"), nil},
		{"public pull with somebody's bearer", users, public, request("GET", "/v2/a/manifests/t", "", "", "Bearer QQ=="), nil},
		{"public pull with wrong credentials", users, public, request("GET", "/v2/a/manifests/t", "ann", "wrong", ""), oci.Unauthorized},
		{"private pull", users, closed, request("GET", "/v2/a/manifests/t", "", "", ""), oci.Unauthorized},
		{"private pull with credentials", users, closed, request("GET", "/v2/a/manifests/t", "ann", "secret", ""), nil},
		{"public push", users, public, request("PUT", "/v2/a/manifests/t", "", "", ""), oci.Unauthorized},
		{"push with credentials", users, public, request("PUT", "/v2/a/manifests/t", "ann", "secret", ""), nil},
		{"push to an open server", nil, open, request("PUT", "/v2/a/manifests/t", "", "", ""), nil},
		{"push to a public server without users", nil, public, request("PUT", "/v2/a/manifests/t", "", "", ""), oci.Denied},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &auth.Access{Users: c.users, Anonymous: auth.Identity{Rights: c.anonymous}}
			id, err := a.Identify(c.r)
			if err == nil {
				err = a.Admit(id, c.r)
			}
			if !errors.Is(err, c.want) {
				t.Errorf("error = %v, want %v", err, c.want)
			}
		})
	}
}

// A flood of guesses holds up nobody who is remembered, and nobody hashes for a
// caller that is gone.
func TestCheckWhileOthersAreChecked(t *testing.T) {
	_, h := htpasswd(t, line(t, "ann", "secret"))
	if !h.Check(t.Context(), "ann", "secret") {
		t.Fatal("refused")
	}
	var guesses sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	for range 50 {
		guesses.Go(func() {
			if h.Check(ctx, "eve", "guess") {
				t.Error("a guess was right")
			}
		})
	}
	if !h.Check(t.Context(), "ann", "secret") {
		t.Error("refused while others are checked")
	}
	stop()
	guesses.Wait()
}
