package cli_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/internal/browse"
)

func TestLsOverTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		send(w, item("h/a:1", "Image", "docker pull h/a:1"))
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of the client that does not trust it
	s.StartTLS()
	defer s.Close()
	if code, _, errs := run("ls", s.URL); code != 1 || !strings.Contains(errs, "--insecure") {
		t.Errorf("an unknown certificate: exit code %d, said %s", code, errs)
	}
	if code, out, errs := run("ls", "--insecure", s.URL); code != 0 || !strings.Contains(out, "h/a:1") {
		t.Errorf("--insecure: exit code %d, said %s%s", code, out, errs)
	}
	plain := registry(t, twoPages)
	if code, _, errs := run("ls", "https://"+plain); code != 1 || !strings.Contains(errs, "--plain-http") {
		t.Errorf("HTTPS to plain HTTP: exit code %d, said %s", code, errs)
	}
}

func TestLsEnds(t *testing.T) {
	pages := 0
	host := registry(t, func(w http.ResponseWriter, _ *http.Request) {
		pages++
		w.Header().Set("Link", fmt.Sprintf("</v2/_argosy/artifacts?last=%d>; rel=\"next\"", pages))
		send(w)
	})
	if code, _, errs := run("ls", host); code != 1 || !strings.Contains(errs, "no end") {
		t.Errorf("exit code %d, said %s", code, errs)
	}
}

func TestLsJSONIsSafeToPrint(t *testing.T) {
	const hostile = "a\x1b[2J\u009b31m\u202eb\U000e0001é😀\n"
	_, out, _ := run("ls", "-o", "json", registry(t, func(w http.ResponseWriter, _ *http.Request) { send(w, item("h/a:1", hostile, "")) }))
	if strings.ContainsAny(out, "\x1b\u009b\u202e\U000e0001") || !strings.Contains(out, "é😀") {
		t.Errorf("printed %q", out)
	}
	var list struct{ Artifacts []browse.Item }
	if err := json.Unmarshal([]byte(out), &list); err != nil || list.Artifacts[0].Type.Name != hostile {
		t.Errorf("%v; read back %+v", err, list)
	}
}

func TestLsSaysWhatIsNotTried(t *testing.T) {
	tried, untried, link := item("h/a:1", "Chart", "pull a"), item("h/b:1", "Image", "pull b"), item("h/c:1", "Place", "")
	tried.Actions[0].Verified = true
	link.Actions = []browse.Action{{ID: "open", URL: "https://example.com/"}}
	_, out, _ := run("ls", registry(t, func(w http.ResponseWriter, _ *http.Request) { send(w, tried, untried, link) }))
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		if strings.HasSuffix(line, "not tried") != strings.HasPrefix(line, "h/b:1") {
			t.Errorf("line %q", line)
		}
	}
}
