package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts in testdata/script read as documentation of the command line.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", filepath.Dir(binary)+":"+env.Getenv("PATH"))
			env.Setenv("ADDR", "127.0.0.1:"+freePort(t))
			return nil
		},
	})
}

func TestSecondProcessIsRefused(t *testing.T) {
	s := serve(t)
	if _, err := s.pushArtifact("one/owner", "1", "application/vnd.example", []byte("cargo")); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	out, errout, err := newBench(t).try("argosy", "serve", "--data", s.data, "--listen", "127.0.0.1:"+freePort(t))
	if err == nil || time.Since(began) > time.Minute {
		t.Fatalf("a second argosy runs on the folder of the first:\n%s%s", out, errout)
	}
	if !strings.Contains(errout, s.data) {
		t.Errorf("the refusal does not name the folder %s:\n%s", s.data, errout)
	}
	s.must(200, "GET", "/v2/one/owner/manifests/1", nil)
}

// SIGTERM lets a request that is under way end, and takes no new ones.
func TestGracefulStop(t *testing.T) {
	s := serve(t)
	content := noise(51, 4<<20)
	a := s.must(202, "POST", "/v2/slow/boat/blobs/uploads/", nil)
	at, err := s.location(a, "digest", digestOf(content))
	if err != nil {
		t.Fatal(err)
	}
	body, send := io.Pipe()
	type outcome struct {
		answer
		err error
	}
	done := make(chan outcome, 1)
	go func() {
		// The body is not sent before the server asks for it: then it has the request.
		a, err := s.do("PUT", at, body, "Content-Type", "application/octet-stream", "Expect", "100-continue")
		done <- outcome{a, err}
	}()
	if _, err := send.Write(content[:1<<20]); err != nil {
		t.Fatal(err)
	}
	code := make(chan int, 1)
	go func() { code <- s.stop() }()
	for refused := false; !refused; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", s.listen())
		if refused = err != nil; !refused {
			conn.Close()
		}
	}
	if _, err := io.Copy(send, bytes.NewReader(content[1<<20:])); err != nil {
		t.Fatal(err)
	}
	send.Close()
	if got := <-done; got.err != nil || got.status != http.StatusCreated {
		t.Errorf("the upload under way at SIGTERM: %v, status %d", got.err, got.status)
	}
	if got := <-code; got != 0 {
		t.Errorf("exit code %d after SIGTERM", got)
	}
	s.start()
	if got := s.must(200, "GET", "/v2/slow/boat/blobs/"+digestOf(content), nil); !bytes.Equal(got.body, content) {
		t.Error("the blob read back differs")
	}
}

// A page in a browser must not reach an open registry by a name that it made to
// point at loopback.
func TestForeignHostIsRefused(t *testing.T) {
	s := serve(t)
	if _, err := s.pushArtifact("private/thing", "1", "application/vnd.example", []byte("cargo")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/v2/", "/v2/_catalog", "/v2/private/thing/manifests/1", "/v2/_argosy/artifacts", "/"} {
		for _, host := range []string{"attacker.example", "attacker.example:5000", "127.0.0.1.attacker.example", "localhost.attacker.example"} {
			a, err := s.do("GET", path, nil, "Host", host)
			if err != nil || a.status < 400 || a.status > 499 || bytes.Contains(a.body, []byte("private/thing")) {
				t.Errorf("GET %s with Host %s: %v, status %d\n%.200s", path, host, err, a.status, a.body)
			}
		}
		for _, host := range []string{"localhost", "127.0.0.1:80", "[::1]:5000", s.host} {
			if a, err := s.do("GET", path, nil, "Host", host); err != nil || a.status != 200 {
				t.Errorf("GET %s with Host %s: %v, status %d, want 200", path, host, err, a.status)
			}
		}
	}
	if a, err := s.do("POST", "/v2/private/thing/blobs/uploads/", nil, "Host", "attacker.example"); err != nil || a.status < 400 || a.status > 499 {
		t.Errorf("POST with a foreign Host: %v, status %d", err, a.status)
	}
}

// Whatever the data folder is called, it is made, and nothing else is.
func TestDataFolderIsMade(t *testing.T) {
	s := prepare(t)
	s.data = filepath.Join(t.TempDir(), "not", "there yet", "data")
	s.start()
	if _, err := os.Stat(s.data); err != nil {
		t.Error(err)
	}
	for _, path := range []string{"/livez", "/readyz", "/metrics"} {
		s.must(200, "GET", path, nil)
	}
	discover := s.must(200, "GET", "/v2/_oci/ext/discover", nil)
	if !strings.Contains(string(discover.body), "_argosy") {
		t.Errorf("discover does not name _argosy:\n%s", discover.body)
	}
}

// --sparse says what a manifest may name that is not here.
func TestSparse(t *testing.T) {
	missing := noise(61, 1000)
	image := artifactManifest("application/vnd.example.sparse", missing)
	index, err := json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": typeIndex, "manifests": []descriptor{describe(typeManifest, image)},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args         []string
		image, index int
	}{
		{nil, 400, 201},
		{[]string{"--sparse="}, 400, 400},
		{[]string{"--sparse=image,index"}, 201, 201},
		{[]string{"--sparse=image"}, 201, 400},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			s := serve(t, c.args...)
			// The index first: once the image is here, its entry is not missing any more.
			a := s.must(c.index, "PUT", "/v2/sparse/index/manifests/1", bytes.NewReader(index), "Content-Type", typeIndex)
			b := s.must(c.image, "PUT", "/v2/sparse/image/manifests/1", bytes.NewReader(image), "Content-Type", typeManifest)
			if c.image == 400 && (!bytes.Contains(b.body, []byte("MANIFEST_BLOB_UNKNOWN")) || !bytes.Contains(b.body, []byte(digestOf(missing)))) {
				t.Errorf("the refusal does not list the missing blob:\n%s", b.body)
			}
			if c.index == 400 && !bytes.Contains(a.body, []byte(digestOf(image))) {
				t.Errorf("the refusal does not list the missing manifest:\n%s", a.body)
			}
		})
	}
}
