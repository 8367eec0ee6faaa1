package oci

import (
	"errors"
	"net/url"
	"strconv"
	"sync/atomic"
)

// MaxPage is the most entries that one list holds, whatever was asked for.
const MaxPage = 10000

// Page asks for a part of a list.
type Page struct {
	N    int    // at most this many entries; negative: as many as one list may hold
	Last string // only entries after this one, exclusive; empty from the start
}

// Page reads n and last of a request for a list. A number larger than a list may
// be is as good as the largest. Error: PageNumberInvalid.
func (r Request) Page() (Page, error) {
	page := Page{N: -1, Last: r.Query.Get("last")}
	s := r.Query.Get("n")
	if s == "" {
		return page, nil
	}
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return page, PageNumberInvalid.With(map[string]string{"n": s[:min(len(s), 40)]}, "n=%.40q is not a number of entries: send 0 or more", s)
	}
	page.N = int(min(n, MaxPage))
	return page, nil
}

// NextLink is the Link header of a page whose last entry is last, when more
// follow (RFC 5988).
func (r Request) NextLink(p Page, last string) string {
	next := r.Path() + "?"
	if p.N > 0 {
		next += "n=" + strconv.Itoa(p.N) + "&"
	}
	return "<" + next + "last=" + url.QueryEscape(last) + `>; rel="next"`
}

// Limit is the number of entries that a page may hold, 0 to MaxPage.
func (p Page) Limit() int {
	if p.N < 0 || p.N > MaxPage {
		return MaxPage
	}
	return p.N
}

// List is a page of names in ASCII order. It may be shared: callers must not
// change it.
type List struct {
	Names []string
	More  bool // more follow after the last name
	Memo  Memo
}

// ReferrersQuery narrows a list of referrers.
type ReferrersQuery struct {
	ArtifactTypes []string // any of these; none means all
	Last          string   // only those after this digest, exclusive
}

// MaxReferrers is the most bytes of one referrers answer: clients read one page
// and cap it at 4 MiB.
const MaxReferrers = 4<<20 - 4096

// Referrers is a page of referrers. It may be shared: callers must not change it.
type Referrers struct {
	Manifests []Descriptor
	Next      string // Last for the following page; empty when this is the end
	Filtered  bool   // the artifact types were applied
	Memo      Memo
}

// Memo is where the holder of a shared immutable value keeps what it derives
// from it, such as an encoded form, so that it is derived once. The zero Memo
// is empty.
type Memo struct{ p atomic.Pointer[any] }

// Get returns what was kept, or builds it. Concurrent callers may each build;
// all must build the same.
func (m *Memo) Get(build func() any) any {
	if v := m.p.Load(); v != nil {
		return *v
	}
	v := build()
	m.p.CompareAndSwap(nil, &v)
	return v
}
