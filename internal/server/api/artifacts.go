package api

import (
	"errors"
	"net/url"
	"strconv"

	"github.com/argosy-registry/argosy/internal/browse"
	"github.com/argosy-registry/argosy/internal/oci"
)

// defaultPage is how many artifacts a page has when the request does not say.
const defaultPage = 100

// listing is the body of a list of artifacts.
type listing struct {
	Name      oci.Name      `json:"name,omitempty"` // of the repository
	Artifacts []browse.Item `json:"artifacts"`

	// The catalog has changed, and not all that is stored is identified with it.
	Identifying *browse.Progress `json:"identifying,omitempty"`
}

func (h *Handler) listing(q request, items []browse.Item) listing {
	l := listing{Name: q.Repository, Artifacts: items}
	if p := h.o.Browser.Progress(); p.Total > 0 {
		l.Identifying = &p
	}
	return l
}

// artifacts lists what the registry or a repository holds, a page at a time.
func (h *Handler) artifacts(q request) (*answer, error) {
	n, err := pageSize(q.Query.Get("n"))
	if err != nil {
		return nil, err
	}
	page, err := h.o.Browser.Items(q.ctx, q.visible, browse.Query{
		Repository: q.Repository, Type: q.Query.Get("type"), Last: q.Query.Get("last"), N: n, Site: q.site,
	})
	if err != nil {
		return nil, err
	}
	a, err := newJSON(h.listing(q, page.Items))
	if err == nil && page.Next != "" {
		next := q.Path() + "?n=" + strconv.Itoa(n) + "&last=" + url.QueryEscape(page.Next)
		if t := q.Query.Get("type"); t != "" {
			next += "&type=" + url.QueryEscape(t)
		}
		a.header.Set("Link", "<"+next+`>; rel="next"`)
	}
	return a, err
}

// artifact is the one that a tag or digest names.
func (h *Handler) artifact(q request, reference string) (*answer, error) {
	ref, err := oci.ParseReference(reference)
	if err != nil {
		return nil, err
	}
	item, err := h.o.Browser.Item(q.ctx, q.visible, q.site, q.Repository, ref)
	if err != nil {
		return nil, err
	}
	return newJSON(item)
}

// explain says why what a tag or digest names is of its type.
func (h *Handler) explain(q request, reference string) (*answer, error) {
	ref, err := oci.ParseReference(reference)
	if err != nil {
		return nil, err
	}
	x, err := h.o.Browser.Explain(q.ctx, q.visible, q.Repository, ref)
	if err != nil {
		return nil, err
	}
	return newJSON(x)
}

// pageSize reads n. More than a page may hold is as good as the most that it may.
func pageSize(s string) (int, error) {
	if s == "" {
		return defaultPage, nil
	}
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, oci.PageNumberInvalid.With(map[string]string{"n": s[:min(len(s), 40)]}, "n=%.40q is not a number of artifacts: send 0 to %d", s, browse.MaxPage)
	}
	return int(min(n, browse.MaxPage)), nil
}
