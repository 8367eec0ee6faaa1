package operator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"syscall"

	"github.com/argosy-registry/argosy/artifact"
)

// Client speaks to the server that runs on a data folder.
type Client struct{ http *http.Client }

var (
	_ Types     = (*Client)(nil)
	_ Admission = (*Client)(nil)
)

// ErrNotRunning says that no server runs on a data folder.
var ErrNotRunning = errors.New("no server runs on the data folder")

// Dial finds the server that runs on a data folder. Error: ErrNotRunning.
func Dial(ctx context.Context, folder string) (*Client, error) {
	c := &Client{&http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		near, done, err := shortPath(folder)
		if err != nil {
			return nil, err
		}
		defer done()
		return new(net.Dialer).DialContext(ctx, "unix", near)
	}}}}
	err := c.ask(ctx, http.MethodGet, "/types", nil, nil)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return nil, ErrNotRunning
	}
	return c, err
}

// Status implements Types.
func (c *Client) Status(ctx context.Context) (s Status, err error) {
	return s, c.ask(ctx, http.MethodGet, "/types", nil, &s)
}

// Source implements Types.
func (c *Client) Source(ctx context.Context, id string) (f artifact.File, err error) {
	return f, c.ask(ctx, http.MethodGet, "/types/"+url.PathEscape(id), nil, &f)
}

// Files implements Types.
func (c *Client) Files(ctx context.Context) (all []artifact.File, err error) {
	return all, c.ask(ctx, http.MethodGet, "/entries", nil, &all)
}

// Add implements Types.
func (c *Client) Add(ctx context.Context, files map[string][]byte) error {
	return c.ask(ctx, http.MethodPost, "/types", change{files}, nil)
}

// Preview implements Types.
func (c *Client) Preview(ctx context.Context, p Proposal) (v Preview, err error) {
	return v, c.ask(ctx, http.MethodPost, "/preview", p, &v)
}

// Remove implements Types.
func (c *Client) Remove(ctx context.Context, id string) error {
	return c.ask(ctx, http.MethodDelete, "/types/"+url.PathEscape(id), nil, nil)
}

// ask sends a request and reads the answer into one, unless that is nil.
func (c *Client) ask(ctx context.Context, method, path string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://operator"+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	res, err := c.http.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		var no refusal
		if err := json.NewDecoder(io.LimitReader(res.Body, maxRequest)).Decode(&no); err != nil || no.Error == "" {
			return fmt.Errorf("the server answers %s", res.Status)
		}
		return errors.New(no.Error)
	}
	if into == nil {
		_, err = io.Copy(io.Discard, res.Body)
		return err
	}
	return json.NewDecoder(res.Body).Decode(into)
}
