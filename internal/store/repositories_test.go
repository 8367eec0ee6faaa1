package store_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
	"github.com/argosy-registry/argosy/internal/store/storetest"
)

// names walks the repositories below a name by pages of n.
func (s shelf) names(below oci.Name, n int) (names []string) {
	s.t.Helper()
	for last := ""; ; {
		page, err := s.RepositoryItems(all, below, last, n)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, r := range page {
			last = string(r.Name)
			names = append(names, last)
		}
		if len(page) < n {
			return names
		}
	}
}

func TestRepositoriesBelowAName(t *testing.T) { onShelves(t, repositoriesBelowAName) }

func repositoriesBelowAName(t *testing.T, s shelf) {
	ordered := []string{"a", "a-b", "a.b", "a/b", "a/b-c", "a/b/c", "a/bc", "a/z", "a0", "ab", "z9", "zz/zz"}
	for i := range ordered { // in another order than they are listed
		name := ordered[(i*5)%len(ordered)]
		s.put(thing{repo: oci.Name(name), content: name, typ: "file", tags: []string{"v1"}})
	}
	for below, want := range map[oci.Name][]string{
		"": ordered, "a": {"a", "a/b", "a/b-c", "a/b/c", "a/bc", "a/z"}, "a/b": {"a/b", "a/b/c"},
		"zz": {"zz/zz"}, "zz/zz": {"zz/zz"}, "z": nil, "a/b/c/d": nil,
	} {
		for n := 1; n <= len(want)+1; n++ {
			if diff := cmp.Diff(want, s.names(below, n)); diff != "" {
				t.Errorf("below %q by %d: %s", below, n, diff)
			}
		}
	}
	for _, c := range []struct {
		below oci.Name
		last  string
		want  string
	}{
		{"a", "A", "a"}, {"a", "a", "a/b"}, {"a", "a-b", "a/b"}, {"a", "a/", "a/b"}, {"a", "a/b0", "a/bc"}, {"a", "a0", ""}, {"a", "zz", ""},
		{"", "a0", "ab"}, {"", "zzz", ""}, {"", "~", ""}, {"a", "é", ""}, {"", "%", "a"}, {"a", "a/%", "a/b"},
	} {
		page, err := s.RepositoryItems(all, c.below, c.last, 1)
		got := ""
		if len(page) > 0 {
			got = string(page[0].Name)
		}
		if got != c.want || err != nil {
			t.Errorf("below %q after %q is %q, %v, want %q", c.below, c.last, got, err, c.want)
		}
	}
	if page, err := s.RepositoryItems(store.Visible{}, "", "", 10); len(page) != 0 || err != nil {
		t.Errorf("nobody sees %d repositories, %v", len(page), err)
	}
	if page, err := s.RepositoryItems(store.Visible{}, "a", "", 10); len(page) != 0 || err != nil {
		t.Errorf("nobody sees %d repositories below a, %v", len(page), err)
	}
}

// More repositories than one statement counts keep their own counts each.
func TestManyRepositoriesAreCounted(t *testing.T) { onShelves(t, manyRepositoriesAreCounted) }

func manyRepositoriesAreCounted(t *testing.T, s shelf) {
	var things []thing
	for i := range 250 {
		x := thing{repo: oci.Name(fmt.Sprintf("r%03d", i)), content: fmt.Sprint(i), typ: "file"}
		for n := range i % 7 {
			x.tags = append(x.tags, fmt.Sprint("v", n))
		}
		things = append(things, x)
	}
	s.put(things...)
	page, err := s.RepositoryItems(all, "", "", 1000)
	if err != nil || len(page) != 250 {
		t.Fatalf("%d repositories, %v", len(page), err)
	}
	for i, r := range page {
		if want := int64(i % 7); r.Tags != want || r.Types["file"] != want {
			t.Errorf("%s has %d tags and %v, want %d", r.Name, r.Tags, r.Types, want)
		}
	}
}

