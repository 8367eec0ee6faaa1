package browse_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/browse"
	"github.com/argosy-registry/argosy/internal/browse/browsetest"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
	"github.com/argosy-registry/argosy/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	ctx  = context.Background()
	site = browse.Site{Registry: "registry.example"}
)

// onShelves runs a test on an empty shelf over every engine.
func onShelves(t *testing.T, test func(t *testing.T, s browsetest.Shelf)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { test(t, browsetest.New(t, db)) })
}

func item(t *testing.T, s browsetest.Shelf, repo oci.Name, ref string) browse.Item {
	t.Helper()
	parsed, err := oci.ParseReference(ref)
	if err != nil {
		t.Fatal(err)
	}
	i, err := s.Item(ctx, browse.Everything, site, repo, parsed)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestItem(t *testing.T) { onShelves(t, testItem) }

func testItem(t *testing.T, s browsetest.Shelf) {
	text := browsetest.Image(browsetest.Rocket, "saturn", 1000)
	d := s.Put("space/saturn", text, "v1", "latest")
	want := browse.Item{
		Reference: "registry.example/space/saturn:v1", Repository: "space/saturn", Tag: "v1", Digest: d,
		MediaType: oci.MediaTypeImageManifest, ArtifactType: browsetest.Rocket, ConfigMediaType: oci.MediaTypeEmpty,
		Type:  browse.Type{ID: "rocket", Name: "Space rocket", Short: "rocket", Icon: "/v2/_argosy/types/rocket/icon?v=" + s.Fingerprint(), Known: true, Tools: rocketTools},
		Title: "saturn", Version: "1.0", Description: "All about saturn",
		Platforms: []browse.Platform{}, Size: int64(len(text)) + 1000 + 2, Tags: []string{"latest", "v1"}, Pushed: store.Time(browsetest.Pushed),
		Actions: []browse.Action{
			{ID: "launch", Label: "Launch", Command: "rocket launch registry.example/space/saturn:v1", Verified: true},
			{ID: "pad", Label: "Open the pad", URL: "https://pad.example/launch?ref=registry.example%2Fspace%2Fsaturn%3Av1"},
		},
		Attachments: browse.Attachments{ByType: map[string]int{}},
	}
	if diff := cmp.Diff(want, item(t, s, "space/saturn", "v1")); diff != "" {
		t.Errorf("by tag: %s", diff)
	}
	want.Tag, want.Reference = "", "registry.example/space/saturn@"+string(d)
	want.Actions = []browse.Action{
		{ID: "launch", Label: "Launch", Command: "rocket launch registry.example/space/saturn@" + string(d), Verified: true},
		{ID: "pad", Label: "Open the pad", URL: "https://pad.example/launch?ref=registry.example%2Fspace%2Fsaturn%40sha256%3A" + d.Encoded()},
	}
	if diff := cmp.Diff(want, item(t, s, "space/saturn", string(d))); diff != "" {
		t.Errorf("by digest: %s", diff)
	}
}

// Whoever reaches the registry without TLS is shown commands that say so.
func TestSiteIsInActions(t *testing.T) { onShelves(t, testSiteIsInActions) }

func testSiteIsInActions(t *testing.T, s browsetest.Shelf) {
	s.Put("a", browsetest.Image(browsetest.Rocket, "x", 1), "v1")
	i, err := s.Item(ctx, browse.Everything, browse.Site{Registry: "localhost:5000", PlainHTTP: true}, "a", oci.Reference{Tag: "v1"})
	if want := "rocket launch --plain-http localhost:5000/a:v1"; err != nil || i.Actions[0].Command != want {
		t.Errorf("the action is %q, %v, want %q", i.Actions[0].Command, err, want)
	}
}

func TestUnknownTypeIsCalledByItsMediaType(t *testing.T) {
	onShelves(t, testUnknownTypeIsCalledByItsMediaType)
}

func testUnknownTypeIsCalledByItsMediaType(t *testing.T, s browsetest.Shelf) {
	s.Put("a", browsetest.Image("application/vnd.Nobody.Knows+json", "x", 1), "v1")
	got := item(t, s, "a", "v1")
	want := browse.Type{ID: "unknown", Name: "application/vnd.Nobody.Knows+json", Short: "unknown", Icon: "/v2/_argosy/types/unknown/icon?v=" + s.Fingerprint(), Tools: []artifact.Tool{}}
	if diff := cmp.Diff(want, got.Type); diff != "" {
		t.Error(diff)
	}
	if len(got.Actions) != 1 || got.Actions[0].Command != "oras pull registry.example/a:v1" {
		t.Errorf("actions are %+v", got.Actions)
	}
}

// What is attached by subject, by a tag's name or within an index is counted
// under what it is attached to, and has no row of its own.
func TestAttachmentsAreFolded(t *testing.T) { onShelves(t, testAttachmentsAreFolded) }

func testAttachmentsAreFolded(t *testing.T, s browsetest.Shelf) {
	rocket := browsetest.Image(browsetest.Rocket, "saturn", 500)
	amd := s.Put("a", rocket)
	seal := oci.Descriptor{
		MediaType: oci.MediaTypeImageManifest, Digest: oci.SHA256.Sum([]byte("seal")), Size: 7,
		Annotations: map[string]string{"example.seal": "yes"}, Platform: &oci.Platform{OS: "unknown", Architecture: "unknown"},
	}
	index := browsetest.Index(browsetest.Fleet, browsetest.On("linux/amd64", amd, len(rocket)), browsetest.On("plan9/arm64", "sha256:"+oci.Digest(seal.Digest.Encoded()), 9), seal)
	fleet := s.Put("a", index, "v1")
	s.Put("a", browsetest.About(fleet, browsetest.Seal, "by subject"), "seal-of-v1")
	s.Put("a", browsetest.Image(browsetest.Seal, "by tag", 3), "sha256-"+fleet.Encoded()+".seal")
	s.Put("a", browsetest.About(fleet, "application/vnd.other", "not a companion"))

	page, err := s.Items(ctx, browse.Everything, browse.Query{N: 10, Site: site})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Items) != 1 || page.Next != "" {
		t.Fatalf("listed %d items, then %q: %+v", len(page.Items), page.Next, page.Items)
	}
	got := page.Items[0]
	if diff := cmp.Diff(browse.Attachments{Total: 4, ByType: map[string]int{"seal": 3, "unknown": 1}}, got.Attachments); diff != "" {
		t.Error(diff)
	}
	icon := "/v2/_argosy/platforms/linux/icon?v=" + s.Fingerprint()
	other := "/v2/_argosy/platforms/plan9/icon?v=" + s.Fingerprint()
	if diff := cmp.Diff([]browse.Icon{{Path: icon, Text: "linux/amd64"}, {Path: other, Text: "plan9/arm64"}}, got.Icons()); diff != "" {
		t.Error(diff)
	}
	// The index, what it says of its manifests, and what the one that is here holds.
	if want := int64(len(index)+len(rocket)+9+7) + 500 + 2; got.Size != want {
		t.Errorf("size is %d, want %d", got.Size, want)
	}
}

