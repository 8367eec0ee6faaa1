package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// What an author writes for a type that nobody knows.
const (
	rocketEntry = `id: rocket
title: Rocket
short: rocket
description: A rocket and what is aboard.
category: package
match:
  - config: application/vnd.launch-site.rocket.config.v1+json
facts:
  title: [config:/name]
  version: [config:/stage]
actions:
  - {id: launch, label: Launch, command: "rocketry launch {plainHTTP:--plain} {ref}"}
`
	rocketIcon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M8 1l3 6v6H5V7z"/></svg>`
	// rockets is how many are pushed before the entry is there. What 100,000 take is
	// measured by BenchmarkReidentify.
	rockets = 400
)

// pushRocket pushes a rocket as its author's own tool would.
func (s *server) pushRocket(repo, tag string) error {
	config := fmt.Appendf(nil, `{"name": "Rocket %s", "stage": "%s"}`, tag, tag)
	aboard := []byte("aboard " + tag)
	for _, blob := range [][]byte{config, aboard} {
		if status, err := s.pushBlob(repo, blob); err != nil || status != http.StatusCreated {
			return fmt.Errorf("blob: status %d (%v)", status, err)
		}
	}
	content, err := json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": typeManifest,
		"config": describe("application/vnd.launch-site.rocket.config.v1+json", config),
		"layers": []descriptor{describe("application/vnd.launch-site.freight.v1.tar", aboard)},
	})
	if err != nil {
		return err
	}
	if status, err := s.pushManifest(repo, tag, typeManifest, content); err != nil || status != http.StatusCreated {
		return fmt.Errorf("manifest: status %d (%v)", status, err)
	}
	return nil
}

