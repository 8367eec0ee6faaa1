package ocitest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
)

// Client is a registry over HTTP. It verifies what it is given: a body that does
// not match its digest, or an answer without what the specification demands, is
// an error. Grants are the server's to decide and are not sent.
type Client struct {
	URL  string       // scheme and host, such as http://127.0.0.1:5000
	HTTP *http.Client // nil: http.DefaultClient
}

var _ oci.Registry = (*Client)(nil)

// NewClient is a client of the registry at url.
func NewClient(url string) *Client { return &Client{URL: url} }

// ask sends q and returns an answer with one of the wanted statuses, whose body
// the caller closes. Any other answer is an error.
func (c *Client) ask(ctx context.Context, q oci.Request, header http.Header, body io.Reader, want ...int) (*http.Response, error) {
	return c.send(ctx, q, c.URL+q.URL(), header, body, want...)
}

// send is ask at a URL that the server gave, q saying what is asked there.
func (c *Client) send(ctx context.Context, q oci.Request, target string, header http.Header, body io.Reader, want ...int) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, q.Method, target, body)
	if err != nil {
		return nil, err
	}
	for k, v := range header {
		req.Header[http.CanonicalHeaderKey(k)] = v
	}
	res, err := cmp.Or(c.HTTP, http.DefaultClient).Do(req)
	if err != nil {
		return nil, err
	}
	for _, status := range want {
		if res.StatusCode == status {
			return res, nil
		}
	}
	defer res.Body.Close()
	return nil, answeredError(q, res)
}

// resolve is the URL that a Location names, a path or a whole URL.
func (c *Client) resolve(location string) (string, error) {
	base, err := url.Parse(c.URL)
	if err != nil {
		return "", err
	}
	u, err := base.Parse(location)
	if err != nil {
		return "", err
	}
	return u.String(), nil
}

// answeredError reads an error answer back into the specification's error.
func answeredError(q oci.Request, res *http.Response) error {
	content, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return err
	}
	var body struct {
		Errors []struct {
			Code    oci.Code
			Message string
			Detail  any
		}
	}
	if q.Method != http.MethodHead {
		if err := json.Unmarshal(content, &body); err != nil || len(body.Errors) == 0 {
			return fmt.Errorf("%s %s: status %d with a body that is no error of the specification: %q", q.Method, q.URL(), res.StatusCode, content)
		}
		e := body.Errors[0]
		out := &oci.Error{Code: codeOf(res.StatusCode, e.Code), Message: e.Message, Detail: e.Detail}
		if out.Code == oci.RangeInvalid {
			if out.Offset, err = heldBytes(res.Header.Get("Range")); err != nil {
				return err
			}
		}
		return out
	}
	return fmt.Errorf("%s %s: status %d", q.Method, q.URL(), res.StatusCode)
}

// codeOf undoes oci.Code.Wire: the status tells apart what shares a code.
func codeOf(status int, wire oci.Code) oci.Code {
	switch status {
	case http.StatusRequestedRangeNotSatisfiable:
		return oci.RangeInvalid
	case http.StatusRequestEntityTooLarge:
		return oci.ManifestTooLarge
	case http.StatusPreconditionFailed:
		return oci.PreconditionFailed
	case http.StatusRequestURITooLong:
		return oci.TooManyTags
	}
	return wire
}

// heldBytes reads the Range of an upload: how many bytes it holds. "0-0" is
// read as none, as every client reads it.
func heldBytes(s string) (int64, error) {
	last, ok := strings.CutPrefix(s, "0-")
	n, err := strconv.ParseInt(last, 10, 64)
	if !ok || err != nil {
		return 0, fmt.Errorf("an upload's Range %q is not 0-last", s)
	}
	if n == 0 {
		return 0, nil
	}
	return n + 1, nil
}