func TestPages(t *testing.T) { onShelves(t, testPages) }

func testPages(t *testing.T, s browsetest.Shelf) {
	var want []string
	for _, repo := range []oci.Name{"a", "a/b", "b"} {
		for tag := range 5 {
			s.Put(repo, browsetest.Image(browsetest.Rocket, fmt.Sprint(repo, tag), 1), fmt.Sprintf("v%d", tag))
			want = append(want, fmt.Sprintf("registry.example/%s:v%d", repo, tag))
		}
	}
	for n := 1; n < 17; n++ {
		var got []string
		q := browse.Query{N: n, Site: site}
		for {
			page, err := s.Items(ctx, browse.Everything, q)
			if err != nil || len(page.Items) > n {
				t.Fatalf("%d of %d, %v", len(page.Items), n, err)
			}
			for _, i := range page.Items {
				got = append(got, i.Reference)
			}
			if q.Last = page.Next; q.Last == "" {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("by pages of %d: %s", n, diff)
		}
	}
	page, err := s.Items(ctx, browse.Everything, browse.Query{Repository: "a/b", Last: "v1", N: 2, Site: site})
	if err != nil || len(page.Items) != 2 || page.Items[0].Tag != "v2" || page.Next != "v3" {
		t.Errorf("a/b after v1: %+v, %v", page, err)
	}
}

func TestPageOfNone(t *testing.T) { onShelves(t, testPageOfNone) }

func testPageOfNone(t *testing.T, s browsetest.Shelf) {
	s.Put("a", browsetest.Image(browsetest.Rocket, "x", 1), "v1")
	for _, n := range []int{0, -1} {
		page, err := s.Items(ctx, browse.Everything, browse.Query{Repository: "a", N: n, Site: site})
		if err != nil || page.Items == nil || len(page.Items) != 0 || page.Next != "" {
			t.Errorf("N %d: %+v, %v", n, page, err)
		}
	}
}

func TestErrors(t *testing.T) { onShelves(t, testErrors) }

func testErrors(t *testing.T, s browsetest.Shelf) {
	d := s.Put("a", browsetest.Image(browsetest.Rocket, "x", 1), "v1")
	all, nobody := browse.Everything, browse.Visible{}
	items := func(v browse.Visible, q browse.Query) error {
		q.Site, q.N = site, 10
		_, err := s.Items(ctx, v, q)
		return err
	}
	one := func(v browse.Visible, repo oci.Name, ref oci.Reference) error {
		_, err := s.Item(ctx, v, site, repo, ref)
		return err
	}
	for what, c := range map[string]struct {
		err  error
		want oci.Code
	}{
		"no such repository":           {items(all, browse.Query{Repository: "b"}), oci.NameUnknown},
		"a repository that is hidden":  {items(nobody, browse.Query{Repository: "a"}), oci.NameUnknown},
		"last is not text":             {items(all, browse.Query{Last: "a\xff"}), oci.RequestInvalid},
		"last has a zero":              {items(all, browse.Query{Last: "a\x00"}), oci.RequestInvalid},
		"no such tag":                  {one(all, "a", oci.Reference{Tag: "v2"}), oci.ManifestUnknown},
		"no such digest":               {one(all, "a", oci.Reference{Digest: oci.SHA256.Sum(nil)}), oci.ManifestUnknown},
		"a tag of no repository":       {one(all, "b", oci.Reference{Tag: "v1"}), oci.NameUnknown},
		"a tag that is hidden":         {one(nobody, "a", oci.Reference{Tag: "v1"}), oci.NameUnknown},
		"a digest that is hidden":      {one(nobody, "a", oci.Reference{Digest: d}), oci.NameUnknown},
		"a digest of another registry": {one(all, "b", oci.Reference{Digest: d}), oci.NameUnknown},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %s", what, c.err, c.want)
		}
	}
	if err := items(nobody, browse.Query{}); err != nil {
		t.Errorf("nobody's view of the registry: %v, want an empty list", err)
	}
}

