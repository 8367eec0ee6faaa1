package e2e

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// shellBlock is a fenced block of shell in Markdown.
var shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

// readme returns the shell blocks below a heading of README.md, up to the next one.
func readme(t *testing.T, heading string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("README.md has no heading %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var blocks []string
	for _, m := range shellBlock.FindAllStringSubmatch(section, -1) {
		blocks = append(blocks, m[1])
	}
	if len(blocks) == 0 {
		t.Fatalf("README.md has no shell below %q", heading)
	}
	return blocks
}

// tenMinutes runs the README's walk against s as a new user would, and returns
// the folder in which it was done and what each block printed.
func tenMinutes(t *testing.T, s *server) (b *bench, printed []string) {
	t.Helper()
	b = newBench(t)
	for _, name := range []string{"crane", "helm", "oras", "curl"} {
		program(t, name)
	}
	for _, block := range readme(t, "The first ten minutes") {
		script := strings.ReplaceAll(block, "localhost:5000", s.host)
		cmd := exec.Command("bash", "-euo", "pipefail", "-c", script)
		cmd.Dir, cmd.Env = b.dir, b.env
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("a block of README.md fails: %v\n%s\nprinted:\n%s", err, script, out)
		}
		printed = append(printed, string(out))
	}
	return b, printed
}

// The first command of the README, on a folder that has no data yet.
func TestReadmeStarts(t *testing.T) {
	whole(t)
	start := readme(t, "Start")[0]
	if !strings.Contains(start, "go run ./cmd/argosy serve\n") {
		t.Fatalf("the README starts the server in another way than this test:\n%s", start)
	}
	s := prepare(t)
	build := exec.Command("go", "run", "./cmd/argosy", "serve", "--help")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil || !strings.Contains(string(out), "--data") {
		t.Errorf("go run ./cmd/argosy serve --help: %v\n%s", err, out)
	}
	s.start()
	for _, want := range []string{"http://" + s.host + "/", s.host + "/", "helm push", "oras push"} {
		if !strings.Contains(s.log.String(), want) {
			t.Errorf("the server does not print %q for its new user:\n%s", want, s.log)
		}
	}
}

// relativeLink is the target of a Markdown link into the repository.
var relativeLink = regexp.MustCompile(`\]\(([^)#:\s]+)(#[^)]*)?\)`)

// Every file that a document links to is there.
func TestDocumentsLinkToWhatExists(t *testing.T) {
	var documents []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, found...)
	}
	for _, name := range documents {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range relativeLink.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), link[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", filepath.Base(name), link[1])
			}
		}
	}
}

// namedTest is a test that a document appeals to.
var namedTest = regexp.MustCompile("`(Test[A-Za-z0-9]+)`")

// Every test that a guarantee appeals to is there.
func TestGuaranteesHaveTheirTests(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs", "guarantees.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := namedTest.FindAllStringSubmatch(string(text), -1)
	if len(named) == 0 {
		t.Fatal("docs/guarantees.md names no test")
	}
	sources := testSources(t)
	for _, name := range named {
		if !strings.Contains(sources, "func "+name[1]+"(") {
			t.Errorf("docs/guarantees.md names %s, and there is no such test", name[1])
		}
	}
}

// testSources is the text of all test files of the module.
func testSources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != root && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case !strings.HasSuffix(name, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(name)
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
