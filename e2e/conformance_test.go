package e2e

import (
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// totals are the counts in the head of the conformance program's junit.xml. Its
// results.yaml hides skipped tests, and after a mistake in its settings the
// program ends with 0 and without results: so the counts are held, not the exit code.
type totals struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
	Suites   []struct {
		Name  string `xml:"name,attr"`
		Cases []struct {
			Name    string    `xml:"name,attr"`
			Class   string    `xml:"classname,attr"`
			Skipped *struct{} `xml:"skipped"`
			Failure *struct {
				Message string `xml:"message,attr"`
				Text    string `xml:",chardata"`
			} `xml:"failure"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

func TestConformance(t *testing.T) {
	whole(t)
	for _, c := range []struct {
		name    string
		minimum int // the program runs more; far fewer mean that it did not run as asked
		serve   []string
		env     []string
	}{
		{"dev-sparse", 1000, []string{"--sparse=image,index"}, []string{"OCI_VERSION=dev", "OCI_DATA_SPARSE=true"}},
		{"dev", 950, nil, []string{"OCI_VERSION=dev"}},
		{"stable", 800, nil, []string{"OCI_VERSION=stable"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, c.serve...)
			conform(t, s, c.name, c.minimum, append(c.env, "OCI_TLS=disabled")...)
		})
	}
	t.Run("admission-warns", func(t *testing.T) {
		s := serve(t, "--sparse=image,index")
		s.putPolicy("admission: [{warn: '*', lock: warn}]\n")
		conform(t, s, "admission-warns", 1000, "OCI_VERSION=dev", "OCI_DATA_SPARSE=true", "OCI_TLS=disabled")
	})
	t.Run("tls-basic", func(t *testing.T) {
		ca := newAuthority(t)
		s := serveTLS(t, ca, "--htpasswd", htpasswd(t, "captain", "blue water"), "--sparse=image,index")
		conform(t, s, "tls-basic", 1000,
			"OCI_VERSION=dev", "OCI_DATA_SPARSE=true", "OCI_TLS=enabled", "SSL_CERT_FILE="+ca.file,
			"OCI_USERNAME=captain", "OCI_PASSWORD=blue water")
	})
}

// conform runs the program against s; its reports stay in results/conformance/NAME.
func conform(t *testing.T, s *server, name string, minimum int, env ...string) {
	t.Helper()
	dir := filepath.Join(root, "results", "conformance", name)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program(t, "conformance"))
	cmd.Dir = t.TempDir()
	cmd.Env = append([]string{"HOME=" + cmd.Dir, "OCI_REGISTRY=" + s.host, "OCI_RESULTS_DIR=" + dir}, env...)
	out, err := cmd.CombinedOutput()

	report, readErr := os.ReadFile(filepath.Join(dir, "junit.xml"))
	if readErr != nil {
		t.Fatalf("conformance left no junit.xml (%v):\n%s", err, out)
	}
	var sum totals
	if err := xml.Unmarshal(report, &sum); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %d tests, %d failures, %d errors, %d skipped", name, sum.Tests, sum.Failures, sum.Errors, sum.Skipped)
	if err != nil || sum.Failures != 0 || sum.Errors != 0 || sum.Skipped != 0 {
		t.Errorf("conformance ended with %v: %d failures, %d errors, %d skipped; reports are in %s\n%s",
			err, sum.Failures, sum.Errors, sum.Skipped, dir, sum.blame())
	}
	if sum.Tests < minimum {
		t.Errorf("conformance ran %d tests, fewer than %d:\n%s", sum.Tests, minimum, tail(string(out), 2000))
	}
}

// blame names the tests that were skipped or failed, twenty at most.
func (s totals) blame() string {
	var list []string
	for _, suite := range s.Suites {
		for _, c := range suite.Cases {
			switch {
			case c.Failure != nil:
				list = append(list, "FAIL "+c.Class+"/"+c.Name+": "+c.Failure.Message+tail(c.Failure.Text, 400))
			case c.Skipped != nil:
				list = append(list, "SKIP "+c.Class+"/"+c.Name)
			}
		}
	}
	return strings.Join(list[:min(len(list), 20)], "\n")
}
