// Package reach makes clients of other registries: how they are asked, with whose
// credentials, and what is trusted. It does not know what is asked for.
package reach

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"oras.land/oras-go/v2/registry"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"
	"oras.land/oras-go/v2/registry/remote/errcode"
	"oras.land/oras-go/v2/registry/remote/retry"

	"github.com/argosy-registry/argosy/internal/oci"
)

// Options say how a registry is asked. The zero value asks over HTTPS, a registry on
// this machine over HTTP, with the credentials that `docker login` and its like wrote.
type Options struct {
	PlainHTTP bool   // over HTTP whatever the host
	Insecure  bool   // take any certificate
	CAFile    string // PEM file of authorities that are trusted beside the system's
	User      string // log in as; empty: as Docker's configuration says
	Password  string
}

// Limits of a conversation: an answer begins within headerTime, a redirect leads on at
// most maxRedirects times.
const (
	headerTime   = 30 * time.Second
	maxRedirects = 5
	maxPages     = 100 // of a list
)

// Repository is a client of the repository of an address, which the registry's answers
// cannot lead elsewhere with credentials. Errors: a CA file that cannot be read, a
// broken Docker configuration.
func (o Options) Repository(at oci.Address) (*remote.Repository, error) {
	client, err := o.HTTP()
	if err != nil {
		return nil, err
	}
	client.Transport = retry.NewTransport(client.Transport)
	loopback := Loopback(at.Host)
	a := &auth.Client{Client: client, Cache: auth.NewCache(), Header: http.Header{"User-Agent": {"argosy"}}}
	if loopback {
		a.BlockedRealmPrefixes = []netip.Prefix{} // it may hand out its tokens itself
	}
	if o.User != "" {
		a.Credential = auth.StaticCredential(at.Host, auth.Credential{Username: o.User, Password: o.Password})
	} else {
		store, err := credentials.NewStoreFromDocker(credentials.StoreOptions{})
		if err != nil {
			return nil, fmt.Errorf("credentials of Docker's configuration: %w", err)
		}
		a.Credential = credentials.Credential(store)
	}
	return &remote.Repository{
		Client:    a,
		Reference: registry.Reference{Registry: at.Host, Repository: string(at.Name), Reference: at.Reference()},
		PlainHTTP: o.PlainHTTP || loopback && !o.Insecure && o.CAFile == "",

		ReferrerListMaxPages: maxPages, TagListMaxPages: maxPages,
		SkipReferrersGC: true, // nobody here may delete at a registry that is not ours
	}, nil
}

// HTTP is a client for what is no repository's. Its Transport is not shared.
func (o Options) HTTP() (*http.Client, error) {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = headerTime
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: o.Insecure}
	if o.CAFile != "" {
		pool, err := authorities(o.CAFile)
		if err != nil {
			return nil, err
		}
		t.TLSClientConfig.RootCAs = pool
	}
	return &http.Client{Transport: t, CheckRedirect: redirect}, nil
}

func authorities(file string) (*x509.CertPool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("CA file: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("CA file %s holds no certificate: want PEM blocks that begin with -----BEGIN CERTIFICATE-----", file)
	}
	return pool, nil
}

// redirect lets an answer lead to another server, as registries do for blobs, without
// credentials and never from HTTPS to HTTP.
func redirect(r *http.Request, via []*http.Request) error {
	from := via[len(via)-1].URL
	switch {
	case len(via) > maxRedirects:
		return fmt.Errorf("%s leads on more than %d times", via[0].URL.Host, maxRedirects)
	case r.URL.Scheme != "https" && from.Scheme == "https":
		return fmt.Errorf("%s leads from https to %s", from.Host, r.URL.Scheme)
	case r.URL.Host != via[0].URL.Host:
		r.Header.Del("Authorization")
		r.Header.Del("Cookie")
	}
	return nil
}

// Loopback says whether a host, with a port or not, is this machine.
func Loopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Unreachable says whether an error is of the way to a registry, or of a registry that
// is not well: what asking again later may mend. A refusal is none.
func Unreachable(err error) bool {
	var network net.Error
	var answer *errcode.ErrorResponse
	switch {
	case errors.As(err, &answer):
		return answer.StatusCode >= 500 || answer.StatusCode == http.StatusTooManyRequests
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, io.ErrUnexpectedEOF):
		return true
	}
	return errors.As(err, &network)
}