// Resolve asks with HEAD. An error has no body there, so that it is asked for
// again with GET.
func (c *Client) Resolve(ctx context.Context, repo oci.Name, ref oci.Reference) (*oci.Manifest, error) {
	q := oci.Request{Method: http.MethodHead, Kind: oci.KindManifest, Repository: repo, Reference: ref}
	res, err := c.ask(ctx, q, nil, nil, http.StatusOK)
	if err != nil {
		if _, whole := c.Manifest(ctx, repo, ref); whole != nil {
			return nil, whole
		}
		return nil, err
	}
	defer res.Body.Close()
	return described(res)
}

// Manifest fetches a manifest and holds its bytes against its digest.
func (c *Client) Manifest(ctx context.Context, repo oci.Name, ref oci.Reference) (*oci.Manifest, error) {
	q := oci.Request{Method: http.MethodGet, Kind: oci.KindManifest, Repository: repo, Reference: ref}
	res, err := c.ask(ctx, q, nil, nil, http.StatusOK)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	m, err := described(res)
	if err != nil {
		return nil, err
	}
	if m.Content, err = io.ReadAll(res.Body); err != nil {
		return nil, err
	}
	d := m.Descriptor
	if int64(len(m.Content)) != d.Size || d.Digest.Algorithm().Sum(m.Content) != d.Digest {
		return nil, fmt.Errorf("manifest %s%s: %d bytes do not match %s of %d bytes", repo, ref.Suffix(), len(m.Content), d.Digest, d.Size)
	}
	return m, nil
}

// described reads what the header says of a manifest.
func described(res *http.Response) (*oci.Manifest, error) {
	d, err := oci.ParseDigest(res.Header.Get("Docker-Content-Digest"))
	if err != nil {
		return nil, err
	}
	return &oci.Manifest{
		Descriptor: oci.Descriptor{MediaType: res.Header.Get("Content-Type"), Digest: d, Size: res.ContentLength},
		Type:       res.Header.Get("Argosy-Type"),
	}, nil
}

// StatBlob asks with HEAD, and with GET for the error's body.
func (c *Client) StatBlob(ctx context.Context, repo oci.Name, d oci.Digest) (oci.Descriptor, error) {
	q := oci.Request{Method: http.MethodHead, Kind: oci.KindBlob, Repository: repo, Reference: oci.Reference{Digest: d}}
	res, err := c.ask(ctx, q, nil, nil, http.StatusOK)
	if err != nil {
		b, whole := c.OpenBlob(ctx, repo, d)
		if whole != nil {
			return oci.Descriptor{}, whole
		}
		return oci.Descriptor{}, fmt.Errorf("HEAD failed and GET did not: %w", cmp.Or(err, b.Close()))
	}
	defer res.Body.Close()
	if got := res.Header.Get("Docker-Content-Digest"); got != string(d) {
		return oci.Descriptor{}, fmt.Errorf("blob %s: Docker-Content-Digest is %q", d, got)
	}
	return oci.Descriptor{MediaType: res.Header.Get("Content-Type"), Digest: d, Size: res.ContentLength}, nil
}

// OpenBlob fetches a blob whole and holds it against its digest.
func (c *Client) OpenBlob(ctx context.Context, repo oci.Name, d oci.Digest) (*oci.Blob, error) {
	q := oci.Request{Method: http.MethodGet, Kind: oci.KindBlob, Repository: repo, Reference: oci.Reference{Digest: d}}
	res, err := c.ask(ctx, q, nil, nil, http.StatusOK)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if d.Algorithm().Sum(content) != d || res.ContentLength != int64(len(content)) {
		return nil, fmt.Errorf("blob %s: %d bytes do not match, Content-Length is %d", d, len(content), res.ContentLength)
	}
	return &oci.Blob{
		Descriptor: oci.Descriptor{MediaType: res.Header.Get("Content-Type"), Digest: d, Size: res.ContentLength},
		Content:    memory{bytes.NewReader(content)},
	}, nil
}

// memory is content that needs no closing.
type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }
