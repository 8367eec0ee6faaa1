package cli

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/argosy-registry/argosy/internal/browse"
)

// lsOptions say how to reach a registry and what to print.
type lsOptions struct {
	plainHTTP bool
	insecure  bool
	user      string
	output    string
}

func lsCommand() *cobra.Command {
	var o lsOptions
	cmd := &cobra.Command{
		Use:   "ls [HOST[/REPOSITORY]]",
		Short: "List artifacts with type and action",
		Long: `List what a registry holds, one line a tag: its reference, its type and the
command that uses it. HOST is localhost:5000 unless named. Loopback hosts are
asked over plain HTTP, others over HTTPS.

The password of --user is read from ARGOSY_PASSWORD.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			target := "localhost:5000"
			if len(args) > 0 {
				target = args[0]
			}
			return ls(cmd.Context(), cmd.OutOrStdout(), target, o)
		},
	}
	cmd.Flags().StringVarP(&o.output, "output", "o", "text", "form of the list: text or json")
	cmd.Flags().BoolVar(&o.plainHTTP, "plain-http", false, "ask over HTTP whatever the host")
	cmd.Flags().BoolVar(&o.insecure, "insecure", false, "take any certificate: whoever is on the way can read and change the answer")
	cmd.Flags().StringVarP(&o.user, "user", "u", "", "name to log in with")
	return cmd
}

func ls(ctx context.Context, out io.Writer, target string, o lsOptions) error {
	if o.output != "text" && o.output != "json" {
		return fmt.Errorf("output is %q: want text or json", o.output)
	}
	next, err := listURL(target, o.plainHTTP)
	if err != nil {
		return err
	}
	all := []browse.Item{}
	client := o.client()
	for next != nil {
		var page []browse.Item
		if page, next, err = o.fetchPage(ctx, client, next); err != nil {
			return err
		}
		if len(page) == 0 && next != nil {
			return fmt.Errorf("%s answers with an empty page and names another: the list has no end", next.Host)
		}
		all = append(all, page...)
	}
	if o.output == "json" {
		return printJSON(out, map[string]any{"artifacts": all})
	}
	return printItems(out, all)
}

// listURL is where a registry lists its artifacts, or one repository's.
func listURL(target string, plainHTTP bool) (*url.URL, error) {
	scheme := ""
	if s, rest, ok := strings.Cut(target, "://"); ok {
		scheme, target = s, rest
	}
	host, repo, _ := strings.Cut(strings.TrimSuffix(target, "/"), "/")
	if host == "" || strings.ContainsAny(host, " ?#@") {
		return nil, fmt.Errorf("%q is not a host: want HOST[:PORT][/REPOSITORY], such as localhost:5000", target)
	}
	if scheme == "" {
		scheme = "https"
		if plainHTTP || loopbackHost(host) {
			scheme = "http"
		}
	}
	if repo != "" {
		repo += "/"
	}
	return &url.URL{Scheme: scheme, Host: host, Path: "/v2/" + repo + "_argosy/artifacts"}, nil
}

func loopbackHost(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// maxAnswer is the most bytes of a page that are read: a page is far smaller.
const maxAnswer = 64 << 20

// client is how the registry is asked.
func (o lsOptions) client() *http.Client {
	client := &http.Client{Timeout: time.Minute}
	if o.insecure {
		client.Transport = &http.Transport{
			Proxy:           http.ProxyFromEnvironment,
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		}
	}
	return client
}

// fetchPage asks for a page of the list and says where the next one is.
func (o lsOptions) fetchPage(ctx context.Context, client *http.Client, at *url.URL) ([]browse.Item, *url.URL, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, nil, err
	}
	if o.user != "" {
		req.SetBasicAuth(o.user, os.Getenv("ARGOSY_PASSWORD"))
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, nil, fmt.Errorf("ask %s: %w%s", at.Host, err, wayOut(err))
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, nil, answerError(at, res)
	}
	var body struct {
		Artifacts []browse.Item `json:"artifacts"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(&body); err != nil {
		return nil, nil, fmt.Errorf("%s does not answer as argosy does: %w", at.Host, err)
	}
	next, err := nextPage(at, res.Header.Get("Link"))
	return body.Artifacts, next, err
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

// answerError is what a registry said instead of a list.
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
		return fmt.Errorf("%s%s: %s; is it an argosy registry, and is the repository there?", at.Host, at.Path, said)
	}
	return fmt.Errorf("%s: %s", at.Host, said)
}

// nextPage reads a Link header with rel="next"; nil when there is none.
func nextPage(at *url.URL, link string) (*url.URL, error) {
	target, rest, ok := strings.Cut(strings.TrimPrefix(link, "<"), ">")
	if !ok || !strings.Contains(rest, `rel="next"`) {
		return nil, nil
	}
	next, err := at.Parse(target)
	if err != nil {
		return nil, fmt.Errorf("%s names a next page that is no URL: %w", at.Host, err)
	}
	if next.Host != at.Host || next.Scheme != at.Scheme {
		return nil, errors.New("the next page of the list is on another host: not followed")
	}
	if *next == *at {
		return nil, fmt.Errorf("%s says that a page of the list follows itself: not followed", at.Host)
	}
	return next, nil
}

func printItems(out io.Writer, items []browse.Item) error {
	if len(items) == 0 {
		_, err := fmt.Fprintln(out, "nothing is here yet")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "REFERENCE\tTYPE\tACTION")
	for _, i := range items {
		action := ""
		if len(i.Actions) > 0 {
			action = i.Actions[0].Command + i.Actions[0].URL
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", printable(i.Reference), printable(i.Type.Name), printable(action))
	}
	return w.Flush()
}

// printJSON prints v so that a terminal shows it and obeys none of it: what is
// not printed stands in escapes.
func printJSON(out io.Writer, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	safe := make([]byte, 0, len(text)+1)
	for _, r := range string(text) {
		if r == '\n' || unicode.IsPrint(r) {
			safe = utf8.AppendRune(safe, r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			safe = fmt.Appendf(safe, "\\u%04x", unit)
		}
	}
	_, err = out.Write(append(safe, '\n'))
	return err
}

// printable takes out what a terminal would obey: control characters and those
// that turn the direction of writing.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || !unicode.IsPrint(r) && r != ' ' {
			return -1
		}
		return r
	}, s)
}
