package ocitest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
)

// Repositories lists the catalog.
func (c *Client) Repositories(ctx context.Context, p oci.Page) (*oci.List, error) {
	var body struct{ Repositories []string }
	more, err := c.list(ctx, oci.Request{Kind: oci.KindCatalog, Query: pageQuery(p)}, &body)
	return &oci.List{Names: body.Repositories, More: more}, err
}

// Tags lists the tags of repo.
func (c *Client) Tags(ctx context.Context, repo oci.Name, p oci.Page) (*oci.List, error) {
	var body struct {
		Name oci.Name
		Tags []string
	}
	more, err := c.list(ctx, oci.Request{Kind: oci.KindTags, Repository: repo, Query: pageQuery(p)}, &body)
	if err == nil && (body.Name != repo || body.Tags == nil) {
		err = fmt.Errorf("tags of %s: name is %q, tags are %v", repo, body.Name, body.Tags)
	}
	return &oci.List{Names: body.Tags, More: more}, err
}

func pageQuery(p oci.Page) url.Values {
	v := url.Values{}
	if p.N >= 0 {
		v.Set("n", strconv.Itoa(p.N))
	}
	if p.Last != "" {
		v.Set("last", p.Last)
	}
	return v
}

// list asks for a JSON answer, and whether it has a next page.
func (c *Client) list(ctx context.Context, q oci.Request, into any) (more bool, err error) {
	q.Method = http.MethodGet
	res, err := c.ask(ctx, q, nil, nil, http.StatusOK)
	if err != nil {
		return false, err
	}
	defer res.Body.Close()
	next, err := nextPage(res.Header)
	if err != nil {
		return false, err
	}
	return next != nil, json.NewDecoder(res.Body).Decode(into)
}

// nextPage is the query of a Link to the next page; nil without one.
func nextPage(h http.Header) (url.Values, error) {
	link := h.Get("Link")
	if link == "" {
		return nil, nil
	}
	target, ok := strings.CutSuffix(link, `>; rel="next"`)
	target, opened := strings.CutPrefix(target, "<")
	if !ok || !opened {
		return nil, fmt.Errorf("the Link %q is not one next page", link)
	}
	u, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	return u.Query(), nil
}

// Referrers lists the manifests whose subject is d, one page.
func (c *Client) Referrers(ctx context.Context, repo oci.Name, d oci.Digest, rq oci.ReferrersQuery) (*oci.Referrers, error) {
	q := oci.Request{Method: http.MethodGet, Kind: oci.KindReferrers, Repository: repo, Reference: oci.Reference{Digest: d}, Query: url.Values{}}
	if len(rq.ArtifactTypes) > 0 {
		q.Query["artifactType"] = rq.ArtifactTypes
	}
	if rq.Last != "" {
		q.Query.Set("last", rq.Last)
	}
	res, err := c.ask(ctx, q, nil, nil, http.StatusOK)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	var index struct {
		SchemaVersion int
		MediaType     string
		Manifests     []oci.Descriptor
	}
	if err := json.NewDecoder(res.Body).Decode(&index); err != nil {
		return nil, err
	}
	if index.SchemaVersion != 2 || index.MediaType != oci.MediaTypeImageIndex || index.Manifests == nil || res.Header.Get("Content-Type") != index.MediaType {
		return nil, fmt.Errorf("referrers of %s are no image index: %+v as %q", d, index, res.Header.Get("Content-Type"))
	}
	next, err := nextPage(res.Header)
	if err != nil {
		return nil, err
	}
	return &oci.Referrers{
		Manifests: index.Manifests,
		Next:      next.Get("last"),
		Filtered:  res.Header.Get("OCI-Filters-Applied") == "artifactType",
	}, nil
}
