package ocitest

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/argosy-registry/argosy/internal/oci"
)

var conditionCases = []Case{
	{"condition/match", conditionMatch},
	{"condition/absent", conditionAbsent},
	{"condition/first-tag-decides", conditionFirstTag},
	{"condition/by-digest", conditionByDigest},
	{"condition/increments", conditionIncrements},
	{"condition/created-once", conditionCreatedOnce},
}

func (f *Fixture) pushIf(m manifest, c oci.Condition, tags ...oci.Tag) error {
	_, err := f.R.Push(f.ctx, repo, oci.Push{MediaType: oci.MediaTypeImageManifest, Content: m.bytes(), Tags: tags, Grant: oci.Everything, If: c})
	return err
}

func conditionMatch(f *Fixture) {
	a, b := f.image(repo, "a"), f.image(repo, "b")
	other := oci.SHA256.Sum([]byte("other"))
	f.fails(f.pushIf(a, oci.Condition{MatchAny: true}, "v1"), oci.PreconditionFailed)
	f.fails(f.pushIf(a, oci.Condition{Match: []oci.Digest{other}}, "v1"), oci.PreconditionFailed)
	f.gone(repo, "v1")
	d := f.push(repo, a, "v1").Digest
	f.fails(f.pushIf(b, oci.Condition{Match: []oci.Digest{other}}, "v1"), oci.PreconditionFailed)
	f.fails(f.pushIf(b, oci.Condition{NoneMatch: []oci.Digest{other, d}}, "v1"), oci.PreconditionFailed)
	f.holds(repo, "v1", d, a.bytes())
	f.no(f.pushIf(b, oci.Condition{Match: []oci.Digest{other, d}}, "v1"))
	f.holds(repo, "v1", oci.SHA256.Sum(b.bytes()), b.bytes())
	f.no(f.pushIf(a, oci.Condition{MatchAny: true, NoneMatch: []oci.Digest{other}}, "v1"))
	f.holds(repo, "v1", d, a.bytes())
}

func conditionAbsent(f *Fixture) {
	a, b := f.image(repo, "a"), f.image(repo, "b")
	f.no(f.pushIf(a, oci.Condition{Absent: true}, "v1"))
	f.fails(f.pushIf(b, oci.Condition{Absent: true}, "v1"), oci.PreconditionFailed)
	f.fails(f.pushIf(a, oci.Condition{Absent: true}, "v1"), oci.PreconditionFailed)
	f.holds(repo, "v1", oci.SHA256.Sum(a.bytes()), a.bytes())
	f.no(f.R.DeleteTag(f.ctx, repo, "v1", oci.Everything))
	f.no(f.pushIf(b, oci.Condition{Absent: true}, "v1"))
}

// The condition is on the first tag as sent, whatever order an implementation
// prefers, and decides over all.
func conditionFirstTag(f *Fixture) {
	a, b := f.image(repo, "a"), f.image(repo, "b")
	d := f.push(repo, a, "z").Digest
	f.no(f.pushIf(b, oci.Condition{Match: []oci.Digest{d}}, "z", "a"))
	f.holds(repo, "a", oci.SHA256.Sum(b.bytes()), b.bytes())
	f.fails(f.pushIf(a, oci.Condition{Absent: true}, "z", "new"), oci.PreconditionFailed)
	f.gone(repo, "new")
	f.no(f.pushIf(a, oci.Condition{Absent: true}, "new", "z"))
	f.holds(repo, "z", d, a.bytes())
}

func conditionByDigest(f *Fixture) {
	m := f.image(repo, "by digest")
	f.fails(f.pushIf(m, oci.Condition{MatchAny: true}), oci.PreconditionFailed)
	f.no(f.pushIf(m, oci.Condition{Absent: true}))
	f.fails(f.pushIf(m, oci.Condition{Absent: true}), oci.PreconditionFailed)
	f.no(f.pushIf(m, oci.Condition{Match: []oci.Digest{oci.SHA256.Sum(m.bytes())}}))
}

// 50 clients each add one to the number in an annotation; none is lost.
func conditionIncrements(f *Fixture) {
	const clients = 50
	base := f.image(repo, "counter")
	numbered := func(n int) manifest {
		m := manifest{}
		for k, v := range base {
			m[k] = v
		}
		m["annotations"] = map[string]string{"n": strconv.Itoa(n)}
		return m
	}
	f.push(repo, numbered(0), "counter")
	read := func() (int, oci.Digest, error) {
		m, err := f.R.Manifest(f.ctx, repo, oci.Reference{Tag: "counter"})
		if err != nil {
			return 0, "", err
		}
		p, err := oci.ParseManifest("", m.Content)
		if err != nil {
			return 0, "", err
		}
		n, err := strconv.Atoi(p.Annotations["n"])
		return n, m.Descriptor.Digest, err
	}
	for _, err := range each(clients, func(int) error {
		for {
			n, d, err := read()
			if err != nil {
				return err
			}
			err = f.pushIf(numbered(n+1), oci.Condition{Match: []oci.Digest{d}}, "counter")
			if !errors.Is(err, oci.PreconditionFailed) {
				return err
			}
		}
	}) {
		f.no(err)
	}
	n, _, err := read()
	f.no(err)
	if n != clients {
		f.Errorf("%d clients counted to %d", clients, n)
	}
}

func conditionCreatedOnce(f *Fixture) {
	manifests := make([]manifest, 20)
	for i := range manifests {
		manifests[i] = f.image(repo, fmt.Sprint(i))
	}
	won := 0
	for i, err := range each(len(manifests), func(i int) error {
		return f.pushIf(manifests[i], oci.Condition{Absent: true}, "release")
	}) {
		if err == nil {
			won++
			f.holds(repo, "release", oci.SHA256.Sum(manifests[i].bytes()), manifests[i].bytes())
			continue
		}
		f.fails(err, oci.PreconditionFailed)
	}
	if won != 1 {
		f.Errorf("%d of %d pushes created the tag, want one", won, len(manifests))
	}
}
