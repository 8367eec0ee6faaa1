package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/argosy-registry/argosy/internal/compose"
	"github.com/argosy-registry/argosy/internal/config"
	"github.com/argosy-registry/argosy/internal/oci"
)

const rocketManifest = `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.acme.rocket.v1","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[],"annotations":{"org.opencontainers.image.version":"1.2.3"}}`

// live is a server on a data folder until the test ends.
type live struct{ host, data string }

func newLive(t *testing.T) *live {
	t.Helper()
	l := &live{data: filepath.Join(t.TempDir(), "data")}
	t.Cleanup(l.start(t))
	return l
}

// start runs the server and returns what stops it.
func (l *live) start(t *testing.T) (stop func()) {
	t.Helper()
	c, err := config.Load("", nil, map[string]string{"listen": "127.0.0.1:0", "data": l.data})
	if err != nil {
		t.Fatal(err)
	}
	s, err := compose.OpenServer(c, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	l.host = s.Addr()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	stopped := false
	return func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func (l *live) push(t *testing.T, repo string) {
	t.Helper()
	do := func(method, path, contentType, body string) {
		r, err := http.NewRequest(method, "http://"+l.host+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", contentType)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusCreated {
			t.Fatalf("%s %s: %s", method, path, res.Status)
		}
	}
	do("POST", "/v2/"+repo+"/blobs/uploads/?digest="+string(oci.SHA256.Sum([]byte("{}"))), "application/octet-stream", "{}")
	do("PUT", "/v2/"+repo+"/manifests/v1", oci.MediaTypeImageManifest, rocketManifest)
}

// ask runs a command that must work and returns what it says.
func ask(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := run(args...)
	if code != 0 {
		t.Fatalf("argosy %s: exit code %d, said %s%s", strings.Join(args, " "), code, out, errs)
	}
	return out
}

// until asks until the answer holds a word.
func until(t *testing.T, word string, args ...string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		_, out, errs := run(args...)
		if strings.Contains(out, word) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("argosy %s never says %q, but %s%s", strings.Join(args, " "), word, out, errs)
		}
	}
}

