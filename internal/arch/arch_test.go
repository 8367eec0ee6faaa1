package arch_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/internal/arch"
)

// rules is the import table of docs/design.md, section 2.
var rules = []arch.Rule{
	{
		Of: "./internal/oci", Only: []string{},
		Never:  []string{"net", "os", "io/fs", "path/filepath"},
		Reason: "the specification's words stand alone and do no I/O",
	},
	{
		Of: "./internal/oci/ocitest", Only: []string{"./internal/oci"},
		Reason: "the suite and its client know a registry only by the specification",
	},
	{
		Of: "./types", Only: []string{},
		Reason: "the catalog's data embeds files and nothing else",
	},
	{
		Of: "./artifact/...", Only: []string{"./internal/oci", "./types"},
		Never:  []string{"net/http", "os/exec"},
		Reason: "what a manifest is depends on its bytes alone, and others import this package",
	},
	{
		Of: "./internal/blob/...", Only: []string{"./internal/oci"},
		Never:  []string{"net/http"},
		Reason: "a heap of bytes knows no repositories and no users",
	},
	{
		Of: "./internal/store/...", Only: []string{"./internal/oci"},
		Never:  []string{"net/http"},
		Reason: "to the store a type is a string",
	},
	{
		Of:     "./internal/registry/...",
		Never:  []string{"net/http", "./internal/auth/...", "./internal/job/...", "./internal/browse/...", "./internal/server/...", "./internal/config/...", "./internal/compose/...", "./internal/cli/..."},
		Reason: "the core writes; who asked, who watches and how it travelled are others' matters",
	},
	{
		Of:     "./internal/browse/...",
		Never:  []string{"net/http", "./internal/registry/...", "./internal/blob/...", "./internal/server/...", "./internal/compose/...", "./internal/cli/..."},
		Reason: "the read side cannot write",
	},
	{
		Of:     "./internal/server/v2/...",
		Never:  []string{"./internal/store/...", "./internal/blob/...", "./internal/registry/...", "./internal/browse/...", "./internal/compose/...", "./internal/server/web/...", "./internal/server/api/..."},
		Reason: "the protocol is spoken over an oci.Registry, whichever it is",
	},
	{
		Of:     "./internal/server/web/...",
		Never:  []string{"./internal/store/...", "./internal/blob/...", "./internal/registry/...", "./internal/compose/...", "./internal/server/api/...", "./internal/server/v2/..."},
		Reason: "pages are drawn from browse",
	},
	{
		Of:     "./internal/server/api/...",
		Never:  []string{"./internal/store/...", "./internal/blob/...", "./internal/registry/...", "./internal/compose/...", "./internal/server/web/...", "./internal/server/v2/..."},
		Reason: "JSON is written from browse",
	},
	{
		Of:     "./internal/server",
		Never:  []string{"./internal/store/...", "./internal/blob/...", "./internal/registry/...", "./internal/compose/...", "./internal/cli/..."},
		Reason: "the listener is given handlers",
	},
	{
		Of: "./internal/catalog", Only: []string{"./artifact", "./internal/bundle", "./internal/datafolder", "./internal/store", "./internal/watch"},
		Never:  []string{"net/http"},
		Reason: "the catalog in force knows neither what is stored under its types nor who asks",
	},
	{
		Of: "./internal/policy", Only: []string{"./artifact", "./internal/store", "./internal/watch"},
		Never:  []string{"net/http"},
		Reason: "what is taken is decided by the words of entries alone",
	},
	{
		Of: "./internal/watch", Only: []string{},
		Reason: "looking at files needs nothing of ours",
	},
	{
		Of: "./internal/lint", Only: []string{"./artifact", "./internal/oci"},
		Never:  []string{"net", "net/http", "os", "io/fs", "path/filepath"},
		Reason: "what is wrong with a manifest depends on its bytes and the catalog alone",
	},
	{
		Of: "./internal/operator", Only: []string{"./artifact", "./internal/policy"},
		Reason: "the socket passes on what others do",
	},
	{
		Of: "./internal/reach", Only: []string{"./internal/oci"},
		Reason: "who asks other registries knows only how, not what for",
	},
	{
		Of: "./internal/share", Only: []string{"./artifact", "./internal/oci"},
		Reason: "the form in which entries travel knows neither who sends them nor who takes them in",
	},
	{
		Of: "./internal/sign", Only: []string{"./internal/oci", "./internal/share"},
		Reason: "a signature is verified whatever it is for",
	},
	{
		Of: "./internal/bundle", Only: []string{},
		Never:  []string{"net/http", "os"},
		Reason: "a bundle is bytes made of bytes",
	},
	{
		Of: "./internal/follow", Only: []string{"./internal/catalog", "./internal/imagelayout", "./internal/oci", "./internal/reach", "./internal/share", "./internal/sign"},
		Never:  []string{"net/http"},
		Reason: "who follows hands on what was found, and knows no configuration",
	},
	{
		Of: "./internal/preview", Only: []string{"./artifact", "./internal/oci", "./internal/store"},
		Never:  []string{"net/http"},
		Reason: "what would change is read, and nothing is written",
	},
	{
		Of: "./internal/fetch", Only: []string{},
		Reason: "who fetches from strangers knows nothing that a stranger could ask for",
	},
	{
		Of: "./internal/mapping", Only: []string{"./artifact"},
		Never:  []string{"net", "net/http", "os"},
		Reason: "a mapping file is read and written; who fetches it and where entries go are others' matters",
	},
	{
		Of: "./internal/imagelayout/...", Only: []string{"./internal/oci"},
		Never:  []string{"net/http"},
		Reason: "an image layout is a folder of files",
	},
}

