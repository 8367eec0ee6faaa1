package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/browse"
	"github.com/argosy-registry/argosy/internal/cli"
	"github.com/argosy-registry/argosy/internal/compose"
	"github.com/argosy-registry/argosy/internal/config"
	"github.com/argosy-registry/argosy/internal/oci"
)

// run is what the command line says.
func run(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = cli.Main(args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestCommands(t *testing.T) {
	for _, c := range []struct {
		args         []string
		code         int
		stdout, errs string // parts of what is said
	}{
		{nil, 0, "argosy serve", ""},
		{[]string{"--help"}, 0, "argosy ls", ""},
		{[]string{"serve", "--help"}, 0, "$ARGOSY_LISTEN", ""},
		{[]string{"sail"}, 1, "", `unknown command "sail"`},
		{[]string{"serve", "--sail"}, 1, "", "unknown flag: --sail"},
		{[]string{"serve", "extra"}, 1, "", "extra"},
		{[]string{"serve", "--listen", "0.0.0.0:5000"}, 1, "", "--anonymous=pull"},
		{[]string{"serve", "--config", "/nowhere.yaml"}, 1, "", "/nowhere.yaml"},
		{[]string{"version"}, 0, "argosy dev", ""},
		{[]string{"types", "ls"}, 0, "helm-chart", ""},
		{[]string{"ls", "-o", "xml"}, 1, "", "want text or json"},
		{[]string{"ls", "user@host"}, 1, "", "is not a host"},
		{[]string{"fsck", "--data", "/nowhere"}, 1, "", "--data"},
	} {
		code, stdout, errs := run(c.args...)
		if code != c.code || !strings.Contains(stdout, c.stdout) || !strings.Contains(errs, c.errs) {
			t.Errorf("argosy %s: exit code %d, said %q and %q; want %d, %q and %q", strings.Join(c.args, " "), code, stdout, errs, c.code, c.stdout, c.errs)
		}
	}
}

// registry answers listings with what the test says.
func registry(t *testing.T, answer http.HandlerFunc) (host string) {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

func item(reference, typ, command string) browse.Item {
	return browse.Item{Reference: reference, Type: browse.Type{Name: typ}, Actions: []browse.Action{{Command: command}}}
}

func send(w io.Writer, items ...browse.Item) {
	_ = json.NewEncoder(w).Encode(map[string]any{"artifacts": items}) // the client sees what is missing
}

// twoPages is a list in two pages; what the first item holds must not reach a terminal.
func twoPages(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("last") == "" {
		w.Header().Set("Link", fmt.Sprintf("<%s?last=x>; rel=\"next\"", r.URL.Path))
		first := item("h/a:1", "Helm\x1b[31m chart\u202e", "helm install\n a")
		first.Type.Tools = []artifact.Tool{{Title: "Helm"}, {Title: "\x1b[2J"}}
		send(w, first)
		return
	}
	send(w, item("h/b:2", "Image", "docker pull h/b:2"))
}

func TestLsWalksThePages(t *testing.T) {
	asked := ""
	host := registry(t, func(w http.ResponseWriter, r *http.Request) { asked = r.URL.Path; twoPages(w, r) })
	code, out, errs := run("ls", host)
	if code != 0 || errs != "" || asked != "/v2/_argosy/artifacts" {
		t.Fatalf("exit code %d, asked %s: %s", code, asked, errs)
	}
	want := "REFERENCE  TYPE            TOOLS      ACTION             NOTE\nh/a:1      Helm[31m chart  Helm, [2J  helm install a     not tried\nh/b:2      Image                      docker pull h/b:2  not tried\n"
	if out != want {
		t.Errorf("printed\n%q, want\n%q", out, want)
	}
	if code, _, _ := run("ls", host+"/team/app/"); code != 0 || asked != "/v2/team/app/_argosy/artifacts" {
		t.Errorf("of a repository: exit code %d, asked %s", code, asked)
	}
}

func TestLsAsJSON(t *testing.T) {
	_, out, _ := run("ls", "-o", "json", registry(t, twoPages))
	var list struct{ Artifacts []browse.Item }
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list.Artifacts) != 2 || list.Artifacts[1].Reference != "h/b:2" {
		t.Errorf("%v in %s", err, out)
	}
	_, out, _ = run("ls", "-o", "json", registry(t, func(w http.ResponseWriter, _ *http.Request) { send(w) }))
	if strings.Join(strings.Fields(out), "") != `{"artifacts":[]}` {
		t.Errorf("nothing is listed as %s", out)
	}
}

func TestLsSaysWhatIsWrong(t *testing.T) {
	t.Setenv("ARGOSY_PASSWORD", "secret")
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"401": {func(w http.ResponseWriter, r *http.Request) {
			if user, password, _ := r.BasicAuth(); user != "ann" || password != "secret" {
				t.Errorf("asked as %q with %q", user, password)
			}
			w.WriteHeader(401)
			fmt.Fprint(w, `{"errors":[{"message":"log \u001b[2Jin"}]}`)
		}, "log [2Jin; give --user NAME"},
		"404":     {http.NotFound, "is it an argosy registry"},
		"500":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, "500 Internal Server Error"},
		"no JSON": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }, "does not answer as argosy does"},
		"astray": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", `<http://evil.example/>; rel="next"`)
			send(w)
		}, "another host"},
		"in a ring": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", `</v2/_argosy/artifacts>; rel="next"`)
			send(w)
		}, "follows itself"},
	} {
		code, _, errs := run("ls", "--user", "ann", registry(t, c.answer))
		if code != 1 || !strings.Contains(errs, c.want) || strings.ContainsRune(errs, '\x1b') {
			t.Errorf("%s: exit code %d, said %q, want %q", name, code, errs, c.want)
		}
	}
}

