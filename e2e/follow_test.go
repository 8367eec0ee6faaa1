package e2e

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// central is a registry of another make that others share types by.
type central struct {
	host, store string
}

const centralConfig = `version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: %q}, delete: {enabled: true}}
http: {addr: %q}
`

// newCentral runs distribution's registry until the test ends.
func newCentral(t *testing.T) *central {
	t.Helper()
	dir := t.TempDir()
	address := "127.0.0.1:" + freePort(t)
	c := &central{host: strings.Replace(address, "127.0.0.1", "localhost", 1), store: filepath.Join(dir, "store")}
	config := filepath.Join(dir, "config.yml")
	if err := os.WriteFile(config, fmt.Appendf(nil, centralConfig, c.store, address), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program(t, "distribution"), "serve", config)
	cmd.Env = append(os.Environ(), "OTEL_TRACES_EXPORTER=none")
	said := &output{}
	cmd.Stdout, cmd.Stderr = said, said
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
			return c
		}
		if time.Now().After(end) {
			t.Fatalf("distribution does not listen:\n%s", said)
		}
	}
}

// tamper replaces text in everything that the registry stores, in as many bytes.
func (c *central) tamper(t *testing.T, old, now string) {
	t.Helper()
	changed := 0
	err := filepath.WalkDir(c.store, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		if err != nil || !bytes.Contains(content, []byte(old)) {
			return err
		}
		changed++
		return os.WriteFile(name, bytes.ReplaceAll(content, []byte(old), []byte(now)), 0o644)
	})
	if err != nil || changed == 0 || len(old) != len(now) {
		t.Fatalf("%d files were changed, %v", changed, err)
	}
}

// newKeys writes a key pair, NAME.key and NAME.pub.
func (b *bench) newKeys(name string) {
	b.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		b.t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		b.t.Fatal(err)
	}
	b.write(name+".key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	b.write(name+".pub", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
}

// sharedEntry is an entry with an example, known by an artifactType.
func sharedEntry(id, title string) []byte {
	return fmt.Appendf(nil, `id: %[1]s
title: %[2]s
short: %[1]s
match: [{artifactType: application/vnd.launch-site.%[1]s.v1}]
actions: [{id: run, label: Run, command: "%[1]sctl run {ref}"}]
examples:
  - name: one
    mediaType: application/vnd.oci.image.manifest.v1+json
    manifest: |
      {"schemaVersion": 2, "artifactType": "application/vnd.launch-site.%[1]s.v1", "layers": [],
       "config": {"mediaType": "application/vnd.oci.empty.v1+json", "size": 2, "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}}
`, id, title)
}

// publisher is who shares the types of a server of his own.
type publisher struct {
	*bench
	at string
}

// entry writes an entry into the publisher's folder.
func (p *publisher) entry(id, title string) {
	p.write("types/"+id+".yaml", sharedEntry(id, title))
	p.write("types/"+id+".svg", []byte(rocketIcon))
}

// push sends the folder as a catalog, and returns it with its digest.
func (p *publisher) push(args ...string) (digest string) {
	p.t.Helper()
	out := p.run("argosy", append([]string{"types", "push", "types", "oci://" + p.at + ":1"}, args...)...)
	line, _, _ := strings.Cut(out, "\n")
	_, digest, ok := strings.Cut(line, "@")
	if !ok {
		p.t.Fatalf("no digest: %s", out)
	}
	return digest
}

