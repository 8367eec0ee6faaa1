package catalog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/catalog"
	"github.com/argosy-registry/argosy/internal/store"
	"github.com/argosy-registry/argosy/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var ctx = context.Background()

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24"/></svg>`

func entry(id, mediaType string) string {
	return fmt.Sprintf("id: %s\ntitle: The %s\nshort: %s\nmatch: [{artifactType: %s}]\n", id, id, id, mediaType)
}

// lab is a folder and a store with a catalog over them.
type lab struct {
	*testing.T
	db      *store.DB
	folder  string
	changes int
}

func newLab(t *testing.T) *lab {
	return &lab{T: t, db: storetest.SQLite(t), folder: filepath.Join(t.TempDir(), "types")}
}

// open opens the catalog, as each start of the program does.
func (l *lab) open() *catalog.Live {
	l.Helper()
	live, err := catalog.Open(catalog.Options{Store: l.db, Folder: l.folder, Changed: func() { l.changes++ }})
	if err != nil {
		l.Fatal(err)
	}
	return live
}

func (l *lab) write(files ...string) {
	l.Helper()
	if err := os.MkdirAll(l.folder, 0o700); err != nil {
		l.Fatal(err)
	}
	for i := 0; i < len(files); i += 2 {
		if err := os.WriteFile(filepath.Join(l.folder, files[i]), []byte(files[i+1]), 0o600); err != nil {
			l.Fatal(err)
		}
	}
}

func (l *lab) knows(live *catalog.Live, id string, want bool) {
	l.Helper()
	if _, ok := live.Current().Type(id); ok != want {
		l.Errorf("the catalog has %s: %v, want %v; refused: %s", id, ok, want, live.Refused())
	}
}

func TestASetComesIntoForceWholeAndIsKept(t *testing.T) {
	l := newLab(t)
	live := l.open()
	builtin := live.Current().Fingerprint()
	if err := live.Reload(ctx); err != nil {
		t.Fatalf("without a folder: %v", err)
	}
	l.write("rocket.yaml", entry("rocket", "application/vnd.acme.rocket.v1"), "rocket.svg", icon, "notes.txt", "no entry", ".hidden.yaml", "{{{")
	l.knows(live, "rocket", false)
	if err := live.Reload(ctx); err != nil {
		t.Fatal(err)
	}
	l.knows(live, "rocket", true)
	l.knows(l.open(), "rocket", true)
	with := live.Current().Fingerprint()
	if with == builtin || l.changes != 1 {
		t.Errorf("fingerprint %s, before %s; %d changes were told", with, builtin, l.changes)
	}
	if err := live.Reload(ctx); err != nil || l.changes != 1 {
		t.Errorf("the same set once more: %v, %d changes", err, l.changes)
	}
	for _, name := range []string{"rocket.yaml", "rocket.svg"} {
		if err := os.Remove(filepath.Join(l.folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := live.Reload(ctx); err != nil {
		t.Fatal(err)
	}
	l.knows(live, "rocket", false)
	l.knows(l.open(), "rocket", false)
	if now := live.Current().Fingerprint(); now != builtin {
		t.Errorf("without the entry the fingerprint is %s, want %s", now, builtin)
	}
}

// One bad file refuses the set; what was in force stays, also across a restart, and
// the error says where.
func TestABadSetChangesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		files []string
		says  string
	}{
		"unknown key":      {[]string{"ship.yaml", entry("ship", "application/vnd.acme.ship.v1") + "sail: big\n", "ship.svg", icon}, "ship.yaml:5:1"},
		"no icon":          {[]string{"ship.yaml", entry("ship", "application/vnd.acme.ship.v1")}, "ship.svg"},
		"script":           {[]string{"ship.yaml", entry("ship", "application/vnd.acme.ship.v1"), "ship.svg", strings.Replace(icon, "<rect", "<script>alert(1)</script><rect", 1)}, "ship.svg"},
		"shell":            {[]string{"ship.yaml", entry("ship", "application/vnd.acme.ship.v1") + "actions: [{id: a, label: A, command: \"run $(id)\"}]\n", "ship.svg", icon}, "ship.yaml:5"},
		"javascript":       {[]string{"ship.yaml", entry("ship", "application/vnd.acme.ship.v1") + "actions: [{id: a, label: A, link: \"javascript:alert(1)\"}]\n", "ship.svg", icon}, "ship.yaml:5"},
		"slash":            {[]string{"ship.yaml", entry("../ship", "application/vnd.acme.ship.v1"), "ship.svg", icon}, "ship.yaml:1"},
		"reserved":         {[]string{"invalid.yaml", entry("invalid", "application/vnd.acme.ship.v1"), "invalid.svg", icon}, "invalid"},
		"large":            {[]string{"ship.yaml", "# " + strings.Repeat("x", 10<<20), "ship.svg", icon}, "ship.yaml"},
		"bomb":             {[]string{"ship.yaml", "a: &a [x,x]\nb: &b [*a,*a]\nid: [*b,*b]\n", "ship.svg", icon}, "ship.yaml"},
		"the same rule":    {[]string{"ship.yaml", entry("ship", "application/vnd.acme.rocket.v1"), "ship.svg", icon}, "rocket"},
		"for plain images": {[]string{"ship.yaml", entry("ship", "application/vnd.oci.image.config.v1+json"), "ship.svg", icon}, "ship.yaml:4"},
		"other extension":  {[]string{"ship.yml", entry("ship", "application/vnd.acme.ship.v1"), "ship.svg", icon}, "ship.yml"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			live := l.open()
			l.write("rocket.yaml", entry("rocket", "application/vnd.acme.rocket.v1"), "rocket.svg", icon)
			if err := live.Reload(ctx); err != nil {
				t.Fatal(err)
			}
			before := live.Current()
			l.write(c.files...)
			err := live.Reload(ctx)
			if err == nil || !strings.Contains(err.Error(), c.says) || live.Refused() != err.Error() {
				t.Errorf("error %v, and %q is reported; want %q in it", err, live.Refused(), c.says)
			}
			if live.Current() != before {
				t.Error("another catalog is in force")
			}
			again := l.open()
			l.knows(again, "rocket", true)
			l.knows(again, "ship", false)
			for i := 0; i < len(c.files); i += 2 {
				if err := os.Remove(filepath.Join(l.folder, c.files[i])); err != nil {
					t.Fatal(err)
				}
			}
			if err := live.Reload(ctx); err != nil || live.Refused() != "" {
				t.Errorf("mended: %v, %q is reported", err, live.Refused())
			}
		})
	}
}

