package browse

import (
	"net/url"
	"regexp"

	"github.com/argosy-registry/argosy/internal/oci"
)

// Site is the registry as the reader reaches it: what the commands that are
// shown begin with.
type Site struct {
	Registry  string // host, with a port unless it is the usual one
	PlainHTTP bool   // reached without TLS, which some tools have to be told
}

// NewSite is the site of a reader who sent a request to host, with TLS or
// without. external is the address that the registry was given for itself, such
// as https://registry.example, or empty; it counts more than what the reader
// sent. Error: RequestInvalid for what is no host.
func NewSite(external, host string, tls bool) (Site, error) {
	s := Site{Registry: host, PlainHTTP: !tls}
	if u, err := url.Parse(external); err == nil && u.Host != "" {
		s = Site{Registry: u.Host, PlainHTTP: u.Scheme == "http"}
	}
	if len(s.Registry) > 255 || !hostForm.MatchString(s.Registry) {
		return Site{}, oci.RequestInvalid.With(map[string]string{"host": s.Registry[:min(len(s.Registry), 80)]},
			"%.80q is not a host: send the registry's name in Host", s.Registry)
	}
	return s, nil
}

// hostForm is what can stand before a repository in a reference: a name, an IPv4
// address or a bracketed IPv6 address, and a port.
var hostForm = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)