// One file and one icon, put into the folder of a running server, and what was
// pushed before and what comes after has name, icon, command and facts everywhere.
func TestOneEntryEverySurface(t *testing.T) {
	whole(t)
	s := serve(t)
	var wg sync.WaitGroup
	for part := range 4 {
		wg.Go(func() {
			for n := part; n < rockets; n += 4 {
				if err := s.pushRocket("site/rockets", fmt.Sprintf("1.%d", n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, i := range s.artifacts(t, "/v2/site/rockets/_argosy/artifacts") {
		if i.Type.Known {
			t.Fatalf("%s is known already: %+v", i.Reference, i.Type)
		}
	}
	if out := newBench(t).run("argosy", "types", "unknown", s.host); !strings.Contains(out, "application/vnd.launch-site.rocket.config.v1+json") || !strings.Contains(out, fmt.Sprint(rockets)) {
		t.Errorf("the report of unknown types:\n%s", out)
	}

	s.putEntry(rocketEntry)
	s.await("the type to be known", func() bool {
		a, err := s.do("GET", "/v2/_argosy/types/rocket", nil)
		return err == nil && a.status == http.StatusOK
	})
	s.await("the rockets that were pushed before", func() bool {
		return len(s.artifacts(t, "/v2/_argosy/artifacts?type=rocket&n=1000")) == rockets
	})
	if err := s.pushRocket("site/later", "2.0"); err != nil { // on the first page of the listing
		t.Fatal(err)
	}
	s.checkRockets(t)

	s.putEntry(strings.Replace(rocketEntry, "short:", "shrt:", 1))
	s.await("the broken entry to be refused", func() bool {
		return strings.Contains(s.types(t), "rocket.yaml:3:1")
	})
	s.checkRockets(t)

	s.stop()
	s.start()
	s.checkRockets(t)

	s.putEntry(strings.Replace(rocketEntry, "title: Rocket\n", "title: Space rocket\n", 1))
	s.await("the mended entry", func() bool {
		items := s.artifacts(t, "/v2/_argosy/artifacts?type=rocket&n=1000")
		return items[0].Type.Name == "Space rocket" && items[rockets].Type.Name == "Space rocket"
	})
	if said := s.types(t); strings.Contains(said, "rocket.yaml:3:1") || !strings.Contains(said, "Space rocket") {
		t.Errorf("it was mended, and still:\n%s", said)
	}
}

// putEntry puts the rocket's entry and icon into the server's folder of types.
func (s *server) putEntry(entry string) {
	s.t.Helper()
	folder := filepath.Join(s.data, "types")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		s.t.Fatal(err)
	}
	for name, content := range map[string]string{"rocket.yaml": entry, "rocket.svg": rocketIcon} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
}

// await waits until something holds.
func (s *server) await(what string, holds func() bool) {
	s.t.Helper()
	for end := time.Now().Add(time.Minute); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// types is what the owner is told of the catalog in force.
func (s *server) types(t *testing.T) string {
	stdout, stderr, _ := newBench(t).try("argosy", "types", "ls", "--data", s.data) // it fails when a set is refused
	return stdout + stderr
}

// checkRockets asks every surface for what was pushed before the entry was there,
// and after.
func (s *server) checkRockets(t *testing.T) {
	t.Helper()
	s = s.in(t)
	items := s.artifacts(t, "/v2/_argosy/artifacts?type=rocket&n=1000")
	if len(items) != rockets+1 {
		t.Fatalf("%d rockets are listed, want %d", len(items), rockets+1)
	}
	for _, name := range []string{"site/rockets:1.0", "site/later:2.0"} {
		ref := s.host + "/" + name
		repo, tag, _ := strings.Cut(name, ":")
		i := find(t, items, name)
		if i.Type.Name != "Rocket" || !i.Type.Known || i.Title != "Rocket "+tag || i.Version != tag || len(i.Actions) == 0 || i.Actions[0].Command != "rocketry launch --plain "+ref {
			t.Errorf("the listing has %+v", i)
		}
		icon := s.must(http.StatusOK, "GET", i.Type.Icon, nil)
		if string(icon.body) != rocketIcon {
			t.Errorf("its icon is %s", icon.body)
		}
		head := s.must(http.StatusOK, "HEAD", "/v2/"+repo+"/manifests/"+tag, nil, "Accept", typeManifest)
		if got := head.header.Get("Argosy-Type"); got != "rocket" {
			t.Errorf("Argosy-Type: %q", got)
		}
		page := s.must(http.StatusOK, "GET", "/?type=rocket&n=1000", nil)
		for _, want := range []string{name, i.Type.Icon, "Rocket", "rocketry"} {
			if !bytes.Contains(page.body, []byte(want)) {
				t.Errorf("the page of rockets does not say %q", want)
			}
		}
		why := s.must(http.StatusOK, "GET", "/v2/"+repo+"/_argosy/artifacts/"+tag+"/explanation", nil)
		if !bytes.Contains(why.body, []byte("application/vnd.launch-site.rocket.config.v1+json")) {
			t.Errorf("why it is a rocket: %s", why.body)
		}
	}
	line := s.host + "/site/later:2.0"
	if out := newBench(t).run("argosy", "ls", "--type", "rocket", s.host); !strings.Contains(out, line) || !strings.Contains(out, "rocketry launch --plain "+line) {
		t.Errorf("argosy ls:\n%.500s", out)
	}
	typ := s.must(http.StatusOK, "GET", "/v2/_argosy/types/rocket", nil)
	if !bytes.Contains(typ.body, fmt.Appendf(nil, `"count": %d`, rockets+1)) && !bytes.Contains(typ.body, fmt.Appendf(nil, `"count":%d`, rockets+1)) {
		t.Errorf("the type's own answer: %s", typ.body)
	}
	if a := s.must(http.StatusOK, "GET", "/v2/_argosy/types", nil); !bytes.Contains(a.body, []byte(`"rocket"`)) {
		t.Error("the list of types has no rocket")
	}
	if a := s.must(http.StatusOK, "GET", "/metrics", nil); !bytes.Contains(a.body, []byte(`type="rocket"`)) {
		t.Error("the metrics have no rocket")
	}
}
