// Package config is what an owner can decide: one table of keys, read from
// defaults, a YAML file, the environment and flags, each over the one before. It
// does not know what the values are used for.
package config

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"
)

// Config is how a server runs.
type Config struct {
	Data         string
	Listen       string
	Htpasswd     string
	Anonymous    string
	TLSCert      string
	TLSKey       string
	ExternalURL  string
	Sparse       string
	LogLevel     string
	LogFormat    string
	GCGrace      time.Duration
	VerifyAfter  time.Duration
	UploadExpiry time.Duration
	DebugListen  string
	Catalogs     []Catalog // in the file only
}

// Key is one thing that can be set, under the same name everywhere: in the file
// as it is, as a flag behind "--", in the environment in capitals with ARGOSY_
// before it.
type Key struct {
	Name    string
	Default string
	Help    string
	field   func(*Config) any // *string or *time.Duration
}

// Keys are all keys, in the order in which they are shown.
var Keys = []Key{
	{"data", "./argosy-data", "folder that holds everything the registry stores", func(c *Config) any { return &c.Data }},
	{"listen", "127.0.0.1:5000", "host:port to listen on", func(c *Config) any { return &c.Listen }},
	{"htpasswd", "", "file of name:bcrypt lines; who is in it may do all", func(c *Config) any { return &c.Htpasswd }},
	{"anonymous", "", "what callers without credentials may do: none, pull or all (default: all on loopback without htpasswd, else none)", func(c *Config) any { return &c.Anonymous }},
	{"tls-cert", "", "PEM file of the certificate chain; with tls-key the server speaks HTTPS", func(c *Config) any { return &c.TLSCert }},
	{"tls-key", "", "PEM file of the certificate's private key", func(c *Config) any { return &c.TLSKey }},
	{"external-url", "", "scheme and host under which clients reach the server, such as https://registry.example", func(c *Config) any { return &c.ExternalURL }},
	{"sparse", "index", "comma-separated manifests that may name content which is not here: image, index, or none", func(c *Config) any { return &c.Sparse }},
	{"log-level", "info", "least level that is logged: debug, info, warn or error; requests are logged at info", func(c *Config) any { return &c.LogLevel }},
	{"log-format", "text", "form of the log: text or json", func(c *Config) any { return &c.LogFormat }},
	{"gc-grace", "24h", "how long a blob that no manifest names is kept after its last use", func(c *Config) any { return &c.GCGrace }},
	{"verify-after", "168h", "age of a verification after which stored bytes are verified again", func(c *Config) any { return &c.VerifyAfter }},
	{"upload-expiry", "24h", "how long an unfinished upload is kept after its last byte", func(c *Config) any { return &c.UploadExpiry }},
	{"debug-listen", "", "loopback host:port that serves profiles of the process; empty: none", func(c *Config) any { return &c.DebugListen }},
}

// Env is the environment variable of the key.
func (k Key) Env() string { return "ARGOSY_" + strings.ToUpper(strings.ReplaceAll(k.Name, "-", "_")) }

// set parses value into the key's field. from says where the value stands, for people.
func (k Key) set(c *Config, value, from string) error {
	switch field := k.field(c).(type) {
	case *string:
		*field = value
	case *time.Duration:
		d, err := time.ParseDuration(value)
		if err != nil || d <= 0 {
			return fmt.Errorf("%s: %s is %q: want a duration above 0, such as 90s, 24h or 168h", from, k.Name, value)
		}
		*field = d
	}
	return nil
}

// Load reads the configuration: defaults, then file ("" for none), then env
// (os.Environ's form), then flags by key name. Errors name the key, the value
// and the way out.
func Load(file string, env []string, flags map[string]string) (*Config, error) {
	c := new(Config)
	for _, k := range Keys {
		if err := k.set(c, k.Default, "default"); err != nil {
			return nil, err
		}
	}
	if file != "" {
		if err := c.readFile(file); err != nil {
			return nil, err
		}
	}
	if err := c.readEnv(env); err != nil {
		return nil, err
	}
	for _, k := range Keys {
		if v, ok := flags[k.Name]; ok {
			if err := k.set(c, v, "flag --"+k.Name); err != nil {
				return nil, err
			}
		}
	}
	return c, c.check()
}

