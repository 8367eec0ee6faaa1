package policy_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/policy"
	"github.com/argosy-registry/argosy/internal/store"
	"github.com/argosy-registry/argosy/internal/store/storetest"
)

var ctx = context.Background()

// desk is a policy's file, and what is made of it.
type desk struct {
	*policy.Live
	t       *testing.T
	db      *store.DB
	file    string
	catalog atomic.Pointer[artifact.Catalog]
}

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, db: storetest.SQLite(t), file: filepath.Join(t.TempDir(), "policy.yaml")}
	d.catalog.Store(builtin(t))
	d.open()
	return d
}

// open is a start of the program.
func (d *desk) open() {
	d.t.Helper()
	var err error
	if d.Live, err = policy.Open(policy.Options{Store: d.db, File: d.file, Catalog: d.catalog.Load}); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) write(text string) {
	d.t.Helper()
	if err := os.WriteFile(d.file, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// takes says what becomes of a type.
func (d *desk) takes(typ string) string {
	return d.Current().Admit(d.catalog.Load(), policy.Artifact{Repository: "a", Type: typ}).Verdict.String()
}

// check reads the file and looks at what is in force, before and after a restart.
func (d *desk) check(what, wasm, refused string) {
	d.t.Helper()
	err := d.Reload(ctx)
	for _, when := range []string{"", " after a restart"} {
		if got := d.takes("wasm"); got != wasm {
			d.t.Errorf("%s%s: wasm is %s, want %s", what, when, got, wasm)
		}
		if (err != nil) != (refused != "") || err != nil && (!strings.Contains(err.Error(), refused) || d.Refused() != err.Error()) || err == nil && d.Refused() != "" {
			d.t.Errorf("%s%s: %v, refused %q, want %q", what, when, err, d.Refused(), refused)
		}
		d.open()
		err = d.Reload(ctx)
	}
}

func TestLive(t *testing.T) {
	d := newDesk(t)
	d.check("no file", "allow", "")
	if !d.Never() {
		t.Error("there was one")
	}
	d.write("admission: [{deny: wasn}]")
	d.check("a first file that is refused", "allow", `"wasn"`)
	if !d.Never() {
		t.Error("it is in force")
	}
	d.write("admission: [{deny: wasm}]")
	d.check("a file", "deny", "")
	if string(d.Text()) != "admission: [{deny: wasm}]" || d.Never() {
		t.Errorf("in force is %q", d.Text())
	}
	for what, text := range map[string]string{"cut off": "", "broken": "admission: [", "misspelt": "admission: [{deny: wasn}]", "a comment": "# off"} {
		d.write(text)
		d.check(what, "deny", "what was in force before stays")
	}
	if err := os.Remove(d.file); err != nil {
		t.Fatal(err)
	}
	d.check("no file any more", "deny", "is gone")
	if err := os.Mkdir(d.file, 0o700); err != nil {
		t.Fatal(err)
	}
	d.check("a folder", "deny", "no regular file")
	if err := os.Remove(d.file); err != nil {
		t.Fatal(err)
	}
	d.write("admission: []")
	d.check("none", "allow", "")
}

// A policy and the types that it names may come in any order, and part again.
func TestLiveWithTheCatalog(t *testing.T) {
	d := newDesk(t)
	with, err := artifact.Load(artifact.BuiltinSource(), artifact.Source{Origin: artifact.OriginLocal, FS: fstest.MapFS{
		"rocket.yaml": {Data: []byte("id: rocket\ntitle: Rocket\nshort: rocket\ncategory: package\nmatch: [{artifactType: application/vnd.acme.rocket}]\nactions: [{id: show, label: Show, command: \"show {ref}\"}]\n")},
		"rocket.svg":  {Data: []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"/>`)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	run, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { d.Watch(run); close(ended) }()
	defer func() { stop(); <-ended }()
	await := func(what string, holds func() bool) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("waited in vain for %s", what)
			}
		}
	}
	d.write("admission: [{deny: rocket}]")
	await("the refusal", func() bool { return strings.Contains(d.Refused(), `"rocket"`) })
	d.catalog.Store(with)
	await("the rule", func() bool { return d.takes("rocket") == "deny" && d.Refused() == "" })
	d.catalog.Store(builtin(t))
	await("the complaint", func() bool { return strings.Contains(d.Refused(), "does not have any more") })
	d.catalog.Store(with)
	await("its end", func() bool { return d.takes("rocket") == "deny" && d.Refused() == "" })
}

func TestMain(m *testing.M) { storetest.Main(m) }