// fsck says by its exit code whether a folder is whole.
func TestFsck(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	content := bytes.Repeat([]byte("argosy"), 10_000)
	fill(t, folder, content)
	if code, out, errs := run("fsck", "--data", folder); code != 0 || !strings.Contains(out, "1 blobs, 60000 bytes checked: 0 damaged") {
		t.Fatalf("a whole folder: exit code %d, %s%s", code, out, errs)
	}
	objects, err := filepath.Glob(filepath.Join(folder, "blobs", "objects", "*", "*"))
	if err != nil || len(objects) != 1 {
		t.Fatalf("objects %v, %v", objects, err)
	}
	content[7] ^= 1
	if err := os.WriteFile(objects[0], content, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := run("fsck", "--data", folder); code != 2 || !strings.Contains(out, "do not match") {
		t.Errorf("a damaged blob: exit code %d, %s", code, out)
	}
	if err := os.Remove(objects[0]); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := run("fsck", "--data", folder); code != 2 || !strings.Contains(out, "lost") {
		t.Errorf("a lost blob: exit code %d, %s", code, out)
	}
}

// A folder that is not argosy's is no whole one, and stays as it is.
func TestFsckOfAnotherFolder(t *testing.T) {
	empty := t.TempDir()
	code, _, errs := run("fsck", "--data", empty)
	if entries, err := os.ReadDir(empty); code != 1 || !strings.Contains(errs, empty) || err != nil || len(entries) > 0 {
		t.Errorf("exit code %d, said %q, made %v", code, errs, entries)
	}
}

// fill makes a data folder with one blob.
func fill(t *testing.T, folder string, content []byte) {
	t.Helper()
	c, err := config.Load("", nil, map[string]string{"data": folder})
	if err != nil {
		t.Fatal(err)
	}
	data, err := compose.OpenData(c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := data.Close(); err != nil {
			t.Error(err)
		}
	}()
	u, err := data.Registry.StartUpload(context.Background(), "a", oci.UploadOptions{Size: -1, Grant: oci.Everything})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := u.Commit(oci.SHA256.Sum(content)); err != nil {
		t.Fatal(err)
	}
}