// A folder that is gone is a mistake, not an empty set.
func TestTheFolderIsGone(t *testing.T) {
	l := newLab(t)
	live := l.open()
	l.write("rocket.yaml", entry("rocket", "application/vnd.acme.rocket.v1"), "rocket.svg", icon)
	if err := live.Reload(ctx); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(l.folder); err != nil {
		t.Fatal(err)
	}
	if err := live.Reload(ctx); err == nil || !strings.Contains(err.Error(), l.folder) {
		t.Errorf("error %v does not name the folder", err)
	}
	l.knows(live, "rocket", true)
	l.write()
	if err := live.Reload(ctx); err != nil {
		t.Fatal(err)
	}
	l.knows(live, "rocket", false)
}

// What an older program kept and this one refuses is kept and reported, and the
// program's own entries are in force.
func TestAKeptSetThatIsRefused(t *testing.T) {
	l := newLab(t)
	if err := l.db.Write(ctx, func(tx *store.Tx) error { return tx.SetSetting("catalog-own", []byte("no archive")) }); err != nil {
		t.Fatal(err)
	}
	live := l.open()
	l.knows(live, "oci-image", true)
	if live.Refused() == "" {
		t.Error("nothing is reported")
	}
}

func TestAddAndRemove(t *testing.T) {
	l := newLab(t)
	live := l.open()
	rocket := map[string][]byte{"rocket.yaml": []byte(entry("rocket", "application/vnd.acme.rocket.v1")), "rocket.svg": []byte(icon)}
	if err := live.Add(ctx, rocket); err != nil {
		t.Fatal(err)
	}
	l.knows(live, "rocket", true)
	l.knows(l.open(), "rocket", true)
	bad := map[string][]byte{"ship.yaml": []byte("id: ship\n")}
	if err := live.Add(ctx, bad); err == nil || !strings.Contains(err.Error(), "ship.yaml:1") {
		t.Errorf("a bad entry: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(l.folder, "*")); err != nil || len(left) != 2 {
		t.Errorf("the folder holds %q, %v", left, err)
	}
	for _, name := range []string{"../ship.yaml", "ship.txt", ".ship.yaml", "a/ship.yaml"} {
		if err := live.Add(ctx, map[string][]byte{name: []byte(icon)}); err == nil {
			t.Errorf("a file called %s is taken", name)
		}
	}
	f, err := live.Source("rocket")
	if err != nil || string(f.Entry) != string(rocket["rocket.yaml"]) || string(f.Icon) != icon || f.Origin != artifact.OriginLocal {
		t.Errorf("source %+v %v", f, err)
	}
	if f, err := live.Source("oci-image"); err != nil || f.Origin != artifact.OriginBuiltin || !strings.Contains(string(f.Entry), "id: oci-image") {
		t.Errorf("built-in source: %v %v", f.Origin, err)
	}
	if _, err := live.Source("balloon"); err == nil {
		t.Error("there is a source of nothing")
	}
	if err := live.Add(ctx, map[string][]byte{"rocket.svg": make([]byte, 17<<20)}); err == nil || !strings.Contains(err.Error(), "too much") {
		t.Errorf("too much: %v", err)
	}
	picture := map[string][]byte{"rocket.yaml": rocket["rocket.yaml"], "rocket.png": pixel(t)}
	if err := live.Add(ctx, picture); err != nil {
		t.Errorf("an icon of another form: %v", err)
	}
	if err := live.Add(ctx, map[string][]byte{"rocket.yaml": rocket["rocket.yaml"]}); err != nil {
		t.Errorf("an entry whose icon is there: %v", err)
	}
	if f, err := live.Source("rocket"); err != nil || string(f.Icon) != string(picture["rocket.png"]) {
		t.Errorf("the new icon is %q, %v", f.Icon, err)
	}
	if left, err := filepath.Glob(filepath.Join(l.folder, "*")); err != nil || len(left) != 2 {
		t.Errorf("the folder holds %q, %v", left, err)
	}
	if err := live.Remove(ctx, "oci-image"); err == nil {
		t.Error("a built-in entry is removed")
	}
	if err := live.Remove(ctx, "rocket"); err != nil {
		t.Fatal(err)
	}
	l.knows(live, "rocket", false)
	if err := live.Reload(ctx); err != nil {
		t.Fatal(err)
	}
	l.knows(live, "rocket", false)
}

// The owner's entry of a built-in id takes its place, and gives it back.
func TestOverABuiltinEntry(t *testing.T) {
	l := newLab(t)
	live := l.open()
	title := func() string { return must(live.Current().Type("helm-chart")).Title }
	before := title()
	err := live.Add(ctx, map[string][]byte{"helm-chart.yaml": []byte(entry("helm-chart", "application/vnd.acme.chart.v1")), "helm-chart.svg": []byte(icon)})
	if err != nil || title() != "The helm-chart" {
		t.Fatalf("title %s, %v", title(), err)
	}
	if err := live.Remove(ctx, "helm-chart"); err != nil || title() != before {
		t.Errorf("title %s, want %s; %v", title(), before, err)
	}
}

// Of makes the same catalog of what Files tells of one.
func TestOf(t *testing.T) {
	l := newLab(t)
	live := l.open()
	err := live.Add(ctx, map[string][]byte{
		"oci-image.yaml": []byte("id: oci-image\ntitle: Picture\nshort: pic\nfallback: true\nmatch: [{config: application/vnd.oci.image.config.v1+json}]\n"), "oci-image.svg": []byte(icon),
		"acme.yaml":   []byte("id: acme\nextends: oci-image\nactions: [{id: see, label: See, command: 'see {ref}'}]\n"),
		"rocket.yaml": []byte(entry("rocket", "application/vnd.acme.rocket.v1")), "rocket.png": pixel(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	files := live.Current().Files()
	c, err := catalog.Of(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(asJSON(t, live.Current().Types()), asJSON(t, c.Types())); diff != "" {
		t.Error(diff)
	}
	c, err = catalog.Of(files, map[string][]byte{"rocket.yaml": []byte(entry("rocket", "application/vnd.acme.rocket.v2")), "rocket.svg": []byte(icon)})
	if err != nil {
		t.Fatal(err)
	}
	if all, _ := c.MediaTypes("rocket"); len(all) != 1 || all[0].MediaType != "application/vnd.acme.rocket.v2" {
		t.Errorf("with another entry over it: %v", all)
	}
	if _, err := catalog.Of(files, map[string][]byte{"ship.yaml": []byte("id: ship\n")}); err == nil || !strings.Contains(err.Error(), "ship.yaml:1") {
		t.Errorf("a bad entry: %v", err)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// pixel is the smallest picture.
func pixel(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func must(t *artifact.Type, ok bool) *artifact.Type {
	if !ok {
		panic("there is no such type")
	}
	return t
}

// The folder is read when something in it changed, whenever that is.
func TestWatch(t *testing.T) {
	l := newLab(t)
	live := l.open()
	watch, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { live.Watch(watch); close(ended) }()
	defer func() { stop(); <-ended }()
	wait := func(what string, ok func() bool) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: not after 20 s; refused: %s", what, live.Refused())
			}
		}
	}
	has := func(id string) func() bool {
		return func() bool { _, ok := live.Current().Type(id); return ok }
	}
	l.write("rocket.yaml", entry("rocket", "application/vnd.acme.rocket.v1"))
	wait("an entry without its icon is refused", func() bool { return live.Refused() != "" })
	l.write("rocket.svg", icon)
	wait("the icon comes", has("rocket"))
	wait("nothing is refused any more", func() bool { return live.Refused() == "" })
	l.write("rocket.yaml", strings.Replace(entry("rocket", "application/vnd.acme.rocket.v1"), "The rocket", "Another rocket", 1))
	wait("the title changes", func() bool { return must(live.Current().Type("rocket")).Title == "Another rocket" })
}