// monopolies are the imports that have one home.
var monopolies = []arch.Monopoly{
	{Import: "database/sql/...", By: []string{"./internal/store/..."}},
	{Import: "github.com/jackc/pgx/v5/...", By: []string{"./internal/store/..."}},
	{Import: "modernc.org/sqlite/...", By: []string{"./internal/store/..."}},
	{Import: "html/template", By: []string{"./internal/server/web/..."}},
	{Import: "github.com/yuin/goldmark/...", By: []string{"./internal/server/web/..."}},
	{Import: "github.com/microcosm-cc/bluemonday", By: []string{"./internal/server/web/..."}},
	{Import: "github.com/minio/minio-go/v7/...", By: []string{"./internal/blob/s3/..."}},
	{Import: "github.com/aws/aws-sdk-go-v2/...", By: []string{"./internal/blob/s3/..."}},
	{Import: "github.com/santhosh-tekuri/jsonschema/v6/...", By: []string{"./artifact"}, Tests: true},
	{Import: "oras.land/oras-go/v2/registry/remote/...", By: []string{"./internal/reach", "./internal/share/sharetest"}, Tests: true},
	{Import: "github.com/spf13/cobra", By: []string{"./cmd/...", "./internal/cli/..."}},
	{Import: "./internal/compose", By: []string{"./cmd/...", "./internal/cli/..."}, Tests: true},
	{Import: "./internal/cli", By: []string{"./cmd/...", "./internal/cli"}},
	{Import: "os/exec", By: []string{"./cmd/argosy-image", "./bench/...", "./internal/store/storetest"}, Tests: true},
}

func load(t *testing.T) []arch.Package {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	packages, err := arch.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	return packages
}

func TestImportTable(t *testing.T) {
	for _, broken := range arch.Check(load(t), rules, monopolies) {
		t.Error(broken)
	}
}

func TestNoCircles(t *testing.T) {
	for _, circle := range arch.Cycles(load(t)) {
		t.Errorf("areas import one another: %s", strings.Join(circle, " → "))
	}
}