// counted checks that the counts of repositories are those of the rows that
// listings show, and returns them.
func (s shelf) counted() map[oci.Name]map[string]int64 {
	s.t.Helper()
	rows, err := s.Items(all, store.ItemQuery{N: 1000})
	if err != nil {
		s.t.Fatal(err)
	}
	want, sum := map[oci.Name]map[string]int64{}, map[string]int64{}
	for _, i := range rows {
		if want[i.Repository] == nil {
			want[i.Repository] = map[string]int64{}
		}
		want[i.Repository][i.Type]++
		sum[i.Type]++
	}
	page, err := s.RepositoryItems(all, "", "", 1000)
	if err != nil {
		s.t.Fatal(err)
	}
	got := map[oci.Name]map[string]int64{}
	for _, r := range page {
		if len(r.Types) > 0 {
			got[r.Name] = r.Types
		}
		for typ, n := range r.Types {
			typed, err := s.Items(all, store.ItemQuery{Repository: r.Name, Type: typ, N: 1000})
			if err != nil || int64(len(typed)) != n {
				s.t.Errorf("%s lists %d of type %s, %v, and counts %d", r.Name, len(typed), typ, err, n)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Errorf("counts differ from what is listed: %s", diff)
	}
	types, err := s.TypeCounts(all)
	if err != nil || len(types) != len(sum) {
		s.t.Errorf("types %v, %v, want %v", types, err, sum)
	}
	for _, c := range types {
		if sum[c.Type] != c.Count {
			s.t.Errorf("%d of type %s, want %d", c.Count, c.Type, sum[c.Type])
		}
	}
	return got
}

// Whatever changes what listings show changes the counts with it.
func TestCountsAreOfWhatIsListed(t *testing.T) { onShelves(t, countsAreOfWhatIsListed) }

func countsAreOfWhatIsListed(t *testing.T, s shelf) {
	image := s.put(thing{repo: "a", content: "image", typ: "image", tags: []string{"v1", "v2"}})
	seal := thing{repo: "a", content: "seal", typ: "seal", companion: true, tags: []string{"sealed"}, subject: image}
	sealed := s.put(seal)
	named := s.put(thing{repo: "a", content: "named", typ: "seal", companion: true, tags: []string{"x.sig", "free"}, attached: string(image)})
	s.put(
		thing{repo: "a", content: "about nothing", typ: "seal", companion: true, tags: []string{"alone"}},
		thing{repo: "a", content: "untagged", typ: "file"},
		thing{repo: "b", content: "untagged", typ: "file"},
	)
	write(t, s.DB, func(tx *store.Tx) error {
		_, err := tx.EnsureRepository("c", 77)
		return err
	})
	check := func(what string, want map[oci.Name]map[string]int64) {
		t.Helper()
		if diff := cmp.Diff(want, s.counted()); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	check("at first", map[oci.Name]map[string]int64{"a": {"image": 2, "seal": 1}})

	page, err := s.RepositoryItems(all, "", "", 10)
	if err != nil || len(page) != 3 {
		t.Fatalf("%d repositories, %v", len(page), err)
	}
	// Pushed at 2, tagged at 3; what holds nothing says when it was made.
	for i, want := range []store.RepositoryItem{{Name: "a", Tags: 6, Updated: 3}, {Name: "b", Updated: 2}, {Name: "c", Updated: 77}} {
		if got := page[i]; got.Name != want.Name || got.Tags != want.Tags || got.Updated != want.Updated {
			t.Errorf("%+v, want %+v", got, want)
		}
	}

	change := func(fn func(tx *store.Tx, repo int64) error) {
		t.Helper()
		write(t, s.DB, func(tx *store.Tx) error {
			repo, _, err := tx.Repository("a")
			if err != nil {
				return err
			}
			return fn(tx, repo)
		})
	}
	id := func(d oci.Digest) int64 { return s.id("a", d) }
	change(func(tx *store.Tx, _ int64) error { return tx.SetAttached(id(named), "free", "") })
	check("a tag is let go", map[oci.Name]map[string]int64{"a": {"image": 2, "seal": 2}})
	change(func(tx *store.Tx, _ int64) error { return tx.SetAttached(id(named), "free", string(image)) })
	check("and folded again", map[oci.Name]map[string]int64{"a": {"image": 2, "seal": 1}})
	change(func(tx *store.Tx, _ int64) error {
		return tx.SetDerived(id(sealed), store.Derived{Type: "seal", Facts: "{}"})
	})
	check("no companion any more", map[oci.Name]map[string]int64{"a": {"image": 2, "seal": 2}})
	change(func(tx *store.Tx, _ int64) error {
		return tx.SetDerived(id(named), store.Derived{Type: "other", Facts: "{}"})
	})
	check("a new type of what is folded by name", map[oci.Name]map[string]int64{"a": {"image": 2, "seal": 2}})
	s.put(seal)
	check("pushed again, a companion again", map[oci.Name]map[string]int64{"a": {"image": 2, "seal": 1}})
	change(func(tx *store.Tx, _ int64) error {
		m, err := tx.ManifestByID(id(image))
		if err != nil {
			return err
		}
		ok, err := tx.Rederive(m, store.Derived{Type: "picture", Facts: "{}", Fingerprint: "new"})
		if !ok {
			t.Error("not identified anew")
		}
		return err
	})
	check("identified anew", map[oci.Name]map[string]int64{"a": {"picture": 2, "seal": 1}})
	change(func(tx *store.Tx, repo int64) error { return tx.SetTag(repo, "v2", id(sealed), 9, "") })
	check("moved to what is folded", map[oci.Name]map[string]int64{"a": {"picture": 1, "seal": 1}})
	change(func(tx *store.Tx, repo int64) error {
		_, err := tx.DeleteTag(repo, "v1")
		return err
	})
	check("deleted", map[oci.Name]map[string]int64{"a": {"seal": 1}})
	page, err = s.RepositoryItems(all, "a", "", 10)
	if err != nil || len(page) != 1 || page[0].Updated != 9 || page[0].Tags != 5 {
		t.Errorf("a is %+v, %v, want 5 tags, updated at 9", page, err)
	}
}

// What an older program stored is listed and counted by this one.
func TestTagsOfTheFirstSchemaAreListed(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(storetest.Dir(t), "argosy.db")
		firstSchema(t, "sqlite", path, "sqlite")
		db, err := store.OpenSQLite(path, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		checkFirstSchema(t, shelf{t, db})
	})
	t.Run("postgres", func(t *testing.T) {
		url := storetest.Postgres(t)
		firstSchema(t, "pgx", url, "postgres")
		checkFirstSchema(t, shelf{t, storetest.OpenPostgres(t, url)})
	})
}

func firstSchema(t *testing.T, driver, url, folder string) {
	t.Helper()
	db, err := sql.Open(driver, url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	schema, err := os.ReadFile(filepath.Join("schema", folder, "0001_core.sql"))
	if err != nil {
		t.Fatal(err)
	}
	row := func(digest, subject, companion, typ string) string {
		return `INSERT INTO manifest (repository_id, digest, media_type, artifact_type, config_type, subject, size, pushed, type, variant, companion, facts, fingerprint)
			VALUES (1, '` + digest + `', '', '', '', '` + subject + `', 1, 5, '` + typ + `', '', ` + companion + `, '{}', 'f')`
	}
	for _, text := range []string{
		`CREATE TABLE schema_version (version BIGINT NOT NULL)`, `INSERT INTO schema_version (version) VALUES (1)`, string(schema),
		`INSERT INTO repository (name, created) VALUES ('a', 1)`,
		row("d1", "", "0", "image"), row("d2", "d1", "1", "seal"), row("d3", "", "1", "seal"), row("d4", "d1", "0", "doc"),
		`INSERT INTO tag (repository_id, name, manifest_id, updated, attached_to) VALUES
			(1, 'image', 1, 5, ''), (1, 'folded', 2, 5, ''), (1, 'seal', 3, 5, ''), (1, 'by-name', 3, 5, 'd1'), (1, 'doc', 4, 5, '')`,
	} {
		if _, err := db.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
}

func checkFirstSchema(t *testing.T, s shelf) {
	t.Helper()
	want := map[oci.Name]map[string]int64{"a": {"image": 1, "seal": 1, "doc": 1}}
	if diff := cmp.Diff(want, s.counted()); diff != "" {
		t.Error(diff)
	}
	if got := strings.Join(s.walk(all, "", 10), " "); got != "a:doc a:image a:seal" {
		t.Errorf("listed %s", got)
	}
}
