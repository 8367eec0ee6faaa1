package compose_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/argosy-registry/argosy/internal/compose"
	"github.com/argosy-registry/argosy/internal/config"
	"github.com/argosy-registry/argosy/internal/oci"
)

var quiet = slog.New(slog.DiscardHandler)

func settings(t *testing.T, flags map[string]string) *config.Config {
	t.Helper()
	all := map[string]string{"listen": "127.0.0.1:0", "data": filepath.Join(t.TempDir(), "data")}
	for k, v := range flags {
		all[k] = v
	}
	c, err := config.Load("", nil, all)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// serve runs a server until the test ends, and returns its URL.
func serve(t *testing.T, c *config.Config) string {
	t.Helper()
	s, err := compose.OpenServer(c, quiet, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return "http://" + s.Addr()
}

// do sends a request and returns the status and the Location.
func do(t *testing.T, method, url string, body []byte, header ...string) (status int, location string) {
	t.Helper()
	r, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Location")
}

func TestOneProcessHoldsAFolder(t *testing.T) {
	c := settings(t, nil)
	first, err := compose.OpenData(c, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := compose.OpenData(c, quiet); err == nil || !strings.Contains(err.Error(), c.Data) || !strings.Contains(err.Error(), "--data") {
		t.Errorf("the second one gets %v, want the folder and the way out", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := compose.OpenData(c, quiet)
	if err != nil {
		t.Fatalf("a closed folder is still held: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// A failed start leaves the folder to others.
func TestAPortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := settings(t, map[string]string{"listen": l.Addr().String()})
	if _, err := compose.OpenServer(c, quiet, nil); err == nil || !strings.Contains(err.Error(), "--listen") {
		t.Errorf("error %v does not say the way out", err)
	}
	data, err := compose.OpenData(c, quiet)
	if err != nil {
		t.Fatalf("the folder is still held: %v", err)
	}
	if err := data.Close(); err != nil {
		t.Error(err)
	}
}

// Whom a server answers depends on who may reach it and what they may do there.
func TestHosts(t *testing.T) {
	users := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(users, []byte("a:$2a$04$abcdefghijklmnopqrstuuGFqL6s4jX2Zx4kXz3gJb0k8k1mC4bYK\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		flags map[string]string
		host  string
		want  int
	}{
		"open":                     {nil, "localhost", 200},
		"open, in capitals":        {nil, "LocalHost:5000", 200},
		"open, rebound":            {nil, "evil.example", 421},
		"open, its own name":       {map[string]string{"external-url": "https://registry.example"}, "registry.example", 200},
		"open beside users":        {map[string]string{"htpasswd": users, "anonymous": "all"}, "evil.example", 421},
		"closed, behind a proxy":   {map[string]string{"htpasswd": users}, "registry.example", 200},
		"open to all who reach it": {map[string]string{"listen": "0.0.0.0:0", "anonymous": "all"}, "registry.example", 200},
	} {
		t.Run(name, func(t *testing.T) {
			url := strings.Replace(serve(t, settings(t, c.flags)), "[::]", "127.0.0.1", 1)
			if got, _ := do(t, "GET", url+"/livez", nil, "Host", c.host); got != c.want {
				t.Errorf("Host %s is answered %d, want %d", c.host, got, c.want)
			}
		})
	}
}

// A request that broke off leaves no bytes, however they were sent.
func TestABrokenRequestLeavesNothing(t *testing.T) {
	for _, method := range []string{"POST", "PATCH", "PUT"} {
		t.Run(method, func(t *testing.T) {
			c := settings(t, nil)
			url := serve(t, c)
			at := "/v2/a/blobs/uploads/"
			if method != "POST" {
				_, at = do(t, "POST", url+at, nil)
			}
			conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(conn, "%s %s?digest=%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n%s",
				method, at, oci.SHA256.Sum(nil), strings.Repeat("x", 500_000))
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, conn); err != nil { // the answer comes when all is done
				t.Fatal(err)
			}
			conn.Close()
			left, err := os.ReadDir(filepath.Join(c.Data, "blobs", "uploads"))
			if err != nil || len(left) > 0 {
				t.Errorf("%d uploads are left (%v)", len(left), err)
			}
		})
	}
}

// A database that has filled the disk takes pushes again once its content is
// deleted.
func TestADiskFullOfManifestsCanBeEmptied(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=20m", "argosy-test", dir).CombinedOutput(); err != nil {
		t.Skipf("mounting a small disk needs root: %v %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v %s", err, out)
		}
	})
	url := serve(t, settings(t, map[string]string{"data": filepath.Join(dir, "data")}))
	push := func(i int) (int, oci.Digest) {
		body := fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"manifests":[],"annotations":{"i":"%d","pad":%q}}`,
			oci.MediaTypeImageIndex, i, strings.Repeat("p", 60_000))
		status, _ := do(t, "PUT", fmt.Sprintf("%s/v2/a/manifests/t%d", url, i), body, "Content-Type", oci.MediaTypeImageIndex)
		return status, oci.SHA256.Sum(body)
	}
	var all []oci.Digest
	for i := 0; ; i++ {
		status, d := push(i)
		if status == 507 {
			break
		}
		if status != 201 || i > 1000 {
			t.Fatalf("push %d is answered %d", i, status)
		}
		all = append(all, d)
	}
	if len(all) < 100 { // 6 MB of 20: the log and the reserve take the rest
		t.Errorf("full after %d manifests of 60 kB", len(all))
	}
	for _, d := range all {
		if status, _ := do(t, "DELETE", url+"/v2/a/manifests/"+string(d), nil); status != 202 {
			t.Fatalf("a delete on the full disk is answered %d", status)
		}
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if status, _ := push(0); status == 201 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("10 s after all was deleted the registry still takes nothing")
		}
	}
}
