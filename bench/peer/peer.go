// Package peer starts the servers that are measured beside each other, each as
// a process of its own on a free loopback port. It does not know what is measured.
package peer

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/argosy-registry/argosy/bench/load"
)

// Server is a running server.
type Server struct {
	load.Target
	cmd *exec.Cmd
}

// Stop ends the server.
func (s *Server) Stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	ended := make(chan struct{})
	go func() { _ = s.cmd.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		_ = s.cmd.Process.Kill()
		<-ended
	}
}

// start runs a program that listens on addr and waits until it does.
func start(name, addr string, cmd *exec.Cmd) (*Server, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	s := &Server{Target: load.Target{Name: name, Addr: addr, PID: cmd.Process.Pid}, cmd: cmd}
	for range 15_000 {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
			return s, nil
		}
		time.Sleep(time.Millisecond)
	}
	s.Stop()
	return nil, fmt.Errorf("%s does not listen on %s", name, addr)
}

// Answer waits up to a minute for a path to answer 200.
func (s *Server) Answer(path string) error {
	for range 30_000 {
		resp, err := http.Get("http://" + s.Addr + path)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	return fmt.Errorf("%s does not answer 200 on %s", s.Name, path)
}

// free is a loopback address that nobody listens on.
func free() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// Build builds the programs into dir: argosy from the module at root, and
// distribution's registry as tools/distribution pins it.
func Build(ctx context.Context, root, dir string) error {
	for _, b := range []struct{ in, pkg, out string }{
		{root, "./cmd/argosy", "argosy"},
		{filepath.Join(root, "tools", "distribution"), "github.com/distribution/distribution/v3/cmd/registry", "registry"},
	} {
		cmd := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(dir, b.out), b.pkg)
		cmd.Dir = b.in
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", b.pkg, err, out)
		}
	}
	return nil
}

// Argosy starts argosy on a data folder.
func Argosy(bin, dataFolder string) (*Server, error) {
	addr, err := free()
	if err != nil {
		return nil, err
	}
	return start("argosy", addr, exec.Command(filepath.Join(bin, "argosy"), "serve", "--data", dataFolder, "--listen", addr, "--log-level", "warn"))
}

const distributionConfig = `version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: %q}
  delete: {enabled: true}
catalog: {maxentries: 100000}
http: {addr: %q}
`

// Distribution starts distribution's registry with its file system driver.
func Distribution(bin, dataFolder string) (*Server, error) {
	addr, err := free()
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dataFolder, "config.yml")
	if err := os.MkdirAll(dataFolder, 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(config, fmt.Appendf(nil, distributionConfig, filepath.Join(dataFolder, "store"), addr), 0o644); err != nil {
		return nil, err
	}
	cmd := exec.Command(filepath.Join(bin, "registry"), "serve", config)
	cmd.Env = append(os.Environ(), "OTEL_TRACES_EXPORTER=none")
	return start("distribution", addr, cmd)
}

const nginxConfig = `daemon off; worker_processes auto; user root; pid %[1]s/pid; error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 10000000; default_type application/octet-stream;
  client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
  open_file_cache max=10000 inactive=60s;
  server { listen %[2]s; root %[3]s; }
}
`

// Nginx starts nginx over static files.
func Nginx(work, files string) (*Server, error) {
	addr, err := free()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(work, 0o755); err != nil {
		return nil, err
	}
	config := filepath.Join(work, "nginx.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, nginxConfig, work, addr, files), 0o644); err != nil {
		return nil, err
	}
	program, err := exec.LookPath("nginx")
	if err != nil {
		program = "/usr/sbin/nginx"
	}
	return start("nginx", addr, exec.Command(program, "-c", config, "-p", work))
}

// Self starts this program again as one of its own servers: "memory" or "disk".
func Self(name string, args ...string) (*Server, error) {
	addr, err := free()
	if err != nil {
		return nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return start(name, addr, exec.Command(program, append([]string{"-self", name, "-addr", addr}, args...)...))
}
