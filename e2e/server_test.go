package e2e

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// server is a running 'argosy serve'.
type server struct {
	t      *testing.T
	host   string // localhost:PORT, as clients write it
	home   string // the folder it runs in
	data   string
	args   []string
	cmd    *exec.Cmd
	log    *output
	exited chan struct{}
	client *http.Client
	scheme string
}

// output collects what a process prints; safe to read while it runs.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// freePort is one that nobody listened on a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// serve starts argosy on a data folder of its own with further flags, waits until
// it is ready, and stops it with the test.
func serve(t *testing.T, args ...string) *server {
	t.Helper()
	s := prepare(t, args...)
	s.start()
	return s
}

// serveTLS is serve behind a certificate that the given authority signed.
func serveTLS(t *testing.T, ca *authority, args ...string) *server {
	t.Helper()
	s := prepare(t, args...)
	s.behind(ca)
	s.start()
	return s
}

// behind puts a server that has not started behind a certificate of the authority.
func (s *server) behind(ca *authority) {
	s.args = append(s.args, "--tls-cert", ca.serverCert, "--tls-key", ca.serverKey)
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	s.scheme = "https"
	s.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
}

// prepare chooses port and data folder without starting anything.
func prepare(t *testing.T, args ...string) *server {
	t.Helper()
	home := t.TempDir()
	s := &server{
		t:      t,
		home:   home,
		host:   "localhost:" + freePort(t),
		data:   filepath.Join(home, "data"),
		args:   args,
		log:    &output{},
		scheme: "http",
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32, ExpectContinueTimeout: time.Minute}},
	}
	t.Cleanup(s.cleanup)
	return s
}

// in is the server as seen by a subtest, which then fails in its parent's place.
func (s *server) in(t *testing.T) *server {
	c := *s
	c.t = t
	return &c
}

// listen is the address of the server's host.
func (s *server) listen() string { return strings.Replace(s.host, "localhost", "127.0.0.1", 1) }

func (s *server) url(path string) string {
	return s.scheme + "://" + s.host + path
}

// start runs the server and returns when it is ready.
func (s *server) start() {
	s.t.Helper()
	args := append([]string{"serve", "--data", s.data, "--listen", s.listen()}, s.args...)
	s.cmd = exec.Command(binary, args...)
	s.cmd.Dir = s.home
	s.cmd.Env = []string{"HOME=" + s.cmd.Dir, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + s.cmd.Dir}
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	exited := make(chan struct{})
	s.exited = exited
	go func(cmd *exec.Cmd) { cmd.Wait(); close(exited) }(s.cmd)
	s.ready()
}

func (s *server) ready() {
	s.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if s.gone() {
			s.t.Fatalf("argosy %q ended with %v:\n%s", s.cmd.Args[1:], s.cmd.ProcessState, s.log)
		}
		res, err := s.client.Get(s.url("/readyz"))
		if err != nil {
			continue
		}
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return
		}
	}
	s.t.Fatalf("argosy is not ready after a minute:\n%s", s.log)
}

// gone says whether the process has ended.
func (s *server) gone() bool {
	select {
	case <-s.exited:
		return true
	default:
		return false
	}
}

// kill is kill -9.
func (s *server) kill() {
	s.cmd.Process.Kill()
	<-s.exited
	s.client.CloseIdleConnections()
}

// stop sends SIGTERM and returns the exit code.
func (s *server) stop() int {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !s.gone() {
		s.t.Fatal(err)
	}
	s.client.CloseIdleConnections()
	select {
	case <-s.exited:
		return s.cmd.ProcessState.ExitCode()
	case <-time.After(30 * time.Second):
		s.cmd.Process.Kill()
		s.t.Fatalf("argosy still runs 30 s after SIGTERM:\n%s", s.log)
		return -1
	}
}

// cleanup ends the process, and shows what it printed when the test failed.
func (s *server) cleanup() {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	if !s.gone() {
		s.kill()
	}
	for _, bad := range []string{"WARNING: DATA RACE", "panic: ", "panic="} {
		if _, from, found := strings.Cut(s.log.String(), bad); found {
			s.t.Errorf("argosy printed %q%s", bad, from[:min(len(from), 4000)])
		}
	}
	if s.t.Failed() {
		s.t.Logf("argosy %q printed:\n%s", s.cmd.Args[1:], tail(s.log.String(), 8000))
	}
}

// tail is the end of a text, n bytes at most.
func tail(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return fmt.Sprintf("… (%d bytes left out)\n%s", len(s)-n, s[len(s)-n:])
}
