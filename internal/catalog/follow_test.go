package catalog_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/catalog"
	"github.com/argosy-registry/argosy/internal/store"
)

const central = "central.example/types/catalog:1"

// edition is one of a catalog with some types, each known by its id.
func edition(digest string, types ...string) catalog.Edition {
	e := catalog.Edition{Digest: "sha256:" + digest, Files: map[string][]byte{}}
	for _, id := range types {
		e.Files[id+".yaml"], e.Files[id+".svg"] = []byte(entry(id, "application/vnd.acme."+id)), []byte(icon)
	}
	return e
}

func status(t *testing.T, live *catalog.Live, ref string) (one catalog.Followed) {
	t.Helper()
	for _, f := range live.Followed() {
		if f.Ref == ref {
			one = f
		}
	}
	return one
}

func TestFollow(t *testing.T) {
	l := newLab(t)
	var log bytes.Buffer
	live, err := catalog.Open(catalog.Options{Store: l.db, Folder: l.folder, Log: slog.New(slog.NewTextHandler(&log, nil)), Changed: func() { l.changes++ }})
	if err != nil {
		t.Fatal(err)
	}
	terms := catalog.Terms{Ref: central, Key: "k"}
	if err := live.Follow(ctx, terms, edition("1", "rocket", "ship")); err != nil {
		t.Fatal(err)
	}
	for _, l2 := range []*catalog.Live{live, l.open()} { // across restarts, nobody is asked
		l.knows(l2, "rocket", true)
		typ, _ := l2.Current().Type("ship")
		if typ.Origin != artifact.OriginFollowed || typ.From != central+"@sha256:1" {
			t.Errorf("ship is %s, from %q", typ.Origin, typ.From)
		}
		if f, err := l2.Source("ship"); err != nil || f.From != typ.From || !bytes.Contains(f.Entry, []byte("id: ship")) {
			t.Errorf("source %+v, %v", f, err)
		}
		if digest := l2.InForce(terms); digest != "sha256:1" {
			t.Errorf("in force is %q", digest)
		}
		if got := status(t, l2, central); cmp.Diff([]string{"rocket", "ship"}, got.Types) != "" || got.Digest != "sha256:1" || got.Refused != "" {
			t.Errorf("status %+v", got)
		}
	}
	changes := l.changes
	if err := live.Follow(ctx, terms, edition("1", "rocket", "ship")); err != nil || l.changes != changes {
		t.Errorf("the same once more: %v, %d changes", err, l.changes-changes)
	}
	next := edition("2", "rocket", "boat")
	next.Files["rocket.svg"] = bytes.Replace([]byte(icon), []byte("24"), []byte("25"), 1)
	if err := live.Follow(ctx, terms, next); err != nil {
		t.Fatal(err)
	}
	l.knows(live, "ship", false)
	for _, want := range []string{"former=sha256:1", "added=boat", "changed=rocket", "removed=ship", "added=\"rocket, ship\""} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %s:\n%s", want, &log)
		}
	}
}

// A set that is refused changes nothing, also across restarts, and the reason is told
// once in the log and whenever somebody asks.
func TestFollowRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		files []string
		says  string
	}{
		"a takeover":        {[]string{"helm-chart.yaml", entry("helm-chart", "application/vnd.acme.chart"), "helm-chart.svg", icon}, `"helm-chart" takes over an entry that is built-in`},
		"actions on theirs": {[]string{"more.yaml", "id: more\nextends: oci-image\nactions: [{id: run, label: Run, command: evil}]\n"}, `changes "oci-image"`},
		"an unknown key":    {[]string{"ship.yaml", entry("ship", "application/vnd.acme.ship") + "sail: big\n", "ship.svg", icon}, "ship.yaml:5:1"},
		"a script":          {[]string{"ship.yaml", entry("ship", "application/vnd.acme.ship"), "ship.svg", "<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"}, "ship.svg"},
		"the id of another": {[]string{"boat.yaml", entry("boat", "application/vnd.acme.boat"), "boat.svg", icon}, `id "boat" is in ` + central},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			live := l.open()
			terms := catalog.Terms{Ref: central}
			if err := live.Follow(ctx, terms, edition("1", "rocket")); err != nil {
				t.Fatal(err)
			}
			if err := live.Follow(ctx, catalog.Terms{Ref: "other.example/a:1"}, edition("9", "boat")); err != nil {
				t.Fatal(err)
			}
			before := live.Current()
			bad := edition("2", "rocket")
			for i := 0; i < len(c.files); i += 2 {
				bad.Files[c.files[i]] = []byte(c.files[i+1])
			}
			err := live.Follow(ctx, terms, bad)
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), central+"@sha256:2") {
				t.Errorf("error %v does not say %q", err, c.says)
			}
			got := status(t, live, central)
			if live.Current() != before || got.Digest != "sha256:1" || got.Refused != err.Error() || live.Refused() != "" {
				t.Errorf("something has changed: %+v", got)
			}
			l.knows(l.open(), "rocket", true)
			if err := live.Follow(ctx, terms, edition("3", "rocket")); err != nil || status(t, live, central).Refused != "" {
				t.Errorf("mended: %v, %+v", err, status(t, live, central))
			}
		})
	}
}