// A row whose facts are damaged is shown as far as it is known, and does not
// take the listing with it.
func TestDamagedFacts(t *testing.T) {
	onShelves(t, func(t *testing.T, s browsetest.Shelf) {
		v := "/icon?v=" + s.Fingerprint()
		checkDamaged(t, s, "rocket", browse.Type{ID: "rocket", Name: "Space rocket", Short: "rocket", Icon: "/v2/_argosy/types/rocket" + v, Known: true, Tools: rocketTools})
		checkDamaged(t, s, "<gone>", browse.Type{ID: "<gone>", Name: browsetest.Rocket, Short: "<gone>", Icon: "/v2/_argosy/types/unknown" + v, Tools: []artifact.Tool{}})
	})
}

func checkDamaged(t *testing.T, s browsetest.Shelf, typ string, want browse.Type) {
	t.Helper()
	d := s.Put("a", browsetest.Image(browsetest.Rocket, "x", 1), "v1")
	err := s.Store.Write(ctx, func(tx *store.Tx) error {
		repo, _, err := tx.Repository("a")
		if err != nil {
			return err
		}
		id, _, err := tx.ManifestID(repo, d)
		if err != nil {
			return err
		}
		return tx.SetDerived(id, store.Derived{Type: typ, Facts: `{"type":`})
	})
	if err != nil {
		t.Fatal(err)
	}
	got := item(t, s, "a", "v1")
	if diff := cmp.Diff(want, got.Type); diff != "" || got.Digest != d {
		t.Errorf("%s %s", got.Digest, diff)
	}
}

var rocketTools = []artifact.Tool{{Title: "Pad", Installer: "https://pad.example/install"}, {Title: "Ladder"}}

func TestTypes(t *testing.T) {
	s := browsetest.New(t, storetest.SQLite(t))
	s.Put("a", browsetest.Image(browsetest.Rocket, "x", 1), "v1")
	s.Put("b", browsetest.Image(browsetest.Rocket, "y", 1), "v1")
	s.Put("b", browsetest.Image("application/vnd.nobody.knows", "y", 1), "v2")
	types, err := s.Types(browse.Everything)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, e := range types {
		ids = append(ids, e.ID)
		icon, mediaType, ok := s.Picture(browse.TypeIcon, e.ID)
		if !ok || len(icon) == 0 || (mediaType == "image/png") != (e.ID == "seal") {
			t.Errorf("the icon of %s: %t, %s", e.ID, ok, mediaType)
		}
	}
	if diff := cmp.Diff([]string{"fleet", "invalid", "rocket", "seal", "unknown"}, ids); diff != "" {
		t.Error(diff)
	}
	got, ok, err := s.TypeByID(browse.Everything, "rocket")
	if err != nil {
		t.Fatal(err)
	}
	want := browse.TypeEntry{
		ID: "rocket", Name: "Space rocket", Short: "rocket", Description: "Goes up.", Docs: "https://rocket.example/docs",
		Icon: "/v2/_argosy/types/rocket/icon?v=" + s.Fingerprint(), Origin: artifact.OriginBuiltin, Count: 2,
		Tools: rocketTools,
	}
	if diff := cmp.Diff(want, got); diff != "" || !ok {
		t.Error(diff)
	}
	if hidden, _, err := s.TypeByID(browse.Visible{}, "rocket"); err != nil || hidden.Count != 0 {
		t.Errorf("who sees nothing is told of %d, %v", hidden.Count, err)
	}
	unknown, err := s.UnknownTypes(browse.Everything, site)
	if err != nil || len(unknown) != 1 || unknown[0].MediaType != "application/vnd.nobody.knows" || unknown[0].Count != 1 || !strings.HasPrefix(unknown[0].Example, "registry.example/b@sha256:") {
		t.Errorf("unknown: %+v, %v", unknown, err)
	}
	if unknown, err := s.UnknownTypes(browse.Visible{}, site); err != nil || len(unknown) != 0 {
		t.Errorf("who sees nothing is told of %+v, %v", unknown, err)
	}
	if _, ok, _ := s.TypeByID(browse.Everything, "submarine"); ok || s.TypeName("submarine") != "submarine" || s.TypeName("rocket") != "Space rocket" {
		t.Error("a type that is not in the catalog has an entry or a name")
	}
}
