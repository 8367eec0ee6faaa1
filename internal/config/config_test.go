package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/argosy-registry/argosy/internal/config"
)

func TestSourcesInOrder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "argosy.yaml")
	if err := os.WriteFile(file, []byte("data: from-file\nlisten: 127.0.0.1:1\ngc-grace: 1h\nsparse: [image, index]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, []string{"ARGOSY_LISTEN=127.0.0.1:2", "ARGOSY_GC_GRACE=2h", "HOME=/"}, map[string]string{"gc-grace": "3h"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Data != "from-file" || c.Listen != "127.0.0.1:2" || c.GCGrace != 3*time.Hour || c.VerifyAfter != 168*time.Hour {
		t.Errorf("config = %+v", c)
	}
	if !c.SparseImages() || !c.SparseIndexes() || c.Anonymous != "all" {
		t.Errorf("config = %+v", c)
	}
}

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	htpasswd := filepath.Join(dir, "htpasswd")
	if err := os.WriteFile(htpasswd, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		yaml  string
		flags map[string]string
		want  []string
	}{
		{"unknown key", "data: x\nlissten: y\n", nil, []string{":2:1", "lissten", "listen"}},
		{"key twice", "data: x\ndata: y\n", nil, []string{"2:1", "data"}},
		{"broken yaml", "data: [x\n", nil, []string{"argosy.yaml"}},
		{"key twice in two documents", "data: x\n---\ndata: y\n", nil, []string{":3:1", "data"}},
		{"list of mappings", "sparse:\n- a: b\n", nil, []string{":1:1", "sparse"}},
		{"alias", "data: &x y\nlisten: *x\n", nil, []string{":1:1", "data"}},
		{"no mapping", "- data\n", nil, []string{"key: value"}},
		{"mapping", "data: {a: b}\n", nil, []string{":1:1", "data"}},
		{"reachable", "", map[string]string{"listen": "0.0.0.0:5000"}, []string{"0.0.0.0:5000", "--htpasswd", "--anonymous=pull"}},
		{"reachable by empty host", "", map[string]string{"listen": ":5000"}, []string{"--htpasswd"}},
		{"no port", "", map[string]string{"listen": "localhost"}, []string{"localhost", "host:port"}},
		{"half of TLS", "", map[string]string{"tls-cert": "c.pem"}, []string{"tls-key"}},
		{"url with a path", "", map[string]string{"external-url": "https://a/b"}, []string{"https://a/b"}},
		{"bad word", "", map[string]string{"anonymous": "push"}, []string{"push", "pull"}},
		{"bad sparse", "", map[string]string{"sparse": "images"}, []string{"images", "image"}},
		{"bad duration", "", map[string]string{"gc-grace": "1 day"}, []string{"gc-grace", "1 day", "24h"}},
		{"nobody", "", map[string]string{"anonymous": "none"}, []string{"htpasswd"}},
		{"no such file", "", map[string]string{"htpasswd": dir + "/none"}, []string{"htpasswd -B"}},
		{"debug beyond loopback", "", map[string]string{"debug-listen": ":6060"}, []string{":6060", "loopback"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "argosy.yaml")
			if err := os.WriteFile(file, []byte(c.yaml), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := config.Load(file, nil, c.flags)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not say %q", err, w)
				}
			}
		})
	}
	for _, flags := range []map[string]string{
		{"listen": "0.0.0.0:0", "htpasswd": htpasswd}, {"listen": ":0", "anonymous": "pull"}, {"listen": "[::1]:0"}, {"listen": "localhost:0", "sparse": ""},
	} {
		if _, err := config.Load("", nil, flags); err != nil {
			t.Errorf("%v: %v", flags, err)
		}
	}
}

func TestValuesAreReadAsWritten(t *testing.T) {
	for text, want := range map[string]string{
		"data: 010\n": "010", "data: 1.50\n": "1.50", "data: yes\n": "yes", "data: true\n": "true", "data: 'a: b'\n": "a: b",
		"data: \"a\\tb\"\n": "a\tb", "# nothing\n": "./argosy-data", "": "./argosy-data", "---\n": "./argosy-data", "{data: x}\n": "x",
	} {
		file := filepath.Join(t.TempDir(), "argosy.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(file, nil, nil)
		if err != nil || c.Data != want {
			t.Errorf("%q: data %q, error %v; want %q", text, c.Data, err, want)
		}
	}
}

func TestStrangers(t *testing.T) {
	got := config.Strangers([]string{
		"ARGOSY_DATA=x", "ARGOSY_CONFIG=y", "ARGOSY_HTPASWD=z", "ARGOSY_PASSWORD=p", "HOME=/",
		"ARGOSY_PORT=tcp://10.0.0.1:5000", "ARGOSY_PORT_5000_TCP=x", "ARGOSY_SERVICE_HOST=10.0.0.1",
	})
	if len(got) != 1 || got[0] != "ARGOSY_HTPASWD" {
		t.Errorf("strangers %q", got)
	}
}

func FuzzFile(f *testing.F) {
	f.Add("data: x\nsparse: [image, index]\n")
	f.Add("data: &a x\nlisten: *a\n")
	f.Add("? [a]\n: b\n---\n- c\n")
	f.Add("catalogs:\n- {ref: /a, only: [b]}\n- ref: c.example/d:1\n")
	file := filepath.Join(f.TempDir(), "argosy.yaml")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load(file, nil, nil); err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
	})
}
