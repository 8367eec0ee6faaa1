// Package browsetest fills a store with artifacts for tests of what shows them,
// under a small catalog of its own, so that what tests expect does not change
// when the built-in catalog grows. It does not know what is tested.
package browsetest

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"testing"
	"testing/fstest"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/browse"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
)

// Media types of the small catalog: a rocket is launched, a fleet is an index of
// rockets, a seal is what listings fold under its subject.
const (
	Rocket = "application/vnd.example.rocket"
	Fleet  = "application/vnd.example.fleet"
	Seal   = "application/vnd.example.seal"
)

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="9"/></svg>`

var entries = map[string]string{
	"unknown": `
id: unknown
title: Unknown artifact
short: unknown
facts:
  title: annotation:org.opencontainers.image.title
  version: annotation:org.opencontainers.image.version
  description: annotation:org.opencontainers.image.description
actions:
  - {id: pull, label: Pull, command: "oras pull {plainHTTP:--plain-http} {ref}"}
`,
	"invalid": `
id: invalid
title: No manifest
short: invalid
`,
	"rocket": `
id: rocket
title: Space rocket
short: rocket
description: Goes up.
docs: https://rocket.example/docs
tools: [{title: Pad, installer: "https://pad.example/install"}, {title: Ladder}]
match:
  - artifactType: ` + Rocket + `
facts:
  title: annotation:org.opencontainers.image.title
  version: annotation:org.opencontainers.image.version
  description: annotation:org.opencontainers.image.description
actions:
  - {id: launch, label: Launch, verified: true, command: "rocket launch {plainHTTP:--plain-http} {ref}"}
  - {id: pad, label: Open the pad, link: "https://pad.example/launch?ref={ref}"}
`,
	"fleet": `
id: fleet
title: Fleet of rockets
short: fleet
match:
  - artifactType: ` + Fleet + `
actions:
  - {id: launch, label: Launch, command: "rocket launch --all {ref}"}
`,
	"seal": `
id: seal
title: Seal
short: seal
companion: true
place: companion
attach: ["{digest}.seal"]
match:
  - artifactType: ` + Seal + `
entry:
  - annotations: {example.seal: "yes"}
`,
}

// Catalog is the small catalog.
func Catalog(t testing.TB) *artifact.Catalog {
	t.Helper()
	files := fstest.MapFS{"platforms/any.svg": {Data: []byte(icon)}, "platforms/linux.svg": {Data: []byte(icon)}}
	for id, text := range entries {
		files[id+".yaml"] = &fstest.MapFile{Data: []byte(text)}
		files[id+".svg"] = &fstest.MapFile{Data: []byte(icon)}
	}
	delete(files, "seal.svg")
	files["seal.png"] = &fstest.MapFile{Data: pixel(t)}
	c, err := artifact.Load(artifact.Source{FS: files, Origin: artifact.OriginBuiltin})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// pixel is the smallest picture.
func pixel(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Shelf is a Browser whose store can be filled.
type Shelf struct {
	*browse.Browser
	t testing.TB
}

// New is an empty shelf over a store, with the small catalog.
func New(t testing.TB, db *store.DB) Shelf {
	t.Helper()
	catalog := Catalog(t)
	return Shelf{&browse.Browser{Store: db, Catalog: func() *artifact.Catalog { return catalog }}, t}
}

// Pushed is when everything on a shelf was pushed, in microseconds since 1970.
const Pushed = 1_792_584_000_000_000

// Put stores a manifest under tags as a registry does, and returns its digest.
func (s Shelf) Put(repo oci.Name, manifest string, tags ...string) oci.Digest {
	s.t.Helper()
	content := []byte(manifest)
	parsed, err := oci.ParseManifest("", content)
	if err != nil {
		s.t.Fatal(err)
	}
	row := store.Manifest{
		Digest: oci.SHA256.Sum(content), MediaType: parsed.MediaType, ArtifactType: parsed.EffectiveArtifactType(),
		Size: int64(len(content)), Pushed: Pushed, Content: content,
	}
	if parsed.Config != nil {
		row.ConfigType = parsed.Config.MediaType
	}
	if parsed.Subject != nil {
		row.Subject = parsed.Subject.Digest
	}
	id := s.Catalog().Identify(artifact.Input{MediaType: parsed.MediaType, Manifest: content})
	s.PutRow(repo, row, id, parsed.References(), tags...)
	return row.Digest
}

// PutRow stores a row with whatever is said of it, also what no catalog would say.
func (s Shelf) PutRow(repo oci.Name, row store.Manifest, id artifact.Identification, named []oci.ManifestRef, tags ...string) {
	s.t.Helper()
	facts, err := json.Marshal(id)
	if err != nil {
		s.t.Fatal(err)
	}
	row.Derived = store.Derived{Type: id.Type, Variant: id.Variant, Companion: id.Companion, Facts: string(facts), Fingerprint: s.Catalog().Fingerprint()}
	err = s.Store.Write(context.Background(), func(tx *store.Tx) error { return s.write(tx, repo, row, named, tags) })
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s Shelf) write(tx *store.Tx, repo oci.Name, row store.Manifest, named []oci.ManifestRef, tags []string) (err error) {
	if row.RepositoryID, err = tx.EnsureRepository(repo, Pushed); err != nil {
		return err
	}
	id, added, err := tx.PutManifest(&row)
	if err != nil {
		return err
	}
	var refs []store.Ref
	for _, n := range named {
		ref := store.Ref{List: n.In, Position: n.Position, Digest: n.Digest, MediaType: n.MediaType}
		if n.In == oci.InManifests {
			if ref.Child, _, err = tx.ManifestID(row.RepositoryID, n.Digest); err != nil {
				return err
			}
		}
		refs = append(refs, ref)
	}
	if added {
		if err := tx.AddRefs(row.RepositoryID, id, refs); err != nil {
			return err
		}
	}
	for _, t := range tags {
		attached, _ := s.Catalog().AttachedTo(row.Type, t)
		if err := tx.SetTag(row.RepositoryID, oci.Tag(t), id, Pushed, attached); err != nil {
			return err
		}
	}
	return nil
}
