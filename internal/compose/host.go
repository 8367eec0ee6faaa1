package compose

import "net/url"

// hostOf is the host of a URL; empty for none.
func hostOf(external string) string {
	u, err := url.Parse(external)
	if err != nil {
		return ""
	}
	return u.Host
}
