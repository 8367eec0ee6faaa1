// Package fetch gets files from addresses that a stranger wrote: over HTTP and
// HTTPS, from public servers alone, within limits of size, time and redirects.
//
// What is checked is the address that is connected to, after the name is looked
// up and for each redirect anew, so that a name which points inwards, or points
// there the second time it is asked for, gains nothing. The environment's proxy is
// not used then: its address would be checked instead of the server's. The package
// does not know what the files are for.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// ErrPrivate says that an address is not of a public server.
var ErrPrivate = errors.New("not a public address: with --allow-private it is asked all the same")

// Limits of one fetch.
const (
	maxRedirects = 5
	maxTime      = 20 * time.Second
	maxHeader    = 64 << 10
	maxURL       = 2048
)

// Options are what a Client is made of.
type Options struct {
	// AllowPrivate takes the guard of addresses away, for an owner who fetches from
	// his own network. Then the environment's proxy is used.
	AllowPrivate bool
}

// Client fetches. It is safe for concurrent use.
type Client struct{ http *http.Client }

// New makes a Client.
func New(o Options) *Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	t := &http.Transport{
		DialContext: dialer.DialContext, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: maxTime,
		MaxResponseHeaderBytes: maxHeader, DisableCompression: true, // what is counted is what is sent
		ForceAttemptHTTP2: true, MaxConnsPerHost: 4, IdleConnTimeout: 10 * time.Second,
	}
	if o.AllowPrivate {
		t.Proxy = http.ProxyFromEnvironment
	} else {
		dialer.Control = guard
	}
	return &Client{&http.Client{Transport: t, Timeout: maxTime, CheckRedirect: redirect}}
}

// guard refuses a connection to an address that is not public. It is called with
// the address itself, whatever name led to it.
func guard(network, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || network != "tcp4" && network != "tcp6" {
		return fmt.Errorf("%s %s: %w", network, address, ErrPrivate)
	}
	return public(at.Addr())
}

// redirect refuses what the first request would have been refused for.
func redirect(r *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("more than %d redirects", maxRedirects)
	}
	if via[len(via)-1].URL.Scheme == "https" && r.URL.Scheme != "https" {
		return errors.New("redirected from https to http")
	}
	r.Header.Del("Referer")
	return CheckURL(r.URL.String())
}

// CheckURL says whether a URL is one that can be fetched: http or https, with a
// host, without a password, of at most 2048 bytes without spaces and control
// characters.
func CheckURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case len(text) > maxURL:
		return fmt.Errorf("the URL has more than %d bytes", maxURL)
	case err != nil || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }):
		return fmt.Errorf("%.80q is no URL", text)
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("%.80q is no http or https URL", text)
	case u.Hostname() == "":
		return fmt.Errorf("%.80q names no host", text)
	case u.User != nil:
		return errors.New("the URL holds a name or a password: leave them out")
	}
	return nil
}

// Get fetches what is at a URL, at most max bytes of it. Any answer but 200 is an
// error, and so is a longer one.
func (c *Client) Get(ctx context.Context, at string, max int64) ([]byte, error) {
	if err := CheckURL(at); err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", "argosy")
	res, err := c.http.Do(r)
	if err != nil {
		return nil, said(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", r.URL.Host, res.Status)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, max+1))
	if err != nil {
		return nil, said(err)
	}
	if int64(len(body)) > max {
		return nil, fmt.Errorf("there are more than %d bytes at %s", max, at)
	}
	return body, nil
}

// said is an error without the request that the caller knows.
func said(err error) error {
	if u := (*url.Error)(nil); errors.As(err, &u) {
		if u.Timeout() {
			return fmt.Errorf("no answer within %s", maxTime)
		}
		return u.Err
	}
	return err
}
