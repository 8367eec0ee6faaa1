// Command argosy-image builds the static argosy binary and writes the container
// image of it as an OCI image layout, with the project's own code and no engine:
//
//	go run ./cmd/argosy-image -o dist/image -platform linux/amd64,linux/arm64
//	crane push dist/image registry.example/argosy:latest
//	skopeo copy oci:dist/image:latest docker://registry.example/argosy:latest
//
// The image holds the binary, an empty /data and an empty /tmp; it runs as user
// 65532. Its settings are in the environment, so that arguments only add to them:
// 'serve --anonymous=pull' keeps the address and the folder. As it listens beyond
// loopback it starts only when it is told who may do what, with --htpasswd or
// --anonymous.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/argosy-registry/argosy/internal/imagelayout"
	"github.com/argosy-registry/argosy/internal/oci"
)

// user owns /data and runs the server; distroless and others use the same number
// for a user without rights.
const user = 65532

func main() {
	out := flag.String("o", "dist/image", "folder of the image layout; a layout that is there is replaced")
	tag := flag.String("tag", "latest", "tag in the layout")
	platforms := flag.String("platform", "linux/"+runtime.GOARCH, "comma-separated list of os/architecture")
	flag.Parse()
	top, err := run(*out, *tag, strings.Split(*platforms, ","))
	if err != nil {
		fmt.Fprintln(os.Stderr, "argosy-image:", err)
		os.Exit(1)
	}
	fmt.Printf("%s %s\n", *out, top.Digest)
}

func run(out, tag string, platforms []string) (top oci.Descriptor, err error) {
	work, err := os.MkdirTemp("", "argosy-image-")
	if err != nil {
		return top, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	var images []imagelayout.Image
	for _, name := range platforms {
		goos, arch, ok := strings.Cut(strings.TrimSpace(name), "/")
		if !ok {
			return top, fmt.Errorf("platform %q: want os/architecture, such as linux/amd64", name)
		}
		program, err := build(filepath.Join(work, arch), goos, arch)
		if err != nil {
			return top, err
		}
		images = append(images, image(oci.Platform{OS: goos, Architecture: arch}, program))
	}
	return imagelayout.Write(out, tag, images...)
}

// build compiles the static binary to the named file and returns its bytes.
func build(name, goos, arch string) ([]byte, error) {
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", name, "./cmd/argosy")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+arch)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go build for %s/%s: %w", goos, arch, err)
	}
	return os.ReadFile(name)
}

func image(platform oci.Platform, program []byte) imagelayout.Image {
	return imagelayout.Image{
		Platform: platform,
		Files: []imagelayout.File{
			{Name: "argosy", Mode: 0o755, Content: program},
			{Name: "data", Mode: 0o700, Owner: user, Folder: true},
			{Name: "tmp", Mode: 0o1777, Folder: true},
		},
		Config: imagelayout.Config{
			User:         fmt.Sprintf("%d:%d", user, user),
			ExposedPorts: map[string]struct{}{"5000/tcp": {}},
			Env:          []string{"ARGOSY_LISTEN=0.0.0.0:5000", "ARGOSY_DATA=/data"},
			Entrypoint:   []string{"/argosy"},
			Cmd:          []string{"serve"},
			Volumes:      map[string]struct{}{"/data": {}},
			WorkingDir:   "/",
			StopSignal:   "SIGTERM",
		},
		Labels: map[string]string{
			"org.opencontainers.image.title":       "Argosy",
			"org.opencontainers.image.description": "An OCI registry that knows what everything in it is",
			"org.opencontainers.image.licenses":    "Apache-2.0",
		},
	}
}
