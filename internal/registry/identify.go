package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/lint"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
)

// identify sets what the catalog says of an incoming manifest. The config is
// read only where it could matter.
func (r *Registry) identify(_ context.Context, repo oci.Name, m *incoming) error {
	in := artifact.Input{MediaType: m.row.MediaType, Manifest: m.Content}
	m.catalog = r.Catalog()
	id := m.catalog.Identify(in)
	m.hadConfig = !id.ConfigWanted
	lints := r.Policy != nil && r.Policy().Lints(string(repo))
	if (id.ConfigWanted || lints) && m.Config != nil {
		b, err := r.blob(repo, m.Config.Digest)
		switch {
		case err == nil:
			m.hadConfig = true
			in.Config, err = r.small(&b.Blob, b.content)
			if err != nil && id.ConfigWanted {
				return err
			}
			if id.ConfigWanted {
				id = m.catalog.Identify(in)
			}
		case !errors.Is(err, oci.BlobUnknown) && !errors.Is(err, oci.NameUnknown):
			return err
		}
	}
	m.row.Derived = derived(m.catalog, id)
	m.findings = nil
	if lints {
		m.findings = findings(m.catalog, in)
	}
	return nil
}

// maxFindings is how many findings a pusher is told; the command lists all.
const maxFindings = 5

// findings are what is wrong with a manifest, in sentences for its pusher.
func findings(c *artifact.Catalog, in artifact.Input) (all []string) {
	for _, f := range lint.Check(c, in) {
		if f.Severity == artifact.SeverityNote {
			continue
		}
		if len(all) == maxFindings {
			return append(all, "lint: there is more: argosy lint lists it")
		}
		all = append(all, fmt.Sprintf("lint: %s %s, %s%s: %s %s", f.Severity, f.Rule, f.In, f.Place, f.Why, f.Mend))
	}
	return all
}

// attachedTo is the digest that a tag's name attaches a manifest of a type to, or
// empty.
func attachedTo(c *artifact.Catalog, typ, tag string) string {
	subject, _ := c.AttachedTo(typ, tag)
	return subject
}

// small reads a config up to the size that counts; nil when it is larger.
func (r *Registry) small(b *store.Blob, content []byte) ([]byte, error) {
	if b.Key == "" || b.Size > artifact.MaxConfig {
		return content, nil
	}
	object, _, err := r.Blobs.Open(context.Background(), b.Key)
	if err != nil {
		return nil, err
	}
	defer object.Close()
	content = make([]byte, b.Size)
	if _, err := object.ReadAt(content, 0); err != nil {
		return nil, err
	}
	return content, matches(b.Digest, content)
}

// maxFacts bounds the bytes of what is kept of an identification: every row of a
// listing reads it.
const maxFacts = 64 << 10

// derived is an identification as the store keeps it.
func derived(c *artifact.Catalog, id artifact.Identification) store.Derived {
	return store.Derived{
		Type: id.Type, Variant: id.Variant, Companion: id.Companion,
		Facts: factsOf(id), Fingerprint: c.Fingerprint(),
	}
}

// factsOf encodes what listings show of an identification. What stands in an
// index they do not show. Of a manifest that says more than is kept, the long
// lists go, the least telling first.
func factsOf(id artifact.Identification) string {
	id.Entries = nil
	for _, drop := range []func(){
		func() {},
		func() { id.Platforms = id.Platforms[:min(len(id.Platforms), 100)] },
		func() { id.Layers = nil },
		func() { id.Facts = nil },
		func() { id.Platforms, id.Companions, id.Traits = nil, nil, nil },
		func() { id.MediaType, id.ArtifactType, id.ConfigMediaType, id.Subject = "", "", "", "" },
	} {
		drop()
		facts, err := json.Marshal(id)
		if err != nil { // strings, numbers and maps of them
			panic(err)
		}
		if len(facts) <= maxFacts {
			return string(facts)
		}
	}
	return "{}"
}

// changedManifest says that what readers are told of a manifest changes, under
// its digest and each of its tags.
func (r *Registry) changedManifest(tx *store.Tx, repo oci.Name, id int64, d oci.Digest) error {
	tags, err := tx.TagsOf(id)
	if err != nil {
		return err
	}
	r.caches.changed(tx, manifestScope(repo, string(d)))
	for _, t := range tags {
		r.caches.changed(tx, manifestScope(repo, t))
	}
	return nil
}
