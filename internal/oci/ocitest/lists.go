package ocitest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
)

var listCases = []Case{
	{"list/tags", listTags},
	{"list/tags-paged", listTagsPaged},
	{"list/tags-unknown-repository", func(f *Fixture) {
		_, err := f.R.Tags(f.ctx, "not/there", oci.Page{N: -1})
		f.fails(err, oci.NameUnknown)
	}},
	{"list/tags-none", listTagsNone},
	{"list/repositories", listRepositories},
	{"list/repositories-none", func(f *Fixture) { f.page(f.R.Repositories(f.ctx, oci.Page{N: -1}))(false) }},
	{"list/capped", listCapped},
}

// page wants a list to hold these names, and to say whether more follow.
func (f *Fixture) page(l *oci.List, err error) func(more bool, names ...string) {
	f.Helper()
	f.no(err)
	return func(more bool, names ...string) {
		f.Helper()
		if !slices.Equal(l.Names, names) || l.More != more {
			f.Errorf("list is %q, more %v; want %q, more %v", l.Names, l.More, names, more)
		}
	}
}

// ascii are tags in the order of the list, which no locale gives.
var ascii = []string{"0", "10", "2", "A", "Z", "_", "a", "a-1", "a.1", "aB", "a_1", "aa", "z"}

func listTags(f *Fixture) {
	m := f.image(repo, "listed")
	for i := range ascii {
		f.push(repo, m, oci.Tag(ascii[(i*5)%len(ascii)]))
	}
	f.page(f.R.Tags(f.ctx, repo, oci.Page{N: -1}))(false, ascii...)
	f.no(f.R.DeleteTag(f.ctx, repo, "_", oci.Everything))
	f.page(f.R.Tags(f.ctx, repo, oci.Page{N: -1, Last: "Z"}))(false, ascii[6:]...)
}

func listTagsPaged(f *Fixture) {
	m := f.image(repo, "paged")
	for _, t := range ascii {
		f.push(repo, m, oci.Tag(t))
	}
	tags := func(n int, last string) func(bool, ...string) {
		f.Helper()
		return f.page(f.R.Tags(f.ctx, repo, oci.Page{N: n, Last: last}))
	}
	tags(3, "")(true, ascii[:3]...)
	tags(3, "2")(true, ascii[3:6]...)
	tags(len(ascii), "")(false, ascii...)
	tags(len(ascii)-1, "")(true, ascii[:len(ascii)-1]...)
	tags(1, "aa")(false, "z")
	tags(-1, "a.1")(false, "aB", "a_1", "aa", "z")
	tags(5, "z")(false)
	tags(-1, "zz")(false)
	tags(2, "1")(true, "10", "2") // a last that is no tag
	tags(2, "a!")(true, "a-1", "a.1")
	tags(0, "")(false)
	tags(0, "A")(false)
	var walked []string
	for last := ""; ; {
		l, err := f.R.Tags(f.ctx, repo, oci.Page{N: 2, Last: last})
		f.no(err)
		if walked = append(walked, l.Names...); !l.More {
			break
		}
		last = l.Names[len(l.Names)-1]
	}
	if !slices.Equal(walked, ascii) {
		f.Errorf("walked %q, want %q", walked, ascii)
	}
}

func listTagsNone(f *Fixture) {
	f.push(repo, f.image(repo, "no tag"))
	f.page(f.R.Tags(f.ctx, repo, oci.Page{N: -1}))(false)
	f.page(f.R.Tags(f.ctx, repo, oci.Page{N: 5, Last: "x"}))(false)
}

func listRepositories(f *Fixture) {
	names := []string{"0", "a", "a-b/c", "a.b", "a/b", "a/b/c", "a0", "a_b", "aa", "z/z"}
	for i := range names {
		name := oci.Name(names[(i*3)%len(names)])
		f.push(name, f.image(name, "listed"), "v1")
	}
	repositories := func(n int, last string) func(bool, ...string) {
		f.Helper()
		return f.page(f.R.Repositories(f.ctx, oci.Page{N: n, Last: last}))
	}
	repositories(-1, "")(false, names...)
	repositories(4, "")(true, names[:4]...)
	repositories(4, "a.b")(true, names[4:8]...)
	repositories(4, "a_b")(false, names[8:]...)
	repositories(-1, "a/a")(false, names[4:]...)
	repositories(0, "")(false)
	repositories(3, "zz")(false)
}

// However many are asked for, a list has a bound.
func listCapped(f *Fixture) {
	m := f.image(repo, "capped")
	const pushes = 85
	for i := range pushes {
		tags := make([]oci.Tag, 120)
		for j := range tags {
			tags[j] = oci.Tag(fmt.Sprintf("t%05d", i*120+j))
		}
		f.push(repo, m, tags...)
	}
	for _, n := range []int{-1, oci.MaxPage, oci.MaxPage + 1, 1 << 30} {
		l, err := f.R.Tags(f.ctx, repo, oci.Page{N: n})
		f.no(err)
		if len(l.Names) != oci.MaxPage || !l.More || !slices.IsSorted(l.Names) {
			f.Errorf("n=%d: %d tags of %d, more %v", n, len(l.Names), pushes*120, l.More)
		}
	}
	f.page(f.R.Tags(f.ctx, repo, oci.Page{N: -1, Last: "t10197"}))(false, "t10198", "t10199")
}

var nameCases = []Case{
	{"name/endpoint-words", nameEndpointWords},
	{"name/longest", func(f *Fixture) {
		name := oci.Name(strings.Repeat("a", 200))
		m := f.image(name, "long")
		f.holds(name, "v1", f.push(name, m, "v1").Digest, m.bytes())
	}},
}

// Components of a name may be words that endpoints use.
func nameEndpointWords(f *Fixture) {
	for _, name := range []oci.Name{"manifests", "blobs", "tags", "referrers", "uploads", "tags/list", "a/manifests/b", "a/blobs/uploads", "blobs/uploads/x", "a/referrers", "v2", "v2/a", "a/blobs/sha256"} {
		m := f.image(name, "in "+string(name))
		d := f.push(name, m, "list", "uploads").Digest
		f.holds(name, "list", d, m.bytes())
		f.holds(name, string(d), d, m.bytes())
		f.page(f.R.Tags(f.ctx, name, oci.Page{N: -1}))(false, "list", "uploads")
		up := f.upload(name)
		f.write(up, "chunk")
		f.no(up.Close())
		f.no(f.resume(name, up.ID()).Commit(oci.SHA256.Sum([]byte("chunk"))))
		f.read(name, oci.SHA256.Sum([]byte("chunk")), "chunk")
		f.lists(f.referrers(name, d))
	}
}
