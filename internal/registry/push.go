package registry

import (
	"context"
	"errors"
	"slices"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
)

// Push stores a manifest: parse, identify, decide, one transaction, acknowledge.
func (r *Registry) Push(ctx context.Context, repo oci.Name, p oci.Push) (oci.Pushed, error) {
	if err := r.room(); err != nil {
		return oci.Pushed{}, err
	}
	m, err := r.parse(p)
	if err != nil {
		return oci.Pushed{}, err
	}
	for {
		if err := r.identify(ctx, repo, m); err != nil {
			return oci.Pushed{}, err
		}
		err = r.Store.Write(ctx, func(tx *store.Tx) error { return r.push(tx, repo, m) })
		if !errors.Is(err, errOutdated) {
			break
		}
	}
	if err != nil {
		return oci.Pushed{}, err
	}
	return m.answer(), nil
}

// incoming is a manifest on its way in.
type incoming struct {
	oci.Push
	*oci.Parsed
	row         store.Manifest
	conditional oci.Tag // the first tag as sent, on which the condition is
	hadConfig   bool    // the config was read for the identification
	catalog     *artifact.Catalog
	quarantine  string   // why it goes into quarantine; empty when it does not
	findings    []string // of lint, for the pusher
	warnings    []string // for the pusher
}

// errOutdated says that an identification was overtaken: a config that it went
// without is there by now, or another catalog is in force.
var errOutdated = errors.New("the identification is outdated")

// parse checks what can be checked without the store.
func (r *Registry) parse(p oci.Push) (*incoming, error) {
	if len(p.Content) > oci.MaxManifest {
		return nil, oci.ManifestTooLarge.With(map[string]int{"limit": oci.MaxManifest}, "the manifest has %d bytes: at most %d are taken", len(p.Content), oci.MaxManifest)
	}
	parsed, err := oci.ParseManifest(p.MediaType, p.Content)
	if err != nil {
		return nil, err
	}
	d := p.Digest
	if d == "" {
		d = oci.SHA256.Sum(p.Content)
	} else if err := d.Supported(); err != nil {
		return nil, err
	} else if got := d.Algorithm().Sum(p.Content); got != d {
		return nil, oci.DigestInvalid.With(map[string]string{"sent": string(d), "computed": string(got)}, "the manifest's digest is %s, not %s", got, d)
	}
	m := &incoming{Push: p, Parsed: parsed, row: store.Manifest{
		Digest: d, MediaType: parsed.MediaType, ArtifactType: parsed.EffectiveArtifactType(),
		Size: int64(len(p.Content)), Content: p.Content,
	}}
	if parsed.Config != nil {
		m.row.ConfigType = parsed.Config.MediaType
	}
	if parsed.Subject != nil {
		m.row.Subject = parsed.Subject.Digest
	}
	if len(p.Tags) > 0 {
		m.conditional = p.Tags[0]
	}
	m.Tags = slices.Compact(slices.Sorted(slices.Values(p.Tags)))
	return m, nil
}

// push decides and writes, in one transaction.
func (r *Registry) push(tx *store.Tx, repo oci.Name, m *incoming) error {
	if m.catalog != r.Catalog() {
		return errOutdated
	}
	now := r.now()
	id, known, err := tx.Repository(repo)
	if err != nil {
		return err
	}
	if err := m.decide(tx, id); err != nil {
		return err
	}
	if err := r.admit(tx, repo, id, m); err != nil {
		return err
	}
	if !known {
		if id, err = tx.EnsureRepository(repo, now); err != nil {
			return err
		}
		r.caches.changed(tx, repositoriesScope)
	}
	refs, err := r.resolve(tx, id, m)
	if err != nil {
		return err
	}
	m.row.RepositoryID, m.row.Pushed = id, now
	manifest, added, err := tx.PutManifest(&m.row)
	if err != nil {
		return err
	}
	if added {
		if err := tx.AddRefs(id, manifest, refs); err != nil {
			return err
		}
		if err := tx.FillChild(id, m.row.Digest, manifest); err != nil {
			return err
		}
		if m.quarantine != "" {
			if err := tx.Quarantine(manifest, now, m.quarantine); err != nil {
				return err
			}
		}
	}
	if !added { // its media type may be another now, under all its tags
		if err := r.changedManifest(tx, repo, manifest, m.row.Digest); err != nil {
			return err
		}
	}
	r.pushed(tx, repo, m)
	for _, t := range m.Tags {
		if err := tx.SetTag(id, t, manifest, now, attachedTo(m.catalog, m.row.Type, string(t))); err != nil {
			return err
		}
	}
	return nil
}