// From something unknown in a registry to a type of its own, and back.
func TestFromUnknownToKnown(t *testing.T) {
	l := newLive(t)
	l.push(t, "space/saturn")
	if out := ask(t, "ls", l.host); !strings.Contains(out, "application/vnd.acme.rocket.v1") {
		t.Errorf("before it is known: %s", out)
	}
	if out := ask(t, "types", "unknown", l.host); !strings.Contains(out, "application/vnd.acme.rocket.v1") || !strings.Contains(out, l.host+"/space/saturn@sha256:") {
		t.Errorf("unknown types: %s", out)
	}
	dir := t.TempDir()
	ask(t, "types", "new", "acme-rocket", "--from", l.host+"/space/saturn:v1", "--dir", dir)
	file := filepath.Join(dir, "acme-rocket.yaml")
	if code, _, errs := run("types", "new", "acme-rocket", "--dir", dir); code != 1 || !strings.Contains(errs, "there already") {
		t.Errorf("over a file: exit code %d, %s", code, errs)
	}
	if out := ask(t, "types", "lint", file); !strings.Contains(out, "acme-rocket") {
		t.Errorf("lint: %s", out)
	}
	if out := ask(t, "types", "test", dir); !strings.Contains(out, "Acme rocket") || !strings.Contains(out, "version: 1.2.3") || !strings.Contains(out, "registry.example/team/acme-rocket:1.0.0") {
		t.Errorf("test: %s", out)
	}
	if out := ask(t, "types", "add", file, "--data", l.data); !strings.Contains(out, "acme-rocket") {
		t.Errorf("add: %s", out)
	}
	until(t, "Acme rocket", "ls", l.host, "--type", "acme-rocket")
	for _, args := range [][]string{
		{"types", "ls", l.host}, {"types", "ls", "--data", l.data}, {"types", "explain", l.host + "/space/saturn:v1"},
	} {
		if out := ask(t, args...); !strings.Contains(out, "acme-rocket") {
			t.Errorf("argosy %s: %s", strings.Join(args, " "), out)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if out := ask(t, "types", "show", "acme-rocket", "--data", l.data); out != string(text) {
		t.Errorf("show: %s", out)
	}
	ask(t, "types", "rm", "acme-rocket", "--data", l.data)
	until(t, "application/vnd.acme.rocket.v1", "ls", l.host, "--type", "unknown")
	if code, _, errs := run("ls", l.host, "--type", "acme-rocket"); code != 1 || !strings.Contains(errs, "acme-rocket") {
		t.Errorf("a type that is gone: exit code %d, %s", code, errs)
	}
}

// A stopped registry's catalog is changed in its folder.
func TestTypesOfAStoppedRegistry(t *testing.T) {
	l := &live{data: filepath.Join(t.TempDir(), "data")}
	dir := t.TempDir()
	ask(t, "types", "new", "rocket", "--dir", dir)
	file := filepath.Join(dir, "rocket.yaml")
	if code, _, errs := run("types", "add", file, "--data", l.data); code != 1 || !strings.Contains(errs, "--data") {
		t.Errorf("no data folder: exit code %d, %s", code, errs)
	}
	l.start(t)()
	ask(t, "types", "add", file, "--data", l.data)
	if out := ask(t, "types", "ls", "--data", l.data); !strings.Contains(out, "\nrocket ") {
		t.Errorf("ls: %s", out)
	}
	defer l.start(t)()
	if out := ask(t, "types", "ls", l.host); !strings.Contains(out, "\nrocket ") {
		t.Errorf("after a start: %s", out)
	}
}

// What is wrong with an entry is said with its place, offline and by the server.
func TestBadEntries(t *testing.T) {
	l := newLive(t)
	dir := t.TempDir()
	ask(t, "types", "new", "rocket", "--dir", dir)
	file := filepath.Join(dir, "rocket.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Count(string(text), "\n") + 1
	if err := os.WriteFile(file, append(text, "sail: big\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	place := fmt.Sprintf("rocket.yaml:%d:1", lines)
	if code, out, _ := run("types", "lint", file); code != 2 || !strings.Contains(out, place) {
		t.Errorf("lint: exit code %d, %s, want %s", code, out, place)
	}
	if code, _, errs := run("types", "add", file, "--data", l.data); code != 1 || !strings.Contains(errs, place) {
		t.Errorf("add: exit code %d, %s, want %s", code, errs, place)
	}
	if err := os.MkdirAll(filepath.Join(l.data, "types"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(l.data, "types", "rocket.yaml"), append(text, "sail: big\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if code, _, errs := run("types", "ls", "--data", l.data); code == 1 && strings.Contains(errs, place) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("a folder that is refused is not reported")
		}
	}
	wrong := strings.Replace(string(text), "artifactType: \"application/vnd.example.rocket.v1\"", "artifactType: \"application/vnd.example.other.v1\"", 1)
	if err := os.WriteFile(file, []byte(wrong), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := run("types", "test", file); code != 2 || !strings.Contains(out, "identified as unknown") {
		t.Errorf("an example of another type: exit code %d, %s", code, out)
	}
}

func TestExplain(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "manifest.json")
	if err := os.WriteFile(file, []byte(rocketManifest), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := ask(t, "types", "explain", file); !strings.Contains(out, "type: unknown") || !strings.Contains(out, "application/vnd.acme.rocket.v1") {
		t.Errorf("a file: %s", out)
	}
	var x struct {
		Identification struct{ Type string }
	}
	if err := json.Unmarshal([]byte(ask(t, "types", "explain", "-o", "json", file)), &x); err != nil || x.Identification.Type != "unknown" {
		t.Errorf("a file as JSON: %+v, %v", x, err)
	}
	l := newLive(t)
	l.push(t, "space/saturn")
	for _, ref := range []string{":v1", "@" + string(oci.SHA256.Sum([]byte(rocketManifest)))} {
		if out := ask(t, "types", "explain", l.host+"/space/saturn"+ref); !strings.Contains(out, "type: unknown") {
			t.Errorf("%s: %s", ref, out)
		}
	}
	for what, says := range map[string]string{l.host + "/space/saturn:v2": "v2", l.host + "/Space": "lower", "nothing": "nothing", l.host: "HOST/REPOSITORY"} {
		if code, _, errs := run("types", "explain", what); code != 1 || !strings.Contains(errs, says) {
			t.Errorf("%s: exit code %d, %s", what, code, errs)
		}
	}
}

// A registry that is not argosy's is asked for the manifest itself.
func TestExplainFromAnotherRegistry(t *testing.T) {
	host := registry(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v2/a/b/manifests/v1" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", oci.MediaTypeImageManifest)
		fmt.Fprint(w, rocketManifest)
	})
	if out := ask(t, "types", "explain", host+"/a/b:v1"); !strings.Contains(out, "application/vnd.acme.rocket.v1") {
		t.Errorf("it is explained as %s", out)
	}
}