// A catalog that is trusted with it takes over, and gives back.
func TestOverride(t *testing.T) {
	l := newLab(t)
	live := l.open()
	terms := catalog.Terms{Ref: central, Override: true}
	if err := live.Follow(ctx, terms, edition("1", "helm-chart")); err != nil {
		t.Fatal(err)
	}
	if typ, _ := live.Current().Type("helm-chart"); typ.Title != "The helm-chart" {
		t.Errorf("it is %q", typ.Title)
	}
	terms.Override = false // taken back before a start
	again := l.open()
	if err := again.Keep(ctx, []catalog.Terms{terms}); err != nil {
		t.Fatal(err)
	}
	if typ, _ := again.Current().Type("helm-chart"); typ.Origin != artifact.OriginBuiltin {
		t.Errorf("it is %s", typ.Origin)
	}
	if got := status(t, again, central); !strings.Contains(got.Refused, "takes over") || got.Digest != "" {
		t.Errorf("status %+v", got)
	}
}

func TestOnly(t *testing.T) {
	l := newLab(t)
	live := l.open()
	terms := catalog.Terms{Ref: central, Only: []string{"rock*", "boat"}}
	e := func() catalog.Edition { return edition("1", "rocket", "rock", "ship", "helm-chart") }
	if err := live.Follow(ctx, terms, e()); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]bool{"rocket": true, "rock": true, "ship": false} {
		l.knows(live, id, want)
	}
	if err := live.Follow(ctx, catalog.Terms{Ref: central, Only: []string{"nothing"}}, e()); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("nothing is left: %v", err)
	}
	wider := l.open()
	if err := wider.Keep(ctx, []catalog.Terms{{Ref: central, Only: []string{"ship"}}}); err != nil { // nobody need be asked
		t.Fatal(err)
	}
	l.knows(wider, "ship", true)
	l.knows(wider, "rocket", false)
}

// What is kept is settled by the terms of today.
func TestKeep(t *testing.T) {
	for name, c := range map[string]struct {
		terms []catalog.Terms
		want  bool
		says  string
	}{
		"the same":     {[]catalog.Terms{{Ref: central, Key: "k"}}, true, ""},
		"not followed": {nil, false, ""},
		"another key":  {[]catalog.Terms{{Ref: central, Key: "other"}}, false, "another key"},
		"beside one":   {[]catalog.Terms{{Ref: "a.example/a:1"}, {Ref: central, Key: "k"}}, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			if err := l.open().Follow(ctx, catalog.Terms{Ref: central, Key: "k"}, edition("1", "rocket")); err != nil {
				t.Fatal(err)
			}
			live := l.open()
			if err := live.Keep(ctx, c.terms); err != nil {
				t.Fatal(err)
			}
			l.knows(live, "rocket", c.want)
			l.knows(l.open(), "rocket", c.want)
			if got := status(t, live, central); !strings.Contains(got.Refused, c.says) || c.says == "" && got.Refused != "" {
				t.Errorf("status %+v", got)
			}
		})
	}
}

// The owner's entries are over the followed ones, and outlive them.
func TestOwnOverFollowed(t *testing.T) {
	l := newLab(t)
	live := l.open()
	if err := live.Follow(ctx, catalog.Terms{Ref: central}, edition("1", "rocket")); err != nil {
		t.Fatal(err)
	}
	own := map[string][]byte{"rocket.yaml": []byte(strings.Replace(entry("rocket", "application/vnd.acme.own"), "The rocket", "Our rocket", 1)), "rocket.svg": []byte(icon)}
	if err := live.Add(ctx, own); err != nil {
		t.Fatal(err)
	}
	if err := live.Follow(ctx, catalog.Terms{Ref: central}, edition("2", "rocket", "ship")); err != nil {
		t.Fatal(err)
	}
	l.knows(live, "ship", true)
	if typ, _ := live.Current().Type("rocket"); typ.Title != "Our rocket" {
		t.Errorf("it is %q", typ.Title)
	}
	if err := live.Remove(ctx, "rocket"); err != nil {
		t.Fatal(err)
	}
	if typ, _ := l.open().Current().Type("rocket"); typ.From != central+"@sha256:2" {
		t.Errorf("it is from %q", typ.From)
	}
}

// Of what was kept and is refused now, the rest stays in force.
func TestKeptSetsThatAreRefused(t *testing.T) {
	l := newLab(t)
	live := l.open()
	for _, ref := range []string{central, "other.example/a:1"} {
		if err := live.Follow(ctx, catalog.Terms{Ref: ref}, edition("1", "type-of-"+ref[:5])); err != nil {
			t.Fatal(err)
		}
	}
	if err := live.Add(ctx, map[string][]byte{"ship.yaml": []byte(entry("ship", "application/vnd.acme.ship")), "ship.svg": []byte(icon)}); err != nil {
		t.Fatal(err)
	}
	if err := l.db.Write(ctx, func(tx *store.Tx) error { return tx.SetSetting("catalog-followed "+central, []byte("PK no archive")) }); err != nil {
		t.Fatal(err)
	}
	again := l.open()
	l.knows(again, "type-of-other", true)
	l.knows(again, "ship", true)
	l.knows(again, "type-of-centr", false)
	if got := status(t, again, central); !strings.Contains(got.Refused, "before") {
		t.Errorf("status %+v", got)
	}
}

// What cannot be reached is told beside what was found before.
func TestMiss(t *testing.T) {
	l := newLab(t)
	live := l.open()
	live.Refuse(central, errors.New("evil"))
	live.Miss(central, errors.New("no route"))
	if got := status(t, live, central); got.Refused != "evil" || got.Unreachable != "no route" || !got.Checked.IsZero() {
		t.Errorf("status %+v", got)
	}
	live.Unchanged(central)
	if got := status(t, live, central); got.Refused != "" || got.Unreachable != "" || got.Checked.IsZero() {
		t.Errorf("status %+v", got)
	}
}
