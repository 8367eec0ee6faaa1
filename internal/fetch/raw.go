package fetch

import (
	"net/url"
	"slices"
	"strings"
)

// Raw is the URL of a file itself, for one of the page that a forge shows around it.
// Any other URL comes back as it is.
func Raw(at string) string {
	u, err := url.Parse(at)
	if err != nil {
		return at
	}
	host := strings.ToLower(u.Hostname())
	parts := strings.Split(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	switch {
	case (host == "github.com" || host == "www.github.com") && len(parts) > 4 && slices.Contains([]string{"blob", "tree", "raw", "blame"}, parts[2]):
		return "https://raw.githubusercontent.com/" + strings.Join(append(parts[:2:2], parts[3:]...), "/")
	case host == "bitbucket.org" && len(parts) > 4 && parts[2] == "src":
		return "https://bitbucket.org/" + strings.Join(parts[:2], "/") + "/raw/" + strings.Join(parts[3:], "/")
	}
	for i := 2; i+3 < len(parts); i++ {
		if parts[i] == "-" && slices.Contains([]string{"blob", "tree"}, parts[i+1]) { // GitLab, wherever it runs
			parts[i+1] = "raw"
			return u.Scheme + "://" + u.Host + "/" + strings.Join(parts, "/")
		}
	}
	return at
}
