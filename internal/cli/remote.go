package cli

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/reach"
)

// remote says how to reach a registry.
type remote struct {
	plainHTTP bool
	insecure  bool
	caFile    string
	user      string
}

func (o *remote) addFlags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.plainHTTP, "plain-http", false, "ask over HTTP whatever the host")
	cmd.Flags().BoolVar(&o.insecure, "insecure", false, "take any certificate: whoever is on the way can read and change the answer")
	cmd.Flags().StringVar(&o.caFile, "ca-file", "", "PEM file of authorities that are trusted beside the system's")
	cmd.Flags().StringVarP(&o.user, "user", "u", "", "name to log in with")
}

// place is where something is in a registry.
type place struct {
	at   *url.URL // the registry
	repo oci.Name
	ref  string // tag or digest
}

// split splits HOST[:PORT][/REPOSITORY], with a scheme before it or not, into the
// registry's address and the rest.
func (o *remote) split(target string) (at *url.URL, rest string, err error) {
	scheme := ""
	if s, after, ok := strings.Cut(target, "://"); ok {
		scheme, target = s, after
	}
	host, rest, _ := strings.Cut(strings.TrimSuffix(target, "/"), "/")
	if host == "" || strings.ContainsAny(host, " ?#@") {
		return nil, "", fmt.Errorf("%q is not a host: want HOST[:PORT][/REPOSITORY], such as localhost:5000", target)
	}
	if scheme == "" {
		scheme = "https"
		if o.plainHTTP || reach.Loopback(host) && !o.insecure && o.caFile == "" {
			scheme = "http"
		}
	}
	return &url.URL{Scheme: scheme, Host: host}, rest, nil
}

// listURL is where a registry lists its artifacts, or one repository's.
func (o *remote) listURL(target string) (*url.URL, error) {
	at, repo, err := o.split(target)
	if err != nil {
		return nil, err
	}
	if repo != "" {
		repo += "/"
	}
	at.Path = "/v2/" + repo + "_argosy/artifacts"
	return at, nil
}

// reach is how a registry is asked as one that artifacts are pushed to and pulled from.
func (o *remote) reach() reach.Options {
	return reach.Options{
		PlainHTTP: o.plainHTTP, Insecure: o.insecure, CAFile: o.caFile, User: o.user, Password: os.Getenv("ARGOSY_PASSWORD"),
	}
}

// client is how a registry is asked what it lists.
func (o *remote) client() (*http.Client, error) {
	client, err := o.reach().HTTP()
	if err != nil {
		return nil, err
	}
	client.Timeout = time.Minute
	return client, nil
}

// maxAnswer is the most bytes of an answer that are read: any is far smaller.
const maxAnswer = 64 << 20

// errAnswer is an answer that says no.
var errAnswer = errors.New("refused")

// get asks for something; the caller closes the body. Any answer but 200 is an
// errAnswer.
func (o *remote) get(ctx context.Context, client *http.Client, at *url.URL, accept ...string) (*http.Response, error) {
	return o.ask(ctx, client, http.MethodGet, at, accept...)
}

// ask is get with another method.
func (o *remote) ask(ctx context.Context, client *http.Client, method string, at *url.URL, accept ...string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, at.String(), nil)
	if err != nil {
		return nil, err
	}
	if len(accept) > 0 {
		req.Header.Set("Accept", strings.Join(accept, ", "))
	}
	if o.user != "" {
		req.SetBasicAuth(o.user, os.Getenv("ARGOSY_PASSWORD"))
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w%s", at.Host, err, wayOut(err))
	}
	if res.StatusCode != http.StatusOK {
		defer res.Body.Close()
		return nil, &refused{answerError(at, res), res.StatusCode}
	}
	return res, nil
}

// refused is an errAnswer with what was said.
type refused struct {
	error
	status int
}

func (*refused) Is(err error) bool { return err == errAnswer }

// read is the whole body of an answer.
func (o *remote) read(ctx context.Context, client *http.Client, at *url.URL, accept ...string) (body []byte, header http.Header, err error) {
	res, err := o.get(ctx, client, at, accept...)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	body, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	return body, res.Header, err
}

// wayOut is what to try when a registry could not be asked at all.
func wayOut(err error) string {
	unverified := (*tls.CertificateVerificationError)(nil)
	switch {
	case errors.As(err, &unverified):
		return "; with --insecure any certificate is taken"
	case errors.Is(err, http.ErrSchemeMismatch):
		return "; if it speaks plain HTTP, say --plain-http"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "; is it running? 'argosy serve' runs one"
	}
	return ""
}

// answerError is what a registry said instead of what was asked for.
func answerError(at *url.URL, res *http.Response) error {
	var body struct {
		Errors []struct{ Message string }
	}
	_ = json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&body) // a body is not owed
	said := res.Status
	if len(body.Errors) > 0 {
		said += ": " + printable(body.Errors[0].Message)
	}
	switch res.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("%s: %s; give --user NAME and the password in ARGOSY_PASSWORD", at.Host, said)
	case http.StatusNotFound:
		return fmt.Errorf("%s/%s: %s; is it an argosy registry, and is the repository there?", at.Host, strings.TrimPrefix(at.Path, "/"), said)
	}
	return fmt.Errorf("%s: %s", at.Host, said)
}
