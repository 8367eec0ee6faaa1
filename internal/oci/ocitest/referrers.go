package ocitest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
)

var referrerCases = []Case{
	{"referrers/none", referrersNone},
	{"referrers/described", referrersDescribed},
	{"referrers/filter", referrersFilter},
	{"referrers/of-exactly-this-digest", referrersExact},
	{"referrers/per-repository", referrersPerRepository},
	{"referrers/deleted", referrersDeleted},
	{"referrers/at-once", referrersAtOnce},
	{"referrers/more-than-one-answer", referrersPaged},
	{"referrers/one-larger-than-an-answer", referrersHuge},
	{"referrers/pushed-before-their-subject", referrersBefore},
}

var anySubject = oci.Descriptor{MediaType: image, Digest: oci.SHA256.Sum([]byte("any subject")), Size: 11}

// attachment is a manifest with a subject.
func (f *Fixture) attachment(subject oci.Descriptor, artifactType, label string) manifest {
	f.Helper()
	return manifest{
		"schemaVersion": 2, "mediaType": image, "artifactType": artifactType, "subject": subject,
		"config": f.empty(repo), "layers": []oci.Descriptor{}, "annotations": map[string]string{"label": label},
	}
}

// referrers lists all referrers, page by page, by digest.
func (f *Fixture) referrers(name oci.Name, d oci.Digest, types ...string) map[oci.Digest]oci.Descriptor {
	f.Helper()
	all := map[oci.Digest]oci.Descriptor{}
	q := oci.ReferrersQuery{ArtifactTypes: types}
	for {
		page, err := f.R.Referrers(f.ctx, name, d, q)
		f.no(err)
		if page.Filtered != (len(types) > 0) {
			f.Errorf("filtered is %v for types %q", page.Filtered, types)
		}
		for _, m := range page.Manifests {
			if _, dup := all[m.Digest]; dup {
				f.Errorf("referrer %s is on two pages", m.Digest)
			}
			all[m.Digest] = m
		}
		if page.Next == "" {
			return all
		}
		if page.Next == q.Last || len(page.Manifests) == 0 {
			f.Fatalf("the page after %q leads nowhere", q.Last)
		}
		q.Last = page.Next
	}
}

// lists wants the referrers to be these, in any order.
func (f *Fixture) lists(got map[oci.Digest]oci.Descriptor, want ...oci.Digest) {
	f.Helper()
	digests := slices.Sorted(maps.Keys(got))
	slices.Sort(want)
	if !slices.Equal(digests, want) {
		f.Errorf("referrers are %q, want %q", digests, want)
	}
}

func referrersNone(f *Fixture) {
	f.lists(f.referrers("not/there", anySubject.Digest))
	f.lists(f.referrers("not/there", anySubject.Digest, "application/vnd.example"))
	d := f.push(repo, f.image(repo, "lonely"), "v1").Digest
	f.lists(f.referrers(repo, d))
	f.lists(f.referrers(repo, oci.SHA512.Sum([]byte("x"))))
	f.lists(f.referrers(repo, oci.Digest("blake3:"+strings.Repeat("0", 64))))
}

func referrersDescribed(f *Fixture) {
	subject := f.push(repo, f.image(repo, "subject"), "v1")
	own := f.attachment(subject, "application/vnd.example.own", "own")
	byConfig := f.image(repo, "by config")
	byConfig["subject"] = subject
	list := index()
	list["subject"], list["annotations"] = subject, map[string]string{"is": "an index", "html": "<&>"}
	typedList := index()
	typedList["subject"], typedList["artifactType"] = subject, "application/vnd.example.list"
	want := map[oci.Digest]oci.Descriptor{}
	for _, c := range []struct {
		m            manifest
		artifactType string
	}{
		{own, "application/vnd.example.own"},
		{byConfig, "application/vnd.oci.image.config.v1+json"},
		{list, ""},
		{typedList, "application/vnd.example.list"},
	} {
		d := f.push(repo, c.m)
		annotations, _ := c.m["annotations"].(map[string]string)
		want[d.Digest] = oci.Descriptor{MediaType: c.m["mediaType"].(string), Digest: d.Digest, Size: int64(len(c.m.bytes())), ArtifactType: c.artifactType, Annotations: annotations}
	}
	got := f.referrers(repo, subject.Digest)
	f.lists(got, slices.Collect(maps.Keys(want))...)
	for d, w := range want {
		a, err := json.Marshal(got[d])
		f.no(err)
		b, err := json.Marshal(w)
		f.no(err)
		if string(a) != string(b) {
			f.Errorf("referrer is %s\nwant %s", a, b)
		}
	}
}

func referrersFilter(f *Fixture) {
	spdx := f.push(repo, f.attachment(anySubject, "application/spdx+json", "a")).Digest
	spdx2 := f.push(repo, f.attachment(anySubject, "application/spdx+json", "b")).Digest
	sig := f.push(repo, f.attachment(anySubject, "application/vnd.example.sig", "c")).Digest
	other := f.push(repo, f.attachment(anySubject, "application/vnd.example.other", "d")).Digest
	d := anySubject.Digest
	f.lists(f.referrers(repo, d), spdx, spdx2, sig, other)
	f.lists(f.referrers(repo, d, "application/spdx+json"), spdx, spdx2)
	f.lists(f.referrers(repo, d, "application/vnd.example.sig"), sig)
	f.lists(f.referrers(repo, d, "application/spdx+json", "application/vnd.example.sig"), spdx, spdx2, sig)
	f.lists(f.referrers(repo, d, "application/vnd.example"))
	f.lists(f.referrers(repo, d, "application/vnd.example", "application/vnd.example.other"), other)
}

