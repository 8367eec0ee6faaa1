package ocitest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
)

// upload is an upload over HTTP. What is written is kept until Close sends it
// as a chunk or Commit sends it with the closing request.
type upload struct {
	client  *Client
	ctx     context.Context
	repo    oci.Name
	at      string // the latest Location, as a whole URL
	id      string
	held    int64 // bytes that the server has acknowledged
	pending bytes.Buffer
}

// StartUpload asks for an upload.
func (c *Client) StartUpload(ctx context.Context, repo oci.Name, o oci.UploadOptions) (oci.Upload, error) {
	q := oci.Request{Method: http.MethodPost, Kind: oci.KindUploads, Repository: repo}
	if o.Algorithm != "" {
		q.Query = url.Values{"digest-algorithm": {string(o.Algorithm)}}
	}
	res, err := c.ask(ctx, q, nil, nil, http.StatusAccepted)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return c.upload(ctx, repo, res)
}

// ResumeUpload asks how far an upload is.
func (c *Client) ResumeUpload(ctx context.Context, repo oci.Name, id string) (oci.Upload, error) {
	q := oci.Request{Method: http.MethodGet, Kind: oci.KindUpload, Repository: repo, Upload: id}
	res, err := c.ask(ctx, q, nil, nil, http.StatusNoContent)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return c.upload(ctx, repo, res)
}

func (c *Client) upload(ctx context.Context, repo oci.Name, res *http.Response) (*upload, error) {
	u := &upload{client: c, ctx: ctx, repo: repo}
	return u, u.follow(res)
}

// follow reads where the upload is and how far.
func (u *upload) follow(res *http.Response) error {
	location := res.Header.Get("Location")
	parsed, err := url.Parse(location)
	if err != nil || location == "" {
		return fmt.Errorf("an upload's Location %q: %v", location, err)
	}
	if u.at, err = u.client.resolve(location); err != nil {
		return err
	}
	u.id = path.Base(parsed.Path)
	u.held, err = heldBytes(res.Header.Get("Range"))
	return err
}

func (u *upload) ID() string   { return u.id }
func (u *upload) Size() int64  { return u.held + int64(u.pending.Len()) }
func (u *upload) Expect(int64) {}

func (u *upload) Write(p []byte) (int, error)         { return u.pending.Write(p) }
func (u *upload) ReadFrom(r io.Reader) (int64, error) { return u.pending.ReadFrom(r) }
func (u *upload) Discard() error                      { u.pending.Reset(); return nil }
func (u *upload) request(method string) oci.Request {
	return oci.Request{Method: method, Kind: oci.KindUpload, Repository: u.repo, Upload: u.id}
}

// rangeHeader says which bytes of the blob the pending ones are.
func (u *upload) rangeHeader() http.Header {
	if u.pending.Len() == 0 {
		return nil
	}
	last := u.held + int64(u.pending.Len()) - 1
	return http.Header{
		"Content-Type":  {oci.MediaTypeOctets},
		"Content-Range": {strconv.FormatInt(u.held, 10) + "-" + strconv.FormatInt(last, 10)},
	}
}

func (u *upload) Close() error {
	if u.pending.Len() == 0 {
		return nil
	}
	want := u.Size()
	res, err := u.client.send(u.ctx, u.request(http.MethodPatch), u.at, u.rangeHeader(), &u.pending, http.StatusAccepted)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if err := u.follow(res); err != nil {
		return err
	}
	if u.held != want {
		return fmt.Errorf("sent up to byte %d and Range is %q", want, res.Header.Get("Range"))
	}
	return nil
}

func (u *upload) Commit(d oci.Digest) error {
	separator := "?"
	if strings.Contains(u.at, "?") {
		separator = "&"
	}
	at := u.at + separator + "digest=" + url.QueryEscape(string(d))
	res, err := u.client.send(u.ctx, u.request(http.MethodPut), at, u.rangeHeader(), &u.pending, http.StatusCreated)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if got := res.Header.Get("Docker-Content-Digest"); got != string(d) {
		return fmt.Errorf("committed %s and was told %q", d, got)
	}
	return nil
}

func (u *upload) Cancel() error {
	res, err := u.client.send(u.ctx, u.request(http.MethodDelete), u.at, nil, nil, http.StatusNoContent)
	if err != nil {
		return err
	}
	return res.Body.Close()
}
