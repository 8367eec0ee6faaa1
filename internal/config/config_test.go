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