// pushed names what a push changes for those who read.
func (r *Registry) pushed(tx *store.Tx, repo oci.Name, m *incoming) {
	r.caches.changed(tx, manifestScope(repo, string(m.row.Digest)))
	if m.row.Subject != "" {
		r.caches.changed(tx, referrersScope(repo, m.row.Subject))
	}
	for _, t := range m.Tags {
		r.caches.changed(tx, manifestScope(repo, string(t)))
	}
	if len(m.Tags) > 0 {
		r.caches.changed(tx, tagsScope(repo))
	}
}

// decide holds the push against its condition and its grant, by effect.
func (m *incoming) decide(tx *store.Tx, repo int64) error {
	if !m.Grant.Create {
		return oci.Denied.With(nil, "pushing is not allowed")
	}
	if len(m.Tags) == 0 {
		_, ok, err := tx.ManifestID(repo, m.row.Digest)
		if err != nil {
			return err
		}
		current := m.row.Digest
		if !ok {
			current = ""
		}
		return holds(m.If, current)
	}
	for _, t := range m.Tags {
		_, current, _, err := tx.TagTarget(repo, t)
		if err != nil {
			return err
		}
		if current != "" && current != m.row.Digest && !m.Grant.Overwrite {
			return oci.Denied.With(map[string]string{"tag": string(t)}, "tag %s exists and may not be moved", t)
		}
		if t == m.conditional {
			if err := holds(m.If, current); err != nil {
				return err
			}
		}
	}
	return nil
}

// resolve finds the targets of what the manifest names, and refuses missing
// content and false sizes.
func (r *Registry) resolve(tx *store.Tx, repo int64, m *incoming) ([]store.Ref, error) {
	named := m.References()
	digests := make([]oci.Digest, len(named))
	for i, n := range named {
		digests[i] = n.Digest
	}
	// One order for all pushes, so that row locks cannot cross.
	slices.Sort(digests)
	digests = slices.Compact(digests)
	blobs, err := tx.BlobTargets(repo, digests)
	if err != nil {
		return nil, err
	}
	var manifests map[oci.Digest]store.Target
	if len(m.Manifests) > 0 || m.Subject != nil || len(blobs) < len(digests) {
		if manifests, err = tx.ManifestTargets(repo, digests); err != nil {
			return nil, err
		}
	}
	if m.Config != nil && !m.hadConfig && blobs[m.Config.Digest].ID != 0 {
		return nil, errOutdated
	}
	return r.targets(named, blobs, manifests)
}

func (r *Registry) targets(named []oci.ManifestRef, blobs, manifests map[oci.Digest]store.Target) ([]store.Ref, error) {
	refs := make([]store.Ref, 0, len(named))
	var missing []string
	for _, n := range named {
		ref := store.Ref{List: n.In, Position: n.Position, Digest: n.Digest, MediaType: n.MediaType}
		target, isBlob := blobs[n.Digest]
		child, isManifest := manifests[n.Digest]
		if isManifest && (!isBlob || n.In == oci.InManifests || n.In == oci.InSubject) {
			target, isBlob = child, false
		}
		switch {
		case n.In == oci.InSubject: // need not be here, and may go
		case isBlob:
			ref.Blob = target.ID
		case isManifest:
			ref.Child = target.ID
		case r.required(n):
			missing = append(missing, string(n.Digest))
		}
		if target.ID != 0 && n.Size != oci.UnknownSize && n.Size != target.Size {
			return nil, oci.ManifestInvalid.With(map[string]any{"rule": "size", "digest": n.Digest},
				"%s[%d]: the descriptor says %d bytes, %s has %d", n.In, n.Position, n.Size, n.Digest, target.Size)
		}
		refs = append(refs, ref)
	}
	if len(missing) > 0 {
		missing = slices.Compact(missing)
		return nil, oci.ManifestBlobUnknown.With(map[string]any{"digests": missing}, "%d of what the manifest names is not in the repository, first %s: push it before the manifest", len(missing), missing[0])
	}
	return refs, nil
}

// required says whether a push is refused when what n names is missing.
func (r *Registry) required(n oci.ManifestRef) bool {
	if n.In == oci.InManifests {
		return !r.SparseIndexes
	}
	return !r.SparseImages && !n.NonDistributable()
}

func (m *incoming) answer() oci.Pushed {
	return oci.Pushed{
		Descriptor: oci.Descriptor{MediaType: m.row.MediaType, Digest: m.row.Digest, Size: m.row.Size, ArtifactType: m.row.ArtifactType},
		Type:       m.row.Type,
		Subject:    m.row.Subject,
		Tags:       m.Tags,
		Warnings:   slices.Concat(m.warnings, m.findings), // the verdict first: not all may fit
	}
}
