package api

// repositories lists the registry's repositories, or those at and below a name
// (distribution-spec, proposed in its pull request 611).
func (h *Handler) repositories(q request) (*answer, error) {
	p, err := q.Page()
	if err != nil {
		return nil, err
	}
	page, more, err := h.o.Browser.Repositories(q.ctx, q.visible, q.Repository, p)
	if err != nil {
		return nil, err
	}
	a, err := newJSON(page)
	if err == nil && more {
		a.header.Set("Link", q.NextLink(p, string(page[len(page)-1].Name)))
	}
	return a, err
}