// A publishes its types at a registry of another make, and B, which follows that, shows
// them: first by digest, then by a signed tag, which moves. What is tampered with,
// unsigned, or takes over a type that B knows changes nothing, and B says why.
func TestSharedTypes(t *testing.T) {
	whole(t)
	c := newCentral(t)
	p := &publisher{newBench(t), c.host + "/types/catalog"}
	p.newKeys("acme")
	p.newKeys("other")
	p.entry("rocket", "Rocket")
	a := serve(t)
	p.run("argosy", "types", "add", "types", "--data", a.data) // A uses what it publishes
	first := p.push()
	if again := p.push(); again != first {
		t.Errorf("the same entries are %s and %s", first, again)
	}

	follow := func(text string) string {
		p.write("b.yaml", []byte(text))
		return p.path("b.yaml")
	}
	if out, errs, err := p.try("argosy", "serve", "--config", follow("catalogs: [{ref: \""+p.at+":1\"}]\n"), "--data", p.path("none"), "--listen", "127.0.0.1:"+freePort(t)); err == nil ||
		!strings.Contains(errs, "b.yaml:1:18") || !strings.Contains(errs, "verify") || !strings.Contains(errs, p.at+"@sha256:") {
		t.Errorf("an unsigned moving tag is followed: %v\n%s%s", err, out, errs)
	}
	b := prepare(t, "--config", follow("catalogs: [{ref: \""+p.at+"@"+first+"\", every: 1s}]\n"))
	b.start()
	if _, err := b.pushArtifact("site/saturn", "1", "application/vnd.launch-site.rocket.v1", []byte("cargo")); err != nil {
		t.Fatal(err)
	}
	shows := func(title string) func() bool {
		return func() bool {
			return find(t, b.artifacts(t, "/v2/_argosy/artifacts"), "site/saturn:1").Type.Name == title
		}
	}
	b.await("the followed type", shows("Rocket"))
	for _, s := range []string{p.run("argosy", "types", "ls", b.host), b.types(t), string(b.must(http.StatusOK, "GET", "/v2/_argosy/types/rocket", nil).body)} {
		if !strings.Contains(s, p.at+"@"+first) {
			t.Errorf("nothing says where the type comes from:\n%.2000s", s)
		}
	}

	p.entry("rocket", "Space rocket")
	second := p.push("--sign-key", "acme.key")
	b.stop()
	follow("catalogs:\n  - ref: " + p.at + ":1\n    verify: " + p.path("acme.pub") + "\n    every: 1s\n")
	b.start()
	b.await("the signed tag", shows("Space rocket"))
	p.entry("rocket", "Fast rocket")
	third := p.push("--sign-key", "acme.key")
	b.await("the moved tag", shows("Fast rocket"))
	if said := b.types(t); !strings.Contains(said, p.at+":1@"+third) || strings.Contains(said, second) {
		t.Errorf("types ls:\n%s", said)
	}

	refused := func(what, why string) {
		t.Helper()
		b.await(what+" to be refused", func() bool { return strings.Contains(b.types(t), why) })
		if !shows("Fast rocket")() || !strings.Contains(b.log.String(), why) || !strings.Contains(b.types(t), third) {
			t.Errorf("%s: something has changed, or the log is silent:\n%s", what, b.types(t))
		}
	}
	p.entry("rocket", "Evil rocket")
	p.push()
	refused("an unsigned catalog", "is not signed")
	p.push("--sign-key", "other.key")
	refused("another's signature", "not by the key")
	p.entry("helm-chart", "Evil chart")
	p.push("--sign-key", "acme.key")
	refused("a takeover", "takes over an entry that is built-in")
	b.stop()
	b.start() // the former stays, also across a start
	b.await("the former", shows("Fast rocket"))
	for _, ext := range []string{".yaml", ".svg"} {
		if err := os.Remove(p.path("types/helm-chart" + ext)); err != nil {
			t.Fatal(err)
		}
	}
	p.entry("rocket", "Good rocket")
	p.run("argosy", "types", "push", "types", "oci://"+p.at+":staging", "--version", "1", "--sign-key", "acme.key")
	c.tamper(t, "title: Good rocket", "title: Evil rocket") // before anybody has fetched it
	p.run("crane", "--insecure", "tag", p.at+":staging", "1")
	refused("a tampered entry", "somebody changed them")
	p.entry("rocket", "Last rocket")
	p.push("--sign-key", "acme.key")
	b.await("the mended catalog", shows("Last rocket"))
	if said := b.types(t); strings.Contains(said, "not in force") {
		t.Errorf("it was mended, and still:\n%s", said)
	}

	// A machine that reaches nobody gets a bundle.
	p.run("argosy", "types", "bundle", p.at+":1", "--verify", "acme.pub", "--output", "catalog.tar")
	alone := prepare(t, "--config", follow("catalogs: [{ref: "+p.path("catalog.tar")+", verify: "+p.path("acme.pub")+", every: 1s}]\n"))
	alone.start()
	alone.await("the bundle", func() bool { return strings.Contains(alone.types(t), "Last rocket") })
	apart := serve(t)
	p.run("argosy", "types", "add", "catalog.tar", "--verify", "acme.pub", "--data", apart.data)
	if said := apart.types(t); !strings.Contains(said, "Last rocket") {
		t.Errorf("added from a bundle:\n%s", said)
	}
}
