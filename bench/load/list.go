package load

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/argosy-registry/argosy/bench/data"
)

// listing is a list that is walked to its end, in as many pages as its first
// page's query makes. The first walk of a connection counts what the list
// holds; the others must bring as many bytes.
type listing struct {
	w     *Worker
	first string // path of the first page
	want  int    // entries, at least
	size  int64  // bytes of all pages; 0 before the first walk
}

func (l *listing) walk() (total int64, err error) {
	entries, at := 0, l.first
	for at != "" {
		n, err := l.page(at)
		if err != nil {
			return total, err
		}
		entries += n
		total += l.w.resp.Length
		at = l.w.next()
	}
	switch {
	case l.size == 0 && entries < l.want:
		return total, fmt.Errorf("%s holds %d entries, want %d", l.first, entries, l.want)
	case l.size != 0 && l.size != total:
		return total, fmt.Errorf("%s came to %d bytes, before to %d", l.first, total, l.size)
	}
	l.size = total
	return total, nil
}

// page gets one page. It counts the entries in the first walk only.
func (l *listing) page(at string) (entries int, err error) {
	q := l.w.request("GET", at, nil)
	if l.size != 0 {
		return 0, l.w.do(q, 200, nil)
	}
	var body bytes.Buffer
	if err := l.w.do(q, 200, &body); err != nil {
		return 0, err
	}
	var page struct{ Tags, Repositories, Manifests []json.RawMessage }
	if err := json.Unmarshal(body.Bytes(), &page); err != nil {
		return 0, fmt.Errorf("%s: %w", at, err)
	}
	return len(page.Tags) + len(page.Repositories) + len(page.Manifests), nil
}

func list(first string, want func(*Sets) int) func(*Worker) (Op, error) {
	return func(w *Worker) (Op, error) {
		return (&listing{w: w, first: first, want: want(w.Sets)}).walk, nil
	}
}

func tags(query string) func(*Worker) (Op, error) {
	return list("/v2/"+data.TagRepository+"/tags/list"+query, func(s *Sets) int { return s.Scale.Tags })
}

// catalog lists the repositories of all sets, and of pushes before.
func catalog(query string) func(*Worker) (Op, error) {
	return list("/v2/_catalog"+query, func(s *Sets) int { return s.Scale.Repositories })
}

func referrers(w *Worker) (Op, error) {
	s := w.Sets.Referrers.Subject
	return list("/v2/"+s.Repository+"/referrers/"+s.Digest, func(s *Sets) int { return s.Scale.Referrers })(w)
}
