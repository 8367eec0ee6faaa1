package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
	"github.com/argosy-registry/argosy/internal/store/storetest"
)

var all = store.Visible{All: true}

// shelf is a database that tests put manifests in.
type shelf struct {
	t *testing.T
	*store.DB
}

// onShelves runs a test on an empty shelf of every engine.
func onShelves(t *testing.T, test func(t *testing.T, s shelf)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { test(t, shelf{t, db}) })
}

// thing is a manifest with its tags.
type thing struct {
	repo      oci.Name
	content   string // its digest is what the manifest is known by
	typ       string
	companion bool
	subject   oci.Digest
	tags      []string
	attached  string // what the tags attach it to
	sha512    bool
}

// put stores things and returns the digest of the last one.
func (s shelf) put(things ...thing) (d oci.Digest) {
	s.t.Helper()
	err := s.Write(ctx, func(tx *store.Tx) error {
		for _, x := range things {
			repo, err := tx.EnsureRepository(x.repo, 1)
			if err != nil {
				return err
			}
			if d = oci.SHA256.Sum([]byte(x.content)); x.sha512 {
				d = oci.SHA512.Sum([]byte(x.content))
			}
			id, _, err := tx.PutManifest(&store.Manifest{
				RepositoryID: repo, Digest: d, MediaType: "m/t", Subject: x.subject, Size: int64(len(x.content)), Pushed: 2,
				Content: []byte(x.content), Derived: store.Derived{Type: x.typ, Companion: x.companion, Facts: "{}"},
			})
			if err != nil {
				return err
			}
			for _, t := range x.tags {
				if err := tx.SetTag(repo, oci.Tag(t), id, 3, x.attached); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

// walk reads a whole listing by pages of n.
func (s shelf) walk(v store.Visible, repo oci.Name, n int) []string {
	s.t.Helper()
	var refs []string
	q := store.ItemQuery{Repository: repo, N: n}
	for {
		rows, err := s.Items(v, q)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, r := range rows {
			refs = append(refs, string(r.Repository)+":"+r.Tag)
		}
		if len(rows) < n {
			return refs
		}
		last := rows[len(rows)-1]
		q.After = store.ItemKey{Repository: string(last.Repository), Tag: last.Tag}
	}
}

func TestItemsInOrder(t *testing.T) { onShelves(t, itemsInOrder) }

func itemsInOrder(t *testing.T, s shelf) {
	image := s.put(thing{repo: "b/app", content: "image", typ: "image", tags: []string{"v2", "Z", "v1", "v10"}})
	s.put(
		thing{repo: "a", content: "chart", typ: "chart", tags: []string{"1.0.0"}},
		thing{repo: "b", content: "file", typ: "file", tags: []string{"z"}},
		thing{repo: "c", content: "untagged", typ: "file"},
		thing{repo: "b/app", content: "signature by name", typ: "sig", companion: true, tags: []string{"sha256-x.sig"}, attached: string(image)},
		thing{repo: "b/app", content: "signature by subject", typ: "sig", companion: true, subject: image, tags: []string{"mysig"}},
		thing{repo: "b/app", content: "statement about nothing here", typ: "sbom", companion: true, tags: []string{"sbom"}},
		thing{repo: "b/app", content: "a child that is worth a row", typ: "doc", subject: image, tags: []string{"doc"}},
	)
	app := []string{"b/app:Z", "b/app:doc", "b/app:sbom", "b/app:v1", "b/app:v10", "b/app:v2"}
	for n := 1; n <= 10; n++ {
		if diff := cmp.Diff(append([]string{"a:1.0.0", "b:z"}, app...), s.walk(all, "", n)); diff != "" {
			t.Errorf("registry by pages of %d: %s", n, diff)
		}
		if diff := cmp.Diff(app, s.walk(all, "b/app", n)); diff != "" {
			t.Errorf("repository by pages of %d: %s", n, diff)
		}
	}
	if got := s.walk(all, "nowhere", 5); got != nil {
		t.Errorf("a repository that is not there lists %v", got)
	}
}

func TestNobodySeesNothing(t *testing.T) { onShelves(t, nobodySeesNothing) }

func nobodySeesNothing(t *testing.T, s shelf) {
	d := s.put(thing{repo: "a", content: "x", typ: "file", tags: []string{"t"}})
	var nobody store.Visible
	if got := append(s.walk(nobody, "", 5), s.walk(nobody, "a", 5)...); got != nil {
		t.Errorf("listed %v", got)
	}
	for _, ref := range []oci.Reference{{Tag: "t"}, {Digest: d}} {
		if got, err := s.Item(nobody, "a", ref); got != nil || err != nil {
			t.Errorf("found %v, %v by %s", got, err, ref)
		}
	}
	if ok, err := s.SeesRepository(nobody, "a"); ok || err != nil {
		t.Errorf("sees the repository: %v, %v", ok, err)
	}
}

func TestItemByReference(t *testing.T) { onShelves(t, itemByReference) }

func itemByReference(t *testing.T, s shelf) {
	image := s.put(thing{repo: "a", content: "image", typ: "image", tags: []string{"v1"}})
	sig := s.put(thing{repo: "a", content: "sig", typ: "sig", companion: true, tags: []string{"s.sig"}, attached: string(image)})
	for _, c := range []struct {
		repo oci.Name
		ref  oci.Reference
		want string // tag and type; empty: nothing
	}{
		{"a", oci.Reference{Tag: "v1"}, "v1 image"},
		{"a", oci.Reference{Digest: image}, " image"},
		{"a", oci.Reference{Tag: "s.sig"}, "s.sig sig"},
		{"a", oci.Reference{Digest: sig}, " sig"},
		{"a", oci.Reference{Tag: "v2"}, ""},
		{"b", oci.Reference{Tag: "v1"}, ""},
		{"b", oci.Reference{Digest: image}, ""},
	} {
		got, err := s.Item(all, c.repo, c.ref)
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		if got != nil {
			text = got.Tag + " " + got.Type
		}
		if text != c.want {
			t.Errorf("%s%s is %q, want %q", c.repo, c.ref.Suffix(), text, c.want)
		}
	}
	if ok, err := s.SeesRepository(all, "a"); !ok || err != nil {
		t.Errorf("repository a: %v, %v", ok, err)
	}
	if ok, err := s.SeesRepository(all, "b"); ok || err != nil {
		t.Errorf("repository b: %v, %v", ok, err)
	}
}

func (s shelf) id(repo oci.Name, d oci.Digest) int64 {
	s.t.Helper()
	i, err := s.Item(all, repo, oci.Reference{Digest: d})
	if err != nil || i == nil {
		s.t.Fatalf("%s@%s: %v", repo, d, err)
	}
	return i.ID
}

func TestItemsAround(t *testing.T) { onShelves(t, itemsAround) }

// tagOf is the tag that attaches to a digest.
func tagOf(d oci.Digest, suffix string) string {
	return string(d.Algorithm()) + "-" + d.Encoded()[:64] + suffix
}

func itemsAround(t *testing.T, s shelf) {
	image := s.put(thing{repo: "a", content: "image", typ: "image", tags: []string{"v1", "latest"}})
	other := s.put(thing{repo: "b", content: "image", typ: "image", tags: []string{"v1"}})
	bare := s.put(thing{repo: "a", content: "bare", typ: "file"})
	long := s.put(thing{repo: "a", content: "long", typ: "file", sha512: true})
	s.put(
		thing{repo: "a", content: "sig of long", typ: "sig", companion: true, tags: []string{tagOf(long, ".sig")}, attached: string(long[:len("sha512:")+64])},
		thing{repo: "a", content: "sbom 1", typ: "sbom", companion: true, subject: image},
		thing{repo: "a", content: "sbom 2", typ: "sbom", companion: true, subject: image},
		thing{repo: "a", content: "sig", typ: "sig", companion: true, tags: []string{tagOf(image, ".sig")}, attached: string(image)},
		thing{repo: "a", content: "list of referrers", typ: "index", tags: []string{tagOf(image, "")}, attached: string(image)},
		thing{repo: "a", content: "both", typ: "sig", companion: true, subject: image, tags: []string{tagOf(image, ".y"), tagOf(image, ".z")}, attached: string(image)},
		thing{repo: "b", content: "sbom 1", typ: "sbom", companion: true, subject: other},
	)
	ids := []int64{s.id("a", image), s.id("b", other), s.id("a", bare), s.id("a", long)}
	got, err := s.ItemsAround(ids)
	if err != nil {
		t.Fatal(err)
	}
	want := map[int64]*store.Around{
		ids[0]: {Tags: []string{"latest", "v1"}, Attached: map[string]int{"sbom": 2, "sig": 2}},
		ids[1]: {Tags: []string{"v1"}, Attached: map[string]int{"sbom": 1}},
		ids[3]: {Attached: map[string]int{"sig": 1}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got, err := s.ItemsAround(nil); len(got) != 0 || err != nil {
		t.Errorf("around nothing: %v, %v", got, err)
	}
}

func TestItemsAroundManyAndMuch(t *testing.T) { onShelves(t, itemsAroundManyAndMuch) }

func itemsAroundManyAndMuch(t *testing.T, s shelf) {
	much := thing{repo: "a", content: "much", typ: "image"}
	for i := range store.MaxItemTags + 50 {
		much.tags = append(much.tags, fmt.Sprintf("t%04d", i))
	}
	ids := []int64{s.id("a", s.put(much))}
	for i := range 250 {
		ids = append(ids, s.id("a", s.put(thing{repo: "a", content: fmt.Sprint(i), typ: "file", tags: []string{fmt.Sprintf("v%d", i)}})))
	}
	got, err := s.ItemsAround(ids)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(much.tags[:store.MaxItemTags], got[ids[0]].Tags); diff != "" {
		t.Error(diff)
	}
	for i, id := range ids[1:] {
		if got[id] == nil || strings.Join(got[id].Tags, " ") != fmt.Sprintf("v%d", i) {
			t.Fatalf("the %dth has %v", i, got[id])
		}
	}
}

func TestChildren(t *testing.T) { onShelves(t, children) }

func children(t *testing.T, s shelf) {
	one := s.id("a", s.put(thing{repo: "a", content: "one", typ: "image"}))
	two := s.id("a", s.put(thing{repo: "a", content: "and two", typ: "image"}))
	index := s.id("a", s.put(thing{repo: "a", content: "index", typ: "index", tags: []string{"v1"}}))
	err := s.Write(ctx, func(tx *store.Tx) error {
		repo, _, err := tx.Repository("a")
		if err != nil {
			return err
		}
		return tx.AddRefs(repo, index, []store.Ref{
			{List: oci.InManifests, Position: 0, Digest: oci.SHA256.Sum([]byte("one")), Child: one},
			{List: oci.InManifests, Position: 1, Digest: oci.SHA256.Sum([]byte("and two")), Child: two},
			{List: oci.InManifests, Position: 2, Digest: oci.SHA256.Sum([]byte("one")), Child: one},
			{List: oci.InManifests, Position: 3, Digest: oci.SHA256.Sum([]byte("not here"))},
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []int64
	err = s.Children([]int64{one, index}, func(i, size int64, facts string) {
		if i != index || facts != "{}" {
			t.Errorf("a child of %d with %s, want of %d", i, facts, index)
		}
		got = append(got, size)
	})
	slices.Sort(got)
	if diff := cmp.Diff([]int64{3, 7}, got); diff != "" || err != nil {
		t.Errorf("%s, %v", diff, err)
	}
}

// A manifest may hold megabytes of words; a row of a listing does not.
func TestItemsAreBounded(t *testing.T) { onShelves(t, itemsAreBounded) }

func itemsAreBounded(t *testing.T, s shelf) {
	d := digest("large")
	large := strings.Repeat("x", 1<<20)
	err := s.Write(ctx, func(tx *store.Tx) error {
		repo, err := tx.EnsureRepository("a", 1)
		if err != nil {
			return err
		}
		id, _, err := tx.PutManifest(&store.Manifest{
			RepositoryID: repo, Digest: d, MediaType: large, ArtifactType: large, ConfigType: large,
			Derived: store.Derived{Facts: large}, Content: []byte("{}"),
		})
		if err != nil {
			return err
		}
		return tx.SetTag(repo, "v1", id, 1, "")
	})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.Items(all, store.ItemQuery{N: 1})
	if err != nil {
		t.Fatal(err)
	}
	one, err := s.Item(all, "a", oci.Reference{Digest: d})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range append(rows, one) {
		for _, got := range []string{i.MediaType, i.ArtifactType, i.ConfigType} {
			if got != large[:256] {
				t.Errorf("a media type of %d characters, want 256", len(got))
			}
		}
		if i.Facts != "" {
			t.Errorf("facts of %d characters", len(i.Facts))
		}
	}
}
