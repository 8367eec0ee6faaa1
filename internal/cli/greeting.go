package cli

import (
	_ "embed"
	"io"
	"net"
	"strings"
	"text/template"

	"github.com/argosy-registry/argosy/internal/config"
)

//go:embed greeting.tmpl
var greetingText string

var greeting = template.Must(template.New("greeting").Parse(greetingText))

// greet says where the registry is, and what to do first.
func greet(w io.Writer, c *config.Config, addr string) error {
	scheme, host := "http", reachable(addr)
	if c.TLSCert != "" {
		scheme = "https"
	}
	url := scheme + "://" + host
	if c.ExternalURL != "" {
		url = c.ExternalURL
		_, host, _ = strings.Cut(url, "://")
	}
	return greeting.Execute(w, map[string]any{
		"URL": url, "Host": host, "Data": c.Data, "Listen": addr,
		"Plain":   strings.HasPrefix(url, "http://"),
		"Open":    c.Anonymous == "all" && !c.Loopback(),
		"Exposed": c.TLSCert == "" && !c.Loopback() && !strings.HasPrefix(c.ExternalURL, "https://"),
	})
}

// reachable is how a person on this machine writes a listening address.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); ip != nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}
