package browse

import (
	"errors"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/internal/oci"
)

func TestNewSite(t *testing.T) {
	for _, c := range []struct {
		external, host string
		tls            bool
		want           Site
	}{
		{"", "localhost:5000", false, Site{"localhost:5000", true}},
		{"", "registry.example", true, Site{"registry.example", false}},
		{"", "127.0.0.1:5000", false, Site{"127.0.0.1:5000", true}},
		{"", "[::1]:5000", false, Site{"[::1]:5000", true}},
		{"https://registry.example", "10.0.0.1:5000", false, Site{"registry.example", false}},
		{"https://registry.example:8443/", "x", false, Site{"registry.example:8443", false}},
		{"http://registry.example", "x", true, Site{"registry.example", true}},
	} {
		got, err := NewSite(c.external, c.host, c.tls)
		if got != c.want || err != nil {
			t.Errorf("NewSite(%q, %q, %v) = %+v, %v, want %+v", c.external, c.host, c.tls, got, err, c.want)
		}
	}
}

// What a request says of its host becomes part of commands that people copy.
func TestNewSiteRefuses(t *testing.T) {
	for _, host := range []string{
		"", " ", "a b", "$(reboot)", "a;b", "a'b", `a"b`, "a`b`", "a/b", "a&b", "a|b", "a\nb", "-a", "a:", "a:b", "a:123456",
		"[::1", "::1]", "[$(x)]", "<b>", "ä.example", strings.Repeat("a", 300),
	} {
		if got, err := NewSite("", host, false); !errors.Is(err, oci.RequestInvalid) {
			t.Errorf("NewSite of host %q = %+v, %v", host, got, err)
		}
	}
}

func FuzzNewSite(f *testing.F) {
	for _, host := range []string{"localhost:5000", "[::1]:5000", "a;b", "$(x)", "", "a.b-c_d:1"} {
		f.Add("", host, false)
		f.Add("https://"+host+"/", "x", true)
	}
	f.Fuzz(func(t *testing.T, external, host string, tls bool) {
		s, err := NewSite(external, host, tls)
		if err != nil {
			if !errors.Is(err, oci.RequestInvalid) {
				t.Fatal(err)
			}
			return
		}
		if s.Registry == "" || strings.ContainsAny(s.Registry, " \t\r\n'\"`$&;|<>()\\{}*?!#~/@,") {
			t.Errorf("NewSite(%q, %q) lets %q into commands", external, host, s.Registry)
		}
	})
}
