package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/internal/config"
)

const someDigest = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"

func load(t *testing.T, text string) (*config.Config, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "argosy.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.Load(file, nil, nil)
}

func TestCatalogs(t *testing.T) {
	c, err := load(t, `data: x
catalogs:
  - ref: central.example/types/catalog:1
    verify: /etc/argosy/acme.pub
    only: [rocket, acme-*]
    every: 5m
    override: true
  - {ref: "oci://localhost:5000/types/rocket@`+someDigest+`", only: rocket, plain-http: true, ca-file: ca.pem}
  - ref: ./catalog.tar
  - ref: a.tar
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []config.Catalog{
		{Ref: "central.example/types/catalog:1", Verify: "/etc/argosy/acme.pub", Only: []string{"rocket", "acme-*"}, Every: 5 * time.Minute, Override: true},
		{Ref: "localhost:5000/types/rocket@" + someDigest, Only: []string{"rocket"}, Every: time.Hour, PlainHTTP: true, CAFile: "ca.pem"},
		{Ref: "./catalog.tar", Every: time.Hour}, {Ref: "a.tar", Every: time.Hour},
	}
	if diff := cmp.Diff(want, c.Catalogs); diff != "" || c.Data != "x" {
		t.Error(diff)
	}
	for _, text := range []string{"catalogs: []\n", "catalogs:\n", ""} {
		if c, err := load(t, text); err != nil || len(c.Catalogs) > 0 {
			t.Errorf("%q: %+v, %v", text, c, err)
		}
	}
	for ref, want := range map[string]bool{
		"/a": true, "./a": true, "../a": true, "a.tar": true, "a/b.tar": true, "a.example/b": false, "a.example/b:1.tar": false, "a.example/b@" + someDigest: false, "": false,
	} {
		if config.IsPath(ref) != want {
			t.Errorf("%q is a path: %v", ref, !want)
		}
	}
}

func TestCatalogsThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		says []string
	}{
		"an unsigned tag":  {"catalogs:\n  - ref: central.example/types/catalog:1\n", []string{":2:10", "is a tag", "verify", "central.example/types/catalog@sha256"}},
		"nothing named":    {"catalogs: [{ref: central.example/a, verify: k}]\n", []string{":1:18", "neither a tag nor a digest"}},
		"no reference":     {"catalogs:\n  - ref: catalog\n", []string{":2:10", "catalog", "HOST"}},
		"a broken digest":  {"catalogs:\n  - ref: a.example/b@sha256:1\n", []string{":2:10", "sha256"}},
		"no ref":           {"catalogs:\n  - verify: x\n    every: 1h\n", []string{":2:5", "ref is wanted"}},
		"an empty ref":     {"catalogs:\n  - ref:\n", []string{":2:5", "ref", "one value"}},
		"an unknown key":   {"catalogs:\n  - ref: /a\n    evry: 1h\n", []string{":3:5", "evry", "every"}},
		"a key twice":      {"catalogs:\n  - {ref: /a, ref: /b}\n", []string{"2:15", "ref"}},
		"twice":            {"catalogs:\n  - ref: /a\n  - ref: /a\n", []string{":3:5", "/a", "twice"}},
		"twice, two ways":  {"catalogs:\n  - ref: oci://a.example/b@" + someDigest + "\n  - ref: a.example/b@" + someDigest + "\n", []string{":3:5", "twice"}},
		"no list":          {"catalogs: x\n", []string{":1:1", "want a list"}},
		"a mapping":        {"catalogs: {ref: /a}\n", []string{":1:1", "want a list"}},
		"a list of words":  {"catalogs: [a]\n", []string{":1:12", "want a mapping"}},
		"a list of lists":  {"catalogs: [[ref]]\n", []string{":1:12", "want a mapping"}},
		"too often":        {"catalogs: [{ref: /a, every: 10ms}]\n", []string{":1:22", "10ms", "1s"}},
		"a number":         {"catalogs: [{ref: /a, every: 5}]\n", []string{"every", "15m"}},
		"maybe":            {"catalogs: [{ref: /a, override: maybe}]\n", []string{"override", "true or false"}},
		"a word that lies": {"catalogs: [{ref: /a, override: \"true\"}]\n", []string{"override", "true or false"}},
		"only nothing":     {"catalogs: [{ref: /a, only: []}]\n", []string{"only", "empty list"}},
		"only a mapping":   {"catalogs: [{ref: /a, only: [{a: b}]}]\n", []string{"only", "ids"}},
		"a broken pattern": {"catalogs: [{ref: /a, only: \"[\"}]\n", []string{"only", "["}},
		"a list as ref":    {"catalogs: [{ref: [/a, /b]}]\n", []string{"ref", "one value"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, c.text)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, w := range c.says {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not say %q", err, w)
				}
			}
		})
	}
}