func (c *Config) readEnv(env []string) error {
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, "ARGOSY_") || name == "ARGOSY_CONFIG" {
			continue
		}
		for _, k := range Keys {
			if k.Env() == name && value != "" {
				if err := k.set(c, value, "environment "+name); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Strangers are the variables of env that begin as ours do and set nothing, which
// may be misspelt. What Kubernetes sets for a service named argosy is none.
func Strangers(env []string) []string {
	known := map[string]bool{"ARGOSY_CONFIG": true, "ARGOSY_PASSWORD": true}
	for _, k := range Keys {
		known[k.Env()] = true
	}
	var all []string
	for _, e := range env {
		name, _, _ := strings.Cut(e, "=")
		ours := strings.HasPrefix(name, "ARGOSY_") && !known[name]
		if ours && !strings.HasPrefix(name, "ARGOSY_SERVICE_") && name != "ARGOSY_PORT" && !strings.HasPrefix(name, "ARGOSY_PORT_") {
			all = append(all, name)
		}
	}
	return all
}

func (c *Config) check() error {
	for _, check := range []func() error{c.checkWords, c.checkTLS, c.checkURL, c.checkListen} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) checkWords() error {
	for _, w := range []struct {
		key, value string
		words      []string
	}{
		{"anonymous", c.Anonymous, []string{"", "none", "pull", "all"}},
		{"log-level", c.LogLevel, []string{"debug", "info", "warn", "error"}},
		{"log-format", c.LogFormat, []string{"text", "json"}},
	} {
		if !oneOf(w.value, w.words) {
			return fmt.Errorf("%s is %q: want %s", w.key, w.value, strings.Join(nonEmpty(w.words), ", "))
		}
	}
	for _, s := range c.sparse() {
		if s != "image" && s != "index" {
			return fmt.Errorf("sparse holds %q: want image, index, both with a comma between, or none", s)
		}
	}
	return nil
}

func (c *Config) sparse() []string {
	var all []string
	for s := range strings.SplitSeq(c.Sparse, ",") {
		if s = strings.TrimSpace(s); s != "" && s != "none" {
			all = append(all, s)
		}
	}
	return all
}

// SparseImages says whether images may name missing blobs.
func (c *Config) SparseImages() bool { return oneOf("image", c.sparse()) }

// SparseIndexes says whether indexes may name missing manifests.
func (c *Config) SparseIndexes() bool { return oneOf("index", c.sparse()) }

func (c *Config) checkTLS() error {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return fmt.Errorf("tls-cert is %q and tls-key is %q: HTTPS needs both", c.TLSCert, c.TLSKey)
	}
	return nil
}

func (c *Config) checkURL() error {
	if c.ExternalURL == "" {
		return nil
	}
	c.ExternalURL = strings.TrimSuffix(c.ExternalURL, "/")
	u, err := url.Parse(c.ExternalURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Path != "" || u.RawQuery != "" || u.User != nil {
		return fmt.Errorf("external-url is %q: want a scheme and a host only, such as https://registry.example", c.ExternalURL)
	}
	return nil
}

// checkListen refuses a server that others can reach before somebody said who
// may use it, and settles what callers without credentials may do.
func (c *Config) checkListen() error {
	for _, l := range []struct{ key, value string }{{"listen", c.Listen}, {"debug-listen", c.DebugListen}} {
		if l.value == "" && l.key == "debug-listen" {
			continue
		}
		if _, _, err := net.SplitHostPort(l.value); err != nil {
			return fmt.Errorf("%s is %q: want host:port, such as 127.0.0.1:5000 or :5000: %w", l.key, l.value, err)
		}
	}
	if c.DebugListen != "" && !loopback(c.DebugListen) {
		return fmt.Errorf("debug-listen is %q: profiles are served on loopback only, such as 127.0.0.1:6060", c.DebugListen)
	}
	if c.Anonymous == "" && c.Htpasswd == "" && !c.Loopback() {
		return fmt.Errorf("listen is %q, which others can reach, and nothing says who may use the registry: give --htpasswd FILE, or say --anonymous=pull or --anonymous=all", c.Listen)
	}
	if c.Anonymous == "" {
		c.Anonymous = "none"
		if c.Htpasswd == "" {
			c.Anonymous = "all"
		}
	}
	if c.Anonymous == "none" && c.Htpasswd == "" {
		return fmt.Errorf("anonymous is none and there is no htpasswd file: nobody could use the registry; give --htpasswd FILE")
	}
	if c.Htpasswd != "" {
		if _, err := os.Stat(c.Htpasswd); err != nil {
			return fmt.Errorf("htpasswd: %w: make it with: htpasswd -Bc %s NAME", err, c.Htpasswd)
		}
	}
	return nil
}

// Loopback says whether only this machine can reach the server.
func (c *Config) Loopback() bool { return loopback(c.Listen) }

func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func oneOf(s string, words []string) bool {
	for _, w := range words {
		if s == w {
			return true
		}
	}
	return false
}

func nonEmpty(words []string) []string {
	if len(words) > 0 && words[0] == "" {
		return words[1:]
	}
	return words
}