// Packages that exist for tests stay out of what ships.
func TestProductionDoesNotImportTests(t *testing.T) {
	for _, p := range load(t) {
		if strings.HasSuffix(p.Path, "test") {
			continue
		}
		for _, name := range p.Imports {
			if name == "testing" || strings.HasPrefix(name, "./") && strings.HasSuffix(name, "test") {
				t.Errorf("%s imports %s outside its tests", p.Path, name)
			}
		}
	}
}

func TestPackagesSayWhatTheyAre(t *testing.T) {
	for _, p := range load(t) {
		base := p.Path[strings.LastIndex(p.Path, "/")+1:]
		if slices.Contains([]string{"util", "utils", "common", "models", "helpers", "misc"}, base) {
			t.Errorf("%s: a package is named after what it provides", p.Path)
		}
		want := "Package " + base + " "
		if p.Name == "main" {
			want = "Command " + base + " "
		}
		if !strings.HasPrefix(p.Doc, want) {
			t.Errorf("%s: its package comment begins %.40q, want %q", p.Path, p.Doc, want+"…")
		}
	}
}

// A rule about a package that is gone or renamed would hold for ever.
func TestTableNamesWhatExists(t *testing.T) {
	packages := load(t)
	for _, r := range rules {
		stem := strings.TrimSuffix(r.Of, "/...")
		if !slices.ContainsFunc(packages, func(p arch.Package) bool {
			return "./"+p.Path == stem || strings.HasPrefix("./"+p.Path, stem+"/")
		}) {
			t.Errorf("the table has a rule for %s, and there is no such package", r.Of)
		}
	}
}

func TestCheck(t *testing.T) {
	table := []arch.Rule{
		{Of: "./a/...", Only: []string{"./b"}, Never: []string{"net/http"}, Reason: "so"},
	}
	only := []arch.Monopoly{
		{Import: "database/sql/...", By: []string{"./b/..."}},
		{Import: "os/exec", By: []string{"./b"}, Tests: true},
	}
	for _, c := range []struct {
		name string
		pkg  arch.Package
		want int
	}{
		{"allowed", arch.Package{Path: "a", Imports: []string{"./b", "./a/below", "strings"}}, 0},
		{"not listed", arch.Package{Path: "a", Imports: []string{"./c"}}, 1},
		{"below the listed", arch.Package{Path: "a", Imports: []string{"./b/below"}}, 1},
		{"rule reaches below", arch.Package{Path: "a/below", Imports: []string{"./c"}}, 1},
		{"rule does not reach beside", arch.Package{Path: "ab", Imports: []string{"./c"}}, 0},
		{"never", arch.Package{Path: "a", Imports: []string{"net/http"}}, 1},
		{"never, but in a test", arch.Package{Path: "a", TestImports: []string{"net/http"}}, 0},
		{"monopoly", arch.Package{Path: "c", Imports: []string{"database/sql/driver"}}, 1},
		{"monopoly in a test", arch.Package{Path: "c", TestImports: []string{"database/sql"}}, 1},
		{"monopoly's owner", arch.Package{Path: "b/below", Imports: []string{"database/sql"}}, 0},
		{"monopoly that lets tests", arch.Package{Path: "c", TestImports: []string{"os/exec"}}, 0},
		{"monopoly that lets tests only", arch.Package{Path: "c", Imports: []string{"os/exec"}}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := arch.Check([]arch.Package{c.pkg}, table, only); len(got) != c.want {
				t.Errorf("Check found %d broken rules %q, want %d", len(got), got, c.want)
			}
		})
	}
}

func TestCycles(t *testing.T) {
	got := arch.Cycles([]arch.Package{
		{Path: "internal/a", Imports: []string{"./internal/b/below"}},
		{Path: "internal/b", Imports: []string{"strings"}},
		{Path: "internal/b/above", Imports: []string{"./internal/c"}},
		{Path: "internal/c", Imports: []string{"./internal/b", "./internal/a"}},
	})
	want := [][]string{
		{"internal/b", "internal/c", "internal/b"},
		{"internal/a", "internal/b", "internal/c", "internal/a"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("circles (-want +got):\n%s", diff)
	}
}