func referrersExact(f *Fixture) {
	m := f.image(repo, "two digests")
	a := oci.Descriptor{MediaType: image, Digest: oci.SHA256.Sum(m.bytes()), Size: int64(len(m.bytes()))}
	b := a
	b.Digest = oci.SHA512.Sum(m.bytes())
	ofA := f.push(repo, f.attachment(a, "application/vnd.example", "a")).Digest
	ofB := f.push(repo, f.attachment(b, "application/vnd.example", "b")).Digest
	f.lists(f.referrers(repo, a.Digest), ofA)
	f.lists(f.referrers(repo, b.Digest), ofB)
}

func referrersPerRepository(f *Fixture) {
	d := f.push(repo, f.attachment(anySubject, "application/vnd.example", "here")).Digest
	f.lists(f.referrers(two, anySubject.Digest))
	f.lists(f.referrers(repo, anySubject.Digest), d)
}

func referrersDeleted(f *Fixture) {
	subject := f.push(repo, f.image(repo, "subject"), "v1")
	a := f.push(repo, f.attachment(subject, "application/vnd.example", "a")).Digest
	b := f.push(repo, f.attachment(subject, "application/vnd.example", "b")).Digest
	f.lists(f.referrers(repo, subject.Digest), a, b)
	f.no(f.R.DeleteManifest(f.ctx, repo, a, oci.Everything))
	f.lists(f.referrers(repo, subject.Digest), b)
	// The subject may go first; what refers to it stays listed.
	f.no(f.R.DeleteManifest(f.ctx, repo, subject.Digest, oci.Everything))
	f.lists(f.referrers(repo, subject.Digest), b)
	f.no(f.R.DeleteManifest(f.ctx, repo, b, oci.Everything))
	f.lists(f.referrers(repo, subject.Digest))
}

func referrersAtOnce(f *Fixture) {
	manifests := make([]manifest, 40)
	var want []oci.Digest
	for i := range manifests {
		manifests[i] = f.attachment(anySubject, "application/vnd.example", fmt.Sprint(i))
		want = append(want, oci.SHA256.Sum(manifests[i].bytes()))
	}
	for _, err := range each(len(manifests), func(i int) error {
		if _, err := f.tryPush(repo, manifests[i]); err != nil {
			return err
		}
		page, err := f.R.Referrers(f.ctx, repo, anySubject.Digest, oci.ReferrersQuery{})
		if err != nil {
			return err
		}
		mine := func(d oci.Descriptor) bool { return d.Digest == oci.SHA256.Sum(manifests[i].bytes()) }
		if !slices.ContainsFunc(page.Manifests, mine) {
			return fmt.Errorf("referrer %d is not listed right after its push", i)
		}
		return nil
	}) {
		f.no(err)
	}
	f.lists(f.referrers(repo, anySubject.Digest), want...)
}

func referrersPaged(f *Fixture) {
	var want, half []oci.Digest
	for i := range 45 {
		m := f.attachment(anySubject, fmt.Sprintf("application/vnd.example.%d", i%2), fmt.Sprint(i))
		m["annotations"] = map[string]string{"large": pattern(100_000), "i": fmt.Sprint(i)}
		d := f.push(repo, m).Digest
		want = append(want, d)
		if i%2 == 0 {
			half = append(half, d)
		}
	}
	page, err := f.R.Referrers(f.ctx, repo, anySubject.Digest, oci.ReferrersQuery{})
	f.no(err)
	encoded, err := json.Marshal(page.Manifests)
	f.no(err)
	if page.Next == "" || len(encoded) > oci.MaxReferrers+64 || len(page.Manifests) < 30 {
		f.Errorf("the first page has %d referrers in %d bytes, next is %q", len(page.Manifests), len(encoded), page.Next)
	}
	f.lists(f.referrers(repo, anySubject.Digest), want...)
	f.lists(f.referrers(repo, anySubject.Digest, "application/vnd.example.0"), half...)
}

// A referrer whose annotations alone exceed an answer is listed all the same.
func referrersHuge(f *Fixture) {
	var want []oci.Digest
	for i := range 2 {
		m := f.attachment(anySubject, "application/vnd.example", "")
		m["annotations"] = map[string]string{"large": fmt.Sprint(i) + strings.Repeat("x", oci.MaxManifest-1000)}
		want = append(want, f.push(repo, m).Digest)
	}
	f.lists(f.referrers(repo, anySubject.Digest), want...)
}

func referrersBefore(f *Fixture) {
	m := f.image(repo, "comes later")
	subject := oci.Descriptor{MediaType: image, Digest: oci.SHA256.Sum(m.bytes()), Size: int64(len(m.bytes()))}
	d := f.push(repo, f.attachment(subject, "application/vnd.example", "first")).Digest
	f.lists(f.referrers(repo, subject.Digest), d)
	f.push(repo, m, "v1")
	f.lists(f.referrers(repo, subject.Digest), d)
}
