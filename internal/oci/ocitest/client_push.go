package ocitest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
)

// Push sends a manifest by its first tag, or by digest with the tags in ?tag=.
func (c *Client) Push(ctx context.Context, repo oci.Name, p oci.Push) (oci.Pushed, error) {
	q := oci.Request{Method: http.MethodPut, Kind: oci.KindManifest, Repository: repo, Query: url.Values{}}
	d, inQuery := p.Digest, p.Tags
	switch {
	case d == "" && len(p.Tags) > 0:
		q.Reference.Tag, inQuery = p.Tags[0], p.Tags[1:]
		d = oci.SHA256.Sum(p.Content)
	case d == "":
		d = oci.SHA256.Sum(p.Content)
		fallthrough
	default:
		q.Reference.Digest = d
	}
	for _, t := range inQuery {
		q.Query.Add("tag", string(t))
	}
	res, err := c.ask(ctx, q, pushHeader(p), bytes.NewReader(p.Content), http.StatusCreated)
	if err != nil {
		return oci.Pushed{}, err
	}
	defer res.Body.Close()
	if got := res.Header.Get("Docker-Content-Digest"); got != string(d) {
		return oci.Pushed{}, fmt.Errorf("pushed %s and was told %q", d, got)
	}
	if len(inQuery) > 0 {
		if err := sameTags(p.Tags, res.Header["Oci-Tag"]); err != nil {
			return oci.Pushed{}, err
		}
	}
	return oci.Pushed{
		Descriptor: oci.Descriptor{MediaType: p.MediaType, Digest: d, Size: int64(len(p.Content))},
		Type:       res.Header.Get("Argosy-Type"),
		Subject:    oci.Digest(res.Header.Get("OCI-Subject")),
		Tags:       p.Tags,
		Warnings:   warnings(res.Header["Warning"]),
	}, nil
}

func pushHeader(p oci.Push) http.Header {
	header := http.Header{}
	if p.MediaType != "" {
		header.Set("Content-Type", p.MediaType)
	}
	for _, d := range p.If.Match {
		header.Add("If-Match", `"`+string(d)+`"`)
	}
	if p.If.MatchAny {
		header.Add("If-Match", "*")
	}
	for _, d := range p.If.NoneMatch {
		header.Add("If-None-Match", `"`+string(d)+`"`)
	}
	if p.If.Absent {
		header.Add("If-None-Match", "*")
	}
	return header
}

func sameTags(want []oci.Tag, got []string) error {
	var listed []string
	for _, line := range got {
		for t := range strings.SplitSeq(line, ",") {
			listed = append(listed, strings.TrimSpace(t))
		}
	}
	for _, t := range want {
		if !slices.Contains(listed, string(t)) {
			return fmt.Errorf("pushed tags %q and OCI-Tag lists %q", want, listed)
		}
	}
	return nil
}

// warnings reads the sentences of Warning headers, 299 - "text".
func warnings(lines []string) []string {
	var sentences []string
	for _, line := range lines {
		text := strings.TrimSuffix(strings.TrimPrefix(line, `299 - "`), `"`)
		sentences = append(sentences, strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(text))
	}
	return sentences
}

// Mount asks for a mount. When it is given an upload instead, which it cancels,
// the blob is unknown there.
func (c *Client) Mount(ctx context.Context, repo oci.Name, d oci.Digest, from oci.Name, _ oci.Grant) (oci.Descriptor, error) {
	q := oci.Request{Method: http.MethodPost, Kind: oci.KindUploads, Repository: repo, Query: url.Values{"mount": {string(d)}}}
	if from != "" {
		q.Query.Set("from", string(from))
	}
	res, err := c.ask(ctx, q, nil, nil, http.StatusCreated, http.StatusAccepted)
	if err != nil {
		return oci.Descriptor{}, err
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusCreated {
		return c.StatBlob(ctx, repo, d)
	}
	up, err := c.upload(ctx, repo, res)
	if err != nil {
		return oci.Descriptor{}, err
	}
	if err := up.Cancel(); err != nil {
		return oci.Descriptor{}, err
	}
	return oci.Descriptor{}, oci.BlobUnknown.With(nil, "%s cannot be mounted from %q", d, from)
}

// DeleteTag removes a tag.
func (c *Client) DeleteTag(ctx context.Context, repo oci.Name, tag oci.Tag, _ oci.Grant) error {
	return c.remove(ctx, oci.Request{Kind: oci.KindManifest, Repository: repo, Reference: oci.Reference{Tag: tag}})
}

// DeleteManifest removes a manifest and its tags.
func (c *Client) DeleteManifest(ctx context.Context, repo oci.Name, d oci.Digest, _ oci.Grant) error {
	return c.remove(ctx, oci.Request{Kind: oci.KindManifest, Repository: repo, Reference: oci.Reference{Digest: d}})
}

// DeleteBlob removes a blob from one repository.
func (c *Client) DeleteBlob(ctx context.Context, repo oci.Name, d oci.Digest, _ oci.Grant) error {
	return c.remove(ctx, oci.Request{Kind: oci.KindBlob, Repository: repo, Reference: oci.Reference{Digest: d}})
}

func (c *Client) remove(ctx context.Context, q oci.Request) error {
	q.Method = http.MethodDelete
	res, err := c.ask(ctx, q, nil, nil, http.StatusAccepted)
	if err != nil {
		return err
	}
	return res.Body.Close()
}
